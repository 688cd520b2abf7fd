"""Management and components in containers of their own, and the upgrade assistant tool, by hand."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bed.docker import Docker
from bed.world import World
from stand_in import images
from stand_in.fleet import Fleet, hosts_with
from stand_in.metadb import MetaDb
from stand_in.site import Site
from stand_in.traces import lives_of_tasks, traces

OLD, TOOL = "oms_430", "oms-upgrade-tool"


@pytest.fixture(scope="module")
def hosts(world: World) -> Iterator[list[Docker]]:
    hosts = hosts_with(world, ["separated1", "separated2"], ["4.3.0"])
    yield hosts
    for host in hosts:
        host.stop()


@pytest.fixture
def fleet(hosts: list[Docker], metadb: MetaDb, tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet(tmp_path / "data", metadb, [hosts])
    fleet.sites[0].role, fleet.sites[1].role = "management", "component"
    fleet.lay_out()
    fleet.seed(ha_enabled=False)
    fleet.boot()
    yield fleet
    for site in fleet.sites:
        if found := site.docker("ps", "-aq").stdout.split():
            site.docker("rm", "-f", *found)


def lay_out_tool(site: Site) -> None:
    site.load_assistant("4.3.1")
    bind = f"{site.run_folder}/rpm:/root/rpm"
    site.docker("run", "-v", bind, "--name", TOOL, images.assistant_reference("4.3.1"))


def run_script(site: Site, folder: str = "/home/ds/run/rpm") -> subprocess.CompletedProcess[str]:
    script = "/home/ds/run/rpm/support_upgrade_action.sh"
    return site.docker("exec", "-w", folder, OLD, "sh", script, check=False)


def kinds(fleet: Fleet) -> set[str]:
    with fleet.metadb.connect() as connection:
        return {trace.kind for trace in traces(connection, fleet.names)}


def lives(fleet: Fleet) -> dict[str, int]:
    with fleet.metadb.connect() as connection:
        return lives_of_tasks(connection, fleet.names)


def test_the_assistant_upgrades_components_beside_their_tasks(fleet: Fleet) -> None:
    management, component = fleet.sites
    assert set(component.programs()) == {"oms_drc_supervisor", "sshd", "standin_tasks"}
    lay_out_tool(component)
    elsewhere = run_script(component, "/root")
    assert elsewhere.returncode != 0
    assert component.healthy()
    done = run_script(component)
    assert done.returncode == 0, done
    fleet.wait_well(OLD)
    assert lives(fleet) == {component.host_ip: 1}
    assert kinds(fleet) == set()
    # A second time it does damage, and says nothing.
    component.docker("exec", OLD, "rm", "-f", "/run/support_upgrade_action.pid")
    again = run_script(component)
    assert again.returncode == 0, again
    assert not component.healthy()
    assert kinds(fleet) == {"component script run twice"}


def test_a_component_container_upgraded_inside_needs_the_new_keys_at_its_next_start(fleet: Fleet) -> None:
    component = fleet.sites[1]
    lay_out_tool(component)
    assert run_script(component).returncode == 0
    component.docker("restart", OLD)
    component.docker("wait", OLD)
    assert "_meta_" in component.logs(OLD)
