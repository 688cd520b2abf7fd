"""Says on stdout, as the last line of a good start, that OMS is there."""

from __future__ import annotations

import json
import time
import urllib.request

from . import config, identity


def main() -> None:
    port = config.load(identity.version()).ports["ghana_server_port"]
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/oms/health", timeout=4) as answer:
                if json.load(answer)["data"]["healthy"]:
                    break
        except OSError:
            pass
        time.sleep(0.2)
    print("OMS service start successfully", flush=True)


if __name__ == "__main__":
    main()
