"""The bed holds what it promises: servers that answer, and nothing left behind.

Method: real servers in real worlds. What is left of a world is asked of the
kernel (processes, mounts, control groups, interfaces), not of the bed.
"""

from __future__ import annotations

import contextlib
import io
import os
import select
import signal
import socket
import ssl
import subprocess
import tarfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pymysql
import pytest

from bed import BedError, World, cache, cleanup
from bed.docker import Docker
from bed.mariadb import MariaDB
from bed.network import bridge_of
from bed.oceanbase import OceanBase
from bed.process import listens

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.fixture(scope="module")
def docker(world: World) -> Docker:
    server = world.docker(tls=True)
    server.cli("import", "-", "tiny:1", stdin=tiny_image())
    return server


@pytest.fixture(scope="module")
def oceanbase(world: World) -> OceanBase:
    return world.oceanbase()


@pytest.fixture(scope="module")
def mariadb(world: World) -> MariaDB:
    return world.mariadb()


def tiny_image() -> bytes:
    """This machine's bash and sleep, with the libraries they need."""
    wanted = {"/bin/bash", "/bin/sleep"}
    for program in sorted(wanted):
        said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        wanted |= {word for word in said.split() if word.startswith("/")}
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", dereference=True) as archive:
        for path in sorted(wanted):
            archive.add(path)
    return content.getvalue()


def in_container(docker: Docker, script: str, *options: str) -> str:
    return docker.cli("run", "--rm", "--net", "host", *options, "tiny:1", "bash", "-c", script)


def test_a_container_gets_what_oms_asks_for(docker: Docker) -> None:
    limits = in_container(docker, "ulimit -u", "--privileged", "--ulimit", "nproc=655360", "--pids-limit", "-1")
    assert limits.isdigit() or limits == "unlimited"


def test_a_container_is_ended_by_its_own_exit_code(docker: Docker) -> None:
    with pytest.raises(BedError, match="ended with 3"):
        in_container(docker, "exit 3")


def test_a_docker_host_reaches_metadb_and_the_other_hosts(world: World, docker: Docker, oceanbase: OceanBase) -> None:
    other = world.docker("other", tls=True)
    assert other.address != docker.address
    for host, port in ((world.gateway, oceanbase.port), (other.address, other.tls_port)):
        assert in_container(docker, f"exec 3<>/dev/tcp/{host}/{port} && echo reached") == "reached"


def test_two_docker_hosts_know_nothing_of_each_other(world: World, docker: Docker) -> None:
    stranger = world.docker("stranger", namespace=False)
    assert stranger.address == "127.0.0.1"
    assert docker.cli("image", "ls", "-q") != ""
    assert stranger.cli("image", "ls", "-q") == ""


def test_an_unplugged_docker_host_is_reached_by_nobody_and_reaches_nobody(
    world: World, docker: Docker, oceanbase: OceanBase
) -> None:
    reach = f"exec 3<>/dev/tcp/{world.gateway}/{oceanbase.port} && echo reached"
    with docker.unplugged():
        with pytest.raises(OSError), socket.create_connection((docker.address, docker.tls_port), timeout=2):
            pass
        with pytest.raises(BedError):
            in_container(docker, f"{reach} & sleep 2; kill $! && exit 1")
    socket.create_connection((docker.address, docker.tls_port), timeout=30).close()
    assert in_container(docker, reach) == "reached"


def test_docker_over_tcp_wants_a_certificate_of_its_authority(docker: Docker) -> None:
    assert docker.tls_folder is not None
    trusting = ssl.create_default_context(cafile=str(docker.tls_folder / "ca.pem"))
    url = f"https://{docker.address}:{docker.tls_port}/_ping"
    with pytest.raises(OSError):
        urllib.request.urlopen(url, context=trusting, timeout=5).read()
    trusting.load_cert_chain(docker.tls_folder / "cert.pem", docker.tls_folder / "key.pem")
    assert urllib.request.urlopen(url, context=trusting, timeout=5).read() == b"OK"


def test_a_killed_docker_comes_back_with_its_containers(docker: Docker) -> None:
    # bash leaves on SIGTERM at once; without that, the new daemon gives it ten seconds.
    waits = "trap 'exit 7' TERM; sleep infinity & wait"
    docker.cli("run", "-d", "--name", "survivor", "tiny:1", "bash", "-c", waits)
    docker.kill()
    docker.start()
    assert docker.cli("inspect", "-f", "{{.State.Running}}", "survivor") == "false"
    docker.cli("start", "survivor")
    docker.restart()
    assert docker.cli("inspect", "-f", "{{.State.ExitCode}}", "survivor") == "7"


def test_the_metadb_is_an_oceanbase(oceanbase: OceanBase) -> None:
    with oceanbase.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        assert "OceanBase" in cursor.fetchone()[0]


def test_the_other_metadb_is_a_mariadb(mariadb: MariaDB) -> None:
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        assert "MariaDB" in cursor.fetchone()[0]


@pytest.mark.parametrize("kind", ["oceanbase", "mariadb"])
@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_database_keeps_its_rows_however_it_ends(kind: str, end: str, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue(kind)
    database = f"survives_{end}"
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {database}")
        cursor.execute(f"CREATE TABLE {database}.t (n INT PRIMARY KEY)")
        cursor.execute(f"INSERT INTO {database}.t VALUES (1), (2)")
    getattr(server, end)()
    with pytest.raises(pymysql.Error):
        server.connect()
    server.start()
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT n FROM t ORDER BY n")
        assert cursor.fetchall() == ((1,), (2,))


@pytest.mark.parametrize("kind", ["oceanbase", "mariadb"])
def test_a_user_needs_the_password(kind: str, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue(kind)
    server.create_user("meta", "right")
    address = {"host": server.host, "port": server.port, "user": "meta"}
    pymysql.connect(**address, password="right").close()
    with pytest.raises(pymysql.OperationalError):
        pymysql.connect(**address, password="wrong")


def test_a_paused_server_is_silent_until_it_is_resumed(oceanbase: OceanBase) -> None:
    with oceanbase.connect(timeout=1) as connection:
        oceanbase.pause()
        with pytest.raises(pymysql.Error):
            connection.query("SELECT 1")
        oceanbase.resume()
    oceanbase.connect().close()


def test_the_api_server_serves_its_administrator_and_nobody_else(world: World) -> None:
    server = world.apiserver()
    assert server.kubectl("create", "namespace", "oms") == "namespace/oms created"
    server.restart()
    assert "oms" in server.kubectl("get", "namespaces", "-o", "name")

    context = ssl.create_default_context(cafile=str(server.folder / "keys/ca.pem"))
    url = f"https://{server.host}:{server.port}/api/v1/namespaces"
    by_token = urllib.request.Request(url, headers={"Authorization": f"Bearer {server.token}"})
    assert urllib.request.urlopen(by_token, context=context, timeout=10).status == 200
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url, context=context, timeout=10)


def test_a_port_counts_only_when_the_very_process_listens_on_it(oceanbase: OceanBase) -> None:
    assert listens(oceanbase.pid, oceanbase.port)
    assert not listens(os.getpid(), oceanbase.port)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert listens(os.getpid(), listener.getsockname()[1])


def test_run_tells_the_command_where_the_servers_are_and_passes_its_exit_code_on() -> None:
    script = 'test -S "${OMS_TEST_DOCKER#unix://}" && test -d "$OMS_TEST_DIR" && exit 42'
    done = subprocess.run([HERE / "run", "--docker", "--", "sh", "-c", script], check=False)
    assert done.returncode == 42


@contextlib.contextmanager
def running_world(*, keep: bool = False) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A runner in another process, with a container in it, about to be treated badly."""
    script = (
        "import sys; from bed import World; world = World(keep=KEEP).__enter__(); d = world.docker(tls=True);"
        "world.mariadb(); d.cli('import', '-', 'tiny:1', stdin=sys.stdin.buffer.read());"
        "d.cli('run', '-d', '--net', 'host', 'tiny:1', 'sleep', 'infinity');"
        "print(world.folder, flush=True); sys.stdout.close(); import signal; signal.pause()"
    ).replace("KEEP", str(keep))
    runner = subprocess.Popen(
        ["/usr/bin/python3", "-c", script],
        cwd=HERE.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert runner.stdin and runner.stdout
        runner.stdin.write(tiny_image())
        runner.stdin.close()
        yield runner, Path(runner.stdout.readline().decode().strip())
    finally:
        runner.kill()
        runner.wait()


def container_of(folder: Path) -> int:
    docker = ["/usr/bin/docker", "-H", f"unix://{folder}/docker/docker.sock"]
    name = subprocess.run([*docker, "ps", "-q"], capture_output=True, text=True, check=True).stdout.strip()
    inspect = [*docker, "inspect", "-f", "{{.State.Pid}}", name]
    return int(subprocess.run(inspect, capture_output=True, text=True, check=True).stdout)


def traces(folder: Path, bridge: str) -> dict[str, list[str]]:
    """All that this machine still knows of a world."""
    mounted = Path("/proc/self/mountinfo").read_text().splitlines()
    commands = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            commands.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return {
        "processes": [command for command in commands if str(folder) in command],
        "mounts": [line for line in mounted if str(folder) in line],
        "groups": [str(group) for group in Path("/sys/fs/cgroup").rglob(folder.name)],
        "interfaces": [name for name in os.listdir("/sys/class/net") if bridge in name],
        "namespaces": [str(path) for path in Path("/run/netns").glob(f"{bridge}*")],
        "files": [str(path) for path in folder.parent.glob(folder.name + "*")],
    }


def test_a_world_whose_program_is_killed_is_removed_by_the_next() -> None:
    with running_world() as (runner, folder):
        bridge = bridge_of(folder)
        mariadb = os.pidfd_open(int((folder / "mariadb/pid").read_text()))
        container = os.pidfd_open(container_of(folder))
        assert all(traces(folder, bridge).values()), "the world is really there"

        runner.send_signal(signal.SIGKILL)
        runner.wait()
        ended, _, _ = select.select([mariadb], [], [], 10)
        assert ended, "a server ends with the program that started it"

        with World():
            assert traces(folder, bridge) == dict.fromkeys(traces(folder, bridge), [])
            assert select.select([container], [], [], 0)[0], "the container has ended"
        os.close(mariadb)
        os.close(container)


def test_a_terminated_program_leaves_nothing() -> None:
    script = "from bed import World\nwith World() as w: w.docker(); print(w.folder, flush=True); import signal; signal.pause()"
    with subprocess.Popen(
        ["/usr/bin/python3", "-c", script], cwd=HERE.parent, stdout=subprocess.PIPE, text=True
    ) as runner:
        assert runner.stdout
        folder = Path(runner.stdout.readline().strip())
        bridge = bridge_of(folder)
        runner.send_signal(signal.SIGTERM)
        assert runner.wait() == 128 + signal.SIGTERM
        assert traces(folder, bridge) == dict.fromkeys(traces(folder, bridge), [])


def test_a_kept_world_outlives_its_program_until_it_is_named() -> None:
    with running_world(keep=True) as (runner, folder):
        bridge = bridge_of(folder)
        runner.kill()
        runner.wait()
        cleanup.clean_dead_worlds()
        assert container_of(folder) > 0

        subprocess.run([HERE / "clean", folder], check=True)
        assert traces(folder, bridge) == dict.fromkeys(traces(folder, bridge), [])


def test_cleaning_leaves_living_worlds_alone(docker: Docker) -> None:
    subprocess.run([HERE / "clean"], check=True)
    assert docker.cli("version", "-f", "{{.Server.Version}}")


def test_clean_refuses_a_folder_that_is_no_world(tmp_path: Path) -> None:
    done = subprocess.run([HERE / "clean", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "is not the folder of a world" in done.stderr
    assert tmp_path.exists()


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "oms-operator"


def test_a_broken_build_leaves_nothing_that_looks_whole(own_cache: Path) -> None:
    def breaks(folder: Path) -> None:
        (folder / "half").touch()
        raise BedError("out of luck")

    with pytest.raises(BedError):
        cache.made("thing", breaks)
    assert not (own_cache / "thing").exists()

    made = cache.made("thing", lambda folder: (folder / "whole").touch())
    assert [path.name for path in made.iterdir()] == ["whole"]


def test_two_builders_build_once(own_cache: Path) -> None:
    script = (
        "from bed import cache; import sys\n"
        "def make(folder): (folder / 'x').touch(); print('made', flush=True)\n"
        "cache.made('thing', make)"
    )
    start: Callable[[], subprocess.Popen[str]] = lambda: subprocess.Popen(
        ["/usr/bin/python3", "-c", script], cwd=HERE.parent, stdout=subprocess.PIPE, text=True
    )
    said = [builder.communicate()[0] for builder in [start() for _ in range(4)]]
    assert sorted(said) == ["", "", "", "made\n"]


def test_need_is_silent_when_nothing_is_missing_and_knows_its_groups() -> None:
    need = HERE.parent.parent / "scripts/need"
    done = subprocess.run([need, "bed"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = subprocess.run([need, "no-such-group"], capture_output=True, text=True, check=False)
    assert done.returncode == 64
    assert "usage" in done.stderr
