"""docker_upgrade.sh and docker_init.sh.

Both are what a script of their kind is: they look at nothing, run their statements one after
another, call an error about what is already there ignorable, and never undo.
"""

from __future__ import annotations

import datetime
import signal
import sys
import time
from pathlib import Path
from typing import TextIO

import pymysql

from . import config, faults, gate, identity, metadb, resources, supervisord, traces
from .schema import Part, Step

_LOGS = Path("/home/admin/logs")
_CONSOLE_INI = Path("/etc/supervisor/conf.d/oms_console.ini")
# Duplicate or missing table, column or key.
_IGNORABLE = {1050, 1051, 1054, 1060, 1061, 1091, 1146}
_STEP_TABLE = (
    f"CREATE TABLE IF NOT EXISTS `{gate.STEP_TABLE}` (`id` bigint NOT NULL AUTO_INCREMENT "
    "PRIMARY KEY, `version` varchar(64) NOT NULL, `step` int NOT NULL, "
    "`gmt_created` datetime NOT NULL DEFAULT CURRENT_TIMESTAMP)"
)
Db = pymysql.Connection


class Script:
    def __init__(self, name: str) -> None:
        stamp = datetime.datetime.now().strftime("%Y-%m-%d.%H:%M:%S")
        self._log: TextIO = (_LOGS / f"{name}.log.{stamp}").open("a", encoding="utf-8")
        self.version = identity.version()

    def say(self, message: str) -> None:
        print(message, flush=True)
        print(message, file=self._log, flush=True)

    def upgrade(self) -> None:
        if not self.version.steps_from:
            self.say(f"ERROR OMS {self.version.name} upgrades nothing")
            sys.exit(1)
        settings = self._check()
        self.say("2. init-db")
        with (
            metadb.connect(settings.rm, settings.databases.rm) as rm,
            metadb.connect(settings.cm, settings.databases.cm) as cm,
            metadb.connect(settings.cm, settings.databases.hb) as hb,
        ):
            databases = {Part.RM: rm, Part.CM: cm, Part.HEARTBEAT: hb}
            self._change_schema(settings, databases)
            metadb.rows(rm, "REPLACE INTO oms_version (version) VALUES (%s)", self.version.name)
        self._finish(settings)

    def initialise(self) -> None:
        self._finish(self._check())

    def _check(self) -> config.Config:
        self.say("1. check config")
        settings = config.load(self.version)
        states = supervisord.states()
        for name in ("oms_drc_cm", "oms_drc_supervisor"):
            if states.get(name) != "RUNNING":
                self.say(f"ERROR {name} is {states.get(name, 'not there')}, nothing was done")
                sys.exit(1)
        return settings

    def _change_schema(self, settings: config.Config, databases: dict[Part, Db]) -> None:
        rm = databases[Part.RM]
        found = gate.newest_version(rm)
        # On its own schema already, it does the same changes once more.
        source = found if found in self.version.steps_from else min(self.version.steps_from)
        steps = self.version.steps_from[str(source)]
        metadb.rows(rm, _STEP_TABLE)
        for number, step in enumerate(steps, start=1):
            self._maybe_fail(number - 1, len(steps))
            self._run(databases[step.part], step)
            self._record(settings, rm, number)
            time.sleep(faults.asked().upgrade_seconds / len(steps))

    def _maybe_fail(self, done: int, steps: int) -> None:
        asked = faults.asked()
        after = steps // 2 if asked.upgrade_stop_after is None else asked.upgrade_stop_after
        if done != after:
            return
        if asked.upgrade_exit is not None:
            self.say(f"ERROR asked to end with {asked.upgrade_exit} after {done} steps")
            sys.exit(asked.upgrade_exit)
        while asked.upgrade_hang:
            self.say(f"asked to hang after {done} steps")
            signal.pause()

    def _run(self, db: Db, step: Step) -> None:
        try:
            metadb.rows(db, step.sql)
        except pymysql.Error as error:
            if error.args[0] not in _IGNORABLE:
                self.say(f"ERROR {error}")
                sys.exit(1)
            self.say(f"{error} (can be ignored)")

    def _record(self, settings: config.Config, rm: Db, step: int) -> None:
        ours = (self.version.name, step)
        metadb.rows(
            rm, f"INSERT INTO `{gate.STEP_TABLE}` (`version`, `step`) VALUES (%s, %s)", *ours
        )
        times = metadb.value(
            rm,
            f"SELECT COUNT(*) FROM `{gate.STEP_TABLE}` WHERE `version`=%s AND `step`=%s",
            *ours,
        )
        if int(str(times)) > 1:
            traces.leave(settings.cm, "script run twice", f"step {step} was run {times} times")

    def _finish(self, settings: config.Config) -> None:
        self.say("3. init-config-file")
        config.write_connection_files(settings, lost=settings.poisoned)
        if settings.poisoned:
            prefix = self.version.poisonous_prefix
            detail = f"config.yaml still has {prefix}_* keys"
            traces.leave(settings.cm, "connection strings lost", detail)
        self.say("4. add_resource")
        resources.add(settings)
        self.say("5. restart")
        text = _CONSOLE_INI.read_text(encoding="utf-8")
        _CONSOLE_INI.write_text(text.replace("autostart = false", "autostart = true"))
        supervisord.restart("nginx", "oms_drc_cm", "oms_drc_supervisor", "sshd", "oms_console")
        self.say(supervisord.status())
        identity.INIT_FLAG.write_text(f"{datetime.datetime.now().isoformat()}\n")
        self.say("[Completed] All initialization steps are executed")


def main() -> None:
    task = sys.argv[1]
    script = Script(f"docker_{task}")
    try:
        {"upgrade": script.upgrade, "init": script.initialise}[task]()
    except (config.BadConfig, pymysql.Error, OSError) as error:
        script.say(f"ERROR {error}")
        sys.exit(1)


if __name__ == "__main__":
    main()
