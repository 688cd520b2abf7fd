"""What GitOps tools take an OMSUpgrade for, and what a person who reads it would say."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bed.go_build import built

ROOT = Path(__file__).resolve().parent.parent.parent
ARGO = ROOT / "manifests/argo-cd/oms.oceanbase.com/OMSUpgrade"

Object = dict[str, Any]


class Verdict(NamedTuple):
    kstatus: str
    argo: str


def program() -> Path:
    """Flux's kstatus and a Lua as Argo CD's, both from their own modules."""
    return built(ROOT / "tests/gitops", "gitops-judge-1", ["./judge"], "-s -w") / "judge"


def judged(objects: Sequence[Object]) -> list[dict[str, str]]:
    told = subprocess.run(
        [program(), ARGO / "health.lua"],
        input="\n".join(json.dumps(one) for one in objects),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert told.returncode == 0, told.stderr
    verdicts = [json.loads(line) for line in told.stdout.splitlines()]
    assert len(verdicts) == len(objects)
    return verdicts


def verdicts(objects: Sequence[Object]) -> list[Verdict]:
    return [Verdict(one["kstatus"], one["argo"]) for one in judged(objects)]


# By what was asked for, and by the run's own record: never by the conditions that the tools read.


def is_asked_back(one: Object) -> bool:
    return bool(one["spec"].get("rollback", {}).get("requested"))


def of_a_person(one: Object) -> Verdict:
    status = one.get("status", {})
    run = status.get("run", {})
    if "deletionTimestamp" in one["metadata"]:
        return Verdict("Terminating", "Progressing")
    if status.get("observedGeneration", -1) != one["metadata"]["generation"]:
        return Verdict("InProgress", "Progressing")
    outcome = run.get("outcome")
    if outcome == "Succeeded" and run["spec"]["targetVersion"] != one["spec"]["targetVersion"]:
        return Verdict("Failed", "Degraded")  # the manifest wants what is not there
    if outcome == "Succeeded" or (outcome == "RolledBack" and is_asked_back(one)):
        return Verdict("Current", "Healthy")
    if outcome is not None:
        return Verdict("Failed", "Degraded")
    if run.get("cursor", {}).get("failure") and run["cursor"]["goal"] == "Applied":
        return Verdict("Failed", "Degraded")  # it waits for a person to take it back
    if status["phase"] in ("Paused", "Approve"):
        return Verdict("InProgress", "Suspended")
    return Verdict("InProgress", "Progressing")


def surprises(objects: Sequence[Object]) -> list[str]:
    """Where a tool and a person differ."""
    return [
        f"{one['status'].get('phase')}, {one['status'].get('message')}: {said}, a person says {wanted}"
        for one, said, wanted in zip(objects, verdicts(objects), map(of_a_person, objects), strict=True)
        if said != wanted
    ]
