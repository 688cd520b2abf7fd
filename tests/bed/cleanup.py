"""Removing a world, our own at its end or one whose program died.

Both are the same act, so the one is tested with every run of the other. A world
is known by its folder; everything it made outside of the folder is found from
there: processes by the mark in their environment, containers by their control
group, mounts by their place, the network by its name.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from . import cache, network
from .process import MARK, BedError, kill_and_wait, log

PREFIX = "oms-operator-bed."
LOCK = "lock"
KEEP = "keep"


def parent_folder() -> Path:
    return Path(tempfile.gettempdir())


@contextlib.contextmanager
def registry() -> Iterator[None]:
    """Held while a world appears, gets its subnet, or is judged dead: no two at once."""
    with cache.locked("worlds"):
        yield


def clean_dead_worlds() -> list[Path]:
    """Remove every world of ours whose program is gone; kept worlds stay."""
    cleaned = []
    for folder in sorted(parent_folder().glob(PREFIX + "*")):
        if not _is_ours(folder) or (folder / KEEP).exists():
            continue
        with _claimed(folder) as dead:
            if dead:
                log(f"removing {folder}, left by a program that died")
                destroy(folder)
                cleaned.append(folder)
    return cleaned


def _is_ours(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except FileNotFoundError:  # somebody else has removed it just now
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()


@contextlib.contextmanager
def _claimed(folder: Path) -> Iterator[bool]:
    """Whether the world is dead; if so, we hold its lock and are the only one to remove it."""
    with registry():
        try:
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except FileNotFoundError:  # somebody else has removed it just now
            yield False
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            dead = True
        except BlockingIOError:
            dead = False
    try:
        yield dead
    finally:
        os.close(lock)


def destroy(folder: Path) -> None:
    """Leave no process, mount, control group, network or file of this world."""
    _kill_all(folder)
    _remove_shim_sockets(folder)
    _unmount_all(folder)
    _remove_control_groups(folder.name)
    network.remove(folder)
    # The lock file goes last: until then this folder is known as a world.
    for entry in folder.iterdir():
        if entry.name == LOCK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    with registry():  # nobody shall see the folder without its lock
        shutil.rmtree(folder)


def processes(folder: Path) -> set[int]:
    """Every process of the world: by the mark that servers inherit, or by a container's group."""
    mark = f"{MARK}={folder}".encode()
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            if mark in _read(entry / "environ").split(b"\0"):
                found.add(int(entry.name))
    for group in _control_groups(folder.name):
        found.update(int(pid) for pid in _read(group / "cgroup.procs").split())
    return {pid for pid in found if _state(pid) not in ("", "Z", "X")}


def _kill_all(folder: Path) -> None:
    deadline = time.monotonic() + 20
    # Again and again: one of them may have forked while we looked.
    while living := processes(folder):
        if time.monotonic() > deadline:
            raise BedError(f"processes {sorted(living)} of {folder} do not die")
        kill_and_wait(living)


def _state(pid: int) -> str:
    status = _read(Path(f"/proc/{pid}/stat")).decode(errors="replace")
    return status.rpartition(")")[2].split()[0] if status else ""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError, NotADirectoryError):
        return b""


def mounts(folder: Path) -> list[str]:
    """Mount points under the folder, the innermost first."""
    places = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        place = line.split()[4].encode().decode("unicode_escape")
        if place.startswith(f"{folder}/"):
            places.append(place)
    return places[::-1]


def _unmount_all(folder: Path) -> None:
    for place in mounts(folder):
        subprocess.run(["/usr/bin/umount", "-l", place], check=True)


def _control_groups(name: str) -> list[Path]:
    """The world's groups in every hierarchy (v1 has several, v2 one), the innermost first."""
    roots = [Path("/sys/fs/cgroup") / name, *Path("/sys/fs/cgroup").glob(f"*/{name}")]
    groups = []
    for root in roots:
        if root.is_dir():
            groups += [Path(path) for path, _, _ in os.walk(root, topdown=False)]
    return groups


def _remove_control_groups(name: str) -> None:
    for group in _control_groups(name):
        deadline = time.monotonic() + 5
        while True:
            try:
                group.rmdir()
                break
            except FileNotFoundError:
                break
            except OSError as error:  # busy until the kernel has seen the last process off
                if time.monotonic() > deadline:
                    raise BedError(f"cannot remove {group}: {error}") from error
                os.sched_yield()


def _remove_shim_sockets(folder: Path) -> None:
    """containerd puts its shims' sockets under /run whatever its own folders are."""
    for address in folder.glob("*/exec/containerd/daemon/io.containerd.runtime.v2.task/moby/*/address"):
        socket = Path(address.read_text().removeprefix("unix://"))
        if socket.is_relative_to("/run/containerd/s"):
            socket.unlink(missing_ok=True)
