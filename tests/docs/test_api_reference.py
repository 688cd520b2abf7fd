"""docs/api-reference.md is what scripts/api-reference makes of the CRD."""

from __future__ import annotations

import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/api-reference.md").read_text()


def test_the_page_is_made_from_the_crd_as_it_is() -> None:
    made = subprocess.run([ROOT / "scripts/api-reference"], check=True, capture_output=True, text=True).stdout
    assert made == PAGE, "run scripts/api-reference > docs/api-reference.md"


def test_every_field_says_what_it_means() -> None:
    rows = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    assert len(rows) > 150
    dumb = [row[0] for row in rows if not row[-1].strip(" |")]
    assert not dumb
    for part in ("spec", "status"):
        schema = yaml.safe_load((ROOT / "crds/omsupgrades.yaml").read_text())["spec"]["versions"][0]["schema"]
        for key in schema["openAPIV3Schema"]["properties"][part]["properties"]:
            assert f"| `{key}` |" in PAGE
