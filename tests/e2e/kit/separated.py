"""The premises of a test of separated mode: a management and a component container, on a Docker host each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .fleet import FleetPremises, FleetSnapshot
from .premises import NEW

from bed.docker import Docker
from stand_in import images
from stand_in.metadb import MetaDb
from stand_in.site import Site
from stand_in.traces import lives_of_tasks

TOOL = "oms-upgrade-tool"
SCRIPT_ENDED = "[Completed]"


@dataclass(frozen=True)
class Inside:
    """What the component container is, as far as it must not change."""

    container: str
    started_at: str
    image: str
    environment: tuple[str, ...]
    restart: str


class SeparatedPremises(FleetPremises):
    def __init__(self, hosts: Sequence[Docker], metadb: MetaDb, folder: Path) -> None:
        super().__init__([list(hosts)], metadb, folder)
        self.management, self.component = self.fleet.sites
        self.management.role, self.component.role = "management", "component"

    def node(self, at: int) -> dict[str, Any]:
        return {**super().node(at), "role": ("Management", "Component")[at]}

    def spec(self, *, keep: bool = False, **more: Any) -> dict[str, Any]:
        separated: dict[str, Any] = {"deploymentMode": "Separated"}
        if keep:
            separated["keepTasksRunning"] = True
            reference, archive = images.assistant_reference("4.3.1"), images.assistant_archive_of("4.3.1")
            separated["assistantImage"] = {"reference": reference, "archive": str(archive)}
        return {**super().spec(), **separated, **more}

    def inside(self) -> Inside:
        found = json.loads(self.component.docker("inspect", self.old).stdout)[0]
        return Inside(
            container=found["Id"],
            started_at=found["State"]["StartedAt"],
            image=found["Image"],
            environment=tuple(sorted(found["Config"]["Env"])),
            restart=found["HostConfig"]["RestartPolicy"]["Name"],
        )

    def lives(self) -> int:
        with self.metadb_connection() as connection:
            return lives_of_tasks(connection, self.fleet.names).get(self.component.host_ip, 0)

    def metadb_connection(self) -> Any:
        return self.management.metadb.connect()

    def version_inside(self) -> str:
        return self.component.docker("exec", self.old, "cat", "/root/omsflow/VERSION").stdout.strip()

    def assert_tool_is_gone(self) -> None:
        names = self.component.docker("ps", "-a", "--format", "{{.Names}}").stdout.split()
        assert TOOL not in names, names

    def assert_kept_and_upgraded(self, inside: Inside) -> None:
        """The management is in a new container, the components in the very same that never stopped."""
        self.management.wait_healthy(NEW, 120)
        self.management.wait_online(60)
        assert self.inside() == inside
        assert self.version_inside() == "4.3.1"
        assert self.component.healthy(), self.component.programs()
        assert self.lives() == 1
        assert not self.component.running(NEW)
        versions = self.sql(self.fleet.names.rm, "SELECT version FROM oms_version ORDER BY gmt_modified")
        assert versions[-1] == ("4.3.1",)
        self.assert_tool_is_gone()
        left = self.component.docker("images", "-q", images.assistant_reference("4.3.1")).stdout
        assert left.strip() == ""
        self._assert_clean()

    def assert_components_as_before(self, before: FleetSnapshot, inside: Inside) -> None:
        """All is as it was, but that the component container was made anew from the old image."""
        self.wait_well(self.old)
        now = self.inside()
        assert now.container != inside.container
        assert (now.image, now.environment, now.restart) == (inside.image, inside.environment, inside.restart)
        assert self.version_inside() == "4.3.0"
        assert not self.management.running(NEW)
        differences = [one for one in self.snapshot().differences(before) if not self._is_expected(one)]
        assert differences == []
        self.assert_tool_is_gone()
        self._assert_clean()

    def _is_expected(self, difference: str) -> bool:
        ours = self.component.host_ip
        return difference.startswith((f"{ours}: container", f"{ours}: mounts"))

    def assert_both_upgraded(self, before: FleetSnapshot) -> None:
        self.wait_well(NEW)
        for site in self.fleet.sites:
            assert not site.running(self.old), site.host_ip
            new = json.loads(site.docker("inspect", NEW).stdout)[0]
            expected = {f"OMS_HOST_IP={site.host_ip}", "IS_UPGRADE=true", f"STANDIN_ROLE={site.role}"}
            assert expected <= set(new["Config"]["Env"])
        assert json.loads(self.ha())["enable"] == json.loads(before.ha)["enable"]
        self._assert_clean()


def log_of_script(site: Site) -> str:
    found = sorted(site.log_folder.glob("oms-operator/*/UpgradeComponents/log"))
    return found[-1].read_text() if found else ""
