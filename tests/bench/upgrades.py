"""Figures 1 and 2: the downtime of an upgrade, over what it must contain, and beside the procedure by hand."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from . import ROOT
from .figures import BenchError, Figure, print_table, run, say, seconds
from .observer import Observer, Seen

from bed import World  # noqa: E402
from bed.process import wait_until  # noqa: E402
from kit.operator import SUCCEEDED, Running  # noqa: E402
from kit.premises import OLD, Premises  # noqa: E402
from stand_in import images  # noqa: E402
from stand_in.metadb import MetaDb  # noqa: E402
from stand_in.site import Site  # noqa: E402

# Beyond what the procedure takes by hand, many times over.
LIMIT_BY_HAND = 900.0


def premises_in(world: World) -> Premises:
    host, database = world.docker(), world.oceanbase()
    database.create_user("oms_meta", "Meta_of_the_bench")
    metadb = MetaDb(world.gateway, database.port, "oms_meta", "Meta_of_the_bench")
    site = Site(world.folder / "data", host.endpoint, host.address, metadb)
    site.load("4.3.0")
    folder = world.folder / "operator"
    folder.mkdir()
    premises = Premises(host, site, folder)
    site.lay_out("4.3.0")
    return premises


def begin_anew(premises: Premises, megabytes: int) -> None:
    """A 4.3.0 in use, and no image of 4.3.1: the procedure loads it."""
    premises.clear()
    present = premises.docker.cli("images", "-q", images.reference("4.3.1"))
    if present:
        premises.docker.cli("rmi", "-f", images.reference("4.3.1"))
    premises.site.write_config("4.3.0")
    say(f"an OMS 4.3.0 with {megabytes} MB of MetaDB")
    premises.seed(megabytes=megabytes, awkward_tables=False)
    premises.site.run("4.3.0")
    premises.wait_well(OLD)


def moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def by_operator(premises: Premises) -> tuple[dict[str, Any], Seen]:
    archive = str(images.archive_of("4.3.1"))
    spec = premises.spec(image={"reference": images.reference("4.3.1"), "archive": archive})
    manifest = premises.manifest(spec)
    words: list[str | Path] = ["upgrade", "-f", manifest, "--state-dir", premises.state_dir, "--output", "json"]
    with Observer(premises) as observer:
        ended = Running(words).end()
        if ended.code != SUCCEEDED:
            raise BenchError(f"the upgrade did not succeed: {ended}")
    return ended.status, observer.seen


def by_hand(premises: Premises, folder: Path) -> tuple[dict[str, float], Seen]:
    site, db = premises.site, premises.site.metadb
    folder.mkdir()
    environment = {
        **os.environ,
        **{"DOCKER_HOST": premises.docker.endpoint, "OMS_HOST_IP": site.host_ip, "IMAGE": images.reference("4.3.1")},
        **{"META_HOST": db.host, "META_PORT": str(db.port), "META_USER": db.user, "MYSQL_PWD": db.password},
        **{"SITE": str(site.folder), "ARCHIVE": str(images.archive_of("4.3.1")), "BACKUP": str(folder)},
        **dict(zip(("RM", "CM", "HB"), site.names.all(), strict=True)),
    }
    with Observer(premises) as observer:
        said = run([ROOT / "tests/bench/procedure.sh"], env=environment, limit=LIMIT_BY_HAND)
        # A person who only asks the health endpoint may be earlier than our observer.
        wait_until(lambda: observer.seen.well > 0, what="an OMS that is well for the observer too", seconds=60)
    return {name: float(at) for name, at in (line.split() for line in said.splitlines())}, observer.seen


def slowest_dump(status: dict[str, Any]) -> float:
    """From the birth of a dump's file to the last change of its manifest, which is written when it is whole."""
    folder, longest = Path(status["backup"]["path"]), 0.0
    for database in status["backup"]["databases"]:
        born = float(run(["stat", "-c", "%.9W", folder / database["file"]]))
        if born <= 0:
            raise BenchError(f"the file system of {folder} does not say when a file was made")
        whole = (folder / f"{database['name']}.manifest.json").stat().st_mtime
        longest = max(longest, whole - born)
    return longest


def plain_size(folder: Path, megabytes: int) -> float:
    """MB of SQL that the stock tool made of MetaDB: what was promised to be measured must have been there."""
    size = sum(path.stat().st_size for path in folder.glob("*.sql")) / 1e6
    if megabytes >= 256 and size < 256:
        raise BenchError(f"MetaDB is {size:.0f} MB as SQL, and one of 256 MB is promised")
    return size


def course(seen: Seen, end: float) -> str:
    """What lies between the moments seen from outside, from the end of the old container to that of the downtime."""
    moments = [
        *(("to start", seen.started), ("to ready", seen.ready), ("to script", seen.script_began)),
        *(("script", seen.script_ended), ("to well", seen.well), ("to end", end)),
    ]
    parts, before = [], seen.stopped
    for name, at in moments:
        parts.append(f"{at - before:.2f} {name}")
        before = at
    return " + ".join(parts)


def step_rows(status: dict[str, Any], t1: float, t2: float) -> list[Figure]:
    """Where our downtime went, as status.steps tells it."""
    rows = []
    for step in status["steps"]:
        begin, end = moment(step["startTime"]), moment(step.get("finishTime") or step["startTime"])
        if end > t1 and begin < t2:
            rows.append(Figure(f"  {step['name']}", seconds(end - begin)))
    return rows


def figures_of(status: dict[str, Any], ours: Seen, hand: dict[str, float], theirs: Seen) -> list[Figure]:
    t1, t2 = moment(status["times"]["t1"]), moment(status["times"]["t2"])
    # T1 is the end of the old container; its stop is part of what users feel, and of the sum.
    downtime, dump = t2 - ours.asked_to_stop, slowest_dump(status)
    if min(ours.script, theirs.script) < 1:
        raise BenchError(f"docker_upgrade.sh was not seen to run: {ours.script:.2f} s, {theirs.script:.2f} s")
    floor = ours.stop + dump + ours.start + ours.script
    parts = f"{ours.stop:.2f} stop + {dump:.2f} dump + {ours.start:.2f} start + {ours.script:.2f} script"
    whole = hand["ha-on"] - theirs.asked_to_stop
    own, their_own = ours.start + ours.script, theirs.start + theirs.script
    # By hand, health is all that is asked for: what OMS does after that is not in that downtime.
    their_own = min(their_own, theirs.ready - theirs.started + theirs.script + max(0.0, hand["healthy"] - theirs.script_ended))
    rest, their_rest = downtime - own, whole - their_own
    rows = [
        Figure("downtime over the sum of its parts", seconds(downtime), f"{seconds(floor)} sum", downtime / floor, goal_most=1.05),
        Figure("  the sum", parts),
        Figure("  T2 - T1", seconds(t2 - t1)),
        Figure("  T2 - T1 from outside", course(ours, t2)),
        *step_rows(status, t1, t2),
        Figure("downtime by hand over ours, whole", seconds(downtime), f"{seconds(whole)} by hand", whole / downtime, goal_least=1.0),
        Figure("  without OMS's own start and script", seconds(rest), f"{seconds(their_rest)} by hand", their_rest / rest, goal_least=3.0),
    ]
    rest, their_rest = rest - ours.stop, their_rest - theirs.stop
    rows.append(Figure("  and without its stop", seconds(rest), f"{seconds(their_rest)} by hand", their_rest / rest))
    rows.append(Figure("  by hand, from outside", course(theirs, hand["ha-on"])))
    before = theirs.asked_to_stop
    for name, at in hand.items():
        if at > theirs.asked_to_stop:
            rows.append(Figure(f"  by hand: {name}", "", seconds(at - before)))
            before = at
    return rows


def bench(*, quick: bool) -> list[Figure]:
    megabytes = 16 if quick else 300
    with World() as world:
        premises = premises_in(world)
        begin_anew(premises, megabytes)
        say("the upgrade by oms-operator")
        status, ours = by_operator(premises)
        begin_anew(premises, megabytes)
        say("the upgrade by tests/bench/procedure.sh")
        hand, theirs = by_hand(premises, world.folder / "by-hand")
        size = plain_size(world.folder / "by-hand", megabytes)
        figures = figures_of(status, ours, hand, theirs)
    notes = [
        f"{size:.0f} MB of MetaDB on OceanBase, as SQL; image as an archive that neither host has loaded. Downtime is counted from the",
        "request to stop the old container to T2. All parts are seen from outside: stop, start and script by Docker's events;",
        "readiness and health (endpoint, programs, host ONLINE) asked for every 50 ms; the dump by its files' times. A negative",
        "time to the end by hand: health was all that was asked for, and every program was well only after that.",
        "$ oms-operator upgrade -f upgrade.yaml --state-dir D",
        "$ tests/bench/procedure.sh   (the procedure's own commands, one after the other)",
    ]
    print_table("Downtime of an upgrade", figures, notes)
    return figures
