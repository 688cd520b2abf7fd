"""What the entry point does before supervisord: check, render, notice."""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from pathlib import Path
from string import Template

import pymysql

from . import config, faults, gate, ha, identity, metadb, traces
from .programs.console import AFTER_OUTAGE
from .programs.serve import log

_TEMPLATES = Path("/root/omsflow/templates")
_SUPERVISOR = Path("/etc/supervisor")
_LOGS = Path("/home/admin/logs")
# Which program each template is for; one that is not here is for all.
_PROGRAM_OF = {
    "crond.ini": "crond",
    "drc_cm.ini": "oms_drc_cm",
    "drc_supervisor.ini": "oms_drc_supervisor",
    "nginx.conf": "nginx",
    "oms_console.ini": "oms_console",
    "oms_nginx.ini": "nginx",
    "standin_tasks.ini": "standin_tasks",
}
_MOUNTS = (_LOGS, Path("/home/ds/store"), Path("/home/ds/run"))
_CERTIFICATE = Path("/etc/pki/nginx/oms_server.crt")
_CERTIFICATE_KEY = Path("/etc/pki/nginx/oms_server.key")


def main() -> None:
    identity.new_instance()
    # A failed start must not leave the last life's word behind.
    AFTER_OUTAGE.unlink(missing_ok=True)
    again = identity.started_again()
    try:
        _require_mounts()
        _require_whole()
        delay = faults.asked().start_delay_seconds
        if delay:
            log(f"asked to start {delay} s late")
            time.sleep(delay)
        settings = config.load(identity.version())
        config.must_be_writable()
        if not identity.host_ip():
            raise config.BadConfig("OMS_HOST_IP is not set")
    except (config.BadConfig, ValueError) as error:
        log(f"OMS {identity.version().name} cannot start: {error}")
        sys.exit(1)
    if not config.CONSOLE_FILE.exists():
        config.write_connection_files(settings)
    _name_the_wildcard_address()
    _render(settings)
    _look_at_metadb(settings)
    if again:
        detail = "a component container that had been upgraded inside was started again"
        traces.leave(settings.cm, "tasks interrupted", detail)


def _require_whole() -> None:
    for mark in (identity.HALF_UPGRADED, identity.SPOILT):
        if mark.exists():
            raise config.BadConfig(f"its files are neither of one version nor of another ({mark})")


def _require_mounts() -> None:
    for mount in _MOUNTS:
        if not os.path.ismount(mount):
            raise config.BadConfig(f"{mount} is not mounted")


def _name_the_wildcard_address() -> None:
    """supervisord asks for the name of the address it listens on; where there is no name
    server it would wait ten seconds for an answer."""
    hosts = Path("/etc/hosts")
    line = "0.0.0.0 any-address\n"
    if line not in hosts.read_text(encoding="utf-8"):
        with hosts.open("a", encoding="utf-8") as file:
            file.write(line)


def _render(settings: config.Config) -> None:
    for name in ("ghana/Ghana", "cm/log", "supervisor", "nginx"):
        (_LOGS / name).mkdir(parents=True, exist_ok=True)
    if _CERTIFICATE.exists() and _CERTIFICATE_KEY.exists():
        listen = f"{settings.ports['nginx_server_port']} ssl"
        certificate = (
            f"ssl_certificate {_CERTIFICATE}; ssl_certificate_key {_CERTIFICATE_KEY};"
        )
    else:
        listen, certificate = str(settings.ports["nginx_server_port"]), ""
    values = {
        **settings.ports,
        "listen": listen,
        "certificate": certificate,
        "console_autostart": "false" if identity.upgrade_is_due() else "true",
    }
    for template in _TEMPLATES.iterdir():
        if not _PROGRAM_OF.get(template.name, "sshd") in identity.programs():
            continue
        if template.name == identity.CONSOLE_INI.name and identity.CONSOLE_INI.exists():
            # Whoever has changed it has done so for good.
            continue
        text = Template(template.read_text(encoding="utf-8")).substitute(values)
        _place_of(template.name).write_text(text, encoding="utf-8")


def _place_of(name: str) -> Path:
    if name == "nginx.conf":
        return Path("/etc/nginx/nginx.conf")
    if name == "supervisord.conf":
        return _SUPERVISOR / name
    return _SUPERVISOR / "conf.d" / name


def _look_at_metadb(settings: config.Config) -> None:
    """Whoever starts and finds the hosts silent while HA is on starts a disaster recovery."""
    try:
        with metadb.connect(settings.cm, settings.databases.hb) as hb:
            silence = ha.silence_seconds(hb)
            heard = ha.was_heard(hb, identity.host_ip())
        with metadb.connect(settings.rm, settings.databases.rm) as rm:
            gate.require_version_row(rm, identity.version())
            parameters = ha.settings(rm)
            if heard and identity.role() == "component":
                # Here no console does it.
                ha.mark_outage(rm, identity.host_ip())
            _compare_with_registration(settings, rm)
        _compare_mounts(settings)
    except gate.Refused as refused:
        log(f"OMS {identity.version().name} cannot start: {refused}")
        sys.exit(1)
    except (pymysql.Error, ValueError) as error:
        # The programs will see for themselves, and stay down.
        log(f"MetaDB: {error}")
        return
    if heard:
        AFTER_OUTAGE.touch()
    if silence is None:
        return
    # Between stop and start of an upgrade the hosts are silent for as long as it takes; that
    # it was short this time does not make it right.
    limit = -1 if identity.upgrade_is_due() else ha.host_down_seconds(parameters)
    if parameters.get("enable") and silence > limit:
        detail = f"at its start OMS found hosts silent for {silence} s while HA was on"
        traces.leave(settings.cm, "ha acted", detail)


def _compare_with_registration(settings: config.Config, rm: pymysql.Connection) -> None:
    """Each node has a config.yaml of its own: with another's it is not where it belongs."""
    ip = identity.host_ip()
    if not any(config.same_address(ip, node) for node in settings.nodes):
        detail = f"{ip} is not among its cm_nodes {', '.join(settings.nodes)}"
        traces.leave(settings.cm, "config of another node", detail)
    ours = (settings.region, int(settings.is_default))
    statement = "SELECT region, is_default_cm FROM cluster_info WHERE code=%s"
    for region, is_default in metadb.rows(rm, statement, settings.location):
        if (region, is_default) != ours:
            detail = f"cm_location {settings.location} is {region}, default {is_default}, not {ours}"
            traces.leave(settings.cm, "config of another node", detail)


def _compare_mounts(settings: config.Config) -> None:
    """The three directories must be the ones that this OMS has always had."""
    marks = {}
    for mount in _MOUNTS:
        mark = mount / ".oms_mount"
        if not mark.exists():
            mark.write_text(uuid.uuid4().hex, encoding="ascii")
        marks[str(mount)] = mark.read_text(encoding="ascii")
    found = json.dumps(marks)
    site = f"{traces.site_of(settings.databases)}/{identity.host_ip()}"
    with metadb.connect(settings.cm, traces.DATABASE) as db:
        metadb.rows(db, "INSERT IGNORE INTO mounts (site, marks) VALUES (%s, %s)", site, found)
        known = metadb.value(db, "SELECT marks FROM mounts WHERE site=%s", site)
    if known != found:
        traces.leave(settings.cm, "mounts changed", f"{known} became {found}")


if __name__ == "__main__":
    main()
