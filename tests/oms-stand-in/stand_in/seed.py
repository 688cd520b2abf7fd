"""MetaDB of an OMS that has been in use for a while."""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pymysql
from omsflow.schema import Part  # type: ignore[import-not-found]
from omsflow.versions import VERSIONS, v3_4_0  # type: ignore[import-not-found]

from . import awkward, old_projects, projects, traces
from .metadb import MetaDb, Names
from .regions import Region, the_only

# All thirteen documented keys, in the documented order.
HA_CONFIG: dict[str, object] = {
    "enable": False,
    "enableHost": False,
    "enableStore": True,
    "perceiveStoreClientCheckpoint": False,
    "enableConnector": True,
    "enableJdbcWriter": True,
    "subtopicStoreNumberThreshold": 5,
    "checkRequestIntervalSec": 600,
    "checkJdbcWriterIntervalSec": 600,
    "checkHostDownIntervalSec": 540,
    "checkModuleExceptionIntervalSec": 240,
    "clearAbnormalResourceHours": 72,
    "refetchStoreIntervalMin": 30,
}
_BATCH = 200


@dataclass(frozen=True)
class Seed:
    version: str = "4.3.0"
    host_ip: str = "127.0.1.1"
    names: Names = field(default_factory=Names)
    user: str = "admin"
    password: str = "Oms.2025-demo"  # noqa: S105  (of a stand-in)
    ha_enabled: bool = True
    # Stored as it is, where a test wants a text that is not quite JSON, or keys of its own.
    ha_config_text: str | None = None
    # False is of use below 4.0.1 only, where enableJdbcWriter is what counts.
    ha_connector: bool = True
    # cm_location of the one region.
    location: int = 2
    # Several, or one of several nodes, instead of the one that host_ip, names and location make.
    regions: tuple[Region, ...] = ()
    project_count: int = 20
    # From 4.1.1 on: one more, which is part of another one.
    sub_project: bool = False
    heartbeat_rows: int = 500
    megabytes: int = 0
    # Without, even the stock clients can dump and restore what is there (on OceanBase they put
    # values for generated columns into their dumps, which it refuses).
    awkward_tables: bool = True
    quoted_enum: bool = False
    # Below 4.0.1 only: live tasks of one name, and a task whose JDBCWriter was told which region's
    # writes to leave out (from 4.3.0 on there always is one).
    duplicate_names: bool = False
    black_region_no: str | None = None
    # False is of use for 4.2.5-CE only, which may have come without.
    version_table: bool = True

    def all_regions(self) -> tuple[Region, ...]:
        return self.regions or (the_only(self.host_ip, self.names, self.location),)

    def hosts(self) -> list[str]:
        return [node for region in self.all_regions() for node in region.nodes]


def ha_config_text(*, enabled: bool, connector: bool = True) -> str:
    """With what only a careful editor keeps: a key that no documentation knows, a number and an
    escape that a JSON library writes in another way, blanks, and an order."""
    values = {**HA_CONFIG, "enable": enabled, "enableConnector": connector}
    known = json.dumps(values, indent=2)
    unknown = '"standinUnknownKey": {"keep":["me", 1.50, 1e3, "\\u676d\\u5dde"] },'
    return known.replace("{", "{\n  " + unknown, 1)


def seed(metadb: MetaDb, wanted: Seed) -> None:
    """Drop and create rm, cm and each region's heartbeat database, and forget the traces of their OMS."""
    with metadb.connect() as connection, connection.cursor() as cursor:
        traces.prepare(connection, wanted.names)
        schema = VERSIONS[wanted.version].schema
        databases = [(Part.RM, wanted.names.rm), (Part.CM, wanted.names.cm)]
        databases += [(Part.HEARTBEAT, region.names.hb) for region in wanted.all_regions()]
        for part, name in databases:
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
            cursor.execute(f"CREATE DATABASE `{name}` DEFAULT CHARACTER SET utf8mb4")
            cursor.execute(f"USE `{name}`")
            for table, definition in schema.tables[part].items():
                cursor.execute(definition.create(table))
            for view in schema.views.get(part, {}).values():
                cursor.execute(view)
            {Part.RM: _fill_rm, Part.CM: _fill_cm, Part.HEARTBEAT: _fill_hb}[part](cursor, wanted)


def _fill_rm(cursor: pymysql.cursors.Cursor, wanted: Seed) -> None:
    ha = wanted.ha_config_text or ha_config_text(
        enabled=wanted.ha_enabled, connector=wanted.ha_connector
    )
    parameters = (
        ("oms.captcha.enable", "false", "user"),
        ("ha.config", ha, "ha"),
        ("oms.user.password.expiration.date.config", '{"enable":false,"days":90}', "user"),
    )
    _insert(cursor, "oms_normal_config", "cfg_name cfg_value module", parameters)
    _insert(
        cursor,
        "cluster_info",
        "region region_cn cm_url code is_default_cm",
        [
            (region.name, region.name_cn, region.cm_url, region.location, int(region.is_default))
            for region in wanted.all_regions()
        ],
    )
    users = [("u00000", "root", "ROOT"), ("u00001", wanted.user, "ADMIN"), ("u00002", "HA", "ROOT")]
    salt = os.urandom(16)
    digest = hashlib.sha256(salt + wanted.password.encode()).digest()
    columns = "id name role password_salt password_digest"
    _insert(cursor, "oms_user", columns, [(*user, salt, digest) for user in users])
    if VERSIONS[wanted.version].has_version_row:
        _fill_merged(cursor, wanted)
    else:
        _fill_old_tasks(cursor, wanted)
    if wanted.awkward_tables:
        awkward.create(cursor)
    if wanted.quoted_enum:
        awkward.create_enum_with_quote(cursor)
    _fill_bulk(cursor, wanted.megabytes)


def _fill_merged(cursor: pymysql.cursors.Cursor, wanted: Seed) -> None:
    if wanted.version_table:
        _insert(
            cursor, "oms_version", "version gmt_modified", [(wanted.version, "2025-05-05 05:05:05")]
        )
    else:
        cursor.execute("DROP TABLE `oms_version`")
    # Twins that nobody must mind: from 4.0.1 on these tables are no longer looked at.
    for table in ("oms_project", "oms_sync_project"):
        twins = [("p_1", "old", "RUNNING"), ("p_2", "old", "RUNNING")]
        _insert(cursor, table, "id project_name project_status", twins)
    rows = projects.rows(wanted.project_count, wanted.hosts())
    if wanted.sub_project:
        part = projects.sub_project()
        rows.projects.extend(part.projects)
        rows.steps.extend(part.steps)
    flags = "enable_full_transfer enable_incr_transfer enable_reverse_incr_transfer"
    columns = f"id name type status current_step {flags} labels concurrency"
    _insert(cursor, "transfer_project", columns, rows.projects)
    columns = "project_id step_order name status progress start_time finish_time extra_info"
    _insert(cursor, "transfer_step", columns, rows.steps)
    _insert(cursor, "transfer_component", "project_id kind status ip", rows.components)


def _fill_old_tasks(cursor: pymysql.cursors.Cursor, wanted: Seed) -> None:
    tables = VERSIONS[wanted.version].schema.tables[Part.RM]
    made = old_projects.tasks(wanted.project_count)
    if wanted.duplicate_names:
        kind = tables["oms_project"].columns["project_name"]
        more = old_projects.duplicates(int(kind.partition("(")[2].partition(")")[0]))
        made = old_projects.Tasks(made.migrations + more.migrations, made.syncs + more.syncs)
    columns = "id project_name project_status current_step workers"
    flags = {"oms_project": v3_4_0.MIGRATION_FLAGS, "oms_sync_project": v3_4_0.SYNC_FLAGS}
    for table, tasks in (("oms_project", made.migrations), ("oms_sync_project", made.syncs)):
        rows = [
            (task.id, task.name, task.status, task.current, number % 16 + 1, *task.flags)
            for number, task in enumerate(tasks)
        ]
        _insert(cursor, table, f"{columns} {' '.join(flags[table])}", rows)
    columns = "project_id step_order step_name step_status progress start_time finish_time"
    extra = "extra_info" in tables["oms_step"].columns
    steps = [step if extra else step[:-1] for task in made.all() for step in old_projects.steps(task)]
    _insert(cursor, "oms_step", columns + (" extra_info" if extra else ""), steps)
    hosts = wanted.hosts()
    components = [
        (task.id, *part, hosts[number % len(hosts)])
        for number, task in enumerate(made.all())
        for part in task.components
    ]
    _insert(cursor, "oms_component", "project_id kind status ip", components)


def _fill_cm(cursor: pymysql.cursors.Cursor, wanted: Seed) -> None:
    cursor.execute(
        "CREATE TRIGGER `standin_config_job_audit` AFTER INSERT ON `config_job` FOR EACH ROW "
        "INSERT INTO `standin_config_audit` (`what`) VALUES (NEW.`key`)"
    )
    regions = wanted.all_regions()
    _insert(cursor, "resource_group", "name", [(region.name,) for region in regions])
    hosts = [
        (node, "OFFLINE", group)
        for group, region in enumerate(regions, start=1)
        for node in region.nodes
    ]
    _insert(cursor, "host", "ip host_status resource_group_id", hosts)
    places = [(region.location, region.cm_url) for region in regions]
    _insert(cursor, "location_cm", "location cm_url", places)
    merged = VERSIONS[wanted.version].has_version_row
    black = "2" if merged else wanted.black_region_no
    jobs = [("sourceFile.blackRegionNo", black)] if black is not None else []
    jobs += [("sink.workerNum", "16"), ("x", None), ("", "\\'")]
    _insert(cursor, "config_job", "key value", jobs)


def _fill_hb(cursor: pymysql.cursors.Cursor, wanted: Seed) -> None:
    cursor.execute("SELECT database()")
    ((name,),) = cursor.fetchall()
    (number,) = (at for at, region in enumerate(wanted.all_regions()) if region.names.hb == name)
    # Ids as after a long life, with a gap at the front; no two regions have got as far.
    first, count = (number + 1) * 100_000, wanted.heartbeat_rows - 10 * number
    rows = [(first + row,) for row in range(count)]
    for chunk in _chunks(rows, 2000):
        cursor.executemany(
            "INSERT INTO heatbeat_sequence (id, gmt_created, gmt_modified) "
            "VALUES (%s, '2025-05-05 05:05:05', '2025-05-05 05:05:05')",
            chunk,
        )


def _fill_bulk(cursor: pymysql.cursors.Cursor, megabytes: int) -> None:
    """An audit trail: half of the volume in one table, the rest in four."""
    if megabytes == 0:
        return
    generator = random.Random(megabytes)
    shares = {"oms_operation_audit": 0.5, **{f"oms_task_log_{n}": 0.125 for n in range(4)}}
    for table, share in shares.items():
        cursor.execute(
            f"CREATE TABLE `{table}` (`id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, `project_id` "
            "varchar(64) NOT NULL, `user` varchar(64) NOT NULL, `gmt_created` datetime NOT NULL, "
            "`payload` mediumtext, KEY `idx_project` (`project_id`))"
        )
        _fill_bulk_table(cursor, table, int(megabytes * share * 1_000_000), generator)


def _fill_bulk_table(
    cursor: pymysql.cursors.Cursor, table: str, size: int, generator: random.Random
) -> None:
    # About 1,000 bytes a row, neither all the same nor all noise, as logs are.
    words = [f"{generator.getrandbits(64):016x}" for _ in range(4096)]
    for _ in range(max(1, size // (1000 * _BATCH * 10))):
        values = []
        for _ in range(_BATCH * 10):
            payload = " key=".join(generator.choices(words, k=44))
            values.append(f"('np_4kx{generator.randrange(20):08d}','admin',now(),'{payload}')")
        cursor.execute(
            f"INSERT INTO `{table}` (project_id, user, gmt_created, payload) VALUES "
            + ",".join(values)
        )


def _insert(
    cursor: pymysql.cursors.Cursor, table: str, columns: str, rows: Sequence[Sequence[object]]
) -> None:
    names = columns.split()
    places = ", ".join(["%s"] * len(names))
    quoted = ", ".join(f"`{name}`" for name in names)
    for chunk in _chunks(rows, _BATCH):
        cursor.executemany(f"INSERT INTO `{table}` ({quoted}) VALUES ({places})", chunk)


def _chunks(
    rows: Sequence[Sequence[object]], size: int
) -> Iterable[Sequence[Sequence[object]]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
