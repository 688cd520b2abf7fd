"""Goal: the CM database comes to a server of its own with the upgrade, and back without a trace.

Method: two real servers; every table of the old place compared with what it was, every table of the
new one with what 4.3.1 makes of it; tasks that have not proceeded far enough, in the stand-in's own
console, by its OpenAPI and by the API of 3.4.0.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import premises_on
from kit.operator import REFUSED, ROLLED_BACK, SUCCEEDED, Ended
from kit.premises import Premises, secret
from kit.snapshot import Snapshot

from bed.docker import Docker
from bed.world import World
from stand_in.compare import contents
from stand_in.metadb import MetaDb
from stand_in.traces import prepare, traces

# Of the seed: created and never started, with reverse increment.
NOT_STARTED = ["TaskGate/np_4kx00000006", "TaskGate/np_4kx00000016"]
# What docker_upgrade.sh of 4.3.1 changes in cm, and the view that shows it.
CHANGED = {"cm.resource_group", "cm.location_cm", "cm.v_host_group"}


@dataclass
class Separate:
    """Premises with a second server, and what the spec must say of it."""

    premises: Premises
    far: MetaDb
    console_password: str

    def settle(self, **seeded: Any) -> Snapshot:
        site = self.premises.site
        site.password = self.console_password
        with self.far.connect() as connection:
            prepare(connection, site.names)
        self.premises.settle(password=self.console_password, **seeded)
        self.say_console(self.console_password)
        return self.premises.snapshot()

    def say_console(self, password: str) -> None:
        self.premises.secrets = [
            secret("oms-cm", username=self.far.user, password=self.far.password),
            secret("oms-console", username=self.premises.site.user, password=password),
        ]

    def manifest(self, *, waive: list[str] | None = None, **more: Any) -> Path:
        place = {"host": self.far.host, "port": self.far.port, "credentialsSecretRef": {"name": "oms-cm"}}
        deadlines = {key: more.pop(key) for key in list(more) if key[0].isupper()}
        spec = self.premises.spec(
            metaDB={"separateCM": {**place, **more}},
            console={"credentialsSecretRef": {"name": "oms-console"}},
            approval="Granted",
            prechecks={"waive": waive or []},
        )
        return self.premises.manifest(spec, **deadlines)

    def databases(self) -> set[str]:
        """All at the new place that are neither the server's nor the stand-in's own."""
        with self.far.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SHOW DATABASES")
            names = {str(row[0]) for row in cursor.fetchall()}
        own = {"information_schema", "performance_schema", "mysql", "sys", "test", "oceanbase", "ocs"}
        return {name for name in names - own if not name.startswith(("__", "LBAC", "ORA", "SYS", "oms_standin"))}

    def assert_separated(self, before: Snapshot, cm: str, hb: str) -> None:
        """rm at the old place, cm and hb at the new one, and the old ones as they were."""
        premises, site = self.premises, self.premises.site
        premises.assert_upgraded(before)
        replace(site, metadb=self.far, names=replace(site.names, cm=cm, hb=hb)).wait_online(60)
        assert self.databases() == {cm, hb}
        now = premises.snapshot().tables
        old = {name for name in before.tables if not name.startswith("rm.")}
        assert {name: now[name] for name in old} == {name: before.tables[name] for name in old}
        far = contents(self.far, SimpleNamespace(cm=cm, hb=hb))  # type: ignore[arg-type]
        same = {name for name in old if name not in CHANGED}
        assert {name: far[name] for name in same} == {name: before.tables[name] for name in same}
        assert all(far[name] != before.tables[name] for name in CHANGED)
        self._assert_config(cm, hb)
        self.assert_no_traces()

    def _assert_config(self, cm: str, hb: str) -> None:
        site = self.premises.site
        text = site.config_path.read_text()
        for line in (
            f"oms_rm_meta_host: {site.metadb.host}",
            f'oms_cm_meta_port: "{self.far.port}"',
            f'oms_cm_meta_user: "{self.far.user}"',
        ):
            assert line in text
        assert cm in text and hb in text
        assert text.startswith("# OMS of the Hangzhou site.")

    def roll_back(self) -> Ended:
        """With the Secrets, which are stored nowhere: the copies are on another server."""
        return self.premises.roll_back("-f", self.premises.folder / "upgrade.yaml")

    def assert_as_before(self, before: Snapshot) -> None:
        self.premises.assert_as_before(before)
        assert self.databases() == set()
        self.assert_no_traces()

    def assert_no_traces(self) -> None:
        with self.far.connect() as connection:
            assert traces(connection, self.premises.site.names) == []


def task_findings(ended: Ended) -> dict[str, str]:
    found = ended.status["findings"]
    return {one["name"]: one["message"] for one in found if one["name"].startswith("TaskGate")}


@pytest.fixture(scope="session")
def far_oceanbase(world: World) -> MetaDb:
    password = "Cm_" + secrets.token_hex(8)
    server = world.oceanbase("oceanbase-cm")
    server.create_user("oms_cm", password)
    return MetaDb(world.gateway, server.port, "oms_cm", password)


@pytest.fixture(scope="session")
def far_mariadb(world: World) -> MetaDb:
    server = world.mariadb("mariadb-cm")
    return MetaDb(world.gateway, server.port, server.user, server.password)


def separate_on(premises: Premises, far: MetaDb) -> Iterator[Separate]:
    made = Separate(premises, far, "Oms." + secrets.token_hex(8))
    premises.leaks.also(far.password, made.console_password)
    yield made
    with far.connect() as connection, connection.cursor() as cursor:
        for database in made.databases():
            cursor.execute(f"DROP DATABASE `{database}`")


@pytest.fixture
def separate(premises: Premises, far_oceanbase: MetaDb) -> Iterator[Separate]:
    yield from separate_on(premises, far_oceanbase)


@pytest.fixture
def separate_mariadb(premises_mariadb: Premises, far_mariadb: MetaDb) -> Iterator[Separate]:
    yield from separate_on(premises_mariadb, far_mariadb)


@pytest.fixture(params=["3.4.0", "3.2.1"])
def old_separate(
    request: pytest.FixtureRequest, docker: Docker, metadb: MetaDb, far_oceanbase: MetaDb, tmp_path: Path
) -> Iterator[Separate]:
    for premises in premises_on(docker, metadb, tmp_path, source=request.param):
        yield from separate_on(premises, far_oceanbase)


def test_cm_goes_to_a_server_of_its_own_and_back(separate: Separate) -> None:
    before = separate.settle()
    names = separate.premises.site.names
    ended = separate.premises.upgrade(separate.manifest(waive=NOT_STARTED))
    assert ended.code == SUCCEEDED, ended
    separate.assert_separated(before, names.cm, names.hb)
    carried = ended.status["before"]["carriedDatabases"]
    assert [one["from"] for one in carried] == [names.cm, names.hb]
    assert all(one["ours"] for one in carried)
    ended = separate.roll_back()
    assert ended.code == SUCCEEDED, ended
    separate.assert_as_before(before)


def test_a_heartbeat_database_gets_another_name_on_the_way(separate_mariadb: Separate) -> None:
    before = separate_mariadb.settle()
    names = separate_mariadb.premises.site.names
    manifest = separate_mariadb.manifest(waive=NOT_STARTED, heartbeatDatabase="beats-of-431")
    ended = separate_mariadb.premises.upgrade(manifest)
    assert ended.code == SUCCEEDED, ended
    separate_mariadb.assert_separated(before, names.cm, "beats-of-431")
    ended = separate_mariadb.roll_back()
    assert ended.code == SUCCEEDED, ended
    separate_mariadb.assert_as_before(before)


def test_an_oms_that_never_becomes_healthy_leaves_no_copy(separate: Separate) -> None:
    before = separate.settle()
    separate.premises.site.set_faults("4.3.1", never_healthy=True)
    ended = separate.premises.upgrade(separate.manifest(waive=NOT_STARTED, Verify=10))
    assert ended.code == ROLLED_BACK, ended
    separate.assert_as_before(before)


def test_killed_while_the_databases_are_carried_over(separate: Separate) -> None:
    before = separate.settle()
    names = separate.premises.site.names
    run = separate.premises.start(separate.manifest(waive=NOT_STARTED))
    run.until(lambda at: at.phase == "SeparateCM" and at.attempts > 0)
    run.kill_within(0.2, lambda at: at.phase == "SeparateCM")
    ended = separate.premises.upgrade(separate.manifest(waive=NOT_STARTED))
    assert ended.code == SUCCEEDED, ended
    separate.assert_separated(before, names.cm, names.hb)


def test_what_stands_in_its_way_refuses_it(separate: Separate) -> None:
    before = separate.settle(sub_project=True)
    names = separate.premises.site.names
    ended = separate.premises.upgrade(separate.manifest())
    assert ended.code == REFUSED, ended
    found = task_findings(ended)
    assert set(found) == {*NOT_STARTED, "TaskGate/np_4kxsub00001"}
    assert "must enter REVERSE_INCR_TRANSFER" in found[NOT_STARTED[0]]
    assert "is at INCR_TRANSFER (MONITORING)" in found["TaskGate/np_4kxsub00001"]

    with separate.far.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE `{names.hb}`")
        cursor.execute(f"CREATE TABLE `{names.hb}`.`somebodys` (`id` int PRIMARY KEY)")
    manifest = separate.manifest(waive=[*found], cmDatabase="cm_431")
    ended = separate.premises.upgrade(manifest, "--retry")
    assert ended.code == REFUSED, ended
    told = [one["message"] for one in ended.status["findings"] if one["name"] == "SeparateCM"]
    assert any(f"there is a database {names.hb} at" in one for one in told), told
    assert any("view v_host_group" in one for one in told), told
    assert separate.databases() == {names.hb}
    assert separate.premises.snapshot().differences(before, untouched=True) == []


def test_a_wrong_password_of_the_console_is_asked_with_once(separate: Separate) -> None:
    before = separate.settle()
    separate.say_console("wrong-" + secrets.token_hex(4))
    ended = separate.premises.upgrade(separate.manifest(waive=NOT_STARTED))
    assert ended.code == REFUSED, ended
    assert "401" in task_findings(ended)["TaskGate"]
    rows = separate.premises.sql(
        separate.premises.site.names.rm, "SELECT wrong_passwords FROM oms_user WHERE name = 'admin'"
    )
    assert rows == ((1,),)
    counted = ["table rm.oms_user differs"]
    assert separate.premises.snapshot().differences(before, untouched=True) == counted


def test_tasks_of_an_old_oms_are_judged_as_far_as_it_tells(old_separate: Separate) -> None:
    before = old_separate.settle()
    source = old_separate.premises.source
    names = old_separate.premises.site.names
    ended = old_separate.premises.upgrade(old_separate.manifest())
    assert ended.code == REFUSED, ended
    found = task_findings(ended)
    if source == "3.4.0":
        assert set(found) == {"TaskGate/p_3kx00000006", "TaskGate/p_3kx00000016"}
        assert all("it must enter REVERSE_INCR_SYNC" in one for one in found.values())
    else:
        assert len(found) > 10
        assert all("has no documented way to ask for its step" in one for one in found.values())
    assert old_separate.premises.snapshot().differences(before, untouched=True) == []
    if len(found) > 10:
        return
    ended = old_separate.premises.upgrade(old_separate.manifest(waive=[*found]), "--retry")
    assert ended.code == SUCCEEDED, ended
    old_separate.premises.assert_upgraded(before)
    assert old_separate.databases() == {names.cm, names.hb}
    old_separate.assert_no_traces()
    ended = old_separate.roll_back()
    assert ended.code == SUCCEEDED, ended
    old_separate.assert_as_before(before)
