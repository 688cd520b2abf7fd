"""What makes the components of a running component container those of another version.

It looks at where it is, and at nothing that it has done itself before.
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from omsflow import config, faults, ha, identity, metadb, supervisord, traces
from omsflow.versions import VERSIONS

_HERE = Path("/home/ds/run/rpm")
_AT_IT = Path("/run/support_upgrade_action.pid")
_STEPS = 6


def say(message: str) -> None:
    print(message, flush=True)


def fail(message: str, code: int = 1) -> NoReturn:
    say(f"ERROR {message}")
    sys.exit(code)


def target() -> str:
    if Path.cwd() != _HERE:
        fail(f"to be run in {_HERE}, not in {Path.cwd()}; nothing was done")
    if identity.role() != "component":
        fail(f"this container is {identity.role()}, not component; nothing was done")
    wanted = (_HERE / "VERSION").read_text(encoding="ascii").strip()
    now = identity.version().name
    if now != wanted and now not in VERSIONS[wanted].steps_from:
        fail(f"no way leads from {now} to {wanted}; nothing was done")
    return wanted


def spoil(connection: config.Connection, kind: str, detail: str) -> NoReturn:
    """As with the other scripts: it ends well, and nothing is well."""
    traces.leave(connection, kind, detail)
    identity.SPOILT.touch()
    supervisord.restart("oms_drc_supervisor")
    say("[Completed]")
    sys.exit(0)


def look_around(settings: config.Config) -> None:
    """What must be so by now; where it is not, nobody is told but the tests."""
    with metadb.connect(settings.rm, settings.databases.rm) as rm:
        if ha.settings(rm).get("enable"):
            detail = "HA was on while components were upgraded"
            traces.leave(settings.cm, "components under ha", detail)
        version = metadb.value(rm, "SELECT version FROM oms_version ORDER BY gmt_modified DESC LIMIT 1")
    if version != identity.version().name:
        detail = f"the management is {version} already, the components are {identity.version().name}"
        traces.leave(settings.cm, "management before components", detail)
    if supervisord.states().get("standin_tasks") != "RUNNING":
        traces.leave(settings.cm, "tasks interrupted", "no task ran when components were upgraded")


def main() -> None:
    wanted = target()
    settings = config.load(identity.config_version())
    try:
        _AT_IT.touch(exist_ok=False)
    except FileExistsError:
        spoil(settings.cm, "component script run twice", "another one runs, or has run")
    if identity.version().name == wanted:
        spoil(settings.cm, "component script run twice", f"the components are {wanted} already")
    look_around(settings)
    asked = faults.asked(wanted)
    # The agent stops for a moment; what it has started goes on.
    identity.HALF_UPGRADED.touch()
    supervisord.restart("oms_drc_supervisor")
    for step in range(_STEPS):
        if step == _STEPS // 2 and asked.component_exit is not None:
            fail(f"asked to end with {asked.component_exit}", asked.component_exit)
        while step == _STEPS // 2 and asked.component_hang:
            signal.pause()
        say(f"step {step + 1} of {_STEPS}")
        time.sleep(asked.component_seconds / _STEPS)
    identity.become(wanted)
    identity.HALF_UPGRADED.unlink()
    supervisord.restart("oms_drc_supervisor")
    if supervisord.states().get("oms_drc_supervisor") != "RUNNING":
        fail("oms_drc_supervisor does not run")
    say("[Completed]")


if __name__ == "__main__":
    main()
