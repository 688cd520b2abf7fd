"""Figure 4: `oms-operator run` under load, against a real API server, no Docker host within reach."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import statistics
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import ROOT
from .figures import BenchError, Figure, percentile, print_table, say
from .watcher import PATH, Connection, FirstStatuses

from bed import World  # noqa: E402
from bed.apiserver import ApiServer  # noqa: E402
from bed.process import free_port  # noqa: E402
from kit import operator_binary  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")

# Measured on two cores for programs that do nothing but two status writes; milliseconds, seconds, MB.
CONTROLLER_RUNTIME = {"p50": 8.4, "p99": 12.4, "burst": 8.6, "cpu": 1.7, "rest": 29, "1000": 36, "10000": 59, "start": 2.7}
KUBE_RS = {"p50": 9.2, "p99": 13.1, "burst": 7.2, "cpu": 0.65, "1000": 11, "10000": 31, "start": 1.5}

WRITES = re.compile(
    r'^apiserver_request_total\{(?=.*resource="(?:omsupgrades|events)")(?=.*verb="(?:POST|PUT|PATCH|APPLY|DELETE)").*\} '
    r"(\d+(?:\.\d+)?(?:e\+\d+)?)$",
    re.MULTILINE,
)
LISTS = re.compile(
    r'^apiserver_request_total\{(?=.*resource="omsupgrades")(?=.*verb="LIST").*\} (\d+(?:\.\d+)?(?:e\+\d+)?)$', re.MULTILINE
)


class Operator:
    """`oms-operator run`, as a process that is measured."""

    def __init__(self, server: ApiServer, folder: Path) -> None:
        self.log = folder / "operator.log"
        self.port = free_port()
        words = ["run", "--kubeconfig", server.kubeconfig, "--backup-dir", folder / "backups"]
        self.began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *("/usr/bin/setpriv", "--pdeathsig", "KILL", operator_binary()),
                    *(*map(str, words), f"--health-address=127.0.0.1:{self.port}"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def ready_after(self, seconds: float = 120) -> float:
        """Seconds from the start until /readyz says yes."""
        while time.monotonic() < self.began + seconds:
            if self._process.poll() is not None:
                raise BenchError(f"the operator ended: {self.log.read_text()[-2000:]}")
            if self._readyz():
                return time.monotonic() - self.began
            time.sleep(0.005)
        raise BenchError(f"the operator was not ready after {seconds:.0f} s")

    def cpu(self) -> float:
        """Seconds of processor time, its own and the kernel's on its behalf."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident(self) -> float:
        """Resident memory in MB."""
        text = Path(f"/proc/{self._process.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s+(\d+) kB", text, re.MULTILINE)
        return int(found[1]) / 1000 if found else 0.0

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=30)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _readyz(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


class Cluster:
    def __init__(self, server: ApiServer) -> None:
        self.server = server
        crd = ROOT / "crds/omsupgrades.yaml"
        server.kubectl("apply", "-f", crd)
        server.kubectl("wait", "--for=condition=Established", "crd/omsupgrades.oms.oceanbase.com")
        self._until_served()

    def _until_served(self) -> None:
        for _ in range(200):
            if self.server.request("GET", PATH)[0] == 200:
                return
            time.sleep(0.05)
        raise BenchError("the new resource is not served")

    def create(self, connection: Connection, name: str) -> None:
        """Each on a Docker host of its own, else the second would wait for the first."""
        endpoint = f"unix:///nonexistent/{name}.sock"
        resource = {
            "apiVersion": "oms.oceanbase.com/v1alpha1",
            "kind": "OMSUpgrade",
            "metadata": {"name": name},
            "spec": {
                "targetVersion": "4.3.1",
                "image": {"reference": "oms:feature_4.3.1"},
                "nodes": [{"docker": {"endpoint": endpoint}, "container": "oms_430"}],
                # It goes on trying, instead of giving up after a minute.
                "deadlines": [{"phase": "Precheck", "seconds": 86400}],
            },
        }
        connection.request("POST", PATH, json.dumps(resource).encode())

    def create_many(self, names: list[str], *, at_once: int = 8) -> None:
        def some(part: list[str]) -> None:
            connection = Connection(self.server)
            for name in part:
                self.create(connection, name)
            connection.close()

        with ThreadPoolExecutor(at_once) as pool:
            for _ in pool.map(some, [names[i::at_once] for i in range(at_once)]):
                pass

    def clear(self) -> None:
        connection = Connection(self.server)
        connection.request("DELETE", PATH)
        connection.close()

    def count(self, pattern: re.Pattern[str]) -> int:
        """A sum of the API server's own counters."""
        _, metrics = self.server.request("GET", "/metrics")
        return int(sum(float(number) for number in pattern.findall(metrics.decode())))

    def restart_forgetful(self) -> None:
        """So that a watch cannot be resumed: its resourceVersion is older than what the server holds."""
        self.server.stop()
        # Any write moves the revision on; what lies before is compacted away.
        body = {"key": "YmVuY2g=", "value": "YmVuY2g="}
        revision = int(self._etcd("/v3/kv/put", body)["header"]["revision"])
        self._etcd("/v3/kv/compaction", {"revision": revision, "physical": True})
        self.server.start()

    def _etcd(self, path: str, body: object) -> dict[str, dict[str, str]]:
        request = urllib.request.Request(self.server.etcd.url + path, json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return dict(json.load(answer))


def one_by_one(cluster: Cluster, prefix: str, count: int) -> list[float]:
    """Milliseconds from the request that creates a resource to the watch event with its first status."""
    connection, taken = Connection(cluster.server), []
    with FirstStatuses(cluster.server) as statuses:
        for number in range(count):
            name = f"bench-{prefix}-{number:05}"
            begin = time.monotonic()
            cluster.create(connection, name)
            taken.append(1000 * (statuses.wait_for(name, 30) - begin))
            # What the operator does after the first status is not to delay the next one.
            time.sleep(0.03)
    connection.close()
    return taken


def all_at_once(cluster: Cluster, operator: Operator, prefix: str, count: int) -> tuple[float, float]:
    """Seconds until the last has its first status, and the operator's processor time for it."""
    names = [f"bench-{prefix}-{number:05}" for number in range(count)]
    with FirstStatuses(cluster.server) as statuses:
        cpu, begin = operator.cpu(), time.monotonic()
        cluster.create_many(names)
        created = time.monotonic() - begin
        statuses.wait(count, 900)
        took, used = max(statuses.at.values()) - begin, operator.cpu() - cpu
    say(f"{count} created in {created:.2f} s, all with a status after {took:.2f} s, {used:.2f} s of processor time")
    return took, used


def writes_within(cluster: Cluster, seconds: float) -> int:
    before = cluster.count(WRITES)
    time.sleep(seconds)
    return cluster.count(WRITES) - before


def until_quiet(cluster: Cluster, limit: float = 300) -> None:
    end = time.monotonic() + limit
    while writes_within(cluster, 2) > 0:
        if time.monotonic() > end:
            raise BenchError(f"the operator still writes {limit:.0f} s after the last resource came")


def beside(name: str, key: str, value: float, unit: str, digits: int) -> list[Figure]:
    """A row each for those that we are to beat; a ratio above 1 says that ours is less."""
    rows = []
    for what, figures in (("controller-runtime", CONTROLLER_RUNTIME), ("kube-rs", KUBE_RS)):
        if key in figures:
            against = f"{figures[key]:g} {unit} {what}"
            rows.append(Figure(name, f"{value:.{digits}f} {unit}", against, figures[key] / value, goal_least=1.0))
    return rows


def writes(name: str, count: int) -> Figure:
    return Figure(name, str(count), "0", float(count), goal_most=0)


def measure(world: World, *, quick: bool) -> list[Figure]:
    singles, burst, many, rest = (20, 50, 300, 3.0) if quick else (200, 1000, 10_000, 30.0)
    cluster = Cluster(world.apiserver())
    folder = world.folder / "operator"
    folder.mkdir()
    operator = Operator(cluster.server, folder)
    operator.ready_after()
    time.sleep(1)
    empty = operator.resident()
    one_by_one(cluster, "warm", 5)  # connections, caches
    say(f"{singles} one by one")
    taken = one_by_one(cluster, "single", singles)
    say(f"median {statistics.median(taken):.1f} ms, slowest {max(taken):.1f} ms")

    operator.stop()
    cluster.clear()
    operator = Operator(cluster.server, folder)
    operator.ready_after()
    took, used = all_at_once(cluster, operator, "burst", burst)
    until_quiet(cluster)
    after_burst, cpu = operator.resident(), operator.cpu()
    at_rest = writes_within(cluster, rest)
    idle = (operator.cpu() - cpu) / rest

    all_at_once(cluster, operator, "many", many - burst)
    until_quiet(cluster)
    full = operator.resident()

    say("a restart of the API server that forces a relist")
    cluster.restart_forgetful()
    end = time.monotonic() + 60
    while cluster.count(LISTS) == 0:
        if time.monotonic() > end:
            raise BenchError("the operator did not list anew after the API server had forgotten")
        time.sleep(0.2)
    writes_within(cluster, 5 if quick else 15)
    relisted = cluster.count(WRITES)  # the counters began at 0 with the new server
    relisted_memory = operator.resident()
    operator.stop()

    operator = Operator(cluster.server, folder)
    start = operator.ready_after()
    operator.kill()

    figures = beside("create -> first status, p50", "p50", percentile(taken, 50), "ms", 1)
    figures += beside("create -> first status, p99", "p99", percentile(taken, 99), "ms", 1)
    figures += beside(f"{burst} at once, until the last has a status", "burst", took, "s", 2)
    figures += beside("  its processor time", "cpu", used, "s", 2)
    figures += beside("resident memory with none", "rest", empty, "MB", 1)
    figures += beside(f"resident memory with {burst}", "1000", after_burst, "MB", 1)
    figures += beside(f"resident memory with {many}", "10000", full, "MB", 1)
    figures += beside(f"start with {many} present, until ready", "start", start, "s", 2)
    figures.append(writes(f"writes to the API in {rest:.0f} s at rest, {burst} present", at_rest))
    figures.append(writes(f"writes to the API after a forced relist of {many}", relisted))
    figures.append(Figure("processor time at rest, a second", f"{1000 * idle:.1f} ms"))
    figures.append(Figure(f"resident memory after a relist of {many}", f"{relisted_memory:.1f} MB"))
    return figures


def bench(*, quick: bool) -> list[Figure]:
    with World() as world:
        figures = measure(world, quick=quick)
    notes = [
        "Every resource names a Docker host of its own that is not there; the operator goes on trying. Latency is taken by a",
        "watch, from the request's first byte to the event's arrival. Writes are apiserver_request_total of omsupgrades and",
        "events. The others' figures were taken elsewhere, on two cores, of programs that do nothing but two status writes.",
        "$ oms-operator run --kubeconfig F --backup-dir D --health-address 127.0.0.1:PORT",
    ]
    print_table("oms-operator run (above 1: ours is less)", figures, notes)
    return figures
