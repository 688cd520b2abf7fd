"""python -m omsflow.scripts.units.oms_cluster_config --check /home/admin/conf/config.yaml"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ... import config, identity


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", type=Path, required=True)
    try:
        config.load(identity.version(), parser.parse_args().check)
    except config.BadConfig as error:
        sys.exit(f"ERROR {error}")


if __name__ == "__main__":
    main()
