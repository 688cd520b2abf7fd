"""What add_resource does: this host becomes one of the region's machines."""

from __future__ import annotations

from . import config, identity, metadb


def add(settings: config.Config) -> None:
    ip = identity.host_ip()
    if not any(config.same_address(ip, node) for node in settings.nodes):
        # It stays out of the resource group, and so is never ONLINE.
        print(f"{ip} is not among cm_nodes", flush=True)
        return
    with metadb.connect(settings.cm, settings.databases.cm) as cm:
        group = metadb.value(cm, "SELECT MIN(id) FROM resource_group")
        metadb.rows(
            cm,
            "INSERT IGNORE INTO host (ip, host_status, resource_group_id) VALUES (%s, %s, %s)",
            *(ip, "OFFLINE", group),
        )
