"""Watches the resources of an API server and notes when each got its first status."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import threading
import time

from .figures import BenchError

from bed.apiserver import ApiServer  # noqa: E402

PATH = "/apis/oms.oceanbase.com/v1alpha1/namespaces/default/omsupgrades"

# Objects come with sorted keys, on one line each. Parsing them whole would cost more than the
# operator under test spends on them.
_NAME = re.compile(rb'"name":"(bench-[a-z0-9-]+)"')
_VERSION = re.compile(rb'"resourceVersion":"(\d+)"')


class Connection:
    """One connection of the administrator that is kept open."""

    def __init__(self, server: ApiServer) -> None:
        user = json.loads(server.kubeconfig.read_text())
        keys = server.folder / "keys"
        context = ssl.create_default_context(cafile=str(keys / "ca.pem"))
        context.load_cert_chain(keys / "admin.pem", keys / "admin-key.pem")
        address = user["clusters"][0]["cluster"]["server"].removeprefix("https://")
        host, _, port = address.partition(":")
        self._http = http.client.HTTPSConnection(host, int(port), timeout=120, context=context)
        self._http.connect()
        self._http.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def open(self, method: str, path: str, body: bytes | None = None) -> http.client.HTTPResponse:
        self._http.request(method, path, body, {"Content-Type": "application/json"})
        return self._http.getresponse()

    def request(self, method: str, path: str, body: bytes | None = None) -> bytes:
        answer = self.open(method, path, body)
        text = answer.read()
        if answer.status >= 300:
            raise BenchError(f"{method} {path}: {answer.status} {text[:500]!r}")
        return text

    def close(self) -> None:
        self._http.close()


class FirstStatuses:
    """Name to the moment at which a status came, as the watch brings them."""

    def __init__(self, server: ApiServer) -> None:
        self.at: dict[str, float] = {}
        self._changed = threading.Condition()
        self._failure: str | None = None
        self._closing = False
        self._connection = Connection(server)
        listed = self._connection.request("GET", f"{PATH}?limit=1")
        version = _VERSION.findall(listed)[-1].decode()  # the list's own comes after those of its items
        self._answer = self._connection.open("GET", f"{PATH}?watch=1&resourceVersion={version}")
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> FirstStatuses:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        if self._connection._http.sock is not None:
            self._connection._http.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)

    def wait(self, count: int, seconds: float) -> None:
        """Until so many have a status."""
        with self._changed:
            done = self._changed.wait_for(lambda: self._failure or len(self.at) >= count, seconds)
        if self._failure or not done:
            raise BenchError(self._failure or f"{len(self.at)} of {count} had a status after {seconds:.0f} s")

    def wait_for(self, name: str, seconds: float) -> float:
        with self._changed:
            done = self._changed.wait_for(lambda: self._failure or name in self.at, seconds)
            if self._failure or not done:
                raise BenchError(self._failure or f"{name} had no status after {seconds:.0f} s")
            return self.at[name]

    def _read(self) -> None:
        try:
            while line := self._answer.readline():
                self._take(line, time.monotonic())
            failure = "the watch has ended"
        except (OSError, ValueError, http.client.HTTPException) as error:
            failure = f"the watch failed: {error}"
        if not self._closing:
            with self._changed:
                self._failure = failure
                self._changed.notify_all()

    def _take(self, line: bytes, now: float) -> None:
        # In a status, and nowhere else: managedFields spell it "f:observedGeneration".
        if b'"observedGeneration":' not in line:
            return
        found = _NAME.search(line)
        if found is None:
            return
        name = found[1].decode()
        if name in self.at:
            return
        with self._changed:
            self.at[name] = now
            self._changed.notify_all()
