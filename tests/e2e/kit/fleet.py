"""The premises of a test with several nodes: one OMS of several regions, each node on a Docker host of its own."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .premises import NEW, Premises, client_secret
from .snapshot import Snapshot

from bed.docker import Docker
from stand_in import images
from stand_in.fleet import Fleet
from stand_in.metadb import MetaDb
from stand_in.site import Site

KEPT = "config.yaml.before-4.3.1"
CONSOLE_INI = "/etc/supervisor/conf.d/oms_console.ini"


@dataclass(frozen=True)
class FleetSnapshot:
    """Each node's, by its address; together they show rm, cm and every heartbeat database."""

    nodes: dict[str, Snapshot]
    # What lies in each node's folder, and in its store.
    files: dict[str, list[str]]

    @property
    def ha(self) -> str:
        (found,) = {one.ha for one in self.nodes.values()}
        return found

    def differences(self, other: FleetSnapshot, *, untouched: bool = False) -> list[str]:
        found = [
            f"{ip}: {text}"
            for ip, node in self.nodes.items()
            for text in node.differences(other.nodes[ip], untouched=untouched)
        ]
        for ip, names in self.files.items():
            if names != other.files[ip]:
                found.append(f"{ip}: files {names}, and they were {other.files[ip]}")
        return found


class FleetPremises(Premises):
    def __init__(
        self, hosts: Sequence[Sequence[Docker]], metadb: MetaDb, folder: Path, *, source: str = "4.3.0"
    ) -> None:
        """`hosts` are those of each region."""
        self.fleet = Fleet(folder / "data", metadb, hosts, source)
        self.hosts = [host for region in hosts for host in region]
        super().__init__(self.hosts[0], self.fleet.sites[0], folder, source=source)

    # What is there before an upgrade.

    def settle(self, *, boot: bool = True, restart: str | None = None, **seeded: Any) -> None:
        self.fleet.lay_out()
        self.fleet.seed(**seeded)
        if boot:
            self.fleet.boot(restart=restart)

    def wait_well(self, container: str) -> None:
        self.fleet.wait_well(container, 240)

    def clear(self) -> None:
        def clear(site: Site) -> None:
            if found := site.docker("ps", "-aq").stdout.split():
                site.docker("rm", "-f", *found)

        self.fleet.each(clear)

    # The upgrade.

    def node(self, at: int) -> dict[str, Any]:
        return {"docker": {"endpoint": self.hosts[at].endpoint}, "container": self.old}

    def node_by_tls(self, at: int) -> dict[str, Any]:
        """The same node over the network, with its Secret."""
        host, name = self.hosts[at], f"docker-tls-{at}"
        self.secrets.append(client_secret(host, name))
        docker = {"endpoint": host.tls_endpoint, "tlsSecretRef": {"name": name}}
        return {"docker": docker, "container": self.old}

    def discovered(self) -> dict[str, Any]:
        """What is said of the first node alone, and how the others are reached."""
        self.secrets.append(client_secret(self.hosts[0], "docker-tls"))
        discovery = {"endpointPattern": "tcp://{ip}:2376", "tlsSecretRef": {"name": "docker-tls"}}
        return self.spec(nodes=[self.node(0)], discovery=discovery)

    def spec(self, **more: Any) -> dict[str, Any]:
        smallest = {
            "targetVersion": "4.3.1",
            "image": {"reference": images.reference("4.3.1")},
            "nodes": [self.node(at) for at in range(len(self.hosts))],
        }
        return {**copy.deepcopy(smallest), **more}

    # What is there after it.

    def snapshot(self) -> FleetSnapshot:  # type: ignore[override]
        sites = self.fleet.sites
        nodes = self.fleet.each(lambda site: Snapshot.of(site, self.old))
        return FleetSnapshot(
            nodes={site.host_ip: node for site, node in zip(sites, nodes, strict=True)},
            files={site.host_ip: files_of(site) for site in sites},
        )

    def assert_upgraded(self, before: FleetSnapshot) -> None:  # type: ignore[override]
        self.wait_well(NEW)
        versions = self.sql(self.fleet.names.rm, "SELECT version FROM oms_version ORDER BY gmt_modified")
        assert versions[-1] == ("4.3.1",)
        now = self.snapshot()
        assert json.loads(self.ha())["enable"] == json.loads(before.ha)["enable"]
        for site in self.fleet.sites:
            self._assert_node_upgraded(site, before.nodes[site.host_ip], now.nodes[site.host_ip])
        assert now.files == before.files
        self._assert_scripts_ran_once_a_region()
        self._assert_clean()

    def _assert_node_upgraded(self, site: Site, before: Snapshot, now: Snapshot) -> None:
        assert not site.running(self.old), site.host_ip
        # Its own file, but for the keys.
        assert now.config.owner == before.config.owner
        was, lines = (one.config.content.decode().splitlines() for one in (before, now))
        kept = [line for line in was if "oms_meta_" not in line]
        assert [line for line in lines if line in kept] == kept, site.host_ip
        assert "oms_meta_" not in now.config.content.decode()
        assert "oms_cm_meta_host" in now.config.content.decode()
        assert (site.folder / KEPT).read_bytes() == before.config.content
        new = json.loads(site.docker("inspect", NEW).stdout)[0]
        assert {f"OMS_HOST_IP={site.host_ip}", "IS_UPGRADE=true"} <= set(new["Config"]["Env"])
        assert sorted(new["Mounts"], key=lambda mount: str(mount["Destination"])) == before.mounts
        # Without it, its console would not come up with the container's next start.
        ini = site.docker("exec", NEW, "grep", "autostart", CONSOLE_INI).stdout
        assert ini == "autostart = true\n", site.host_ip

    def _assert_scripts_ran_once_a_region(self) -> None:
        flags = [site.docker("exec", NEW, "test", "-s", "/root/init_flag.txt", check=False) for site in self.fleet.sites]
        ran = [site.host_ip for site, flag in zip(self.fleet.sites, flags, strict=True) if flag.returncode == 0]
        for region in self.fleet.regions:
            assert len(set(ran) & set(region.nodes)) == 1, (region.name, ran)

    def assert_as_before(self, before: FleetSnapshot) -> None:  # type: ignore[override]
        self.wait_well(self.old)
        for site in self.fleet.sites:
            assert not site.running(NEW), site.host_ip
        assert self.snapshot().differences(before) == []
        self._assert_clean()


def files_of(site: Site) -> list[str]:
    store = site.folder / "oms/oms_store/store.dat"
    found = [*site.folder.iterdir(), *(site.folder / "oms").iterdir()]
    # The original config.yaml is kept beside the new one.
    names = sorted(path.name for path in found if path.name != KEPT)
    return [*names, str(hash(store.read_bytes()))]
