"""oms_drc_supervisor, the agent of this host: it sends the heartbeats."""

from __future__ import annotations

import pymysql

from .. import config, gate, identity, metadb, traces
from .serve import JsonHandler, Server, every_second, leave_on_sigterm, refuse


class Agent:
    def __init__(self, location: int) -> None:
        self._location = location
        self._connection, lines = config.read_connection(config.CM_FILE, "cm")
        self._cm, self._hb = lines["cm.database"], lines["cm.heartbeat.database"]
        self._site = traces.site_of(config.Databases(rm="", cm=self._cm, hb=self._hb))
        self._beats = 0
        # How far each other OMS on this MetaDB had got when it was first seen. One that was
        # killed leaves its row; only one that goes on is alive.
        self._others: dict[str, int] = {}
        self._told: set[str] = set()

    def check(self) -> None:
        with (
            metadb.connect(self._connection, self._cm) as cm,
            metadb.connect(self._connection, self._hb) as hb,
        ):
            gate.may_run_cm_side(cm, hb, identity.version())
            highest = metadb.value(hb, "SELECT MAX(sequence_id) FROM heart_beat")
            first = self._next_id(hb)
            if highest is not None and first <= int(str(highest)):
                detail = f"heatbeat_sequence gave {first} after {highest}"
                traces.leave(self._connection, "heartbeat sequence went back", detail)
                raise gate.Refused(detail)

    def _next_id(self, hb: pymysql.Connection) -> int:
        with hb.cursor() as cursor:
            cursor.execute(
                "INSERT INTO heatbeat_sequence (gmt_created, gmt_modified) VALUES (now(), now())"
            )
            return int(cursor.lastrowid)

    def beat(self) -> None:
        if not identity.host_ip_is_ours():
            raise OSError(f"OMS_HOST_IP {identity.host_ip()!r} is not an address of this host")
        with metadb.connect(self._connection, self._hb) as hb:
            number = self._next_id(hb)
            metadb.rows(
                hb,
                "INSERT INTO heart_beat (task_name, task_type, host_ip, sequence_id, gmt_created, "
                "gmt_modified) VALUES ('supervisor', 'SUPERVISOR', %s, %s, now(), now()) "
                "ON DUPLICATE KEY UPDATE sequence_id=VALUES(sequence_id), gmt_modified=now()",
                *(identity.host_ip(), number),
            )
        self._look_for_others()

    def _look_for_others(self) -> None:
        self._beats += 1
        ours = identity.version().name
        with metadb.connect(self._connection, traces.DATABASE) as db:
            metadb.rows(
                db,
                "INSERT INTO alive (instance, site, version, location, hb, beats, part) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s) ON DUPLICATE KEY UPDATE "
                "beats=VALUES(beats), version=VALUES(version), part=VALUES(part)",
                *(identity.instance(), self._site, ours, self._location, self._hb, self._beats),
                identity.part(),
            )
            others = metadb.rows(
                db,
                "SELECT instance, version, location, hb, beats, part FROM alive "
                "WHERE site=%s AND instance<>%s",
                *(self._site, identity.instance()),
            )
        for instance, version, location, hb, beats, part in others:
            first = self._others.setdefault(str(instance), int(str(beats)))
            if int(str(beats)) <= first or instance in self._told:
                continue
            if version != ours and not _may_differ(str(version), str(part)):
                self._told.add(str(instance))
                detail = f"OMS {version} runs on the same MetaDB as OMS {ours}"
                traces.leave(self._connection, "two versions alive", detail)
            # Each region has a cm_location and a heartbeat database of its own.
            if (location == self._location) != (hb == self._hb):
                self._told.add(str(instance))
                detail = f"{location} beats in {hb}, {self._location} in {self._hb}"
                traces.leave(self._connection, "regions mixed up", detail)


def _may_differ(version: str, part: str) -> bool:
    """Components are upgraded before the management: they may be of the newer version, where they
    became that while they ran. Nobody else may, nor they of the older one."""
    newer = identity.part() if _number(identity.version().name) > _number(version) else part
    return newer == "upgraded component"


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def main() -> None:
    leave_on_sigterm()
    if identity.HALF_UPGRADED.exists() or identity.SPOILT.exists():
        refuse("its files are neither of one version nor of another")
    try:
        agent = Agent(config.load(identity.config_version()).location)
        agent.check()
    except (config.BadConfig, gate.Refused, OSError, pymysql.Error) as error:
        refuse(str(error))

    class Handler(JsonHandler):
        def do_GET(self) -> None:
            self.answer(200, {"service": "supervisor", "host": identity.host_ip()})

    port = config.load(identity.config_version()).ports["supervisor_server_port"]
    server = Server(("", port), Handler)
    every_second(agent.beat, "heartbeat")
    server.serve_forever()


if __name__ == "__main__":
    main()
