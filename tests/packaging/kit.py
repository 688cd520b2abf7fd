"""What `make package` makes, and what the built program says of itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build/release"
PACKAGING = ROOT / "packaging"
sys.path.insert(0, str(HERE.parent))


def run(*words: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    called = [str(word) for word in words]
    return subprocess.run(called, input=stdin, capture_output=True, text=True, check=False)


def said(*words: str | Path) -> str:
    done = run(*words)
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


def in_zone(zone: str) -> str:
    """A manifest with a window in this zone, whose Docker host is not there: it is refused."""
    one = yaml.safe_load((ROOT / "manifests/samples/smallest.yaml").read_text())
    one["spec"]["paused"] = False
    one["spec"]["maintenanceWindow"] = {"days": ["Sun"], "start": "02:00", "durationMinutes": 60, "timeZone": zone}
    one["spec"]["nodes"][0]["docker"]["endpoint"] = "unix:///nonexistent/docker.sock"
    return yaml.safe_dump(one)
