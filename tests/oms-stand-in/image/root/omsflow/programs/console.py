"""oms_console (ghana): health, OpenAPI, and the part of HA that acts on projects."""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pymysql

from .. import config, corrected, faults, gate, ha, identity, metadb, openapi, progress_api, traces
from .serve import JsonHandler, Server, every_second, leave_on_sigterm, log, refuse

# Left by the entry point when this OMS had been running before: its components died.
AFTER_OUTAGE = Path("/run/oms-after-outage")
_MAX_BODY_BYTES = 1 << 20


class Console:
    def __init__(self, settings: config.Config) -> None:
        self._settings = settings
        self._rm, lines = config.read_connection(config.CONSOLE_FILE, "rm")
        self._cm, _ = config.read_connection(config.CONSOLE_FILE, "cm")
        self.rm_database, self._hb = lines["rm.database"], lines["cm.heartbeat.database"]
        self._cm_url = f"http://127.0.0.1:{settings.ports['cm_server_port']}/"
        self._healthy_since: float | None = None
        self._silent_since: float | None = None

    def rm(self) -> pymysql.Connection:
        return metadb.connect(self._rm, self.rm_database)

    def check(self) -> None:
        with self.rm() as rm:
            if identity.upgrade_is_due() and _before_the_jar(rm):
                # Somebody may start it too early: it comes up, and is not healthy.
                return
            gate.require_rm(rm, identity.version(), self._settings)
            if AFTER_OUTAGE.exists():
                ha.mark_outage(rm, identity.host_ip())
                AFTER_OUTAGE.unlink()

    def require_own_config(self) -> None:
        """Where docker_upgrade.sh did not run nobody has looked at this node's file before."""
        if self._settings.poisoned:
            config.write_connection_files(self._settings, lost=True)
            prefix = identity.version().poisonous_prefix
            detail = f"config.yaml still has {prefix}_* keys"
            traces.leave(self._settings.cm, "connection strings lost", detail)
            raise gate.Refused(detail)

    def healthy(self) -> bool:
        asked = faults.asked()
        if asked.never_healthy or not self._works():
            return False
        self._healthy_since = self._healthy_since or time.monotonic()
        age = time.monotonic() - self._healthy_since
        return asked.healthy_seconds is None or age < asked.healthy_seconds

    def _works(self) -> bool:
        try:
            with self.rm() as rm:
                metadb.rows(rm, f"SELECT id FROM `{gate.project_table(identity.version())}` LIMIT 1")
            with urllib.request.urlopen(self._cm_url, timeout=4) as answer:
                return bool(answer.status == 200)
        except (OSError, pymysql.Error) as error:
            log(f"not healthy: {error}")
            return False

    def high_availability(self) -> None:
        try:
            with self.rm() as rm, metadb.connect(self._cm, self._hb) as hb:
                settings = ha.settings(rm)
                silence = ha.silence_seconds(hb)
                limit = ha.host_down_seconds(settings)
                # An agent beats once a second and its time has no fraction.
                quiet = silence is None or silence > 3
                if settings.get("enable") and not quiet:
                    ha.recover(rm, settings)
        except pymysql.Error:
            # What went on while MetaDB was away nobody saw: silence counts from its return.
            self._silent_since = None
            raise
        if not (quiet and settings.get("enable")):
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = time.monotonic()
        # Twice the limit, since an agent on a loaded test machine is slow to beat.
        elif time.monotonic() - self._silent_since > 2 * limit:
            self._silent_since = None
            traces.leave(self._cm, "ha acted", f"heartbeats silent for {silence} s, HA is on")


def _before_the_jar(rm: pymysql.Connection) -> bool:
    """Of an OMS below 4.0.1 that the jar has not been through yet."""
    if gate.newest_version(rm) is not None:
        return False
    try:
        return corrected.source_of(rm, identity.version()) is None
    except corrected.NotCorrected:
        return True


def main() -> None:
    leave_on_sigterm()
    settings = config.load(identity.version())
    try:
        console = Console(settings)
        console.require_own_config()
        console.check()
    except (config.BadConfig, gate.Refused, OSError, pymysql.Error) as error:
        refuse(str(error))

    class Handler(JsonHandler):
        def do_GET(self) -> None:
            if urlsplit(self.path).path == "/oms/health":
                self.answer(200, {"data": {"healthy": console.healthy()}})
            elif urlsplit(self.path).path == "/":
                self.answer(200, {"console": identity.version().name})
            elif identity.version().has_progress_api and progress_api.knows(self.path):
                self._tell_progress()
            else:
                self.answer(404, {"success": False, "message": "no such page"})

        def _tell_progress(self) -> None:
            try:
                with console.rm() as rm:
                    authorization = self.headers.get("Authorization", "")
                    status, answer = progress_api.call(rm, self.path, authorization)
            except pymysql.Error as error:
                status, answer = 500, openapi.failure("INNER_ERROR", str(error))
            log(f"{self.path} {status}")
            self.answer(status, answer)

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length", "0"))
            known = parts.path == "/api/v2" and identity.version().has_openapi
            if not known or length > _MAX_BODY_BYTES:
                self.close_connection = True
                self.answer(404, {"success": False, "message": "no such page"})
                return
            action = parse_qs(parts.query).get("Action", [""])[0]
            body = self.rfile.read(length)
            try:
                with console.rm() as rm:
                    status, answer = openapi.call(
                        rm, action, self.headers.get("Authorization", ""), body
                    )
            except (pymysql.Error, json.JSONDecodeError) as error:
                status, answer = 500, openapi.failure("INNER_ERROR", str(error))
            log(f"{parts.path} {action} {status}")
            self.answer(status, answer)

    server = Server(("", settings.ports["ghana_server_port"]), Handler)
    every_second(console.high_availability, "HA")
    server.serve_forever()


if __name__ == "__main__":
    main()
