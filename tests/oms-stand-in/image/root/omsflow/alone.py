"""Scripts of one OMS must run one after another, wherever they run: they share rm and cm."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pymysql

from . import metadb, traces
from .config import Config

_LOCKED = 1205


@contextlib.contextmanager
def while_it_runs(settings: Config) -> Iterator[bool]:
    """Whether no other script of this OMS runs. MetaDB forgets who is at it when he dies."""
    site = traces.site_of(settings.databases)
    with metadb.connect(settings.cm, traces.DATABASE) as db:
        if metadb.value(db, "SELECT site FROM at_it WHERE site=%s", site) is None:
            # Not always: beside a lock it would wait.
            metadb.rows(db, "INSERT IGNORE INTO at_it (site) VALUES (%s)", site)
        metadb.rows(db, "BEGIN")
        try:
            metadb.rows(db, "SELECT site FROM at_it WHERE site=%s FOR UPDATE NOWAIT", site)
            alone = True
        except pymysql.Error as error:
            if error.args[0] != _LOCKED:
                raise
            alone = False
            traces.leave(settings.cm, "two scripts at once", "another one runs on this MetaDB")
        try:
            yield alone
        finally:
            # Where MetaDB was away meanwhile, it has forgotten by itself.
            with contextlib.suppress(pymysql.Error):
                db.rollback()
