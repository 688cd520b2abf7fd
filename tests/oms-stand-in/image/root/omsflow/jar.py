"""The upgrade jar, as /opt/alibaba/java/bin/java runs it: databases below 4.0.1 get the new tables.

Once for each region, with -lfalse for all but the last; with CM and Supervisor up, and alone.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pymysql

from . import alone, config, corrected, faults, gate, identity, metadb, supervisord, traces
from .schema import Part, rewrite
from .script import Db, Script
from .versions.correction import COUNT_THE_READER

_JAR = "correction-1.0-SNAPSHOT-jar-with-dependencies.jar"
_USAGE = f"usage: java -jar {_JAR} -mupgrade -y{config.CONFIG} -l{{true,false}}"
# Right once; whoever does it once more counts wrong.
_DAMAGE = rewrite(Part.RM, COUNT_THE_READER)


class Jar(Script):
    def __init__(self, *, last: bool) -> None:
        super().__init__("correction")
        self._last = last
        self._settings = config.load(self.version)
        self._location = self._settings.location

    def upgrade(self) -> None:
        settings = self._settings
        self.require_programs()
        with (
            alone.while_it_runs(settings) as only_one,
            metadb.connect(settings.rm, settings.databases.rm) as rm,
            metadb.connect(settings.cm, settings.databases.cm) as cm,
            metadb.connect(settings.cm, settings.databases.hb) as hb,
        ):
            if self._location not in corrected.locations(rm):
                self.fail(f"cm_location {self._location} is none of this OMS, nothing was done")
            self._correct({Part.RM: rm, Part.CM: cm, Part.HEARTBEAT: hb}, only_one=only_one)
        self.say("upgrade finished")

    def _correct(self, databases: dict[Part, Db], *, only_one: bool) -> None:
        rm = databases[Part.RM]
        before = corrected.marks(rm)
        source = before[0].source if before else gate.source_without_version_row(rm)
        metadb.rows(rm, corrected.CREATE_JOURNAL)
        if source is None or gate.newest_version(rm) is not None:
            kind = "jar run twice" if before else "jar on a new schema"
            now = source or gate.newest_version(rm) or ""
            self._mark(rm, now, kind, "the MetaDB is not of an OMS below 4.0.1")
            self.run(rm, _DAMAGE)
            return
        correction = self.version.jar_from[source]
        wrong = self._what_is_wrong(before, len(correction.region), corrected.locations(rm))
        if not only_one:
            self._record(rm, source, 0)
        for kind in wrong:
            detail = f"region {self._location} after {len(before)} steps of the jar"
            self._mark(rm, source, kind, detail)
            self.run(rm, _DAMAGE)
        steps = correction.region + (correction.whole if self._last else ())
        beside = False
        for number, step in enumerate(steps, start=1):
            self._maybe_stop(number - 1, len(steps))
            if not beside and supervisord.states().get("oms_console") in ("STARTING", "RUNNING"):
                beside = True
                self._mark(rm, source, "jar beside the console", f"before step {number}")
            self.run(databases[step.part], step)
            self._record(rm, source, number)
            time.sleep(faults.asked().jar_seconds / len(steps))
        if beside:
            self.run(rm, _DAMAGE)

    def _what_is_wrong(
        self, before: list[corrected.Mark], regional: int, locations: set[int]
    ) -> list[str]:
        """The jar is run on the first node of each region, once, and in the last region last."""
        wrong = []
        if not config.same_address(identity.host_ip(), self._settings.nodes[0]):
            wrong.append("jar on another node")
        if any(mark.location == self._location for mark in before):
            wrong.append("jar run twice")
        if any(mark.step > regional and mark.location != self._location for mark in before):
            wrong.append("jar after the last region")
        ended = {mark.location for mark in before if mark.step == regional} | {self._location}
        if self._last and ended < locations:
            wrong.append("last region too early")
        return wrong

    def _maybe_stop(self, done: int, steps: int) -> None:
        asked = faults.asked()
        self.maybe_stop(
            done, steps, code=asked.jar_exit, hang=asked.jar_hang, after=asked.jar_stop_after
        )

    def _record(self, rm: Db, source: str, step: int) -> None:
        ours = (source, self._location, step)
        where = "`source`=%s AND `location`=%s AND `step`=%s"
        metadb.rows(
            rm,
            f"INSERT INTO `{corrected.JOURNAL}` (`source`, `location`, `step`) VALUES (%s, %s, %s)",
            *ours,
        )
        times = metadb.value(rm, f"SELECT COUNT(*) FROM `{corrected.JOURNAL}` WHERE {where}", *ours)
        if step > 0 and int(str(times)) > 1:
            detail = f"step {step} was run {times} times"
            traces.leave(self._settings.cm, "jar run twice", detail)

    def _mark(self, rm: Db, source: str, kind: str, detail: str) -> None:
        """After this neither docker_upgrade.sh nor a console takes these databases."""
        traces.leave(self._settings.cm, kind, detail)
        self._record(rm, source, 0)


def main(words: list[str]) -> int:
    """As `java` is called: `-jar FILE` and what the file's program understands."""
    if words[:1] != ["-jar"] or len(words) < 2:
        print("Error: only -jar is known", file=sys.stderr)
        return 1
    if Path(words[1]).name != _JAR or not Path(words[1]).is_file():
        print(f"Error: Unable to access jarfile {words[1]}", file=sys.stderr)
        return 1
    rest = words[2:]
    if rest[:2] != ["-mupgrade", f"-y{config.CONFIG}"] or rest[2:] not in (["-ltrue"], ["-lfalse"]):
        print(_USAGE, file=sys.stderr)
        return 1
    try:
        Jar(last=rest[2] == "-ltrue").upgrade()
    except (config.BadConfig, pymysql.Error, OSError) as error:
        print(f"ERROR {error}", flush=True)
        return 1
    return 0
