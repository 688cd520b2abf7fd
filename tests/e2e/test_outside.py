"""Goal: what breaks around the upgrade costs time at most: it ends in Succeeded or in RolledBack, and
the world is whole.

Method: MetaDB hangs or dies, the Docker daemon dies, the disk fills up, each while it is needed.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pymysql
from kit.operator import ROLLED_BACK, SUCCEEDED, Ended
from kit.premises import NEW, OLD, Premises
from kit.snapshot import Snapshot

from bed.docker import Docker
from bed.oceanbase import OceanBase
from bed.process import wait_until


def assert_whole(premises: Premises, before: Snapshot, ended: Ended) -> None:
    assert ended.code in (SUCCEEDED, ROLLED_BACK), ended
    if ended.code == SUCCEEDED:
        premises.assert_upgraded(before)
    else:
        premises.assert_as_before(before)


def test_metadb_hangs_during_the_backup(premises: Premises, oceanbase: OceanBase) -> None:
    premises.settle(megabytes=16)
    before = premises.snapshot()
    run = premises.start()
    run.until(lambda at: at.phase == "BackupMetaDB" and at.attempts > 0)
    oceanbase.pause()
    try:
        threading.Event().wait(6)
    finally:
        oceanbase.resume()
    ended = run.end()
    assert ended.code == SUCCEEDED, ended
    premises.assert_upgraded(before)


def test_metadb_dies_during_the_backup_and_comes_back(premises: Premises, oceanbase: OceanBase) -> None:
    premises.settle(megabytes=16)
    before = premises.snapshot()
    run = premises.start()
    run.until(lambda at: at.phase == "BackupMetaDB" and at.attempts > 0)
    oceanbase.kill()
    oceanbase.start()
    ended = run.end()
    assert ended.code == SUCCEEDED, ended
    premises.assert_upgraded(before)


def test_metadb_dies_while_it_is_restored(premises: Premises, oceanbase: OceanBase) -> None:
    premises.settle(megabytes=16)
    before = premises.snapshot()
    premises.site.set_faults("4.3.1", upgrade_exit=3)
    run = premises.start()
    run.until(lambda at: (at.phase, at.goal) == ("BackupMetaDB", "Reverted") and at.attempts > 0)
    oceanbase.kill()
    oceanbase.start()
    ended = run.end()
    assert ended.code == ROLLED_BACK, ended
    premises.assert_as_before(before)


def script_is_half_way(premises: Premises) -> bool:
    """It has recorded some of its steps."""
    rm = premises.site.names.rm
    if not premises.sql(rm, "SHOW TABLES LIKE 'oms_schema_step'"):
        return False
    return premises.sql(rm, "SELECT COUNT(*) > 2 FROM oms_schema_step") == ((1,),)


def test_the_connection_of_the_script_drops(premises: Premises) -> None:
    premises.settle()
    before = premises.snapshot()
    run = premises.start()
    run.until(lambda at: at.phase == "UpgradeMetadata" and at.attempts > 0)
    wait_until(lambda: script_is_half_way(premises), what="some steps of the script", seconds=30)
    # Those of CM, Supervisor and our operator go with it; all but the script connect again.
    ours = "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID()"
    for (number,) in premises.sql(premises.site.names.rm, ours):
        with contextlib.suppress(pymysql.Error):  # one that has ended meanwhile, or is our own
            premises.sql(premises.site.names.rm, f"KILL {number}")
    ended = run.end()
    assert ended.code == ROLLED_BACK, ended
    assert ended.status["run"]["cursor"]["failure"].startswith("UpgradeMetadata:"), ended
    premises.assert_as_before(before)


def test_metadb_dies_while_the_script_runs_and_comes_back(premises: Premises, oceanbase: OceanBase) -> None:
    premises.settle()
    before = premises.snapshot()
    run = premises.start()
    run.until(lambda at: at.phase == "UpgradeMetadata" and at.attempts > 0)
    wait_until(lambda: script_is_half_way(premises), what="some steps of the script", seconds=30)
    oceanbase.kill()
    oceanbase.start()
    ended = run.end()
    assert ended.code == ROLLED_BACK, ended
    premises.assert_as_before(before)


def test_the_docker_daemon_dies_while_the_script_runs(premises: Premises, docker: Docker) -> None:
    """It takes the containers with it: a script that was interrupted is not run again."""
    premises.settle(restart="always")
    before = premises.snapshot()
    run = premises.start()
    run.until(lambda at: at.phase == "UpgradeMetadata" and at.attempts > 0)
    docker.kill()
    docker.start()
    assert_whole(premises, before, run.end())


def test_the_docker_daemon_restarts_while_oms_must_stay_stopped(premises: Premises, docker: Docker) -> None:
    """With `restart: always` of its admin, the old OMS would come up again beside an open backup."""
    premises.settle(restart="always", megabytes=16)
    before = premises.snapshot()
    run = premises.start()
    run.until(lambda at: at.phase == "BackupMetaDB" and at.attempts > 0)
    docker.restart()
    assert not premises.site.running(OLD)
    ended = run.end()
    assert ended.code == SUCCEEDED, ended
    premises.assert_upgraded(before)


@contextlib.contextmanager
def disk(path: Path, size: str) -> Iterator[None]:
    path.mkdir(parents=True, mode=0o700)
    subprocess.run(["/usr/bin/mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", path], check=True)
    try:
        yield
    finally:
        subprocess.run(["/usr/bin/umount", "-l", path], check=True)


def fill(folder: Path) -> Path:
    path = folder / "somebody-elses"
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(1 << 16)):
            pass
    return path


def test_the_disk_fills_up_under_the_backup(premises: Premises) -> None:
    premises.settle(restart="always", megabytes=4)
    before = premises.snapshot()
    with marked_state(premises), disk(premises.state_dir / "backups", "200m"):
        run = premises.start()
        run.until(lambda at: at.phase == "StopOMS")
        fill(premises.state_dir / "backups")
        ended = run.end()
        assert ended.code == ROLLED_BACK, ended
        assert "BackupMetaDB" in ended.status["run"]["cursor"]["failure"]
        assert "space" in ended.status["message"], ended
        assert not premises.docker.cli("ps", "-aq", "--filter", f"name={NEW}")
        premises.assert_as_before(before)


@contextlib.contextmanager
def marked_state(premises: Premises) -> Iterator[None]:
    """A state directory that knows itself, so that a disk may be put into it."""
    spec = premises.spec(paused=True)
    assert premises.upgrade(premises.manifest(spec)).code == 75
    yield


def test_the_disk_of_the_state_directory_fills_up(premises: Premises) -> None:
    """Nothing can be recorded, so nothing may be done; with room again the same command goes on."""
    premises.settle(restart="always", megabytes=4)
    before = premises.snapshot()
    with disk(premises.state_dir, "200m"):
        run = premises.start()
        run.until(lambda at: at.phase == "DisableHA")
        other = fill(premises.folder / "state")
        stuck = threading.Timer(8, other.unlink)
        stuck.start()
        ended = run.end()
        stuck.join()
        if ended.code not in (SUCCEEDED, ROLLED_BACK):
            assert "No space left" in ended.stderr, ended
            ended = premises.upgrade()
        assert_whole(premises, before, ended)
