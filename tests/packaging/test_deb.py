#!/usr/bin/python3
"""The .deb.

Goal: what `make package` makes can be installed on a Debian that has what it says it depends on, runs there,
and leaves state and backups when it goes.
Method: a minimal Debian with these dependencies, made by mmdebstrap; dpkg in it. No service is started: the
unit is read by systemd's own checks.
"""

from __future__ import annotations

import re
from pathlib import Path

from .kit import BUILD, PACKAGING, in_zone, run, said

CONTENT = """
usr/bin/kubectl-oms
usr/bin/oms-operator
usr/lib/systemd/system/oms-operator@.service
usr/share/bash-completion/completions/kubectl-oms
usr/share/bash-completion/completions/oms-operator
usr/share/doc/oms-operator/copyright
usr/share/doc/oms-operator/examples/smallest.yaml
usr/share/doc/oms-operator/oms-operator.spdx.json
usr/share/fish/vendor_completions.d/kubectl-oms.fish
usr/share/fish/vendor_completions.d/oms-operator.fish
usr/share/man/man1/oms-operator.1.gz
usr/share/zsh/vendor-completions/_oms-operator
""".split()


def test_it_holds_one_program_and_what_belongs_to_it(deb: Path) -> None:
    rows = [line.split() for line in said("dpkg-deb", "--contents", deb).splitlines()]
    assert sorted(row[5].removeprefix("./") for row in rows if not row[0].startswith("d")) == CONTENT
    assert {row[1] for row in rows} == {"root/root"}
    assert not [row for row in rows if re.match(r"[^l]....(w|...w)", row[0])], "others may write"


def test_it_says_what_it_depends_on(deb: Path) -> None:
    fields = said("dpkg-deb", "--field", deb)
    assert "Package: oms-operator\n" in fields
    needs = said("dpkg-deb", "--field", deb, "Depends")
    # The libraries by dpkg-shlibdeps, and the files it reads.
    assert {"libmariadb3", "libcpprest2.10", "tzdata", "ca-certificates"} <= {one.split()[0] for one in needs.split(",")}
    assert not run("dpkg-deb", "--info", deb, "postinst").stdout, "nothing is done behind a person's back"


def test_it_installs_runs_and_leaves_the_state(deb: Path, debian: Path) -> None:
    (debian / "tmp/oms-operator.deb").write_bytes(deb.read_bytes())
    # The lock of the chroot's dpkg is its own; ours is not touched.
    said("chroot", debian, "dpkg", "--install", "/tmp/oms-operator.deb")
    here = said(BUILD / "oms-operator", "--version")
    assert said("chroot", debian, "oms-operator", "--version") == here
    assert said("chroot", debian, "kubectl-oms", "--version") == here
    assert said("chroot", debian, "dpkg", "--verify", "oms-operator") == ""
    # It finds the time zones of Debian's own package.
    for zone, known in (("Asia/Shanghai", True), ("Mars/Olympus", False)):
        (debian / "tmp/upgrade.yaml").write_text(in_zone(zone))
        done = run("chroot", debian, "oms-operator", "plan", "--file", "/tmp/upgrade.yaml", "--state-dir", "/tmp/state")
        assert done.returncode == 3 and "DockerReachable" in done.stdout, done.stderr
        assert ("not in this machine's database" in done.stdout) != known
    state = debian / "var/lib/oms-operator"
    state.mkdir(mode=0o700, exist_ok=True)
    (state / "backup").write_text("a dump")
    said("chroot", debian, "dpkg", "--purge", "oms-operator")
    assert not (debian / "usr/bin/oms-operator").exists()
    assert (state / "backup").read_text() == "a dump"


def test_systemd_takes_the_unit_and_finds_it_locked_up(deb: Path, tmp_path: Path) -> None:
    # Its program is not installed here: the built one stands in its place, for the check that it is there.
    unit = tmp_path / "oms-operator@.service"
    text = (PACKAGING / "oms-operator@.service").read_text()
    assert "ExecStart=/usr/bin/oms-operator " in text
    unit.write_text(text.replace("/usr/bin/oms-operator ", f"{BUILD / 'oms-operator'} "))
    done = run("systemd-analyze", "verify", "--man=no", tmp_path / "oms-operator@to-431.service")
    unit_said = [line for line in done.stderr.splitlines() if "oms-operator@" in line]
    assert done.returncode == 0 and not unit_said, done.stderr
    # 0 is a service that may do nothing, 100 one that may do everything; one with no such lines has 96.
    done = run("systemd-analyze", "security", "--offline=true", "--threshold=25", "--no-pager", unit)
    assert done.returncode == 0, done.stdout


def test_the_unit_knows_every_exit_code_that_is_an_end() -> None:
    codes = (PACKAGING.parent / "operator/exit_codes.hpp").read_text()
    ends = {name: int(code) for name, code in re.findall(r"k(\w+) = (\d+);", codes)}
    unit = (PACKAGING / "oms-operator@.service").read_text()
    stays = set(map(int, re.findall(r"RestartPreventExitStatus=(.*)", unit)[0].split()))
    assert stays == {ends[name] for name in ("Failed", "RolledBack", "Refused", "Usage")}
    assert f"SuccessExitStatus={ends['Signal'] + 15}" in unit
