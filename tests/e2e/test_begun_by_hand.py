"""Goal: an upgrade that a person began by hand, and left at any step, is carried on or refused, and never made worse.

Method: the procedure by hand on the real bed, as far as each step. Where the operator carries on, the end is that of
an upgrade from the start. Where it refuses, every table, file and container is as the person left it; one OMS is
taken through all these steps, and back, so that a refusal that did touch something would not get to the next one.
"""

from __future__ import annotations

import json

import pytest
from kit.by_hand import ADD_RESOURCE, JAR, SCRIPT, Person
from kit.operator import REFUSED, ROLLED_BACK, SUCCEEDED
from kit.premises import NEW, Premises


def leave_at(person: Person, step: str) -> None:
    """Steps are cumulative but for the first, after which OMS still runs."""
    person.disable_ha()
    if step == "HA disabled":
        return
    person.stop(person.premises.old)
    if step == "stopped":
        return
    person.swap(5 if step == "dumped" else int(step.removeprefix("swap ")))
    if step == "dumped":
        person.dump()


@pytest.mark.parametrize("step", ["HA disabled", "stopped", "swap 1", "swap 2", "swap 3", "swap 4", "dumped"])
def test_what_was_begun_is_carried_on(premises: Premises, step: str) -> None:
    premises.settle()
    person = Person(premises)
    leave_at(person, step)
    before = premises.snapshot()
    stopped_at = premises.inspect(premises.old)["State"]["FinishedAt"]

    ended = premises.upgrade()
    assert ended.code == SUCCEEDED, ended
    premises.assert_upgraded(before)
    # HA was off when we came: whether for this upgrade, only the person knows, and is told.
    assert json.loads(premises.ha())["enable"] is False
    assert any("HA was disabled" in one for one in ended.status["followUp"]), ended.status["followUp"]
    ((rows,),) = premises.sql(premises.site.names.hb, "SHOW TABLES LIKE 'heatbeat_sequence%'")
    assert rows == "heatbeat_sequence"
    if step != "HA disabled":
        assert ended.status["times"]["t1"][:19] == stopped_at[:19], "T1 is when the person stopped it"


def test_a_rollback_of_what_was_carried_on_comes_to_where_it_was_found(premises: Premises) -> None:
    premises.settle(restart="always")
    person = Person(premises)
    leave_at(person, "swap 3")
    before = premises.snapshot()
    premises.site.set_faults("4.3.1", upgrade_exit=3)
    ended = premises.upgrade()
    assert ended.code == ROLLED_BACK, ended
    now = premises.snapshot()
    # The swap is ended, not undone: its tables are the only ones that may differ.
    assert [one for one in now.differences(before) if "heatbeat_sequence" not in one] == []
    assert not premises.site.running(premises.old)
    premises.site.docker("start", premises.old)
    premises.wait_well(premises.old)
    assert premises.traces() == []


def refused(person: Person, *words: str, finding: str = "BegunByHand") -> None:
    """The operator says these words, and the world is as it was."""
    before = person.world()
    ended = person.premises.upgrade()
    assert ended.code == REFUSED, ended
    told = [one["message"] + " " + one["remedy"] for one in ended.status["findings"] if one["name"] == finding]
    for word in words:
        assert any(word in one for one in told), (word, told, ended)
    now = person.world()
    differing = [name for name in before.tables.keys() | now.tables.keys() if before.tables.get(name) != now.tables.get(name)]
    assert differing == []
    assert now == before


def test_from_the_new_container_on_it_is_refused_and_the_way_back_leads_back(
    premises_mariadb: Premises,
) -> None:
    """On MariaDB: there a dump by MariaDB's own client can be loaded, generated columns and all."""
    premises = premises_mariadb
    premises.settle()
    person = Person(premises)
    cm, hb = premises.site.names.cm, premises.site.names.hb
    before = premises.snapshot()

    person.migrate_config()
    refused(person, "oms_meta_host", finding="Config")  # with OMS at work: the procedure has it as a prerequisite
    premises.site.config_path.write_bytes(before.config.content)

    person.disable_ha()
    person.stop(premises.old)
    person.swap(5)
    person.dump()
    person.migrate_config()
    refused(person, "oms_meta_host", finding="Config")

    person.make_new("oms_later")
    refused(person, "oms_later", "never started", "rm oms_later")
    premises.docker.cli("rm", "oms_later")
    person.make_new()
    premises.docker.cli("start", NEW)
    person.wait_for_cm()
    refused(person, NEW, "is running since", "says 4.3.0", "docker_upgrade.sh must not run twice")

    premises.site.set_faults("4.3.1", upgrade_exit=3)
    assert person.inside(*SCRIPT) == 3
    refused(person, NEW, "is running since")
    premises.site.set_faults("4.3.1")

    # Back, as the procedure has it.
    person.stop(NEW)
    refused(person, NEW, "is exited since")
    # A person who hides the traces has not put anything back.
    person.drop()
    refused(person, "does not exist", finding="MetaDB")
    person.create()
    refused(person, "empty")
    person.restore(premises.site.names.rm, hb)
    person.restore(cm, until=b"CREATE TABLE `host`")
    refused(person, cm, "no table host")
    person.drop(cm)
    person.create(cm)
    person.restore(cm)
    refused(person, NEW, "put back already", "start " + premises.old)

    # What the refusal said is left to do.
    person.put_config_back()
    premises.docker.cli("rm", NEW)
    premises.docker.cli("start", premises.old)
    premises.wait_well(premises.old)
    before = premises.snapshot()
    ended = premises.upgrade()
    assert ended.code == SUCCEEDED, ended
    premises.assert_upgraded(before)


def test_an_old_source_is_refused_at_each_of_its_scripts(premises_340: Premises) -> None:
    premises = premises_340
    premises.settle()
    person = Person(premises)
    person.disable_ha()
    person.stop(premises.old)
    person.swap(5)
    person.dump()
    person.migrate_config()
    person.make_new()
    premises.docker.cli("start", NEW)
    person.wait_for_cm()
    person.inside("supervisorctl", "stop", "oms_console")
    refused(person, NEW, "says nothing", "the jar, add_resource and docker_upgrade.sh must not run twice")
    assert person.inside(*JAR) == 0
    refused(person, NEW, "says nothing", "the jar, add_resource and docker_upgrade.sh must not run twice")
    assert person.inside(*ADD_RESOURCE) == 0
    refused(person, NEW, "says nothing")
    assert person.inside(*SCRIPT) == 0
    premises.wait_well(NEW)
    refused(person, NEW, "says 4.3.1", "only HA is missing")
    # Without its container, MetaDB still says what has run.
    person.stop(NEW)
    premises.docker.cli("rm", NEW)
    refused(person, "says 4.3.1", "no container of the new version")
    assert premises.traces() == []
