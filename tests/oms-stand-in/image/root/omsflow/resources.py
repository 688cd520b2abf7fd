"""What add_resource does: this host becomes one of the region's machines.

The upgrade jar leaves every host without a resource group (0): its model is a new one. add_resource
gives one to all of the region's hosts.
"""

from __future__ import annotations

import pymysql

from . import config, corrected, gate, identity, metadb
from .versions import Version


def add(settings: config.Config) -> None:
    ip = identity.host_ip()
    if not any(config.same_address(ip, node) for node in settings.nodes):
        # It stays out of the resource group, and so is never ONLINE.
        print(f"{ip} is not among cm_nodes", flush=True)
        return
    with metadb.connect(settings.cm, settings.databases.cm) as cm:
        group = metadb.value(cm, "SELECT MIN(id) FROM resource_group")
        for host in without_group(settings, cm):
            metadb.rows(cm, "UPDATE host SET resource_group_id=%s WHERE ip=%s", group, host)
        metadb.rows(
            cm,
            "INSERT IGNORE INTO host (ip, host_status, resource_group_id) VALUES (%s, %s, %s)",
            *(ip, "OFFLINE", group),
        )


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
                raise gate.Refused("the MetaDB is of an OMS below 4.0.1: the jar was not run")
        except corrected.NotCorrected as error:
            raise gate.Refused(str(error)) from error
