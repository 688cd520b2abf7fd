"""A world: one folder, one lock, and the servers in it."""

from __future__ import annotations

import fcntl
import functools
import os
import signal
import tempfile
import threading
from pathlib import Path
from types import FrameType, TracebackType
from typing import TypeVar

from . import cleanup
from .apiserver import ApiServer
from .certificates import Authority
from .docker import Docker
from .mariadb import MariaDB
from .network import Network
from .oceanbase import OceanBase
from .process import log
from .server import Server

SomeServer = TypeVar("SomeServer", bound=Server)


class World:
    """Servers that come when asked for, and are all gone when the `with` block ends.

    Whatever becomes of this program, the next world (or tests/bed/clean) removes
    what a dead one left behind. With `keep` the servers outlive the program, and
    only `tests/bed/clean FOLDER` removes them.
    """

    def __init__(self, *, keep: bool = False) -> None:
        self.keeps = keep
        self.servers: dict[str, Server] = {}
        self._network: Network | None = None
        self._starting = threading.Lock()

    def __enter__(self) -> World:
        cleanup.clean_dead_worlds()
        _die_orderly()
        with cleanup.registry():
            self.folder = Path(tempfile.mkdtemp(prefix=cleanup.PREFIX, dir=cleanup.parent_folder()))
            self._lock = os.open(self.folder / cleanup.LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            if self.keeps:
                (self.folder / cleanup.KEEP).touch()
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.keeps:
            log(f"kept {self.folder}; tests/bed/clean {self.folder} removes it")
        else:
            cleanup.destroy(self.folder)
        os.close(self._lock)

    @functools.cached_property
    def docker_authority(self) -> Authority:
        """Signs for every Docker host of this world, and for who may reach them."""
        return Authority(self.folder / "docker-authority", "docker bed")

    def docker(self, name: str = "docker", *, namespace: bool = True, tls: bool = False) -> Docker:
        """A Docker host; in a network namespace with an address of its own unless told otherwise."""
        with self._starting:
            server = Docker(self, name, namespace=namespace, tls=tls)
        return self._start(server)

    def oceanbase(self, name: str = "oceanbase") -> OceanBase:
        return self._start(OceanBase(self, name))

    def mariadb(self, name: str = "mariadb") -> MariaDB:
        return self._start(MariaDB(self, name))

    def apiserver(self, name: str = "apiserver") -> ApiServer:
        return self._start(ApiServer(self, name))

    @property
    def network(self) -> Network:
        """The bridge that the Docker hosts hang on."""
        if self._network is None:
            self._network = Network(self.folder)
        return self._network

    @property
    def gateway(self) -> str:
        """The address at which this machine's servers are reached from the Docker hosts, and from here."""
        return self.network.gateway

    def _start(self, server: SomeServer) -> SomeServer:
        server.start()
        self.servers[server.name] = server
        return server


def _die_orderly() -> None:
    """Let SIGTERM and SIGHUP leave through the `with` block, as ^C does."""

    def leave(number: int, frame: FrameType | None) -> None:
        # The next one must not interrupt the removal that this one begins.
        for other in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(other, signal.SIG_IGN)
        raise SystemExit(128 + number)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, leave)
