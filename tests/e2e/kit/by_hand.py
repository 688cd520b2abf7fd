"""The procedure's steps as a person takes them, with Docker's and MariaDB's own clients; and what a world looks like
to somebody who wants to know whether it was touched."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from typing import Any

from .premises import NEW, Premises

from stand_in import images
from stand_in.compare import contents
from stand_in.site import wait_for

JAR = ("/opt/alibaba/java/bin/java", "-jar", "correction-1.0-SNAPSHOT-jar-with-dependencies.jar")
JAR += ("-mupgrade", "-y/home/admin/conf/config.yaml", "-ltrue")
ADD_RESOURCE = ("python", "-m", "omsflow.scripts.units.oms_cluster_manager", "add_resource")
SCRIPT = ("sh", "/root/docker_upgrade.sh")

IMAGE = "{{.Repository}}:{{.Tag}} {{.ID}}"

SWAP = (
    "CREATE TABLE IF NOT EXISTS `heatbeat_sequence_bak` (`id` bigint(20) NOT NULL AUTO_INCREMENT COMMENT 'PK', "
    "`gmt_created` datetime NOT NULL, `gmt_modified` datetime NOT NULL, PRIMARY KEY (`id`)) DEFAULT CHARSET=utf8 "
    "COMMENT='Heartbeat sequence table'",
    "INSERT INTO heatbeat_sequence_bak SELECT `id`,`gmt_created`,`gmt_modified` FROM heatbeat_sequence "
    "ORDER BY `id` DESC LIMIT 1",
    "ALTER TABLE `heatbeat_sequence` RENAME TO `heatbeat_sequence_bak2`",
    "ALTER TABLE `heatbeat_sequence_bak` RENAME TO `heatbeat_sequence`",
    "DROP TABLE heatbeat_sequence_bak2",
)


@dataclass(frozen=True)
class World:
    """Every table there is, config.yaml, and every container with the times of its life."""

    databases: list[str]
    tables: dict[str, str]
    config: bytes
    beside_config: list[str]
    containers: dict[str, Any]
    images: list[str]


class Person:
    """Somebody who carries the procedure out by hand, on the OMS of these premises."""

    def __init__(self, premises: Premises) -> None:
        self.premises = premises
        self.site = premises.site
        self.dumps = premises.folder / "dumps"

    def disable_ha(self) -> None:
        rm = self.site.names.rm
        value = re.sub(r'("enable":\s*)true', r"\1false", self.premises.ha())
        self.premises.sql(rm, f"UPDATE oms_normal_config SET cfg_value = '{value}' WHERE cfg_name = 'ha.config'")

    def stop(self, container: str) -> None:
        self.site.docker("stop", "-t", "60", container)

    def swap(self, statements: int) -> None:
        for statement in SWAP[:statements]:
            self.premises.sql(self.site.names.hb, statement)

    def dump(self) -> None:
        self.dumps.mkdir()
        for name in self.site.names.all():
            said = self._client("mariadb-dump", "--triggers=false", "--single-transaction", name)
            # Its first line is an instruction to its own client only.
            (self.dumps / f"{name}.sql").write_bytes(said.partition(b"\n")[2])
        (self.dumps / "config.yaml").write_bytes(self.site.config_path.read_bytes())

    def migrate_config(self) -> None:
        """Each of the four old keys becomes two."""
        text = self.site.config_path.read_text()
        text = re.sub(r"(?m)^(['\"]?)oms_meta_(.*)$", r"\1oms_rm_meta_\2\n\1oms_cm_meta_\2", text)
        self.site.config_path.write_text(text)

    def put_config_back(self) -> None:
        self.site.config_path.write_bytes((self.dumps / "config.yaml").read_bytes())

    def make_new(self, name: str = NEW) -> None:
        """`docker create` where the procedure has `docker run`."""
        mounts = [f"{one['Source']}:{one['Destination']}" for one in self.premises.inspect(self.premises.old)["Mounts"]]
        words = ["create", "-it", "--net", "host", *(word for one in mounts for word in ("-v", one))]
        words += ["-e", f"OMS_HOST_IP={self.site.host_ip}", "-e", "IS_UPGRADE=true", "--privileged=true"]
        words += ["--pids-limit", "-1", "--ulimit", "nproc=65535:65535", "--name", name]
        self.site.docker(*words, images.reference("4.3.1"))

    def wait_for_cm(self) -> None:
        wait_for(lambda: self.site.runs("oms_drc_cm", "oms_drc_supervisor"), "CM and Supervisor", 120)

    def inside(self, *words: str) -> int:
        return self.site.docker("exec", "-w", "/root", NEW, *words, check=False).returncode

    def drop(self, *names: str) -> None:
        self._each("DROP DATABASE", names)

    def create(self, *names: str) -> None:
        self._each("CREATE DATABASE", names, " DEFAULT CHARACTER SET utf8mb4")

    def restore(self, *names: str, until: bytes = b"") -> None:
        """`until`: as far as that, which is a load that was broken off."""
        for name in names or self.site.names.all():
            whole = (self.dumps / f"{name}.sql").read_bytes()
            self._client("mariadb", f"-D{name}", stdin=whole.partition(until)[0] if until else whole)

    def world(self) -> World:
        site = self.site
        parts = vars(site.names)
        with site.metadb.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SHOW DATABASES")
            there = {row[0] for row in cursor.fetchall()}
            cursor.execute("SELECT table_schema, table_name FROM information_schema.views")
            views = {f"{part}.{view}" for schema, view in cursor.fetchall() for part, one in parts.items() if one == schema}
        found = {part: name for part, name in parts.items() if name in there}
        names = self.premises.docker.cli("ps", "-a", "--format", "{{.Names}}").split()
        told = {name: self.premises.inspect(name) for name in sorted(names)}
        runs = any(one["State"]["Running"] for one in told.values())
        tables = contents(site.metadb, found, volatile=not runs)
        return World(
            databases=sorted(found),
            # What runs writes by itself, and views show it; where nothing does, nothing at all may change.
            tables={name: digest for name, digest in tables.items() if not runs or name not in views},
            config=site.config_path.read_bytes(),
            beside_config=sorted(path.name for path in site.folder.iterdir()),
            containers={
                name: (one["Id"], one["State"], one["HostConfig"]["RestartPolicy"]) for name, one in told.items()
            },
            images=sorted(self.premises.docker.cli("images", "--no-trunc", "--format", IMAGE).splitlines()),
        )

    def _each(self, verb: str, names: tuple[str, ...], more: str = "") -> None:
        with self.site.metadb.connect() as connection, connection.cursor() as cursor:
            for name in names or self.site.names.all():
                cursor.execute(f"{verb} `{name}`{more}")

    def _client(self, program: str, *words: str, stdin: bytes = b"") -> bytes:
        metadb = self.site.metadb
        return subprocess.run(
            [program, f"-h{metadb.host}", f"-P{metadb.port}", f"-u{metadb.user}", *words],
            env={**os.environ, "MYSQL_PWD": metadb.password},
            input=stdin,
            capture_output=True,
            check=True,
        ).stdout
