"""Crawl a loopback world in a process of its own, and read back what the archive and the process say of it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Run:
    """How a crawl's process ended: `seconds` of wall clock, `cpu` of its own, `peak` bytes of memory.

    `longest` is the CPU seconds of the longest callback of its event loop: the reactor was blocked for so long.
    """

    code: int
    err: str
    seconds: float
    cpu: float
    peak: int
    longest: float
    connects: tuple[str, ...] = field(repr=False)
    """The addresses it tried to connect to, as Python tuples in words; and files of the watch list it opened."""


def crawl(
    archive: Path,
    registry: Path,
    *portals: str,
    private: Iterable[str] = (),
    delay: float | None = 0.01,
    options: Iterable[str] = (),
    names: Mapping[str, list[str]] | None = None,
    settings: Mapping[str, object] | None = None,
    now: str | None = None,
    environment: Mapping[str, str] | None = None,
    timeout: float = 180,
) -> Run:
    """Run `tintinh crawl`.

    `private` are the HOST:PORTs it may reach (none: all of loopback); a `delay` of None is the real one.
    """
    log = archive.with_suffix(".connects")
    log.write_text("")
    allowed = [part for place in private for part in ("--allow-private", place)] or ["--allow-private"]
    command = [
        sys.executable, "-m", "tests.hostile.watched", str(log), json.dumps(names or {}),
        json.dumps(settings or {}), "--",
        "--archive", str(archive), "crawl", *portals, "--registry", str(registry),
        *options, *allowed, *(() if delay is None else ("--delay", str(delay))),
    ]  # fmt: skip
    extra = {"TINTINH_NOW": now} if now else {}
    began = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **extra, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    cpu, peak, longest = next((line["used"] for line in reversed(lines) if "used" in line), (0.0, 0, 0.0))
    return Run(
        process.returncode,
        out + err,
        time.monotonic() - began,
        cpu,
        int(peak),
        longest,
        tuple(line.get("connect") or line["open"] for line in lines if "used" not in line),
    )


def query(archive: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """Read the archive as any SQLite client would."""
    with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as db:
        return db.execute(sql, values).fetchall()
