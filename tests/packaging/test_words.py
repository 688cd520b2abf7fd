#!/usr/bin/python3
"""The man page and the completions name what --help names, no more and no less."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from .kit import PACKAGING, options, run, said, verbs

MAN = PACKAGING / "oms-operator.1"
BASH = PACKAGING / "completion/oms-operator.bash"
ZSH = PACKAGING / "completion/_oms-operator"
FISH = PACKAGING / "completion/oms-operator.fish"


def long(verb: str = "") -> set[str]:
    return {option for option in options(verb) if option.startswith("--")}


EVERY = sorted(set().union(long(), *(long(verb) for verb in verbs())))


def test_the_man_page_is_well_formed() -> None:
    done = run("mandoc", "-T", "lint", "-W", "warning", MAN)
    assert done.returncode == 0, done.stdout


def test_the_man_page_names_every_verb_and_option() -> None:
    text = said("mandoc", "-T", "ascii", "-O", "width=100", MAN)
    text = re.sub(r".\x08", "", text)
    for verb in verbs():
        assert re.search(rf"^ +{verb} +\S", text, re.MULTILINE), verb
    named = set(re.findall(r"--[a-z-]+", text))
    assert named == set(EVERY)


def bash_offers(*words: str) -> set[str]:
    line = " ".join(f"'{word}'" for word in words)
    script = f"source {BASH}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _oms_operator; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    return set(said("bash", "--norc", "-c", script).split())


def fish_offers(line: str) -> set[str]:
    script = f"source {FISH}; complete -C {json.dumps(line)}"
    return {one.split("\t")[0] for one in said("fish", "--no-config", "-c", script).splitlines()}


def test_bash_and_fish_offer_every_verb() -> None:
    for program in ("oms-operator", "kubectl-oms"):
        assert bash_offers(program, "") >= set(verbs())
        assert fish_offers(f"{program} ") >= set(verbs())


@pytest.mark.parametrize("verb", verbs())
def test_each_shell_offers_every_option_of_a_verb_and_no_other(verb: str) -> None:
    everywhere = {"--log-level", "--log-format"}
    wanted = long(verb) | everywhere
    assert {one for one in bash_offers("oms-operator", verb, "--") if one.startswith("--")} == wanted
    offered = {one.rstrip("=") for one in fish_offers(f"oms-operator {verb} --")}
    assert offered == wanted


def test_bash_and_fish_offer_the_values_of_an_option() -> None:
    for line in (["status", "--output"], ["run", "--log-format"]):
        assert bash_offers("oms-operator", *line, "") == {"text", "json"}
        assert fish_offers(f"oms-operator {' '.join(line)} ") == {"text", "json"}
    assert bash_offers("oms-operator", "--log-level", "e") == {"error"}


def test_zsh_reads_its_completion_and_it_names_everything() -> None:
    said("zsh", "--no-rcs", "-n", ZSH)
    text = Path(ZSH).read_text()
    named = set(re.findall(r"--[a-z][a-z-]+", text))
    assert named == set(EVERY)
    for verb in verbs():
        assert f"'{verb}:" in text
