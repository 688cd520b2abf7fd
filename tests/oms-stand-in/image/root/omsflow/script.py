"""What scripts of an upgrade have in common.

They look at nothing, run their statements one after another, call an error about what is already
there ignorable, and never undo.
"""

from __future__ import annotations

import datetime
import signal
import sys
from pathlib import Path
from typing import NoReturn, TextIO

import pymysql

from . import config, identity, metadb, supervisord
from .schema import Step

_LOGS = Path("/home/admin/logs")
# Duplicate or missing table, column or key.
_IGNORABLE = {1050, 1051, 1054, 1060, 1061, 1091, 1146}
Db = pymysql.Connection


class Script:
    def __init__(self, name: str) -> None:
        stamp = datetime.datetime.now().strftime("%Y-%m-%d.%H:%M:%S")
        self._log: TextIO = (_LOGS / f"{name}.log.{stamp}").open("a", encoding="utf-8")
        self.version = identity.version()

    def say(self, message: str) -> None:
        print(message, flush=True)
        print(message, file=self._log, flush=True)

    def fail(self, message: str, code: int = 1) -> NoReturn:
        self.say(f"ERROR {message}")
        sys.exit(code)

    def require_programs(self) -> None:
        states = supervisord.states()
        for name in ("oms_drc_cm", "oms_drc_supervisor"):
            if states.get(name) != "RUNNING":
                self.fail(f"{name} is {states.get(name, 'not there')}, nothing was done")

    def run(self, db: Db, step: Step) -> None:
        try:
            metadb.rows(db, step.sql)
        except pymysql.Error as error:
            if error.args[0] not in _IGNORABLE:
                self.fail(str(error))
            self.say(f"{error} (can be ignored)")

    def maybe_stop(
        self, done: int, steps: int, *, code: int | None, hang: bool, after: int | None
    ) -> None:
        """The faults that a test may ask for: the end with `code`, or none, `after` so many steps."""
        if done != (steps // 2 if after is None else after):
            return
        if code is not None:
            # As a driver does whose error names its connection.
            rm = config.load(self.version).rm
            url = f"jdbc:mysql://{rm.host}:{rm.port}/?user={rm.user}&password={rm.password}"
            self.fail(f"asked to end with {code} after {done} steps: {url}", code)
        while hang:
            self.say(f"asked to hang after {done} steps")
            signal.pause()
