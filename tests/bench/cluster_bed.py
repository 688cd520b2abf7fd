"""A cluster without nodes, filled with resources whose Docker hosts are not there."""

from __future__ import annotations

import json
import re
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from . import ROOT
from .figures import BenchError
from .watcher import PATH, Connection

from bed.apiserver import ApiServer  # noqa: E402
from bed.process import wait_until  # noqa: E402

WRITING = ("POST", "PUT", "PATCH", "APPLY", "DELETE")

_SAMPLE = re.compile(r"^(apiserver_request_total|apiserver_longrunning_requests)\{(.*)\} (\S+)$", re.MULTILINE)
_CONTINUE = re.compile(rb'"continue":"([A-Za-z0-9_=-]+)"')
_LABEL = re.compile(r'(\w+)="([^"]*)"')


class Counters:
    """The API server's own, of one moment."""

    def __init__(self, metrics: str) -> None:
        self._samples = [(name, dict(_LABEL.findall(labels)), float(value)) for name, labels, value in _SAMPLE.findall(metrics)]

    def requests(self, *verbs: str, resources: tuple[str, ...] = ("omsupgrades",)) -> int:
        """Answered, whatever the answer."""
        return self._sum("apiserver_request_total", verbs, resources)

    def writes(self) -> int:
        return self.requests(*WRITING, resources=("omsupgrades", "events"))

    def watches(self) -> int:
        """Under way."""
        return self._sum("apiserver_longrunning_requests", ("WATCH",), ("omsupgrades",))

    def _sum(self, metric: str, verbs: tuple[str, ...], resources: tuple[str, ...]) -> int:
        return int(
            sum(
                value
                for name, labels, value in self._samples
                if name == metric and labels.get("verb") in verbs and labels.get("resource") in resources
            )
        )


class Cluster:
    def __init__(self, server: ApiServer) -> None:
        self.server = server
        crd = ROOT / "crds/omsupgrades.yaml"
        server.kubectl("apply", "-f", crd)
        server.kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd/omsupgrades.oms.oceanbase.com")
        wait_until(lambda: server.request("GET", PATH)[0] == 200, what="the new resource in the API", seconds=30)

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

    def status_of(self, connection: Connection, name: str) -> bytes:
        """A body that gives another resource the same status."""
        resource = json.loads(connection.request("GET", f"{PATH}/{name}"))
        return json.dumps({"status": resource["status"]}).encode()

    def write_status(self, connection: Connection, name: str, body: bytes) -> None:
        connection.request("PATCH", f"{PATH}/{name}/status", body, "application/merge-patch+json")

    def create_many(self, names: list[str], *, status: bytes | None = None, at_once: int = 8) -> None:
        """`status`: each is given that one at once, by the connection that created it."""

        def some(part: list[str]) -> None:
            connection = Connection(self.server)
            for name in part:
                self.create(connection, name)
                if status is not None:
                    self.write_status(connection, name, status)
            connection.close()

        with ThreadPoolExecutor(at_once) as pool:
            for _ in pool.map(some, [names[i::at_once] for i in range(at_once)]):
                pass

    def read_all(self) -> None:
        """Page by page, and thrown away."""
        connection, path = Connection(self.server), f"{PATH}?limit=500"
        # The list's own metadata comes after its items.
        while token := _CONTINUE.search(connection.request("GET", path)[-2000:]):
            path = f"{PATH}?limit=500&continue={token[1].decode()}"
        connection.close()

    def clear(self) -> None:
        connection = Connection(self.server)
        connection.request("DELETE", PATH)
        left = json.loads(connection.request("GET", f"{PATH}?limit=1"))["items"]
        connection.close()
        if left:
            raise BenchError(f"{left[0]['metadata']['name']} is still there after all were deleted: {left[0]['metadata']}")

    def counters(self) -> Counters:
        status, metrics = self.server.request("GET", "/metrics")
        if status != 200:
            raise BenchError(f"the API server does not show its metrics: {status} {metrics[:500]!r}")
        return Counters(metrics.decode())

    def restart_forgetful(self) -> None:
        """So that a watch cannot be resumed: its resourceVersion is older than what the server holds."""
        # When asked to stop it would wait half a minute for the watches to end. etcd has all it knows.
        self.server.kill()
        # Any write moves the revision on; what lies before is compacted away.
        body = {"key": "YmVuY2g=", "value": "YmVuY2g="}
        revision = int(self._etcd("/v3/kv/put", body)["header"]["revision"])
        self._etcd("/v3/kv/compaction", {"revision": revision, "physical": True})
        self.server.start()

    def _etcd(self, path: str, body: object) -> dict[str, dict[str, str]]:
        request = urllib.request.Request(self.server.etcd.url + path, json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return dict(json.load(answer))
