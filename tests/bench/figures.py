"""What is printed: one row a figure, ours beside what it is held against."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass


class BenchError(Exception):
    """A figure could not be taken; the message says what was seen."""


@dataclass(frozen=True)
class Figure:
    """`ratio` is what the goal is about; without a goal the row only informs."""

    name: str
    ours: str
    against: str = ""
    ratio: float | None = None
    goal_least: float | None = None
    goal_most: float | None = None
    command: str = ""

    @property
    def met(self) -> bool | None:
        if self.ratio is None or (self.goal_least is None and self.goal_most is None):
            return None
        least = self.goal_least is None or self.ratio >= self.goal_least
        return least and (self.goal_most is None or self.ratio <= self.goal_most)

    @property
    def goal(self) -> str:
        if self.goal_least is not None:
            return f">= {self.goal_least:g}"
        return f"<= {self.goal_most:g}" if self.goal_most is not None else ""

    def cells(self) -> list[str]:
        verdict = {None: "", True: "met", False: "NOT MET"}[self.met]
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return [self.name, self.ours, self.against, ratio, self.goal, verdict]


HEADER = ["figure", "ours", "against", "ratio", "goal", ""]


def print_table(title: str, figures: Sequence[Figure], notes: Sequence[str] = ()) -> None:
    print(f"\n{title}\n")
    rows = [HEADER, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    commands = dict.fromkeys(figure.command for figure in figures if figure.command)
    for text in [*notes, *(f"$ {command}" for command in commands)]:
        print(f"    {text}")
    sys.stdout.flush()


def faster(name: str, ours: float, other: float, what: str, *, goal: float | None = 1.0, command: str = "") -> Figure:
    """A time of ours against another's: a ratio above 1 says that ours is shorter."""
    against = f"{seconds(other)} {what}"
    return Figure(name, seconds(ours), against, other / ours, goal_least=goal, command=command)


def seconds(value: float) -> str:
    if value < 0.1:
        return f"{value * 1000:.1f} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def run(words: Sequence[object], *, env: dict[str, str] | None = None, limit: float = 1800) -> str:
    """What the command prints; BenchError with the end of what it said when it fails, or after `limit` seconds.

    In a session of its own, so that its children can be ended with it."""
    process = subprocess.Popen(
        [str(word) for word in words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
        start_new_session=True,
    )
    late = ""
    try:
        out, complaints = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        late = f"had not ended after {limit:.0f} s and was killed"
        os.killpg(process.pid, signal.SIGKILL)
        out, complaints = process.communicate()
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    if process.returncode != 0:
        raise BenchError(f"{words[0]} {late or f'ended with {process.returncode}'}: {(out + complaints)[-2000:]}")
    return out


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)
