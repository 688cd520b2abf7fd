"""The stand-in OMS, seen from a test: its images, its databases, its site, its traces."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGE_TREE = ROOT / "image"
ASSISTANT_TREE = ROOT / "assistant"

# The schema of each version is data of the image; seeding uses the very same. The bed is
# the package beside us, whose cache we share.
for _folder in (str(IMAGE_TREE / "root"), str(ROOT.parent)):
    if _folder not in sys.path:
        sys.path.append(_folder)
