"""Goal: an OMS from 3.2.1 on, below 4.0.1, comes to 4.3.1 by way of the jar, and back to the byte.

Method: the stand-ins of 3.4.0 and 3.2.1, whose jar breaks on tasks of one name, beside a console, and
when it is run twice; every table, config.yaml and ha.config compared with what they were.
"""

from __future__ import annotations

import json

from kit.operator import REFUSED, ROLLED_BACK, SUCCEEDED, Ended
from kit.premises import Premises

RENAME = {"duplicateTaskNames": "Rename"}


def names_of(premises: Premises, table: str) -> list[object]:
    rows = premises.sql(
        premises.site.names.rm, f"SELECT project_name FROM {table} WHERE project_status <> 'DELETED' ORDER BY id"
    )
    return [row[0] for row in rows]


def findings(ended: Ended, name: str) -> list[str]:
    return [one["message"] for one in ended.status["findings"] if one["name"] == name]


def test_it_is_upgraded_and_taken_back(old_premises: Premises) -> None:
    old_premises.settle(restart="always")
    before = old_premises.snapshot()
    ended = old_premises.upgrade()
    assert ended.code == SUCCEEDED, ended
    assert ended.status["before"]["version"] == old_premises.source
    old_premises.assert_upgraded(before)
    ended = old_premises.roll_back()
    assert ended.code == SUCCEEDED, ended
    old_premises.assert_as_before(before)


def test_tasks_of_one_name_refuse_it(old_premises: Premises) -> None:
    old_premises.settle(duplicate_names=True)
    before = old_premises.snapshot()
    ended = old_premises.upgrade()
    assert ended.code == REFUSED, ended
    told = findings(ended, "DuplicateTaskNames")
    assert told and all("are all called" in one for one in told), told
    assert old_premises.snapshot().differences(before, untouched=True) == []


def test_tasks_of_one_name_are_renamed_when_that_is_asked_for(premises_340: Premises) -> None:
    premises_340.settle(duplicate_names=True)
    before = premises_340.snapshot()
    live = {table: names_of(premises_340, table) for table in ("oms_project", "oms_sync_project")}
    ended = premises_340.upgrade(premises_340.manifest(premises_340.spec(prechecks=RENAME)))
    assert ended.code == SUCCEEDED, ended
    premises_340.assert_upgraded(before)
    renamed = ended.status["before"]["renamedTasks"]
    assert {one["kind"] for one in renamed} == {"Migration", "Synchronization"}
    old_names = {str(name) for names in live.values() for name in names}
    assert {one["from"] for one in renamed} <= old_names
    assert all(one["to"].endswith("_" + one["id"]) for one in renamed)
    ended = premises_340.roll_back()
    assert ended.code == SUCCEEDED, ended
    premises_340.assert_as_before(before)


def test_a_jar_that_fails_is_taken_back_with_the_names(premises_340: Premises) -> None:
    premises_340.settle(duplicate_names=True)
    before = premises_340.snapshot()
    premises_340.site.set_faults("4.3.1", jar_exit=3)
    ended = premises_340.upgrade(premises_340.manifest(premises_340.spec(prechecks=RENAME)))
    assert ended.code == ROLLED_BACK, ended
    assert ended.status["run"]["cursor"]["failure"].startswith("MigrateSchema:"), ended
    premises_340.assert_as_before(before)


def test_killed_while_the_jar_runs(premises_340: Premises) -> None:
    premises_340.settle()
    before = premises_340.snapshot()
    run = premises_340.start()
    run.until(lambda at: at.phase == "MigrateSchema" and at.attempts > 0)
    run.kill_within(1.0, lambda at: at.phase == "MigrateSchema")
    ended = premises_340.upgrade()
    assert ended.code == SUCCEEDED, ended
    premises_340.assert_upgraded(before)


def test_a_region_that_is_left_out_is_a_persons_decision(premises_340: Premises) -> None:
    premises_340.settle(black_region_no="3")
    before = premises_340.snapshot()
    ended = premises_340.upgrade()
    assert ended.code == REFUSED, ended
    (told,) = findings(ended, "BlackRegionNo")
    assert ": 3" in told
    assert premises_340.snapshot().differences(before, untouched=True) == []
    spec = premises_340.spec(prechecks={"waive": ["BlackRegionNo"]})
    ended = premises_340.upgrade(premises_340.manifest(spec), "--retry")
    assert ended.code == SUCCEEDED, ended
    premises_340.assert_upgraded(before)


def test_the_jdbc_writers_switch_becomes_the_connectors(premises_340: Premises) -> None:
    premises_340.settle(ha_connector=False)
    before = premises_340.snapshot()
    assert json.loads(before.ha)["enableConnector"] is False
    ended = premises_340.upgrade()
    assert ended.code == SUCCEEDED, ended
    assert json.loads(premises_340.ha())["enableConnector"] is True
    premises_340.assert_upgraded(before)
