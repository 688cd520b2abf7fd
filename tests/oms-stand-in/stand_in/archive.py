"""Writing what `docker load` reads, without a Docker daemon, the same bytes each time."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Image:
    reference: str
    command: list[str]
    labels: dict[str, str]
    ports: list[int]
    architecture: str = "amd64"


def layer_of(
    tree: Path,
    out: Path,
    extra: dict[str, str],
    links: dict[str, str],
    without: frozenset[str] = frozenset(),
) -> None:
    """A layer of the files under `tree` but those of `without`, of `extra` path → text, and of
    symbolic `links`."""
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(tree.rglob("*")):
            name = str(path.relative_to(tree))
            # Directories are left out: one that the base has too would lose its mode.
            if path.is_dir() or "__pycache__" in path.parts or name in without:
                continue
            _add(tar, name, path.read_bytes(), 0o755 if os.access(path, os.X_OK) else 0o644)
        for name, text in sorted(extra.items()):
            _add(tar, name, text.encode(), 0o644)
        for name, target in sorted(links.items()):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            tar.addfile(link)


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), mode
    tar.addfile(info, io.BytesIO(content))


def write(image: Image, layers: list[Path], out: Path) -> None:
    digests = [_digest(layer) for layer in layers]
    config = json.dumps(
        {
            "architecture": image.architecture,
            "os": "linux",
            "created": "2025-01-01T00:00:00Z",
            "config": {
                "Cmd": image.command,
                "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
                "Labels": image.labels,
                "WorkingDir": "/root",
                "ExposedPorts": {f"{port}/tcp": {} for port in image.ports},
            },
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]},
            "history": [{"created": "2025-01-01T00:00:00Z"} for _ in digests],
        },
        sort_keys=True,
    ).encode()
    identifier = hashlib.sha256(config).hexdigest()
    manifest = [
        {
            "Config": f"{identifier}.json",
            "RepoTags": [image.reference],
            "Layers": [f"{digest}/layer.tar" for digest in digests],
        }
    ]
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as tar:
        for digest, layer in zip(digests, layers, strict=True):
            _add(tar, f"{digest}/VERSION", b"1.0", 0o644)
            info = tarfile.TarInfo(f"{digest}/layer.tar")
            info.size, info.mode = layer.stat().st_size, 0o644
            with layer.open("rb") as file:
                tar.addfile(info, file)
        _add(tar, f"{identifier}.json", config, 0o644)
        _add(tar, "manifest.json", json.dumps(manifest).encode(), 0o644)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
