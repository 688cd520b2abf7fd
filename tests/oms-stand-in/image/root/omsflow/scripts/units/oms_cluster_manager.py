"""python -m omsflow.scripts.units.oms_cluster_manager add_resource"""

from __future__ import annotations

import argparse
import sys

import pymysql

from ... import config, gate, identity, resources


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["add_resource"])
    parser.parse_args()
    try:
        settings = config.load(identity.version())
        resources.require_metadata(settings, identity.version())
        resources.add(settings)
    except (config.BadConfig, gate.Refused, pymysql.Error) as error:
        sys.exit(f"ERROR {error}, nothing was done")


if __name__ == "__main__":
    main()
