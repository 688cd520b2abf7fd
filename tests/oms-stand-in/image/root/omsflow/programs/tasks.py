"""Store and Incr-Sync of a component container, as far as anybody looks at them: that they go on.

Each life of theirs is a row beside the traces, so that a test can count them.
"""

from __future__ import annotations

import signal
import uuid

from .. import config, identity, metadb, traces
from .serve import every_second, leave_on_sigterm


def main() -> None:
    leave_on_sigterm()
    # Read once: what becomes of the files meanwhile does not touch what runs.
    settings = config.load(identity.config_version())
    life, site, host = uuid.uuid4().hex, traces.site_of(settings.databases), identity.host_ip()

    def beat() -> None:
        with metadb.connect(settings.cm, traces.DATABASE) as db:
            metadb.rows(
                db,
                "INSERT INTO tasks (life, site, host, beats, gmt_begun, gmt_modified) "
                "VALUES (%s, %s, %s, 1, now(3), now(3)) "
                "ON DUPLICATE KEY UPDATE beats=beats+1, gmt_modified=now(3)",
                *(life, site, host),
            )

    every_second(beat, "tasks")
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
