"""oms_drc_cm, the cluster manager: watches heartbeats and says which hosts are ONLINE."""

from __future__ import annotations

import pymysql

from .. import config, gate, identity, metadb
from .serve import JsonHandler, Server, every_second, leave_on_sigterm, log, refuse

# A host is ONLINE after so many good looks in a row, one a second.
_GOOD_LOOKS = 2
_FRESH_SECONDS = 3


class ClusterManager:
    def __init__(self) -> None:
        self._connection, lines = config.read_connection(config.CM_FILE, "cm")
        self._cm, self._hb = lines["cm.database"], lines["cm.heartbeat.database"]
        # Those of this region; of the others' heartbeats it knows nothing.
        self._nodes = lines["cm.nodes"].split(",")
        self._good: dict[str, int] = {}

    def check(self) -> None:
        with (
            metadb.connect(self._connection, self._cm) as cm,
            metadb.connect(self._connection, self._hb) as hb,
        ):
            gate.may_run_cm_side(cm, hb, identity.version())
            metadb.rows(cm, "UPDATE host SET host_status='OFFLINE' WHERE ip=%s", identity.host_ip())

    def works(self) -> bool:
        try:
            with metadb.connect(self._connection, self._cm) as cm:
                metadb.rows(cm, "SELECT ip, host_status, resource_group_id FROM host LIMIT 1")
            with metadb.connect(self._connection, self._hb) as hb:
                metadb.rows(hb, "SELECT id FROM heatbeat_sequence ORDER BY id DESC LIMIT 1")
            return True
        except pymysql.Error as error:
            log(f"MetaDB: {error}")
            return False

    def watch(self) -> None:
        with metadb.connect(self._connection, self._hb) as hb:
            fresh = {
                str(ip)
                for (ip,) in metadb.rows(
                    hb,
                    "SELECT host_ip FROM heart_beat WHERE task_name='supervisor' "
                    "AND gmt_modified > now() - INTERVAL %s SECOND",
                    _FRESH_SECONDS,
                )
            }
        with metadb.connect(self._connection, self._cm) as cm:
            for ip, status in metadb.rows(cm, "SELECT ip, host_status FROM host"):
                if not any(config.same_address(str(ip), node) for node in self._nodes):
                    continue
                self._good[str(ip)] = self._good.get(str(ip), 0) + 1 if ip in fresh else 0
                wanted = self._status(str(ip), str(status))
                if wanted != status:
                    metadb.rows(cm, "UPDATE host SET host_status=%s WHERE ip=%s", wanted, ip)

    def _status(self, ip: str, now: str) -> str:
        """A region has several of us: one that has just begun does not gainsay the others."""
        if self._good[ip] >= _GOOD_LOOKS:
            return "ONLINE"
        return now if self._good[ip] > 0 else "OFFLINE"


def main() -> None:
    leave_on_sigterm()
    try:
        manager = ClusterManager()
        manager.check()
    except (config.BadConfig, gate.Refused, OSError, pymysql.Error) as error:
        refuse(str(error))

    class Handler(JsonHandler):
        def do_GET(self) -> None:
            self.answer(200 if manager.works() else 503, {"service": "cm"})

    port = config.load(identity.version()).ports["cm_server_port"]
    server = Server(("", port), Handler)
    every_second(manager.watch, "watch of the hosts")
    server.serve_forever()


if __name__ == "__main__":
    main()
