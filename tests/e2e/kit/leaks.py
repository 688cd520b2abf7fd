"""Looks for secrets where they must never be."""

from __future__ import annotations

import re
from pathlib import Path

# The backup keeps the original config.yaml, and the dumps are of databases: both hold what they hold.
KEPT_AS_IT_IS = re.compile(r".*\.sql(\.zst)?|.*config(\.\d+)?\.yaml")


class Leaks:
    def __init__(self, secrets: list[str]) -> None:
        self._secrets = [secret.encode() for secret in secrets]
        self.found: list[str] = []

    def also(self, *secrets: str) -> None:
        self._secrets += [secret.encode() for secret in secrets]

    def look_at_processes(self) -> None:
        """Arguments of every process of this machine, those in containers included."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                self._look(f"the arguments of process {entry.name}", (entry / "cmdline").read_bytes())
            except OSError:
                continue  # it has ended

    def look_at_text(self, where: str, text: str) -> None:
        self._look(where, text.encode())

    def look_at_folder(self, folder: Path) -> None:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink() and not KEPT_AS_IT_IS.fullmatch(path.name):
                self._look(str(path), path.read_bytes())

    def _look(self, where: str, content: bytes) -> None:
        for secret in self._secrets:
            if secret in content:
                self.found.append(f"{where}: {content[:300]!r}")
