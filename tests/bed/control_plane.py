"""The Kubernetes programs, built from their Go modules as tests/control-plane pins them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from .go_build import built

SOURCE = Path(__file__).resolve().parent.parent / "control-plane"
KUBERNETES = "1.35.4"


def binaries() -> Path:
    """A folder with kube-apiserver and etcd; KUBEBUILDER_ASSETS wins where it has them."""
    given = os.environ.get("KUBEBUILDER_ASSETS")
    if given and all((Path(given) / name).exists() for name in ("kube-apiserver", "etcd")):
        return Path(given)
    return _built("control-plane", ["k8s.io/kubernetes/cmd/kube-apiserver", "./etcd"])


def kubectl() -> Path:
    """The machine's kubectl, or one of our own."""
    here = shutil.which("kubectl")
    if here is not None:
        return Path(here)
    given = Path(os.environ.get("KUBEBUILDER_ASSETS") or "/nonexistent") / "kubectl"
    return given if given.exists() else _built("kubectl", ["k8s.io/kubernetes/cmd/kubectl"]) / "kubectl"


def _built(name: str, packages: list[str]) -> Path:
    return built(SOURCE, f"{name}-{KUBERNETES}", packages, _linker_flags())


def _linker_flags() -> str:
    major, minor, _ = KUBERNETES.split(".")
    version = {"gitVersion": f"v{KUBERNETES}", "gitMajor": major, "gitMinor": minor}
    settings = [f"-X k8s.io/component-base/version.{key}={value}" for key, value in version.items()]
    return " ".join(["-s", "-w", *settings])
