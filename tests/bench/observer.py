"""Looks at an upgrade from outside: what each part took, whoever carries it out."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
import time
import xmlrpc.client
from dataclasses import dataclass, field
from typing import Any

import pymysql

from . import ROOT  # noqa: F401  (finds the packages below)
from .figures import BenchError

from kit.premises import NEW, OLD, Premises  # noqa: E402

NEEDED_BY_SCRIPT = {"oms_drc_cm", "oms_drc_supervisor"}


@dataclass
class Seen:
    """Moments, in seconds since 1970."""

    asked_to_stop: float = 0.0  # the old container
    stopped: float = 0.0
    started: float = 0.0  # the new container
    ready: float = 0.0  # for docker_upgrade.sh: CM and Supervisor RUNNING
    script_began: float = 0.0
    script_ended: float = 0.0
    well: float = 0.0  # health endpoint true, every program RUNNING, host ONLINE

    @property
    def stop(self) -> float:
        return self.stopped - self.asked_to_stop

    @property
    def start(self) -> float:
        """What OMS itself needs from its start until it is healthy, but for the script."""
        return (self.ready - self.started) + (self.well - self.script_ended)

    @property
    def script(self) -> float:
        return self.script_ended - self.script_began

    def missing(self) -> list[str]:
        return [name for name, value in vars(self).items() if value == 0.0]


@dataclass
class Observer:
    """Docker's own events say when containers and the script began and ended; the rest is asked for
    every 50 ms, as no event tells it."""

    premises: Premises
    seen: Seen = field(default_factory=Seen)

    def __enter__(self) -> Observer:
        self._over = threading.Event()
        self._listen()
        self._asker = threading.Thread(target=self._ask, daemon=True)
        self._asker.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            # What has happened by now is told within moments.
            end = time.monotonic() + 10
            while self.seen.missing() and time.monotonic() < end:
                time.sleep(0.05)
        self._over.set()
        self._events.kill()
        self._events.wait()
        for thread in (self._asker, self._listener):
            thread.join(30)
        if kind is None and self.seen.missing():
            raise BenchError(f"the upgrade was not seen from outside: no {', '.join(self.seen.missing())}")

    def _listen(self) -> None:
        """As they come: the daemon remembers no more than its last 256, and every look into a container is three."""
        words = ["docker", "-H", self.premises.docker.endpoint, "events", "--since", f"{time.time():.6f}"]
        self._events = subprocess.Popen(
            ["/usr/bin/setpriv", "--pdeathsig", "KILL", *words, "--filter", "type=container", "--format", "{{json .}}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._listener = threading.Thread(target=self._read_events, daemon=True)
        self._listener.start()

    def _ask(self) -> None:
        site = self.premises.site
        # The old one answers at the same address, until it is stopped.
        while self._programs() and not self._over.wait(0.2):
            pass
        while not self.seen.well and not self._over.wait(0.05):
            # What is found was so when the look began; the look's own time is not OMS's.
            begin = time.time()
            programs = self._programs()
            running = {name for name, state in programs.items() if state == "RUNNING"}
            if not NEEDED_BY_SCRIPT <= running:
                continue
            self.seen.ready = self.seen.ready or begin
            if len(running) == len(programs) and site.healthy() and self._online():
                self.seen.well = begin

    def _programs(self) -> dict[str, str]:
        # A supervisord that is on its way down answers with a fault.
        with contextlib.suppress(xmlrpc.client.Error):
            return self.premises.site.programs()
        return {}

    def _online(self) -> bool:
        with contextlib.suppress(pymysql.Error):
            return self.premises.sql(self.premises.site.names.cm, "SELECT host_status FROM host") == (("ONLINE",),)
        return False

    def _read_events(self) -> None:
        assert self._events.stdout is not None
        begun: dict[str, float] = {}
        for line in self._events.stdout:
            self._take(json.loads(line), begun)

    def _take(self, event: dict[str, Any], begun: dict[str, float]) -> None:
        attributes = event["Actor"]["Attributes"]
        what, at = (attributes.get("name"), event["Action"]), event["timeNano"] / 1e9
        if what == (OLD, "kill"):
            self.seen.asked_to_stop = self.seen.asked_to_stop or at
        elif what == (OLD, "die"):
            self.seen.stopped = at
        elif what == (NEW, "start"):
            self.seen.started = at
        elif event["Action"].startswith("exec_start") and "docker_upgrade.sh" in event["Action"]:
            begun[attributes["execID"]] = at
        elif event["Action"].startswith("exec_die") and attributes.get("execID") in begun:
            self._note_script(begun[attributes["execID"]], at)

    def _note_script(self, began: float, ended: float) -> None:
        # Ours may ask a second time, in vain and for a moment: the one that lasted is the script.
        if ended - began > self.seen.script:
            self.seen.script_began, self.seen.script_ended = began, ended
