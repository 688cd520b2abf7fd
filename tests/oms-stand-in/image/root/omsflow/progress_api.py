"""The API of 3.3.0 to 4.0.0: GET /api/omsp/v2/{migrations,sync}/ID/progress, as documented."""

from __future__ import annotations

import re

import pymysql

from . import metadb, openapi
from .openapi import Body

_PATH = re.compile(r"^/api/omsp/v2/(migrations|sync)/([^/]+)/progress$")
_CHECKPOINT = "1689832976"


def knows(path: str) -> bool:
    return _PATH.match(path) is not None


def call(rm: pymysql.Connection, path: str, authorization: str) -> tuple[int, Body]:
    match = _PATH.match(path)
    assert match is not None
    if not openapi.may(rm, authorization):
        return 401, openapi.failure("UNAUTHORIZED", "wrong user or password, or the user is locked")
    kind, identifier = match.groups()
    data = _migration(rm, identifier) if kind == "migrations" else _sync(rm, identifier)
    if data is None:
        return 200, openapi.failure("GHANA-OPERAT000001", f"project {identifier} does not exist")
    return 200, openapi.success(data)


def _migration(rm: pymysql.Connection, identifier: str) -> Body | None:
    found = metadb.rows(
        rm,
        "SELECT project_status, current_step, enable_full_migration, enable_incr_sync, "
        "enable_reverse_incr_sync FROM oms_project WHERE id=%s",
        identifier,
    )
    if not found:
        return None
    status, current, full, incr, reverse = found[0]
    return {
        "status": status,
        "importance": "MEDIUM",
        "enableStructMigration": True,
        "enableFullMigration": bool(full),
        "enableIncrSync": bool(incr),
        "enableReverseIncrSync": bool(reverse),
        "currentStep": current,
        "structMigrationProgress": _progress(rm, identifier, "STRUCT_MIGRATION"),
        "fullMigrationProgress": _progress(rm, identifier, "FULL_MIGRATION"),
        "incrSyncCheckpoint": _CHECKPOINT,
        "reverseIncrSyncCheckpoint": None,
    }


def _sync(rm: pymysql.Connection, identifier: str) -> Body | None:
    found = metadb.rows(
        rm,
        "SELECT project_status, current_step, enable_full_sync, enable_incr_sync "
        "FROM oms_sync_project WHERE id=%s",
        identifier,
    )
    if not found:
        return None
    status, current, full, incr = found[0]
    return {
        "status": status,
        "importance": "MEDIUM",
        "enableStructSync": True,
        "enableFullSync": bool(full),
        "enableIncrSync": bool(incr),
        "currentStep": current,
        "structSyncProgress": "100",
        "fullSyncProgress": _progress(rm, identifier, "CONNECTOR_FULL_SYNC"),
        "incrSyncCheckpoint": _CHECKPOINT,
    }


def _progress(rm: pymysql.Connection, identifier: str, step: str) -> str | None:
    found = metadb.value(
        rm, "SELECT progress FROM oms_step WHERE project_id=%s AND step_name=%s", identifier, step
    )
    return None if found is None else str(found)
