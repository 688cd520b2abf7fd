"""What the servers that speak MySQL's protocol have in common: how a test reaches them."""

from __future__ import annotations

import pymysql

from .server import Server


class SqlServer(Server):
    """A subclass says where it listens, and who may do everything there."""

    host = "127.0.0.1"
    port: int
    user = "root"
    password = ""

    def connect(self, database: str | None = None, *, timeout: int = 60) -> pymysql.Connection:
        """As `user`, each statement committed at once and answered within `timeout` seconds."""
        return pymysql.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            database=database,
            autocommit=True,
            connect_timeout=timeout,
            read_timeout=timeout,
        )

    def create_user(self, name: str, password: str) -> None:
        """A user who may do everything, from everywhere, as OMS's MetaDB user may."""
        create_user(self.connect(), name, password)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def create_user(connection: pymysql.Connection, name: str, password: str) -> None:
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE USER %s@'%%' IDENTIFIED BY %s", (name, password))
        cursor.execute("GRANT ALL PRIVILEGES ON *.* TO %s@'%%' WITH GRANT OPTION", (name,))
