"""What the end-to-end tests and the demo have in common: an OMS, its MetaDB, and the real binary."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

# The bed, and the stand-in with what it shares with its images.
for _folder in (ROOT / "tests", ROOT / "tests/oms-stand-in"):
    if str(_folder) not in sys.path:
        sys.path.append(str(_folder))


def operator_binary() -> Path:
    """The binary under test: $OMS_OPERATOR, else the one that `make build` makes."""
    path = Path(os.environ.get("OMS_OPERATOR") or ROOT / "build/release/oms-operator")
    if not os.access(path, os.X_OK):
        raise FileNotFoundError(f"there is no {path}: run `make build`, or say OMS_OPERATOR")
    return path
