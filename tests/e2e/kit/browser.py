"""A page as a real browser shows it."""

from __future__ import annotations

import subprocess
from pathlib import Path

LIMIT_SECONDS = 120


def text_of(page: Path) -> str:
    """The page's DOM after it was loaded, without a network."""
    return _chromium(page, "--dump-dom")


def picture_of(page: Path) -> bytes:
    picture = page.with_suffix(".png")
    _chromium(page, f"--screenshot={picture}", "--window-size=1300,2400")
    return picture.read_bytes()


def _chromium(page: Path, *options: str) -> str:
    profile = page.parent / "browser"
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    command += [f"--user-data-dir={profile}", "--host-resolver-rules=MAP * ~NOTFOUND", *options]
    ended = subprocess.run(
        [*command, page.as_uri()], check=True, capture_output=True, text=True, timeout=LIMIT_SECONDS
    )
    return ended.stdout
