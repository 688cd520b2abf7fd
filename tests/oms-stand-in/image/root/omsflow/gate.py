"""Whether a program may run on the databases it finds. It never mends anything."""

from __future__ import annotations

import pymysql

from . import config, corrected, identity, journal, metadb
from .schema import Part
from .versions import VERSIONS, Version


NO_VERSION_ROW = "Version before 4.1.1 is not allowed to upgrade"


class Refused(Exception):
    """The databases are not those of this version."""


def newest_version(rm: pymysql.Connection) -> str | None:
    """What oms_version says; None: nothing, or it is not there, as in OMS below 4.0.1."""
    if metadb.value(rm, "SHOW TABLES LIKE 'oms_version'") is None:
        return None
    found = metadb.value(
        rm, "SELECT version FROM oms_version ORDER BY gmt_modified DESC, version DESC LIMIT 1"
    )
    return None if found is None else str(found)


def project_table(version: Version) -> str:
    return "transfer_project" if version.has_version_row else "oms_project"


def source_without_version_row(rm: pymysql.Connection) -> str | None:
    """Which version below 4.0.1 these are the databases of, by the columns of rm."""
    if newest_version(rm) is not None:
        return None
    for version in VERSIONS.values():
        if not version.has_version_row and _is_of(rm, version):
            return version.name
    return None


def _is_of(rm: pymysql.Connection, version: Version) -> bool:
    try:
        require_columns(rm, version, Part.RM)
        return True
    except Refused:
        return False


def _init_will_tell(version: Version) -> bool:
    """In the Community Edition it is docker_init.sh that insists on the row."""
    return version.community and identity.upgrade_is_due()


def require_version_row(rm: pymysql.Connection, version: Version) -> None:
    """What even an upgrade that has yet to run insists on."""
    found = newest_version(rm)
    if not version.has_version_row:
        if found is not None:
            raise Refused(f"OMS {version.name} cannot run on the MetaDB of OMS {found}")
        return
    if found is None and (version.version_row_is_optional or _init_will_tell(version)):
        return
    if found is None and identity.upgrade_is_due():
        # From below 4.0.1, before the jar or after it.
        source = source_without_version_row(rm)
        if source in version.jar_from or corrected.marks(rm):
            return
    if found is None:
        raise Refused(NO_VERSION_ROW)
    if found != version.name and found not in version.steps_from:
        raise Refused(f"OMS {version.name} cannot run on the MetaDB of OMS {found}")


def here(settings: config.Config, version: Version) -> journal.Here:
    return journal.Here(version.name, settings.location, identity.host_ip(), settings.nodes)


def require_rm(rm: pymysql.Connection, version: Version, settings: config.Config) -> None:
    found = newest_version(rm)
    may_be_silent = found is None and version.version_row_is_optional
    if found != (version.name if version.has_version_row else None) and not may_be_silent:
        raise Refused(f"MetaDB is of OMS {found}, this is {version.name}")
    try:
        source = corrected.source_of(rm, version)
        steps = version.steps_from.get(source or version.source_without_jar, ())
        journal.require(rm, here(settings, version), steps)
    except (corrected.NotCorrected, journal.NotUpgraded) as error:
        raise Refused(str(error)) from error
    require_columns(rm, version, Part.RM)


def require_columns(db: pymysql.Connection, version: Version, part: Part) -> None:
    found: dict[str, set[str]] = {}
    for table, column in metadb.rows(
        db,
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = DATABASE()",
    ):
        found.setdefault(str(table), set()).add(str(column))
    for name, table in version.schema.tables[part].items():
        if name == "oms_version" and name not in found and version.version_row_is_optional:
            continue
        if found.get(name) != set(table.columns):
            raise Refused(
                f"table {name} of {part.value} has columns {sorted(found.get(name, set()))}, "
                f"OMS {version.name} needs {sorted(table.columns)}"
            )


def may_run_cm_side(
    cm: pymysql.Connection, hb: pymysql.Connection, version: Version
) -> None:
    """CM and Supervisor run before docker_upgrade.sh too, on whatever it finds half done."""
    if identity.upgrade_is_due() or identity.part() == "upgraded component":
        return
    require_columns(cm, version, Part.CM)
    require_columns(hb, version, Part.HEARTBEAT)
