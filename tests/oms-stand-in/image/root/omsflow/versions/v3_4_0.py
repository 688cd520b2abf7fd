"""The databases of 3.4.0: before 4.0.1, migration and synchronization are frameworks apart.

oms_project and oms_sync_project with id, project_name and project_status, config_job with key and
value are documented, and that there is no oms_version. All that is not as in 4.3.0 besides is
invented. The step names are those of the legacy model.
"""

from __future__ import annotations

import copy

from ..schema import Part, Schema, Table
from . import v4_3_0
from .v4_3_0 import BY_ID, CREATED, FLAG, ID


def projects(name_length: int, flags: tuple[str, ...]) -> Table:
    """The tasks of one framework. The first four columns are all that 4.0.1 leaves of them."""
    columns = {
        "id": "varchar(64) NOT NULL",
        "project_name": f"varchar({name_length}) NOT NULL",
        "project_status": "varchar(32) NOT NULL",
        "gmt_created": CREATED,
        "current_step": "varchar(64) DEFAULT NULL",
        **dict.fromkeys(flags, FLAG),
        "workers": "int(11) NOT NULL DEFAULT 8",
        "labels": "json DEFAULT NULL",
    }
    return Table(columns, (BY_ID, "KEY `idx_project_status` (`project_status`)"))


MIGRATION_FLAGS = ("enable_full_migration", "enable_incr_sync", "enable_reverse_incr_sync")
SYNC_FLAGS = ("enable_full_sync", "enable_incr_sync")

_STEP = Table(
    {
        "id": ID,
        "project_id": "varchar(64) NOT NULL",
        "step_order": "int(11) NOT NULL",
        "step_name": "varchar(64) NOT NULL",
        "step_status": "varchar(32) NOT NULL",
        "progress": "int(11) NOT NULL DEFAULT 0",
        "start_time": "datetime DEFAULT NULL",
        "finish_time": "datetime DEFAULT NULL",
        "extra_info": "json DEFAULT NULL",
    },
    (BY_ID, "UNIQUE KEY `uk_project_order` (`project_id`, `step_order`)"),
)
_KEPT = ("oms_normal_config", "cluster_info", "oms_user")


def _schema() -> Schema:
    later = copy.deepcopy(v4_3_0.SCHEMA)
    rm, cm = later.tables[Part.RM], later.tables[Part.CM]
    del cm["resource_group"].columns["gmt_created"]
    return Schema(
        tables={
            Part.RM: {
                **{name: rm[name] for name in _KEPT},
                "oms_project": projects(256, MIGRATION_FLAGS),
                "oms_sync_project": projects(256, SYNC_FLAGS),
                "oms_step": _STEP,
                "oms_component": rm["transfer_component"],
            },
            Part.CM: cm,
            Part.HEARTBEAT: later.tables[Part.HEARTBEAT],
        },
        views={
            Part.RM: {
                "v_project_step": (
                    "CREATE VIEW `v_project_step` AS SELECT p.`id`, p.`project_name` AS `project`, "
                    "s.`step_name` AS `step` FROM `oms_project` p "
                    "JOIN `oms_step` s ON s.`project_id` = p.`id`"
                )
            },
            Part.CM: later.views[Part.CM],
        },
    )


SCHEMA = _schema()
