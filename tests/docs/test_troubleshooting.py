#!/usr/bin/python3
"""docs/troubleshooting.md, held against the sources.

Goal: whatever finding, condition, reason, event or exit code a person meets has a line there, and no line is
about something that no longer exists.
Method: the names are read from the text of the sources (names.py), not from a running program, which would
show only what one run happens to say. Findings: what calls of add() in the prechecks are given, through constants
and through functions that make a name. Reasons: what follows each `Standing::X,` and `{ConditionStatus::X,`; each
has its literal there, or the name of the phase. Events take their reason from status.phase, and the test
holds them to that. A name that is made in a way that is not known here fails the test, so that none is missed.
On the page a table is known by its first heading, and a name is what its rows have first.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from . import names

PAGE = names.ROOT / "docs/troubleshooting.md"
WORD = re.compile(r"`([^`]+)`")


class Table:
    def __init__(self, lines: list[str]) -> None:
        rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
        self.heading, self.rows = rows[0], rows[2:]

    @property
    def kind(self) -> str:
        return self.heading[0]


def read_tables(text: str) -> list[Table]:
    blocks = re.findall(r"(?:^\|.*\n?)+", text, flags=re.MULTILINE)
    return [Table(block.splitlines()) for block in blocks]


TABLES = read_tables(PAGE.read_text())


def rows(kind: str) -> list[list[str]]:
    found = [row for table in TABLES if table.kind == kind for row in table.rows]
    assert found, f"the page has no table of every {kind}"
    return found


def words(kind: str) -> list[str]:
    return [word for row in rows(kind) for word in WORD.findall(row[0])]


def assert_same(said: list, there: set) -> None:
    """Both ways, and no name twice."""
    twice = {word for word in said if said.count(word) > 1}
    told = f"no line for {sorted(there - set(said))}; lines for nothing: {sorted(set(said) - there)}"
    assert not twice, f"two lines for {sorted(twice)}"
    assert set(said) == there, f"{PAGE.name}: {told}"


def test_every_finding_that_stops_an_upgrade_has_a_line() -> None:
    assert_same(words("finding that stops"), {name for name, how in names.findings().items() if "Error" in how})


def test_every_finding_that_is_only_told_has_a_line() -> None:
    told = {name for name, how in names.findings().items() if "Error" not in how}
    assert_same(words("finding that is told"), told)


def test_every_condition_has_a_line() -> None:
    assert_same(words("condition"), names.conditions())


def test_every_reason_of_the_summary_has_a_line_with_the_phase_that_goes_with_it() -> None:
    said = [(WORD.findall(row[0])[0], WORD.findall(row[1])[0]) for row in rows("reason")]
    assert_same(said, names.summary_reasons())


def test_every_reason_of_another_condition_has_a_line() -> None:
    assert_same(words("reason of a milestone"), names.milestone_reasons())


def test_an_event_has_no_reason_but_the_phase() -> None:
    names.check_events()


def test_every_phase_says_what_its_failure_means() -> None:
    assert_same(words("refused in"), names.phases(touches_oms=False))
    assert_same(words("failed in"), names.phases(touches_oms=True))
    assert set(words("could not undo")) <= names.phases(touches_oms=True)


def test_every_exit_code_has_a_line() -> None:
    assert_same([int(WORD.findall(row[0])[0]) for row in rows("exit code")], names.exit_codes())


def test_every_line_of_the_log_about_an_upgrade_that_stands_still_is_explained() -> None:
    assert_same(words("log line"), names.log_lines())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.kind}-{len(table.rows)}")
def test_a_row_has_a_cell_under_each_heading(table: Table) -> None:
    for row in table.rows:
        assert len(row) == len(table.heading), row
        assert row[0] and row[-1], row


def test_what_the_page_links_to_is_there() -> None:
    text = PAGE.read_text()
    for target in re.findall(r"\]\(([^)]+)\)", text):
        file, _, anchor = target.partition("#")
        there = (PAGE.parent / file if file else PAGE).resolve()
        assert there.is_file(), target
        headings = re.findall(r"^#+ (.*)$", there.read_text(), flags=re.MULTILINE)
        known = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
        assert not anchor or anchor in known, target


def test_the_page_can_be_found_from_the_readme() -> None:
    assert f"docs/{PAGE.name}" in Path(names.ROOT / "README.md").read_text()
