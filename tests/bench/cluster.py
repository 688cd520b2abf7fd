"""Figure 4: `oms-operator run` under load, against a real API server, no Docker host within reach."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from .cluster_bed import Cluster, Counters
from .figures import BenchError, Figure, percentile, print_table, say
from .operator_run import Operator
from .watcher import Connection, FirstStatuses

from bed import World  # noqa: E402

# Measured on two cores for programs that do nothing but two status writes; milliseconds, seconds, MB.
CONTROLLER_RUNTIME = {"p50": 8.4, "p99": 12.4, "burst": 8.6, "cpu": 1.7, "rest": 29, "1000": 36, "10000": 59, "start": 2.7}
KUBE_RS = {"p50": 9.2, "p99": 13.1, "burst": 7.2, "cpu": 0.65, "1000": 11, "10000": 31, "start": 1.5}

# Beyond what any program of the kind needs by far; each says what it waited for.
LIMIT_BURST = 600.0
LIMIT_QUIET = 300.0
LIMIT_RELIST = 180.0


@dataclass(frozen=True)
class Sizes:
    singles: int = 200
    burst: int = 1000
    many: int = 10_000
    rest: float = 35.0  # seconds; longer than whatever the operator does now and then


def names_of(kind: str, count: int) -> list[str]:
    return [f"bench-{kind}-{number:05}" for number in range(count)]


def one_by_one(cluster: Cluster, kind: str, count: int) -> list[float]:
    """Milliseconds from the request that creates a resource to the watch event with its first status.

    The next is created when the operator has also recorded its first, vain, try with this one."""
    connection, taken = Connection(cluster.server), []
    with FirstStatuses(cluster.server) as statuses:
        for name in names_of(kind, count):
            begin = time.monotonic()
            cluster.create(connection, name)
            taken.append(1000 * (statuses.wait_for(statuses.at, name, "status") - begin))
            statuses.wait_for(statuses.second, name, "status that tells of the first try")
    connection.close()
    return taken


def bare_one_by_one(cluster: Cluster, count: int, status: bytes) -> list[float]:
    """The same without an operator: what the API server itself needs to create a resource, tell a
    watch, take one status, and tell a watch."""
    connection, taken = Connection(cluster.server), []
    with FirstStatuses(cluster.server) as statuses:
        for name in names_of("bare", count):
            begin = time.monotonic()
            cluster.create(connection, name)
            statuses.wait_for(statuses.created, name, "event of its creation")
            cluster.write_status(connection, name, status)
            taken.append(1000 * (statuses.wait_for(statuses.at, name, "status") - begin))
    connection.close()
    return taken


def bare_at_once(cluster: Cluster, count: int, status: bytes) -> float:
    with FirstStatuses(cluster.server) as statuses:
        begin = time.monotonic()
        cluster.create_many(names_of("bareburst", count), status=status)
        statuses.wait(count, LIMIT_BURST)
    return max(statuses.at.values()) - begin


def all_at_once(cluster: Cluster, operator: Operator, kind: str, count: int) -> tuple[float, float]:
    """Seconds until the last has its first status, and the operator's processor time for it."""
    with FirstStatuses(cluster.server) as statuses:
        cpu, begin = operator.cpu(), time.monotonic()
        cluster.create_many(names_of(kind, count))
        created = time.monotonic() - begin
        try:
            statuses.wait(count, LIMIT_BURST)
        except BenchError as error:
            raise BenchError(f"{error}; the operator has logged:{operator.last_words()}") from error
        took, used = max(statuses.at.values()) - begin, operator.cpu() - cpu
    say(f"{count} created in {created:.2f} s, all with a status after {took:.2f} s, {used:.2f} s of processor time")
    return took, used


def until_quiet(cluster: Cluster) -> None:
    """Until the operator has written nothing for three seconds."""
    begin = last_write = time.monotonic()
    writes = cluster.counters().writes()
    while time.monotonic() < last_write + 3:
        time.sleep(0.5)
        now = cluster.counters().writes()
        if now != writes:
            writes, last_write = now, time.monotonic()
        if last_write > begin + LIMIT_QUIET:
            raise BenchError(f"there were still writes to the API {LIMIT_QUIET:.0f} s after the last resource had its status")


@dataclass(frozen=True)
class Rest:
    """What happens while nothing happens."""

    writes: int
    reads: float  # a second
    cpu: float  # seconds a second
    resident: float  # MB, at its end


def rest(cluster: Cluster, operator: Operator, length: float) -> Rest:
    until_quiet(cluster)
    before, cpu = cluster.counters(), operator.cpu()
    time.sleep(length)  # the very time that is measured
    after, used = cluster.counters(), operator.cpu() - cpu

    def reads(counters: Counters) -> int:
        return counters.requests("GET", "LIST")

    said = Rest(after.writes() - before.writes(), (reads(after) - reads(before)) / length, used / length, operator.resident())
    say(f"at rest: {said.writes} writes, {said.reads:.1f} reads a second, {said.resident:.1f} MB")
    return said


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


class Bench:
    """The steps, each of which adds its figures: those taken before one fails are not lost."""

    def __init__(self, cluster: Cluster, folder: Path, sizes: Sizes) -> None:
        self.cluster, self.folder, self.sizes = cluster, folder, sizes
        self.figures: list[Figure] = []
        self._status = b""

    def latency(self) -> None:
        with Operator(self.cluster.server, self.folder) as operator:
            operator.ready_after()
            empty = rest(self.cluster, operator, self.sizes.rest).resident
            one_by_one(self.cluster, "warm", 5)  # connections, caches
            say(f"{self.sizes.singles} one by one")
            taken = one_by_one(self.cluster, "single", self.sizes.singles)
            say(f"median {statistics.median(taken):.1f} ms, slowest {max(taken):.1f} ms")
            until_quiet(self.cluster)
            operator.stop()
        connection = Connection(self.cluster.server)
        self._status = self.cluster.status_of(connection, "bench-single-00000")
        connection.close()
        self.cluster.clear()
        for percent in (50, 99):
            self.figures += beside(f"create -> first status, p{percent}", f"p{percent}", percentile(taken, percent), "ms", 1)
        self.figures += beside("resident memory with none", "rest", empty, "MB", 1)
        bare = bare_one_by_one(self.cluster, self.sizes.singles, self._status)
        self.cluster.clear()
        for percent in (50, 99):
            own, floor = percentile(taken, percent), percentile(bare, percent)
            name = f"  p{percent}, beside the API server's own part"
            self.figures.append(Figure(name, f"{own:.1f} ms", f"{floor:.1f} ms no operator", floor / own))

    def load(self) -> None:
        sizes, figures = self.sizes, self.figures
        bare = bare_at_once(self.cluster, sizes.burst, self._status)
        self.cluster.clear()
        with Operator(self.cluster.server, self.folder) as operator:
            operator.ready_after()
            took, used = all_at_once(self.cluster, operator, "burst", sizes.burst)
            figures += beside(f"{sizes.burst} at once, until the last has a status", "burst", took, "s", 2)
            figures.append(
                Figure("  beside the API server's own part", f"{took:.2f} s", f"{bare:.2f} s no operator", bare / took)
            )
            figures += beside("  its processor time", "cpu", used, "s", 2)
            self._at_rest(operator, sizes.burst, "1000")
            say(f"{sizes.many - sizes.burst} more")
            took, _ = all_at_once(self.cluster, operator, "many", sizes.many - sizes.burst)
            figures.append(Figure(f"{sizes.many - sizes.burst} more at once, until the last has a status", f"{took:.1f} s"))
            self._at_rest(operator, sizes.many, "10000")
            self._relist(operator)
            operator.stop()

    def start(self) -> None:
        with Operator(self.cluster.server, self.folder) as operator:
            ready = operator.ready_after()
        self.figures += beside(f"start with {self.sizes.many} present, until ready", "start", ready, "s", 2)
        begin = time.monotonic()
        self.cluster.read_all()
        bare = time.monotonic() - begin
        name = "  beside the API server's own part"
        self.figures.append(Figure(name, f"{ready:.2f} s", f"{bare:.2f} s no operator", bare / ready))

    def _at_rest(self, operator: Operator, count: int, key: str) -> None:
        seen = rest(self.cluster, operator, self.sizes.rest)
        self.figures += beside(f"resident memory with {count}", key, seen.resident, "MB", 1)
        self.figures.append(writes(f"writes to the API in {self.sizes.rest:.0f} s at rest, {count} present", seen.writes))
        looks = f"{seen.reads:.1f} reads, {1000 * seen.cpu:.1f} ms of processor"
        self.figures.append(Figure(f"  what it does each second, {count} present", looks))

    def _relist(self, operator: Operator) -> None:
        say("a restart of the API server that forces a relist")
        self.cluster.restart_forgetful()

        # A watch is begun only when a list is whole.
        def listed() -> bool:
            counters = self.cluster.counters()
            return counters.requests("LIST") > 0 and counters.watches() > 0

        operator.wait_until(listed, "a new list and a watch", LIMIT_RELIST, every=0.2)
        seen = rest(self.cluster, operator, self.sizes.rest)
        # The new server's counters began at 0: every write since is the relist's.
        written = self.cluster.counters().writes()
        self.figures.append(writes(f"writes to the API after a forced relist of {self.sizes.many}", written))
        self.figures.append(Figure(f"resident memory after a relist of {self.sizes.many}", f"{seen.resident:.1f} MB"))


def bench(*, quick: bool) -> list[Figure]:
    sizes = Sizes(singles=20, burst=50, many=300, rest=3.0) if quick else Sizes()
    with World() as world:
        folder = world.folder / "operator"
        folder.mkdir()
        steps = Bench(Cluster(world.apiserver()), folder, sizes)
        try:
            steps.latency()
            steps.load()
            steps.start()
        finally:
            print_table("oms-operator run (above 1: ours is less)", steps.figures, NOTES)
    return steps.figures


NOTES = [
    "Every resource names a Docker host of its own that is not there; the operator goes on trying. Latency is taken by a",
    "watch, from the request's first byte to the event's arrival. Writes are apiserver_request_total of omsupgrades and",
    "events. Memory is taken at the end of a rest. \"No operator\": the same resources created and given the same status by",
    "clients that do nothing else, eight for the burst, else one: what this machine's API server needs itself.",
    "The others' figures were taken elsewhere, on two cores, of programs that do nothing but two status writes.",
    "$ oms-operator run --kubeconfig F --backup-dir D --health-address 127.0.0.1:PORT --metrics-address 127.0.0.1:0",
]
