"""The procedure's own commands, carried out as a person would, for the tests of the stand-in."""

from __future__ import annotations

import http.client
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from conftest import Room
from stand_in.site import Site, SiteError, wait_for

ALL_RUNNING = dict.fromkeys(
    ("nginx", "oms_console", "oms_drc_cm", "oms_drc_supervisor", "sshd"), "RUNNING"
)
SCRIPT = ("sh", "/root/docker_upgrade.sh")
JAVA = "/opt/alibaba/java/bin/java"
JAR = "correction-1.0-SNAPSHOT-jar-with-dependencies.jar"
UPGRADE = ("-mupgrade", "-y/home/admin/conf/config.yaml")
ADD_RESOURCE = ("python", "-m", "omsflow.scripts.units.oms_cluster_manager", "add_resource")

Done = subprocess.CompletedProcess[str]


def boot(room: Room, version: str = "4.3.0", **options: object) -> str:
    container = room.site.run(version, **options)  # type: ignore[arg-type]
    room.site.wait_healthy(container)
    room.site.wait_online()
    return container


def start_for_upgrade(room: Room, *, write_config: bool = True, ha: bool = False) -> str:
    """A 4.3.1 at the point where the procedure says to run docker_upgrade.sh."""
    set_ha(room, enable=ha)
    if write_config:
        room.site.write_config("4.3.1")
    container = room.site.run("4.3.1", upgrade=True)
    wait_for(
        lambda: programs_are(room, "RUNNING", "oms_drc_cm", "oms_drc_supervisor"),
        "CM and Supervisor",
        30,
    )
    return container


def programs_are(room: Room, state: str, *names: str) -> bool:
    programs = room.site.programs()
    return all(programs.get(name) == state for name in names)


def exec_in(room: Room, container: str, *words: str) -> Done:
    return room.site.docker("exec", container, *words, check=False)


def run_script(room: Room, container: str) -> Done:
    return exec_in(room, container, *SCRIPT)


def run_jar(room: Room, container: str, last: str = "-ltrue") -> Done:
    return exec_in(room, container, JAVA, "-jar", JAR, *UPGRADE, last)


def add_resource(room: Room, container: str) -> Done:
    return exec_in(room, container, *ADD_RESOURCE)


def let_console_start(room: Room, container: str) -> None:
    """What the documentation wants on a node for which the script has run elsewhere."""
    ini = "/etc/supervisor/conf.d/oms_console.ini"
    room.site.docker("exec", container, "sed", "-i", "s/autostart = false/autostart = true/g", ini)
    exec_in(room, container, "supervisorctl", "start", "oms_console")


def wait_down(room: Room, *names: str) -> None:
    """Until these have given up for good: FATAL, or EXITED when that took over a second."""

    def down() -> bool:
        programs = room.site.programs()
        return all(programs.get(name) in ("FATAL", "EXITED") for name in names)

    try:
        wait_for(down, f"{names} to give up", 90)
    except SiteError as error:
        raise SiteError(f"{error}: {room.site.programs()}") from error


def exit_code(room: Room, container: str) -> int:
    return int(room.site.docker("wait", container).stdout)


def get(site: Site, port: int, path: str = "/") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(site.host_ip, port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


SWAP = (
    "CREATE TABLE IF NOT EXISTS `heatbeat_sequence_bak` (`id` bigint(20) NOT NULL AUTO_INCREMENT "
    "COMMENT 'PK', `gmt_created` datetime NOT NULL, `gmt_modified` datetime NOT NULL, "
    "PRIMARY KEY (`id`)) DEFAULT CHARSET=utf8 COMMENT='Heartbeat sequence table'",
    "INSERT INTO heatbeat_sequence_bak SELECT `id`,`gmt_created`,`gmt_modified` "
    "FROM heatbeat_sequence ORDER BY `id` DESC LIMIT 1",
    "ALTER TABLE `heatbeat_sequence` RENAME TO `heatbeat_sequence_bak2`",
    "ALTER TABLE `heatbeat_sequence_bak` RENAME TO `heatbeat_sequence`",
    "DROP TABLE heatbeat_sequence_bak2",
)


def set_ha(room: Room, enable: bool) -> None:
    old, new = ("false", "true") if enable else ("true", "false")
    room.sql(
        room.site.names.rm,
        f"""UPDATE oms_normal_config SET cfg_value = REPLACE(cfg_value, '"enable": {old}', """
        f"""'"enable": {new}') WHERE cfg_name = 'ha.config'""",
    )


def client(room: Room, program: str, *words: str, stdin: Path | None = None) -> bytes:
    metadb = room.site.metadb
    with (stdin or Path(os.devnull)).open("rb") as file:
        return subprocess.run(
            [program, f"-h{metadb.host}", f"-P{metadb.port}", f"-u{metadb.user}", *words],
            env={**os.environ, "MYSQL_PWD": metadb.password},
            stdin=file,
            capture_output=True,
            check=True,
        ).stdout


def dump(room: Room, folder: Path, names: Iterable[str] = ()) -> None:
    for name in names or room.site.names.all():
        said = client(room, "mariadb-dump", "--triggers=false", "--single-transaction", name)
        # Its first line is an instruction to its own client only.
        (folder / f"{name}.sql").write_bytes(said.partition(b"\n")[2])


def restore(room: Room, folder: Path, names: Iterable[str] = ()) -> None:
    for name in names or room.site.names.all():
        with room.site.metadb.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE `{name}`")
            cursor.execute(f"CREATE DATABASE `{name}` DEFAULT CHARACTER SET utf8mb4")
        client(room, "mariadb", f"-D{name}", stdin=folder / f"{name}.sql")


def components(room: Room, project: str) -> dict[str, str]:
    said = room.site.api("DescribeProjectComponents", {"id": project})["data"]
    lists = said.items()  # type: ignore[attr-defined]
    return {name: one["status"] for name, found in lists for one in found}
