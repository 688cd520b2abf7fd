"""crond, which OMS below 4.0.1 has among its programs; it has nothing to do here."""

from __future__ import annotations

import signal

from .serve import leave_on_sigterm


def main() -> None:
    leave_on_sigterm()
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
