"""Goal: the Community Edition of the stand-in is as strict as its sisters, and neither runs on what is
the other's; an OMS that an old OAT deployed reads the joint keys, and nothing else.

Method: as in test_stand_in.py, with the commands of the Community Edition's own documents.
"""

from __future__ import annotations

import subprocess

from by_hand import ALL_RUNNING, SWAP, boot, exit_code, programs_are, run_script, set_ha, wait_down
from conftest import Room
from stand_in.compare import contents
from stand_in.site import wait_for

CE, CE_NEXT = "4.2.5-CE", "4.2.11-CE"
INIT = ("bash", "/root/docker_init.sh")
ENDS = "[Completed] All initialization steps are executed"


def start_for_upgrade(room: Room) -> str:
    set_ha(room, enable=False)
    container = room.site.run(CE_NEXT, upgrade=True)
    wait_for(
        lambda: programs_are(room, "RUNNING", "oms_drc_cm", "oms_drc_supervisor"),
        "CM and Supervisor",
        30,
    )
    return container


def init(room: Room, container: str) -> subprocess.CompletedProcess[str]:
    return room.site.docker("exec", container, *INIT, check=False)


def test_425_is_upgraded_by_docker_init_and_never_runs_on_the_result(community_room: Room) -> None:
    room = community_room
    old = boot(room, CE)
    assert old == "oms_425"
    wait_for(lambda: room.site.programs() == ALL_RUNNING, "all programs", 10)
    set_ha(room, enable=False)
    room.site.docker("stop", old)
    for statement in SWAP:
        room.sql(room.site.names.hb, statement)
    new = start_for_upgrade(room)
    assert new == "oms_4211"
    assert room.site.docker("exec", new, "test", "-e", "/root/docker_upgrade.sh", check=False).returncode
    done = init(room, new)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == ENDS
    assert room.site.docker("exec", new, "cat", "/root/init_flag.txt").stdout.strip()
    room.site.wait_healthy(new)
    room.site.wait_online()
    versions = room.sql(room.site.names.rm, "SELECT version FROM oms_version ORDER BY gmt_modified")
    assert versions == ((CE,), (CE_NEXT,))
    assert room.traces() == []

    room.site.docker("stop", new)
    again = room.site.run(CE, container="again")
    assert exit_code(room, again) == 1
    assert f"cannot run on the MetaDB of OMS {CE_NEXT}" in room.site.logs(again)


def test_without_a_version_row_425_runs_and_docker_init_refuses(community_room: Room) -> None:
    room = community_room
    room.seed(version_table=False)
    old = boot(room, CE)
    set_ha(room, enable=False)
    room.site.docker("stop", old)
    new = start_for_upgrade(room)
    before = contents(room.site.metadb, room.site.names)
    done = init(room, new)
    # The exit code does not say so.
    assert done.returncode == 0
    assert "Version before 4.1.1 is not allowed to upgrade" in done.stdout
    assert ENDS not in done.stdout
    assert contents(room.site.metadb, room.site.names) == before
    room.sql(
        room.site.names.rm,
        "CREATE TABLE IF NOT EXISTS `oms_version` (`version` varchar(64) NOT NULL COMMENT 'version', "
        "`gmt_modified` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (`version`)) "
        "DEFAULT CHARSET = utf8mb4 COMMENT = 'version table'",
    )
    room.sql(room.site.names.rm, f"REPLACE INTO `oms_version`(`version`) VALUES('{CE}')")
    assert init(room, new).stdout.splitlines()[-1] == ENDS
    room.site.wait_healthy(new)
    assert room.traces() == []


def test_a_second_docker_init_does_damage(community_room: Room) -> None:
    room = community_room
    new = start_for_upgrade(room)
    assert init(room, new).returncode == 0
    room.site.wait_healthy(new)
    init(room, new)
    wait_down(room, "oms_console")
    assert room.kinds_of_traces() == {"script run twice"}


def test_docker_init_refuses_before_cm_and_supervisor_run(community_room: Room) -> None:
    room = community_room
    new = start_for_upgrade(room)
    room.site.docker("exec", new, "supervisorctl", "stop", "oms_drc_cm")
    before = contents(room.site.metadb, room.site.names)
    done = init(room, new)
    assert done.returncode == 1 and "nothing was done" in done.stdout
    assert contents(room.site.metadb, room.site.names) == before


def test_an_enterprise_version_refuses_what_is_the_community_editions(community_room: Room) -> None:
    room = community_room
    set_ha(room, enable=False)
    room.site.write_config("4.3.1")
    container = room.site.run("4.3.1", upgrade=True)
    assert exit_code(room, container) == 1
    assert f"cannot run on the MetaDB of OMS {CE}" in room.site.logs(container)


def test_its_schema_alone_tells_the_community_edition(community_room: Room) -> None:
    room = community_room
    room.sql(room.site.names.rm, "UPDATE oms_version SET version = '4.3.0'")
    room.site.run("4.3.0")
    wait_down(room, "oms_console", "oms_drc_cm", "oms_drc_supervisor")


def test_the_community_edition_refuses_what_is_the_enterprise_editions(
    room: Room, community_room: Room
) -> None:
    set_ha(room, enable=False)
    container = room.site.run(CE_NEXT, upgrade=True)
    assert exit_code(room, container) == 1
    assert "cannot run on the MetaDB of OMS 4.3.0" in room.site.logs(container)


# Deployed by an OAT below 4.3.2.


def start_431(room: Room) -> str:
    container = room.site.run("4.3.1", upgrade=True)
    wait_for(
        lambda: programs_are(room, "RUNNING", "oms_drc_cm", "oms_drc_supervisor"),
        "CM and Supervisor",
        30,
    )
    return container


def test_an_oms_of_an_old_oat_reads_the_joint_keys(room: Room) -> None:
    set_ha(room, enable=False)
    (room.site.run_folder / ".oat_version").write_text("4.3.1\n")
    container = start_431(room)
    assert run_script(room, container).returncode == 0
    room.site.wait_healthy(container)
    assert room.traces() == []


def test_an_oms_of_an_old_oat_refuses_the_split_keys(room: Room) -> None:
    (room.site.run_folder / ".oat_version").write_text("4.3.1\n")
    room.site.write_config("4.3.1")
    container = room.site.run("4.3.1", upgrade=True)
    assert exit_code(room, container) == 1
    assert "oms_meta_password is missing" in room.site.logs(container)


def test_an_oms_of_a_new_oat_reads_the_split_keys(room: Room) -> None:
    (room.site.run_folder / ".oat_version").write_text("4.3.2\n")
    container = room.site.run("4.3.1", upgrade=True)
    assert exit_code(room, container) == 1
    room.site.docker("rm", container)
    room.site.write_config("4.3.1")
    set_ha(room, enable=False)
    start_431(room)
