"""Run `tintinh` in a process whose every outward connection is written down, with names that resolve as a test wants.

`python -m tests.hostile.watched LOG NAMES SETTINGS -- ARGUMENT…`: LOG receives one JSON line per `socket.connect`
(Python's own audit events, so no library can go round it; one that would leave loopback is refused); NAMES is JSON,
host name to the addresses its look-ups give in turn; SETTINGS is JSON, values that take the place of those in
`scrapers.settings` (shorter time-outs).
"""

from __future__ import annotations

import asyncio
import atexit
import importlib
import json
import os
import resource
import socket
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    log, names, changes = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            os.write(out, (json.dumps({"connect": repr(arguments[1])}) + "\n").encode())
            if not str(arguments[1][0]).startswith(("127.", "::1", "0.0.0.0")):
                raise ConnectionRefusedError(111, "tests stay on loopback")
        elif event == "open" and str(arguments[0]) == "/etc/passwd":
            os.write(out, (json.dumps({"open": str(arguments[0])}) + "\n").encode())

    sys.addaudithook(note)
    longest = _time_callbacks()
    atexit.register(lambda: os.write(out, (json.dumps({"used": [*_used(), longest[0]]}) + "\n").encode()))
    real = socket.getaddrinfo

    def next_address(name: str) -> str:
        addresses: list[str] = names[name]
        return addresses.pop(0) if len(addresses) > 1 else addresses[0]

    def look_up(host: bytes | str | None, port: str | int | None, *more: int, **options: int) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        if name is None or name not in names:
            return real(host, port, *more, **options)
        address = next_address(name)
        if ":" in address:
            return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port or 0, 0, 0))]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0))]

    real_by_name = socket.gethostbyname
    vars(socket)["getaddrinfo"] = look_up
    vars(socket)["gethostbyname"] = lambda host: next_address(host) if host in names else real_by_name(host)

    settings = importlib.import_module("scrapers.settings")
    from tintinh import main as tintinh

    vars(settings).update(changes)

    tintinh(sys.argv[sys.argv.index("--") + 1 :])


def _time_callbacks() -> list[float]:
    """Note the CPU seconds of the longest callback of the event loop: for so long the reactor does nothing else."""
    longest = [0.0]
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        longest[0] = max(longest[0], time.thread_time() - began)

    vars(asyncio)["Handle"]._run = timed
    return longest


def _used() -> list[float]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    status = Path("/proc/self/status").read_text()  # ru_maxrss would begin with that of the process that started us
    return [usage.ru_utime + usage.ru_stime, int(status.split("VmHWM:")[1].split()[0]) * 1024]


if __name__ == "__main__":
    main()
