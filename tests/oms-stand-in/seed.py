#!/usr/bin/python3
"""Make the three databases of an OMS on a MetaDB. The password is read from OMS_META_PASSWORD."""

from __future__ import annotations

import argparse
import os

from stand_in.metadb import MetaDb, Names
from stand_in.seed import VERSIONS, Seed, seed


def main() -> None:
    default = Seed()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--user", default="root")
    parser.add_argument("--version", choices=sorted(VERSIONS), default=default.version)
    parser.add_argument("--host-ip", default=default.host_ip, help="address of the OMS host")
    parser.add_argument("--rm", help="its name; rm_430 and so on, by the version")
    parser.add_argument("--cm")
    parser.add_argument("--hb")
    parser.add_argument("--location", type=int, default=default.location, help="cm_location")
    parser.add_argument("--duplicate-names", action="store_true", help="below 4.0.1 only")
    parser.add_argument("--black-region-no", help="below 4.0.1 only")
    parser.add_argument("--megabytes", type=int, default=0, help="make it so large")
    parser.add_argument("--projects", type=int, default=default.project_count)
    parser.add_argument("--ha", choices=["on", "off"], default="on")
    parser.add_argument("--plain", action="store_true", help="nothing that stock clients cannot dump")
    arguments = parser.parse_args()
    names = Names.of(arguments.version)
    seed(
        MetaDb(
            arguments.host,
            arguments.port,
            arguments.user,
            os.environ.get("OMS_META_PASSWORD", ""),
        ),
        Seed(
            version=arguments.version,
            host_ip=arguments.host_ip,
            names=Names(
                arguments.rm or names.rm, arguments.cm or names.cm, arguments.hb or names.hb
            ),
            location=arguments.location,
            duplicate_names=arguments.duplicate_names,
            black_region_no=arguments.black_region_no,
            ha_enabled=arguments.ha == "on",
            project_count=arguments.projects,
            awkward_tables=not arguments.plain,
            megabytes=arguments.megabytes,
        ),
    )


if __name__ == "__main__":
    main()
