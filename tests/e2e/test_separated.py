"""Goal: an OMS whose management and components have containers of their own is upgraded, and taken back,
with its tasks stopped and with its tasks kept running.

Method: the stand-in on two Docker hosts. It counts how often the tasks were begun, and notices a component
script that runs elsewhere, twice, or after the management (its README, "Separated mode").
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kit.operator import REFUSED, ROLLED_BACK, SUCCEEDED
from kit.separated import SCRIPT_ENDED, SeparatedPremises, log_of_script
from test_kill import killed_at

from bed.docker import Docker
from bed.world import World
from stand_in import images
from stand_in.fleet import hosts_with
from stand_in.metadb import MetaDb

pytestmark = pytest.mark.xdist_group("separated")


@pytest.fixture(scope="module")
def two_hosts(world: World) -> Iterator[list[Docker]]:
    hosts = hosts_with(world, ["management", "component"], ("4.3.0", "4.3.1"))
    yield hosts
    for host in hosts:
        host.stop()


@pytest.fixture
def separated(two_hosts: list[Docker], metadb: MetaDb, tmp_path: Path) -> Iterator[SeparatedPremises]:
    premises = SeparatedPremises(two_hosts, metadb, tmp_path)
    yield premises
    premises.clear()


def test_tasks_go_on_while_all_is_upgraded_and_all_is_taken_back(separated: SeparatedPremises) -> None:
    separated.settle(restart="always")
    before, inside = separated.snapshot(), separated.inside()
    ended = separated.upgrade(separated.manifest(separated.spec(keep=True)))
    assert ended.code == SUCCEEDED, ended
    separated.assert_kept_and_upgraded(inside)
    assert SCRIPT_ENDED in log_of_script(separated.component)
    told = [one for one in ended.status["findings"] if one["name"] == "TasksInRollback"]
    assert [one["severity"] for one in told] == ["Info"]
    # What its next restart needs is a person's to do.
    assert any(separated.component.host_ip in line for line in ended.status["followUp"])

    ended = separated.roll_back()
    assert ended.code == SUCCEEDED, ended
    separated.assert_components_as_before(before, inside)
    assert separated.lives() == 2


def test_without_running_tasks_both_go_through_the_same_steps(separated: SeparatedPremises) -> None:
    separated.settle(restart="always")
    before = separated.snapshot()
    ended = separated.upgrade()
    assert ended.code == SUCCEEDED, ended
    separated.assert_both_upgraded(before)
    ended = separated.roll_back()
    assert ended.code == SUCCEEDED, ended
    separated.assert_as_before(before)


@pytest.mark.parametrize("fault", [{"component_exit": 3}, {"component_hang": True}], ids=["fails", "hangs"])
def test_a_component_script_that_does_not_end_well_is_taken_back(
    separated: SeparatedPremises, fault: dict[str, Any]
) -> None:
    separated.settle(restart="always")
    before, inside = separated.snapshot(), separated.inside()
    separated.component.set_faults("4.3.1", **fault)
    ended = separated.upgrade(separated.manifest(separated.spec(keep=True), UpgradeComponents=30))
    assert ended.code == ROLLED_BACK, ended
    failure = ended.status["run"]["cursor"]["failure"]
    assert failure.startswith("UpgradeComponents:"), failure
    assert separated.component.host_ip in failure, failure
    separated.assert_components_as_before(before, inside)


def test_components_go_back_when_the_management_fails(separated: SeparatedPremises) -> None:
    separated.settle(restart="always")
    before, inside = separated.snapshot(), separated.inside()
    separated.management.set_faults("4.3.1", upgrade_exit=3)
    ended = separated.upgrade(separated.manifest(separated.spec(keep=True)))
    assert ended.code == ROLLED_BACK, ended
    separated.assert_components_as_before(before, inside)


def test_killed_while_the_component_script_runs(separated: SeparatedPremises) -> None:
    separated.settle(restart="always")
    inside = separated.inside()
    manifest = separated.manifest(separated.spec(keep=True))
    for after in (0.1, 0.5, 1.0):
        killed_at(separated, manifest, "UpgradeComponents", "Applied", pushed=True, after=after)
    ended = separated.upgrade(manifest)
    assert ended.code == SUCCEEDED, ended
    separated.assert_kept_and_upgraded(inside)
    assert log_of_script(separated.component).count(SCRIPT_ENDED) == 1


def test_killed_while_the_component_container_is_put_back(separated: SeparatedPremises) -> None:
    separated.settle(restart="always")
    before, inside = separated.snapshot(), separated.inside()
    separated.component.set_faults("4.3.1", component_exit=3)
    manifest = separated.manifest(separated.spec(keep=True))
    for after in (0.05, 0.5, 1.5):
        killed_at(separated, manifest, "UpgradeComponents", "Reverted", pushed=True, after=after)
    ended = separated.upgrade(manifest)
    assert ended.code == ROLLED_BACK, ended
    separated.assert_components_as_before(before, inside)


def test_an_assistant_image_for_arm_is_refused(separated: SeparatedPremises) -> None:
    separated.settle()
    before, inside = separated.snapshot(), separated.inside()
    reference = images.assistant_reference("4.3.1", "arm64")
    image = {"reference": reference, "archive": str(images.assistant_archive_of("4.3.1", "arm64"))}
    ended = separated.upgrade(separated.manifest(separated.spec(keep=True, assistantImage=image)))
    assert ended.code == REFUSED, ended
    assert "arm64" in ended.status["message"], ended
    assert separated.inside() == inside
    assert separated.snapshot().differences(before, untouched=True) == []
    separated.component.docker("rmi", reference)
