"""What differs between versions of OMS, as data: a later version is one more file and one row."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..schema import Schema, Step
from . import community, correction, v3_2_1, v3_4_0, v4_3_0, v4_3_1
from .correction import Correction


@dataclass(frozen=True)
class Version:
    name: str
    # What config.yaml must say about MetaDB: (rm, cm) prefixes of host, port, user, password.
    meta_prefixes: tuple[str, str]
    # Keys that make docker_upgrade.sh and docker_init.sh lose the connection strings.
    poisonous_prefix: str | None
    schema: Schema
    # How docker_upgrade.sh gets here from each version it can come from.
    steps_from: dict[str, tuple[Step, ...]]
    # What the jar must have done before, for each of them that is below 4.0.1.
    jar_from: dict[str, Correction] = field(default_factory=dict)
    # What else must be in config.yaml.
    config_keys: tuple[str, ...] = ()
    # Whether rm says in oms_version which OMS it belongs to; one that does not is below 4.0.1.
    has_version_row: bool = True
    # The OpenAPI came with 4.1.1.
    has_openapi: bool = True
    # The one before it: from 3.3.0 on.
    has_progress_api: bool = False
    knows_is_upgrade: bool = True
    # Its metadata is upgraded by docker_init.sh, and there is no docker_upgrade.sh.
    community: bool = False
    # It runs on a MetaDB that says nothing in oms_version, but writes a row when it is upgraded to.
    version_row_is_optional: bool = False
    programs: tuple[str, ...] = ("nginx", "oms_console", "oms_drc_cm", "oms_drc_supervisor", "sshd")

    @property
    def source_without_jar(self) -> str:
        """The one version whose databases docker_upgrade.sh takes as they are; "" without one."""
        return next((source for source in self.steps_from if source not in self.jar_from), "")

    @property
    def tag(self) -> str:
        return f"feature_{self.name.replace('-', '_').lower()}"


def _old(name: str, schema: Schema, *, later_than_330: bool) -> Version:
    """One below 4.0.1."""
    return Version(
        name=name,
        meta_prefixes=("oms_meta", "oms_meta"),
        poisonous_prefix=None,
        schema=schema,
        steps_from={},
        config_keys=("drc_user", "drc_password"),
        has_version_row=False,
        has_openapi=False,
        has_progress_api=later_than_330,
        knows_is_upgrade=later_than_330,
        programs=("crond", *Version.programs),
    )


def _community(name: str, schema: Schema, **more: object) -> Version:
    return Version(  # type: ignore[arg-type]
        name=name,
        meta_prefixes=("oms_meta", "oms_meta"),
        poisonous_prefix=None,
        schema=schema,
        community=True,
        **more,
    )


_FROM_OLD = (correction.CREATE_OMS_VERSION, *v4_3_1.STEPS)
VERSIONS = {
    version.name: version
    for version in (
        _old("3.2.1", v3_2_1.SCHEMA, later_than_330=False),
        _old("3.4.0", v3_4_0.SCHEMA, later_than_330=True),
        Version(
            name="4.3.0",
            meta_prefixes=("oms_meta", "oms_meta"),
            poisonous_prefix=None,
            schema=v4_3_0.SCHEMA,
            steps_from={},
        ),
        Version(
            name="4.3.1",
            meta_prefixes=("oms_rm_meta", "oms_cm_meta"),
            poisonous_prefix="oms_meta",
            schema=v4_3_1.SCHEMA,
            steps_from={"4.3.0": v4_3_1.STEPS, "3.4.0": _FROM_OLD, "3.2.1": _FROM_OLD},
            jar_from={"3.4.0": correction.FROM_3_4_0, "3.2.1": correction.FROM_3_2_1},
        ),
        _community(
            "4.2.5-CE", community.SCHEMA_4_2_5, steps_from={}, version_row_is_optional=True
        ),
        _community(
            "4.2.11-CE",
            community.SCHEMA_4_2_11,
            steps_from={"4.2.5-CE": community.STEPS_4_2_11},
        ),
    )
}
