"""The databases of the Community Edition, 4.2.5-CE and 4.2.11-CE.

What is documented of them is documented of both editions. All that tells them apart is invented:
a column in a table of each database, so that neither edition runs on what is the other's, and what
docker_init.sh changes on the way up.
"""

from __future__ import annotations

from ..schema import Part, Table, add_column, after, create_table, rename_column, rewrite
from . import v4_3_0

_EDITION = "varchar(16) NOT NULL DEFAULT 'community'"
_MARKS = (
    add_column(Part.RM, "cluster_info", "edition", _EDITION),
    add_column(Part.CM, "resource_group", "edition", _EDITION),
    add_column(Part.HEARTBEAT, "heart_beat", "edition", _EDITION),
)
SCHEMA_4_2_5 = after(v4_3_0.SCHEMA, _MARKS)

_TAG = Table(
    {"tag": "varchar(64) NOT NULL", "project_id": "varchar(64) NOT NULL"},
    ("PRIMARY KEY (`tag`, `project_id`)",),
    "what the console calls labels",
)
STEPS_4_2_11 = (
    create_table(Part.RM, "transfer_tag", _TAG),
    add_column(Part.RM, "transfer_component", "dbversion", "varchar(32) NOT NULL DEFAULT ''"),
    rewrite(Part.RM, "UPDATE `transfer_project` SET `concurrency` = `concurrency` + 1"),
    rename_column(Part.RM, "cluster_info", "region_cn", "region_label", "varchar(64) NOT NULL"),
    add_column(Part.CM, "host", "cpu_cores", "int(11) NOT NULL DEFAULT 0"),
    rewrite(Part.CM, "UPDATE `resource_group` SET `name` = CONCAT(`name`, '/ce')"),
    add_column(Part.HEARTBEAT, "heart_beat", "zone", "varchar(64) NOT NULL DEFAULT ''"),
    add_column(Part.HEARTBEAT, "heatbeat_sequence", "zone", "varchar(64) NOT NULL DEFAULT ''"),
)
SCHEMA_4_2_11 = after(SCHEMA_4_2_5, STEPS_4_2_11)
