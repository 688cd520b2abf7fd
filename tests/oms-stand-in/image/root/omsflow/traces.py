"""Traces of what must never happen, in a database of their own and in a file under the logs.

They lie outside the three databases so that a rollback does not wipe them.
"""

from __future__ import annotations

import datetime
from pathlib import Path

import pymysql

from . import config, identity, metadb
from .config import Connection, Databases

DATABASE = "oms_standin_trace"
_FILE = Path("/home/admin/logs/standin_trace.log")
TABLES = (
    "CREATE TABLE IF NOT EXISTS `standin_trace` (`id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, "
    "`gmt` datetime(3) NOT NULL, `version` varchar(32) NOT NULL, `host` varchar(128) NOT NULL, "
    "`site` varchar(256) NOT NULL, `instance` varchar(64) NOT NULL, `kind` varchar(64) NOT NULL, "
    "`detail` varchar(1024) NOT NULL)",
    "CREATE TABLE IF NOT EXISTS `alive` (`instance` varchar(64) NOT NULL PRIMARY KEY, "
    "`site` varchar(256) NOT NULL, `version` varchar(32) NOT NULL, `location` int NOT NULL, "
    "`hb` varchar(128) NOT NULL, `beats` bigint NOT NULL, `part` varchar(32) NOT NULL)",
    # The tasks of a component container, one row for each of their lives.
    "CREATE TABLE IF NOT EXISTS `tasks` (`life` varchar(64) NOT NULL PRIMARY KEY, "
    "`site` varchar(256) NOT NULL, `host` varchar(128) NOT NULL, `beats` bigint NOT NULL, "
    "`gmt_begun` datetime(3) NOT NULL, `gmt_modified` datetime(3) NOT NULL)",
    "CREATE TABLE IF NOT EXISTS `at_it` (`site` varchar(256) NOT NULL PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS `mounts` (`site` varchar(256) NOT NULL PRIMARY KEY, "
    "`marks` varchar(512) NOT NULL)",
)


def site_of(databases: Databases) -> str:
    """What tells the OMSs on one MetaDB apart: all regions of one share it."""
    return databases.cm


def leave(connection: Connection | None, kind: str, detail: str) -> None:
    name = identity.version().name
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    _FILE.parent.mkdir(parents=True, exist_ok=True)
    with _FILE.open("a", encoding="utf-8") as file:
        file.write(f"{now} {name} {kind}: {detail}\n")
    if connection is None:
        return
    try:
        site = site_of(config.load(identity.config_version()).databases)
        with metadb.connect(connection, DATABASE) as db:
            metadb.rows(
                db,
                "INSERT INTO standin_trace (gmt, version, host, site, instance, kind, detail) "
                "VALUES (now(3), %s, %s, %s, %s, %s, %s)",
                *(name, identity.host_ip(), site, identity.instance(), kind, detail[:1024]),
            )
    except (config.BadConfig, pymysql.Error) as error:
        with _FILE.open("a", encoding="utf-8") as file:
            file.write(f"{now} {name} the trace above is not in MetaDB: {error}\n")
