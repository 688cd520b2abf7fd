"""Talking to the container's supervisord."""

from __future__ import annotations

import subprocess
import time
from xmlrpc.client import ServerProxy

from supervisor.xmlrpc import SupervisorTransport

_SOCKET = "unix:///var/run/supervisor.sock"


def states() -> dict[str, str]:
    """Program to state; nothing while supervisord does not answer."""
    try:
        return {str(one["name"]): str(one["statename"]) for one in _proxy().getAllProcessInfo()}
    except OSError:
        return {}


def restart(*names: str) -> None:
    """Stop what runs of these, start all, wait until none is STARTING; failures are not told."""
    now = states()
    for name in names:
        if now.get(name) in ("RUNNING", "STARTING"):
            _proxy().stopProcess(name)
    for name in names:
        _proxy().startProcess(name, False)
    while any(states().get(name) == "STARTING" for name in names):
        time.sleep(0.05)


def status() -> str:
    done = subprocess.run(["supervisorctl", "status"], capture_output=True, text=True, check=False)
    return done.stdout.rstrip("\n")


def _proxy() -> ServerProxy:
    transport = SupervisorTransport(None, None, serverurl=_SOCKET)
    return ServerProxy("http://127.0.0.1", transport=transport).supervisor  # type: ignore[return-value]
