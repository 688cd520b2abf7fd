"""What a rollback must bring back, as it is at one moment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stand_in.compare import contents
from stand_in.site import Site


@dataclass(frozen=True)
class File:
    content: bytes
    owner: tuple[int, int, int]  # user, group, mode

    @staticmethod
    def of(path: Path) -> File:
        found = path.stat()
        return File(path.read_bytes(), (found.st_uid, found.st_gid, found.st_mode))


@dataclass(frozen=True)
class Snapshot:
    config: File
    tables: dict[str, str]
    ha: str
    container: str  # its id: a rollback must start the very same one
    running: bool
    restart: dict[str, Any]
    mounts: list[dict[str, Any]]
    started_at: str

    @staticmethod
    def of(site: Site, container: str) -> Snapshot:
        found = json.loads(site.docker("inspect", container).stdout)[0]
        with site.metadb.connect(site.names.rm) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT cfg_value FROM oms_normal_config WHERE cfg_name = 'ha.config'")
            row = cursor.fetchone()
        return Snapshot(
            config=File.of(site.config_path),
            tables=contents(site.metadb, site.names),
            ha=str(row[0]) if row else "",
            container=found["Id"],
            running=found["State"]["Running"],
            restart=found["HostConfig"]["RestartPolicy"],
            mounts=sorted(found["Mounts"], key=lambda mount: str(mount["Destination"])),
            started_at=found["State"]["StartedAt"],
        )

    def differences(self, other: Snapshot, *, untouched: bool = False) -> list[str]:
        """What is not as it is in the other one; `untouched` asks that OMS was not even restarted."""
        names = ["config", "ha", "container", "running", "restart", "mounts"]
        names += ["started_at"] if untouched else []
        found = [
            f"{name}: {getattr(self, name)!r}, and it was {getattr(other, name)!r}"
            for name in names
            if getattr(self, name) != getattr(other, name)
        ]
        for table in sorted(self.tables.keys() | other.tables.keys()):
            if self.tables.get(table) != other.tables.get(table):
                here, there = table in self.tables, table in other.tables
                found.append(f"table {table} " + ("differs" if here and there else "is gone" if there else "is new"))
        return found
