"""Which OMS this is: its version, its container's life, its host."""

from __future__ import annotations

import os
import socket
import uuid
from pathlib import Path

from .versions import VERSIONS, Version

_INSTANCE = Path("/run/oms-instance")
# A non-empty one says that this container's docker_upgrade.sh (or docker_init.sh) succeeded.
INIT_FLAG = Path("/root/init_flag.txt")
# Made at a container's first start and kept from then on.
CONSOLE_INI = Path("/etc/supervisor/conf.d/oms_console.ini")


# What support_upgrade_action.sh leaves in a component container.
_VERSION = Path("/root/omsflow/VERSION")
_CONFIG_VERSION = Path("/root/omsflow/CONFIG_VERSION")
# While it works: from half of the files no program runs.
HALF_UPGRADED = Path("/root/omsflow/HALF_UPGRADED")
# Upgraded once too often.
SPOILT = Path("/root/omsflow/SPOILT")


def version() -> Version:
    return VERSIONS[_VERSION.read_text(encoding="ascii").strip()]


def config_version() -> Version:
    """Whose keys config.yaml has. Of a container that was upgraded inside: those it was started with,
    until it is started again."""
    if _CONFIG_VERSION.exists():
        return VERSIONS[_CONFIG_VERSION.read_text(encoding="ascii").strip()]
    return version()


def become(name: str) -> None:
    """Be another version from now on, in a container that goes on running."""
    _CONFIG_VERSION.write_text(version().name, encoding="ascii")
    _VERSION.write_text(f"{name}\n", encoding="ascii")


def started_again() -> bool:
    """Whether this container was upgraded inside in an earlier life; that life's config is over."""
    upgraded = _CONFIG_VERSION.exists()
    _CONFIG_VERSION.unlink(missing_ok=True)
    return upgraded


def role() -> str:
    """all, management or component: of the container, by its environment."""
    found = os.environ.get("STANDIN_ROLE", "all")
    if found not in ("all", "management", "component"):
        raise ValueError(f"STANDIN_ROLE is {found!r}, not all, management or component")
    return found


def part() -> str:
    """The role, as others on the same MetaDB see it."""
    return "upgraded component" if _CONFIG_VERSION.exists() else role()


def programs() -> tuple[str, ...]:
    if role() == "component":
        return ("oms_drc_supervisor", "sshd", "standin_tasks")
    return version().programs


def new_instance() -> None:
    _INSTANCE.write_text(uuid.uuid4().hex, encoding="ascii")


def instance() -> str:
    """The same for all programs from one start of the container to its end."""
    return _INSTANCE.read_text(encoding="ascii")


def host_ip() -> str:
    return os.environ.get("OMS_HOST_IP", "")


def host_ip_is_ours() -> bool:
    """Whether OMS_HOST_IP is an address of this host: one can bind only to such."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host_ip(), 0)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.bind(address)
        return True
    except OSError:
        return False


def upgrade_is_due() -> bool:
    """Started for an upgrade whose script has not yet succeeded in this container, and which nobody
    has called done by hand, as is right on a node for which the script has run elsewhere."""
    done = INIT_FLAG.exists() and INIT_FLAG.stat().st_size > 0
    done = done or _console_starts_by_itself()
    asked = os.environ.get("IS_UPGRADE") == "true" and version().knows_is_upgrade
    return asked and not done


def _console_starts_by_itself() -> bool:
    if not CONSOLE_INI.exists():
        return False
    return "autostart = true" in CONSOLE_INI.read_text(encoding="utf-8")
