#!/usr/bin/python3
"""The CRD and the manifests, asked of a real API server.

Method: the same table of bad manifests that api_test reads (bad_manifests/) is
created with --dry-run=server. OMS_TEST_KUBECONFIG names the cluster to use;
without it the bed starts an API server.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))

from bed import World, control_plane  # noqa: E402
from bed.process import wait_until  # noqa: E402

BAD_MANIFESTS = sorted((HERE / "bad_manifests").glob("*.yaml"))


class Cluster:
    def __init__(self, kubeconfig: Path) -> None:
        self._kubeconfig = kubeconfig

    def run(self, *arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(control_plane.kubectl()), f"--kubeconfig={self._kubeconfig}", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def kubectl(self, *arguments: str | Path, stdin: str = "") -> str:
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def smallest(self, name: str) -> dict:
        """The ten-line manifest of samples/, made under another name, as the server keeps it."""
        manifest = self.kubectl(
            "create", "--dry-run=client", "-o", "json", "-f", ROOT / "manifests/samples/smallest.yaml"
        )
        wanted = json.loads(manifest)
        wanted["metadata"] = {"name": name, "namespace": "default"}
        return json.loads(self.kubectl("create", "-o", "json", "-f", "-", stdin=json.dumps(wanted)))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    kubeconfig = os.environ.get("OMS_TEST_KUBECONFIG")
    if kubeconfig:
        yield installed(Cluster(Path(kubeconfig)))
        return
    with World() as world:
        yield installed(Cluster(world.apiserver().kubeconfig))


def installed(cluster: Cluster) -> Cluster:
    cluster.kubectl("apply", "-k", ROOT / "crds")
    # Until it has conditions at all, `kubectl wait` gives up at once.
    established = ("wait", "--for=condition=Established", "crd/omsupgrades.oms.oceanbase.com")
    wait_until(lambda: cluster.run(*established).returncode == 0, what="the CRD to be established", seconds=60)
    return cluster


def expected(manifest: Path) -> str:
    """The second line's message where the API server has words of its own, else the first line's."""
    first, second = manifest.read_text().splitlines()[:2]
    own = "# by the API server: "
    if second.startswith(own):
        return second.removeprefix(own)
    assert first.startswith("# expected: ")
    return first.removeprefix("# expected: ")


def test_the_schema_is_structural_and_its_names_are_free(cluster: Cluster) -> None:
    crd = json.loads(cluster.kubectl("get", "crd", "omsupgrades.oms.oceanbase.com", "-o", "json"))
    conditions = {one["type"]: one["status"] for one in crd["status"]["conditions"]}
    assert conditions["NamesAccepted"] == "True"
    assert conditions["Established"] == "True"
    assert conditions.get("NonStructuralSchema", "False") == "False"


def test_the_table_of_bad_manifests_is_there() -> None:
    assert len(BAD_MANIFESTS) > 50


@pytest.mark.parametrize("manifest", BAD_MANIFESTS, ids=lambda path: path.stem)
def test_a_bad_manifest_is_refused_and_told_why(cluster: Cluster, manifest: Path) -> None:
    done = cluster.run("create", "--dry-run=server", "-f", manifest)
    assert done.returncode != 0, "was accepted"
    assert expected(manifest) in done.stderr


def test_the_smallest_manifest_comes_back_with_its_defaults(cluster: Cluster) -> None:
    spec = cluster.smallest("smallest")["spec"]
    assert spec["nodes"] == [
        {"docker": {"endpoint": "unix:///var/run/docker.sock"}, "container": "oms_430", "role": "All"}
    ]
    assert spec["deploymentMode"] == "Integrated"
    assert spec["backup"] == {"compression": "Zstd", "verify": "ReadBack", "threads": 4}
    assert spec["ha"] == {"perceiveStoreClientCheckpoint": True}
    assert spec["prechecks"] == {"duplicateTaskNames": "Fail"}
    assert spec["rollback"] == {"onFailure": "Automatic", "requested": False}
    assert spec["approval"] == "NotRequired"


def test_its_columns_show_what_a_person_asks_first(cluster: Cluster) -> None:
    cluster.smallest("columns")
    status = {
        "phase": "Succeeded",
        "message": "OMS runs 4.3.1",
        "downtimeSeconds": 83,
        "conditions": [
            {
                "type": "Ready",
                "status": "True",
                "reason": "Succeeded",
                "message": "OMS runs 4.3.1",
                "lastTransitionTime": "2026-01-31T12:00:00Z",
            }
        ],
    }
    cluster.kubectl(
        "patch", "omsup", "columns", "--subresource=status", "--type=merge", "-p", json.dumps({"status": status})
    )
    header, row = cluster.kubectl("get", "omsup", "columns").splitlines()
    assert header.split() == ["NAME", "PHASE", "TARGET", "READY", "MESSAGE", "DOWNTIME", "AGE"]
    assert row.split()[:8] == ["columns", "Succeeded", "4.3.1", "True", "OMS", "runs", "4.3.1", "83"]
    assert "columns" in cluster.kubectl("get", "oms")


def test_status_is_written_through_its_own_door_only(cluster: Cluster) -> None:
    made = cluster.smallest("status")
    made["status"] = {"phase": "Succeeded"}
    replaced = json.loads(cluster.kubectl("replace", "-o", "json", "-f", "-", stdin=json.dumps(made)))
    assert replaced["status"] == {"observedGeneration": -1}, "what tools read until the operator has looked"
    assert replaced["metadata"]["generation"] == made["metadata"]["generation"]


def test_every_field_that_the_operator_writes_is_kept(cluster: Cluster) -> None:
    # api_test holds this file against the C++ types: it is a status with every field said.
    full = json.loads((HERE / "full.json").read_text())
    cluster.smallest("full")
    kept = json.loads(
        cluster.kubectl(
            "patch",
            "omsup",
            "full",
            "--subresource=status",
            "--type=merge",
            "-o",
            "json",
            "-p",
            json.dumps({"status": full["status"]}),
        )
    )
    assert kept["status"] == full["status"]
    for name, spec in apart(full["spec"]).items():
        wanted = {**full, "metadata": {"name": name, "namespace": "default"}, "spec": spec}
        made = cluster.kubectl("create", "-o", "json", "-f", "-", stdin=json.dumps(wanted))
        assert json.loads(made)["spec"] == spec


def apart(spec: dict) -> dict[str, dict]:
    """Every field once at least; some of them exclude each other."""
    separated, integrated = copy.deepcopy(spec), copy.deepcopy(spec)
    del separated["discovery"], separated["metaDB"]["separateCM"]
    del integrated["assistantImage"]
    integrated |= {"deploymentMode": "Integrated", "keepTasksRunning": False}
    integrated["nodes"][0]["role"] = "All"
    return {"separated": separated, "integrated": integrated}


def test_one_command_installs_everything(cluster: Cluster) -> None:
    cluster.kubectl("apply", "-k", ROOT / "manifests")
    cluster.kubectl("get", "deployment/oms-operator", "serviceaccount/oms-operator", "-n", "oms-system")


def test_the_samples_are_accepted_and_start_nothing(cluster: Cluster) -> None:
    cluster.kubectl("apply", "-k", ROOT / "manifests")
    cluster.kubectl("apply", "-k", ROOT / "manifests/samples")
    cluster.kubectl("apply", "-n", "oms-system", "-f", ROOT / "manifests/samples/secret-reader.yaml")
    upgrades = json.loads(cluster.kubectl("get", "omsup", "-n", "oms-system", "-o", "json"))["items"]
    assert [one["spec"]["paused"] for one in upgrades] == [True, True]


@pytest.mark.parametrize(
    ("allowed", "verb", "what"),
    [
        ("yes", "watch", "omsupgrades.oms.oceanbase.com"),
        ("yes", "patch", "omsupgrades.oms.oceanbase.com/status"),
        ("yes", "get", "secrets/oms-metadb"),
        ("yes", "create", "events.events.k8s.io"),
        ("yes", "patch", "leases.coordination.k8s.io/oms-operator"),
        ("no", "patch", "leases.coordination.k8s.io/another"),
        ("no", "create", "events"),
        ("no", "update", "omsupgrades.oms.oceanbase.com"),
        ("no", "delete", "omsupgrades.oms.oceanbase.com"),
        ("no", "create", "omsupgrades.oms.oceanbase.com"),
        ("no", "list", "secrets"),
        ("no", "watch", "secrets"),
        ("no", "create", "pods"),
        ("no", "create", "pods/exec"),
    ],
)
def test_the_operator_may_do_its_work_and_no_more(cluster: Cluster, allowed: str, verb: str, what: str) -> None:
    cluster.kubectl("apply", "-k", ROOT / "manifests")
    subresource = []
    if what.endswith(("/status", "/exec")):
        what, _, name = what.partition("/")
        subresource = [f"--subresource={name}"]
    done = cluster.run(
        "auth",
        "can-i",
        verb,
        what,
        *subresource,
        "--namespace=oms-system",
        "--as=system:serviceaccount:oms-system:oms-operator",
    )
    assert done.stdout.strip() == allowed
