"""A site: the folders, the config.yaml and the container of one OMS host, as its admin made them."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import ServerProxy

from pymysql.cursors import Cursor

from . import images
from .metadb import MetaDb, Names
from .regions import Region, the_only

_DOCKER = next(
    (path for path in ("/usr/bin/docker", "/usr/local/bin/docker") if os.access(path, os.X_OK)), "docker"
)


class SiteError(Exception):
    """The site is not as it was meant to be; the message says what was seen last."""


def container_name(version: str) -> str:
    """As the procedure calls it: oms_431."""
    return "oms_" + version.partition("-")[0].replace(".", "")


@dataclass(frozen=True)
class Ports:
    nginx: int = 8089
    ghana: int = 8090
    cm: int = 8088
    supervisor: int = 9000
    sshd: int = 2023
    supervisord: int = 8084

    def are_default(self) -> bool:
        return self == Ports()


def config_yaml(
    version: str,
    metadb: MetaDb,
    names: Names,
    host_ip: str,
    ports: Ports | None = None,
    location: int = 2,
    region: Region | None = None,
) -> str:
    """As people write it: comments, both kinds of quotes, and an order that nobody planned."""
    ports = ports or Ports()
    region = region or the_only(host_ip, names, location)
    lines = [
        "# OMS of the Hangzhou site. Ask the database team before you touch it!",
        f'"cm_location": "{region.location}"   # never change this',
        "cm_nodes:",
        *(f"  - '{node}'" for node in region.nodes),
        f'"cm_region": "{region.name}"',
        f"cm_region_cn: {region.name_cn}",
        "",
        f'cm_url: "http://{region.nodes[0]}:{ports.cm}"',
        f"cm_is_default: {'true' if region.is_default else 'false'}",
        f"# This is the file of {host_ip}.",
    ]
    prefixes = images.VERSIONS[version].meta_prefixes
    for prefix in dict.fromkeys(prefixes):
        lines += [
            "# MetaDB",
            f"{prefix}_host: {metadb.host}",
            f"'{prefix}_password': '{metadb.password}'  # rotated in spring",
            f'{prefix}_port: "{metadb.port}"',
            f"{prefix}_user: {metadb.user}",
        ]
    for key in images.VERSIONS[version].config_keys:
        # Those that later versions no longer know: an account of the sys tenant, for its log.
        lines += [f'{key}: "{key}@sys"']
    lines += [
        f'"drc_cm_db": "{names.cm}"',
        f"drc_rm_db:   {names.rm}",
        f"drc_cm_heartbeat_db: '{names.hb}'",
        'tsdb_enabled: !!bool "false"',
        "# The site's own; OMS passes over what it does not know.",
        "site_contact: 'dba@example.com'",
    ]
    if not ports.are_default():
        lines += [
            f"ghana_server_port: {ports.ghana}",
            f"nginx_server_port: {ports.nginx}",
            f"cm_server_port: {ports.cm}",
            f"supervisor_server_port: {ports.supervisor}",
            f"sshd_server_port: {ports.sshd}",
            f"standin_supervisord_port: {ports.supervisord}",
        ]
    return "\n".join(lines) + "\n"


@dataclass
class Site:
    """One OMS host. `folder` becomes what /data is in the procedure."""

    folder: Path
    docker_host: str
    host_ip: str
    metadb: MetaDb
    names: Names = field(default_factory=Names)
    ports: Ports = field(default_factory=Ports)
    user: str = "admin"
    password: str = "Oms.2025-demo"  # noqa: S105  (of a stand-in)
    # 0 where OMS has come from below 3.2.1.
    location: int = 2
    # A folder with oms_server.crt and oms_server.key: the site speaks HTTPS.
    https: Path | None = None
    # Where it is one of several nodes or regions.
    region: Region | None = None
    # management or component, where they have containers of their own.
    role: str = "all"
    # False: the file of a node lists no other node of its region.
    shares_nodes: bool = True

    @property
    def config_path(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def is_first(self) -> bool:
        """Of the nodes of its region."""
        return self.region is None or self.region.nodes[0] == self.host_ip

    @property
    def run_folder(self) -> Path:
        return self.folder / "oms" / "oms_run"

    @property
    def log_folder(self) -> Path:
        return self.folder / "oms" / "oms_logs"

    def lay_out(self, version: str = "4.3.0", *, oat: str | None = None) -> None:
        """`oat`: the version of the OceanBase Admin Toolkit that deployed it."""
        for name in ("oms_logs", "oms_store", "oms_run"):
            (self.folder / "oms" / name).mkdir(parents=True)
        (self.folder / "oms" / "oms_store" / "store.dat").write_bytes(bytes(range(256)) * 64)
        if oat is not None:
            (self.run_folder / ".oat_version").write_text(f"{oat}\n")
        self.write_config(version)

    def write_config(self, version: str) -> None:
        region = self.region
        if region is not None and not self.shares_nodes:
            region = replace(region, nodes=(self.host_ip,))
        ours = (self.metadb, self.names, self.host_ip, self.ports, self.location, region)
        text = config_yaml(version, *ours)
        self.config_path.write_text(text, encoding="utf-8")
        self.config_path.chmod(0o640)

    def docker(self, *words: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [_DOCKER, "-H", self.docker_host, *map(str, words)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode != 0:
            raise SiteError(f"docker {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done

    def load_assistant(self, version: str) -> None:
        self.docker("load", "-i", images.assistant_archive_of(version))

    def load(self, version: str) -> None:
        self.docker("load", "-i", images.archive_of(version))

    def run(
        self,
        version: str,
        *,
        container: str | None = None,
        upgrade: bool = False,
        restart: str | None = None,
        more: tuple[str, ...] = (),
    ) -> str:
        """The `docker run` of the procedure; the name of the container."""
        name = container or container_name(version)
        oms = self.folder / "oms"
        words: list[str | Path] = ["run", "-dit", "--net", "host"]
        words += ["-v", f"{self.config_path}:/home/admin/conf/config.yaml"]
        words += ["-v", f"{oms}/oms_logs:/home/admin/logs"]
        words += ["-v", f"{oms}/oms_store:/home/ds/store"]
        words += ["-v", f"{oms}/oms_run:/home/ds/run"]
        for file in ("oms_server.crt", "oms_server.key") if self.https else ():
            words += ["-v", f"{self.https}/{file}:/etc/pki/nginx/{file}"]
        words += ["-e", f"OMS_HOST_IP={self.host_ip}"]
        words += ["-e", "IS_UPGRADE=true"] if upgrade else []
        words += ["-e", f"STANDIN_ROLE={self.role}"] if self.role != "all" else []
        words += ["--privileged=true", "--pids-limit", "-1", "--ulimit", "nproc=65535:65535"]
        words += [f"--restart={restart}"] if restart else []
        self.docker(*words, *more, "--name", name, images.reference(version))
        return name

    def set_faults(self, version: str, **faults: object) -> None:
        """Ask for faults of that version, those of `omsflow.faults.Faults`; none removes them."""
        path = self.run_folder / "faults.json"
        asked = json.loads(path.read_text()) if path.exists() else {}
        asked[version] = faults
        # The container may read it at any moment: never half of it.
        part = path.with_suffix(".part")
        part.write_text(json.dumps(asked))
        part.rename(path)

    def healthy(self) -> bool:
        if self.role == "component":
            states = self.programs()
            return "oms_drc_supervisor" in states and set(states.values()) == {"RUNNING"}
        scheme = "https" if self.https else "http"
        url = f"{scheme}://{self.host_ip}:{self.ports.nginx}/oms/health"
        try:
            with urllib.request.urlopen(url, timeout=4, context=self._trust()) as answer:
                return bool(json.load(answer)["data"]["healthy"])
        except (OSError, ValueError):
            return False

    def _trust(self) -> ssl.SSLContext | None:
        """Of a server by HTTPS: its own certificate, whatever name it is for."""
        if self.https is None:
            return None
        context = ssl.create_default_context(cafile=str(self.https / "oms_server.crt"))
        context.check_hostname = False
        return context

    def wait_healthy(self, container: str, seconds: float = 60) -> None:
        ended = self._exit_of(container)
        try:

            def healthy() -> bool:
                if ended.poll() is not None:
                    raise SiteError(f"{container} ended:\n{self.logs(container)}")
                return self.healthy()

            wait_for(healthy, f"{container} to be healthy", seconds)
        finally:
            ended.kill()
            ended.wait()

    def _exit_of(self, container: str) -> subprocess.Popen[bytes]:
        """A process that ends when the container does."""
        return subprocess.Popen(
            [_DOCKER, "-H", self.docker_host, "wait", container],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait_online(self, seconds: float = 30) -> None:
        def online() -> bool:
            with self._cursor(self.names.cm) as cursor:
                cursor.execute("SELECT host_status FROM host")
                return {row[0] for row in cursor.fetchall()} == {"ONLINE"}

        wait_for(online, "all hosts to be ONLINE", seconds)

    def running(self, container: str) -> bool:
        done = self.docker("inspect", "-f", "{{.State.Running}}", container, check=False)
        return done.stdout.strip() == "true"

    def logs(self, container: str) -> str:
        done = self.docker("logs", container, check=False)
        return (done.stdout + done.stderr).replace("\r\n", "\n")

    def programs(self) -> dict[str, str]:
        """Program to state, as supervisord says on its web port; nothing while it is not there."""
        url = f"http://{self.host_ip}:{self.ports.supervisord}/RPC2"
        try:
            with ServerProxy(url) as proxy:
                found: Any = proxy.supervisor.getAllProcessInfo()
        except (OSError, HTTPException):
            return {}
        return {one["name"]: one["statename"] for one in found}

    def runs(self, *names: str) -> bool:
        programs = self.programs()
        return all(programs.get(name) == "RUNNING" for name in names)

    def api(self, action: str, body: object | None = None) -> dict[str, object]:
        login = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request = urllib.request.Request(
            f"http://{self.host_ip}:{self.ports.nginx}/api/v2?Action={action}",
            data=json.dumps(body or {}).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Basic {login}"},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            return {"status": error.code, **json.load(error)}

    @contextlib.contextmanager
    def _cursor(self, database: str) -> Iterator[Cursor]:
        with self.metadb.connect(database) as connection, connection.cursor() as cursor:
            yield cursor


def wait_for(condition: Callable[[], bool], what: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SiteError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.1)
