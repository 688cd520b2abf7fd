"""`oms-operator run`, as a process that is measured."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from . import ROOT  # noqa: F401  (finds the packages below)
from .figures import BenchError

from bed import process  # noqa: E402
from bed.apiserver import ApiServer  # noqa: E402
from kit.in_cluster import start_operator  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")


class Operator:
    """Started when made; killed at the end of its `with` block, if it was not stopped before."""

    def __init__(self, server: ApiServer, folder: Path) -> None:
        self.log = folder / "operator.log"
        self.port = process.free_port()
        self.began = time.monotonic()
        health = f"--health-address=127.0.0.1:{self.port}"
        self._process = start_operator(server, self.log, folder / "backups", health)

    def __enter__(self) -> Operator:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def ready_after(self, seconds: float = 120) -> float:
        """Seconds from the start until /readyz says yes."""
        self.wait_until(self._readyz, "/readyz that says yes", seconds, every=0.005)
        return time.monotonic() - self.began

    def wait_until(self, condition: Callable[[], bool], what: str, seconds: float, every: float) -> None:
        process.wait_until(
            condition, what=what, seconds=seconds, process=self._process, output=self.log, every=every
        )

    def cpu(self) -> float:
        """Seconds of processor time, its own and the kernel's on its behalf."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident(self) -> float:
        """Resident memory in MB."""
        found = re.search(r"^VmRSS:\s+(\d+) kB", self._proc("status"), re.MULTILINE)
        if found is None:
            raise BenchError(f"the operator has no memory any more:{self.last_words()}")
        return int(found[1]) * 1024 / 1e6

    def stop(self) -> float:
        """Seconds from SIGTERM to its end."""
        begin = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            raise BenchError(f"the operator still ran 30 s after SIGTERM:{self.last_words()}") from None
        return time.monotonic() - begin

    def last_words(self) -> str:
        return f"\n{self.log.read_text(errors='replace')[-2000:]}"

    def _proc(self, name: str) -> str:
        self._must_run()
        return Path(f"/proc/{self._process.pid}/{name}").read_text()

    def _must_run(self) -> None:
        if self._process.poll() is not None:
            raise BenchError(f"the operator ended with {self._process.returncode}:{self.last_words()}")

    def _readyz(self) -> bool:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        return process.answers_well(asked, "/readyz")
