"""Starting, watching and ending the processes of a world."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# Every process of a world carries the world's folder under this name in its
# environment; that is how a later clean-up knows it.
MARK = "OMS_BED_WORLD"

# The kernel sends a parent-death signal when the *thread* that forked ends.
# Forking from one thread that lives as long as the program makes that the same.
_FORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bed-forker")


class BedError(Exception):
    """The bed could not be made; the message says what was tried and where to look."""


def log(message: str) -> None:
    os.write(2, f"bed: {message}\n".encode())


def spawn(
    command: Sequence[str | Path],
    *,
    world: Path,
    output: Path,
    outlives_us: bool = False,
    environment: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that a ^C for us is not one for it."""
    words = [str(word) for word in command]
    if not outlives_us:
        words = ["/usr/bin/setpriv", "--pdeathsig", "KILL", *words]

    def fork() -> subprocess.Popen[bytes]:
        with output.open("ab") as file:
            return subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                cwd=world,
                env={**os.environ, **(environment or {}), MARK: str(world)},
                start_new_session=True,
            )

    return _FORKER.submit(fork).result()


def wait_until(
    condition: Callable[[], bool],
    *,
    what: str,
    seconds: float,
    process: subprocess.Popen[bytes] | None = None,
    output: Path | None = None,
    every: float = 0.02,
) -> None:
    """Look `every` so many seconds until the condition holds; give up at once when the process ends."""
    deadline = time.monotonic() + seconds
    ended = os.pidfd_open(process.pid) if process is not None else None
    try:
        while not condition():
            if time.monotonic() > deadline:
                raise BedError(f"{what} did not come within {seconds:.0f} s{_tail(output)}")
            exited, _, _ = select.select([ended] if ended is not None else [], [], [], every)
            if exited and process is not None:
                raise BedError(f"{what}: process ended with {process.wait()}{_tail(output)}")
    finally:
        if ended is not None:
            os.close(ended)


def answers_well(connection: http.client.HTTPConnection, path: str) -> bool:
    """Is the answer to a GET 200? The connection is used up."""
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _tail(output: Path | None) -> str:
    if output is None or not output.exists():
        return ""
    lines = output.read_text(errors="replace").splitlines()[-15:]
    return f"; the end of {output}:\n  " + "\n  ".join(lines)


def end(process: subprocess.Popen[bytes], first: signal.Signals, seconds: float) -> None:
    """Ask with `first`, insist with SIGKILL."""
    if process.poll() is not None:
        return
    process.send_signal(first)
    # A stopped process acts on no signal but SIGKILL until it is continued.
    process.send_signal(signal.SIGCONT)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def kill_and_wait(pids: set[int], seconds: float = 5) -> None:
    """SIGKILL to each, and wait until they are gone or the time is over."""
    poller = select.poll()
    descriptors = []
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(pid)
            descriptors.append(descriptor)
            poller.register(descriptor, select.POLLIN)
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    waiting = len(descriptors)
    deadline = time.monotonic() + seconds
    while waiting and (left := deadline - time.monotonic()) > 0:
        for descriptor, _ in poller.poll(left * 1000):
            poller.unregister(descriptor)
            waiting -= 1
    for descriptor in descriptors:
        os.close(descriptor)


def free_port() -> int:
    """A port that nobody listens on, from below the range of outgoing connections."""
    for _ in range(100):
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port
    raise BedError("no free port between 20000 and 32000 in 100 tries")


def listens(pid: int, port: int) -> bool:
    """Whether this very process listens there: another one may have been quicker."""
    inodes = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    try:
        descriptors = list(Path(f"/proc/{pid}/fd").iterdir())
    except FileNotFoundError:
        return False
    return any(_link(descriptor) in inodes for descriptor in descriptors)


def _link(path: Path) -> str:
    try:
        return os.readlink(path)
    except FileNotFoundError:
        return ""
