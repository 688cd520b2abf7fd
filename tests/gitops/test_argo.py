"""The health script as Argo CD's own repository would test it: health_test.yaml and its testdata."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from .verdicts import ARGO, judged

CASES = yaml.safe_load((ARGO / "health_test.yaml").read_text())["tests"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["inputPath"])
def test_the_health_of_an_upgrade(case: dict[str, Any]) -> None:
    [verdict] = judged([yaml.safe_load((ARGO / case["inputPath"]).read_text())])
    assert {"status": verdict["argo"], "message": verdict["argoMessage"]} == case["healthStatus"]


def test_no_testdata_lies_about_unused() -> None:
    used = {case["inputPath"] for case in CASES}
    assert used == {f"testdata/{path.name}" for path in (ARGO / "testdata").iterdir()}
    assert {case["healthStatus"]["status"] for case in CASES} == {"Healthy", "Progressing", "Degraded", "Suspended"}
