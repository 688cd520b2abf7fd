"""Figure 3: dump and restore of a MetaDB, the room alone, against the stock tools."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import ROOT
from .figures import BenchError, Figure, faster, print_table, run, say

from bed import World  # noqa: E402
from stand_in.metadb import MetaDb, Names  # noqa: E402
from stand_in.seed import Seed, seed  # noqa: E402

THREADS = 4
BINARY = ROOT / "build/bench/tests/bench/metadb_bench"
NAMES = Names()


def build() -> None:
    """The room as it is shipped, with a small main of its own; ccache makes it cheap after the first time."""
    folder = ROOT / "build/bench"
    run(["cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"])
    run(["nice", "cmake", "--build", folder, "--target", "metadb_bench"])


@dataclass
class Rig:
    """One server with a full MetaDB, and every way to dump and restore it."""

    kind: str  # "OceanBase" or "MariaDB"
    metadb: MetaDb
    folder: Path

    # Each way makes `folder` anew, or loads it, and returns the seconds that it took.

    def room(self, verb: str, folder: Path, compression: str) -> float:
        db = self.metadb
        words = [BINARY, verb, db.host, db.port, db.user, folder, THREADS, compression, *NAMES.all()]
        return float(run(words, env={**os.environ, "OMS_BENCH_PASSWORD": db.password}))

    def mariadb_dump(self, folder: Path) -> float:
        folder.mkdir()
        lines = [f"mariadb-dump {self._login()} --triggers=false {name} > {folder}/{name}.sql" for name in NAMES.all()]
        return self._shell(" && ".join(lines))

    def mariadb_load(self, folder: Path) -> float:
        """As the procedure restores: drop and create each database, then feed it its file."""
        lines = []
        for name in NAMES.all():
            lines.append(f"mariadb {self._login()} -e 'DROP DATABASE {name}; CREATE DATABASE {name}'")
            lines.append(f"mariadb {self._login()} -D{name} < {folder}/{name}.sql")
        return self._shell(" && ".join(lines))

    def mydumper(self, folder: Path, rows: int) -> float:
        # What OceanBase has no statement for; MariaDB is given the same, as nobody writes meanwhile.
        locks = "--no-locks --trx-consistency-only"
        regex = f"^({'|'.join(NAMES.all())})\\."
        chunks = f"--rows {rows}" if rows else ""
        return self._shell(
            f"mydumper {self._login()} {locks} {chunks} --threads {THREADS} --regex '{regex}' --outputdir {folder}"
        )

    def myloader(self, folder: Path) -> float:
        drops = "; ".join(f"DROP DATABASE {name}" for name in NAMES.all())
        return self._shell(
            f"mariadb {self._login()} -e '{drops}' && "
            f"myloader {self._login()} --threads {THREADS} --directory {folder}"
        )

    def rows(self) -> int:
        with self.metadb.connect(NAMES.rm) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM oms_operation_audit")
            row = cursor.fetchone()
            return int(row[0]) if row else 0

    def _login(self) -> str:
        db = self.metadb
        return f"-h {db.host} -P {db.port} -u {db.user}"

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "MYSQL_PWD": self.metadb.password}

    def _shell(self, line: str) -> float:
        begin = time.monotonic()
        run(["bash", "-o", "pipefail", "-c", line], env=self._environment())
        return time.monotonic() - begin


class Rounds:
    """Every way in turn, several times, the best of each: what else the machine does falls on all alike."""

    def __init__(self, rig: Rig, megabytes: int, rounds: int) -> None:
        self.rig, self.rounds = rig, rounds
        self.best: dict[str, float] = {}
        say(f"{rig.kind}: {megabytes} MB of MetaDB")
        seed(rig.metadb, Seed(megabytes=megabytes, awkward_tables=False))
        self.audit_rows = rig.rows()

    def dumps(self) -> None:
        rig, rows = self.rig, max(1, self.audit_rows // (2 * THREADS))
        ways: dict[str, Callable[[Path], float]] = {
            "zstd": lambda folder: rig.room("dump", folder, "zstd"),
            "plain": lambda folder: rig.room("dump", folder, "none"),
            "mariadb-dump": rig.mariadb_dump,
            "mydumper": lambda folder: rig.mydumper(folder, 0),
            "mydumper --rows": lambda folder: rig.mydumper(folder, rows),
        }
        self._turns("dump", ways, fresh=True)

    def restores(self) -> None:
        rig = self.rig
        ways: dict[str, Callable[[Path], float]] = {
            "zstd": lambda folder: rig.room("restore", folder, "zstd"),
            "mariadb-dump": rig.mariadb_load,
            "mydumper": rig.myloader,
        }
        self._turns("restore", ways, fresh=False)
        # The figure is of no worth unless what was restored is what was dumped.
        self.rig.room("restore", self.folder("zstd"), "zstd")
        self.best["compare"] = self.rig.room("compare", self.folder("zstd"), "zstd")
        if self.rig.rows() != self.audit_rows:
            raise BenchError(f"{self.rig.rows()} rows were restored of {self.audit_rows}")

    def folder(self, way: str) -> Path:
        return self.rig.folder / way.replace(" ", "")

    def size(self, way: str) -> float:
        return sum(path.stat().st_size for path in self.folder(way).iterdir()) / 1e6

    def _turns(self, verb: str, ways: dict[str, Callable[[Path], float]], *, fresh: bool) -> None:
        for number in range(self.rounds):
            for name, way in ways.items():
                if fresh:
                    shutil.rmtree(self.folder(name), ignore_errors=True)
                took = way(self.folder(name))
                say(f"{self.rig.kind}: {verb}, {name}, round {number + 1}: {took:.2f} s")
                key = f"{verb} {name}"
                self.best[key] = min(took, self.best.get(key, took))


def measure(rig: Rig, megabytes: int, rounds: int) -> list[Figure]:
    turns = Rounds(rig, megabytes, rounds)
    turns.dumps()
    turns.restores()
    best = turns.best
    mydumper = min(best["dump mydumper"], best["dump mydumper --rows"])
    size, packed = turns.size("plain"), turns.size("zstd")
    if megabytes >= 256 and size < 256:
        raise BenchError(f"the dump is {size:.0f} MB, and a MetaDB of 256 MB is promised")
    say(f"{rig.kind}: {size:.0f} MB as SQL, {packed:.0f} MB with zstd")

    def rows(label: str, ours: float, one: float, several: float, names: tuple[str, str]) -> list[Figure]:
        return [faster(f"{rig.kind}: {label}", ours, other, name) for other, name in zip((one, several), names, strict=True)]

    tools = ("mariadb-dump", "mydumper")
    figures = rows(f"dump of {size:.0f} MB, zstd", best["dump zstd"], best["dump mariadb-dump"], mydumper, tools)
    figures += rows(f"dump of {size:.0f} MB, plain", best["dump plain"], best["dump mariadb-dump"], mydumper, tools)
    loaders = ("mariadb < file", "myloader")
    figures += rows("restore, zstd", best["restore zstd"], best["restore mariadb-dump"], best["restore mydumper"], loaders)
    figures.append(Figure(f"{rig.kind}: comparing every row with the dump", f"{best['compare']:.2f} s"))
    return figures


def bench(*, quick: bool) -> list[Figure]:
    megabytes, rounds = (16, 1) if quick else (300, 3)
    say("building metadb_bench")
    build()
    figures = []
    for kind in ("OceanBase", "MariaDB"):
        # A world each: two servers would share two cores.
        with World() as world:
            server = world.oceanbase() if kind == "OceanBase" else world.mariadb()
            server.create_user("oms_meta", "Meta_of_the_bench")
            metadb = MetaDb(server.host, server.port, "oms_meta", "Meta_of_the_bench")
            folder = world.folder / "dumps"
            folder.mkdir()
            figures += measure(Rig(kind, metadb, folder), megabytes, rounds)
    notes = [
        f"Best of {rounds}, each way in turn, {THREADS} threads. Ours also digests every row and file, and syncs it to disk.",
        "mydumper: the faster of its default and of --rows cutting the largest table for its threads.",
        "$ build/bench/tests/bench/metadb_bench dump|restore HOST PORT USER FOLDER 4 zstd|none rm_430 cm_430 cm_hb_430",
        "$ mariadb-dump --triggers=false DB > DB.sql; mariadb -DDB < DB.sql",
        "$ mydumper --no-locks --trx-consistency-only --threads 4 --outputdir D; myloader --threads 4 --directory D",
    ]
    print_table("Dump and restore of MetaDB (above 1: ours is faster)", figures, notes)
    return figures
