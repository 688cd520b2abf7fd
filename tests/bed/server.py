"""What all servers of a world have in common: start, stop, kill, pause."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .process import BedError, end, log, spawn, wait_until

if TYPE_CHECKING:
    from .world import World


class Server:
    """One server process with a folder of its own in its world.

    A subclass says how to start it (`command`), and when it is ready (`ready`).
    """

    stop_signal = signal.SIGTERM
    stop_seconds = 30.0
    start_seconds = 60.0

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.folder = world.folder / name
        self.folder.mkdir()
        self.log_path = self.folder / "output.log"
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str | Path]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return {}

    def ready(self) -> bool:
        raise NotImplementedError

    @property
    def pid(self) -> int:
        if self._process is None:
            raise BedError(f"{self.name} is not running")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        begin = time.monotonic()
        self._process = spawn(
            self.command(),
            world=self.world.folder,
            output=self.log_path,
            outlives_us=self.world.keeps,
            environment=self.environment(),
        )
        (self.folder / "pid").write_text(f"{self._process.pid}\n")
        wait_until(
            self.ready,
            what=f"{self.name} in {self.folder}",
            seconds=self.start_seconds,
            process=self._process,
            output=self.log_path,
        )
        log(f"{self.name} is up after {time.monotonic() - begin:.1f} s, {self}")

    def stop(self) -> None:
        """End it the way its own operator would."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        """Make it hang: from now on it keeps its connections and answers nothing."""
        self._signal(signal.SIGSTOP)
        # The signal is on its way for a moment, in which an answer could slip out.
        wait_until(
            lambda: os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOHANG) is not None,
            what=f"the pause of {self.name}",
            seconds=10,
            process=self._process,
        )

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            raise BedError(f"{self.name} is not running")
        self._process.send_signal(number)

    def _end(self, first: signal.Signals) -> None:
        if self._process is not None:
            end(self._process, first, self.stop_seconds)
            self._process = None
