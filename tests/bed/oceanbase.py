"""An OceanBase server: seekdb, which is OceanBase for one machine."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pymysql

from . import cache
from .process import free_port, listens
from .sql_server import SqlServer

if TYPE_CHECKING:
    from .world import World


class OceanBase(SqlServer):
    """User root has an empty password. It listens on every address of the machine."""

    # It has nothing to flush that its own recovery would not bring back, but it
    # takes up to ten seconds to leave on SIGTERM.
    stop_signal = signal.SIGTERM

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.port = free_port()
        self._program = cache.seekdb()

    def command(self) -> list[str | Path]:
        # 2 GB of log is the least it accepts; the data file grows by itself.
        parameters = ["memory_limit=2G", "datafile_size=256M", "log_disk_size=2G"]
        return [
            self._program / "pylibseekdb/seekdb",
            "--nodaemon",
            *("--port", str(self.port)),
            *("--base-dir", self.folder),
            *(word for parameter in parameters for word in ("--parameter", parameter)),
        ]

    def environment(self) -> dict[str, str]:
        libraries = (self._program / "pylibseekdb", self._program / "pylibseekdb.libs")
        return {"LD_LIBRARY_PATH": ":".join(map(str, libraries))}

    def ready(self) -> bool:
        if not listens(self.pid, self.port):
            return False
        try:
            with self.connect(timeout=5) as connection, connection.cursor() as cursor:
                return cursor.execute("SELECT 1") == 1
        except pymysql.Error:
            return False
