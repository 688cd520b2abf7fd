"""High availability: what it would do to hosts that seem dead, and to components after an outage."""

from __future__ import annotations

import json

import pymysql

from . import metadb

# The stand-in's HA runs this much faster than the real one, so that the default
# checkHostDownIntervalSec of 540 s becomes 5 s.
_SPEED = 108.0


def settings(rm: pymysql.Connection) -> dict[str, object]:
    text = metadb.value(rm, "SELECT cfg_value FROM oms_normal_config WHERE cfg_name='ha.config'")
    values = json.loads(str(text))
    if not isinstance(values, dict):
        raise ValueError("ha.config is not a JSON object")
    return values


def host_down_seconds(config: dict[str, object]) -> float:
    return float(str(config.get("checkHostDownIntervalSec", 540))) / _SPEED


def silence_seconds(hb: pymysql.Connection) -> float | None:
    """Since when the most silent host's supervisor has not been heard; None: never was one."""
    found = metadb.value(
        hb,
        "SELECT TIMESTAMPDIFF(SECOND, MIN(gmt_modified), now()) FROM heart_beat "
        "WHERE task_name='supervisor'",
    )
    return None if found is None else float(str(found))


def was_heard(hb: pymysql.Connection, host: str) -> bool:
    """Whether that host's supervisor has ever beaten."""
    question = "SELECT id FROM heart_beat WHERE task_name='supervisor' AND host_ip=%s"
    return metadb.value(hb, question, host) is not None


def component_table(rm: pymysql.Connection) -> str:
    for table in ("transfer_component_instance", "transfer_component"):
        if metadb.value(rm, f"SHOW TABLES LIKE '{table}'") is not None:
            return table
    return "oms_component"


def mark_outage(rm: pymysql.Connection, host: str) -> None:
    """The container of that host was stopped, and every component process with it."""
    table = component_table(rm)
    change = f"UPDATE `{table}` SET `gmt_modified` = now(3), `status` = "
    ran = "WHERE `status` = 'RUNNING' AND `ip` = %s AND `kind`"
    metadb.rows(rm, f"{change} 'ABNORMAL' {ran} <> 'FULL_IMPORT'", host)
    # HA never starts it again: a person resumes it.
    metadb.rows(rm, f"{change} 'STOPPED' {ran} = 'FULL_IMPORT'", host)


def recover(rm: pymysql.Connection, config: dict[str, object]) -> None:
    """What HA starts again once it is on; a paused Incr-Sync stays paused."""
    kinds = []
    if config.get("enableStore"):
        kinds += ["STORE", "REVERSE_STORE"]
    if config.get("enableConnector"):
        kinds += ["INCR_SYNC", "REVERSE_INCR_SYNC"]
    # From 4.0.1 on there is no such component, and so it does nothing.
    if config.get("enableJdbcWriter"):
        kinds += ["JDBC_WRITER"]
    if not kinds:
        return
    places = ", ".join(["%s"] * len(kinds))
    metadb.rows(
        rm,
        f"UPDATE `{component_table(rm)}` SET `status` = 'RUNNING', `gmt_modified` = now(3) "
        f"WHERE `status` = 'ABNORMAL' AND `kind` IN ({places})",
        *kinds,
    )
