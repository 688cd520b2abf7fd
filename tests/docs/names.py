"""The names that the sources can say: findings, conditions, reasons, exit codes.

What is not understood is an AssertionError: a name that is made in a new way must be learnt here, not missed.
"""

from __future__ import annotations

import re
from pathlib import Path

from .cpp import arguments, literals, without_comments

ROOT = Path(__file__).resolve().parents[2]
RULES = "upgrade/prechecks/rules.hpp"


def sources(folder: str) -> dict[Path, str]:
    files = sorted((ROOT / folder).rglob("*.?pp"))
    assert files, f"there is no source in {folder}"
    return {file.relative_to(ROOT): without_comments(file.read_text()) for file in files}


UPGRADE = sources("src/upgrade")
# Who decides what is said: statuses in upgrade/, events in operator/, what lies between may join in.
SPEAKERS = {**UPGRADE, **sources("src/controller"), **sources("operator")}


def constant(text: str, name: str) -> str | None:
    match = re.search(rf'constexpr\s[^;=]*\b{name}\s*=\s*"([^"]*)"', text)
    return match.group(1) if match else None


# Findings.


def _by_function(text: str, function: str) -> list[str]:
    """Of `return std::string(kTaskGate) + "/" + task.id;`: TaskGate/<id>."""
    body = re.search(rf'\b{function}\([^)]*\)\s*{{\s*return std::string\((\w+)\)\s*\+\s*"/"\s*\+[^;]*\bid;', text)
    prefix = constant(text, body.group(1)) if body else None
    return [f"{prefix}/<id>"] if prefix else []


def _names_of(text: str, said: str) -> list[str]:
    """What the first argument after `all` can be. Empty: cannot be told."""
    if literals(said) == [said[1:-1]]:
        return [said[1:-1]]
    if re.fullmatch(r"k\w+", said):
        value = constant(text, said) or constant(UPGRADE[Path("src") / RULES], said)
        return [value] if value else []
    if said == "std::move(name)":  # inside of a lambda that is handed the name
        function = re.search(r"const auto (\w+) = \[&\]\(std::string name\b", text)
        calls = re.finditer(rf"\b{function.group(1)}\(", text) if function else []
        return [name for call in calls for name in _names_of(text, arguments(text, call.end())[0])]
    variable = re.search(rf"const std::string {re.escape(said)} = (\w+)\(", text)
    return _by_function(text, variable.group(1)) if variable else []


def _severities(said: str) -> set[str]:
    if not said:
        return {"Error"}  # the default of `add`
    found = set(re.findall(r"api::Severity::(\w+)", said))
    assert found, f"cannot tell the severity of a finding: {said}"
    return found


def findings() -> dict[str, set[str]]:
    """Every finding that a precheck can report, with the severities that it can have."""
    found: dict[str, set[str]] = {}
    makers = 0
    for file, text in UPGRADE.items():
        makers += len(re.findall(r"\.severity\s*=(?!=)|api::Finding\s*{", text))
        if f'"{RULES}"' not in text:
            continue
        for call in re.finditer(r"\badd\((?=\s*\w+,)", text):
            _, said, _, _, *severity = arguments(text, call.end())
            names = _names_of(text, said)
            assert names, f"{file}: cannot tell what the finding {said} is called"
            for name in names:
                found.setdefault(name, set()).update(_severities("".join(severity)))
    assert makers == 1, "findings are made elsewhere than in add() of prechecks.cpp"
    return found


# Phases.


def _phases() -> list[dict[str, str]]:
    plan = re.findall(r"phase<(\w+)>\(\)", UPGRADE[Path("src/upgrade/plan.hpp")])
    found = {}
    for file, text in UPGRADE.items():
        struct = re.search(r"\bstruct (\w+) {\s*static constexpr std::string_view kName = \"(\w+)\"", text)
        if struct and file.parent.name == "phases":
            milestone = constant(text, "kMilestone")
            touches = re.search(r"kTouchesOms = (true|false);", text)
            assert milestone is not None and touches, f"{file}: a phase that is written in another way"
            found[struct.group(1)] = {
                "name": struct.group(2),
                "milestone": milestone,
                "touches": touches.group(1),
            }
    assert plan and set(plan) == set(found), f"the plan is {plan}, the folder holds {list(found)}"
    return [found[name] for name in plan]


PHASES = _phases()


def phases(touches_oms: bool | None = None) -> set[str]:
    wanted = {None: ("true", "false"), True: ("true",), False: ("false",)}[touches_oms]
    return {phase["name"] for phase in PHASES if phase["touches"] in wanted}


# Conditions and their reasons.

SUMMARIZE = UPGRADE[Path("src/upgrade/summarize.cpp")]


def conditions() -> set[str]:
    found = {phase["milestone"] for phase in PHASES} - {""}
    for call in re.finditer(r"\bset\((?=status,)", SUMMARIZE):
        said = arguments(SUMMARIZE, call.end())[1]
        assert said == "phase.milestone" or literals(said), f"cannot tell what the condition {said} is called"
        found.update(literals(said))
    makers = sum(len(re.findall(r"[\s{]\.last_transition_time\s*=(?!=)", text)) for text in SPEAKERS.values())
    assert makers == 1, "conditions are made elsewhere than in set() of summarize.cpp"
    return found


def milestone_reasons() -> set[str]:
    """Reasons of the conditions that are not the summary: of a phase, and RolledBack."""
    found: set[str] = set()
    for text in SPEAKERS.values():
        for claim in re.finditer(r"{(?=\s*(?:api::)?ConditionStatus::\w+,)", text):
            said = arguments(text, claim.end())[1]
            assert literals(said), f"cannot tell the reason {said}"
            found.update(literals(said))
    return found


def _words(said: str) -> list[str]:
    """What a phase or reason of a Summary can be."""
    if said == "run.cursor.phase":  # Approve waits, with reasons of its own
        assert 'if (run.cursor.phase != "Approve")' in SUMMARIZE, "Approve may be a reason now"
        return sorted(phases() - {"Approve"})
    branches = re.sub(r"^\w+ \?", "", said).split(" : ")
    assert all(re.fullmatch(r'\s*"\w+"\s*', branch) for branch in branches), f"cannot tell what {said} says"
    return [branch.strip()[1:-1] for branch in branches]


def _pairs(phase: str, reason: str) -> set[tuple[str, str]]:
    if phase == reason:
        return {(word, word) for word in _words(phase)}
    # Only waiting says more than the phase that it is in, and that phase is Approve.
    at = ["Approve"] if phase == "run.cursor.phase" else _words(phase)
    return {(word, where) for word in _words(reason) for where in at}


def summary_reasons() -> set[tuple[str, str]]:
    """Reason of Ready, Reconciling, Stalled, Succeeded, with the status.phase that goes with it."""
    found: set[tuple[str, str]] = set()
    for file, text in SPEAKERS.items():
        for said in re.finditer(r"(?:\bhang\(|{)\s*Standing::\w+,|Standing::\w+,", text):
            words = arguments(text, said.end())
            if "hang" in said.group():
                words.insert(0, words[0])
            else:
                assert said.group().startswith("{"), f"{file}: a summary that is made in another way"
            found |= _pairs(words[0], words[1])
    return found


# Events, exit codes, the log.


def check_events() -> None:
    """An event's reason is status.phase, so the table of summary reasons holds them all."""
    reasons = [
        reason for text in SPEAKERS.values() for reason in re.findall(r"\.reason\s*=(?!=)\s*([^,;}]+)", text)
    ]
    assert reasons == ["now.phase"], f"events have reasons from elsewhere: {reasons}"
    makers = sum(text.count("kube::Event{") for text in SPEAKERS.values())
    assert makers == 1, "events are made in more than one place"


def exit_codes() -> set[int]:
    """What the binary ends with. 128 stands for 128 and the number of a signal."""
    codes = dict(
        re.findall(r"constexpr int (k\w+) = (\d+);", sources("operator")[Path("operator/exit_codes.hpp")])
    )
    for file, text in sources("operator").items():
        for end in re.finditer(r"\b_?exit\(", text):
            said = arguments(text, end.end())[0]
            assert said == "error" or said.split(" ")[0] in codes, f"{file} ends the process with {said}"
        if '"exit_codes.hpp"' in text:
            assert not re.search(r"\breturn \d+;", text), f"{file} ends with a number that has no name"
    return {int(code) for code in codes.values()}


def log_lines() -> set[str]:
    """What the log says of an upgrade whose status cannot be written or read."""
    text = SPEAKERS[Path("src/controller/lanes.cpp")]
    calls = [arguments(text, call.end())[0] for call in re.finditer(r"\blog_trouble\(", text)]
    return {word for said in calls for word in literals(said)}
