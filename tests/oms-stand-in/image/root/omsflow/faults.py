"""Faults that a test asked for, in faults.json of the mounted run directory.

The file is keyed by version, since old and new OMS share that directory:
{"4.3.1": {"start_delay_seconds": 20}}. It is read afresh each time it matters.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path

from . import identity

FILE = Path("/home/ds/run/faults.json")


@dataclass(frozen=True)
class Faults:
    # Seconds before anything in the container listens.
    start_delay_seconds: float = 0
    # /oms/health never says healthy.
    never_healthy: bool = False
    # /oms/health says healthy for so long, and then not again.
    healthy_seconds: float | None = None
    # How long docker_upgrade.sh takes in all.
    upgrade_seconds: float = 3
    # docker_upgrade.sh ends with this code after so many steps.
    upgrade_exit: int | None = None
    # docker_upgrade.sh hangs after so many steps.
    upgrade_hang: bool = False
    # After how many steps the two above happen; None is half of them.
    upgrade_stop_after: int | None = None
    # The same of support_upgrade_action.sh, keyed by the version it leads to.
    component_seconds: float = 3
    component_exit: int | None = None
    component_hang: bool = False
    # The same four of the upgrade jar.
    jar_seconds: float = 2
    jar_exit: int | None = None
    jar_hang: bool = False
    jar_stop_after: int | None = None


def asked(version: str | None = None) -> Faults:
    """Those of this version, or of another that shares the run directory."""
    try:
        values = json.loads(FILE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Faults()
    values = values.get(version or identity.version().name, {})
    unknown = set(values) - {field.name for field in fields(Faults)}
    if unknown:
        raise ValueError(f"{FILE} asks for faults that do not exist: {sorted(unknown)}")
    return Faults(**values)
