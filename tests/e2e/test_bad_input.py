"""Goal: bad input of every kind has a message of its own, and nothing is touched.

Method: one healthy OMS for all rows. After each the container must not even have been restarted, no
other container may be there, and every table and config.yaml must be as before.
"""

from __future__ import annotations

import contextlib
import http.server
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import premises_on
from kit.operator import FAILED, REFUSED, USAGE, Ended
from kit.premises import Premises, secret

from bed.docker import Docker
from bed.oceanbase import OceanBase
from stand_in import images
from stand_in.metadb import MetaDb
from stand_in.site import config_yaml


@pytest.fixture(scope="module")
def shared(docker: Docker, metadb: MetaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Premises]:
    for premises in premises_on(docker, metadb, tmp_path_factory.mktemp("site")):
        premises.settle()
        yield premises


@pytest.fixture
def well(shared: Premises, tmp_path: Path) -> Iterator[Premises]:
    """The shared OMS, untouched before and after; a folder and Secrets of the test's own."""
    before = shared.snapshot()
    shared.folder, shared.state_dir, shared.secrets = tmp_path, tmp_path / "state", []
    yield shared
    assert shared.snapshot().differences(before, untouched=True) == []
    assert shared.docker.cli("ps", "-a", "--format", "{{.Names}}") == "oms_430"
    assert shared.traces() == []


def findings(ended: Ended) -> dict[str, str]:
    assert ended.code == REFUSED, ended
    told: dict[str, str] = {}
    for one in ended.status["findings"]:
        assert one["remedy"], one
        if one["severity"] == "Error":
            told[one["name"]] = told.get(one["name"], "") + one["message"] + "\n"
    return told


def refused(premises: Premises, **more: Any) -> dict[str, str]:
    return findings(premises.upgrade(premises.manifest(premises.spec(**more))))


# The manifest.


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{ this is: [not yaml", "not YAML"),
        ("", "is empty"),
        ("kind: OMSUpgrade\napiVersion: oms.oceanbase.com/v1alpha1\nmetadata: {name: x}\n", "spec"),
    ],
    ids=["not YAML", "empty", "without a spec"],
)
def test_a_file_that_is_no_manifest(well: Premises, text: str, said: str) -> None:
    ended = well.upgrade(well.write(text))
    assert ended.code == USAGE, ended
    assert said.lower() in ended.stderr.lower(), ended.stderr
    assert not well.state_dir.exists()


def test_a_file_that_is_not_there(well: Premises) -> None:
    ended = well.upgrade(well.folder / "nothing.yaml")
    assert ended.code == USAGE
    assert "there is no such file" in ended.stderr


def test_an_unknown_field_is_named_with_its_place(well: Premises) -> None:
    spec = well.spec(targetVersoin="4.3.1", backup={"thread": 4})
    ended = well.upgrade(well.manifest(spec))
    assert ended.code == USAGE
    assert "spec.targetVersoin" in ended.stderr
    assert "spec.backup.thread" in ended.stderr


def test_two_upgrades_in_one_file(well: Premises) -> None:
    text = well.manifest().read_text()
    ended = well.upgrade(well.write(text + "---\n" + text))
    assert ended.code == USAGE, ended


# Versions and images.


def test_a_target_below_the_source(well: Premises) -> None:
    told = refused(well, targetVersion="4.2.0", image={"reference": "oms:feature_4.2.0"})
    assert "4.2.0" in told["VersionPath"]
    assert "4.3.0" in told["VersionPath"]


def test_a_version_path_that_the_procedure_does_not_know(well: Premises) -> None:
    told = refused(well, sourceVersion="3.1.0")
    assert "3.1.0" in told["VersionPath"]


def test_a_tag_that_says_another_version(well: Premises) -> None:
    assert "4.4.0" in refused(well, targetVersion="4.4.0")["ImageVersion"]


def test_an_image_that_nobody_has(well: Premises) -> None:
    ended = well.upgrade(well.manifest(well.spec(image={"reference": "127.0.0.1:9/oms:feature_4.3.1"})))
    assert ended.code == REFUSED, ended
    assert "127.0.0.1:9/oms:feature_4.3.1" in ended.status["message"]


def test_an_image_that_is_not_oms(well: Premises) -> None:
    """A tag says what it likes; it is the image that must hold OMS."""
    empty = tarball(well.folder / "root.tar", well.folder / "empty")
    well.docker.cli("import", empty, "example.com/not-oms:feature_4.3.1")
    try:
        ended = well.upgrade(well.manifest(well.spec(image={"reference": "example.com/not-oms:feature_4.3.1"})))
        assert ended.code == REFUSED, ended
        assert "not-oms" in ended.status["message"], ended
    finally:
        well.docker.cli("rmi", "example.com/not-oms:feature_4.3.1")


def tarball(path: Path, folder: Path) -> Path:
    folder.mkdir()
    (folder / "hello").write_text("I am not OMS\n")
    subprocess.run(["/usr/bin/tar", "-C", folder, "-cf", path, "."], check=True)
    return path


def test_a_truncated_archive(well: Premises) -> None:
    whole = images.archive_of("4.3.1")
    cut = well.folder / "oms_4.3.1.tar"
    with whole.open("rb") as source, cut.open("wb") as target:
        shutil.copyfileobj(source, target)
        target.truncate(whole.stat().st_size // 2)
    wanted = "example.com/oms:feature_4.3.1"
    ended = well.upgrade(well.manifest(well.spec(image={"reference": wanted, "archive": str(cut)})))
    assert ended.code == REFUSED, ended
    assert str(cut) in ended.status["message"], ended


def test_an_archive_that_is_not_there(well: Premises) -> None:
    image = {"reference": "example.com/oms:feature_4.3.1", "archive": "/nowhere/oms.tar"}
    assert "/nowhere/oms.tar" in refused(well, image=image)["ImageArchive"]


# The container and its Docker host.


def test_a_container_that_does_not_exist(well: Premises) -> None:
    node = {"docker": {"endpoint": well.docker.endpoint}, "container": "oms_nowhere"}
    assert "oms_nowhere" in refused(well, nodes=[node])["ContainerExists"]


def at_endpoint(well: Premises, endpoint: str) -> str:
    docker: dict[str, Any] = {"endpoint": endpoint}
    if endpoint.startswith("tcp:"):
        well.secrets = [well.tls_secret("docker-tls")]
        docker["tlsSecretRef"] = {"name": "docker-tls"}
    node = {"docker": docker, "container": "oms_430"}
    return findings(well.upgrade(well.manifest(well.spec(nodes=[node]), Precheck=1)))["DockerReachable"]


def test_an_endpoint_that_is_a_web_server(well: Premises) -> None:
    with serving() as address:
        told = at_endpoint(well, f"tcp://{address}")
        assert address in told


@contextlib.contextmanager
def serving() -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_tcp_endpoint_without_tls(well: Premises) -> None:
    node = {"docker": {"endpoint": "tcp://127.0.0.1:2375"}, "container": "oms_430"}
    ended = well.upgrade(well.manifest(well.spec(nodes=[node])))
    assert ended.code == USAGE, ended
    assert "tlsSecretRef" in ended.stderr


def test_an_endpoint_that_is_a_file(well: Premises) -> None:
    path = well.folder / "docker.sock"
    path.write_text("not a socket\n")
    assert str(path) in at_endpoint(well, f"unix://{path}")


def test_an_endpoint_where_nobody_is(well: Premises) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}" in at_endpoint(well, f"tcp://127.0.0.1:{port}")


# config.yaml.


@contextlib.contextmanager
def config_as(well: Premises, change: Callable[[str], str]) -> Iterator[None]:
    path = well.site.config_path
    before = path.read_text()
    path.write_text(change(before))  # in place: it is a mounted file
    try:
        yield
        assert path.read_text() == change(before)
    finally:
        path.write_text(before)


def without(text: str, word: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if word not in line)


def test_config_with_a_missing_key(well: Premises) -> None:
    with config_as(well, lambda text: without(text, "oms_meta_user")):
        assert "oms_meta_user" in refused(well)["Config"]


def test_config_with_a_doubled_key(well: Premises) -> None:
    with config_as(well, lambda text: text + "oms_meta_port: '2881'\n"):
        assert "oms_meta_port" in refused(well)["Config"]


def test_config_that_is_migrated_already(well: Premises) -> None:
    migrated = config_yaml("4.3.1", well.site.metadb, well.site.names, well.site.host_ip)
    with config_as(well, lambda _: migrated):
        assert "oms_rm_meta" in refused(well)["Config"]


def test_config_with_both_generations_of_keys(well: Premises) -> None:
    with config_as(well, lambda text: text + "oms_rm_meta_host: 10.0.0.1\n"):
        assert "oms_rm_meta_host" in refused(well)["Config"]


def test_config_that_is_not_yaml(well: Premises) -> None:
    with config_as(well, lambda text: text + "cm_nodes: [\n"):
        assert refused(well)["Config"]


# MetaDB.


def with_account(well: Premises, user: str, password: str) -> dict[str, Any]:
    well.secrets = [secret("meta", username=user, password=password)]
    side = {"credentialsSecretRef": {"name": "meta"}}
    return {"rm": side, "cm": side}


def test_a_wrong_metadb_password(well: Premises) -> None:
    wrong = "Wrong_Password_77"
    ended = well.upgrade(well.manifest(well.spec(metaDB=with_account(well, well.site.metadb.user, wrong))))
    told = findings(ended)["MetaDB"]
    assert well.site.metadb.user in told
    assert wrong not in ended.stdout + ended.stderr


def test_a_metadb_that_is_not_there(well: Premises) -> None:
    side = {"host": "127.0.0.1", "port": 1}
    told = refused(well, metaDB={"rm": side, "cm": side}, deadlines=[{"phase": "Precheck", "seconds": 1}])
    assert "127.0.0.1:1" in told["MetaDB"]


def test_missing_rights_are_named_as_the_grants_that_mend_them(well: Premises, oceanbase: OceanBase) -> None:
    with oceanbase.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE USER 'reader'@'%' IDENTIFIED BY 'Reader_77'")
        cursor.execute("GRANT SELECT ON *.* TO 'reader'@'%'")
    spec = well.spec(metaDB=with_account(well, "reader", "Reader_77"))
    ended = well.upgrade(well.manifest(spec))
    assert well.site.names.rm in findings(ended)["MetaDBRights"]
    remedies = [one["remedy"] for one in ended.status["findings"] if one["name"] == "MetaDBRights"]
    assert any("GRANT" in remedy for remedy in remedies)


def test_a_secret_that_is_not_in_the_file(well: Premises) -> None:
    spec = well.spec(metaDB=with_account(well, "a", "b"))
    well.secrets = []
    ended = well.upgrade(well.manifest(spec))
    assert ended.code in (REFUSED, FAILED), ended
    assert "meta" in (ended.stdout + ended.stderr)


@contextlib.contextmanager
def ha_as(well: Premises, text: str) -> Iterator[None]:
    before = well.ha()
    with well.site.metadb.connect(well.site.names.rm) as connection, connection.cursor() as cursor:
        statement = "UPDATE oms_normal_config SET cfg_value = %s, gmt_modified = gmt_modified WHERE cfg_name = 'ha.config'"
        cursor.execute(statement, (text,))
        try:
            yield
            assert well.ha() == text
        finally:
            cursor.execute(statement, (before,))


def test_ha_config_that_is_not_json(well: Premises) -> None:
    with ha_as(well, '{"enable": true, oops'):
        assert refused(well)["HAConfig"]


def test_ha_config_without_enable(well: Premises) -> None:
    with ha_as(well, '{"enableHost": true}'):
        assert "enable" in refused(well)["HAConfig"]


# Disk and state.


@contextlib.contextmanager
def small_disk(path: Path, size: str) -> Iterator[None]:
    path.mkdir()
    subprocess.run(["/usr/bin/mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path], check=True)
    try:
        yield
    finally:
        subprocess.run(["/usr/bin/umount", "-l", path], check=True)


def test_too_little_room_for_the_backup(well: Premises) -> None:
    with small_disk(well.state_dir, "20m"):
        assert str(well.state_dir) in refused(well)["BackupSpace"]


def test_a_state_directory_that_is_somebody_elses_folder(well: Premises) -> None:
    well.state_dir.mkdir()
    (well.state_dir / "holiday.jpg").write_bytes(b"\xff\xd8")
    ended = well.upgrade()
    assert ended.code == FAILED, ended
    assert "is no state directory of oms-operator" in ended.stderr
    assert [path.name for path in well.state_dir.iterdir()] == ["holiday.jpg"]


def test_a_state_file_that_was_edited(well: Premises) -> None:
    """Half a truth about an upgrade is worse than none."""
    refused(well, sourceVersion="3.1.0")
    (path,) = well.state_dir.glob("*/upgrade.yaml")
    path.write_text(path.read_text().replace("Refused", "Succeeded"))
    ended = well.upgrade()
    assert ended.code == FAILED, ended
    assert "edited by hand" in ended.stderr


def test_all_findings_are_told_at_once(well: Premises) -> None:
    with config_as(well, lambda text: without(text, "oms_meta_user")), ha_as(well, "[]"):
        told = refused(well, targetVersion="4.2.0", image={"reference": "oms:feature_4.2.1"})
    assert {"Config", "VersionPath", "ImageVersion"} <= told.keys()

