#!/usr/bin/python3
"""The image.

Goal: it starts as the Deployment starts it: as a user that is nobody, on a root that cannot be written, with
no right; and holds nothing but the program and what it needs.
Method: a real dockerd builds the last stage of operator/Dockerfile, word for word. The stage before it, which
compiles on an image that has to be pulled, is stood in for by the build that is already here, laid out by the
same script.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from .kit import BUILD, PACKAGING, ROOT, in_zone, run, said

from bed import World  # noqa: E402
from bed.docker import Docker  # noqa: E402
from bed.process import BedError  # noqa: E402

LOCKED_UP = ("--rm", "--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")
LARGEST = 64 << 20


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Docker]:
    folder = tmp_path_factory.mktemp("image")
    said(PACKAGING / "image-root", BUILD, folder / "image")
    with tarfile.open(folder / "build.tar", "w") as archive:
        archive.add(folder / "image", "image")
    with World() as world:
        host = world.docker("node1")
        host.cli("import", folder / "build.tar", "oms-operator-build")
        _, last = (ROOT / "operator/Dockerfile").read_text().split("\nFROM scratch\n")
        host.cli("build", "--tag=oms-operator", "-", stdin=f"FROM oms-operator-build AS build\nFROM scratch\n{last}".encode())
        yield host


def test_it_starts_as_nobody_on_a_root_that_cannot_be_written(image: Docker) -> None:
    assert image.cli("run", *LOCKED_UP, "oms-operator", "--version") == said(BUILD / "oms-operator", "--version").strip()
    user = image.cli("image", "inspect", "--format", "{{.Config.User}}", "oms-operator")
    values = yaml.safe_load((ROOT / "charts/oms-operator/values.yaml").read_text())["podSecurityContext"]
    assert user == f"{values['runAsUser']}:{values['runAsGroup']}"


def test_run_is_what_it_does_unless_told_otherwise(image: Docker) -> None:
    with pytest.raises(BedError, match="no Kubernetes API server is known"):
        image.cli("run", *LOCKED_UP, "oms-operator")


def test_it_knows_time_zones_and_may_write_its_state(image: Docker) -> None:
    def told(verb: str, zone: str) -> str:
        words = ("run", "--interactive", *LOCKED_UP, "oms-operator", verb, "--file=/dev/stdin")
        done = run("docker", "-H", image.endpoint, *words, stdin=in_zone(zone))
        assert done.returncode == 3, done.stderr
        return done.stdout + done.stderr

    nowhere = "not in this machine's database"
    assert nowhere not in told("plan", "Asia/Shanghai")
    # This one keeps a state, of the refusal.
    assert nowhere in told("upgrade", "Mars/Olympus")


def test_it_holds_what_the_program_needs_and_nothing_else(image: Docker, tmp_path: Path) -> None:
    made = image.cli("create", "oms-operator")
    image.cli("export", "--output", tmp_path / "root.tar", made)
    with tarfile.open(tmp_path / "root.tar") as archive:
        files = {one.name: one for one in archive if not one.isdir()}
    # dockerd adds empty files that it mounts over.
    programs = {name for name, one in files.items() if one.size and one.mode & 0o111 and ".so" not in name}
    assert programs == {"usr/bin/oms-operator"}
    assert "usr/share/doc/oms-operator/oms-operator.spdx.json" in files
    assert not any(one.mode & 0o6000 for one in files.values()), "no file changes who runs it"
    size = int(image.cli("image", "inspect", "--format", "{{.Size}}", "oms-operator"))
    print(f"the image is {size / (1 << 20):.1f} MiB")
    assert size < LARGEST
