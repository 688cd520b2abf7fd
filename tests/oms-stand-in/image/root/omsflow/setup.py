"""docker_upgrade.sh and docker_init.sh."""

from __future__ import annotations

import datetime
import sys
import time

import pymysql

from . import (
    alone,
    config,
    corrected,
    faults,
    gate,
    identity,
    journal,
    metadb,
    resources,
    supervisord,
    traces,
)
from .schema import Part
from .script import Db, Script



class Setup(Script):
    def upgrade(self) -> None:
        if not self.version.steps_from:
            self.fail(f"OMS {self.version.name} upgrades nothing")
        settings = self._check()
        with (
            alone.while_it_runs(settings) as only_one,
            metadb.connect(settings.rm, settings.databases.rm) as rm,
            metadb.connect(settings.cm, settings.databases.cm) as cm,
            metadb.connect(settings.cm, settings.databases.hb) as hb,
        ):
            databases = {Part.RM: rm, Part.CM: cm, Part.HEARTBEAT: hb}
            source = self._source(settings, rm, cm)
            self.say("2. init-db")
            metadb.rows(rm, journal.CREATE)
            here = gate.here(settings, self.version)
            if not only_one:
                journal.note_damage(rm, here)
            self._change_schema(settings, databases, source)
            journal.note_end(rm, here)
            metadb.rows(rm, "REPLACE INTO oms_version (version) VALUES (%s)", self.version.name)
        self._finish(settings)

    def initialise(self) -> None:
        # Enterprise: a fresh start's own business. Community: what brings an upgrade about, too.
        if self.version.community and self.version.steps_from:
            self.upgrade()
        else:
            self._finish(self._check())

    def _check(self) -> config.Config:
        self.say("1. check config")
        settings = config.load(self.version)
        self.require_programs()
        return settings

    def _source(self, settings: config.Config, rm: Db, cm: Db) -> str:
        """The version to come from. On its own schema already, it does the same changes once more."""
        found = gate.newest_version(rm)
        if found is None and self.version.community:
            # As where its parts hide each other's exit codes: said, and left with 0.
            self.fail(f"{gate.NO_VERSION_ROW}, nothing was done", 0)
        if found is not None and not corrected.marks(rm):
            known = found in self.version.steps_from
            return found if known else self.version.source_without_jar
        try:
            source = corrected.source_of(rm, self.version)
        except corrected.NotCorrected as error:
            if error.unfinished:
                traces.leave(settings.cm, "metadata before the jar", str(error))
            self.fail(f"{error}, nothing was done")
        if source is None:
            traces.leave(settings.cm, "metadata before the jar", "the jar was not run")
            self.fail("the MetaDB is of an OMS below 4.0.1: the jar was not run, nothing was done")
        left = resources.without_group(settings, cm)
        if left:
            hosts = ", ".join(left)
            self.fail(f"CM-RESONF000021 machine group not init: {hosts}, nothing was done")
        return source

    def _change_schema(
        self, settings: config.Config, databases: dict[Part, Db], source: str
    ) -> None:
        rm = databases[Part.RM]
        here = gate.here(settings, self.version)
        steps = journal.left_to_do(rm, here, self.version.steps_from[source])
        if not steps:
            self._maybe_stop(0, 0)
        for done, (number, step) in enumerate(steps):
            self._maybe_stop(done, len(steps))
            self.run(databases[step.part], step)
            journal.note_step(rm, here, number)
            times = journal.times_done(rm, here, number, step.part)
            if times > 1:
                traces.leave(settings.cm, "script run twice", f"step {number} was run {times} times")
            time.sleep(faults.asked().upgrade_seconds / len(steps))

    def _maybe_stop(self, done: int, steps: int) -> None:
        asked = faults.asked()
        self.maybe_stop(
            done,
            steps,
            code=asked.upgrade_exit,
            hang=asked.upgrade_hang,
            after=asked.upgrade_stop_after,
        )

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
        ini = identity.CONSOLE_INI
        text = ini.read_text(encoding="utf-8")
        # In one step, as sed -i: another script that reads it meanwhile reads a whole one.
        part = ini.with_suffix(".part")
        part.write_text(text.replace("autostart = false", "autostart = true"), encoding="utf-8")
        part.replace(ini)
        # The console last.
        supervisord.restart(*sorted(self.version.programs, key="oms_console".__eq__))
        self.say(supervisord.status())
        identity.INIT_FLAG.write_text(f"{datetime.datetime.now().isoformat()}\n")
        self.say("[Completed] All initialization steps are executed")


def main() -> None:
    task = sys.argv[1]
    script = Setup(f"docker_{task}")
    if task == "upgrade" and script.version.community:
        script.fail("the Community Edition has no docker_upgrade.sh")
    try:
        {"upgrade": script.upgrade, "init": script.initialise}[task]()
    except (config.BadConfig, pymysql.Error, OSError) as error:
        script.say(f"ERROR {error}")
        sys.exit(1)


if __name__ == "__main__":
    main()
