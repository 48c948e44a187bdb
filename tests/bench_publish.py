"""Measures publishing and serving: `make bench-publish` (ratios of one run; `--articles N`, default 200,000)."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx

from archive import clock, portals
from archive.cleaner import shaped
from archive.connect import connect, transaction
from archive.ids import article_id
from archive.site import exports, release, synthetic
from cleaning.record import Block, Moment, Record
from scrapers.provinces import load_provinces
from scrapers.tables import province_row
from tests import attacks
from tests.site_kit import make_release, peak_rss, served

COMMON = "đại hội"
SECONDS = 10
_RAW = hashlib.sha256(b"x").digest()


def make_archive(path: Path, articles: int) -> None:
    """Write a working archive of synthetic articles, straight into its tables: the crawl is not what is measured."""
    db = connect(path)
    portals.sync(db, [{"id": portal, "name": name, "level": level, "province": province,
                       "base_url": f"https://{portal.replace('_', '-')}.example.vn"}
                      for portal, name, level, province, _ in synthetic._portals()],
                 [province_row(unit) for unit in load_provinces()])  # fmt: skip
    pool = [synthetic._paragraph(random.Random(n)) for n in range(3000)]
    db.execute("INSERT INTO bodies (sha256, raw_size, data) VALUES (?, 1, x'78')", (_RAW,))
    for first in range(0, articles, 2000):
        with transaction(db):
            for number in range(first, min(first + 2000, articles)):
                rows = list(synthetic._article(number, articles, random.Random(number), pool))
                row = next(row for table, row in rows if table == "articles")
                add_version(db, row, number + 1, 1)
    db.close()


def add_version(db: sqlite3.Connection, row: dict[str, object], capture: int, version: int) -> None:
    """Store one version of a synthetic article as the store would, without its raw page."""
    article = article_id(str(row["portal"]), str(row["url"]))
    body = tuple(str(row["body"]).split("\n\n"))
    day = str(row["date"])
    record = Record(
        url=str(row["url"]), title=str(row["title"]), lead=None, body=body, captions=(str(row["captions"]),), tables=(),
        author=None, source=None, category=str(row["category"]), date=day, date_basis="published",
        published=Moment(f"{day}T07:42:00+07:00", "minute", "page", day), event_date=None, views=None,
        site_counters=None, attachments=(), images=(), language="vi", encoding="utf-8", layout="bench", flags=(),
        blocks=(*(Block(text, "paragraph", "p", True) for text in body), Block("Tin liên quan", "related", "r", True)),
    )  # fmt: skip
    made = shaped("bench", record)
    if version == 1:
        db.execute(
            "INSERT INTO urls (id, portal, key, canonical, first_seen, last_ok, version) VALUES (?,?,?,?,?,?,1)",
            (article, row["portal"], row["url"], row["url"], row["first_fetched_at"], row["first_fetched_at"]),
        )
    db.execute(
        """INSERT INTO captures (id, article_id, fetched_at, ordered_at, origin, outcome, url, status, headers, sha256,
          bytes, kept, version) VALUES (?,?,?,?,'crawl','ok',?,200,'[]',?,60000,?,?)""",
        (capture, article, row["first_fetched_at"], row["first_fetched_at"], row["url"],
         hashlib.sha256(f"{capture}".encode()).digest(), _RAW, version),
    )  # fmt: skip
    columns = {"article_id": article, "n": version, "capture_id": capture, **made.columns}
    marks = ", ".join(f":{name}" for name in columns)
    db.execute(f"INSERT INTO versions ({', '.join(columns)}) VALUES ({marks})", columns)
    db.execute("UPDATE urls SET version = ? WHERE id = ?", (version, article))


def edit(path: Path, articles: int, count: int) -> None:
    """Edit `count` articles, spread over all dates."""
    pool = [synthetic._paragraph(random.Random(n)) for n in range(3000)]
    db = connect(path)
    with transaction(db):
        for n in range(count):
            number = n * articles // count
            rows = list(synthetic._article(number, articles, random.Random(number), pool))
            row = next(row for table, row in rows if table == "articles")
            row["body"] = f"{row['body']}\n\nCâu thêm vào sau, lần thứ {n}."
            add_version(db, row, articles + n + 1, 2)
    db.close()


@dataclass(frozen=True)
class Attack:
    """What became of a site under 300 hostile requests, and of those who read it meanwhile."""

    unchanged: bool
    peak_rss: int
    failed_readers: int
    slowest_reader: float
    reads: int
    seconds: float
    statuses: dict[int, int]


def under_attack(folder: Path, articles: int) -> Attack:
    """Serve a release publicly, send it all of `tests.attacks` over 6 connections, and read articles meanwhile."""
    releases = folder / "releases"
    made = make_release(releases, "2026-11-22T000000Z", articles)
    release._point(releases, made.name)
    before = release.sha256(made / "tintinh.db")
    with exports.open_public(made / "tintinh.db") as db:
        ids = [row[0] for row in db.execute("SELECT id FROM articles ORDER BY rowid DESC LIMIT 200")]
    times: list[float] = []
    failed: list[str] = []
    statuses: dict[int, int] = {}
    done = threading.Event()
    with served(releases, "--public") as (address, pid):

        def read() -> None:
            with httpx.Client(base_url=address, timeout=60) as client:
                while not done.is_set():
                    for path in (f"/bai/{random.choice(ids)}", "/tim?q=dai+hoi"):
                        began = time.monotonic()
                        try:
                            reply = client.get(path)
                            if reply.status_code != 200:
                                failed.append(f"{path}: {reply.status_code}")
                        except httpx.HTTPError as error:
                            failed.append(f"{path}: {error}")
                        times.append(time.monotonic() - began)

        def strike(path: str) -> int:
            try:
                with httpx.Client(timeout=120) as client:
                    return client.get(address + path).status_code
            except (httpx.HTTPError, httpx.InvalidURL):
                return 0

        reader = threading.Thread(target=read)
        reader.start()
        began = time.monotonic()
        with ThreadPoolExecutor(6) as attackers:
            for status in attackers.map(strike, attacks.requests()):
                statuses[status] = statuses.get(status, 0) + 1
        seconds = time.monotonic() - began
        done.set()
        reader.join()
        peak = peak_rss(pid)
    after = release.sha256(made / "tintinh.db")
    return Attack(before == after, peak, len(failed), max(times), len(times), seconds, statuses)


def publishing(folder: Path, articles: int, changes: int) -> None:
    """Print what a full publish costs, one after some changes, and a full one that takes over what was read before.

    The first full publish reads the facts of every text and flatters what comes after; every later one, say because a
    publisher got another name, takes them over from the release before. The second ratio is the one that must hold.
    """
    archive = folder / "archive.db"
    began = time.monotonic()
    make_archive(archive, articles)
    print(f"archive of {articles} articles made in {time.monotonic() - began:.0f} s, {_mb(archive)} MB", flush=True)
    now = [clock.now()]
    clock.set_source(lambda: now[0])
    full = release.publish(archive, folder / "releases")
    size = _mb(full.folder / "tintinh.db")
    print(f"full publish: database {full.database_seconds:.1f} s ({size} MB), all {full.seconds:.1f} s", flush=True)
    edit(archive, articles, changes)
    now[0] = now[0].replace(year=now[0].year + 1)
    some = release.publish(archive, folder / "releases")
    assert some.kinds == {"edited": changes}, some.kinds
    print(f"after {changes} changes: database {some.database_seconds:.1f} s, all {some.seconds:.1f} s", flush=True)
    with connect(archive) as db, transaction(db):
        db.execute("UPDATE portals SET name = name || ' (tên mới)'")
    now[0] = now[0].replace(year=now[0].year + 1)
    again = release.publish(archive, folder / "releases")
    assert again.full and again.kinds == {"refreshed": articles}, again.kinds
    print(f"full, facts taken over: database {again.database_seconds:.1f} s, all {again.seconds:.1f} s", flush=True)
    for name, whole in (("the first one", full), ("one that takes over", again)):
        share = some.database_seconds / whole.database_seconds
        print(f"after changes / full, {name}: {share:.3f} for the database (wanted: at most 0.10)", flush=True)


def serving(releases: Path) -> None:
    """Print what pages cost at 8 connections, the server on one core, the client on another."""
    with exports.open_public(releases / "current" / "tintinh.db") as db:
        article = db.execute("SELECT id FROM articles ORDER BY rowid DESC LIMIT 1 OFFSET 100").fetchone()[0]
    paths = {
        "article": f"/bai/{article}",
        "rare search": f"/tim?q={quote(synthetic.RARE)}",
        "common search": f"/tim?q={quote(COMMON)}",
        "row JSON": f"/tintinh/articles/{article}.json",
        "front page": "/",
    }
    with served(releases, "--public") as (address, pid):
        os.sched_setaffinity(pid, {0})
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(int(thread.name), {0})
        rates: dict[str, float] = {}
        for name, path in paths.items():
            rates[name], bad, p95 = _wrk(address + path)
            print(f"{name:14} {rates[name]:8.1f}/s  p95 {p95:6.0f} ms  failed {bad}", flush=True)
            assert not bad, name
        print(
            f"common search costs {rates['rare search'] / rates['common search']:.2f} of a rare one (wanted: at most 3)"
        )
        print(f"peak RSS {peak_rss(pid) >> 20} MB (wanted: under 400)", flush=True)


_LUA = """
done = function(summary, latency)
  local bad = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status
    + summary.errors.timeout
  print(string.format("RESULT %f %d %f", summary.requests * 1e6 / summary.duration, bad, latency:percentile(95) / 1000))
end
"""


def _wrk(url: str) -> tuple[float, int, float]:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_LUA)
        script.flush()
        command = [
            "taskset",
            "-c",
            "1",
            "wrk",
            "-t1",
            "-c8",
            f"-d{SECONDS}s",
            "--timeout",
            "20s",
            "-s",
            script.name,
            url,
        ]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"RESULT (\S+) (\d+) (\S+)", text)
    assert found, text
    return float(found[1]), int(found[2]), float(found[3])


def _mb(path: Path) -> int:
    return path.stat().st_size >> 20


@contextlib.contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
    else:
        with tempfile.TemporaryDirectory() as made:
            yield Path(made)


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--in", dest="folder", type=Path, help="keep the archive and its releases here")
    parser.add_argument("--only", choices=["publish", "serve", "attack"])
    given = parser.parse_args()
    with _folder(given.folder) as folder:
        if given.only in (None, "publish"):
            publishing(folder, given.articles, given.changes)
        if given.only in (None, "serve"):
            if shutil.which("wrk") is None:
                print("wrk is not installed: pages are not measured")
            else:
                serving(folder / "releases")
        if given.only in (None, "attack"):
            with tempfile.TemporaryDirectory() as other:
                outcome = under_attack(Path(other), 20_000)
            print(json.dumps(outcome.__dict__ | {"peak_rss": f"{outcome.peak_rss >> 20} MB"}))


if __name__ == "__main__":
    main()
