"""Goal: the main job, as its user gets it.

Method: the smallest manifest, the real binary, a real Docker host, a real OceanBase; then the world
is looked at with other programs than the operator.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from kit import browser
from kit.operator import REFUSED, SUCCEEDED, Running
from kit.premises import NEW, OLD, Premises, backup_folder
from stand_in.compare import contents
from stand_in.metadb import Names


def test_the_smallest_manifest_upgrades_and_a_second_run_does_nothing(premises: Premises) -> None:
    premises.settle()
    before = premises.snapshot()
    manifest = premises.manifest(premises.spec(confirmSeconds=None))

    ended = premises.upgrade(manifest)
    assert ended.code == SUCCEEDED, ended
    premises.assert_upgraded(before)
    status = ended.status
    assert status["times"]["t1"] < status["times"]["t2"]
    assert status["observed"]["version"] == "4.3.1"
    assert {one["type"]: one["status"] for one in status["conditions"]}["Succeeded"] == "True"

    containers = premises.docker.cli("ps", "-a", "--no-trunc")
    (stored,) = premises.state_dir.glob("*/upgrade.yaml")
    state = stored.read_text().splitlines()
    again = premises.upgrade(manifest)
    assert again.code == SUCCEEDED, again
    assert [line["kind"] for line in again.lines] == ["status", "end"]
    assert ids(premises.docker.cli("ps", "-a", "--no-trunc")) == ids(containers)
    assert stored.read_text().splitlines() == state


def test_the_report_of_an_upgrade_shows_in_a_browser(premises: Premises) -> None:
    premises.settle()
    ended = premises.upgrade()
    assert ended.code == SUCCEEDED, ended

    page = premises.folder / "report.html"
    page.write_text(premises.report())
    shown = browser.text_of(page)
    for wanted in ("OMS 4.3.0 to 4.3.1", "Downtime by part", "oms_rm_meta_host", "T1, OMS stopped"):
        assert wanted in shown
    for step in ended.status["steps"]:
        assert step["name"] in shown
    for one in ended.status["backup"]["databases"]:
        assert one["sha256"] in shown
    premises.leaks.look_at_text("report", shown)
    assert premises.leaks.found == []
    assert len(browser.picture_of(page)) > 20_000, "an empty page makes a small picture"


def ids(listed: str) -> list[str]:
    return [line.split()[0] for line in listed.splitlines()]


def test_the_new_container_is_what_the_procedure_runs(premises: Premises) -> None:
    premises.settle(restart="always")
    before = premises.snapshot()
    ended = premises.upgrade()
    assert ended.code == SUCCEEDED, ended
    premises.assert_upgraded(before)

    new, old = premises.inspect(NEW), premises.inspect(OLD)
    assert new["HostConfig"]["NetworkMode"] == "host"
    assert new["HostConfig"]["Privileged"] is True
    # Docker shows "no limit" in either way.
    assert new["HostConfig"]["PidsLimit"] in (None, -1, 0)
    assert {"Name": "nproc", "Soft": 65535, "Hard": 65535} in new["HostConfig"]["Ulimits"]
    assert sorted(new["HostConfig"]["Binds"]) == sorted(old["HostConfig"]["Binds"])
    assert "IS_UPGRADE=true" in new["Config"]["Env"]
    assert f"OMS_HOST_IP={premises.site.host_ip}" in new["Config"]["Env"]
    assert new["HostConfig"]["RestartPolicy"]["Name"] == "always"
    assert old["HostConfig"]["RestartPolicy"]["Name"] == "no"


def test_config_keeps_its_comments_and_ha_config_its_bytes(premises: Premises) -> None:
    premises.settle()
    config, ha = premises.site.config_path.read_text(), premises.ha()
    assert premises.upgrade().code == SUCCEEDED

    now = premises.site.config_path.read_text()
    kept = [line for line in config.splitlines() if "oms_meta_" not in line]
    assert [line for line in now.splitlines() if line in kept] == kept
    assert "oms_meta_" not in now
    # enable is back to what it was; of the rest only what section 5 of the design says.
    assert premises.ha().replace(
        '"perceiveStoreClientCheckpoint": true', '"perceiveStoreClientCheckpoint": false'
    ) == ha


def test_the_stock_client_restores_the_backup(premises: Premises) -> None:
    premises.settle()
    before = premises.snapshot()
    ended = premises.upgrade()
    assert ended.code == SUCCEEDED, ended

    folder = backup_folder(ended.status)
    assert folder.stat().st_mode & 0o077 == 0
    scratch = Names(rm="scratch_rm", cm="scratch_cm", hb="scratch_hb")
    for saved, target in zip(ended.status["backup"]["databases"], scratch.all(), strict=True):
        path = folder / saved["file"]
        assert path.stat().st_mode & 0o077 == 0
        restore(premises, path, target)
    restored = contents(premises.site.metadb, scratch)
    views = views_of(premises)
    assert restored.keys() == before.tables.keys()
    # A view names its tables with their database, so a view of the scratch database differs.
    different = {name for name in restored if restored[name] != before.tables[name]}
    # ha.config was saved with `enable` off, as it was during the upgrade.
    assert different <= views | {"rm.oms_normal_config"}


def restore(premises: Premises, path: Path, database: str) -> None:
    metadb = premises.site.metadb
    premises.sql(premises.site.names.rm, f"DROP DATABASE IF EXISTS `{database}`")
    premises.sql(premises.site.names.rm, f"CREATE DATABASE `{database}` DEFAULT CHARACTER SET utf8mb4")
    plain = subprocess.run(["/usr/bin/zstd", "-dc", path], check=True, capture_output=True).stdout
    # A view names its tables with their database; elsewhere it would read the upgraded ones.
    saved = path.name.removesuffix(".sql.zst").encode()
    plain = plain.replace(b"`" + saved + b"`.", b"`" + database.encode() + b"`.")
    done = subprocess.run(
        ["/usr/bin/mariadb", f"-h{metadb.host}", f"-P{metadb.port}", f"-u{metadb.user}", f"-D{database}"],
        env={**os.environ, "MYSQL_PWD": metadb.password},
        input=plain,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


def views_of(premises: Premises) -> set[str]:
    found = set()
    for part, database in vars(premises.site.names).items():
        rows = premises.sql(database, "SHOW FULL TABLES WHERE Table_type = 'VIEW'")
        found |= {f"{part}.{row[0]}" for row in rows}
    return found


def test_plan_and_status_touch_nothing_and_tell_no_secret(premises: Premises) -> None:
    premises.settle()
    before = premises.snapshot()
    planned = Running(["plan", "-f", premises.manifest()]).end()
    assert planned.code == SUCCEEDED, planned
    archive = {"reference": "work/oms:none", "archive": "/nowhere.tar"}
    refused = Running(["plan", "-f", premises.manifest(premises.spec(image=archive))]).end()
    assert refused.code == REFUSED and "STOPS" in refused.stdout, refused
    for phase in ("DisableHA", "StopOMS", "CompactHeartbeat", "BackupMetaDB", "MigrateConfig", "StartOMS"):
        assert phase in planned.stdout
    assert "docker stop" in planned.stdout
    assert premises.site.metadb.password not in planned.stdout + planned.stderr
    assert not premises.state_dir.exists()
    assert premises.snapshot().differences(before, untouched=True) == []
    assert json.loads(premises.ha())["enable"] is True
