"""Goal: the stand-in does what is documented of OMS, and forgives nothing; else a test of the
operator that passes against it proves little.

Method: a real Docker daemon and a real OceanBase from tests/bed, the images as they are built,
and the procedure's own commands, carried out as a person would, right and wrong.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import tarfile
import threading
from pathlib import Path

import pymysql
import pytest
from by_hand import (
    ALL_RUNNING,
    SCRIPT,
    SWAP,
    boot,
    components,
    dump,
    exit_code,
    get,
    programs_are,
    restore,
    run_script,
    set_ha,
    start_for_upgrade,
    wait_down,
)
from conftest import Room
from stand_in import images
from stand_in.compare import contents
from stand_in.site import Ports, Site, wait_for

# What a healthy OMS looks like.


def test_430_boots_with_every_program_on_its_port_and_beats(room: Room) -> None:
    container = boot(room)
    site = room.site
    wait_for(lambda: site.programs() == ALL_RUNNING, "all programs", 10)
    said = site.docker("exec", container, "supervisorctl", "status").stdout
    assert {line.split()[0]: line.split()[1] for line in said.splitlines()} == ALL_RUNNING
    assert site.logs(container).splitlines()[-1] == "OMS service start successfully"
    assert get(site, 8089, "/oms/health") == (200, b'{"data": {"healthy": true}}')
    for port in (8090, 8088, 9000, 8084):
        assert get(site, port)[0] == 200
    sequence = "SELECT MAX(id) FROM heatbeat_sequence"
    before = room.sql(site.names.hb, sequence)
    wait_for(lambda: room.sql(site.names.hb, sequence) > before, "the next heartbeat", 10)
    ((age,),) = room.sql(
        site.names.hb,
        "SELECT TIMESTAMPDIFF(SECOND, gmt_modified, now()) FROM heart_beat "
        f"WHERE task_name='supervisor' AND host_ip='{site.host_ip}'",
    )
    assert int(str(age)) <= 3
    assert room.traces() == []


def test_430_is_healthy_on_mariadb_too(mariadb_room: Room) -> None:
    boot(mariadb_room)
    assert mariadb_room.traces() == []


def test_health_is_lost_when_a_part_is_down_and_comes_back(room: Room) -> None:
    container = boot(room)
    room.site.docker("exec", container, "supervisorctl", "stop", "oms_drc_cm")
    assert get(room.site, 8089, "/oms/health") == (200, b'{"data": {"healthy": false}}')
    room.site.docker("exec", container, "supervisorctl", "stop", "oms_console")
    assert get(room.site, 8089, "/oms/health")[0] == 502
    room.site.docker("exec", container, "supervisorctl", "start", "oms_drc_cm", "oms_console")
    room.site.wait_healthy(container)


def test_a_stop_is_obeyed_by_all_and_a_restart_comes_up_again(room: Room) -> None:
    container = boot(room)
    room.site.docker("stop", "-t", "30", container)
    state = json.loads(room.site.docker("inspect", container).stdout)[0]["State"]
    assert state["ExitCode"] == 0
    room.site.docker("start", container)
    room.site.wait_healthy(container)
    wait_for(lambda: room.site.programs() == ALL_RUNNING, "all programs", 10)


def test_openapi_lists_projects_and_wants_a_password(room: Room) -> None:
    boot(room)
    site = room.site
    listed = site.api(
        "ListProjects",
        {"type": "MIGRATION", "status": ["RUNNING"], "pageNumber": 1, "pageSize": 150},
    )
    assert listed["success"] is True
    # Numbers come as strings.
    assert listed["totalCount"] == "6"
    first = listed["data"][0]  # type: ignore[index]
    assert first["steps"][0]["name"] == "TRANSFER_PRECHECK"
    assert first["status"] == "RUNNING"
    assert site.api("DescribeProject", {"id": "np_none"})["code"] == "GHANA-OPERAT000001"
    assert site.api("ListProjects", {"pageSize": 151})["code"] == "PARAM_ERROR"
    assert site.api("NoSuchAction")["code"] == "PARAM_ERROR"
    site.password = "wrong"
    for _ in range(6):
        assert site.api("ListProjects")["status"] == 401
    site.password = "Oms.2025-demo"
    assert site.api("ListProjects")["status"] == 401
    room.sql(site.names.rm, "UPDATE oms_user SET is_locked=0 WHERE name='admin'")
    assert site.api("ListProjects")["success"] is True


# The procedure, done right, forward and back.

def test_the_procedure_upgrades_and_goes_back_without_a_trace(room: Room, tmp_path: Path) -> None:
    room.seed(awkward_tables=False)
    site = room.site
    old = boot(room)
    set_ha(room, enable=False)
    site.docker("stop", old)
    for statement in SWAP:
        room.sql(site.names.hb, statement)
    dump(room, tmp_path)
    before = contents(site.metadb, site.names, volatile=True)
    config_before = site.config_path.read_bytes()

    new = start_for_upgrade(room)
    assert site.programs()["oms_console"] == "STOPPED"
    assert not site.healthy()
    done = run_script(room, new)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "[Completed] All initialization steps are executed"
    assert site.docker("exec", new, "cat", "/root/init_flag.txt").stdout.strip()
    site.wait_healthy(new)
    site.wait_online()
    versions = room.sql(site.names.rm, "SELECT version FROM oms_version ORDER BY gmt_modified")
    assert versions[-1] == ("4.3.1",)
    # An incremental project waits for HA, a Full-Import for a person.
    assert components(room, "np_4kx00000000")["incrSyncComponents"] == "ABNORMAL"
    set_ha(room, enable=True)
    wait_for(
        lambda: components(room, "np_4kx00000000")["incrSyncComponents"] == "RUNNING", "HA", 10
    )
    assert components(room, "np_4kx00000002")["fullImportComponents"] == "STOPPED"

    set_ha(room, enable=False)
    site.docker("stop", new)
    restore(room, tmp_path)
    assert contents(site.metadb, site.names, volatile=True) == before
    site.config_path.write_bytes(config_before)
    site.docker("restart", old)
    site.wait_healthy(old)
    site.wait_online()
    set_ha(room, enable=True)
    wait_for(
        lambda: components(room, "np_4kx00000000")["incrSyncComponents"] == "RUNNING", "HA", 10
    )
    assert components(room, "np_4kx00000003")["incrSyncComponents"] == "SUSPEND"
    assert components(room, "np_4kx00000002")["fullImportComponents"] == "STOPPED"
    assert site.api("ResumeProject", {"id": "np_4kx00000002"})["success"] is True
    assert components(room, "np_4kx00000002")["fullImportComponents"] == "RUNNING"
    assert room.traces() == []


def test_an_upgraded_container_starts_its_console_by_itself(room: Room) -> None:
    container = start_for_upgrade(room)
    assert run_script(room, container).returncode == 0
    room.site.docker("restart", container)
    room.site.wait_healthy(container)
    wait_for(
        lambda: "OMS service start successfully" in room.site.logs(container), "the start line", 10
    )


# What it refuses.


def test_config_of_the_other_version_is_refused(room: Room) -> None:
    room.site.write_config("4.3.1")
    assert exit_code(room, room.site.run("4.3.0")) == 1
    assert "oms_meta_password is missing" in room.site.logs("oms_430")
    room.site.write_config("4.3.0")
    assert exit_code(room, room.site.run("4.3.1", upgrade=True)) == 1
    assert "oms_rm_meta_password is missing" in room.site.logs("oms_431")


def test_a_config_that_cannot_be_written_is_refused(room: Room) -> None:
    # A second mount on the same place, read-only, instead of the site's.
    path = room.site.config_path
    container = "oms_ro"
    words = ["run", "-d", "--net", "host", "--name", container, "-e", "OMS_HOST_IP=127.0.0.1"]
    words += ["-v", f"{path}:/home/admin/conf/config.yaml:ro"]
    for name, place in {
        "oms_logs": "/home/admin/logs",
        "oms_store": "/home/ds/store",
        "oms_run": "/home/ds/run",
    }.items():
        words += ["-v", f"{path.parent}/oms/{name}:{place}"]
    room.site.docker(*words, images.reference("4.3.0"))
    assert exit_code(room, container) == 1
    assert "must be writable" in room.site.logs(container)


def test_a_missing_mount_is_refused(room: Room) -> None:
    room.site.docker(
        *("run", "-d", "--net", "host", "--name", "oms_bare", "-e", "OMS_HOST_IP=127.0.0.1"),
        *("-v", f"{room.site.config_path}:/home/admin/conf/config.yaml"),
        images.reference("4.3.0"),
    )
    assert exit_code(room, "oms_bare") == 1
    assert "/home/admin/logs is not mounted" in room.site.logs("oms_bare")


def test_old_keys_left_beside_the_new_cost_the_connection_strings(room: Room) -> None:
    old = room.site.config_path.read_text()
    room.site.write_config("4.3.1")
    meta = [line for line in old.splitlines() if "oms_meta_" in line]
    with room.site.config_path.open("a") as file:
        file.write("\n".join(meta) + "\n")
    container = start_for_upgrade(room, write_config=False)
    # As the procedure warns: it seems to work.
    assert run_script(room, container).returncode == 0
    wait_down(room, "oms_console", "oms_drc_cm", "oms_drc_supervisor")
    assert not room.site.healthy()
    assert "connection strings lost" in room.kinds_of_traces()


def test_without_is_upgrade_431_refuses_the_schema_of_430(room: Room) -> None:
    room.site.write_config("4.3.1")
    container = room.site.run("4.3.1")
    wait_down(room, "oms_console", "oms_drc_cm", "oms_drc_supervisor")
    assert run_script(room, container).returncode == 1
    assert room.sql(room.site.names.rm, "SELECT version FROM oms_version") == (("4.3.0",),)


def test_430_refuses_the_schema_of_431(room: Room) -> None:
    container = start_for_upgrade(room)
    assert run_script(room, container).returncode == 0
    room.site.docker("stop", container)
    room.site.write_config("4.3.0")
    assert exit_code(room, room.site.run("4.3.0")) == 1
    assert "cannot run on the MetaDB of OMS 4.3.1" in room.site.logs("oms_430")


@pytest.mark.parametrize("part", ["cm", "hb"])
def test_430_refuses_when_one_database_alone_was_not_put_back(room: Room, part: str) -> None:
    table = {"cm": "location_cm", "hb": "heart_beat"}[part]
    room.sql(getattr(room.site.names, part), f"ALTER TABLE `{table}` ADD COLUMN `later` int")
    room.site.run("4.3.0")
    wait_down(room, "oms_drc_cm", "oms_drc_supervisor")
    assert not room.site.healthy()


def test_the_script_refuses_before_cm_and_supervisor_run(room: Room) -> None:
    container = start_for_upgrade(room)
    room.site.docker("exec", container, "supervisorctl", "stop", "oms_drc_cm")
    done = run_script(room, container)
    assert done.returncode == 1
    assert "oms_drc_cm is STOPPED, nothing was done" in done.stdout


# What does damage.


def concurrency(room: Room) -> object:
    return room.sql(room.site.names.rm, "SELECT SUM(concurrency) FROM transfer_project")[0][0]


def test_a_second_run_of_the_script_does_damage(room: Room) -> None:
    container = start_for_upgrade(room)
    assert run_script(room, container).returncode == 0
    once = concurrency(room)
    # As scripts of its kind do, it calls the errors ignorable and says it is done.
    assert run_script(room, container).returncode == 0
    assert concurrency(room) == 2 * int(str(once))
    wait_down(room, "oms_console")
    assert room.kinds_of_traces() == {"script run twice"}


def test_two_scripts_at_once_do_damage(room: Room) -> None:
    container = start_for_upgrade(room)
    scripts = [threading.Thread(target=run_script, args=(room, container)) for _ in range(2)]
    for script in scripts:
        script.start()
    for script in scripts:
        script.join()
    assert "script run twice" in room.kinds_of_traces()
    room.site.docker("restart", container)
    wait_down(room, "oms_console")


def test_a_script_killed_in_the_middle_leaves_a_half_changed_schema(room: Room) -> None:
    room.site.set_faults("4.3.1", upgrade_hang=True)
    container = start_for_upgrade(room)
    room.site.docker("exec", "-d", container, *SCRIPT)
    steps = "SELECT COUNT(*) FROM oms_schema_step"

    def half_way() -> bool:
        if not room.sql(room.site.names.rm, "SHOW TABLES LIKE 'oms_schema_step'"):
            return False
        return room.sql(room.site.names.rm, steps) == ((6,),)

    wait_for(half_way, "half of the script", 20)
    room.site.docker("kill", container)
    assert room.sql(room.site.names.rm, "SELECT version FROM oms_version") == (("4.3.0",),)
    # Neither version runs on it, and starting the script again makes it worse.
    room.site.write_config("4.3.0")
    room.site.run("4.3.0")
    wait_down(room, "oms_console")
    room.site.docker("rm", "-f", "oms_430")
    room.site.set_faults("4.3.1")
    room.site.write_config("4.3.1")
    room.site.docker("start", container)
    wait_for(
        lambda: programs_are(room, "RUNNING", "oms_drc_cm", "oms_drc_supervisor"),
        "CM and Supervisor",
        30,
    )
    assert room.site.programs()["oms_console"] == "STOPPED"
    assert run_script(room, container).returncode == 0
    wait_down(room, "oms_console")
    assert "script run twice" in room.kinds_of_traces()


# What leaves a trace.


def test_two_versions_on_one_metadb_leave_a_trace(room: Room, tmp_path: Path) -> None:
    boot(room)
    assert room.traces() == []
    site = room.site
    other = Site(
        tmp_path / "other",
        site.docker_host,
        site.host_ip,
        site.metadb,
        ports=Ports(18089, 18090, 18088, 19000, 12023, 18084),
    )
    other.lay_out("4.3.1")
    other.run("4.3.1", upgrade=True)
    wait_for(lambda: "two versions alive" in room.kinds_of_traces(), "the trace", 20)


def test_a_start_while_ha_is_on_and_hosts_are_silent_leaves_a_trace(room: Room) -> None:
    container = boot(room)
    room.site.docker("stop", container)
    hb = room.site.names.hb
    room.sql(hb, "UPDATE heart_beat SET gmt_modified = now() - INTERVAL 1 MINUTE")
    room.site.docker("start", container)
    room.site.wait_healthy(container)
    assert room.kinds_of_traces() == {"ha acted"}


def test_an_upgrade_while_ha_is_on_leaves_a_trace(room: Room) -> None:
    room.site.docker("stop", boot(room))
    start_for_upgrade(room, ha=True)
    assert room.kinds_of_traces() == {"ha acted"}


def test_a_start_while_ha_is_off_leaves_none(room: Room) -> None:
    container = boot(room)
    set_ha(room, enable=False)
    room.site.docker("stop", container)
    hb = room.site.names.hb
    room.sql(hb, "UPDATE heart_beat SET gmt_modified = now() - INTERVAL 1 MINUTE")
    room.site.docker("start", container)
    room.site.wait_healthy(container)
    assert room.traces() == []


def test_a_supervisor_that_falls_silent_under_ha_leaves_a_trace(room: Room) -> None:
    container = boot(room)
    room.site.docker("exec", container, "supervisorctl", "stop", "oms_drc_supervisor")
    wait_for(lambda: room.kinds_of_traces() == {"ha acted"}, "the trace", 30)


def test_other_directories_than_before_leave_a_trace(room: Room) -> None:
    container = boot(room)
    room.site.docker("rm", "-f", container)
    (room.site.folder / "oms" / "oms_store").rename(room.site.folder / "oms" / "elsewhere")
    (room.site.folder / "oms" / "oms_store").mkdir()
    boot(room)
    assert "mounts changed" in room.kinds_of_traces()


def test_a_heartbeat_sequence_that_starts_anew_is_refused_and_leaves_a_trace(room: Room) -> None:
    container = boot(room)
    room.site.docker("stop", container)
    hb = room.site.names.hb
    for statement in (SWAP[0], *SWAP[2:]):
        room.sql(hb, statement)
    room.site.docker("start", container)
    wait_down(room, "oms_drc_supervisor")
    assert "heartbeat sequence went back" in room.kinds_of_traces()


# Faults on demand.


def test_a_late_start_is_late_and_then_good(room: Room) -> None:
    room.site.set_faults("4.3.0", start_delay_seconds=600)
    container = room.site.run("4.3.0")
    wait_for(lambda: "600" in room.site.logs(container), "the delay", 10)
    assert room.site.programs() == {}
    # A stop is obeyed meanwhile, and without the fault the same container starts.
    room.site.docker("stop", "-t", "30", container)
    assert exit_code(room, container) == 143
    room.site.set_faults("4.3.0")
    room.site.docker("start", container)
    room.site.wait_healthy(container)


def test_a_fault_of_one_version_leaves_the_other_alone(room: Room) -> None:
    room.site.set_faults("4.3.1", never_healthy=True)
    boot(room)


def test_never_healthy_runs_and_is_not_healthy(room: Room) -> None:
    room.site.set_faults("4.3.0", never_healthy=True)
    container = room.site.run("4.3.0")
    room.site.wait_online()
    assert room.site.programs() == ALL_RUNNING
    assert get(room.site, 8089, "/oms/health") == (200, b'{"data": {"healthy": false}}')
    assert "successfully" not in room.site.logs(container)


def test_healthy_for_a_while_and_then_not(room: Room) -> None:
    room.site.set_faults("4.3.0", healthy_seconds=2)
    container = room.site.run("4.3.0")
    room.site.wait_healthy(container)
    wait_for(lambda: not room.site.healthy(), "the end of health", 10)
    assert room.site.programs() == ALL_RUNNING


def test_the_script_ends_with_three_in_the_middle(room: Room) -> None:
    room.site.set_faults("4.3.1", upgrade_exit=3, upgrade_seconds=0)
    container = start_for_upgrade(room)
    assert run_script(room, container).returncode == 3
    steps = room.sql(room.site.names.rm, "SELECT COUNT(*) FROM oms_schema_step")
    assert steps == ((6,),)
    assert room.site.programs()["oms_console"] == "STOPPED"


def test_a_lost_connection_ends_the_script_half_done(room: Room) -> None:
    room.site.set_faults("4.3.1", upgrade_seconds=30)
    container = start_for_upgrade(room)
    result: list[subprocess.CompletedProcess[str]] = []
    script = threading.Thread(target=lambda: result.append(run_script(room, container)))
    script.start()
    wait_for(
        lambda: bool(room.sql(room.site.names.rm, "SHOW TABLES LIKE 'oms_schema_step'")),
        "the first step",
        20,
    )
    ours = "SELECT id FROM information_schema.processlist WHERE db = "
    for (number,) in room.sql(room.site.names.rm, f"{ours}'{room.site.names.rm}'"):
        kill_connection(room, number)
    script.join()
    assert result[0].returncode == 1
    assert "ERROR" in result[0].stdout
    assert room.sql(room.site.names.rm, "SELECT version FROM oms_version") == (("4.3.0",),)


def kill_connection(room: Room, number: object) -> None:
    # It may be the one that asks, or one that has just gone.
    with contextlib.suppress(pymysql.Error):
        room.sql(room.site.names.rm, f"KILL {number}")


def test_an_unknown_fault_is_an_error(room: Room) -> None:
    room.site.set_faults("4.3.0", never_helthy=True)
    assert exit_code(room, room.site.run("4.3.0")) == 1


# The images.


def test_the_archives_share_their_base_and_carry_their_version() -> None:
    layers = []
    for version in images.VERSIONS:
        with tarfile.open(images.archive_of(version)) as archive:
            manifest = json.load(archive.extractfile("manifest.json"))[0]  # type: ignore[arg-type]
            config = json.load(archive.extractfile(manifest["Config"]))  # type: ignore[arg-type]
        assert manifest["RepoTags"] == [images.reference(version)]
        assert manifest["RepoTags"][0].endswith(f":{images.VERSIONS[version].tag}")
        assert config["config"]["Labels"] == {"com.oceanbase.oms.version": version}
        layers.append(manifest["Layers"])
    assert len({base for base, _ in layers}) == 1
    assert len({own for _, own in layers}) == len(images.VERSIONS)
