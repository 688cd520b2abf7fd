"""The databases of 4.3.0.

Names and columns that the documentation gives are its own: oms_normal_config, cluster_info,
oms_user, oms_version, oms_project, oms_sync_project, host, resource_group, location_cm,
config_job, heatbeat_sequence, heart_beat. Everything else is invented.
"""

from __future__ import annotations

from ..schema import Part, Schema, Table

ID = "bigint(20) NOT NULL AUTO_INCREMENT COMMENT 'PK'"
CREATED = "datetime NOT NULL DEFAULT CURRENT_TIMESTAMP"
MODIFIED = "datetime NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"
BY_ID = "PRIMARY KEY (`id`)"
FLAG = "tinyint(4) NOT NULL DEFAULT 0"


def _legacy_projects(comment: str) -> Table:
    columns = {
        "id": "varchar(64) NOT NULL",
        "project_name": "varchar(256) NOT NULL",
        "project_status": "varchar(32) NOT NULL",
        "gmt_created": CREATED,
    }
    return Table(columns, (BY_ID,), comment)


_RM = {
    "oms_normal_config": Table(
        {
            "id": ID,
            "cfg_name": "varchar(128) NOT NULL",
            "cfg_value": "longtext",
            "module": "varchar(64) DEFAULT NULL",
            "description": "varchar(512) DEFAULT NULL",
            "gmt_created": CREATED,
            "gmt_modified": MODIFIED,
        },
        (BY_ID, "UNIQUE KEY `uk_cfg_name` (`cfg_name`)"),
        "system parameters",
    ),
    "cluster_info": Table(
        {
            "id": ID,
            "region": "varchar(64) NOT NULL",
            "region_cn": "varchar(64) NOT NULL",
            "cm_url": "varchar(256) NOT NULL",
            "code": "int(11) NOT NULL",
            "is_default_cm": FLAG,
            "gmt_modified": MODIFIED,
        },
        (BY_ID, "UNIQUE KEY `uk_code` (`code`)"),
    ),
    "oms_user": Table(
        {
            "id": "varchar(32) NOT NULL",
            "name": "varchar(64) NOT NULL",
            "role": "varchar(32) NOT NULL",
            "comment": "varchar(256) DEFAULT NULL",
            "is_locked": FLAG,
            "password_salt": "binary(16) NOT NULL",
            "password_digest": "binary(32) NOT NULL",
            "wrong_passwords": "int(11) NOT NULL DEFAULT 0",
        },
        (BY_ID, "UNIQUE KEY `uk_name` (`name`)"),
    ),
    "oms_version": Table(
        {
            "version": "varchar(64) NOT NULL COMMENT 'version'",
            "gmt_modified": "timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP",
        },
        ("PRIMARY KEY (`version`)",),
        "version table",
    ),
    "oms_project": _legacy_projects("left over from before 4.0.1"),
    "oms_sync_project": _legacy_projects("left over from before 4.0.1"),
    "transfer_project": Table(
        {
            "id": "varchar(64) NOT NULL",
            "name": "varchar(256) NOT NULL",
            "type": "varchar(16) NOT NULL",
            "status": "varchar(32) NOT NULL",
            "current_step": "varchar(64) DEFAULT NULL",
            "enable_full_transfer": FLAG,
            "enable_incr_transfer": FLAG,
            "enable_reverse_incr_transfer": FLAG,
            "labels": "json DEFAULT NULL",
            "concurrency": "int(11) NOT NULL DEFAULT 8",
            "gmt_created": CREATED,
        },
        (BY_ID, "KEY `idx_status` (`status`)"),
    ),
    "transfer_step": Table(
        {
            "id": ID,
            "project_id": "varchar(64) NOT NULL",
            "step_order": "int(11) NOT NULL",
            "name": "varchar(64) NOT NULL",
            "status": "varchar(32) NOT NULL",
            "progress": "int(11) NOT NULL DEFAULT 0",
            "start_time": "datetime DEFAULT NULL",
            "finish_time": "datetime DEFAULT NULL",
            "extra_info": "json DEFAULT NULL",
        },
        (BY_ID, "UNIQUE KEY `uk_project_order` (`project_id`, `step_order`)"),
    ),
    "transfer_component": Table(
        {
            "id": ID,
            "project_id": "varchar(64) NOT NULL",
            "kind": "varchar(32) NOT NULL",
            "status": "varchar(32) NOT NULL",
            "ip": "varchar(128) NOT NULL",
            "gmt_modified": "datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)",
        },
        (BY_ID, "KEY `idx_project` (`project_id`)"),
    ),
}

_CM = {
    "host": Table(
        {
            "id": ID,
            "ip": "varchar(128) NOT NULL",
            "host_status": "varchar(32) NOT NULL",
            "resource_group_id": "bigint(20) NOT NULL",
            "gmt_modified": MODIFIED,
        },
        (BY_ID, "UNIQUE KEY `uk_ip` (`ip`)"),
    ),
    "resource_group": Table(
        {"id": ID, "name": "varchar(128) NOT NULL", "gmt_created": CREATED}, (BY_ID,)
    ),
    "location_cm": Table(
        {"id": ID, "location": "int(11) NOT NULL", "cm_url": "varchar(256) NOT NULL"},
        (BY_ID, "UNIQUE KEY `uk_location` (`location`)"),
    ),
    "config_job": Table(
        {"id": ID, "key": "varchar(128) NOT NULL", "value": "varchar(4096) DEFAULT NULL"},
        (BY_ID,),
    ),
    "standin_config_audit": Table(
        {"id": ID, "what": "varchar(512) NOT NULL", "gmt_created": CREATED}, (BY_ID,)
    ),
}

_HEARTBEAT = {
    "heatbeat_sequence": Table(
        {
            "id": ID,
            "gmt_created": "datetime NOT NULL",
            "gmt_modified": "datetime NOT NULL",
        },
        (BY_ID,),
        "Heartbeat sequence table",
    ),
    "heart_beat": Table(
        {
            "id": ID,
            "task_name": "varchar(128) NOT NULL",
            "task_type": "varchar(64) NOT NULL",
            "host_ip": "varchar(128) NOT NULL",
            "sequence_id": "bigint(20) NOT NULL",
            "gmt_created": "datetime NOT NULL",
            "gmt_modified": "datetime NOT NULL",
        },
        (BY_ID, "UNIQUE KEY `uk_task_host` (`task_name`, `host_ip`)"),
    ),
}

SCHEMA = Schema(
    tables={Part.RM: _RM, Part.CM: _CM, Part.HEARTBEAT: _HEARTBEAT},
    views={
        Part.RM: {
            "v_project_step": (
                "CREATE VIEW `v_project_step` AS SELECT p.`id`, p.`name` AS `project`, "
                "p.`status`, s.`name` AS `step`, s.`progress` FROM `transfer_project` p "
                "JOIN `transfer_step` s ON s.`project_id` = p.`id`"
            )
        },
        Part.CM: {
            "v_host_group": (
                "CREATE VIEW `v_host_group` AS SELECT h.`ip`, h.`host_status`, g.`name` "
                "FROM `host` h LEFT JOIN `resource_group` g ON g.`id` = h.`resource_group_id`"
            )
        },
    },
)
