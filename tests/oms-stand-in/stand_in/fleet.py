"""An OMS of several regions and several nodes: a Site for each node, each on a Docker host of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bed.docker import Docker
from bed.world import World

from . import images
from .metadb import MetaDb, Names
from .regions import Region, databases, regions
from .seed import Seed, seed
from .site import Site, wait_for

Result = TypeVar("Result")


def hosts_with(
    world: World, names: Sequence[str], versions: Sequence[str], *, tls: bool = False
) -> list[Docker]:
    """Docker hosts of these names, each with the images of these versions, started at once."""

    def start(name: str) -> Docker:
        host = world.docker(name, tls=tls)
        for version in versions:
            host.cli("load", "-i", images.archive_of(version))
        return host

    with ThreadPoolExecutor() as pool:
        return list(pool.map(start, names))


class Fleet:
    def __init__(
        self, folder: Path, metadb: MetaDb, hosts: Sequence[Sequence[Docker]], version: str = "4.3.0"
    ) -> None:
        """`hosts` are the Docker hosts of each region."""
        self.version = version
        self.metadb = metadb
        self.names = Names.of(version)
        addresses = [[host.address for host in region] for region in hosts]
        self.regions = regions(addresses, self.names)
        self.sites: list[Site] = []
        for region, members in zip(self.regions, hosts, strict=True):
            for host in members:
                self.sites.append(self._site(folder / f"node{len(self.sites) + 1}", host, region))

    def _site(self, folder: Path, host: Docker, region: Region) -> Site:
        return Site(
            folder,
            host.endpoint,
            host.address,
            self.metadb,
            region.names,
            location=region.location,
            region=region,
        )

    @property
    def databases(self) -> dict[str, str]:
        return databases(self.regions)

    def firsts(self) -> list[Site]:
        """The first node of each region, in the order of the regions."""
        return [site for site in self.sites if site.is_first]

    def others(self) -> list[Site]:
        return [site for site in self.sites if not site.is_first]

    def each(self, work: Callable[[Site], Result], sites: Sequence[Site] | None = None) -> list[Result]:
        """Do it on all nodes at once; what each returned, in order."""
        chosen = self.sites if sites is None else sites
        with ThreadPoolExecutor(max_workers=max(1, len(chosen))) as pool:
            return list(pool.map(work, chosen))

    def lay_out(self) -> None:
        for site in self.sites:
            site.lay_out(self.version)

    def seed(self, **wanted: object) -> None:
        usual = Seed(self.version, self.sites[0].host_ip, self.names, regions=self.regions)
        seed(self.metadb, replace(usual, **wanted))  # type: ignore[arg-type]

    def boot(self, *, restart: str | None = None) -> str:
        """All of them, up and healthy; the name that every container has."""
        containers = self.each(lambda site: site.run(self.version, restart=restart))
        self.wait_well(containers[0])
        return containers[0]

    def wait_well(self, container: str, seconds: float = 120) -> None:
        self.each(lambda site: site.wait_healthy(container, seconds))
        self.sites[0].wait_online(seconds)

    def start_for_upgrade(self, version: str = "4.3.1", *, write_config: bool = True) -> str:
        """To where the procedure says to run the jar or docker_upgrade.sh."""

        def start(site: Site) -> str:
            if write_config:
                site.write_config(version)
            container = site.run(version, upgrade=True)
            wait_for(lambda: site.runs("oms_drc_cm", "oms_drc_supervisor"), "CM and Supervisor", 60)
            return container

        return self.each(start)[0]
