#!/usr/bin/python3
"""The chart on a real API server.

Goal: what a person does with helm ends as promised: installed, upgraded, uninstalled and installed again,
nothing is lost; Pod Security lets the pod in; and its rights are enough for the real binary, and end where
they should.
Method: the bed's API server, which admits and keeps objects as in a cluster but runs no pods. The pod's
container is run by us instead: the built binary, with the arguments that the Deployment says and a token of
its service account. Its pod is admitted by a dry run, as the Deployment's own controller would ask for it.
"""

from __future__ import annotations

import http.client
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from .kit import CHART, NAME, ROOT, SPACE, Object, helm, render, settings, the

from bed import World  # noqa: E402
from bed.apiserver import ApiServer  # noqa: E402
from bed.process import BedError, answers_well, free_port, wait_until  # noqa: E402

BINARY = ROOT / "build/release/oms-operator"
CRD = "crd/omsupgrades.oms.oceanbase.com"


@pytest.fixture(scope="module")
def server() -> Iterator[ApiServer]:
    with World() as world:
        yield world.apiserver()


def must(*words: str | Path, server: ApiServer) -> str:
    done = helm(*words, kubeconfig=server.kubeconfig)
    assert done.returncode == 0, done.stderr
    return done.stdout


def namespaces(server: ApiServer, *names: str) -> None:
    for name in names:
        made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        server.kubectl("apply", "-f", "-", stdin=json.dumps(made))


@contextmanager
def installed(server: ApiServer, values: Object | None = None, *, name: str = NAME) -> Iterator[None]:
    must("install", name, CHART, "-n", SPACE, "--create-namespace", *settings(values or {}), server=server)
    # Until it has conditions at all, `kubectl wait` gives up at once.
    wait_until(lambda: established(server), what="the schema to be established", seconds=60)
    try:
        yield
    finally:
        must("uninstall", name, "-n", SPACE, server=server)
        assert server.kubectl("get", "deployment,role,rolebinding,clusterrole,clusterrolebinding,serviceaccount",
                              "-n", SPACE, "-l", f"app.kubernetes.io/instance={name}", "-o", "name") == ""


def established(server: ApiServer) -> bool:
    conditions = '{.status.conditions[?(@.type=="Established")].status}'
    return server.kubectl("get", CRD, "-o", f"jsonpath={conditions}") == "True"


def smallest(name: str, space: str) -> str:
    one = yaml.safe_load((ROOT / "manifests/samples/smallest.yaml").read_text())
    one["metadata"] = {"name": name, "namespace": space}
    one["spec"]["paused"] = True
    return json.dumps(one)


def test_upgrade_and_uninstall_lose_nothing(server: ApiServer) -> None:
    with installed(server):
        server.kubectl("apply", "-f", "-", stdin=smallest("kept", "default"))
        before = server.kubectl("get", "omsup/kept", "-o", "jsonpath={.metadata.uid}")
        claim = server.kubectl("get", "pvc/oms-operator", "-n", SPACE, "-o", "jsonpath={.metadata.uid}")
        must("upgrade", NAME, CHART, "-n", SPACE, "--set", "log.level=debug", server=server)
        assert "--log-level=debug" in server.kubectl("get", "deployment/oms-operator", "-n", SPACE, "-o", "yaml")
    again = {
        "resource": lambda: server.kubectl("get", "omsup/kept", "-o", "jsonpath={.metadata.uid}"),
        "claim": lambda: server.kubectl("get", "pvc/oms-operator", "-n", SPACE, "-o", "jsonpath={.metadata.uid}"),
    }
    assert again["resource"]() == before and again["claim"]() == claim
    with installed(server):
        assert again["resource"]() == before and again["claim"]() == claim
    server.kubectl("delete", "omsup/kept")


def test_a_mounted_docker_socket_says_what_it_breaks(server: ApiServer) -> None:
    namespaces(server, SPACE)
    asked = ("install", "socket", CHART, "-n", SPACE, "--set", "crds.enabled=false", "--dry-run=server")
    assert "root on its node" not in must(*asked, server=server)
    socket = {"docker.socket": {"enabled": True, "group": 998}}
    assert "root on its node" in must(*asked, *settings(socket), server=server)


def pod_of(values: Object | None = None) -> str:
    template = the(render(values), "Deployment")["spec"]["template"]
    one = {"apiVersion": "v1", "kind": "Pod", **template}
    one["metadata"]["name"] = "as-the-deployment-asks"
    return json.dumps(one)


@pytest.mark.parametrize("level", ["restricted", "baseline"])
def test_pod_security_lets_the_pod_in_and_not_one_with_the_docker_socket(server: ApiServer, level: str) -> None:
    space = f"security-{level}"
    namespaces(server, space)
    server.kubectl("label", "--overwrite", f"namespace/{space}", f"pod-security.kubernetes.io/enforce={level}")
    server.kubectl("create", "--dry-run=server", "-n", space, "-f", "-", stdin=pod_of())
    socket = {"docker.socket": {"enabled": True, "group": 998}}
    with pytest.raises(BedError, match=f'violates PodSecurity "{level}.*docker-socket'):
        server.kubectl("create", "--dry-run=server", "-n", space, "-f", "-", stdin=pod_of(socket))


def test_pod_security_lets_the_pod_of_helm_test_in(server: ApiServer) -> None:
    namespaces(server, "security-test")
    server.kubectl("label", "--overwrite", "namespace/security-test", "pod-security.kubernetes.io/enforce=restricted")
    pods = [one for one in render(space="security-test") if one["kind"] == "Pod"]
    assert pods
    for one in pods:
        server.kubectl("create", "--dry-run=server", "-n", "security-test", "-f", "-", stdin=json.dumps(one))


def test_the_api_server_takes_everything_that_may_be_turned_on(server: ApiServer) -> None:
    values = {
        "replicas": 3,
        "backups": {"accessMode": "ReadWriteMany", "storageClass": "-", "size": "1.5Ti"},
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": "50%"},
        "networkPolicy.egress": [{"ports": [{"port": 443}]}],
        "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}],
        "docker.socket": {"enabled": True, "group": 998},
        "imagePullSecrets": ["pull"],
        "tolerations": [{"operator": "Exists"}],
        "networkPolicy.metricsFrom": [{"podSelector": {}}],
        "dashboard.enabled": True,
    }
    namespaces(server, SPACE)
    asked = ("install", "all", CHART, "-n", SPACE, "--set", "crds.enabled=false", "--dry-run=server")
    manifest = must(*asked, *settings(values), server=server)
    assert "maxUnavailable: 50%" in manifest
    objects = [one for one in render(values, name="all") if one["kind"] != "CustomResourceDefinition"]
    server.kubectl("create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump_all(objects))


class Running:
    """The operator as its Deployment runs it, with its service account's rights."""

    def __init__(self, server: ApiServer, folder: Path) -> None:
        self.kubeconfig = folder / "kubeconfig"
        config = json.loads(server.kubeconfig.read_text())
        token = server.kubectl("create", "token", "oms-operator", "-n", SPACE)
        config["users"] = [{"name": "admin", "user": {"token": token}}]
        self.kubeconfig.write_text(json.dumps(config))
        deployment = json.loads(server.kubectl("get", "deployment/oms-operator", "-n", SPACE, "-o", "json"))
        self.arguments = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
        self.port, self.metrics = free_port(), free_port()
        self.log = folder / "log"
        self.folder = folder

    @contextmanager
    def running(self) -> Iterator[None]:
        words = [BINARY, *self.arguments, "--kubeconfig", self.kubeconfig, "--backup-dir", self.folder / "backups"]
        words += [f"--health-address=127.0.0.1:{self.port}", f"--metrics-address=127.0.0.1:{self.metrics}"]
        with self.log.open("wb") as log, subprocess.Popen(words, stdout=log, stderr=log) as process:
            try:
                wait_until(self.ready, what=f"the operator to be ready ({self.log})", seconds=60)
                yield
            finally:
                process.terminate()

    def ready(self) -> bool:
        return answers_well(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5), "/readyz")

    def verb(self, *words: str) -> subprocess.CompletedProcess[str]:
        called = [BINARY, *words, "--kubeconfig", self.kubeconfig]
        return subprocess.run(list(map(str, called)), capture_output=True, text=True, check=False)


def holder(server: ApiServer) -> str:
    try:
        return server.kubectl("get", "lease/oms-operator", "-n", SPACE, "-o", "jsonpath={.spec.holderIdentity}")
    except BedError:
        return ""


def seen(server: ApiServer, name: str, space: str) -> bool:
    return server.kubectl("get", f"omsup/{name}", "-n", space, "-o", "jsonpath={.status.observedGeneration}") == "1"


@pytest.mark.parametrize(
    ("values", "watched", "not_watched"),
    [({}, ["shop", "bank"], []), ({"watchNamespaces": ["shop"]}, ["shop"], ["bank"])],
    ids=["whole-cluster", "named-namespaces"],
)
def test_its_rights_are_enough_for_the_real_operator_and_end_there(
    server: ApiServer, tmp_path: Path, values: Object, watched: list[str], not_watched: list[str]
) -> None:
    namespaces(server, "shop", "bank")
    with installed(server, values):
        for space in (*watched, *not_watched):
            server.kubectl("apply", "-f", "-", stdin=smallest("one", space))
        operator = Running(server, tmp_path)
        with operator.running():
            wait_until(lambda: holder(server) != "", what="the operator to lead", seconds=60)
            for space in watched:
                wait_until(lambda s=space: seen(server, "one", s), what=f"a status in {space}", seconds=60)
        assert holder(server) == "", "it gives its lease back"
        said = operator.log.read_text()
        assert "forbidden" not in said.lower(), said
        for space in watched:
            # What `helm test` does.
            done = operator.verb("status", f"--namespace={space}")
            assert done.returncode == 0 and "one" in done.stdout, done.stderr
        for space in not_watched:
            assert operator.verb("status", f"--namespace={space}").returncode != 0
            assert not seen(server, "one", space)
        for space in (*watched, *not_watched):
            server.kubectl("patch", "omsup/one", "-n", space, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
            server.kubectl("delete", "omsup/one", "-n", space)
