"""What the tests of the served site share: releases made without a crawl, and the site as a process of its own."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from archive.site import release, schema, synthetic


def make_release(releases: Path, name: str, articles: int) -> Path:
    """Write a release of synthetic articles, not yet current; its `release_info` and its rows tell it from others."""
    folder = releases / name
    folder.mkdir(parents=True)
    synthetic.make(articles, folder / release.DATABASE)
    finish_release(folder)
    return folder


def finish_release(folder: Path) -> None:
    """Make the files around a database that somebody has just written."""
    with sqlite3.connect(folder / release.DATABASE) as db:
        db.execute("UPDATE release_info SET value = ? WHERE key = 'release'", (folder.name,))
        rows = {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in schema.TABLES}
    db.close()
    release._write_inspection(folder, release.sha256(folder / release.DATABASE), rows)
    release._write_sums(folder, None, {})


@contextmanager
def served(releases: Path, *options: str) -> Iterator[tuple[str, int]]:
    """Run `tintinh serve` as a process; yield its address and process id."""
    archive = str(releases.parent / "archive.db")
    process = subprocess.Popen(
        [sys.executable, "-m", "tintinh", "--archive", archive, "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[1],
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = line.split(" at ")[1].split(" ")[0].rstrip("/")
        deadline = time.monotonic() + 20
        while True:
            try:
                httpx.get(f"{address}/robots.txt", timeout=10)
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.05)
        yield address, process.pid
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.wait(20)
        assert process.stdout is not None
        process.stdout.close()


def peak_rss(pid: int) -> int:
    """Return the most memory a process has held so far, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024
