"""Measures our pages against a bare Datasette row page: `make bench-pages` (one run; `--articles N`, default 20,000).

Eight connections, each server on one core, the client on another; the row page is plain Datasette's, one small row.
"""

from __future__ import annotations

import argparse
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx

from archive.site import exports, synthetic
from tests.bench_publish import _wrk
from tests.site_kit import make_release, served

WANTED = 10.0


@contextmanager
def bare(folder: Path) -> Iterator[tuple[str, int]]:
    """Run Datasette without any of ours over a database of one row; yield the row page's address and the process id."""
    with sqlite3.connect(folder / "one.db") as db:
        db.execute("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT)")
        db.execute("INSERT INTO words VALUES (1, 'tin')")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "datasette", "serve", "-i", str(folder / "one.db"), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    page = f"http://127.0.0.1:{port}/one/words/1"
    try:
        for _ in range(100):
            try:
                httpx.get(page, timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield page, process.pid
    finally:
        process.terminate()
        process.wait(20)


def main() -> None:
    """Run it and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    count = parser.parse_args().articles
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        release = make_release(folder / "releases", "2026-11-22T000000Z", count)
        (folder / "releases" / "current").symlink_to(release.name)
        with exports.open_public(release / "tintinh.db") as db:
            article, edited = db.execute(
                "SELECT max(iif(version_count = 1, id, '')), max(iif(version_count > 1, id, '')) FROM articles"
            ).fetchone()
        common = f"/tim?q={quote('đại hội')}"
        paths = {
            "front": "/",
            "search, rare": f"/tim?q={quote(synthetic.RARE)}",
            "search, common": common,
            "search, filtered": f"{common}&province={quote('Long An')}&from=2022&to=2024",
            "browse": "/tim",
            "article": f"/bai/{article}",
            "versions": f"/bai/{edited}/phien-ban",
            "changes": "/thay-doi",
            "provinces": "/tinh",
            "province": "/tinh/long-an",
            "portals": "/cong",
            "portal": "/cong/long_an_party",
            "health": "/tinh-trang",
            "data": "/du-lieu",
            "feed": "/moi.atom",
        }
        with bare(folder) as (page, bare_pid), served(folder / "releases", "--public") as (site, pid):
            for one in (bare_pid, pid):
                for thread in Path(f"/proc/{one}/task").iterdir():
                    os.sched_setaffinity(int(thread.name), {0})
            print(f"{count} articles; the row page is measured before and after each of ours\n")
            worst, before = 0.0, _wrk(page)[2]
            for name, path in paths.items():
                rate, failed, p95 = _wrk(site + path)
                after = _wrk(page)[2]
                row, before = (before + after) / 2, after
                worst = max(worst, p95 / row)
                print(
                    f"{name:18} {rate:7.1f}/s  p95 {p95:6.0f} ms  {p95 / row:5.2f} × the row page  failed {failed}",
                    flush=True,
                )
        print(f"\nworst: {worst:.2f} × (wanted: at most {WANTED:.0f})")


if __name__ == "__main__":
    main()
