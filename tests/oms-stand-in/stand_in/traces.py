"""The traces that the stand-in leaves when something happened that must never happen."""

from __future__ import annotations

from dataclasses import dataclass

import pymysql
from omsflow.traces import DATABASE, TABLES  # type: ignore[import-not-found]


@dataclass(frozen=True)
class Trace:
    kind: str
    version: str
    host: str
    detail: str


def prepare(connection: pymysql.Connection) -> None:
    """Create the database of traces; what older runs left in it is dropped."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS `{DATABASE}`")
        cursor.execute(f"CREATE DATABASE `{DATABASE}`")
        cursor.execute(f"USE `{DATABASE}`")
        for table in TABLES:
            cursor.execute(table)


def traces(connection: pymysql.Connection) -> list[Trace]:
    """All traces, oldest first; an end-to-end test asserts that there are none."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT kind, version, host, detail FROM `{DATABASE}`.standin_trace ORDER BY id")
        return [Trace(*row) for row in cursor.fetchall()]
