"""A Docker host: a dockerd with folders, a socket and, if asked, a network of its own."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .network import namespace_entry
from .process import BedError, answers_well, free_port, kill_and_wait
from .server import Server

if TYPE_CHECKING:
    from .world import World

RUNTIME = Path(__file__).parent / "runc-bounded"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("docker", timeout=5)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class Docker(Server):
    """`endpoint` is how to reach the daemon, `address` where `--net host` containers listen."""

    def __init__(self, world: World, name: str, *, namespace: bool, tls: bool) -> None:
        super().__init__(world, name)
        self.socket = self.folder / "docker.sock"
        self.endpoint = f"unix://{self.socket}"
        self.namespace = world.network.node(name) if namespace else None
        self.address = self.namespace.address if self.namespace else "127.0.0.1"
        self.tls_endpoint: str | None = None
        self.tls_folder: Path | None = None
        if tls:
            self._prepare_tls()

    def _prepare_tls(self) -> None:
        # One authority for all hosts of a world, as a site has: one client certificate opens them all.
        authority = self.world.docker_authority
        names = [self.address, "127.0.0.1"]
        server, client = f"{self.name}-server", f"{self.name}-client"
        authority.issue(server, common_name="dockerd", addresses=names, into=self.folder / "tls-server")
        # What a client needs, under the names that Docker's own clients look for.
        self.tls_folder = self.folder / "tls-client"
        authority.issue(client, common_name="operator", into=self.tls_folder)
        self.tls_port = 2376 if self.namespace else free_port()
        self.tls_endpoint = f"tcp://{self.address}:{self.tls_port}"

    def command(self) -> list[str | Path]:
        enter = namespace_entry(self.namespace.name) if self.namespace else []
        tls: list[str | Path] = []
        if self.tls_endpoint is not None:
            keys = self.folder / "tls-server"
            tls = ["-H", self.tls_endpoint, "--tlsverify", f"--tlscacert={keys}/ca.pem"]
            tls += [f"--tlscert={keys}/cert.pem", f"--tlskey={keys}/key.pem"]
        return [
            *enter,
            _program("/usr/sbin/dockerd", "/usr/bin/dockerd"),
            *("--data-root", self.folder / "data"),
            *("--exec-root", self.folder / "exec"),
            *("--pidfile", self.folder / "docker.pid"),
            *("--config-file", self._empty_configuration()),
            *("-H", self.endpoint),
            *tls,
            *("--add-runtime", f"bounded={RUNTIME}", "--default-runtime", "bounded"),
            *("--exec-opt", "native.cgroupdriver=cgroupfs"),
            # A parent of our own: what is in it is ours to kill and to remove.
            *("--cgroup-parent", f"/{self.world.folder.name}"),
            # OMS runs with --net host; anything else would change the machine's own firewall.
            *("--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"),
        ]

    def _empty_configuration(self) -> Path:
        # Without it, dockerd would read the machine's own /etc/docker/daemon.json.
        path = self.folder / "daemon.json"
        path.write_text("{}\n")
        return path

    def ready(self) -> bool:
        return answers_well(_UnixConnection(self.socket), "/_ping")

    def kill(self) -> None:
        """End the daemon as a crash would; its containers run on until it is started again."""
        super().kill()
        # It dies with dockerd, but a little later, and where nobody reaps it, it
        # still looks alive to the next dockerd, which would wait for it in vain.
        containerd = self.folder / "exec/containerd/containerd.pid"
        if containerd.exists():
            kill_and_wait({int(containerd.read_text())})
            containerd.unlink()

    @contextlib.contextmanager
    def unplugged(self) -> Iterator[None]:
        """Without its network for a while; its unix socket and its containers stay."""
        self.world.network.plug(self.name, plugged=False)
        try:
            yield
        finally:
            self.world.network.plug(self.name, plugged=True)

    def cli(self, *arguments: str | Path, stdin: bytes | None = None) -> str:
        """Run Docker's own client against this host; what it prints, without the last newline."""
        done = subprocess.run(
            [_program("/usr/bin/docker"), "-H", self.endpoint, *map(str, arguments)],
            input=stdin if stdin is not None else b"",
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip()
            raise BedError(f"docker {arguments[0]} on {self.name} ended with {done.returncode}: {said}")
        return done.stdout.decode().rstrip("\n")

    def __str__(self) -> str:
        return ", ".join(filter(None, [self.endpoint, self.tls_endpoint, f"address {self.address}"]))


def _program(*paths: str) -> str:
    for path in paths:
        if os.access(path, os.X_OK):
            return path
    raise BedError(f"no {paths[0]} on this machine: run scripts/need bed")
