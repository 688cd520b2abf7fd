"""python -m omsflow.scripts.units.oms_cluster_manager add_resource"""

from __future__ import annotations

import argparse

from ... import config, identity, resources


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["add_resource"])
    parser.parse_args()
    resources.add(config.load(identity.version()))


if __name__ == "__main__":
    main()
