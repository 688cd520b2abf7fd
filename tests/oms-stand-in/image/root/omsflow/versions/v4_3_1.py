"""From 4.3.0 to 4.3.1. All of it is invented: the documentation does not show what the script does.

It is made so that 4.3.0 cannot run on the result, whichever of the three databases it
looks at, and so that a second run changes data that was right.
"""

from __future__ import annotations

from ..schema import (
    Part,
    Table,
    add_column,
    after,
    create_table,
    rename_column,
    rename_table,
    rewrite,
)
from . import v4_3_0

_ROUTE = Table(
    {"part": "varchar(16) NOT NULL", "address": "varchar(256) NOT NULL"},
    ("PRIMARY KEY (`part`)",),
    "which MetaDB serves which part",
)

STEPS = (
    create_table(Part.RM, "oms_meta_route", _ROUTE),
    add_column(Part.RM, "transfer_project", "cm_group", "varchar(32) NOT NULL DEFAULT 'default'"),
    rewrite(Part.RM, "UPDATE `transfer_project` SET `concurrency` = `concurrency` * 2"),
    rename_column(Part.RM, "transfer_step", "name", "step_name", "varchar(64) NOT NULL"),
    rename_table(Part.RM, "transfer_component", "transfer_component_instance"),
    rewrite(Part.RM, "DROP VIEW `v_project_step`"),
    rewrite(
        Part.RM,
        "CREATE VIEW `v_project_step` AS SELECT p.`id`, p.`name` AS `project`, s.`step_name` "
        "FROM `transfer_project` p JOIN `transfer_step` s ON s.`project_id` = p.`id`",
    ),
    add_column(Part.CM, "host", "cm_cluster_id", "bigint(20) NOT NULL DEFAULT 1"),
    rewrite(Part.CM, "UPDATE `resource_group` SET `name` = CONCAT(`name`, '/1')"),
    rename_column(Part.CM, "location_cm", "cm_url", "url", "varchar(256) NOT NULL"),
    add_column(Part.HEARTBEAT, "heart_beat", "region", "varchar(64) NOT NULL DEFAULT ''"),
    add_column(Part.HEARTBEAT, "heatbeat_sequence", "origin", "varchar(64) NOT NULL DEFAULT ''"),
)

SCHEMA = after(v4_3_0.SCHEMA, STEPS)
