#!/usr/bin/python3
"""The list of what is inside: SPDX 2.3, and true of the program that it lies beside."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .kit import PACKAGING, run, said


@pytest.fixture(scope="module")
def packed(deb: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    said("dpkg-deb", "--extract", deb, folder)
    return folder


@pytest.fixture(scope="module")
def sbom(packed: Path) -> dict[str, Any]:
    return json.loads((packed / "usr/share/doc/oms-operator/oms-operator.spdx.json").read_text())


def test_the_document_has_what_spdx_requires(sbom: dict[str, Any]) -> None:
    assert (sbom["spdxVersion"], sbom["dataLicense"], sbom["SPDXID"]) == ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT")
    assert re.fullmatch(r"https://\S+[^#]", sbom["documentNamespace"]) and "#" not in sbom["documentNamespace"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", sbom["creationInfo"]["created"])
    assert all(re.match(r"(Tool|Organization|Person): .", one) for one in sbom["creationInfo"]["creators"])
    ids = [one["SPDXID"] for one in (*sbom["packages"], *sbom["files"])]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", one) for one in ids)
    for one in sbom["packages"]:
        assert one["name"] and one["downloadLocation"] and one["filesAnalyzed"] is False
    for one in sbom["files"]:
        lengths = {check["algorithm"]: len(check["checksumValue"]) for check in one["checksums"]}
        assert one["fileName"] and lengths == {"SHA1": 40, "SHA256": 64}
    known = {*ids, "SPDXRef-DOCUMENT"}
    for one in sbom["relationships"]:
        assert {one["spdxElementId"], one["relatedSpdxElement"]} <= known
    assert sbom["documentDescribes"] == ["SPDXRef-Package-oms-operator"]


def test_it_is_about_the_very_program_that_is_shipped(sbom: dict[str, Any], packed: Path) -> None:
    (program,) = [one for one in sbom["packages"] if one["name"] == "oms-operator"]
    (check,) = program["checksums"]
    assert check["checksumValue"] == hashlib.sha256((packed / "usr/bin/oms-operator").read_bytes()).hexdigest()


def test_it_knows_what_is_linked_loaded_and_compiled_in(sbom: dict[str, Any], packed: Path) -> None:
    files = {Path(one["fileName"]).name for one in sbom["files"]}
    needed = re.findall(r"NEEDED +(\S+)", said("objdump", "-p", packed / "usr/bin/oms-operator"))
    assert len(needed) > 8 and set(needed) <= files
    assert "caching_sha2_password.so" in files
    related: Callable[[str], set[str]] = lambda how: {  # noqa: E731
        one["spdxElementId"] for one in sbom["relationships"] if one["relationshipType"] == how
    }
    compiled_in = related("BUILD_DEPENDENCY_OF")
    for name in ("nlohmann-json3-dev", "libcli11-dev", "libboost1.74-dev"):
        assert f"SPDXRef-Package-{name}" in compiled_in


def test_the_packages_are_those_that_dpkg_has(sbom: dict[str, Any]) -> None:
    for one in sbom["packages"]:
        if one["name"] != "oms-operator":
            versions = said("dpkg-query", "-W", "-f=${Version}\\n", one["name"]).split()
            assert one["versionInfo"] in versions
            (reference,) = one["externalRefs"]
            assert reference["referenceLocator"].startswith(f"pkg:deb/debian/{one['name']}@")


def test_without_a_build_there_is_no_list(tmp_path: Path) -> None:
    done = run(PACKAGING / "sbom", "--binary", "/bin/true", "--build", tmp_path, "--version", "1")
    assert done.returncode != 0 and "ninja" in done.stderr and not done.stdout
