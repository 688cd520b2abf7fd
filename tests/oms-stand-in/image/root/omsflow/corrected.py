"""What the upgrade jar has done to MetaDB, and whether that is what it has to do.

The jar keeps a journal in rm: a row for each step of each region, numbered from 1, those for the
region first. A row numbered 0 says that data was damaged.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pymysql

from . import metadb
from .versions import Version

JOURNAL = "oms_correction_step"
CREATE_JOURNAL = (
    f"CREATE TABLE IF NOT EXISTS `{JOURNAL}` (`id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, "
    "`source` varchar(64) NOT NULL, `location` int NOT NULL, `step` int NOT NULL, "
    "`gmt_created` datetime NOT NULL DEFAULT CURRENT_TIMESTAMP)"
)


class NotCorrected(Exception):
    """The databases are not what one good run of the jar in each region makes of them."""

    def __init__(self, message: str, *, unfinished: bool = False) -> None:
        super().__init__(message)
        # A region is still to come, or the end of one.
        self.unfinished = unfinished


@dataclass(frozen=True)
class Mark:
    source: str
    location: int
    step: int


def marks(rm: pymysql.Connection) -> list[Mark]:
    if metadb.value(rm, f"SHOW TABLES LIKE '{JOURNAL}'") is None:
        return []
    found = metadb.rows(rm, f"SELECT `source`, `location`, `step` FROM `{JOURNAL}` ORDER BY `id`")
    return [Mark(str(source), int(str(place)), int(str(step))) for source, place, step in found]


def source_of(rm: pymysql.Connection, version: Version) -> str | None:
    """The version that the jar made these databases from; None: it was never begun."""
    found = marks(rm)
    if not found:
        return None
    sources = {mark.source for mark in found}
    source = found[0].source
    if sources != {source} or source not in version.jar_from:
        raise NotCorrected(f"the jar was run on the MetaDB of OMS {' and '.join(sorted(sources))}")
    if any(mark.step == 0 for mark in found):
        raise NotCorrected("the jar has damaged the metadata")
    correction = version.jar_from[source]
    regional, last = len(correction.region), len(correction.region) + len(correction.whole)
    wanted = Counter(
        {(place, step): 1 for place in locations(rm) for step in range(1, regional + 1)}
    )
    wanted.update({(found[-1].location, step): 1 for step in range(regional + 1, last + 1)})
    made = Counter((mark.location, mark.step) for mark in found)
    if made != wanted:
        text = "the jar has not ended, or not in every region, the last with -ltrue"
        raise NotCorrected(text, unfinished=made < wanted)
    return source


def locations(rm: pymysql.Connection) -> set[int]:
    """The regions of this OMS, by their cm_location."""
    return {int(str(code)) for (code,) in metadb.rows(rm, "SELECT `code` FROM `cluster_info`")}
