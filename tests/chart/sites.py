"""OMSUpgrades as they stand after all that can happen to them, for what looks at many at once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from .kit import Object

if TYPE_CHECKING:
    from bed.apiserver import ApiServer


def ago(**long: float) -> str:
    return (datetime.now(timezone.utc) - timedelta(**long)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def spec(name: str) -> Object:
    """Of an OMS whose Docker host is not there."""
    return {
        "targetVersion": "4.3.1",
        "image": {"reference": "registry.example/oms:feature_4.3.1"},
        "nodes": [{"docker": {"endpoint": f"unix:///nowhere/{name}.sock"}, "container": f"oms_{name}"}],
    }


def step(name: str, goal: str, begun: str, ended: str) -> Object:
    return {"name": name, "goal": goal, "state": "Done", "startTime": begun, "finishTime": ended, "attempts": 1}


def run(name: str, phase: str, goal: str, outcome: str) -> Object:
    return {
        "id": f"{name}-1",
        "specHash": "0" * 16,
        "generation": 1,
        "startTime": ago(days=30),
        "finishTime": ago(days=29),
        "outcome": outcome,
        "spec": spec(name),
        "cursor": {"phase": phase, "goal": goal, "since": ago(days=30), "failure": "a phase failed"},
    }


DUMP = {"name": "oms_rm", "file": "oms_rm.sql.zst", "bytes": 5_000_000_000, "sha256": "0" * 64, "tables": 9, "rows": 9}


def ended(name: str, phase: str, outcome: str) -> Object:
    """A run of a month ago that came as far as its dump, or beyond."""
    return {
        "observedGeneration": 1,
        "phase": phase,
        "message": "password=never-on-the-page",
        "run": run(name, "Confirm" if outcome == "Succeeded" else "StopOMS", "Applied", outcome),
        "times": {"t1": ago(days=30)},
        "downtimeSeconds": 300,
        "backup": {"path": f"/backups/{name}-1", "databases": [DUMP]},
        "steps": [step("BackupMetaDB", "Applied", ago(days=30, minutes=2), ago(days=30))],
    }


def statuses() -> dict[str, Object]:
    succeeded, taken_back, failed = (
        ended("done", "Succeeded", "Succeeded"),
        ended("taken-back", "RolledBack", "RolledBack"),
        ended("lost", "Failed", "Failed"),
    )
    taken_back["run"]["cursor"]["goal"] = failed["run"]["cursor"]["goal"] = "Reverted"
    taken_back["steps"].append(step("BackupMetaDB", "Reverted", ago(days=29, minutes=3), ago(days=29)))
    del failed["downtimeSeconds"]
    return {"done": succeeded, "taken-back": taken_back, "lost": failed}


def put(server: ApiServer, space: str) -> None:
    """Three that ended, with what is on record of them; one that will be refused, one that goes on looking."""
    for name, status in statuses().items():
        create(server, space, name, spec(name))
        patch = json.dumps({"status": status})
        server.kubectl("patch", f"omsup/{name}", "-n", space, "--subresource=status", "--type=merge", "-p", patch)
    # A minute is given to a host that does not answer, unless there is less.
    create(server, space, "refused", {**spec("refused"), "deadlines": [{"phase": "Precheck", "seconds": 1}]})
    create(server, space, "looking", {**spec("looking"), "deadlines": [{"phase": "Precheck", "seconds": 600}]})


def create(server: ApiServer, space: str, name: str, wanted: Object) -> None:
    made = {
        "apiVersion": "oms.oceanbase.com/v1alpha1",
        "kind": "OMSUpgrade",
        "metadata": {"name": name, "namespace": space},
        "spec": wanted,
    }
    server.kubectl("create", "-f", "-", stdin=json.dumps(made))
