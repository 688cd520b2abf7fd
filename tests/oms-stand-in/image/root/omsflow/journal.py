"""What docker_upgrade.sh has done to MetaDB, and whether a console of this node may run on it.

The script keeps a journal in rm: a row for each statement, with the region and the host that ran it. rm
and cm are everybody's, so the first region's run changes them; each region's run changes the region's
own heartbeat database. A run that has ended covers the nodes that its config.yaml lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pymysql

from . import config, metadb
from .schema import Part, Step

# Not in the schema of 4.3.0: the first upgrade creates it.
TABLE = "oms_schema_step"
CREATE = (
    f"CREATE TABLE IF NOT EXISTS `{TABLE}` (`id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, "
    "`version` varchar(64) NOT NULL, `location` int NOT NULL, `host` varchar(128) NOT NULL, "
    "`nodes` varchar(4096) NOT NULL, `step` int NOT NULL, "
    "`gmt_created` datetime NOT NULL DEFAULT CURRENT_TIMESTAMP)"
)
# Instead of a statement's number, which counts from 1.
_ENDED, _DAMAGED = 0, -1


class NotUpgraded(Exception):
    """The databases are not what one good run of the script in each region makes of them."""


@dataclass(frozen=True)
class Here:
    """Whose run it is, or whose console asks."""

    version: str
    location: int
    host: str
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class Mark:
    version: str
    location: int
    nodes: tuple[str, ...]
    step: int

    def covers(self, here: Here) -> bool:
        ended_here = self.step == _ENDED and self.location == here.location
        return ended_here and any(config.same_address(here.host, node) for node in self.nodes)


def left_to_do(
    rm: pymysql.Connection, here: Here, steps: Sequence[Step]
) -> list[tuple[int, Step]]:
    """What this run changes, with its numbers. Where it should not be run at all: everything, again."""
    numbered = list(enumerate(steps, start=1))
    made = [mark for mark in _marks(rm) if mark.version == here.version]
    ours = [mark for mark in made if mark.location == here.location]
    if any(mark.step == _ENDED for mark in ours):
        # By a node whose cm_nodes does not list this one: this one still has to set itself up.
        return numbered if any(mark.covers(here) for mark in ours) else []
    times = Counter(mark.step for mark in made)
    shared = [number for number, step in numbered if step.part is not Part.HEARTBEAT]
    if not ours and all(times[number] == 1 for number in shared):
        return [(number, step) for number, step in numbered if step.part is Part.HEARTBEAT]
    return numbered


def times_done(rm: pymysql.Connection, here: Here, number: int, part: Part) -> int:
    """How often this statement was run on its database."""
    return sum(
        mark.version == here.version
        and mark.step == number
        and (part is not Part.HEARTBEAT or mark.location == here.location)
        for mark in _marks(rm)
    )


def note_step(rm: pymysql.Connection, here: Here, number: int) -> None:
    metadb.rows(
        rm,
        f"INSERT INTO `{TABLE}` (`version`, `location`, `host`, `nodes`, `step`) "
        "VALUES (%s, %s, %s, %s, %s)",
        *(here.version, here.location, here.host, ",".join(here.nodes), number),
    )


def note_end(rm: pymysql.Connection, here: Here) -> None:
    note_step(rm, here, _ENDED)


def note_damage(rm: pymysql.Connection, here: Here) -> None:
    """After this no console takes these databases."""
    note_step(rm, here, _DAMAGED)


def require(rm: pymysql.Connection, here: Here, steps: Sequence[Step]) -> None:
    """Each statement once on each database, and this node covered. Without a journal: a new OMS."""
    made = _marks(rm)
    if not made:
        return
    strangers = {mark.version for mark in made} - {here.version}
    if strangers:
        raise NotUpgraded(f"the schema was changed by OMS {', '.join(sorted(strangers))}")
    if any(mark.step == _DAMAGED for mark in made):
        raise NotUpgraded("docker_upgrade.sh has damaged the metadata")
    for number, step in enumerate(steps, start=1):
        times = times_done(rm, here, number, step.part)
        if times != 1:
            raise NotUpgraded(f"statement {number} of docker_upgrade.sh was run {times} times here")
    if not any(mark.covers(here) for mark in made):
        raise NotUpgraded(f"docker_upgrade.sh was not run for {here.host}")


def _marks(rm: pymysql.Connection) -> list[Mark]:
    if metadb.value(rm, f"SHOW TABLES LIKE '{TABLE}'") is None:
        return []
    return [
        Mark(str(version), int(str(location)), tuple(str(nodes).split(",")), int(str(step)))
        for version, location, nodes, step in metadb.rows(
            rm, f"SELECT `version`, `location`, `nodes`, `step` FROM `{TABLE}` ORDER BY `id`"
        )
    ]
