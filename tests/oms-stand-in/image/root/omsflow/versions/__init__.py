"""What differs between versions of OMS, as data: a later version is one more file and one row."""

from __future__ import annotations

from dataclasses import dataclass

from ..schema import Schema, Step
from . import v4_3_0, v4_3_1


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

    @property
    def tag(self) -> str:
        return f"feature_{self.name}"


VERSIONS = {
    version.name: version
    for version in (
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
            steps_from={"4.3.0": v4_3_1.STEPS},
        ),
    )
}
