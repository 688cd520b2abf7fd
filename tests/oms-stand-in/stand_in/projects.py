"""Projects in all kinds of states, with the steps and components that belong to them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

_STEPS = (
    "TRANSFER_PRECHECK",
    "STRUCT_TRANSFER",
    "TRANSFER_INCR_LOG_PULL",
    "FULL_TRANSFER",
    "INDEX_TRANSFER",
    "INCR_TRANSFER",
    "FULL_VERIFIER",
    "TRANSFER_APP_SWITCH",
    "REVERSE_INCR_TRANSFER",
)
# Steps that do not end but reach a steady state.
_STEADY = {"INCR_TRANSFER", "REVERSE_INCR_TRANSFER"}

Row = tuple[object, ...]


@dataclass(frozen=True)
class Kind:
    status: str
    current: str
    full: bool = True
    incr: bool = True
    reverse: bool = False
    type: str = "MIGRATION"
    # Kind of component to its status.
    components: tuple[tuple[str, str], ...] = ()


# One project of each, then from the first again.
KINDS = (
    Kind(
        "RUNNING",
        "INCR_TRANSFER",
        components=(("STORE", "RUNNING"), ("FULL_IMPORT", "FINISHED"), ("INCR_SYNC", "RUNNING")),
    ),
    Kind(
        "RUNNING",
        "REVERSE_INCR_TRANSFER",
        reverse=True,
        components=(("REVERSE_STORE", "RUNNING"), ("REVERSE_INCR_SYNC", "RUNNING")),
    ),
    # Its Full-Import must be resumed by a person after every upgrade.
    Kind(
        "RUNNING",
        "FULL_TRANSFER",
        components=(("STORE", "RUNNING"), ("FULL_IMPORT", "RUNNING")),
    ),
    Kind(
        "SUSPEND",
        "INCR_TRANSFER",
        components=(("STORE", "RUNNING"), ("INCR_SYNC", "SUSPEND")),
    ),
    Kind(
        "FAILED",
        "INCR_TRANSFER",
        components=(("STORE", "ABNORMAL"), ("INCR_SYNC", "ABNORMAL")),
    ),
    Kind("FINISHED", "FULL_TRANSFER", incr=False, components=(("FULL_VERIFY", "FINISHED"),)),
    Kind("INIT", "TRANSFER_PRECHECK", reverse=True),
    Kind("RELEASED", "INCR_TRANSFER"),
    Kind("DELETED", "FULL_TRANSFER", incr=False),
    Kind(
        "RUNNING",
        "INCR_TRANSFER",
        full=False,
        type="SYNC",
        components=(("STORE", "RUNNING"), ("INCR_SYNC", "RUNNING")),
    ),
)


@dataclass(frozen=True)
class Rows:
    projects: list[Row]
    steps: list[Row]
    components: list[Row]


def rows(count: int, hosts: Sequence[str]) -> Rows:
    """The components lie on the hosts in turn."""
    made = Rows([], [], [])
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        identifier = f"np_4kx{number:08d}"
        name = f"{kind.type.lower()} of orders №{number} – “{kind.status.lower()}” 数据迁移"
        labels = json.dumps([{"id": f"l_{number % 7}", "name": "team's \"own\""}])
        flags = (kind.full, kind.incr, kind.reverse)
        made.projects.append(
            (identifier, name, kind.type, kind.status, kind.current, *flags, labels, number % 16 + 1)
        )
        made.steps.extend((identifier, *step) for step in _steps(kind))
        host = hosts[number % len(hosts)]
        made.components.extend((identifier, *part, host) for part in kind.components)
    return made


def sub_project() -> Rows:
    """A part of another task, which has not come to its reverse increment."""
    kind = Kind("RUNNING", "INCR_TRANSFER", reverse=True)
    identifier = "np_4kxsub00001"
    labels = json.dumps([{"id": "l_sub", "name": "part of np_4kx00000000"}])
    flags = (kind.full, kind.incr, kind.reverse)
    name = "part of orders"
    project = (identifier, name, kind.type, kind.status, kind.current, *flags, labels, 1)
    return Rows([project], [(identifier, *step) for step in _steps(kind)], [])


def _steps(kind: Kind) -> list[Row]:
    left_out = {
        "FULL_TRANSFER": not kind.full,
        "FULL_VERIFIER": not kind.full,
        "TRANSFER_INCR_LOG_PULL": not kind.incr,
        "INCR_TRANSFER": not kind.incr,
        "REVERSE_INCR_TRANSFER": not kind.reverse,
    }
    names = [name for name in _STEPS if not left_out.get(name)]
    reached = names.index(kind.current)
    return [_step(kind, order, name, order - reached) for order, name in enumerate(names, start=1)]


def _step(kind: Kind, order: int, name: str, ahead: int) -> Row:
    started = "2025-06-01 08:00:00"
    if ahead <= 0 or kind.status == "FINISHED":
        return order, name, "FINISHED", 100, started, "2025-06-01 09:30:00", '{"rows": "1"}'
    if ahead > 1 or kind.status == "INIT":
        return order, name, "INIT", 0, None, None, None
    status = {"RUNNING": "MONITORING" if name in _STEADY else "RUNNING"}.get(
        kind.status, kind.status if kind.status in ("FAILED", "SUSPEND") else "FINISHED"
    )
    return order, name, status, 57, started, None, '{"rows": 9007199254740993}'
