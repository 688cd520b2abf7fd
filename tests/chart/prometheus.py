"""Debian's Prometheus, as a server of a world: it scrapes one address, and follows the chart's rules."""

from __future__ import annotations

import http.client
import json
import shutil
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .kit import CHART

from bed.process import BedError, answers_well, free_port  # noqa: E402
from bed.server import Server  # noqa: E402

if TYPE_CHECKING:
    from bed import World

ALERTS = CHART / "files/alerts.yaml"


class Prometheus(Server):
    def __init__(self, world: World, target: str, name: str = "prometheus") -> None:
        super().__init__(world, name)
        self.port = free_port()
        self._config = self.folder / "prometheus.yml"
        scrape = {"job_name": "oms-operator", "honor_labels": True, "static_configs": [{"targets": [target]}]}
        config = {
            # Every second: what a dashboard has after minutes is then there after seconds.
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(ALERTS)],
            "scrape_configs": [scrape],
        }
        self._config.write_text(json.dumps(config))

    def command(self) -> list[str | Path]:
        program = shutil.which("prometheus")
        if program is None:
            raise BedError("there is no prometheus: scripts/need package_test")
        return [
            program,
            f"--config.file={self._config}",
            f"--storage.tsdb.path={self.folder}/data",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]

    def ready(self) -> bool:
        return answers_well(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5), "/-/ready")

    def api(self, path: str, **parameters: str) -> Any:
        """The data of an answer; an expression that Prometheus cannot evaluate is an error."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        said = json.loads(connection.getresponse().read())
        connection.close()
        assert said["status"] == "success", (path, parameters, said)
        assert not said.get("warnings"), (path, parameters, said)
        return said["data"]

    def query(self, expression: str) -> list[Any]:
        return list(self.api("query", query=expression)["result"])

    def __str__(self) -> str:
        return f"http://127.0.0.1:{self.port}"
