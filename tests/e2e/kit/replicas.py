"""Two operators of one Lease, each a real process that can be stopped, cut off and killed."""

from __future__ import annotations

import json
import selectors
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .in_cluster import start_operator
from .operator import LIMIT_SECONDS

from bed.apiserver import ApiServer

# Long enough for a leader on a busy machine to renew in time, short enough for a test to wait for.
TIMES = [
    "--leader-election-lease-duration=6s",
    "--leader-election-renew-deadline=4s",
    "--leader-election-retry-period=500ms",
]


def until(condition: Callable[[], bool], what: str, *, pause: float = 0.02) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} never came")
        threading.Event().wait(pause)


class Proxy:
    """A way to a server on this machine that can go silent, as a network does: nothing is refused."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._frozen = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._selector.register(self._listener, selectors.EVENT_READ, None)
        threading.Thread(target=self._serve, daemon=True).start()

    def freeze(self) -> None:
        self._frozen.set()

    def _serve(self) -> None:
        while not self._frozen.is_set():
            for key, _ in self._selector.select(0.05):
                if self._frozen.is_set():
                    return
                if key.data is None:
                    self._connect()
                else:
                    self._pass_on(key.fileobj, key.data)  # type: ignore[arg-type]

    def _connect(self) -> None:
        ours, _ = self._listener.accept()
        theirs = socket.create_connection(("127.0.0.1", self._server_port))
        self._selector.register(ours, selectors.EVENT_READ, theirs)
        self._selector.register(theirs, selectors.EVENT_READ, ours)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            piece = source.recv(65536)
            sink.sendall(piece)
        except OSError:
            piece = b""
        if piece:
            return
        for one in (source, sink):
            self._selector.unregister(one)
            one.close()


@dataclass
class Replica:
    """`oms-operator run --leader-elect`."""

    process: subprocess.Popen[bytes]
    log_path: Path

    def stop_in_its_tracks(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def end(self, number: signal.Signals | None = None) -> int:
        """Its exit code, after that signal or by itself."""
        if number is not None:
            self.process.send_signal(number)
        return self.process.wait(timeout=LIMIT_SECONDS)

    def said(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log_path.read_text().splitlines() if line.startswith("{")]


@dataclass
class Replicas:
    server: ApiServer
    folder: Path
    backups: Path
    lease: str
    _all: list[Replica] = field(default_factory=list, init=False)

    def start(self, kubeconfig: Path | None = None, *, selector: str = "") -> Replica:
        """With a selector it is no replica of the others: it has a Lease of its own."""
        log = self.folder / f"operator-{len(self._all)}.log"
        lease = f"{self.lease}-{selector.replace('=', '-')}" if selector else self.lease
        words = ["--leader-elect", "--lease-namespace=default", f"--lease-name={lease}", *TIMES]
        words += [f"--selector={selector}"] if selector else []
        words += ["--health-address=none", "--log-format=json"]
        process = start_operator(self.server, log, self.backups, *words, kubeconfig=kubeconfig)
        replica = Replica(process, log)
        self._all.append(replica)
        return replica

    def holder(self) -> str:
        path = f"/apis/coordination.k8s.io/v1/namespaces/default/leases/{self.lease}"
        code, body = self.server.request("GET", path)
        return str(json.loads(body)["spec"].get("holderIdentity", "")) if code == 200 else ""

    def until_led(self, *, other_than: str = "") -> str:
        until(lambda: self.holder() not in ("", other_than), "another leader")
        return self.holder()

    def proxied(self) -> tuple[Proxy, Path]:
        """A way to the API server of its own, and a kubeconfig that goes by it."""
        proxy = Proxy(self.server.port)
        config = json.loads(self.server.kubeconfig.read_text())
        config["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{proxy.port}"
        path = self.folder / "proxied.kubeconfig"
        path.touch(mode=0o600)
        path.write_text(json.dumps(config))
        return proxy, path

    def clear(self) -> None:
        for replica in self._all:
            replica.process.kill()
            replica.process.wait()
        self.server.kubectl("delete", "leases", "--all", "-n", "default")
