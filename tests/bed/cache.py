"""What is downloaded or built once per machine, under ~/.cache/oms-operator.

Each entry is keyed by name and version, made under a temporary name by one
builder at a time, and renamed when it is whole: what has its final name is
complete and is never changed again.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from .process import BedError, log

SEEKDB = ("pylibseekdb", "1.4.0.post1", "7c1c1e13148189af1332f69b896a818b674db3a4615c7caf1c9db05055738ad6")

# supervisord is what OMS itself runs under; the rest is what the OMS stand-in is made of.
BASE_PACKAGES = ("supervisor", "python3-pymysql", "procps")


def root() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(home) / "oms-operator"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    lock = os.open(root() / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def made(key: str, make: Callable[[Path], None]) -> Path:
    """The entry `key`; `make` is called with a new folder to fill if it is not there yet."""
    final = root() / key
    if final.exists():
        return final
    with locked(key):
        if final.exists():
            return final
        partial = root() / f"{key}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        log(f"making {final}, once for this machine")
        begin = time.monotonic()
        make(partial)
        partial.rename(final)
        log(f"made {final} in {time.monotonic() - begin:.0f} s")
    return final


def command(*words: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        end = "\n  ".join(done.stderr.splitlines()[-20:])
        raise BedError(f"{' '.join(map(str, words))} ended with {done.returncode}:\n  {end}")
    return done.stdout


def unpacked_wheel(name: str, version: str, sha256: str) -> Path:
    """The content of a PyPI package's wheel, which pip has compared with its digest."""

    def make(folder: Path) -> None:
        download = folder / "download"
        download.mkdir()
        requirement = download / "requirements.txt"
        requirement.write_text(f"{name}=={version} --hash=sha256:{sha256}\n")
        pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes")
        command(*pip, "--only-binary=:all:", "-d", download, "-r", requirement)
        (wheel,) = download.glob("*.whl")
        _unzip(wheel, folder)
        shutil.rmtree(download)

    return made(f"{name}-{version}", make)


def _unzip(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            path = Path(archive.extract(entry, folder))
            # ZipFile leaves out the permissions, which stand in the upper half.
            if entry.external_attr >> 16 & 0o111:
                path.chmod(0o755)


def seekdb() -> Path:
    """A folder with pylibseekdb/seekdb, and its libraries in pylibseekdb/ and pylibseekdb.libs/."""
    return unpacked_wheel(*SEEKDB)


def base_image(packages: Sequence[str] = BASE_PACKAGES, suite: str = "bookworm") -> Path:
    """A tar of a minimal Debian with these packages, for `docker import`."""
    wanted = ",".join(sorted(set(packages)))
    digest = hashlib.sha256(f"{suite} {wanted}".encode()).hexdigest()[:12]

    def make(folder: Path) -> None:
        command("mmdebstrap", "--quiet", "--variant=minbase", f"--include={wanted}", suite, folder / "base.tar")

    return made(f"base-{suite}-{digest}", make) / "base.tar"
