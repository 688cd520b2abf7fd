"""Goal: an OMS of two regions with two nodes each is upgraded as one, and taken back as one.

Method: the stand-in on four Docker hosts, which notices every wrong order (its README, "Several nodes");
after each run every node's container, config.yaml and files and every table of every database
are looked at. A fault is set on one node alone.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kit.fleet import FleetPremises, FleetSnapshot
from kit.operator import REFUSED, ROLLED_BACK, SUCCEEDED, Ended, Running
from kit.premises import NEW
from kit.snapshot import Snapshot
from test_kill import killed_at

from bed.docker import Docker
from bed.world import World
from stand_in import images
from stand_in.fleet import hosts_with
from stand_in.metadb import MetaDb
from stand_in.site import Site

OLD = "oms_430"
# Four Docker hosts are enough for one machine.
pytestmark = pytest.mark.xdist_group("several nodes")


@pytest.fixture(scope="module")
def four_hosts(world: World) -> Iterator[list[Docker]]:
    names = ["node1", "node2", "node3", "node4"]
    hosts = hosts_with(world, names, ("3.4.0", "4.3.0", "4.3.1"), tls=True)
    yield hosts
    for host in hosts:
        host.stop()


Make = Callable[..., FleetPremises]


@pytest.fixture
def make(four_hosts: list[Docker], metadb: MetaDb, tmp_path: Path) -> Iterator[Make]:
    made: list[FleetPremises] = []

    def in_two_regions(source: str, *, each: int) -> FleetPremises:
        regions = [four_hosts[:each], four_hosts[2 : 2 + each]]
        made.append(FleetPremises(regions, metadb, tmp_path, source=source))
        return made[-1]

    yield in_two_regions
    for premises in made:
        premises.clear()


@pytest.fixture
def fleet(make: Make) -> FleetPremises:
    """Two regions with two nodes each."""
    return make("4.3.0", each=2)


@pytest.fixture
def fleet_340(make: Make) -> FleetPremises:
    return make("3.4.0", each=2)


@pytest.fixture
def pair(make: Make) -> FleetPremises:
    """Two regions with one node each: enough where one node fails, and half the work for the machine."""
    return make("4.3.0", each=1)


@pytest.fixture
def pair_340(make: Make) -> FleetPremises:
    return make("3.4.0", each=1)


def refused(ended: Ended, *, naming: Site) -> None:
    assert ended.code == REFUSED, ended
    errors = [one for one in ended.status["findings"] if one["severity"] == "Error"]
    assert errors and all(one["remedy"] for one in errors)
    assert any(tells_of(naming, one["message"]) for one in errors), errors


def taken_back(ended: Ended, phase: str, *, naming: Site) -> None:
    assert ended.code == ROLLED_BACK, ended
    failure = ended.status["run"]["cursor"]["failure"]
    assert failure.startswith(phase + ":"), failure
    assert tells_of(naming, failure), failure


def tells_of(site: Site, text: str) -> bool:
    """A reader with many nodes must learn which one it is."""
    return site.host_ip in text or site.docker_host in text


# Forward and back.


def test_all_nodes_of_all_regions_are_upgraded_and_taken_back(fleet: FleetPremises) -> None:
    fleet.settle(restart="always")
    before = fleet.snapshot()
    ended = fleet.upgrade()
    assert ended.code == SUCCEEDED, ended
    fleet.assert_upgraded(before)
    # rm and cm once, and the heartbeats of every region.
    saved = [one["name"] for one in ended.status["backup"]["databases"]]
    assert sorted(saved) == sorted(fleet.fleet.databases.values())
    hosts = [one["hostIP"] for one in ended.status["before"]["nodes"]]
    assert hosts == [site.host_ip for site in fleet.fleet.sites]
    # Heartbeats were compacted in each region, and went on from where they were.
    for region, least in zip(fleet.fleet.regions, (100_000, 200_000), strict=True):
        ((lowest,),) = fleet.sql(region.names.hb, "SELECT MIN(id) FROM heatbeat_sequence")
        assert least < int(str(lowest)) < least + 100_000

    ended = fleet.roll_back()
    assert ended.code == SUCCEEDED, ended
    fleet.assert_as_before(before)


def test_below_401_the_jar_goes_through_the_regions_first(fleet_340: FleetPremises) -> None:
    """The nodes are listed backwards: which one is a region's first is said by its cm_nodes."""
    fleet_340.settle(restart="always")
    before = fleet_340.snapshot()
    nodes = [fleet_340.node(at) for at in (3, 0, 2, 1)]
    ended = fleet_340.upgrade(fleet_340.manifest(fleet_340.spec(nodes=nodes)))
    assert ended.code == SUCCEEDED, ended
    fleet_340.assert_upgraded(before)
    ended = fleet_340.roll_back()
    assert ended.code == SUCCEEDED, ended
    fleet_340.assert_as_before(before)


def test_where_nodes_do_not_list_each_other_each_has_its_script(fleet: FleetPremises) -> None:
    for site in fleet.fleet.sites:
        site.shares_nodes = False
    fleet.settle()
    ended = fleet.upgrade()
    assert ended.code == SUCCEEDED, ended
    fleet.wait_well(NEW)
    for site in fleet.fleet.sites:
        site.docker("exec", NEW, "test", "-s", "/root/init_flag.txt")
    assert fleet.traces() == []


def test_plan_shows_every_node(fleet: FleetPremises) -> None:
    fleet.settle()
    before = fleet.snapshot()
    planned = Running(["plan", "-f", fleet.manifest()]).end()
    assert planned.code == SUCCEEDED, planned
    for site in fleet.fleet.sites:
        assert tells_of(site, planned.stdout), site.host_ip
    for name in fleet.fleet.databases.values():
        assert name in planned.stdout
    assert fleet.snapshot().differences(before, untouched=True) == []


def test_nodes_that_the_manifest_leaves_out_are_discovered(fleet: FleetPremises) -> None:
    """Of the others it says how their daemons are reached; that there are three is for OMS to say."""
    fleet.settle(restart="always")
    before = fleet.snapshot()
    manifest = fleet.manifest(fleet.discovered())
    others = [f"tcp://{site.host_ip}:2376" for site in fleet.fleet.sites[1:]]

    planned = Running(["plan", "-f", manifest]).end()
    assert planned.code == SUCCEEDED, planned
    found = [line for line in planned.stdout.splitlines() if line.startswith("Discovered: ")]
    assert found == [f"Discovered: {OLD} at {endpoint}" for endpoint in others]
    assert fleet.snapshot().differences(before, untouched=True) == []

    ended = fleet.upgrade(manifest)
    assert ended.code == SUCCEEDED, ended
    fleet.assert_upgraded(before)
    run = ended.status["run"]
    assert run["discoveredNodes"] == 3
    assert [node["docker"]["endpoint"] for node in run["spec"]["nodes"][1:]] == others


# One node fails: all go back.


@pytest.mark.parametrize(
    ("at", "fault", "phase"),
    [
        (1, {"upgrade_exit": 3}, "UpgradeMetadata"),
        (1, {"never_healthy": True}, "Verify"),
        (1, {"healthy_seconds": 10}, "Confirm"),
        (1, {"start_delay_seconds": 600}, None),
    ],
    ids=["script ends with 3", "never healthy", "healthy for ten seconds", "never starts"],
)
def test_one_node_that_fails_takes_all_back(
    pair: FleetPremises, at: int, fault: dict[str, Any], phase: str | None
) -> None:
    pair.settle(restart="always")
    before = pair.snapshot()
    site = pair.fleet.sites[at]
    site.set_faults("4.3.1", **fault)
    limits = {phase: 30} if phase is not None else dict.fromkeys(("StartOMS", "UpgradeMetadata", "Verify"), 45)
    ended = pair.upgrade(pair.manifest(pair.spec(confirmSeconds=15), **limits))
    assert ended.code == ROLLED_BACK, ended
    if phase is not None:
        taken_back(ended, phase, naming=site)
    pair.assert_as_before(before)


def test_a_jar_that_fails_in_the_last_region_takes_all_back(pair_340: FleetPremises) -> None:
    pair_340.settle(restart="always")
    before = pair_340.snapshot()
    last = pair_340.fleet.firsts()[-1]
    last.set_faults("4.3.1", jar_exit=3)
    taken_back(pair_340.upgrade(), "MigrateSchema", naming=last)
    pair_340.assert_as_before(before)


def test_one_slow_node_is_waited_for(pair: FleetPremises) -> None:
    pair.settle()
    before = pair.snapshot()
    pair.fleet.sites[1].set_faults("4.3.1", start_delay_seconds=10)
    ended = pair.upgrade()
    assert ended.code == SUCCEEDED, ended
    pair.assert_upgraded(before)


# What is refused, with nothing touched.


def test_a_node_whose_daemon_is_away_refuses_the_upgrade(pair: FleetPremises) -> None:
    pair.settle()
    before = pair.snapshot()
    away = pair.fleet.sites[1]
    host = pair.hosts[1]
    # Its OMS goes on: it is only out of reach.
    host.kill()
    try:
        ended = pair.upgrade(pair.manifest(Precheck=20))
        others = [site for site in pair.fleet.sites if site is not away]
        untouched(before, pair, others)
    finally:
        host.start()
    refused(ended, naming=away)
    assert json.loads(pair.ha()) == json.loads(before.ha)


def untouched(before: FleetSnapshot, fleet: FleetPremises, sites: list[Site]) -> None:
    for site in sites:
        now = Snapshot.of(site, fleet.old)
        assert now.differences(before.nodes[site.host_ip], untouched=True) == []
        assert not site.running(NEW)


def test_a_node_without_its_cable_refuses_the_upgrade(pair: FleetPremises) -> None:
    # With HA on, OMS itself would act on a node that has gone silent.
    pair.settle(ha_enabled=False)
    before = pair.snapshot()
    away = pair.fleet.sites[1]
    nodes = [pair.node_by_tls(at) for at in range(2)]
    manifest = pair.manifest(pair.spec(nodes=nodes), Precheck=20)
    with pair.hosts[1].unplugged():
        ended = pair.upgrade(manifest)
    assert ended.code == REFUSED, ended
    errors = [one["message"] for one in ended.status["findings"] if one["severity"] == "Error"]
    assert any(away.host_ip in one for one in errors), errors
    pair.wait_well(OLD)
    assert pair.snapshot().differences(before, untouched=True) == []
    assert pair.traces() == []
    # With the cable back the same command does it.
    ended = pair.upgrade(manifest, "--retry")
    assert ended.code == SUCCEEDED, ended
    pair.assert_upgraded(before)


def test_a_node_that_the_manifest_leaves_out_is_missed(fleet: FleetPremises) -> None:
    """It would go on running the old version on the new databases."""
    fleet.settle()
    before = fleet.snapshot()
    nodes = [fleet.node(at) for at in (0, 1, 2)]
    ended = fleet.upgrade(fleet.manifest(fleet.spec(nodes=nodes)))
    refused(ended, naming=fleet.fleet.sites[3])
    nodes = [fleet.node(at) for at in (0, 1)]
    ended = fleet.upgrade(fleet.manifest(fleet.spec(nodes=nodes)), "--retry")
    assert ended.code == REFUSED, ended
    told = "\n".join(one["message"] for one in ended.status["findings"])
    assert fleet.fleet.regions[1].name in told or fleet.fleet.sites[2].host_ip in told, told
    assert fleet.snapshot().differences(before, untouched=True) == []


def test_regions_that_share_a_heartbeat_database_are_refused(fleet: FleetPremises) -> None:
    fleet.settle(boot=False)
    shared = fleet.fleet.regions[0].names.hb
    for site in fleet.fleet.sites[2:]:
        path = site.config_path
        path.write_text(path.read_text().replace(site.names.hb, shared))
    fleet.fleet.each(lambda site: site.run(fleet.source))
    before = fleet.snapshot()
    ended = fleet.upgrade()
    assert ended.code == REFUSED, ended
    told = "\n".join(one["message"] for one in ended.status["findings"] if one["severity"] == "Error")
    assert shared in told, told
    assert fleet.snapshot().differences(before, untouched=True) == []


def test_an_image_that_one_node_lacks_is_loaded_there(pair: FleetPremises) -> None:
    pair.settle()
    before = pair.snapshot()
    lacks, reference = pair.fleet.sites[1], images.reference("4.3.1")
    lacks.docker("rmi", reference)
    try:
        ended = pair.upgrade(pair.manifest(LoadImage=10))
        assert ended.code == REFUSED, ended
        assert tells_of(lacks, ended.status["message"]), ended
        assert pair.snapshot().differences(before, untouched=True) == []
        image = {"reference": reference, "archive": str(images.archive_of("4.3.1"))}
        ended = pair.upgrade(pair.manifest(pair.spec(image=image)), "--retry")
        assert ended.code == SUCCEEDED, ended
        pair.assert_upgraded(before)
    finally:
        lacks.load("4.3.1")


@contextlib.contextmanager
def full_disk(host: Docker) -> Iterator[None]:
    """No room where the daemon unpacks what it loads."""
    place = host.folder / "data/tmp"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_node_whose_disk_is_full_refuses_the_upgrade(pair: FleetPremises) -> None:
    pair.settle()
    before = pair.snapshot()
    full, reference = pair.fleet.sites[1], images.reference("4.3.1")
    full.docker("rmi", reference)
    image = {"reference": reference, "archive": str(images.archive_of("4.3.1"))}
    manifest = pair.manifest(pair.spec(image=image))
    try:
        with full_disk(pair.hosts[1]):
            ended = pair.upgrade(manifest)
        assert ended.code == REFUSED, ended
        assert "no space left on device" in ended.status["message"], ended
        assert tells_of(full, ended.status["message"]), ended
        assert pair.snapshot().differences(before, untouched=True) == []

        ended = pair.upgrade(manifest, "--retry")
        assert ended.code == SUCCEEDED, ended
        pair.assert_upgraded(before)
    finally:
        full.load("4.3.1")


# What breaks on the way.


@pytest.mark.parametrize("phase", ["StopOMS", "StartOMS", "Verify"])
def test_the_daemon_of_one_node_dies_and_comes_back(pair: FleetPremises, phase: str) -> None:
    """It takes its containers with it; `restart: always` brings the running one back."""
    pair.settle(restart="always")
    before = pair.snapshot()
    run = pair.start()
    run.until(lambda at: at.phase == phase and (at.attempts > 0 or phase == "Verify"))
    pair.hosts[1].kill()
    pair.hosts[1].start()
    ended = run.end()
    assert ended.code in (SUCCEEDED, ROLLED_BACK), ended
    if ended.code == SUCCEEDED:
        pair.assert_upgraded(before)
    else:
        pair.assert_as_before(before)


# Killed at any instruction.

TURNED_TO = ("DisableHA", "StopOMS", "CompactHeartbeat", "BackupMetaDB", "StartOMS", "UpgradeMetadata", "EnableHA")
PUSHED = (
    *(("StopOMS", 0.7), ("CompactHeartbeat", 0.05), ("BackupMetaDB", 0.3), ("StartOMS", 0.3), ("StartOMS", 1.0)),
    *(("UpgradeMetadata", 1.0), ("UpgradeMetadata", 2.0)),
)
BACK = {"StartOMS": 0.5, "MigrateConfig": 0.03, "BackupMetaDB": 0.4, "StopOMS": 0.3}


def test_killed_as_it_turns_to_a_phase(pair: FleetPremises) -> None:
    pair.settle(restart="always")
    before = pair.snapshot()
    manifest = pair.manifest()
    for phase in TURNED_TO:
        killed_at(pair, manifest, phase, "Applied")
    ended = pair.upgrade(manifest)
    assert ended.code == SUCCEEDED, ended
    pair.assert_upgraded(before)


def test_killed_while_some_nodes_are_done_and_others_are_not(fleet: FleetPremises) -> None:
    fleet.settle(restart="always", megabytes=8)
    before = fleet.snapshot()
    manifest = fleet.manifest()
    for phase, after in PUSHED:
        killed_at(fleet, manifest, phase, "Applied", pushed=True, after=after)
    ended = fleet.upgrade(manifest)
    assert ended.code == SUCCEEDED, ended
    fleet.assert_upgraded(before)


def test_killed_between_the_jars_of_two_regions(pair_340: FleetPremises) -> None:
    pair_340.settle(restart="always")
    before = pair_340.snapshot()
    manifest = pair_340.manifest()
    killed_at(pair_340, manifest, "MigrateSchema", "Applied", pushed=True, after=1.0)
    ended = pair_340.upgrade(manifest)
    assert ended.code == SUCCEEDED, ended
    pair_340.assert_upgraded(before)


def test_killed_on_the_way_back(pair: FleetPremises) -> None:
    pair.settle(restart="always", megabytes=8)
    before = pair.snapshot()
    pair.fleet.sites[1].set_faults("4.3.1", never_healthy=True)
    manifest = pair.manifest(Verify=30)
    for phase, after in BACK.items():
        killed_at(pair, manifest, phase, "Reverted", pushed=True, after=after)
    ended = pair.upgrade(manifest)
    assert ended.code == ROLLED_BACK, ended
    pair.assert_as_before(before)
