"""The figures that we promise, measured."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The bed, the stand-in with what it shares with its images, and the premises of the end-to-end tests.
for _folder in (ROOT / "tests", ROOT / "tests/oms-stand-in", ROOT / "tests/e2e"):
    if str(_folder) not in sys.path:
        sys.path.append(str(_folder))
