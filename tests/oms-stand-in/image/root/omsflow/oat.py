"""Which OceanBase Admin Toolkit deployed this OMS, if one did.

Below 4.3.2 it writes the joint keys into config.yaml, also for an OMS that reads the split ones
elsewhere. How OMS knows is documented nowhere: here by a file in its run directory.
"""

from __future__ import annotations

from pathlib import Path

MARK = Path("/home/ds/run/.oat_version")
_SPLIT_SINCE = (4, 3, 2)


def keeps_joint_keys(mark: Path = MARK) -> bool:
    if not mark.exists():
        return False
    numbers = mark.read_text(encoding="ascii").strip().split(".")
    return tuple(int(number) for number in numbers) < _SPLIT_SINCE
