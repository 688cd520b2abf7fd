"""`oms-operator run`, as a process that is measured."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import time
from pathlib import Path

from . import ROOT  # noqa: F401  (finds the packages below)
from .figures import BenchError, wait_until

from bed.apiserver import ApiServer  # noqa: E402
from bed.process import free_port  # noqa: E402
from kit import operator_binary  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")


class Operator:
    """Started when made; killed at the end of its `with` block, if it was not stopped before."""

    def __init__(self, server: ApiServer, folder: Path) -> None:
        self.log = folder / "operator.log"
        self.port = free_port()
        words = ["run", "--kubeconfig", server.kubeconfig, "--backup-dir", folder / "backups"]
        self.began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *("/usr/bin/setpriv", "--pdeathsig", "KILL", operator_binary()),
                    *(*map(str, words), f"--health-address=127.0.0.1:{self.port}"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Operator:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def ready_after(self, seconds: float = 120) -> float:
        """Seconds from the start until /readyz says yes."""
        wait_until(self._readyz, "the operator's /readyz to say yes", seconds, every=0.005, told=self.last_words)
        return time.monotonic() - self.began

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
        self._must_run()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()
