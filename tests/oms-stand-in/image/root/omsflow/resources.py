"""What add_resource does: this host becomes one of the region's machines.

The upgrade jar leaves every host without a resource group (0): its model is a new one. add_resource
gives one to all of the region's hosts.
"""

from __future__ import annotations

import pymysql

from . import config, corrected, gate, identity, metadb, traces
from .versions import Version


def add(settings: config.Config) -> None:
    ip = identity.host_ip()
    if not any(config.same_address(ip, node) for node in settings.nodes):
        # It stays out of the resource group, and so is never ONLINE.
        print(f"{ip} is not among cm_nodes", flush=True)
        return
    with metadb.connect(settings.cm, settings.databases.cm) as cm:
        group = _group_of(settings, cm)
        for host in without_group(settings, cm):
            metadb.rows(cm, "UPDATE host SET resource_group_id=%s WHERE ip=%s", group, host)
        metadb.rows(
            cm,
            "INSERT IGNORE INTO host (ip, host_status, resource_group_id) VALUES (%s, %s, %s)",
            *(ip, "OFFLINE", group),
        )


def _group_of(settings: config.Config, cm: pymysql.Connection) -> object:
    """The resource group of this region, whose name gets a suffix in an upgrade."""
    found = metadb.value(
        cm,
        "SELECT MIN(id) FROM resource_group WHERE name=%s OR name LIKE %s",
        *(settings.region, f"{settings.region}/%"),
    )
    return metadb.value(cm, "SELECT MIN(id) FROM resource_group") if found is None else found


def without_group(settings: config.Config, cm: pymysql.Connection) -> list[str]:
    """The hosts of this region that the jar has left without a resource group."""
    hosts = [str(ip) for (ip,) in metadb.rows(cm, "SELECT ip FROM host WHERE resource_group_id=0")]
    return [
        host
        for host in hosts
        if any(config.same_address(host, node) for node in settings.nodes)
    ]


def require_metadata(settings: config.Config, version: Version) -> None:
    """add_resource on the metadata of an OMS below 4.0.1 wants the jar to have been there."""
    if not version.has_version_row:
        return
    with metadb.connect(settings.rm, settings.databases.rm) as rm:
        try:
            if corrected.source_of(rm, version) is None and gate.newest_version(rm) is None:
                traces.leave(settings.cm, "metadata before the jar", "the jar was not run")
                raise gate.Refused("the MetaDB is of an OMS below 4.0.1: the jar was not run")
        except corrected.NotCorrected as error:
            if error.unfinished:
                traces.leave(settings.cm, "metadata before the jar", str(error))
            raise gate.Refused(str(error)) from error
