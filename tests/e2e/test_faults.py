"""Goal: whatever goes wrong in the new OMS, the run ends in Succeeded, or with the old OMS on the
same bytes as before.

Method: the stand-in's faults, one a test; every table, config.yaml with owner and mode, ha.config,
the old container's id and restart policy are compared with what they were.
"""

from __future__ import annotations

from typing import Any

import pytest
from kit.operator import ROLLED_BACK, SUCCEEDED
from kit.premises import NEW, OLD, Premises


def test_an_oms_that_comes_up_late_is_waited_for(premises: Premises) -> None:
    premises.settle()
    before = premises.snapshot()
    premises.site.set_faults("4.3.1", start_delay_seconds=6)
    ended = premises.upgrade()
    assert ended.code == SUCCEEDED, ended
    premises.assert_upgraded(before)


@pytest.mark.parametrize(
    ("fault", "phase"),
    [
        ({"never_healthy": True}, "Verify"),
        ({"healthy_seconds": 10}, "Confirm"),
        ({"upgrade_exit": 3}, "UpgradeMetadata"),
        ({"upgrade_hang": True}, "UpgradeMetadata"),
        ({"start_delay_seconds": 600}, "UpgradeMetadata"),
    ],
    ids=["never healthy", "healthy for ten seconds", "script ends with 3", "script hangs", "never starts"],
)
def test_a_new_oms_that_does_not_work_is_taken_back(
    premises: Premises, fault: dict[str, Any], phase: str
) -> None:
    premises.settle(restart="always")
    before = premises.snapshot()
    premises.site.set_faults("4.3.1", **fault)
    spec = premises.spec(confirmSeconds=15)
    ended = premises.upgrade(premises.manifest(spec, **{phase: 20}))
    assert ended.code == ROLLED_BACK, ended
    status = ended.status
    assert status["run"]["cursor"]["failure"].startswith(phase + ":"), status["run"]["cursor"]
    premises.assert_as_before(before)
    assert status["times"]["t1"] < status["times"]["t3"]
    conditions = {one["type"]: one["status"] for one in status["conditions"]}
    assert (conditions["RolledBack"], conditions["Succeeded"]) == ("True", "False")


def test_an_upgrade_that_was_rolled_back_succeeds_when_the_cause_is_gone(premises: Premises) -> None:
    premises.settle()
    before = premises.snapshot()
    premises.site.set_faults("4.3.1", upgrade_exit=3)
    assert premises.upgrade().code == ROLLED_BACK
    # Once it has ended, the same command says how it ended; --retry begins anew.
    assert premises.upgrade().code == ROLLED_BACK
    premises.assert_as_before(before)
    premises.site.set_faults("4.3.1")
    ended = premises.upgrade(None, "--retry")
    assert ended.code == SUCCEEDED, ended
    premises.assert_upgraded(before)


def test_a_success_can_still_be_taken_back(premises: Premises) -> None:
    premises.settle(restart="unless-stopped")
    before = premises.snapshot()
    assert premises.upgrade().code == SUCCEEDED
    premises.assert_upgraded(before)
    # What the new OMS wrote meanwhile goes, too.
    premises.sql(premises.site.names.rm, "CREATE TABLE `made_by_431` (`id` bigint PRIMARY KEY)")
    ended = premises.roll_back()
    assert ended.code == SUCCEEDED, ended
    assert ended.status["run"]["outcome"] == "RolledBack"
    premises.assert_as_before(before)


def test_with_manual_rollback_a_failure_waits_for_a_person(premises: Premises) -> None:
    premises.settle()
    before = premises.snapshot()
    premises.site.set_faults("4.3.1", upgrade_exit=3)
    spec = premises.spec(rollback={"onFailure": "Manual"})
    ended = premises.upgrade(premises.manifest(spec))
    assert ended.code == 1, ended
    assert premises.site.running(NEW)
    assert not premises.site.running(OLD)
    assert premises.roll_back().code == SUCCEEDED
    premises.assert_as_before(before)
