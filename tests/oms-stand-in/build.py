#!/usr/bin/python3
"""Build the stand-in's images: archives for `docker load`, one per version."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from stand_in import images


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", choices=sorted(images.VERSIONS), action="append")
    parser.add_argument("--out", type=Path, help="copy the archives there")
    arguments = parser.parse_args()
    for version in arguments.version or sorted(images.VERSIONS):
        path = images.archive_of(version)
        if arguments.out is not None:
            arguments.out.mkdir(parents=True, exist_ok=True)
            path = Path(shutil.copy(path, arguments.out))
        print(path, images.reference(version))


if __name__ == "__main__":
    main()
