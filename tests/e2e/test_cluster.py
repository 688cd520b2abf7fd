"""Goal: the same upgrade through Kubernetes: applied, watched, edited, deleted, and the operator killed.

Method: a real API server, `oms-operator run` beside it, kubectl as the only client that acts.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kit import operator_binary
from kit.in_cluster import ClusterHome, History
from kit.operator import LIMIT_SECONDS
from kit.premises import Premises, secret

from bed.apiserver import ApiServer
from gitops.verdicts import surprises


@pytest.fixture
def home(api_server: ApiServer, premises: Premises, tmp_path: Path) -> Iterator[ClusterHome]:
    home = ClusterHome(api_server, premises, tmp_path)
    premises.settle(restart="always")
    history = History(api_server, tmp_path / "history")
    home.start()
    yield home
    states = history.end()
    assert states
    assert surprises(states) == []
    premises.leaks.look_at_text("the log", home.log_path.read_text())
    premises.leaks.look_at_text("a status", json.dumps(states))
    premises.leaks.look_at_text("an event", home.kubectl("get", "events", "-A", "-o", "json"))
    premises.leaks.look_at_folder(premises.state_dir)
    home.clear()
    assert premises.leaks.found == []


class Plugin:
    """`kubectl oms`, as kubectl finds it: by its name."""

    def __init__(self, home: ClusterHome) -> None:
        self._program = home.folder / "kubectl-oms"
        self._program.symlink_to(operator_binary())
        self._home = home

    def start(self, *words: str) -> subprocess.Popen[str]:
        line = [self._program, *words, "--kubeconfig", self._home.server.kubeconfig]
        return subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def said(self, *words: str) -> str:
        process = self.start(*words)
        out, err = process.communicate(timeout=LIMIT_SECONDS)
        assert process.returncode == 0, (out, err)
        return out


@pytest.fixture
def plugin(home: ClusterHome) -> Plugin:
    return Plugin(home)


def conditions(status: dict[str, Any]) -> dict[str, str]:
    return {one["type"]: one["status"] for one in status["conditions"]}


def test_apply_and_wait_upgrade_and_then_nothing_is_written(home: ClusterHome) -> None:
    premises = home.premises
    before = premises.snapshot()
    # The same MetaDB by way of a Secret, as a cluster's admin would rather have it.
    metadb = premises.site.metadb
    premises.secrets = [secret("meta", username=metadb.user, password=metadb.password)]
    side = {"credentialsSecretRef": {"name": "meta"}}
    manifest = premises.manifest(premises.spec(metaDB={"rm": side, "cm": side}))
    home.apply(manifest)
    home.wait("condition=Succeeded")
    premises.assert_upgraded(before)

    shown = home.kubectl("get", "omsupgrade", premises.name)
    assert "Succeeded" in shown
    assert "4.3.1" in shown
    ended = home.get()
    assert ended is not None
    assert home.status()["observedGeneration"] == ended["metadata"]["generation"]

    # At rest nothing is written: not by itself, not for an apply of the same by whomever, not after a restart.
    home.apply(manifest)
    other = ("--server-side", "--force-conflicts", "--field-manager=a-pipeline")
    home.kubectl("apply", *other, "-f", manifest)
    home.stop()
    home.start()
    threading.Event().wait(3)
    again = home.get()
    assert again is not None
    assert again["status"] == ended["status"]
    managers = {one["manager"]: one for one in again["metadata"]["managedFields"]}
    assert writes(managers) == writes({one["manager"]: one for one in ended["metadata"]["managedFields"]})


def writes(managers: dict[str, Any]) -> dict[str, str]:
    return {name: one["time"] for name, one in managers.items() if name.startswith("oms-operator")}


def test_a_rollback_is_seen_by_kubectl_wait(home: ClusterHome) -> None:
    before = home.premises.snapshot()
    home.premises.site.set_faults("4.3.1", upgrade_exit=3)
    home.apply(home.premises.manifest())
    home.wait("condition=RolledBack")
    home.premises.assert_as_before(before)
    # What the script's last line says goes into the message, but for the password in it.
    assert "password=***" in home.status()["message"]
    seen = conditions(home.status())
    assert (seen["Succeeded"], seen["Ready"], seen["Stalled"]) == ("False", "False", "True")


def test_the_operator_may_be_killed_on_the_way(home: ClusterHome) -> None:
    before = home.premises.snapshot()
    home.apply(home.premises.manifest())
    for phase in ("DisableHA", "StopOMS", "BackupMetaDB", "StartOMS", "UpgradeMetadata", "Confirm"):
        home.until_place(phase)
        home.kill()
        home.start()
    home.wait("condition=Succeeded")
    home.premises.assert_upgraded(before)


def test_the_operator_may_be_killed_on_the_way_back(home: ClusterHome) -> None:
    before = home.premises.snapshot()
    home.premises.site.set_faults("4.3.1", never_healthy=True)
    home.apply(home.premises.manifest(Verify=20))
    for phase in ("StartOMS", "MigrateConfig", "BackupMetaDB", "StopOMS"):
        home.until_place(phase, "Reverted")
        home.kill()
        home.start()
    home.wait("condition=RolledBack")
    home.premises.assert_as_before(before)


def test_sigterm_in_the_middle_ends_in_seconds_and_the_next_start_goes_on(home: ClusterHome) -> None:
    before = home.premises.snapshot()
    home.apply(home.premises.manifest())
    home.until_place("UpgradeMetadata", pushed=True)
    assert home.stop() == 0
    home.start()
    home.wait("condition=Succeeded")
    home.premises.assert_upgraded(before)


def test_deleting_it_in_flight_brings_oms_back_first(home: ClusterHome) -> None:
    before = home.premises.snapshot()
    home.apply(home.premises.manifest())
    home.until_place("UpgradeMetadata")
    home.kubectl("delete", "omsupgrade", home.premises.name, "--wait=false")
    held = home.get()
    assert held is not None
    assert held["metadata"]["finalizers"]
    home.wait("delete")
    home.premises.assert_as_before(before)


def test_an_edit_in_flight_does_not_bend_the_run(home: ClusterHome) -> None:
    before = home.premises.snapshot()
    home.apply(home.premises.manifest())
    home.until_place("BackupMetaDB")
    home.patch({"spec": {"image": {"reference": "nowhere/oms:feature_4.3.1"}}})
    home.until_place("Confirm")
    edited = home.get()
    assert edited is not None
    assert edited["status"]["observedGeneration"] < edited["metadata"]["generation"]
    # It is looked at afterwards, and asks for nothing that is not there.
    home.until(lambda: home.status()["observedGeneration"] == 2, "a look at the edit")
    home.wait("condition=Succeeded")
    home.premises.assert_upgraded(before)


def test_a_second_upgrade_of_the_same_oms_waits(home: ClusterHome) -> None:
    premises = home.premises
    before = premises.snapshot()
    home.apply(premises.manifest())
    home.until_place("DisableHA")
    premises.name = "other"
    home.apply(premises.manifest())
    premises.name = "to-431"
    home.until(lambda: "message" in home.status("other"), "a word to the second")
    assert "default/to-431" in home.status("other")["message"]
    assert conditions(home.status("other"))["Succeeded"] == "Unknown"
    home.wait("condition=Succeeded")
    home.until(lambda: "outcome" in home.status("other").get("run", {}), "the turn of the second")
    assert home.status("other")["run"]["outcome"] == "Refused"
    premises.assert_upgraded(before)


def test_a_rollback_is_asked_for_by_the_spec(home: ClusterHome) -> None:
    before = home.premises.snapshot()
    home.apply(home.premises.manifest())
    home.wait("condition=Succeeded")
    upgraded = home.premises.snapshot()
    # To write the old version into the manifest again is no way back: nobody asked to drop databases.
    home.patch({"spec": {"targetVersion": "4.3.0"}})
    home.until(lambda: home.status()["phase"] == "OlderVersion", "the refusal of an older version")
    assert "spec.rollback.requested" in home.status()["message"]
    assert home.premises.snapshot() == upgraded
    home.patch({"spec": {"targetVersion": "4.3.1"}})
    home.until(lambda: home.status()["observedGeneration"] == 3, "a look at the manifest as it was")
    home.patch({"spec": {"rollback": {"requested": True}}})
    home.wait("condition=RolledBack")
    home.wait("condition=Ready")
    home.premises.assert_as_before(before)


def test_kubectl_oms_approves_pauses_resumes_and_shows(home: ClusterHome, plugin: Plugin) -> None:
    before = home.premises.snapshot()
    home.apply(home.premises.manifest(home.premises.spec(approval="Required")))
    home.until(lambda: home.status().get("phase") == "Approve", "the question")
    assert "Approved default/to-431" in plugin.said("approve")
    home.until_place("BackupMetaDB")
    assert "Paused default/to-431" in plugin.said("pause")
    home.until(lambda: "paused in" in home.status()["message"], "a pause")
    watching = plugin.start("status", "--watch", "--output", "json")
    assert "Resumed default/to-431" in plugin.said("resume", "to-431")
    shown, _ = watching.communicate(timeout=LIMIT_SECONDS)
    assert watching.returncode == 0
    told = [json.loads(line) for line in shown.splitlines()]
    assert told[0]["kind"] == "status"
    assert "paused" in told[0]["message"]
    assert (told[-1]["kind"], told[-1]["outcome"]) == ("end", "Succeeded")
    home.premises.assert_upgraded(before)

    logs = plugin.said("logs")
    home.premises.leaks.look_at_text("the scripts' logs", logs)
    assert "== /root/docker_upgrade.sh in oms_431, ended with 0" in logs
    whole = logs.splitlines()
    assert plugin.said("logs", "--tail", "1").splitlines() == [whole[0], whole[-1]]
    assert "Succeeded" in plugin.said("status", "to-431")
