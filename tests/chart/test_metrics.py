#!/usr/bin/python3
"""What the chart brings for a person who watches: metrics, alerts, dashboard.

Goal: each query of the dashboard and each alert finds what the program really says, and docs/metrics.md
and docs/alerts.md tell of all of it and of nothing else.
Method: Debian's Prometheus scrapes the built binary, which runs with the chart's arguments and rights
against the bed's API server, with OMSUpgrades in every kind of state. When an alert fires, and when not,
is told by promtool with series made for it (alerts_test.yaml).
"""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from . import sites
from .kit import CHART, HERE, ROOT
from .prometheus import ALERTS, Prometheus
from .test_install import Running, installed, namespaces

from bed import World  # noqa: E402
from bed.apiserver import ApiServer  # noqa: E402
from bed.process import wait_until  # noqa: E402

RULES = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
ALERTING = {rule["alert"]: rule for rule in RULES if "alert" in rule}
DASHBOARD = json.loads((CHART / "files/dashboard.json").read_text())
VARIABLES = {"$namespace": ".*", "$upgrade": ".*", "$__rate_interval": "30s"}


def promtool(*words: str | Path) -> None:
    done = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, check=False, cwd=HERE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_rules() -> None:
    promtool("check", "rules", "--lint-fatal", ALERTS)


def test_each_alert_fires_when_it_should_and_not_before() -> None:
    promtool("test", "rules", "alerts_test.yaml")
    tried = yaml.safe_load((HERE / "alerts_test.yaml").read_text())["tests"]
    asked = [one for test in tried for one in test["alert_rule_test"]]
    for fires in (True, False):
        assert {one["alertname"] for one in asked if bool(one.get("exp_alerts")) is fires} == ALERTING.keys()


def headings(page: Path) -> list[str]:
    return re.findall(r"^## `?(\w+)`?$", page.read_text(), re.MULTILINE)


def test_each_alert_says_all_that_it_must_and_has_its_runbook() -> None:
    assert sorted(headings(ROOT / "docs/alerts.md")) == sorted(ALERTING)
    for name, rule in ALERTING.items():
        assert rule["labels"]["severity"] in ("critical", "warning", "info"), name
        assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}, name
        assert rule["annotations"]["runbook_url"] == f"docs/alerts.md#{name.lower()}"
        assert name.startswith("OMS")


def rows(kind: str) -> list[list[str]]:
    """Of docs/metrics.md, the cells of each table whose first heading is that."""
    tables = re.findall(r"(?:^\|.*\n)+", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE)
    cells = [[[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()] for table in tables]
    found = [row for table in cells if table[0][0].strip("`") == kind for row in table[2:]]
    assert found, f"docs/metrics.md has no table of every {kind}"
    return found


def words(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def in_source(file: str, name: str) -> set[str]:
    """The words of an array of the sources."""
    array = re.search(rf"\b{name}\b.*?;", (ROOT / "src/metrics" / file).read_text(), re.DOTALL)
    assert array, f"{file} has no {name}"
    return set(re.findall(r'"(\w+)"', array.group()))


def test_the_docs_say_what_each_label_can_be() -> None:
    assert {word for row in rows("state") for word in words(row[0])} == in_source("upgrade_facts.hpp", "kStates")
    assert {word for row in rows("kind") for word in words(row[0])} == in_source("metrics.cpp", "kErrorKinds")


@pytest.mark.parametrize("name", ["metrics.md", "alerts.md"])
def test_what_a_page_links_to_is_there(name: str) -> None:
    page = ROOT / "docs" / name
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        file, _, anchor = target.partition("#")
        there = page.parent / file if file else page
        titles = re.findall(r"^#+ (.*)$", there.read_text(), re.MULTILINE)
        assert not anchor or anchor in {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in titles}, target


def panels() -> Iterator[tuple[str, str]]:
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", []):
            expression = target["expr"]
            for variable, value in VARIABLES.items():
                expression = expression.replace(variable, value)
            assert "$" not in expression, panel["title"]
            yield panel["title"], expression


class Watched:
    """An operator that leads, upgrades of every kind, and a Prometheus that looks at both."""

    def __init__(self, server: ApiServer, operator: Running, prometheus: Prometheus) -> None:
        self.server, self.operator, self.prometheus = server, operator, prometheus

    def page(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.operator.metrics}/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            return str(answer.read().decode())

    def states(self) -> dict[str, str]:
        found = re.findall(r'oms_operator_upgrade_state{namespace="shop",name="(.*?)",state="(\w+)"} 1', self.page())
        return dict(found)


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    with World() as world:
        server = world.apiserver()
        namespaces(server, "shop")
        with installed(server):
            sites.put(server, "shop")
            operator = Running(server, folder)
            with operator.running():
                prometheus = Prometheus(world, f"127.0.0.1:{operator.metrics}")
                prometheus.start()
                try:
                    yield Watched(server, operator, prometheus)
                finally:
                    prometheus.stop()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with watched(tmp_path_factory.mktemp("watched")) as all_of_it:
        settled = {
            "done": "Succeeded",
            "taken-back": "RolledBack",
            "lost": "RollbackFailed",
            "refused": "Refused",
            "looking": "Upgrading",
        }
        wait_until(lambda: all_of_it.states() == settled, what="every upgrade in its state", seconds=60)
        yield all_of_it


def labels_on(page: str, name: str) -> set[str]:
    """Of every series of that name; a histogram's buckets are not told apart by a label of ours."""
    series = re.findall(rf"^{name}(?:_bucket|_sum|_count)?{{(.*)}} ", page, re.MULTILINE)
    return {label for one in series for label in re.findall(r'(\w+)="', one)} - {"le"}


def test_the_docs_list_every_metric_there_is_with_its_type_and_labels(seen: Watched) -> None:
    page = seen.page()
    types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", page, re.MULTILINE))
    names = [row[0].strip("`") for row in rows("metric")]
    assert sorted(names) == sorted(types), f"{set(names) ^ types.keys()}"
    for name, (_, kind, labels, _) in zip(names, rows("metric"), strict=True):
        assert kind.split(",")[0] == types[name], name
        common = {"namespace", "name"} if name.startswith("oms_operator_upgrade_") else set()
        assert set(words(labels)) | common == labels_on(page, name), name
    assert not re.search(r"^# HELP \w+ *$", page, re.MULTILINE)


def test_a_page_is_what_promtool_takes_for_metrics(seen: Watched) -> None:
    done = subprocess.run(["promtool", "check", "metrics"], input=seen.page(), capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr, done.stdout + done.stderr


def test_no_message_is_on_the_page(seen: Watched) -> None:
    assert "never-on-the-page" not in seen.page() and "/backups" not in seen.page()


def test_every_query_of_the_dashboard_has_data(seen: Watched) -> None:
    queries = list(panels())
    assert len(queries) > 20
    for title, expression in queries:
        wait_until(lambda e=expression: seen.prometheus.query(e) != [], what=f"data of {title}: {expression}", seconds=30)


def told(seen: Watched) -> dict[str, Any]:
    groups = seen.prometheus.api("rules")["groups"]
    return {rule["name"]: rule for group in groups for rule in group["rules"]}


def test_every_alert_is_evaluated_and_those_that_should_be_raised_are(seen: Watched) -> None:
    wait_until(
        lambda: all(rule["health"] == "ok" for rule in told(seen).values()), what="every rule to be evaluated", seconds=30
    )
    raised = {
        "OMSUpgradeRollbackFailed": {"lost"},
        "OMSUpgradeDowntimeOverBudget": {"lost"},
        "OMSUpgradeFailed": {"taken-back"},
        "OMSUpgradeRefused": {"refused"},
        "OMSUpgradeBackupOld": {"done", "taken-back"},
    }

    def now() -> dict[str, set[str]]:
        rules = {name: rule.get("alerts", []) for name, rule in told(seen).items() if rule["type"] == "alerting"}
        assert rules.keys() == ALERTING.keys()
        return {name: {one["labels"].get("name", "") for one in alerts} for name, alerts in rules.items() if alerts}

    wait_until(lambda: now() == raised, what="the alerts that these upgrades mean", seconds=30)


def test_series_of_an_upgrade_go_with_it(seen: Watched) -> None:
    """Last, as it takes one away."""
    server = seen.server
    server.kubectl("delete", "omsup/done", "-n", "shop")
    wait_until(lambda: 'name="done"' not in seen.page(), what="the series of a deleted upgrade to go", seconds=30)
    assert 'name="taken-back"' in seen.page()
