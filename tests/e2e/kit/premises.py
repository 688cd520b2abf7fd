"""The premises of a test: one OMS on a Docker host of the bed, its MetaDB, and a place for our state."""

from __future__ import annotations

import base64
import copy
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from . import ROOT  # noqa: F401  (finds the packages below)
from .leaks import Leaks
from .operator import Ended, Running
from .snapshot import Snapshot

from bed.docker import Docker  # noqa: E402
from stand_in import images  # noqa: E402
from stand_in.seed import Seed, seed  # noqa: E402
from stand_in.site import Site, container_name  # noqa: E402
from stand_in.traces import Trace, traces  # noqa: E402

OLD, NEW = "oms_430", "oms_431"

# Of a stand-in it is known when it breaks; nothing more is learnt by looking on for longer.
CONFIRM_SECONDS = 2


def secret(name: str, **values: str) -> dict[str, Any]:
    """A Secret as `kubectl get -o yaml` would show it."""
    data = {key.replace("_", "."): base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}


def client_secret(docker: Docker, name: str) -> dict[str, Any]:
    """What a client of a Docker host needs, under the names of a kubernetes.io/tls Secret."""
    folder = docker.tls_folder
    assert folder is not None
    files = {"ca_crt": "ca.pem", "tls_crt": "cert.pem", "tls_key": "key.pem"}
    return secret(name, **{key: (folder / file).read_text() for key, file in files.items()})


@dataclass
class Premises:
    docker: Docker
    site: Site
    folder: Path
    secrets: list[dict[str, Any]] = field(default_factory=list)
    name: str = "to-431"
    source: str = "4.3.0"
    target: str = "4.3.1"

    def __post_init__(self) -> None:
        self.state_dir = self.folder / "state"
        self.leaks = Leaks([self.site.metadb.password])

    @property
    def old(self) -> str:
        """The container that is upgraded, as the procedure calls it."""
        return container_name(self.source)

    @property
    def new(self) -> str:
        return container_name(self.target)

    # What is there before an upgrade.

    def settle(
        self, *, boot: bool = True, restart: str | None = None, oat: str | None = None, **seeded: Any
    ) -> None:
        """An OMS that has been in use, up and healthy."""
        self.site.lay_out(self.source, oat=oat)
        self.seed(**seeded)
        if boot:
            self.site.run(self.source, restart=restart)
            self.wait_well(self.old)

    def seed(self, **wanted: Any) -> None:
        found = Seed(version=self.source, host_ip=self.site.host_ip, names=self.site.names)
        seed(self.site.metadb, replace(found, **wanted))

    def wait_well(self, container: str) -> None:
        self.site.wait_healthy(container, 120)
        self.site.wait_online(60)

    def clear(self) -> None:
        for container in self.docker.cli("ps", "-aq").split():
            self.docker.cli("rm", "-f", container)

    # The upgrade.

    def spec(self, **more: Any) -> dict[str, Any]:
        """The smallest spec of the design, and what a test adds to it."""
        smallest = {
            "targetVersion": self.target,
            "image": {"reference": images.reference(self.target)},
            "nodes": [{"docker": {"endpoint": self.docker.endpoint}, "container": self.old}],
        }
        return {**copy.deepcopy(smallest), **more}

    def manifest(self, spec: dict[str, Any] | None = None, **deadlines: int) -> Path:
        """`deadlines` are for phases that a test lets fail: by default they may take very long.

        A spec whose confirmSeconds is None leaves them to the operator.
        """
        wanted = {"confirmSeconds": CONFIRM_SECONDS, **(spec if spec is not None else self.spec())}
        if wanted["confirmSeconds"] is None:
            del wanted["confirmSeconds"]
        if deadlines:
            limits = [{"phase": phase, "seconds": most} for phase, most in deadlines.items()]
            wanted = {**wanted, "deadlines": limits}
        resource = {
            "apiVersion": "oms.oceanbase.com/v1alpha1",
            "kind": "OMSUpgrade",
            "metadata": {"name": self.name},
            "spec": wanted,
        }
        return self.write(yaml.safe_dump_all([resource, *self.secrets], sort_keys=False))

    def tls_secret(self, name: str) -> dict[str, Any]:
        return client_secret(self.docker, name)

    def write(self, text: str) -> Path:
        path = self.folder / "upgrade.yaml"
        path.write_text(text)
        return path

    def start(self, manifest: Path | None = None, *more: str) -> Running:
        words: list[str | Path] = ["upgrade", "-f", manifest or self.manifest()]
        words += ["--state-dir", self.state_dir, "--output", "json", *more]
        return Running(words, watched=self.leaks.look_at_processes)

    def upgrade(self, manifest: Path | None = None, *more: str) -> Ended:
        return self._searched(self.start(manifest, *more).end())

    def roll_back(self, *more: str) -> Ended:
        words: list[str | Path] = ["rollback", "--state-dir", self.state_dir, "--output", "json", *more]
        return self._searched(Running(words, watched=self.leaks.look_at_processes).end())

    def report(self) -> str:
        ended = Running(["report", "--state-dir", self.state_dir]).end()
        assert ended.code == 0, ended
        return ended.stdout

    def _searched(self, ended: Ended) -> Ended:
        self.leaks.look_at_text("stdout", ended.stdout)
        self.leaks.look_at_text("stderr", ended.stderr)
        return ended

    # What is there after it.

    def snapshot(self) -> Snapshot:
        return Snapshot.of(self.site, self.old)

    def inspect(self, container: str) -> dict[str, Any]:
        return dict(json.loads(self.docker.cli("inspect", container))[0])

    def ha(self) -> str:
        ((value,),) = self.sql(
            self.site.names.rm, "SELECT cfg_value FROM oms_normal_config WHERE cfg_name = 'ha.config'"
        )
        return str(value)

    def sql(self, database: str, statement: str) -> tuple[tuple[object, ...], ...]:
        with self.site.metadb.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return tuple(cursor.fetchall())

    def traces(self) -> list[Trace]:
        with self.site.metadb.connect() as connection:
            return traces(connection, self.site.names)

    def assert_upgraded(self, before: Snapshot, *, same_config: bool = False) -> None:
        """The new OMS works, nothing that must not happen has happened, and nothing was told.

        `same_config`: config.yaml is the one from before, byte for byte."""
        self.wait_well(self.new)
        assert not self.site.running(self.old)
        versions = self.sql(self.site.names.rm, "SELECT version FROM oms_version ORDER BY gmt_modified")
        assert versions[-1] == (self.target,)
        now = self.snapshot()
        assert now.config.owner == before.config.owner
        if same_config:
            assert now.config == before.config
        else:
            assert b"oms_rm_meta_host" in now.config.content
        assert json.loads(self.ha())["enable"] == json.loads(before.ha)["enable"]
        mounts = sorted(self.inspect(self.new)["Mounts"], key=lambda mount: str(mount["Destination"]))
        assert mounts == before.mounts
        self._assert_clean()

    def assert_as_before(self, before: Snapshot) -> None:
        """The old OMS works on the same bytes as ever."""
        self.wait_well(self.old)
        assert not self.site.running(self.new)
        now = self.snapshot()
        assert now.differences(before) == []
        self._assert_clean()

    def _assert_clean(self) -> None:
        assert self.traces() == []
        self.leaks.look_at_folder(self.state_dir)
        assert self.leaks.found == []


def backup_folder(status: dict[str, Any]) -> Path:
    return Path(status["backup"]["path"])
