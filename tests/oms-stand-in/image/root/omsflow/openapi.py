"""The OpenAPI: POST /api/v2?Action=NAME with Basic authentication against oms_user."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable

import pymysql

from . import ha, metadb

Db = pymysql.Connection
Body = dict[str, object]
_MAX_PAGE = 150
_WRONG_PASSWORDS_THAT_LOCK = 6

# In which list of DescribeProjectComponents a kind of component stands.
_LISTS = {
    "STORE": "storeList",
    "REVERSE_STORE": "reverseStoreList",
    "FULL_IMPORT": "fullImportComponents",
    "INCR_SYNC": "incrSyncComponents",
    "REVERSE_INCR_SYNC": "reverseIncrSyncComponents",
    "FULL_VERIFY": "fullVerifyComponents",
}


class Wrong(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def digest(salt: bytes, password: str) -> bytes:
    return hashlib.sha256(salt + password.encode()).digest()


def call(rm: Db, action: str, authorization: str, body: bytes) -> tuple[int, Body]:
    begin = time.monotonic()
    if not may(rm, authorization):
        return 401, failure("UNAUTHORIZED", "wrong user or password, or the user is locked")
    try:
        if action not in _ACTIONS:
            raise Wrong("PARAM_ERROR", f"no such action: {action}")
        request = json.loads(body or b"{}")
        if not isinstance(request, dict):
            raise Wrong("PARAM_ERROR", "the body is not an object")
        data, page = _ACTIONS[action](rm, request)
    except Wrong as wrong:
        return 200, failure(wrong.code, str(wrong))
    except json.JSONDecodeError as error:
        return 200, failure("PARAM_ERROR", f"the body is not JSON: {error}")
    cost = str(int((time.monotonic() - begin) * 1000))
    return 200, _envelope(success=True, data=data, cost=cost, **page)


def failure(code: str, message: str) -> Body:
    detail = {"code": code, "message": message, "level": "ERROR"}
    return _envelope(success=False, errorDetail=detail, code=code, message=message)


def success(data: object) -> Body:
    return _envelope(success=True, data=data)


def _envelope(**fields: object) -> Body:
    empty = dict.fromkeys(
        ("errorDetail", "code", "message", "advice", "pageNumber", "pageSize", "totalCount", "data")
    )
    return {**empty, "requestId": uuid.uuid4().hex, "cost": "0", **fields}


def may(rm: Db, authorization: str) -> bool:
    scheme, _, encoded = authorization.partition(" ")
    try:
        name, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    if scheme != "Basic" or not colon:
        return False
    found = metadb.rows(
        rm, "SELECT is_locked, password_salt, password_digest FROM oms_user WHERE name=%s", name
    )
    if not found or found[0][0]:
        return False
    _, salt, wanted = found[0]
    if hmac.compare_digest(digest(bytes(salt), password), bytes(wanted)):  # type: ignore[call-overload]
        metadb.rows(
            rm, "UPDATE oms_user SET wrong_passwords=0 WHERE name=%s AND wrong_passwords>0", name
        )
        return True
    metadb.rows(rm, "UPDATE oms_user SET wrong_passwords=wrong_passwords+1 WHERE name=%s", name)
    metadb.rows(
        rm,
        "UPDATE oms_user SET is_locked=1 WHERE name=%s AND wrong_passwords>=%s",
        *(name, _WRONG_PASSWORDS_THAT_LOCK),
    )
    return False


_PROJECT = (
    "SELECT id, name, type, status, current_step, enable_full_transfer, enable_incr_transfer, "
    "enable_reverse_incr_transfer, labels FROM transfer_project "
)


# A task with this label is a part of another one.
SUB_LABEL = "l_sub"


def _project(row: tuple[object, ...]) -> Body:
    labels = json.loads(str(row[8])) if row[8] else []
    return {
        "id": row[0],
        "name": row[1],
        "type": row[2],
        "status": row[3],
        "currentStep": row[4],
        "enableFullTransfer": bool(row[5]),
        "enableIncrTransfer": bool(row[6]),
        "enableReverseIncrTransfer": bool(row[7]),
        "labels": labels,
        "isSubProject": any(label["id"] == SUB_LABEL for label in labels),
        "isModifying": False,
        "isMerging": False,
    }


def _one(rm: Db, request: Body) -> Body:
    identifier = request.get("id")
    found = metadb.rows(rm, _PROJECT + "WHERE id=%s", identifier)
    if not found:
        raise Wrong("GHANA-OPERAT000001", f"project {identifier} does not exist")
    return _project(found[0])


def _list(rm: Db, request: Body) -> tuple[object, Body]:
    try:
        number, size = int(str(request.get("pageNumber", 1))), int(str(request.get("pageSize", 10)))
    except ValueError as error:
        raise Wrong("PARAM_ERROR", f"pageNumber or pageSize: {error}") from error
    if number < 1 or not 1 <= size <= _MAX_PAGE:
        raise Wrong("PARAM_ERROR", f"pageSize must be between 1 and {_MAX_PAGE}")
    statuses = request.get("status")
    wanted = [statuses] if isinstance(statuses, str) else statuses
    rows = [_project(row) for row in metadb.rows(rm, _PROJECT + "ORDER BY id")]
    rows = [
        row
        for row in rows
        if request.get("type") in (None, row["type"])
        and (not isinstance(wanted, list) or not wanted or row["status"] in wanted)
        and (request.get("visibleSubProject") is True or not row["isSubProject"])
    ]
    page = rows[(number - 1) * size : number * size]
    for row in page:
        row["steps"] = _steps(rm, str(row["id"]))
    return page, {
        "pageNumber": str(number),
        "pageSize": str(size),
        "totalCount": str(len(rows)),
    }


def _steps(rm: Db, project: str) -> list[Body]:
    renamed = metadb.value(rm, "SHOW COLUMNS FROM transfer_step LIKE 'step_name'") is not None
    name = "step_name" if renamed else "name"
    return [
        {
            "order": str(row[0]),
            "name": row[1],
            "status": row[2],
            "progress": str(row[3]),
            "startTime": None if row[4] is None else str(row[4]),
            "finishTime": None if row[5] is None else str(row[5]),
            "extraInfo": json.loads(str(row[6])) if row[6] else None,
            "stepInfo": None,
        }
        for row in metadb.rows(
            rm,
            f"SELECT step_order, {name}, status, progress, start_time, finish_time, extra_info "
            "FROM transfer_step WHERE project_id=%s ORDER BY step_order",
            project,
        )
    ]


def _describe(rm: Db, request: Body) -> tuple[object, Body]:
    return _one(rm, request), {}


def _describe_steps(rm: Db, request: Body) -> tuple[object, Body]:
    return _steps(rm, str(_one(rm, request)["id"])), {}


def _describe_progress(rm: Db, request: Body) -> tuple[object, Body]:
    project = _one(rm, request)
    progress = {str(step["name"]): step["progress"] for step in _steps(rm, str(project["id"]))}
    return {
        "status": project["status"],
        "currentStep": project["currentStep"],
        "enableFullTransfer": project["enableFullTransfer"],
        "enableIncrSync": project["enableIncrTransfer"],
        "enableReverseIncrTransfer": project["enableReverseIncrTransfer"],
        "fullTransferProgress": progress.get("FULL_TRANSFER"),
        "incrSyncCheckpoint": str(int(time.time())),
        "reverseIncrTransferCheckpoint": None,
    }, {}


def _describe_components(rm: Db, request: Body) -> tuple[object, Body]:
    project = _one(rm, request)
    lists: dict[str, list[Body]] = {name: [] for name in _LISTS.values()}
    for kind, status, ip, modified in metadb.rows(
        rm,
        f"SELECT kind, status, ip, gmt_modified FROM `{ha.component_table(rm)}` "
        "WHERE project_id=%s ORDER BY id",
        project["id"],
    ):
        lists[_LISTS[str(kind)]].append({"status": status, "ip": ip, "gmtModified": str(modified)})
    return lists, {}


def _set_status(rm: Db, request: Body, status: str, component: str) -> tuple[object, Body]:
    project = _one(rm, request)
    if project["status"] in ("RELEASING", "RELEASED", "DELETED", "FINISHED"):
        raise Wrong("GHANA-OPERAT000002", f"project is {project['status']}")
    metadb.rows(rm, "UPDATE transfer_project SET status=%s WHERE id=%s", status, project["id"])
    metadb.rows(
        rm,
        f"UPDATE `{ha.component_table(rm)}` SET status=%s, gmt_modified=now(3) "
        "WHERE project_id=%s AND status<>'FINISHED'",
        *(component, project["id"]),
    )
    return None, {}


_ACTIONS: dict[str, Callable[[Db, Body], tuple[object, Body]]] = {
    "ListProjects": _list,
    "DescribeProject": _describe,
    "DescribeProjectSteps": _describe_steps,
    "DescribeProjectProgress": _describe_progress,
    "DescribeProjectComponents": _describe_components,
    "ResumeProject": lambda rm, request: _set_status(rm, request, "RUNNING", "RUNNING"),
    "StopProject": lambda rm, request: _set_status(rm, request, "SUSPEND", "SUSPEND"),
}
