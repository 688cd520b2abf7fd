"""Scripts of one OMS must run one after another, wherever they run: they share rm and cm."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from . import metadb, traces
from .config import Config


@contextlib.contextmanager
def while_it_runs(settings: Config) -> Iterator[bool]:
    """Whether no other script of this OMS runs. MetaDB forgets who holds it when he dies."""
    with metadb.connect(settings.cm, traces.DATABASE) as db:
        site = traces.site_of(settings.databases)
        alone = metadb.value(db, "SELECT GET_LOCK(%s, 0)", f"oms_standin/{site}") == 1
        if not alone:
            traces.leave(settings.cm, "two scripts at once", "another one runs on this MetaDB")
        yield alone
