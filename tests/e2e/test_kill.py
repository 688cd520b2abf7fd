"""Goal: the operator may be killed at any instruction; started again, it comes to the same end.

Method: SIGKILL to the real binary, at each phase of one run in turn: at the record with which it
turns to the phase, and in the middle of the phase's push. Each time the same command is given again.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from kit.operator import ROLLED_BACK, SUCCEEDED, Place
from kit.premises import Premises

FORWARD = [
    *("Precheck", "LoadImage", "Approve", "DisableHA", "StopOMS", "CompactHeartbeat", "BackupMetaDB"),
    *("MigrateConfig", "StartOMS", "UpgradeMetadata", "Verify", "EnableHA", "Confirm"),
]
# Where something is pushed, and how long after its record the kill comes at the latest. BackupMetaDB rewrites
# config.yaml beside the dump: killed early the file is still the old one, killed late it is written.
PUSHED = [
    ("DisableHA", 0.01),
    ("StopOMS", 0.7),
    ("CompactHeartbeat", 0.03),
    ("BackupMetaDB", 0.03),
    ("BackupMetaDB", 0.2),
    ("StartOMS", 0.15),
    ("UpgradeMetadata", 0.1),
    ("EnableHA", 0.01),
]
BACK = {"Verify": 0.0, "StartOMS": 0.5, "MigrateConfig": 0.03, "BackupMetaDB": 0.4, "StopOMS": 0.2, "DisableHA": 0.01}


def killed_at(
    premises: Premises, manifest: Path, phase: str, goal: str, *, pushed: bool = False, after: float = 0.0
) -> Place:
    def is_there(at: Place) -> bool:
        return (at.phase, at.goal) == (phase, goal)

    run = premises.start(manifest)
    place = run.until(lambda at: is_there(at) and (at.attempts > 0 or not pushed))
    # The middle of a push has no sign of its own.
    ended = run.kill_within(after, is_there) if pushed else run.kill()
    premises.leaks.look_at_text("output", ended.stdout + ended.stderr)
    return place


def test_killed_as_it_turns_to_each_phase(premises: Premises) -> None:
    premises.settle(restart="always")
    before = premises.snapshot()
    manifest = premises.manifest()
    for phase in FORWARD:
        killed_at(premises, manifest, phase, "Applied")
    ended = premises.upgrade(manifest)
    assert ended.code == SUCCEEDED, ended
    premises.assert_upgraded(before)


def test_killed_in_the_middle_of_each_push(premises: Premises) -> None:
    premises.settle(restart="always", megabytes=8)
    before = premises.snapshot()
    manifest = premises.manifest()
    for phase, after in PUSHED:
        killed_at(premises, manifest, phase, "Applied", pushed=True, after=after)
    ended = premises.upgrade(manifest)
    assert ended.code == SUCCEEDED, ended
    premises.assert_upgraded(before)


@pytest.mark.parametrize("pushed", [False, True], ids=["turning", "pushing"])
def test_killed_at_each_phase_on_the_way_back(premises: Premises, pushed: bool) -> None:
    premises.settle(restart="always", megabytes=8)
    before = premises.snapshot()
    premises.site.set_faults("4.3.1", never_healthy=True)
    manifest = premises.manifest(Verify=20)
    for phase, after in BACK.items():
        if phase != "Verify" or not pushed:
            killed_at(premises, manifest, phase, "Reverted", pushed=pushed, after=after)
    ended = premises.upgrade(manifest)
    assert ended.code == ROLLED_BACK, ended
    premises.assert_as_before(before)


def test_a_second_process_is_kept_out(premises: Premises) -> None:
    premises.settle()
    before = premises.snapshot()
    run = premises.start()
    run.until(lambda at: at.phase == "StopOMS")
    second = premises.upgrade()
    assert second.code == 1
    assert f"process {run.pid}" in second.stderr, second.stderr
    first = run.end()
    assert first.code == SUCCEEDED, first
    premises.assert_upgraded(before)


def test_an_interrupted_run_says_so_and_goes_on(premises: Premises) -> None:
    premises.settle()
    before = premises.snapshot()
    run = premises.start()
    run.until(lambda at: at.phase == "BackupMetaDB")
    ended = run.interrupt()
    assert ended.code == 128 + 15, ended
    assert "Run the same command again" in ended.lines[-1]["note"]
    assert premises.upgrade().code == SUCCEEDED
    premises.assert_upgraded(before)
