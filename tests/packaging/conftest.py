from __future__ import annotations

import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .kit import BUILD, said

from bed import cache  # noqa: E402


@pytest.fixture(scope="session")
def deb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make package` makes it."""
    folder = tmp_path_factory.mktemp("deb")
    said("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", folder)
    (made,) = folder.glob("*.deb")
    return made


def is_of_use(entry: tarfile.TarInfo) -> bool:
    """No device, as not every root may make one; and not the thousands of files that nobody reads here."""
    return not entry.isdev() and not re.match(r"\./usr/share/(doc|i18n|info|locale|man)/", entry.name)


@pytest.fixture(scope="session")
def debian(deb: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The root of a minimal Debian that has what the package says it depends on, and nothing else."""
    needs = said("dpkg-deb", "--field", deb, "Depends")
    root = tmp_path_factory.mktemp("debian")
    packages = [need.split()[0] for need in needs.split(",")]
    with tarfile.open(cache.base_image(packages)) as archive:
        archive.extractall(root, members=filter(is_of_use, archive))
    os.chmod(root, 0o755)
    yield root
    shutil.rmtree(root)
