"""Whether a program may run on the databases it finds. It never mends anything."""

from __future__ import annotations

import pymysql

from . import identity, metadb
from .schema import Part
from .versions import Version

# Not in the schema of 4.3.0: the first upgrade creates it. One row per step that was run.
STEP_TABLE = "oms_schema_step"


class Refused(Exception):
    """The databases are not those of this version."""


def newest_version(rm: pymysql.Connection) -> str | None:
    found = metadb.value(
        rm, "SELECT version FROM oms_version ORDER BY gmt_modified DESC, version DESC LIMIT 1"
    )
    return None if found is None else str(found)


def require_version_row(rm: pymysql.Connection, version: Version) -> None:
    """What even an upgrade that has yet to run insists on."""
    found = newest_version(rm)
    if found is None:
        raise Refused("Version before 4.1.1 is not allowed to upgrade")
    if found != version.name and found not in version.steps_from:
        raise Refused(f"OMS {version.name} cannot run on the MetaDB of OMS {found}")


def require_rm(rm: pymysql.Connection, version: Version) -> None:
    found = newest_version(rm)
    if found != version.name:
        raise Refused(f"MetaDB is of OMS {found}, this is {version.name}")
    _require_steps(rm, version)
    require_columns(rm, version, Part.RM)


def _require_steps(rm: pymysql.Connection, version: Version) -> None:
    if metadb.value(rm, f"SHOW TABLES LIKE '{STEP_TABLE}'") is None:
        return
    counts = dict(
        metadb.rows(rm, f"SELECT `version`, COUNT(*) FROM `{STEP_TABLE}` GROUP BY `version`")
    )
    strangers = set(counts) - {version.name}
    if strangers:
        raise Refused(f"the schema was changed by OMS {', '.join(map(str, strangers))}")
    wanted = {len(steps) for steps in version.steps_from.values()}
    if version.name in counts and counts[version.name] not in wanted:
        raise Refused(f"{counts[version.name]} schema changes were made where {wanted} are right")


def require_columns(db: pymysql.Connection, version: Version, part: Part) -> None:
    found: dict[str, set[str]] = {}
    for table, column in metadb.rows(
        db,
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = DATABASE()",
    ):
        found.setdefault(str(table), set()).add(str(column))
    for name, table in version.schema.tables[part].items():
        if found.get(name) != set(table.columns):
            raise Refused(
                f"table {name} of {part.value} has columns {sorted(found.get(name, set()))}, "
                f"OMS {version.name} needs {sorted(table.columns)}"
            )


def may_run_cm_side(
    cm: pymysql.Connection, hb: pymysql.Connection, version: Version
) -> None:
    """CM and Supervisor run before docker_upgrade.sh too, on whatever it finds half done."""
    if identity.upgrade_is_due():
        return
    require_columns(cm, version, Part.CM)
    require_columns(hb, version, Part.HEARTBEAT)
