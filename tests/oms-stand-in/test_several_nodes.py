"""Goal: one OMS of several nodes and several regions is told what is documented of it, and each wrong
order of its upgrade is found out.

Method: as in test_stand_in.py, on up to four Docker hosts, each with an address of its own, and one
MetaDB. A test has as many nodes as its point needs.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from by_hand import (
    JAR,
    JAVA,
    SCRIPT,
    SWAP,
    UPGRADE,
    add_resource,
    dump,
    exec_in,
    let_console_start,
    programs_are,
    restore,
    run_jar,
    run_script,
    wait_down,
)
from conftest import Room
from stand_in.compare import contents
from stand_in.fleet import Fleet
from stand_in.metadb import MetaDb
from stand_in.site import Site, wait_for

from bed.docker import Docker

NEW = "oms_431"


@dataclass
class Grounds:
    """A fleet as rooms, one a node, in the order of the regions."""

    fleet: Fleet

    def __post_init__(self) -> None:
        self.rooms = [Room(site, self.fleet.version) for site in self.fleet.sites]
        self.firsts = [room for room in self.rooms if room.site.is_first]
        self.others = [room for room in self.rooms if not room.site.is_first]

    @property
    def world(self) -> dict[str, str]:
        return contents(self.fleet.metadb, self.fleet.databases)

    def kinds_of_traces(self) -> set[str]:
        return self.rooms[0].kinds_of_traces()

    def healthy(self) -> list[bool]:
        return [room.site.healthy() for room in self.rooms]

    def all_at_once(self, work: Callable[[Room], object]) -> None:
        with ThreadPoolExecutor() as pool:
            list(pool.map(work, self.rooms))


Make = Callable[..., Grounds]


@pytest.fixture
def grounds(four_hosts: list[Docker], metadb: MetaDb, tmp_path: Path) -> Iterator[Make]:
    """`grounds(regions, nodes, version)`: that many regions of that many nodes, laid out and seeded."""

    def make(regions: int, nodes: int, version: str = "4.3.0", **seeded: object) -> Grounds:
        hosts = [four_hosts[at * nodes : (at + 1) * nodes] for at in range(regions)]
        made = Grounds(Fleet(tmp_path, metadb, hosts, version))
        made.fleet.lay_out()
        made.fleet.seed(ha_enabled=False, **seeded)
        return made

    yield make

    def clear(host: Docker) -> None:
        if found := host.cli("ps", "-aq").split():
            host.cli("rm", "-f", *found)

    with ThreadPoolExecutor() as pool:
        list(pool.map(clear, four_hosts))


def good(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr


def ini(room: Room) -> str:
    return exec_in(room, NEW, "grep", "autostart", "/etc/supervisor/conf.d/oms_console.ini").stdout


# What a healthy one looks like.


def test_each_region_beats_in_a_database_of_its_own_and_each_node_fails_alone(grounds: Make) -> None:
    ours = grounds(2, 2)
    fleet = ours.fleet
    fleet.boot()
    room, (first, second) = ours.rooms[0], fleet.regions
    for region in fleet.regions:
        beating = room.sql(region.names.hb, "SELECT host_ip FROM heart_beat ORDER BY host_ip")
        assert [ip for (ip,) in beating] == sorted(region.nodes)
    known = room.sql(fleet.names.rm, "SELECT region, code, is_default_cm FROM cluster_info ORDER BY id")
    assert known == ((first.name, first.location, 1), (second.name, second.location, 0))
    grouped = room.sql(
        fleet.names.cm,
        "SELECT h.ip, g.name, h.host_status FROM host h JOIN resource_group g "
        "ON g.id = h.resource_group_id ORDER BY h.id",
    )
    wanted = [(ip, region.name, "ONLINE") for region in fleet.regions for ip in region.nodes]
    assert list(grouped) == wanted
    # Ids are each region's own.
    low, high = (
        int(str(room.sql(region.names.hb, "SELECT MAX(id) FROM heatbeat_sequence")[0][0]))
        for region in fleet.regions
    )
    assert low < 200_000 <= high

    ours.rooms[3].site.set_faults("4.3.0", never_healthy=True)
    assert ours.healthy() == [True, True, True, False]
    fleet.sites[1].docker("stop", "oms_430")
    question = "SELECT ip FROM host WHERE host_status <> 'ONLINE'"
    wait_for(
        lambda: room.sql(fleet.names.cm, question) == ((fleet.sites[1].host_ip,),), "OFFLINE", 60
    )
    assert ours.rooms[0].traces() == []


# The procedure, done right, forward and back.


@pytest.mark.parametrize("source", ["4.3.0", "3.4.0"])
def test_the_procedure_upgrades_all_and_goes_back_without_a_trace(
    grounds: Make, source: str, tmp_path: Path
) -> None:
    ours = grounds(2, 2, source, awkward_tables=False)
    fleet, room = ours.fleet, ours.rooms[0]
    old = fleet.boot()
    fleet.each(lambda site: site.docker("stop", old))
    for region in fleet.regions:
        for statement in SWAP:
            room.sql(region.names.hb, statement)
    names = list(fleet.databases.values())
    dump(room, tmp_path, names)
    before = contents(fleet.metadb, fleet.databases, volatile=True)

    fleet.start_for_upgrade()
    assert all(programs_are(one, "STOPPED", "oms_console") for one in ours.rooms)
    if source == "3.4.0":
        for one, last in zip(ours.firsts, ("-lfalse", "-ltrue"), strict=True):
            good(run_jar(one, NEW, last))
        for one in ours.firsts:
            good(add_resource(one, NEW))
    good(run_script(ours.firsts[0], NEW))
    ours.firsts[0].site.wait_healthy(NEW)
    # The other region has yet to come, and so nobody there can start.
    start_console(ours.others[1])
    wait_down(ours.others[1], "oms_console")
    good(run_script(ours.firsts[1], NEW))
    assert ours.healthy() == [True, False, True, False]
    for one in ours.others:
        assert ini(one) == "autostart = false\n"
        let_console_start(one, NEW)
    fleet.wait_well(NEW)
    # What was done for good, a restart keeps.
    ours.others[0].site.docker("restart", NEW)
    fleet.wait_well(NEW)

    fleet.each(lambda site: site.docker("stop", NEW))
    restore(room, tmp_path, names)
    assert contents(fleet.metadb, fleet.databases, volatile=True) == before

    def back(site: Site) -> None:
        site.write_config(source)
        site.docker("restart", old)

    fleet.each(back)
    fleet.wait_well(old)
    assert room.traces() == []


def start_console(room: Room) -> None:
    exec_in(room, NEW, "supervisorctl", "start", "oms_console")


def test_a_console_that_was_only_started_is_gone_after_a_restart(grounds: Make) -> None:
    ours = grounds(1, 2)
    ours.fleet.start_for_upgrade()
    first, other = ours.rooms
    # Nobody has run the script yet.
    start_console(other)
    wait_down(other, "oms_console")
    good(run_script(first, NEW))
    start_console(other)
    ours.fleet.wait_well(NEW)
    assert ini(other) == "autostart = false\n"
    other.site.docker("restart", NEW)
    wait_for(lambda: programs_are(other, "RUNNING", "oms_drc_cm"), "the others", 90)
    assert programs_are(other, "STOPPED", "oms_console")
    assert ours.rooms[0].traces() == []


def test_nodes_that_do_not_list_each_other_each_need_the_script(grounds: Make) -> None:
    ours = grounds(1, 2)
    for site in ours.fleet.sites:
        site.shares_nodes = False
    ours.fleet.start_for_upgrade()
    first, other = ours.rooms
    good(run_script(first, NEW))
    let_console_start(other, NEW)
    wait_down(other, "oms_console")
    good(run_script(other, NEW))
    ours.fleet.wait_well(NEW)
    assert first.traces() == []
    # And once each.
    good(run_script(other, NEW))
    assert ours.kinds_of_traces() == {"script run twice"}


# What is refused.


def test_nothing_may_follow_before_every_region_has_had_its_jar(grounds: Make) -> None:
    ours = grounds(2, 1, "3.4.0")
    ours.fleet.start_for_upgrade()
    first, second = ours.rooms
    good(run_jar(first, NEW, "-lfalse"))
    before = ours.world
    for done in (add_resource(first, NEW), run_script(first, NEW), run_script(second, NEW)):
        assert done.returncode == 1
        assert "the last with -ltrue" in done.stdout + done.stderr
    assert ours.world == before
    assert ours.kinds_of_traces() == {"metadata before the jar"}
    good(run_jar(second, NEW, "-ltrue"))
    # Each region's machines are its own.
    good(add_resource(first, NEW))
    done = run_script(second, NEW)
    assert "machine group not init" in done.stdout
    good(add_resource(second, NEW))
    groups = first.sql(
        ours.fleet.names.cm,
        "SELECT g.name FROM host h JOIN resource_group g ON g.id=h.resource_group_id ORDER BY h.id",
    )
    assert groups == (("cn-hangzhou",), ("cn-beijing",))
    # After the jar a console of the new version wants the script, too.
    start_console(first)
    wait_down(first, "oms_console")


# What does damage.


def never_runs_again(ours: Grounds) -> None:
    """Neither the script's node nor any other gets a console on these databases."""

    def look(room: Room) -> None:
        let_console_start(room, NEW)
        room.site.docker("restart", NEW)
        wait_down(room, "oms_console")

    ours.all_at_once(look)


def test_a_second_script_in_a_region_does_damage(grounds: Make) -> None:
    ours = grounds(1, 2)
    ours.fleet.start_for_upgrade()
    for room in ours.rooms:
        good(run_script(room, NEW))
    assert ours.kinds_of_traces() == {"script run twice"}
    never_runs_again(ours)


def test_scripts_of_two_regions_at_once_do_damage(grounds: Make) -> None:
    ours = grounds(2, 1)
    first, second = ours.rooms
    first.site.set_faults("4.3.1", upgrade_hang=True, upgrade_stop_after=3)
    ours.fleet.start_for_upgrade()
    first.site.docker("exec", "-d", NEW, *SCRIPT)
    wait_for(lambda: is_there(first, "oms_schema_step"), "the first script", 60)
    run_script(second, NEW)
    assert "two scripts at once" in ours.kinds_of_traces()
    never_runs_again(ours)


def is_there(room: Room, table: str) -> bool:
    return bool(room.sql(room.site.names.rm, f"SHOW TABLES LIKE '{table}'"))


def jar_did_damage(ours: Grounds, *kinds: str) -> None:
    """However much of it is done later, nobody takes these databases."""
    assert ours.kinds_of_traces() == set(kinds)
    before = ours.world
    for room in ours.rooms:
        assert add_resource(room, NEW).returncode == 1
        assert run_script(room, NEW).returncode == 1
    assert ours.world == before


def test_a_jar_on_another_node_of_the_region_does_damage(grounds: Make) -> None:
    ours = grounds(1, 2, "3.4.0")
    ours.fleet.start_for_upgrade()
    good(run_jar(ours.others[0], NEW))
    jar_did_damage(ours, "jar on another node")


def test_a_second_jar_in_a_region_does_damage(grounds: Make) -> None:
    ours = grounds(2, 1, "3.4.0")
    ours.fleet.start_for_upgrade()
    first, second = ours.rooms
    good(run_jar(first, NEW, "-lfalse"))
    good(run_jar(first, NEW, "-lfalse"))
    run_jar(second, NEW, "-ltrue")
    jar_did_damage(ours, "jar run twice")


def test_a_last_region_that_is_not_the_last_does_damage(grounds: Make) -> None:
    ours = grounds(2, 1, "3.4.0")
    ours.fleet.start_for_upgrade()
    first, second = ours.rooms
    good(run_jar(first, NEW, "-ltrue"))
    assert ours.kinds_of_traces() == {"last region too early"}
    good(run_jar(second, NEW, "-lfalse"))
    jar_did_damage(ours, "last region too early", "jar after the last region")


def test_jars_of_two_regions_at_once_do_damage(grounds: Make) -> None:
    ours = grounds(2, 1, "3.4.0")
    first, second = ours.rooms
    first.site.set_faults("4.3.1", jar_hang=True)
    ours.fleet.start_for_upgrade()
    first.site.docker("exec", "-d", NEW, JAVA, "-jar", JAR, *UPGRADE, "-lfalse")
    wait_for(lambda: is_there(first, "oms_correction_step"), "the first jar", 60)
    good(run_jar(second, NEW, "-lfalse"))
    jar_did_damage(ours, "two scripts at once")


# What leaves a trace.


def test_a_region_that_was_left_on_the_old_version_leaves_a_trace(grounds: Make) -> None:
    ours = grounds(2, 1)
    ours.fleet.boot()
    first, _ = ours.fleet.sites
    first.docker("stop", "oms_430")
    first.write_config("4.3.1")
    first.run("4.3.1", upgrade=True)
    wait_for(lambda: "two versions alive" in ours.kinds_of_traces(), "the trace", 90)


def test_heartbeats_that_go_back_in_one_region_leave_that_regions_trace(grounds: Make) -> None:
    ours = grounds(2, 1)
    fleet, (first, second) = ours.fleet, ours.rooms
    fleet.boot()
    fleet.each(lambda site: site.docker("stop", "oms_430"))
    lost = fleet.regions[1].names.hb
    first.sql(lost, "DELETE FROM heatbeat_sequence")
    first.sql(lost, "ALTER TABLE heatbeat_sequence RENAME TO heatbeat_sequence_lost")
    first.sql(lost, "CREATE TABLE heatbeat_sequence LIKE heatbeat_sequence_lost")
    fleet.each(lambda site: site.docker("start", "oms_430"))
    first.site.wait_healthy("oms_430")
    wait_down(second, "oms_drc_supervisor")
    (trace,) = first.traces()
    assert (trace.kind, trace.host) == ("heartbeat sequence went back", second.site.host_ip)


def test_two_regions_in_one_heartbeat_database_leave_a_trace(grounds: Make) -> None:
    ours = grounds(2, 1)
    site = ours.fleet.sites[1]
    site.names = replace(site.names, hb=ours.fleet.regions[0].names.hb)
    site.write_config("4.3.0")
    ours.fleet.each(lambda one: one.run("4.3.0"))
    wait_for(lambda: "regions mixed up" in ours.kinds_of_traces(), "the trace", 90)


@pytest.mark.parametrize("other", [1, 2], ids=["of the region", "of the other region"])
def test_a_node_with_another_nodes_config_leaves_a_trace(grounds: Make, other: int) -> None:
    ours = grounds(2, 2)
    own, strange = ours.fleet.sites[0], ours.fleet.sites[other]
    if other == 1:
        # Where all list the same, the region's own file does no harm on another node.
        strange.shares_nodes = False
        strange.write_config("4.3.0")
    own.config_path.write_text(strange.config_path.read_text())
    own.run("4.3.0")
    wait_for(lambda: ours.kinds_of_traces() == {"config of another node"}, "the trace", 90)


def test_a_node_for_which_the_script_ran_elsewhere_needs_its_own_keys(grounds: Make) -> None:
    ours = grounds(1, 2)
    first, other = ours.rooms
    ours.fleet.each(lambda site: site.write_config("4.3.1"))
    path = other.site.config_path
    path.write_text(path.read_text() + "oms_meta_port: '2881'\n")
    ours.fleet.start_for_upgrade(write_config=False)
    good(run_script(first, NEW))
    let_console_start(other, NEW)
    wait_down(other, "oms_console")
    assert ours.kinds_of_traces() == {"connection strings lost"}
