"""What the Python programs share: HTTP that answers JSON, and a loop beside it."""

from __future__ import annotations

import json
import signal
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NoReturn


class JsonHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """The access log is nginx's."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def server_bind(self) -> None:
        # Not the parent's, which asks name servers for a name that nobody needs.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "oms", self.server_address[1]


def every_second(work: Callable[[], None], what: str) -> None:
    """Do it now and once a second for ever; an error is logged, not the end."""

    def loop() -> None:
        while True:
            begin = time.monotonic()
            try:
                work()
            except Exception as error:  # noqa: BLE001  (a daemon logs and goes on)
                log(f"{what}: {error}")
            time.sleep(max(0.0, 1 - (time.monotonic() - begin)))

    threading.Thread(target=loop, name=what, daemon=True).start()


def log(message: str) -> None:
    print(time.strftime("%Y-%m-%d %H:%M:%S"), message, flush=True)


def leave_on_sigterm() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def refuse(message: str) -> NoReturn:
    """Leave with the one code after which supervisord does not start the program again, even
    when the refusal took longer than its startsecs."""
    log(f"refused to start: {message}")
    sys.exit(78)
