"""The chart as helm renders it, and objects to look at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CHART = ROOT / "charts/oms-operator"
sys.path.insert(0, str(HERE.parent))

from bed import helm as bed_helm  # noqa: E402

Object = dict[str, Any]
NAME, SPACE = "oms-operator", "oms-system"


def helm(*arguments: str | Path, kubeconfig: Path | None = None) -> subprocess.CompletedProcess[str]:
    """helm as it comes: no repository, plugin or cluster of whoever runs the tests."""
    with tempfile.TemporaryDirectory() as home:
        own = {f"HELM_{kind}_HOME": home for kind in ("CONFIG", "CACHE", "DATA")}
        cluster = {"KUBECONFIG": str(kubeconfig or "/dev/null")}
        return subprocess.run(
            [str(bed_helm.program()), *map(str, arguments)],
            env={**os.environ, **own, **cluster},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def settings(values: Object) -> list[str]:
    """As --set-json takes them, each at the depth it is said at."""
    return [word for key, value in values.items() for word in ("--set-json", f"{key}={json.dumps(value)}")]


def template(values: Object, *, space: str = SPACE, name: str = NAME) -> subprocess.CompletedProcess[str]:
    # The API server's version that the bed has: without a cluster helm takes that of its own libraries.
    return helm("template", name, CHART, "--namespace", space, "--kube-version", "1.35.4", *settings(values))


def render(values: Object | None = None, *, space: str = SPACE, name: str = NAME) -> list[Object]:
    done = template(values or {}, space=space, name=name)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def refused(values: Object) -> str:
    done = template(values)
    assert done.returncode != 0, "was accepted"
    return done.stderr


def is_hook(one: Object) -> bool:
    return "helm.sh/hook" in one["metadata"].get("annotations", {})


def of_kind(objects: list[Object], kind: str) -> list[Object]:
    return [one for one in objects if one["kind"] == kind and not is_hook(one)]


def the(objects: list[Object], kind: str) -> Object:
    (one,) = of_kind(objects, kind)
    return one


def pod(objects: list[Object]) -> Object:
    return the(objects, "Deployment")["spec"]["template"]["spec"]


def container(objects: list[Object]) -> Object:
    (one,) = pod(objects)["containers"]
    return one
