"""Goal: of two operators one acts, also when the one that led hung and comes back.

Method: two real processes that share a Lease on a real API server. The leader is stopped (SIGSTOP),
cut off, ended or killed in the middle of what matters; the other one finishes; then the first goes on.
What it does then is looked for in the Docker daemon's own record of events, in MetaDB and in its log.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kit.in_cluster import ClusterHome
from kit.premises import Premises
from kit.replicas import Replica, Replicas, until
from kit.snapshot import Snapshot

from bed.apiserver import ApiServer
from bed.oceanbase import OceanBase


@pytest.fixture
def replicas(api_server: ApiServer, premises: Premises, tmp_path: Path) -> Iterator[Replicas]:
    replicas = Replicas(api_server, tmp_path, premises.state_dir, "two-replicas")
    yield replicas
    replicas.clear()


@pytest.fixture
def home(api_server: ApiServer, premises: Premises, replicas: Replicas, tmp_path: Path) -> Iterator[ClusterHome]:
    """kubectl, and no operator of its own."""
    home = ClusterHome(api_server, premises, tmp_path)
    yield home
    replicas.clear()  # nobody is left to write what is taken away now
    home.clear()


# So that a dump or a restore takes long enough to be met.
MUCH = 16


def settled(premises: Premises, megabytes: int = 0) -> Snapshot:
    premises.settle(restart="always", megabytes=megabytes)
    return premises.snapshot()


def lead_and_stand_by(replicas: Replicas) -> tuple[Replica, str, Replica]:
    first = replicas.start()
    leader = replicas.until_led()
    return first, leader, replicas.start()


def until_dumping(premises: Premises) -> None:
    until(lambda: any(premises.state_dir.glob("*/*.part")), "a dump", pause=0.002)


def until_restoring(oceanbase: OceanBase, user: str) -> None:
    with oceanbase.connect() as connection, connection.cursor() as cursor:

        def is_loading() -> bool:
            cursor.execute(
                "SELECT COUNT(*) FROM information_schema.processlist WHERE user = %s AND info LIKE 'INSERT INTO %%'",
                (user,),
            )
            ((loading,),) = cursor.fetchall()
            return bool(loading)

        until(is_loading, "a restore", pause=0.002)


def comes_back_and_does_nothing(premises: Premises, first: Replica) -> None:
    """It goes on, ends by itself, and nothing in the world is another than before."""
    before = premises.snapshot() if premises.site.running(premises.old) else None
    decided = len([line for line in first.said() if line["msg"] == "decided"])
    since = time.time()
    first.go_on()
    assert first.end() == 1
    events = premises.docker.cli("events", f"--since={since:.6f}", f"--until={time.time():.6f}")
    # It may look at a file once more; what it may not do all has events of other names.
    assert [event for event in events.splitlines() if " container archive-path " not in event] == []
    assert len([line for line in first.said() if line["msg"] == "decided"]) == decided
    assert any(line["msg"].startswith("the lease was lost") for line in first.said()), first.said()[-5:]
    if before is not None:
        assert premises.snapshot().differences(before, untouched=True) == []


def test_a_leader_that_hung_in_a_dump_comes_back_beside_the_next_one(
    home: ClusterHome, replicas: Replicas
) -> None:
    premises = home.premises
    before = settled(premises, MUCH)
    first, leader, _ = lead_and_stand_by(replicas)
    home.apply(premises.manifest())
    until_dumping(premises)
    first.stop_in_its_tracks()
    assert any(premises.state_dir.glob("*/*.part")), "it was faster than the test: the dump was whole"
    replicas.until_led(other_than=leader)
    # The other has begun a dump of its own in the same folder.
    home.until(lambda: (place := home.place()) is not None and place.attempts > 1, "the next try")
    first.go_on()
    assert first.end() == 1
    home.wait("condition=Succeeded")
    premises.assert_upgraded(before)


def test_a_leader_that_hung_as_it_began_the_script_does_nothing_when_it_comes_back(
    home: ClusterHome, replicas: Replicas
) -> None:
    premises = home.premises
    before = settled(premises)
    first, leader, _ = lead_and_stand_by(replicas)
    home.apply(premises.manifest())
    home.until_place("UpgradeMetadata", pushed=True)
    first.stop_in_its_tracks()
    replicas.until_led(other_than=leader)
    home.wait("condition=Succeeded")
    comes_back_and_does_nothing(premises, first)
    premises.assert_upgraded(before)  # among others: no script ran twice


def test_a_leader_that_hung_in_a_restore_does_nothing_when_it_comes_back(
    home: ClusterHome, replicas: Replicas, oceanbase: OceanBase
) -> None:
    premises = home.premises
    before = settled(premises, MUCH)
    premises.site.set_faults("4.3.1", upgrade_exit=3)
    first, leader, _ = lead_and_stand_by(replicas)
    home.apply(premises.manifest())
    home.until_place("BackupMetaDB", "Reverted", pushed=True)
    until_restoring(oceanbase, premises.site.metadb.user)
    first.stop_in_its_tracks()
    assert home.place() is not None, "it was faster than the test"
    replicas.until_led(other_than=leader)
    home.wait("condition=RolledBack")
    comes_back_and_does_nothing(premises, first)
    premises.assert_as_before(before)


def test_a_leader_that_is_cut_off_gives_up_and_the_next_one_finishes(
    home: ClusterHome, replicas: Replicas
) -> None:
    premises = home.premises
    before = settled(premises, MUCH)
    proxy, kubeconfig = replicas.proxied()
    first = replicas.start(kubeconfig)
    leader = replicas.until_led()
    replicas.start()
    home.apply(premises.manifest())
    until_dumping(premises)
    proxy.freeze()
    assert first.end() == 1
    replicas.until_led(other_than=leader)
    home.wait("condition=Succeeded")
    premises.assert_upgraded(before)


def test_a_leader_that_is_ended_or_killed_hands_over(home: ClusterHome, replicas: Replicas) -> None:
    premises = home.premises
    before = settled(premises)
    first, _, second = lead_and_stand_by(replicas)
    home.apply(premises.manifest())
    home.until_place("BackupMetaDB", pushed=True)
    # While nobody else can take it, it is seen that the lease was given back.
    second.stop_in_its_tracks()
    assert first.end(signal.SIGTERM) == 0
    assert replicas.holder() == ""
    second.go_on()
    leader = replicas.until_led()
    third = replicas.start()
    home.until_place("UpgradeMetadata", pushed=True)
    second.end(signal.SIGKILL)
    replicas.until_led(other_than=leader)
    home.wait("condition=Succeeded")
    assert third.process.poll() is None
    premises.assert_upgraded(before)


def test_operators_that_share_a_fleet_hand_a_run_over_when_its_labels_change(
    home: ClusterHome, replicas: Replicas
) -> None:
    premises = home.premises
    before = settled(premises)
    bank = replicas.start(selector="team=bank")
    shop = replicas.start(selector="team=shop")
    home.apply(premises.manifest())
    home.kubectl("label", "omsupgrade", premises.name, "team=bank")
    home.until_place("StopOMS", pushed=True)
    assert home.status()["run"]["heldBy"] == f"default/{replicas.lease}-team-bank"
    home.kubectl("label", "omsupgrade", premises.name, "team=shop", "--overwrite")
    home.wait("condition=Succeeded")
    assert home.status()["run"]["heldBy"] == f"default/{replicas.lease}-team-shop"
    premises.assert_upgraded(before)
    assert bank.end(signal.SIGTERM) == shop.end(signal.SIGTERM) == 0
