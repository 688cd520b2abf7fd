"""What `make package` makes, and what the built program says of itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build/release"
PACKAGING = ROOT / "packaging"
sys.path.insert(0, str(HERE.parent))


def run(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    called = [str(word) for word in words]
    return subprocess.run(called, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def said(*words: str | Path, cwd: Path | None = None) -> str:
    done = run(*words, cwd=cwd)
    assert done.returncode == 0, f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}"
    return done.stdout


def verbs() -> list[str]:
    _, listed = said(BUILD / "oms-operator", "--help").split("Subcommands:\n")
    found = re.findall(r"^  ([a-z-]+) ", listed.split("\n\n")[0], re.MULTILINE)
    assert "upgrade" in found and "run" in found
    return found


def options(verb: str = "") -> set[str]:
    """Long and short, as --help says them: of the program, or of one verb."""
    text = said(BUILD / "oms-operator", *filter(None, [verb]), "--help")
    lines = re.findall(r"^  (-[^ ]+)", text, re.MULTILINE)
    return {option for line in lines for option in line.split(",")}
