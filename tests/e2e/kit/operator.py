"""The operator as a process: started, listened to, killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import operator_binary

# Far beyond what any scenario takes; a run that hangs is killed and told of.
LIMIT_SECONDS = 240.0

SUCCEEDED, FAILED, ROLLED_BACK, REFUSED, USAGE = 0, 1, 2, 3, 64


@dataclass(repr=False)
class Ended:
    """A run that is over: its exit code, and all it said."""

    code: int
    stdout: str
    stderr: str
    lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> dict[str, Any]:
        """The whole status, as the last line shows it."""
        return dict(self.lines[-1]["status"])

    def __repr__(self) -> str:
        return f"exit code {self.code}\n{_brief(self.lines) or self.stdout}\n{self.stderr}"


@dataclass(frozen=True)
class Place:
    """Where a run is: `goal` is Applied on the way there, Reverted on the way back."""

    phase: str
    goal: str
    attempts: int

    @staticmethod
    def of(line: dict[str, Any]) -> Place | None:
        if line.get("kind") != "status" or "goal" not in line or "outcome" in line:
            return None
        phase = line["phase"]
        if phase == "RollingBack":
            phase = line["message"].partition(":")[0]
        return Place(phase, line["goal"], line["attempts"])


class Running:
    """One process of the operator, whose objects are read as they come."""

    def __init__(self, words: list[str | Path], *, watched: Callable[[], None] | None = None) -> None:
        self._process = subprocess.Popen(
            # It ends with us, whatever ends us.
            ["/usr/bin/setpriv", "--pdeathsig", "KILL", operator_binary(), *map(str, words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "TERM": "dumb"},
        )
        self._watched = watched
        self._lines: list[dict[str, Any]] = []
        self._said: list[str] = []
        self._errors: list[bytes] = []
        self._reader = threading.Thread(target=self._read_errors, daemon=True)
        self._reader.start()
        self._alarm = threading.Timer(LIMIT_SECONDS, self._process.kill)
        self._alarm.daemon = True
        self._alarm.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def lines(self) -> Iterator[dict[str, Any]]:
        """Each object as it comes, until the process has ended."""
        assert self._process.stdout is not None
        for raw in self._process.stdout:
            text = raw.decode()
            self._said.append(text)
            try:
                line = json.loads(text)
            except ValueError:
                continue  # words for a person
            self._lines.append(line)
            if self._watched is not None:
                self._watched()
            yield line

    def places(self) -> Iterator[Place]:
        for line in self.lines():
            if (place := Place.of(line)) is not None:
                yield place

    def until(self, condition: Callable[[Place], bool]) -> Place:
        """Wait until the run is there; it must not end before."""
        for place in self.places():
            if condition(place):
                return place
        raise AssertionError(f"the run ended before it came there: {self.end()}")

    def kill(self) -> Ended:
        self._process.send_signal(signal.SIGKILL)
        return self.end()

    def kill_within(self, seconds: float, stays: Callable[[Place], bool]) -> Ended:
        """SIGKILL when that time is over, or as soon as the run is where it does not stay."""
        alarm = threading.Timer(seconds, self._process.kill)
        alarm.start()
        for place in self.places():
            if not stays(place):
                break
        alarm.cancel()
        return self.kill()

    def interrupt(self) -> Ended:
        self._process.send_signal(signal.SIGTERM)
        return self.end()

    def end(self) -> Ended:
        for _ in self.lines():
            pass
        code = self._process.wait()
        self._alarm.cancel()
        self._reader.join()
        return Ended(code, "".join(self._said), b"".join(self._errors).decode(), self._lines)

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for raw in self._process.stderr:
            self._errors.append(raw)


def _brief(lines: list[dict[str, Any]]) -> str:
    """What a person needs of a run that went wrong."""
    told = [f"  {line.get('phase')}: {line.get('message')}" for line in lines if "phase" in line]
    if lines and "status" in lines[-1]:
        told += [f"  finding {one['name']}: {one['message']}" for one in lines[-1]["status"].get("findings", [])]
    return "\n".join(told)
