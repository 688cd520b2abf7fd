"""Projects of an OMS below 4.0.1: migration and synchronization apart, with the legacy step names."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

_MIGRATION_STEPS = (
    "PRE_CHECK",
    "PREPARE",
    "STRUCT_MIGRATION",
    "INCR_LOG_PULL",
    "FULL_MIGRATION",
    "INDEX_MIGRATION",
    "INCR_SYNC",
    "FULL_VALIDATION",
    "APP_SWITCH",
    "REVERSE_INCR_SYNC",
)
_SYNC_STEPS = (
    "PRE_CHECK",
    "SYNC_PREPARE",
    "SYNC_INCR_LOG_PULL",
    "CONNECTOR_FULL_SYNC",
    "CONNECTOR_INCR_SYNC",
)
# Steps that do not end but reach a steady state.
_STEADY = {"INCR_SYNC", "REVERSE_INCR_SYNC", "CONNECTOR_INCR_SYNC"}

Row = tuple[object, ...]


@dataclass(frozen=True)
class Task:
    """One row of oms_project or of oms_sync_project."""

    id: str
    name: str
    status: str
    current: str
    # full, incr, and reverse for a migration.
    flags: tuple[bool, ...]
    components: tuple[tuple[str, str], ...] = ()


@dataclass
class Tasks:
    migrations: list[Task] = field(default_factory=list)
    syncs: list[Task] = field(default_factory=list)

    def all(self) -> list[Task]:
        return self.migrations + self.syncs


_MIGRATIONS = (
    (
        ("RUNNING", "INCR_SYNC", (True, True, False)),
        (("STORE", "RUNNING"), ("FULL_IMPORT", "FINISHED"), ("JDBC_WRITER", "RUNNING")),
    ),
    (
        ("RUNNING", "REVERSE_INCR_SYNC", (True, True, True)),
        (("REVERSE_STORE", "RUNNING"), ("REVERSE_INCR_SYNC", "RUNNING")),
    ),
    # Its Full-Import must be resumed by a person after every upgrade.
    (
        ("RUNNING", "FULL_MIGRATION", (True, True, False)),
        (("STORE", "RUNNING"), ("FULL_IMPORT", "RUNNING")),
    ),
    (
        ("SUSPEND", "INCR_SYNC", (True, True, False)),
        (("STORE", "RUNNING"), ("JDBC_WRITER", "SUSPEND")),
    ),
    (
        ("FAILED", "INCR_SYNC", (True, True, False)),
        (("STORE", "ABNORMAL"), ("JDBC_WRITER", "ABNORMAL")),
    ),
    (("FINISHED", "FULL_MIGRATION", (True, False, False)), (("FULL_VERIFY", "FINISHED"),)),
    (("INIT", "PRE_CHECK", (True, True, True)), ()),
    (("RELEASED", "INCR_SYNC", (True, True, False)), ()),
    (("DELETED", "FULL_MIGRATION", (True, False, False)), ()),
)
_SYNC = (
    ("RUNNING", "CONNECTOR_INCR_SYNC", (False, True)),
    (("STORE", "RUNNING"), ("INCR_SYNC", "RUNNING")),
)


def tasks(count: int) -> Tasks:
    """No two live ones of a kind have one name, but there is what only looks so."""
    made = Tasks()
    for number in range(count):
        kind, components = (*_MIGRATIONS, _SYNC)[number % (len(_MIGRATIONS) + 1)]
        status, current, flags = kind
        if (kind, components) == _SYNC:
            name = f"sync of orders №{number} – 数据同步"
            made.syncs.append(Task(f"p_3ky{number:08d}", name, status, current, flags, components))
        else:
            name = f"migration of orders №{number} – “{status.lower()}” 数据迁移"
            made.migrations.append(
                Task(f"p_3kx{number:08d}", name, status, current, flags, components)
            )
    # Deleted ones do not count, nor do those of the other kind.
    for number in range(2):
        made.migrations.append(_plain(f"p_3kgone{number:04d}", "gone twice", "DELETED"))
    made.migrations.append(_plain("p_3kboth00001", "Gone Twice", "RUNNING"))
    made.syncs.append(_plain("p_3kboth00002", "gone twice", "RUNNING", sync=True))
    made.syncs.append(_plain("p_3kboth00003", "gone twice ", "DELETED", sync=True))
    return made


def duplicates(name_length: int) -> Tasks:
    """Live tasks of one name, as MetaDB's collation sees it."""
    whole = ("数据迁移🚚é" * name_length)[:name_length]
    # Whoever makes a name unique by the id of its task finds that name taken, too.
    taken = "_p_3kdup000002"
    migrations = (
        ("p_3kdup000001", "nightly load 订单", "RUNNING"),
        ("p_3kdup000002", "Nightly LOAD 订单", "SUSPEND"),
        ("p_3kdup000003", "nightly load 订单   ", "RELEASED"),
        ("p_3kdup000004", "nightly load 订单", "DELETED"),
        ("p_3kdup000005", f"Nightly LOAD 订单{taken}", "RUNNING"),
        ("p_3kdup000006", whole, "RUNNING"),
        ("p_3kdup000007", whole, "FINISHED"),
        ("p_3kdup000008", "it's a \"quoted\" \\ name; --", "INIT"),
        ("p_3kdup000009", "it's a \"quoted\" \\ name; --", "FAILED"),
    )
    syncs = (
        ("p_3kdup000011", "nightly load 订单", "RUNNING"),
        ("p_3kdup000012", "nightly load 订单", "RUNNING"),
    )
    return Tasks(
        [_plain(*task) for task in migrations], [_plain(*task, sync=True) for task in syncs]
    )


def _plain(identifier: str, name: str, status: str, *, sync: bool = False) -> Task:
    if sync:
        return Task(identifier, name, status, "CONNECTOR_INCR_SYNC", (False, True))
    return Task(identifier, name, status, "INCR_SYNC", (True, True, False))


def steps(task: Task) -> list[Row]:
    """(project_id, step_order, step_name, step_status, progress, start, finish, extra_info)"""
    if len(task.flags) == 2:
        full, incr = task.flags
        left_out = {"CONNECTOR_FULL_SYNC": not full, "CONNECTOR_INCR_SYNC": not incr}
        names = [name for name in _SYNC_STEPS if not left_out.get(name)]
    else:
        full, incr, reverse = task.flags
        left_out = {
            "FULL_MIGRATION": not full,
            "FULL_VALIDATION": not full,
            "INCR_LOG_PULL": not incr,
            "INCR_SYNC": not incr,
            "REVERSE_INCR_SYNC": not reverse,
        }
        names = [name for name in _MIGRATION_STEPS if not left_out.get(name)]
    reached = names.index(task.current)
    return [
        (task.id, order, name, *_state(task.status, name, order - 1 - reached))
        for order, name in enumerate(names, start=1)
    ]


def _state(status: str, step: str, ahead: int) -> Row:
    started, extra = "2023-06-01 08:00:00", json.dumps({"rows": 2**53 + 1})
    if ahead < 0 or status == "FINISHED":
        return "FINISHED", 100, started, "2023-06-01 09:30:00", extra
    if ahead > 0 or status == "INIT":
        return "INIT", 0, None, None, None
    now = {"RUNNING": "MONITORING" if step in _STEADY else "RUNNING"}.get(
        status, status if status in ("FAILED", "SUSPEND") else "FINISHED"
    )
    return now, 57, started, None, extra
