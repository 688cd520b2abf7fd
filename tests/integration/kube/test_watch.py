#!/usr/bin/python3
"""No transition is missed, whatever happens to the API server in the middle of a watch.

Method: a real API server and etcd; a reflector of ours (kube_watch_probe, in the folder that
OMS_TEST_BUILD names) prints what it is told. The server is restarted, killed and made to forget
its history; the probe is frozen meanwhile. In the end its account must be the server's.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests"))

from bed import World  # noqa: E402
from bed.apiserver import ApiServer  # noqa: E402

UPGRADES = "/apis/oms.oceanbase.com/v1alpha1/namespaces/default/omsupgrades"
LIMIT_SECONDS = 90


@pytest.fixture(scope="module")
def cluster() -> Iterator[ApiServer]:
    with World() as world:
        server = world.apiserver()
        crd = yaml.safe_load((ROOT / "crds/omsupgrades.yaml").read_text())
        status, body = server.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd)
        assert status == 201, body
        yield server


class Probe:
    """The reflector's account of the world, kept up to date by a thread."""

    def __init__(self, kubeconfig: Path) -> None:
        program = next(Path(os.environ["OMS_TEST_BUILD"]).rglob("kube_watch_probe"))
        self._process = subprocess.Popen(
            [program],
            # It ends in the middle of a watch, of which cpprestsdk's threads then still hold a part.
            env={**os.environ, "KUBECONFIG": str(kubeconfig), "ASAN_OPTIONS": "detect_leaks=0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self.account: set[str] = set()
        self.told: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))

    def wait_for(self, wanted: str) -> None:
        """Reads on until this line comes; fails when it does not."""
        while True:
            try:
                line = self._lines.get(timeout=LIMIT_SECONDS)
            except queue.Empty:
                pytest.fail(f"never told {wanted!r}; told {self.told}")
            self.told.append(line)
            word, _, name = line.partition(" ")
            if word == "added":
                assert name not in self.account, "told twice"
                self.account.add(name)
            if word == "deleted":
                self.account.remove(name)
            if line == wanted:
                return

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def end(self) -> int:
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._process.wait(timeout=30)


@pytest.fixture
def probe(cluster: ApiServer) -> Iterator[Probe]:
    made = Probe(cluster.kubeconfig)
    try:
        made.wait_for("synced")
        yield made
    finally:
        made.thaw()
        assert made.end() == 0


def create(cluster: ApiServer, name: str) -> None:
    upgrade = {
        "apiVersion": "oms.oceanbase.com/v1alpha1",
        "kind": "OMSUpgrade",
        "metadata": {"name": name},
        "spec": {
            "targetVersion": "4.3.1",
            "image": {"reference": "oms:4.3.1"},
            "nodes": [{"container": "oms_430"}],
        },
    }
    status, body = cluster.request("POST", UPGRADES, upgrade)
    assert status == 201, body


def delete(cluster: ApiServer, name: str) -> None:
    status, body = cluster.request("DELETE", f"{UPGRADES}/{name}")
    assert status == 200, body


def names(cluster: ApiServer) -> set[str]:
    _, body = cluster.request("GET", UPGRADES)
    return {item["metadata"]["name"] for item in json.loads(body)["items"]}


def forget_history(cluster: ApiServer) -> None:
    """Compacts etcd up to now, and restarts the API server, whose cache then begins there."""

    def ask(path: str, body: dict[str, object]) -> dict[str, object]:
        request = urllib.request.Request(cluster.etcd.url + path, json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    header = ask("/v3/kv/range", {"key": "YQ=="})["header"]
    assert isinstance(header, dict)
    ask("/v3/kv/compaction", {"revision": header["revision"], "physical": True})
    cluster.restart()


def test_a_restart_in_the_middle_of_a_watch_loses_nothing(cluster: ApiServer, probe: Probe) -> None:
    create(cluster, "before")
    probe.wait_for("added before")
    cluster.restart()
    create(cluster, "after")
    probe.wait_for("added after")
    cluster.kill()
    cluster.start()
    delete(cluster, "before")
    probe.wait_for("deleted before")
    assert probe.account == names(cluster)


def test_what_came_and_went_unseen_is_told_after_history_is_gone(cluster: ApiServer, probe: Probe) -> None:
    for name in ("stays", "goes"):
        create(cluster, name)
        probe.wait_for(f"added {name}")
    probe.freeze()
    create(cluster, "comes")
    create(cluster, "flash")
    delete(cluster, "flash")
    delete(cluster, "goes")
    forget_history(cluster)
    probe.thaw()
    told = len(probe.told)
    probe.wait_for("synced")  # the relist: frozen, it had heard nothing of its stream
    assert probe.account == names(cluster)
    assert "added stays" not in probe.told[told:]
    assert "modified stays" not in probe.told[told:]
    create(cluster, "last")
    probe.wait_for("added last")
    assert probe.account == names(cluster)


def test_a_token_of_a_file_is_credentials_enough(cluster: ApiServer, tmp_path: Path) -> None:
    config = json.loads(cluster.kubeconfig.read_text())
    config["users"][0]["user"] = {"tokenFile": "token"}
    (tmp_path / "token").write_text(cluster.token + "\n")
    (tmp_path / "config").write_text(json.dumps(config))
    made = Probe(tmp_path / "config")
    try:
        made.wait_for("synced")
        create(cluster, "by-token")
        made.wait_for("added by-token")
    finally:
        assert made.end() == 0


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, "-v"]))
