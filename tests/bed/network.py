"""The network of a world: a bridge, and a network namespace with an address per node."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import cleanup
from .process import BedError

# 10.231.N.0/24, N from 1 to 254: one world each.
SUBNET = "10.231"
BRIDGE_FILTER = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")


@dataclass(frozen=True)
class Node:
    """A network namespace; `name` as in `ip netns`."""

    name: str
    address: str


class Network:
    def __init__(self, folder: Path) -> None:
        self._nodes: dict[str, Node] = {}
        self.bridge = bridge_of(folder)
        # Nobody else may look for a free subnet before this one is seen to be taken.
        with cleanup.registry():
            self._subnet = _free_subnet()
            self.gateway = f"{self._subnet}.1"
            ip("link", "add", self.bridge, "type", "bridge")
            ip("addr", "add", f"{self.gateway}/24", "dev", self.bridge)
        ip("link", "set", self.bridge, "up")
        if _bridged_traffic_is_filtered():
            # Another Docker on this machine may have set the FORWARD policy to DROP.
            subprocess.run(forward_rule("-I", self.bridge), check=True)

    def node(self, name: str) -> Node:
        if name in self._nodes:
            return self._nodes[name]
        index = len(self._nodes) + 2
        node = Node(f"{self.bridge}-{name}", f"{self._subnet}.{index}")
        outside = f"{self.bridge}.{index}"
        ip("netns", "add", node.name)
        ip("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", node.name)
        ip("link", "set", outside, "master", self.bridge, "up")
        inside = namespace_entry(node.name)
        ip("addr", "add", f"{node.address}/24", "dev", "eth0", inside=inside)
        ip("link", "set", "eth0", "up", inside=inside)
        ip("link", "set", "lo", "up", inside=inside)
        ip("route", "add", "default", "via", self.gateway, inside=inside)
        self._nodes[name] = node
        return node

    def plug(self, name: str, *, plugged: bool) -> None:
        """Pull that node's cable, or put it back: nothing reaches it, and it reaches nothing."""
        index = list(self._nodes).index(name) + 2
        ip("link", "set", f"{self.bridge}.{index}", "up" if plugged else "down")


def bridge_of(folder: Path) -> str:
    """The name says whose it is: whoever removes a world can meet no other world's bridge.

    Twelve characters, of the fifteen that an interface may have.
    """
    return "omsb" + folder.name.removeprefix(cleanup.PREFIX)


def remove(folder: Path) -> None:
    """Remove a world's bridge and everything that hangs on it, in whatever state it is."""
    bridge = bridge_of(folder)
    for namespace in Path("/run/netns").glob(f"{bridge}-*"):
        ip("netns", "del", namespace.name)
    if Path(f"/sys/class/net/{bridge}").exists():
        if _bridged_traffic_is_filtered():
            subprocess.run(forward_rule("-D", bridge), check=False, capture_output=True)
        ip("link", "del", bridge)


def namespace_entry(name: str) -> list[str]:
    """What to put before a command to run it in a network namespace, and only in that.

    `ip netns exec` and `ip -n` would also mount a fresh /sys, in which dockerd finds no
    control groups.
    """
    return ["/usr/bin/nsenter", f"--net=/run/netns/{name}", "--"]


def ip(*arguments: str, inside: Sequence[str] = ()) -> str:
    done = subprocess.run([*inside, "/usr/sbin/ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BedError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def forward_rule(action: str, bridge: str) -> list[str]:
    return ["/usr/sbin/iptables", "-w", action, "FORWARD", "-i", bridge, "-o", bridge, "-j", "ACCEPT"]


def _bridged_traffic_is_filtered() -> bool:
    return BRIDGE_FILTER.exists() and BRIDGE_FILTER.read_text().strip() == "1"


def _free_subnet() -> str:
    taken = {
        address["local"].rpartition(".")[0]
        for link in json.loads(ip("-j", "-4", "addr"))
        for address in link.get("addr_info", [])
    }
    taken |= {str(route.get("dst", "")).rpartition(".")[0] for route in json.loads(ip("-j", "-4", "route"))}
    for number in range(1, 255):
        if f"{SUBNET}.{number}" not in taken:
            return f"{SUBNET}.{number}"
    raise BedError(f"{SUBNET}.1.0 to {SUBNET}.254.0 are all in use; tests/bed/clean frees those of dead worlds")
