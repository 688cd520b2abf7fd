"""Goal: the variants of a site: Community Edition, HTTPS, deployed by an old OAT, another architecture.

Method: the stand-ins of both editions, each of which refuses what is the other's; every table,
config.yaml and ha.config compared with what they were; certificates as a person makes them.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import premises_on
from kit.operator import REFUSED, ROLLED_BACK, SUCCEEDED, Ended
from kit.premises import Premises

from bed.docker import Docker
from stand_in import archive, images
from stand_in.metadb import MetaDb
from stand_in.site import wait_for

CE, CE_NEXT = "4.2.5-CE", "4.2.11-CE"


def errors(ended: Ended) -> dict[str, str]:
    assert ended.code == REFUSED, ended
    return {one["name"]: one["message"] for one in ended.status["findings"] if one["severity"] == "Error"}


def notes(ended: Ended, severity: str) -> dict[str, str]:
    return {one["name"]: one["message"] for one in ended.status["findings"] if one["severity"] == severity}


def forward_and_back(premises: Premises, *, same_config: bool = False, **more: Any) -> Ended:
    before = premises.snapshot()
    there = premises.upgrade(premises.manifest(premises.spec(**more)))
    assert there.code == SUCCEEDED, there
    premises.assert_upgraded(before, same_config=same_config)
    back = premises.roll_back()
    assert back.code == SUCCEEDED, back
    premises.assert_as_before(before)
    return there


# The Community Edition.


@pytest.fixture(scope="session")
def docker_ce(docker: Docker, tmp_path_factory: pytest.TempPathFactory) -> Docker:
    for version in (CE, CE_NEXT):
        docker.cli("load", "-i", str(images.archive_of(version)))
    return docker


@pytest.fixture
def community(docker_ce: Docker, metadb: MetaDb, tmp_path: Path) -> Iterator[Premises]:
    yield from premises_on(docker_ce, metadb, tmp_path, source=CE, target=CE_NEXT)


@pytest.fixture
def community_on_mariadb(docker_ce: Docker, mariadb: MetaDb, tmp_path: Path) -> Iterator[Premises]:
    yield from premises_on(docker_ce, mariadb, tmp_path, source=CE, target=CE_NEXT)


def test_the_community_edition_is_upgraded_and_taken_back(community: Premises) -> None:
    community.settle(restart="always")
    ended = forward_and_back(community, same_config=True)
    assert any("concurrency" in note for note in ended.status["followUp"]), ended.status["followUp"]


def test_a_community_edition_that_does_not_say_its_version(community: Premises) -> None:
    community.settle(version_table=False)
    forward_and_back(community, same_config=True)


def test_the_community_edition_on_a_mariadb(community_on_mariadb: Premises) -> None:
    community_on_mariadb.settle()
    forward_and_back(community_on_mariadb, same_config=True)


def test_an_init_that_hides_its_failure_is_taken_back(community: Premises) -> None:
    community.settle()
    before = community.snapshot()
    community.site.set_faults(CE_NEXT, upgrade_exit=0)
    ended = community.upgrade()
    assert ended.code == ROLLED_BACK, ended
    failure = ended.status["run"]["cursor"]["failure"]
    assert failure.startswith("UpgradeMetadata:") and "did not say" in failure, failure
    community.assert_as_before(before)


def test_an_enterprise_image_is_none_for_a_community_site(community: Premises) -> None:
    community.settle()
    before = community.snapshot()
    enterprise = {"reference": images.reference("4.3.1")}
    told = errors(community.upgrade(community.manifest(community.spec(image=enterprise))))
    assert "Enterprise" in told["ImageEdition"]
    wanted = community.spec(image=enterprise, targetVersion="4.3.1")
    told = errors(community.upgrade(community.manifest(wanted), "--retry"))
    assert "Community" in told["VersionPath"]
    assert community.snapshot().differences(before, untouched=True) == []


def test_a_community_image_is_none_for_an_enterprise_site(premises: Premises) -> None:
    premises.settle()
    before = premises.snapshot()
    community = {"reference": images.reference(CE_NEXT)}
    told = errors(premises.upgrade(premises.manifest(premises.spec(image=community))))
    assert "Community" in told["ImageEdition"]
    wanted = premises.spec(image=community, targetVersion=CE_NEXT)
    told = errors(premises.upgrade(premises.manifest(wanted), "--retry"))
    assert "Enterprise" in told["VersionPath"]
    assert premises.snapshot().differences(before, untouched=True) == []


def test_a_step_that_no_document_describes_is_refused_with_the_way(community: Premises) -> None:
    community.settle()
    before = community.snapshot()
    wanted = community.spec(targetVersion="4.2.10-CE", image={"reference": "work/oms:feature_4.2.10_ce"})
    ended = community.upgrade(community.manifest(wanted))
    assert "no document" in errors(ended)["VersionPath"]
    remedies = {one["name"]: one["remedy"] for one in ended.status["findings"]}
    assert "4.2.9-CE" in remedies["VersionPath"]
    assert community.snapshot().differences(before, untouched=True) == []


# HTTPS.


def openssl(*words: str | Path) -> None:
    subprocess.run(["/usr/bin/openssl", *map(str, words)], check=True, capture_output=True)


def new_pair(folder: Path, days: int = 90) -> Path:
    """oms_server.crt and oms_server.key, signed by nobody but themselves; `days` may be past."""
    folder.mkdir()
    key, request = folder / "oms_server.key", folder / "request.csr"
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
    openssl("req", "-new", "-key", key, "-subj", "/O=Site/CN=oms.example.com", "-out", request)
    openssl("x509", "-req", "-in", request, "-signkey", key, "-days", str(days), "-out", folder / "oms_server.crt")
    request.unlink()
    return folder


def spec_of(folder: Path) -> dict[str, str]:
    return {"crt": str(folder / "oms_server.crt"), "key": str(folder / "oms_server.key")}


def test_an_https_site_stays_one(premises: Premises) -> None:
    premises.site.https = new_pair(premises.folder / "https")
    premises.settle(restart="always")
    ended = forward_and_back(premises)
    assert "HttpsCertificate" not in notes(ended, "Warning")


def test_an_https_site_is_warned_of_a_certificate_that_expires_soon(premises: Premises) -> None:
    premises.site.https = new_pair(premises.folder / "https", days=7)
    premises.settle()
    before = premises.snapshot()
    ended = premises.upgrade()
    assert ended.code == SUCCEEDED, ended
    assert "expires on" in notes(ended, "Warning")["HttpsCertificate"]
    premises.assert_upgraded(before)


def test_an_expired_certificate_is_refused(premises: Premises) -> None:
    premises.site.https = new_pair(premises.folder / "https", days=-1)
    premises.settle(boot=False)
    premises.site.run(premises.source)
    # Health would be asked over HTTPS, of a certificate that nobody trusts any more.
    premises.site.wait_online(60)
    wait_for(lambda: set(premises.site.programs().values()) == {"RUNNING"}, "all programs", 60)
    before = premises.snapshot()
    assert "has expired" in errors(premises.upgrade())["HttpsCertificate"]
    assert premises.snapshot().differences(before, untouched=True) == []


def test_a_key_that_does_not_match_is_refused(premises: Premises) -> None:
    premises.site.https = new_pair(premises.folder / "https")
    other = new_pair(premises.folder / "other")
    premises.settle()
    before = premises.snapshot()
    # Written in place: the mount shows this very file. The nginx that runs has read the old one.
    (premises.site.https / "oms_server.key").write_bytes((other / "oms_server.key").read_bytes())
    told = errors(premises.upgrade())
    assert "not the key of" in told["HttpsCertificate"]
    assert set(told) == {"HttpsCertificate"}
    assert premises.snapshot().differences(before, untouched=True) == []


def test_a_console_that_shows_another_certificate_is_not_trusted(premises: Premises) -> None:
    premises.site.https = new_pair(premises.folder / "https")
    other = new_pair(premises.folder / "other")
    premises.settle()
    before = premises.snapshot()
    for name in ("oms_server.crt", "oms_server.key"):
        (premises.site.https / name).write_bytes((other / name).read_bytes())
    told = errors(premises.upgrade())
    assert "certificate that is mounted" in told["OmsHealthy"]
    assert premises.snapshot().differences(before, untouched=True) == []


def test_a_site_becomes_https_and_http_again(premises: Premises) -> None:
    pair = new_pair(premises.folder / "https")
    premises.settle()
    before = premises.snapshot()
    ended = premises.upgrade(premises.manifest(premises.spec(https=spec_of(pair))))
    assert ended.code == SUCCEEDED, ended
    premises.site.https = pair
    premises.wait_well(premises.new)
    mounted = {mount["Destination"] for mount in premises.inspect(premises.new)["Mounts"]}
    assert mounted > {mount["Destination"] for mount in before.mounts}
    premises.site.https = None
    ended = premises.roll_back()
    assert ended.code == SUCCEEDED, ended
    premises.assert_as_before(before)


def test_a_certificate_for_https_that_is_not_on_the_host(premises: Premises) -> None:
    pair = new_pair(premises.folder / "https")
    (pair / "oms_server.key").unlink()
    premises.settle()
    before = premises.snapshot()
    told = errors(premises.upgrade(premises.manifest(premises.spec(https=spec_of(pair)))))
    assert "there is no key" in told["HttpsCertificate"]
    assert not (pair / "oms_server.key").exists()
    assert premises.snapshot().differences(before, untouched=True) == []


# Deployed by an OAT below 4.3.2.


def test_an_old_oats_config_is_not_touched(premises: Premises) -> None:
    premises.settle(oat="4.3.1")
    ended = forward_and_back(premises, same_config=True, oat={"version": "4.3.1"})
    assert "not touched" in notes(ended, "Info")["OatConfig"]


# Another architecture.


def package_for(architecture: str, path: Path) -> Path:
    """A small installation package: its layer is empty, and it says what it is for."""
    layer = path.with_suffix(".layer")
    archive.layer_of(Path("/nonexistent"), layer, extra={"etc/oms": "4.3.1\n"}, links={})
    image = archive.Image(images.reference("4.3.1"), ["/bin/true"], {}, [])
    archive.write(image, [layer], path, architecture=architecture)
    return path


def test_a_package_for_another_architecture_is_not_even_loaded(premises: Premises) -> None:
    premises.settle()
    before = premises.snapshot()
    loaded = sorted(premises.docker.cli("images", "-q", "--no-trunc").split())
    here = premises.docker.cli("version", "-f", "{{.Server.Arch}}")
    package = package_for("arm64" if here == "amd64" else "amd64", premises.folder / "oms.tar")
    image = {"reference": images.reference("4.3.1"), "archive": str(package)}
    told = errors(premises.upgrade(premises.manifest(premises.spec(image=image))))
    assert here in told["ImageArchitecture"] and set(told) == {"ImageArchitecture"}
    assert sorted(premises.docker.cli("images", "-q", "--no-trunc").split()) == loaded
    assert premises.snapshot().differences(before, untouched=True) == []


def test_a_package_that_is_compressed_is_found_out_before_oms_is_stopped(premises: Premises) -> None:
    premises.settle()
    before = premises.snapshot()
    reference = "work.oceanbase-dev.com/elsewhere/oms:feature_4.3.1"
    package = premises.folder / "oms.tar"
    layer = package.with_suffix(".layer")
    extra = {"root/docker_upgrade.sh": "#!/bin/sh\n"}
    archive.layer_of(Path("/nonexistent"), layer, extra=extra, links={})
    archive.write(archive.Image(reference, ["/bin/true"], {}, []), [layer], package, architecture="arm64")
    subprocess.run(["/usr/bin/gzip", package], check=True)
    image = {"reference": reference, "archive": f"{package}.gz"}
    ended = premises.upgrade(premises.manifest(premises.spec(image=image)))
    assert ended.code == REFUSED, ended
    assert "compressed" in notes(ended, "Info")["ImageArchive"]
    assert "is for arm64" in ended.status["message"], ended.status["message"]
    premises.docker.cli("rmi", reference)
    assert premises.snapshot().differences(before, untouched=True) == []
