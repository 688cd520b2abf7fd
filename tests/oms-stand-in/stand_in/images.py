"""The images of the stand-in, as archives for `docker load`, made once and kept in a cache."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from bed import cache
from omsflow.versions import VERSIONS  # type: ignore[import-not-found]

from . import ASSISTANT_TREE, IMAGE_TREE, archive

REPOSITORY = "work.oceanbase-dev.com/obartifact-store/oms"
_PACKAGES = (*cache.BASE_PACKAGES, "python3-yaml", "curl", "nginx-light")
_KEEP = 3
_UPGRADE_SCRIPT = frozenset({"root/docker_upgrade.sh"})
# Only in images of versions that upgrade from below 4.0.1.
_JAVA = frozenset(
    {"opt/alibaba/java/bin/java", "root/correction-1.0-SNAPSHOT-jar-with-dependencies.jar"}
)


def reference(version: str) -> str:
    return f"{REPOSITORY}:{VERSIONS[version].tag}"


def archive_of(version: str) -> Path:
    """Where the archive of that version lies; it is built when it is not there yet."""
    key = f"oms-stand-in-{version}-{_digest(version)}"

    def make(folder: Path) -> None:
        _build(version, cache.base_image(_PACKAGES), folder / f"oms_{version}.tar")
        _forget_all_but_the_last(version)

    return cache.made(key, make) / f"oms_{version}.tar"


def assistant_reference(version: str, architecture: str = "amd64") -> str:
    machine = {"amd64": "x86", "arm64": "arm"}[architecture]
    return f"oms-{version}_{machine}_upgrade_tools-{architecture}:20251123"


def assistant_archive_of(version: str, architecture: str = "amd64") -> Path:
    """The installation package of the upgrade assistant tool. That for arm64 only says that it is."""
    key = f"oms-stand-in-assistant-{version}-{architecture}-{_digest(version, ASSISTANT_TREE)}"

    def make(folder: Path) -> None:
        layer = folder / "layer"
        files = {"opt/upgrade_tools/VERSION": f"{version}\n"}
        archive.layer_of(ASSISTANT_TREE, layer, extra=files, links={})
        image = archive.Image(
            reference=assistant_reference(version, architecture),
            command=["/opt/upgrade_tools/lay_out.sh"],
            labels={},
            ports=[],
        )
        layers = [cache.base_image(_PACKAGES), layer]
        archive.write(image, layers, folder / "tools.tar", architecture=architecture)
        layer.unlink()

    return cache.made(key, make) / "tools.tar"


def _digest(version: str, tree: Path = IMAGE_TREE) -> str:
    """Of everything that goes into an image."""
    state = hashlib.sha256(f"{version} {_PACKAGES}".encode())
    sources = [*tree.rglob("*"), Path(__file__), Path(archive.__file__)]
    for path in sorted(sources):
        if path.is_file() and "__pycache__" not in path.parts:
            state.update(f"{path.name} {os.access(path, os.X_OK)}\n".encode() + path.read_bytes())
    return state.hexdigest()[:16]


def _build(version: str, base: Path, target: Path) -> None:
    image = archive.Image(
        reference=reference(version),
        command=["/root/docker_cmd.sh"],
        labels={"com.oceanbase.oms.version": version},
        ports=[8088, 8089, 8090, 9000, 2023],
    )
    layer = target.with_suffix(".layer")
    archive.layer_of(
        IMAGE_TREE,
        layer,
        extra={"root/omsflow/VERSION": f"{version}\n"},
        links={"usr/bin/python": "python3"},
        without=_left_out(version),
    )
    archive.write(image, [base, layer], target)
    layer.unlink()


def _left_out(version: str) -> frozenset[str]:
    found = VERSIONS[version]
    java = frozenset() if found.jar_from else _JAVA
    return java | _UPGRADE_SCRIPT if found.community else java


def _forget_all_but_the_last(version: str) -> None:
    """Each is 230 MB, and every change of a source makes another."""
    entries = cache.root().glob(f"oms-stand-in-{version}-*")
    whole = [path for path in entries if path.is_dir() and path.suffix != ".partial"]
    for path in sorted(whole, key=lambda path: path.stat().st_mtime)[:-_KEEP]:
        shutil.rmtree(path, ignore_errors=True)
