"""A MariaDB server: MetaDB may also be a MySQL."""

from __future__ import annotations

import secrets
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pymysql

from .process import free_port, listens
from .sql_server import SqlServer, create_user

if TYPE_CHECKING:
    from .world import World


class MariaDB(SqlServer):
    """User `user` may do everything from everywhere; `socket` is for root of this machine."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.port = free_port()
        self.user = "oms"
        self.password = secrets.token_hex(8)
        self.socket = self.folder / "mariadb.sock"
        self._data = self.folder / "data"
        subprocess.run(
            [
                "/usr/bin/mariadb-install-db",
                "--no-defaults",
                "--user=root",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                f"--datadir={self._data}",
            ],
            check=True,
            capture_output=True,
        )

    def command(self) -> list[str | Path]:
        return [
            "/usr/sbin/mariadbd",
            "--no-defaults",
            "--user=root",
            f"--datadir={self._data}",
            f"--socket={self.socket}",
            f"--port={self.port}",
            "--bind-address=0.0.0.0",
            "--skip-name-resolve",
            f"--pid-file={self.folder}/mariadb.pid",
        ]

    def start(self) -> None:
        super().start()
        with pymysql.connect(unix_socket=str(self.socket), user="root") as connection:
            with connection.cursor() as cursor:
                if cursor.execute("SELECT 1 FROM mysql.user WHERE user = %s", (self.user,)):
                    return
        create_user(pymysql.connect(unix_socket=str(self.socket), user="root"), self.user, self.password)

    def ready(self) -> bool:
        if not listens(self.pid, self.port):
            return False
        try:
            pymysql.connect(unix_socket=str(self.socket), user="root").close()
            return True
        except pymysql.Error:
            return False
