"""One world for all tests of the stand-in; a site of its own, freshly seeded, for each test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from stand_in.metadb import MetaDb, Names  # noqa: E402
from stand_in.seed import Seed, seed  # noqa: E402
from stand_in.site import Site  # noqa: E402
from stand_in.traces import Trace, traces  # noqa: E402

from bed.docker import Docker  # noqa: E402  (found by way of stand_in)
from bed.world import World  # noqa: E402

_USER, _PASSWORD = "oms_meta", "Meta_2025"


@dataclass
class Room:
    """A site on the bed, and what a test wants to know of it."""

    site: Site
    version: str = "4.3.0"

    def seed(self, **wanted: object) -> None:
        site = self.site
        usual = Seed(self.version, site.host_ip, site.names, location=site.location)
        seed(site.metadb, replace(usual, **wanted))  # type: ignore[arg-type]

    def sql(self, database: str, statement: str) -> tuple[tuple[object, ...], ...]:
        with self.site.metadb.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return tuple(cursor.fetchall())

    def traces(self) -> list[Trace]:
        with self.site.metadb.connect() as connection:
            return traces(connection, self.site.names)

    def kinds_of_traces(self) -> set[str]:
        return {trace.kind for trace in self.traces()}


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.fixture(scope="session")
def metadb(world: World) -> MetaDb:
    server = world.oceanbase()
    server.create_user(_USER, _PASSWORD)
    return MetaDb(world.gateway, server.port, _USER, _PASSWORD)


@pytest.fixture(scope="session")
def mariadb(world: World) -> MetaDb:
    server = world.mariadb()
    return MetaDb(world.gateway, server.port, server.user, server.password)


@pytest.fixture(scope="session")
def docker(world: World, tmp_path_factory: pytest.TempPathFactory) -> Docker:
    host = world.docker()
    _load(host, tmp_path_factory.mktemp("load"), "4.3.0", "4.3.1")
    return host


@pytest.fixture(scope="session")
def docker_with_old(docker: Docker, tmp_path_factory: pytest.TempPathFactory) -> Docker:
    _load(docker, tmp_path_factory.mktemp("load"), "3.2.1", "3.4.0")
    return docker


@pytest.fixture(scope="module")
def four_hosts(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Docker]]:
    """Each with all images; what is slow of it runs side by side."""
    folder = tmp_path_factory.mktemp("load")

    def start(name: str) -> Docker:
        host = world.docker(name)
        _load(host, folder, "3.4.0", "4.3.0", "4.3.1")
        return host

    with ThreadPoolExecutor() as pool:
        hosts = list(pool.map(start, ["node1", "node2", "node3", "node4"]))
        yield hosts
        list(pool.map(Docker.stop, hosts))


def _load(docker: Docker, folder: Path, *versions: str) -> None:
    site = Site(folder, docker.endpoint, docker.address, MetaDb("", 0, "", ""))
    for version in versions:
        site.load(version)


@pytest.fixture
def room(docker: Docker, metadb: MetaDb, tmp_path: Path) -> Iterator[Room]:
    yield from _room(docker, metadb, tmp_path)


@pytest.fixture
def mariadb_room(docker: Docker, mariadb: MetaDb, tmp_path: Path) -> Iterator[Room]:
    yield from _room(docker, mariadb, tmp_path)


@pytest.fixture
def room_340(docker_with_old: Docker, metadb: MetaDb, tmp_path: Path) -> Iterator[Room]:
    yield from _room(docker_with_old, metadb, tmp_path, "3.4.0")


@pytest.fixture
def room_321(docker_with_old: Docker, metadb: MetaDb, tmp_path: Path) -> Iterator[Room]:
    yield from _room(docker_with_old, metadb, tmp_path, "3.2.1")


@pytest.fixture(scope="session")
def docker_with_community(docker: Docker, tmp_path_factory: pytest.TempPathFactory) -> Docker:
    _load(docker, tmp_path_factory.mktemp("load"), "4.2.5-CE", "4.2.11-CE")
    return docker


@pytest.fixture
def community_room(
    docker_with_community: Docker, metadb: MetaDb, tmp_path: Path
) -> Iterator[Room]:
    yield from _room(docker_with_community, metadb, tmp_path / "community", "4.2.5-CE")


@pytest.fixture
def mariadb_room_340(docker_with_old: Docker, mariadb: MetaDb, tmp_path: Path) -> Iterator[Room]:
    yield from _room(docker_with_old, mariadb, tmp_path, "3.4.0")


def _room(
    docker: Docker, metadb: MetaDb, folder: Path, version: str = "4.3.0"
) -> Iterator[Room]:
    names = Names.of(version)
    room = Room(Site(folder / "data", docker.endpoint, docker.address, metadb, names), version)
    if version == "3.2.1":
        # This OMS has once been older.
        room.site.location = 0
    room.site.lay_out(version)
    room.seed()
    yield room
    for container in docker.cli("ps", "-aq").split():
        docker.cli("rm", "-f", container)
