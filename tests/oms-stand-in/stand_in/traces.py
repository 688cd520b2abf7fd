"""The traces that the stand-in leaves when something happened that must never happen."""

from __future__ import annotations

from dataclasses import dataclass

import pymysql
from omsflow.traces import DATABASE, TABLES, site_of  # type: ignore[import-not-found]

from .metadb import Names


@dataclass(frozen=True)
class Trace:
    kind: str
    version: str
    host: str
    detail: str


def prepare(connection: pymysql.Connection, names: Names) -> None:
    """Create the database of traces, or forget what it says of this OMS."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{DATABASE}`")
        cursor.execute(f"USE `{DATABASE}`")
        for table in TABLES:
            cursor.execute(table)
        site = site_of(names)
        cursor.execute("DELETE FROM standin_trace WHERE site = %s", (site,))
        cursor.execute("DELETE FROM alive WHERE site = %s", (site,))
        cursor.execute("DELETE FROM tasks WHERE site = %s", (site,))
        cursor.execute("DELETE FROM mounts WHERE LEFT(site, %s) = %s", (len(site) + 1, f"{site}/"))


def traces(connection: pymysql.Connection, names: Names | None = None) -> list[Trace]:
    """The traces of one OMS or of all, oldest first; an end-to-end test asserts that there are none."""
    question = f"SELECT kind, version, host, detail FROM `{DATABASE}`.standin_trace"
    with connection.cursor() as cursor:
        if names is None:
            cursor.execute(f"{question} ORDER BY id")
        else:
            cursor.execute(f"{question} WHERE site = %s ORDER BY id", (site_of(names),))
        return [Trace(*row) for row in cursor.fetchall()]


def lives_of_tasks(connection: pymysql.Connection, names: Names) -> dict[str, int]:
    """How often the tasks of each component host were begun: once, where nobody interrupted them."""
    with connection.cursor() as cursor:
        question = f"SELECT host, COUNT(*) FROM `{DATABASE}`.tasks WHERE site = %s GROUP BY host"
        cursor.execute(question, (site_of(names),))
        return {str(host): int(count) for host, count in cursor.fetchall()}
