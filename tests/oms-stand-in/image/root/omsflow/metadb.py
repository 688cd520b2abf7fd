"""Connections to MetaDB."""

from __future__ import annotations

import pymysql

from .config import Connection


def connect(connection: Connection, database: str | None = None) -> pymysql.Connection:
    return pymysql.connect(
        host=connection.host,
        port=connection.port,
        user=connection.user,
        password=connection.password,
        database=database,
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=5,
        read_timeout=30,
        write_timeout=30,
    )


def rows(db: pymysql.Connection, sql: str, *arguments: object) -> list[tuple[object, ...]]:
    with db.cursor() as cursor:
        cursor.execute(sql, arguments or None)
        return list(cursor.fetchall())


def value(db: pymysql.Connection, sql: str, *arguments: object) -> object:
    """The first field of the first row, None without one."""
    found = rows(db, sql, *arguments)
    return found[0][0] if found else None
