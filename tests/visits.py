"""A process of its own for `test_probe`: probes and tries every address it is given, in one visit, and prints JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from scrapers import probe, trying, visit
from scrapers.registry import load_portals


def main(layouts: str, addresses: list[str]) -> None:
    rows, report = load_portals(), list[dict[str, Any]]()

    async def errand(ask: visit.Asking) -> None:
        for address in addresses:
            found = await probe.probe(ask, address, rows)
            tried = await trying.try_out(ask, address, rows, Path(layouts), 2)
            report.append({"probe": probe.as_json(found), "try": trying.as_json(tried), "told": trying.told(tried)})

    visit.run(errand, delay=0, allow_private=("loopback",), verbose=False)
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
