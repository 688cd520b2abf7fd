#!/usr/bin/python3
"""The states of the metrics, held against what a status can say.

Goal: a status that the operator learns to write is not told to Prometheus as `Other`, which no alert knows.
Method: the words of kStates and those that names.py reads from the sources.
"""

from __future__ import annotations

import re

from . import names

# Of our making: no status yet, any phase that is under way, a Failed on the way back, what nobody knows.
OWN = {"Pending", "Upgrading", "RollbackFailed", "Other"}


def test_every_phase_of_a_status_is_a_state() -> None:
    source = (names.ROOT / "src/metrics/upgrade_facts.hpp").read_text()
    states = re.search(r"kStates = .*?;", source, re.DOTALL)
    assert states
    said = {phase for _, phase in names.summary_reasons()}
    under_way = names.phases() - {"Approve"}
    assert set(re.findall(r'"(\w+)"', states.group())) == said - under_way | OWN
