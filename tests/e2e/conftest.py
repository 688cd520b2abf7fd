"""One world for each process of the tests; a freshly seeded OMS of its own for each test."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

# The helpers assert too, and should say what they saw.
pytest.register_assert_rewrite("kit")

from kit import ROOT  # noqa: E402
from kit.premises import Premises  # noqa: E402

from bed.apiserver import ApiServer  # noqa: E402
from bed.docker import Docker  # noqa: E402  (found by way of kit)
from bed.oceanbase import OceanBase  # noqa: E402
from bed.world import World  # noqa: E402
from stand_in.metadb import MetaDb, Names  # noqa: E402
from stand_in.site import Site  # noqa: E402

_USER = "oms_meta"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What keeps one process busy longest comes first."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.fixture(scope="session")
def api_server(world: World) -> ApiServer:
    server = world.apiserver()
    server.kubectl("apply", "-f", ROOT / "crds/omsupgrades.yaml")
    server.kubectl("wait", "--for=condition=Established", "crd/omsupgrades.oms.oceanbase.com")
    return server


@pytest.fixture(scope="session")
def oceanbase(world: World) -> OceanBase:
    return world.oceanbase()


@pytest.fixture(scope="session")
def metadb(world: World, oceanbase: OceanBase) -> MetaDb:
    # A password that is nowhere else on this machine, so that it can be looked for everywhere.
    password = "Meta_" + secrets.token_hex(8)
    oceanbase.create_user(_USER, password)
    return MetaDb(world.gateway, oceanbase.port, _USER, password)


@pytest.fixture(scope="session")
def mariadb(world: World) -> MetaDb:
    server = world.mariadb()
    return MetaDb(world.gateway, server.port, server.user, server.password)


@pytest.fixture(scope="session")
def docker(world: World) -> Docker:
    host = world.docker(tls=True)
    nowhere = MetaDb("", 0, "", "")
    for version in ("3.2.1", "3.4.0", "4.3.0", "4.3.1"):
        Site(world.scratch, host.endpoint, host.address, nowhere).load(version)
    return host


def premises_on(
    docker: Docker, metadb: MetaDb, folder: Path, *, source: str = "4.3.0", target: str = "4.3.1"
) -> Iterator[Premises]:
    site = Site(folder / "data", docker.endpoint, docker.address, metadb, names=Names.of(source))
    premises = Premises(docker, site, folder, source=source, target=target)
    yield premises
    premises.clear()


@pytest.fixture
def premises(docker: Docker, metadb: MetaDb, tmp_path: Path) -> Iterator[Premises]:
    """Nothing is laid out yet: a test says what it wants to find (`settle`)."""
    yield from premises_on(docker, metadb, tmp_path)


@pytest.fixture
def premises_mariadb(docker: Docker, mariadb: MetaDb, tmp_path: Path) -> Iterator[Premises]:
    yield from premises_on(docker, mariadb, tmp_path)


@pytest.fixture(params=["3.4.0", "3.2.1"])
def old_premises(
    request: pytest.FixtureRequest, docker: Docker, metadb: MetaDb, tmp_path: Path
) -> Iterator[Premises]:
    """An OMS from before 4.0.1."""
    yield from premises_on(docker, metadb, tmp_path, source=request.param)


@pytest.fixture
def premises_340(docker: Docker, metadb: MetaDb, tmp_path: Path) -> Iterator[Premises]:
    yield from premises_on(docker, metadb, tmp_path, source="3.4.0")
