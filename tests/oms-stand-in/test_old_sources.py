"""Goal: the stand-in does what is documented of an OMS below 4.0.1 and of its way to 4.3.1, by the
upgrade jar and add_resource, and forgives nothing.

Method: as in test_stand_in.py. What the jar does to data is looked at from outside, by SQL.
"""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from by_hand import (
    ADD_RESOURCE,
    JAR,
    JAVA,
    SWAP,
    UPGRADE,
    add_resource,
    boot,
    dump,
    exec_in,
    exit_code,
    get,
    programs_are,
    restore,
    run_jar,
    run_script,
    set_ha,
    start_for_upgrade,
    wait_down,
)
from conftest import Room
from stand_in.compare import contents
from stand_in.site import wait_for


def world(room: Room) -> dict[str, str]:
    return contents(room.site.metadb, room.site.names)


def concurrency(room: Room) -> int:
    ((found,),) = room.sql(room.site.names.rm, "SELECT SUM(concurrency) FROM transfer_project")
    return int(str(found))


def workers(room: Room) -> int:
    """What the jar makes of the workers of all tasks, when it does it once."""
    sums = [
        f"SELECT COALESCE(SUM(workers + 1), 0) FROM {table}"
        for table in ("oms_project", "oms_sync_project")
    ]
    ((found,),) = room.sql(room.site.names.rm, f"SELECT ({sums[0]}) + ({sums[1]})")
    return int(str(found))


def shared_names(room: Room, table: str) -> list[set[str]]:
    """The procedure's own query."""
    found = room.sql(
        room.site.names.rm,
        f"SELECT project_name,count(*) AS count,group_concat(id) AS ids FROM {table} "
        'WHERE project_status != "DELETED" GROUP BY project_name HAVING count(*) > 1',
    )
    return [set(str(ids).split(",")) for _, _, ids in found]


def component(room: Room, table: str, project: str, kind: str) -> object:
    where = f"WHERE project_id='{project}' AND kind='{kind}'"
    return room.sql(room.site.names.rm, f"SELECT status FROM {table} {where}")[0][0]


# What a healthy OMS of that time looks like.


def test_340_boots_on_a_schema_without_a_version_row(room_340: Room) -> None:
    room, site = room_340, room_340.site
    container = boot(room, "3.4.0")
    assert container == "oms_340"
    wait_for(lambda: set(site.programs().values()) == {"RUNNING"}, "all programs", 10)
    assert "crond" in site.programs()
    assert room.sql(site.names.rm, "SHOW TABLES LIKE 'oms_version'") == ()
    assert room.sql(site.names.rm, "SHOW TABLES LIKE 'transfer%'") == ()
    # The OpenAPI came later.
    assert site.api("ListProjects")["message"] == "no such page"
    assert exec_in(room, container, "ls", JAVA).returncode != 0
    assert room.traces() == []


def test_it_wants_the_account_for_the_log(room_340: Room) -> None:
    path = room_340.site.config_path
    path.write_text(re.sub(r"drc_password.*\n", "", path.read_text()))
    assert exit_code(room_340, room_340.site.run("3.4.0")) == 1
    assert "drc_password is missing" in room_340.site.logs("oms_340")


def test_340_refuses_the_schema_of_321(room_321: Room) -> None:
    room_321.site.run("3.4.0")
    wait_down(room_321, "oms_console")


# The procedure, done right, forward and back.


def schema_of(room: Room) -> dict[str, str]:
    """Each table and view, as part.name, to its definition without the marks of its rows."""
    found = {}
    for part, database in vars(room.site.names).items():
        for name, kind in room.sql(database, "SHOW FULL TABLES"):
            word = "VIEW" if kind == "VIEW" else "TABLE"
            text = str(room.sql(database, f"SHOW CREATE {word} `{name}`")[0][1])
            text = re.sub(r"AUTO_INCREMENT ?= ?\d+ ?", "", text).replace(database, part)
            found[f"{part}.{name}"] = text
    return found


@pytest.fixture(scope="module")
def schemas() -> dict[str, dict[str, str]]:
    """What the ways to 4.3.1 led to, by source."""
    return {}


def test_the_way_from_430_leads_to_a_schema(
    room: Room, schemas: dict[str, dict[str, str]]
) -> None:
    room.seed(awkward_tables=False)
    container = start_for_upgrade(room)
    assert run_script(room, container).returncode == 0
    schemas["4.3.0"] = schema_of(room)


@pytest.mark.parametrize("source", ["3.4.0", "3.2.1"])
def test_the_procedure_upgrades_and_goes_back_without_a_trace(
    source: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    schemas: dict[str, dict[str, str]],
) -> None:
    room: Room = request.getfixturevalue(f"room_{source.replace('.', '')}")
    site, rm = room.site, room.site.names.rm
    room.seed(awkward_tables=False, ha_connector=False)
    old = boot(room, source)
    names = "SELECT id, project_name, project_status FROM {} ORDER BY id"
    tasks = [room.sql(rm, names.format(t)) for t in ("oms_project", "oms_sync_project")]
    wanted = workers(room)
    set_ha(room, enable=False)
    site.docker("stop", old)
    for statement in SWAP:
        room.sql(site.names.hb, statement)
    dump(room, tmp_path)
    before = contents(site.metadb, site.names, volatile=True)
    config_before = site.config_path.read_bytes()

    new = start_for_upgrade(room)
    assert site.programs()["oms_console"] == "STOPPED"
    done = run_jar(room, new)
    assert done.returncode == 0, done.stdout + done.stderr
    # In the end it is all there, under the new model and in the old tables.
    left = [room.sql(rm, names.format(t)) for t in ("oms_project", "oms_sync_project")]
    assert left == tasks
    merged = room.sql(rm, "SELECT id, name, status FROM transfer_project ORDER BY id")
    assert merged == tuple(sorted(tasks[0] + tasks[1]))
    assert concurrency(room) == wanted
    assert add_resource(room, new).returncode == 0
    assert run_script(room, new).returncode == 0
    site.wait_healthy(new)
    site.wait_online()
    assert room.sql(rm, "SELECT version FROM oms_version") == (("4.3.1",),)
    if "4.3.0" in schemas:
        ours = schema_of(room)
        assert ours.pop("rm.oms_correction_step")
        assert ours == schemas["4.3.0"]
    # Old tasks keep the step names of the legacy model.
    described = site.api("DescribeProject", {"id": "p_3kx00000000"})["data"]
    assert described["currentStep"] == "INCR_SYNC"  # type: ignore[index]
    # What JDBCWriter did is Connector's now, and it is off.
    table = "transfer_component_instance"
    set_ha(room, enable=True)
    wait_for(
        lambda: component(room, table, "p_3kx00000000", "STORE") == "RUNNING", "HA's Store", 10
    )
    assert component(room, table, "p_3kx00000000", "INCR_SYNC") == "ABNORMAL"
    turn_connector_on(room)
    wait_for(
        lambda: component(room, table, "p_3kx00000000", "INCR_SYNC") == "RUNNING", "HA", 10
    )
    assert component(room, table, "p_3kx00000002", "FULL_IMPORT") == "STOPPED"

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
        lambda: component(room, "oms_component", "p_3kx00000000", "JDBC_WRITER") == "RUNNING",
        "HA",
        10,
    )
    assert component(room, "oms_component", "p_3kx00000003", "JDBC_WRITER") == "SUSPEND"
    assert room.traces() == []


def turn_connector_on(room: Room) -> None:
    room.sql(
        room.site.names.rm,
        """UPDATE oms_normal_config SET cfg_value = REPLACE(cfg_value, '"enableConnector": false', """
        """'"enableConnector": true') WHERE cfg_name = 'ha.config'""",
    )


def test_the_procedure_upgrades_on_mariadb_too(mariadb_room_340: Room) -> None:
    room = mariadb_room_340
    container = start_for_upgrade(room)
    done = run_jar(room, container)
    assert done.returncode == 0, done.stdout + done.stderr
    assert add_resource(room, container).returncode == 0
    assert run_script(room, container).returncode == 0
    room.site.wait_healthy(container)
    assert room.traces() == []


# Names.


def test_tasks_of_one_name_end_the_jar_in_the_middle(room_340: Room) -> None:
    room, rm = room_340, room_340.site.names.rm
    room.seed(duplicate_names=True)
    wanted = [{f"p_3kdup00000{n}" for n in group} for group in ("123", "67", "89")]
    assert sorted(map(sorted, shared_names(room, "oms_project"))) == list(map(sorted, wanted))
    assert shared_names(room, "oms_sync_project") == [{"p_3kdup000011", "p_3kdup000012"}]
    length = room.sql(
        rm, "SELECT CHAR_LENGTH(project_name) FROM oms_project WHERE id='p_3kdup000006'"
    )
    assert length == ((256,),)
    container = start_for_upgrade(room)
    done = run_jar(room, container)
    assert done.returncode == 1
    assert "Duplicate entry" in done.stdout
    # Half of it is done, and nothing goes on from there.
    assert room.sql(rm, "SHOW TABLES LIKE 'transfer_step'")
    assert add_resource(room, container).returncode == 1
    assert run_script(room, container).returncode == 1


def test_with_names_of_their_own_they_do_not(room_321: Room) -> None:
    room = room_321
    room.seed(duplicate_names=True)
    for table in ("oms_project", "oms_sync_project"):
        for group in shared_names(room, table):
            for number, task in enumerate(sorted(group)):
                rename = f"project_name = CONCAT(LEFT(project_name, 100), '#{number}')"
                room.sql(room.site.names.rm, f"UPDATE {table} SET {rename} WHERE id='{task}'")
    container = start_for_upgrade(room)
    done = run_jar(room, container)
    assert done.returncode == 0, done.stdout


def test_the_region_to_leave_out_is_seeded_when_asked_for(room_340: Room) -> None:
    question = "SELECT `value` FROM config_job WHERE `key`='sourceFile.blackRegionNo'"
    assert room_340.sql(room_340.site.names.cm, question) == ()
    room_340.seed(black_region_no="7")
    assert room_340.sql(room_340.site.names.cm, question) == (("7",),)


# What is refused, and changes nothing.


def test_the_script_refuses_where_the_jar_was_not_run(room_340: Room) -> None:
    room = room_340
    container = start_for_upgrade(room)
    before = world(room)
    done = run_script(room, container)
    assert done.returncode == 1
    assert "the jar was not run, nothing was done" in done.stdout
    done = add_resource(room, container)
    assert done.returncode == 1
    assert "the jar was not run" in done.stderr
    assert world(room) == before


def test_the_script_refuses_where_add_resource_was_not_run(room_340: Room) -> None:
    room = room_340
    container = start_for_upgrade(room)
    assert run_jar(room, container).returncode == 0
    before = world(room)
    done = run_script(room, container)
    assert done.returncode == 1
    assert "machine group not init" in done.stdout
    # Its module is found in one folder only.
    words = ("exec", "-w", "/home", container, *ADD_RESOURCE)
    assert room.site.docker(*words, check=False).returncode != 0
    assert world(room) == before
    assert add_resource(room, container).returncode == 0
    assert run_script(room, container).returncode == 0


@pytest.mark.parametrize("program", ["oms_drc_cm", "oms_drc_supervisor"])
def test_the_jar_refuses_without_cm_and_supervisor(room_340: Room, program: str) -> None:
    room = room_340
    container = start_for_upgrade(room)
    exec_in(room, container, "supervisorctl", "stop", program)
    before = world(room)
    done = run_jar(room, container)
    assert done.returncode == 1
    assert f"{program} is STOPPED, nothing was done" in done.stdout
    assert world(room) == before


def test_the_jar_wants_its_words_its_folder_and_a_region_of_this_oms(room_340: Room) -> None:
    room, site = room_340, room_340.site
    container = start_for_upgrade(room)
    before = world(room)
    elsewhere = ("exec", "-w", "/home", container, JAVA, "-jar", JAR, *UPGRADE, "-ltrue")
    done = site.docker(*elsewhere, check=False)
    assert done.returncode == 1
    assert f"Unable to access jarfile {JAR}" in done.stderr
    for words in (
        ("-mUPGRADE", UPGRADE[1], "-ltrue"),
        ("-mupgrade", "-y", "/home/admin/conf/config.yaml", "-ltrue"),
        ("-mupgrade", "-yconfig.yaml", "-ltrue"),
        UPGRADE,
        (*UPGRADE, "-l", "true"),
        (*UPGRADE, "-ltrue", "-v"),
    ):
        assert exec_in(room, container, JAVA, "-jar", JAR, *words).returncode == 1
    site.location = 3
    site.write_config("4.3.1")
    done = run_jar(room, container)
    assert done.returncode == 1
    assert "cm_location 3 is none of this OMS" in done.stdout
    assert world(room) == before
    assert room.traces() == []


def test_without_is_upgrade_431_refuses_the_schema_of_340(room_340: Room) -> None:
    room_340.site.write_config("4.3.1")
    assert exit_code(room_340, room_340.site.run("4.3.1")) == 1
    assert "Version before 4.1.1 is not allowed to upgrade" in room_340.site.logs("oms_431")


@pytest.mark.parametrize("script", [False, True])
def test_340_refuses_what_the_jar_and_the_script_have_made(room_340: Room, script: bool) -> None:
    room = room_340
    container = start_for_upgrade(room)
    assert run_jar(room, container).returncode == 0
    if script:
        assert add_resource(room, container).returncode == 0
        assert run_script(room, container).returncode == 0
    room.site.docker("stop", container)
    room.site.write_config("3.4.0")
    old = room.site.run("3.4.0")
    if script:
        assert exit_code(room, old) == 1
    else:
        wait_down(room, "oms_console", "oms_drc_cm")


# What does damage.


def test_a_last_region_that_is_not_called_so_is_found_out_later(room_340: Room) -> None:
    room = room_340
    container = start_for_upgrade(room)
    # It seems to work.
    assert run_jar(room, container, "-lfalse").returncode == 0
    assert add_resource(room, container).returncode == 1
    done = run_script(room, container)
    assert done.returncode == 1
    assert "the last with -ltrue" in done.stdout
    # And it cannot be made good.
    run_jar(room, container)
    assert run_script(room, container).returncode == 1
    assert "jar run twice" in room.kinds_of_traces()


def test_a_region_without_the_jar_is_found_out_later(room_340: Room) -> None:
    room = room_340
    room.sql(
        room.site.names.rm,
        "INSERT INTO cluster_info (region, region_cn, cm_url, code) "
        "VALUES ('cn-beijing', '北京', 'http://127.0.2.1:8088', 5)",
    )
    container = start_for_upgrade(room)
    assert run_jar(room, container).returncode == 0
    assert add_resource(room, container).returncode == 1
    assert run_script(room, container).returncode == 1


def test_a_second_run_of_the_jar_does_damage(room_340: Room) -> None:
    room = room_340
    container = start_for_upgrade(room)
    assert run_jar(room, container).returncode == 0
    once = concurrency(room)
    # As scripts of its kind do, it calls the errors ignorable and says it is done.
    done = run_jar(room, container)
    assert done.returncode == 0, done.stdout
    assert concurrency(room) > once
    assert run_script(room, container).returncode == 1
    assert room.kinds_of_traces() == {"jar run twice"}


def test_a_jar_after_the_script_does_damage(room_340: Room) -> None:
    room = room_340
    container = start_for_upgrade(room)
    for done in (run_jar(room, container), add_resource(room, container)):
        assert done.returncode == 0
    assert run_script(room, container).returncode == 0
    once = concurrency(room)
    assert run_jar(room, container).returncode == 0
    assert concurrency(room) > once
    room.site.docker("restart", container)
    wait_down(room, "oms_console")
    assert room.kinds_of_traces() == {"jar run twice"}


def test_two_jars_at_once_do_damage(room_340: Room) -> None:
    room = room_340
    container = start_for_upgrade(room)
    jars = [threading.Thread(target=run_jar, args=(room, container)) for _ in range(2)]
    for jar in jars:
        jar.start()
    for jar in jars:
        jar.join()
    assert "jar run twice" in room.kinds_of_traces()
    assert run_script(room, container).returncode == 1


def test_a_jar_beside_the_console_does_damage(room_340: Room) -> None:
    room = room_340
    wanted = workers(room)
    container = start_for_upgrade(room)
    exec_in(room, container, "supervisorctl", "start", "oms_console")
    assert programs_are(room, "RUNNING", "oms_console")
    assert get(room.site, 8089, "/oms/health") == (200, b'{"data": {"healthy": false}}')
    room.site.set_faults("4.3.1", jar_seconds=6)
    assert run_jar(room, container).returncode == 0
    assert concurrency(room) > wanted
    assert run_script(room, container).returncode == 1
    assert room.kinds_of_traces() == {"jar beside the console"}


def test_a_jar_for_which_the_console_was_stopped_does_none(room_340: Room) -> None:
    room = room_340
    container = start_for_upgrade(room)
    exec_in(room, container, "supervisorctl", "start", "oms_console")
    exec_in(room, container, "supervisorctl", "stop", "oms_console")
    assert run_jar(room, container).returncode == 0
    assert room.traces() == []


def test_a_jar_on_430_does_damage(room: Room) -> None:
    container = start_for_upgrade(room)
    once = concurrency(room)
    assert run_jar(room, container).returncode == 0
    assert concurrency(room) > once
    assert run_script(room, container).returncode == 1
    assert room.kinds_of_traces() == {"jar on a new schema"}
    # Nor is that OMS what it was.
    room.site.docker("rm", "-f", container)
    room.site.write_config("4.3.0")
    room.site.run("4.3.0")
    wait_down(room, "oms_console")


def test_a_jar_killed_in_the_middle_leaves_a_half_changed_schema(room_340: Room) -> None:
    room, rm = room_340, room_340.site.names.rm
    room.site.set_faults("4.3.1", jar_hang=True, jar_seconds=0)
    container = start_for_upgrade(room)
    room.site.docker("exec", "-d", container, JAVA, "-jar", JAR, *UPGRADE, "-ltrue")

    def half_way() -> bool:
        if not room.sql(rm, "SHOW TABLES LIKE 'oms_correction_step'"):
            return False
        return room.sql(rm, "SELECT COUNT(*) > 10 FROM oms_correction_step") == ((1,),)

    wait_for(half_way, "half of the jar", 20)
    room.site.docker("kill", container)
    room.site.write_config("3.4.0")
    room.site.run("3.4.0")
    wait_down(room, "oms_console")
    room.site.docker("rm", "-f", "oms_340")
    room.site.set_faults("4.3.1")
    room.site.write_config("4.3.1")
    room.site.docker("start", container)
    wait_for(
        lambda: programs_are(room, "RUNNING", "oms_drc_cm", "oms_drc_supervisor"),
        "CM and Supervisor",
        30,
    )
    assert run_script(room, container).returncode == 1
    run_jar(room, container)
    assert "jar run twice" in room.kinds_of_traces()
    assert run_script(room, container).returncode == 1


def test_the_jar_ends_with_three_in_the_middle(room_340: Room) -> None:
    room = room_340
    room.site.set_faults("4.3.1", jar_exit=3, jar_stop_after=2)
    container = start_for_upgrade(room)
    assert run_jar(room, container).returncode == 3
    steps = room.sql(room.site.names.rm, "SELECT COUNT(*) FROM oms_correction_step")
    assert steps == ((2,),)
