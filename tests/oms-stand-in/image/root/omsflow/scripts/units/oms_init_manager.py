"""python -m omsflow.scripts.units.oms_init_manager --init-config-file"""

from __future__ import annotations

import argparse

from ... import config, identity


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--init-config-file", action="store_true", required=True)
    parser.parse_args()
    settings = config.load(identity.version())
    config.write_connection_files(settings, lost=settings.poisoned)


if __name__ == "__main__":
    main()
