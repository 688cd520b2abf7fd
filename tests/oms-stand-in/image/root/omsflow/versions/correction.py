"""What the upgrade jar makes of the databases of a version below 4.0.1: those of 4.3.0, but for
oms_version, which docker_upgrade.sh creates. All of it is invented, but for the fact that the frameworks
are merged and that names must be unique.

A name that two live tasks of a kind share is found out in the middle, when it is too late.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..schema import (
    Part,
    Step,
    Table,
    add_column,
    create_table,
    drop_column,
    drop_key,
    drop_table,
    modify_column,
    rename_table,
    rewrite,
)
from . import v3_4_0, v4_3_0

_LATER = v4_3_0.SCHEMA.tables[Part.RM]
_NAMES = Table(
    {
        "type": "varchar(16) NOT NULL",
        "name": "varchar(256) NOT NULL",
        "project_id": "varchar(64) NOT NULL",
    },
    ("PRIMARY KEY (`project_id`)", "UNIQUE KEY `uk_type_name` (`type`, `name`)"),
    "one framework, one name",
)
_TARGET = (
    "`id`, `name`, `type`, `status`, `current_step`, `enable_full_transfer`, "
    "`enable_incr_transfer`, `enable_reverse_incr_transfer`, `labels`, `concurrency`, `gmt_created`"
)
# 4.0.1 counts the one that reads along, too. Whoever does this twice counts wrong.
COUNT_THE_READER = "UPDATE `transfer_project` SET `concurrency` = `concurrency` + 1"


@dataclass(frozen=True)
class Correction:
    # Run for each region, on its heartbeat database.
    region: tuple[Step, ...]
    # Run once, with `-ltrue`, on what all regions share.
    whole: tuple[Step, ...]


def _take_over(table: str, kind: str, flags: tuple[str, ...], labels: str) -> tuple[Step, ...]:
    three = ", ".join([*(f"`{flag}`" for flag in flags), "0"][:3])
    return (
        rewrite(
            Part.RM,
            f"INSERT INTO `correction_name` (`type`, `name`, `project_id`) SELECT '{kind}', "
            f"`project_name`, `id` FROM `{table}` WHERE `project_status` <> 'DELETED'",
        ),
        rewrite(
            Part.RM,
            f"INSERT INTO `transfer_project` ({_TARGET}) SELECT `id`, `project_name`, '{kind}', "
            f"`project_status`, `current_step`, {three}, {labels}, `workers`, `gmt_created` "
            f"FROM `{table}`",
        ),
    )


def _strip(table: str, columns: tuple[str, ...]) -> tuple[Step, ...]:
    return (
        drop_key(Part.RM, table, "idx_project_status"),
        *(drop_column(Part.RM, table, column) for column in columns),
        rewrite(Part.RM, f"ALTER TABLE `{table}` COMMENT = '{_LATER[table].comment}'"),
    )


def _correction(*, newer: bool) -> Correction:
    """`newer`: from 3.4.0, else from 3.2.1."""
    labels = ("labels",) if newer else ()
    extra = "`extra_info`" if newer else "NULL"
    longer = tuple(
        modify_column(Part.RM, table, "project_name", "varchar(256) NOT NULL")
        for table in ("oms_project", "oms_sync_project")
    )
    common = ("current_step", "workers", *labels)
    select = "`labels`" if newer else "NULL"
    return Correction(
        region=(
            rewrite(Part.HEARTBEAT, "UPDATE `heart_beat` SET `task_type` = UPPER(`task_type`)"),
        ),
        whole=(
            create_table(Part.RM, "transfer_project", _LATER["transfer_project"]),
            create_table(Part.RM, "transfer_step", _LATER["transfer_step"]),
            rewrite(Part.RM, "DROP VIEW `v_project_step`"),
            rewrite(Part.CM, "UPDATE `host` SET `resource_group_id` = 0"),
            add_column(Part.CM, "resource_group", "gmt_created", v4_3_0.CREATED),
            create_table(Part.RM, "correction_name", _NAMES),
            *_take_over("oms_project", "MIGRATION", v3_4_0.MIGRATION_FLAGS, select),
            *_take_over("oms_sync_project", "SYNC", v3_4_0.SYNC_FLAGS, select),
            rewrite(Part.RM, COUNT_THE_READER),
            rewrite(
                Part.RM,
                "INSERT INTO `transfer_step` (`project_id`, `step_order`, `name`, `status`, "
                "`progress`, `start_time`, `finish_time`, `extra_info`) SELECT `project_id`, "
                "`step_order`, `step_name`, `step_status`, `progress`, `start_time`, "
                f"`finish_time`, {extra} FROM `oms_step`",
            ),
            drop_table(Part.RM, "oms_step"),
            # One framework: what JDBCWriter did is an Incr-Sync now, and Connector's to keep up.
            rename_table(Part.RM, "oms_component", "transfer_component"),
            rewrite(
                Part.RM,
                "UPDATE `transfer_component` SET `kind` = 'INCR_SYNC' WHERE `kind` = 'JDBC_WRITER'",
            ),
            *(() if newer else longer),
            *_strip("oms_project", (*v3_4_0.MIGRATION_FLAGS, *common)),
            *_strip("oms_sync_project", (*v3_4_0.SYNC_FLAGS, *common)),
            drop_table(Part.RM, "correction_name"),
            rewrite(Part.RM, v4_3_0.SCHEMA.views[Part.RM]["v_project_step"]),
        ),
    )


FROM_3_4_0 = _correction(newer=True)
FROM_3_2_1 = _correction(newer=False)
# What docker_upgrade.sh does besides, when it comes from so far.
CREATE_OMS_VERSION = create_table(Part.RM, "oms_version", _LATER["oms_version"])
