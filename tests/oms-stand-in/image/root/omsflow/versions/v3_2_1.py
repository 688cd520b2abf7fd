"""The databases of 3.2.1. How they differ from those of 3.4.0 is invented."""

from __future__ import annotations

import copy

from ..schema import Part
from . import v3_4_0

SCHEMA = copy.deepcopy(v3_4_0.SCHEMA)
_RM = SCHEMA.tables[Part.RM]
# Shorter names, which whoever makes one longer must mind.
_RM["oms_project"].columns["project_name"] = "varchar(128) NOT NULL"
_RM["oms_sync_project"].columns["project_name"] = "varchar(128) NOT NULL"
for _projects in ("oms_project", "oms_sync_project"):
    del _RM[_projects].columns["labels"]
del _RM["oms_step"].columns["extra_info"]
