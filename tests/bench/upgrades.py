"""Figures 1 and 2: the downtime of an upgrade, over what it must contain, and beside the procedure by hand."""

from __future__ import annotations

import os
import subprocess
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from . import ROOT
from .figures import BenchError, Figure, print_table, run, say, seconds
from .observer import Observer, Seen

from bed import World  # noqa: E402
from kit.operator import SUCCEEDED  # noqa: E402
from kit.premises import OLD, Premises  # noqa: E402
from stand_in import images  # noqa: E402
from stand_in.metadb import MetaDb  # noqa: E402
from stand_in.site import Site  # noqa: E402


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
    with Observer(premises) as observer:
        ended = premises.start(manifest).end()
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
        done = subprocess.run(
            [ROOT / "tests/bench/procedure.sh"],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise BenchError(f"tests/bench/procedure.sh ended with {done.returncode}: {done.stderr[-2000:]}")
        until_well(observer)
    return {name: float(at) for name, at in (line.split() for line in done.stdout.splitlines())}, observer.seen


def until_well(observer: Observer) -> None:
    """A person who only asks the health endpoint may be earlier than our observer."""
    end = time.monotonic() + 60
    while not observer.seen.well:
        if time.monotonic() > end:
            raise BenchError("the new OMS did not become well")
        time.sleep(0.05)


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
        *step_rows(status, t1, t2),
        Figure("downtime by hand over ours, whole", seconds(downtime), f"{seconds(whole)} by hand", whole / downtime, goal_least=1.0),
        Figure("  without OMS's own start and script", seconds(rest), f"{seconds(their_rest)} by hand", their_rest / rest, goal_least=3.0),
    ]
    rest, their_rest = rest - ours.stop, their_rest - theirs.stop
    rows.append(Figure("  and without its stop", seconds(rest), f"{seconds(their_rest)} by hand", their_rest / rest))
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
        figures = figures_of(status, ours, hand, theirs)
    notes = [
        f"{megabytes} MB of MetaDB on OceanBase; image as an archive that neither host has loaded. Downtime is counted from the",
        "request to stop the old container to T2. All parts are seen from outside: stop, start and script by Docker's events;",
        "readiness and health (endpoint, programs, host ONLINE) asked for every 50 ms; the dump by its files' times.",
        "$ oms-operator upgrade -f upgrade.yaml --state-dir D",
        "$ tests/bench/procedure.sh   (the procedure's own commands, one after the other)",
    ]
    print_table("Downtime of an upgrade", figures, notes)
    return figures
