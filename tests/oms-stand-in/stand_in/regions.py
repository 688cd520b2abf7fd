"""A region of an OMS: its place, its nodes, and its own heartbeat database."""

from __future__ import annotations

from dataclasses import dataclass

from .metadb import Names


@dataclass(frozen=True)
class Region:
    name: str
    name_cn: str
    # cm_location, which no two regions share.
    location: int
    nodes: tuple[str, ...]
    # rm and cm are those of all regions.
    names: Names
    is_default: bool = True

    @property
    def cm_url(self) -> str:
        return f"http://{self.nodes[0]}:8088"


def the_only(host_ip: str, names: Names, location: int) -> Region:
    return Region("cn-hangzhou", "杭州", location, (host_ip,), names)


_PLACES = (("cn-hangzhou", "杭州", 2), ("cn-beijing", "北京", 5), ("cn-shanghai", "上海", 1))


def regions(hosts: list[list[str]], names: Names) -> tuple[Region, ...]:
    """One for each list of addresses; the first is the default one."""
    return tuple(
        Region(
            *place,
            tuple(nodes),
            Names(names.rm, names.cm, f"{names.hb}_{place[0].removeprefix('cn-')}"),
            is_default=number == 0,
        )
        for number, (place, nodes) in enumerate(zip(_PLACES, hosts))
    )


def databases(found: tuple[Region, ...]) -> dict[str, str]:
    """Each part to its database; a region's heartbeats are `hb-` and its name."""
    names = found[0].names
    return {
        "rm": names.rm,
        "cm": names.cm,
        **{f"hb-{region.name.removeprefix('cn-')}": region.names.hb for region in found},
    }
