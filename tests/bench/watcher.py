"""Watches the resources of an API server and notes when each got its first status."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import ssl
import threading
import time

from .figures import BenchError, say

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

    def open(self, method: str, path: str, body: bytes | None, kind: str) -> http.client.HTTPResponse:
        try:
            self._http.request(method, path, body, {"Content-Type": kind})
            return self._http.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise BenchError(f"{method} {path}: {error!r}") from error

    def request(self, method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> bytes:
        answer = self.open(method, path, body, kind)
        text = answer.read()
        if answer.status >= 300:
            raise BenchError(f"{method} {path}: {answer.status} {text[:500]!r}")
        return text

    def listen(self, path: str) -> http.client.HTTPResponse:
        """A watch, on which nothing may happen for as long as the server likes."""
        answer = self.open("GET", path, None, "application/json")
        if answer.status != 200:
            raise BenchError(f"GET {path}: {answer.status} {answer.read(500)!r}")
        self._http.sock.settimeout(None)
        return answer

    def hang_up(self) -> None:
        """Ends a watch that another thread reads."""
        if self._http.sock is not None:
            with contextlib.suppress(OSError):  # the server was quicker
                self._http.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._http.close()


class FirstStatuses:
    """Name to the moment at which it came, and at which its first status and its second did, as a watch brings them."""

    def __init__(self, server: ApiServer) -> None:
        self.created: dict[str, float] = {}
        self.at: dict[str, float] = {}
        self.second: dict[str, float] = {}
        self._changed = threading.Condition()
        self._failure: str | None = None
        self._closing = False
        self._connection = Connection(server)
        listed = self._connection.request("GET", f"{PATH}?limit=1")
        version = _VERSION.findall(listed)[-1].decode()  # the list's own comes after those of its items
        self._answer = self._connection.listen(f"{PATH}?watch=1&resourceVersion={version}")
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> FirstStatuses:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        self._connection.hang_up()
        self._thread.join(10)

    def wait(self, count: int, limit: float, silence: float = 60) -> None:
        """Until so many have a status. BenchError after `limit` seconds, or when none comes for `silence`."""
        now = time.monotonic()
        end, had, since, told = now + limit, 0, now, now
        with self._changed:
            while self._failure is None and len(self.at) < count:
                self._changed.wait(1)
                now = time.monotonic()
                if len(self.at) > had:
                    had, since = len(self.at), now
                if now > end or now > since + silence:
                    raise BenchError(
                        f"{had} of {count} had a first status after {now - end + limit:.0f} s, none came in the last {now - since:.0f} s"
                    )
                if now > told + 10:
                    told = now
                    say(f"{had} of {count} have a status")
            self._must_watch()

    def wait_for(self, moments: dict[str, float], name: str, what: str, limit: float = 30) -> float:
        """`moments` is one of the three above."""
        with self._changed:
            done = self._changed.wait_for(lambda: self._failure or name in moments, limit)
            self._must_watch()
            if not done:
                raise BenchError(f"{name} had no {what} after {limit:.0f} s")
            return moments[name]

    def _must_watch(self) -> None:
        if self._failure is not None:
            raise BenchError(f"{self._failure}, with {len(self.at)} statuses seen")

    def _read(self) -> None:
        try:
            while line := self._answer.readline():
                self._take(line, time.monotonic())
            failure = "the bench's watch has ended"
        except (OSError, ValueError, http.client.HTTPException) as error:
            failure = f"the bench's watch failed: {error}"
        if not self._closing:
            with self._changed:
                self._failure = failure
                self._changed.notify_all()

    def _take(self, line: bytes, now: float) -> None:
        if line.startswith(b'{"type":"ERROR"'):
            raise ValueError(line[:500].decode(errors="replace"))
        found = _NAME.search(line)
        if found is None or line.startswith(b'{"type":"DELETED"'):
            return
        name = found[1].decode()
        # In a status, and nowhere else: managedFields spell it "f:observedGeneration".
        if b'"observedGeneration":' not in line:
            moments = self.created
        else:
            moments = self.second if name in self.at else self.at
        if name in moments:
            return
        with self._changed:
            moments[name] = now
            self._changed.notify_all()
