"""sshd, as far as anybody looks at it: it listens and greets."""

from __future__ import annotations

import socketserver

from .. import config, identity
from .serve import leave_on_sigterm


class Greeting(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.sendall(b"SSH-2.0-OpenSSH_8.0\r\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def main() -> None:
    leave_on_sigterm()
    port = config.load(identity.config_version()).ports["sshd_server_port"]
    Server(("", port), Greeting).serve_forever()


if __name__ == "__main__":
    main()
