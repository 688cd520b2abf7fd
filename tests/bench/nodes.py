"""Figure 3: what more nodes of one OMS add to its downtime."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .figures import BenchError, Figure, print_table, say, seconds
from .upgrades import moment

from bed import World  # noqa: E402
from bed.docker import Docker  # noqa: E402
from kit.fleet import FleetPremises  # noqa: E402
from kit.operator import SUCCEEDED, Running  # noqa: E402
from stand_in.fleet import hosts_with  # noqa: E402
from stand_in.metadb import MetaDb  # noqa: E402

# What OMS and its daemons do in a phase; on two cores, four of them wait for each other.
OF_OMS = ("StopOMS", "StartOMS", "UpgradeMetadata", "Verify")
# A file is read and written by every node's daemon at the same time: four daemons, two cores.
OF_DAEMONS = ("MigrateConfig",)
# The dump is of the same databases, however many nodes there are.
OF_METADB = ("BackupMetaDB",)


@dataclass(frozen=True)
class Parts:
    downtime: float
    oms: float
    daemons: float
    dump: float

    @property
    def own(self) -> float:
        return self.downtime - self.oms - self.daemons - self.dump


def parts_of(status: dict[str, Any]) -> Parts:
    t1, t2 = moment(status["times"]["t1"]), moment(status["times"]["t2"])

    def within(names: tuple[str, ...]) -> float:
        steps = [one for one in status["steps"] if one["name"] in names]
        times = [(moment(one["startTime"]), moment(one["finishTime"])) for one in steps]
        return sum(max(0.0, min(end, t2) - max(begin, t1)) for begin, end in times)

    return Parts(t2 - t1, within(OF_OMS), within(OF_DAEMONS), within(OF_METADB))


def upgrade(hosts: list[Docker], metadb: MetaDb, folder: Path) -> Parts:
    folder.mkdir()
    premises = FleetPremises([hosts], metadb, folder)
    premises.settle()
    words: list[str | Path] = ["upgrade", "-f", premises.manifest()]
    ended = Running([*words, "--state-dir", premises.state_dir, "--output", "json"]).end()
    if ended.code != SUCCEEDED:
        raise BenchError(f"the upgrade of {len(hosts)} nodes did not succeed: {ended}")
    premises.clear()
    shutil.rmtree(folder, ignore_errors=True)
    return parts_of(ended.status)


def bench(*, quick: bool) -> list[Figure]:
    counts, rounds = ((1, 2), 1) if quick else ((1, 2, 4), 3)
    found: dict[int, list[Parts]] = {count: [] for count in counts}
    with World() as world:
        database = world.oceanbase()
        database.create_user("oms_meta", "Meta_of_the_bench")
        metadb = MetaDb(world.gateway, database.port, "oms_meta", "Meta_of_the_bench")
        hosts = hosts_with(world, [f"node{at}" for at in range(max(counts))], ("4.3.0", "4.3.1"))
        for turn in range(rounds):
            for count in counts:
                say(f"an upgrade of {count} nodes")
                found[count].append(upgrade(hosts[:count], metadb, world.folder / f"bench-{count}-{turn}"))
    best = {count: min(parts, key=lambda one: one.own) for count, parts in found.items()}
    figures = []
    for count, parts in best.items():
        of_whom = [f"{seconds(parts.oms)} OMS", f"{seconds(parts.daemons)} daemons", f"{seconds(parts.dump)} dump"]
        told = " + ".join([*of_whom, f"{seconds(parts.own)} ours"])
        figures.append(Figure(f"downtime of {count} nodes", seconds(parts.downtime), told))
    for few, many in zip(counts, counts[1:]):
        ratio = best[many].own / best[few].own
        figures.append(
            Figure(f"  ours, {many} nodes over {few}", seconds(best[many].own), seconds(best[few].own), ratio, goal_most=1.1)
        )
    notes = [
        f"One region; the best of {rounds}. OMS: stop, start, scripts, until all is well, all nodes on the cores of one machine.",
        "Daemons: config.yaml is read and written by all of them at once. Ours: every other phase between T1 and T2, and",
        "what lies between the phases.",
    ]
    print_table("Downtime of several nodes", figures, notes)
    return figures
