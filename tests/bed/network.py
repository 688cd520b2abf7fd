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
INTERFACE = "omsbed"
BRIDGE_FILTER = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")


@dataclass(frozen=True)
class Node:
    """A network namespace; `name` as in `ip netns`."""

    name: str
    address: str


class Network:
    def __init__(self, folder: Path, number: int) -> None:
        self._folder = folder
        self._number = number
        self._nodes: dict[str, Node] = {}
        self.bridge = f"{INTERFACE}{number}"
        self.gateway = f"{SUBNET}.{number}.1"

    @classmethod
    def create(cls, folder: Path) -> Network:
        with cleanup.registry():
            network = cls(folder, _free_number())
            # Written first: whoever cleans up knows the name even if we die right after.
            (folder / cleanup.NETWORK).write_text(network.bridge + "\n")
            ip("link", "add", network.bridge, "type", "bridge")
        ip("addr", "add", f"{network.gateway}/24", "dev", network.bridge)
        ip("link", "set", network.bridge, "up")
        if _bridged_traffic_is_filtered():
            # Another Docker on this machine may have set the FORWARD policy to DROP.
            subprocess.run(forward_rule("-I", network.bridge), check=True)
        return network

    def node(self, name: str) -> Node:
        if name in self._nodes:
            return self._nodes[name]
        index = len(self._nodes) + 2
        node = Node(f"{self.bridge}-{name}", f"{SUBNET}.{self._number}.{index}")
        outside = f"omsv{self._number}-{index}"
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


def remove(bridge: str) -> None:
    """Remove a bridge and everything that hangs on it, in whatever state it is."""
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


def _free_number() -> int:
    links = {link["ifname"] for link in json.loads(ip("-j", "link"))}
    routes = [str(route.get("dst", "")) for route in json.loads(ip("-j", "route", "show", "table", "all"))]
    for number in range(1, 255):
        taken = any(route.startswith(f"{SUBNET}.{number}.") for route in routes)
        if f"{INTERFACE}{number}" not in links and not taken:
            return number
    raise BedError(f"all of {SUBNET}.1.0 to {SUBNET}.254.0 are in use; tests/bed/clean frees those of dead worlds")
