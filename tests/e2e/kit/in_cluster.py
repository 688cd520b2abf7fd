"""The operator in its cluster home: `oms-operator run` against the bed's API server, and kubectl."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import operator_binary
from .operator import LIMIT_SECONDS, Place
from .premises import Premises

from bed import control_plane
from bed.apiserver import ApiServer

RESOURCE = "omsupgrade"


def start_operator(
    server: ApiServer, log: Path, backups: Path, *more: str, kubeconfig: Path | None = None
) -> subprocess.Popen[bytes]:
    """`oms-operator run`, which ends with us, whatever ends us."""
    words = ["run", "--kubeconfig", str(kubeconfig or server.kubeconfig), "--backup-dir", str(backups), *more]
    # Several run side by side: each takes a port that is free.
    words.append("--metrics-address=127.0.0.1:0")
    with log.open("ab") as sink:
        return subprocess.Popen(
            ["/usr/bin/setpriv", "--pdeathsig", "KILL", operator_binary(), *words],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
        )


class History:
    """Every state that a client who watches gets to see."""

    def __init__(self, server: ApiServer, file: Path) -> None:
        self._file = file
        words = ["get", RESOURCE, "-n", "default", "--watch", "-o", "json"]
        with file.open("wb") as sink:
            self._process = subprocess.Popen(
                ["/usr/bin/setpriv", "--pdeathsig", "KILL", control_plane.kubectl(), "--kubeconfig", server.kubeconfig, *words],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.DEVNULL,
            )

    def end(self) -> list[dict[str, Any]]:
        self._process.kill()
        self._process.wait()
        return self.so_far()

    def so_far(self) -> list[dict[str, Any]]:
        text, decoder, states = self._file.read_text(), json.JSONDecoder(), []
        while (text := text.lstrip()):
            try:
                state, end = decoder.raw_decode(text)
            except json.JSONDecodeError:
                break  # killed in the middle of one
            states.append(state)
            text = text[end:]
        return states


@dataclass
class ClusterHome:
    server: ApiServer
    premises: Premises
    folder: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log_path(self) -> Path:
        return self.folder / "operator.log"

    def start(self, *more: str) -> None:
        self._process = start_operator(
            self.server, self.log_path, self.premises.state_dir, "--health-address=none", *more
        )

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(number)
        code = self._process.wait(timeout=30)
        self._process = None
        return code

    # kubectl, as a person types it.

    def kubectl(self, *words: str | Path, stdin: str = "") -> str:
        return self.server.kubectl(*words, stdin=stdin)

    def apply(self, manifest: Path) -> None:
        self.kubectl("apply", "-f", manifest)

    def wait(self, condition: str, name: str | None = None) -> None:
        limit = f"--timeout={LIMIT_SECONDS:.0f}s"
        self.kubectl("wait", f"--for={condition}", limit, f"{RESOURCE}/{name or self.premises.name}")

    def patch(self, change: dict[str, Any]) -> None:
        self.kubectl("patch", RESOURCE, self.premises.name, "--type=merge", "-p", json.dumps(change))

    def get(self, name: str | None = None) -> dict[str, Any] | None:
        path = f"/apis/oms.oceanbase.com/v1alpha1/namespaces/default/omsupgrades/{name or self.premises.name}"
        code, body = self.server.request("GET", path)
        return json.loads(body) if code == 200 else None

    def status(self, name: str | None = None) -> dict[str, Any]:
        return dict((self.get(name) or {}).get("status", {}))

    def place(self) -> Place | None:
        run = self.status().get("run")
        if not run or "outcome" in run:
            return None
        cursor = run["cursor"]
        return Place(cursor["phase"], cursor["goal"], cursor.get("pushes", 0))

    def until_place(self, phase: str, goal: str = "Applied", *, pushed: bool = False) -> None:
        def there() -> bool:
            at = self.place()
            return at is not None and (at.phase, at.goal) == (phase, goal) and (at.attempts > 0 or not pushed)

        self.until(there, f"{phase} {goal}")

    def until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + LIMIT_SECONDS
        while not condition():
            if self._process is not None and self._process.poll() is not None:
                raise AssertionError(f"the operator ended; {self.tail()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} never came: {self.status().get('message')}; {self.tail()}")
            threading.Event().wait(0.02)

    def tail(self) -> str:
        return "\n".join(self.log_path.read_text().splitlines()[-15:])

    def clear(self) -> None:
        """No resource and no process is left, whatever state they are in."""
        self._end(signal.SIGKILL)
        listed = self.kubectl("get", RESOURCE, "-o", "name").split()
        for name in listed:
            self.kubectl("patch", name, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
            self.kubectl("delete", name, "--ignore-not-found")

