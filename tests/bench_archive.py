"""Measures the raw store against WARC.gz on the same pages, in one interleaved run: `make bench-archive`.

Pages: every article of the sample portals, fetched twice (their counters move), and the articles of recorded portals
given as WARC files. Size of ours is what the pages and their sample pages take in the archive; WARC.gz is response
records alone, by warcio. Times are CPU seconds of this process, best of the rounds.
"""

from __future__ import annotations

import argparse
import io
import re
import sqlite3
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import clock, portals
from archive.capture import Capture
from archive.connect import connect, transaction
from archive.raw import RawStore
from archive.store import Store
from demo.world import World

_HEADERS = (("Content-Type", "text/html; charset=utf-8"), ("Server", "Microsoft-IIS/8.5"), ("Connection", "close"))
_ARTICLE = re.compile(r"([a-z0-9-]+-\d+)(?:\.html?|/)?(?:\?.*)?$")


@dataclass(frozen=True)
class Page:
    """One page as it came, and the article whose page it is."""

    portal: str
    key: str
    url: str
    body: bytes
    again: bool


def sample_pages() -> Iterator[Page]:
    """Fetch every article of the sample portals twice."""
    with World() as world:
        for name, site in world.sites.items():
            for again in (False, True):
                for article in site.articles.values():
                    url = site.url(article)
                    with urllib.request.urlopen(url) as reply:  # a loopback server of our own
                        yield Page(name, article.id, url, reply.read(), again)


def recorded_pages(file: Path) -> Iterator[Page]:
    """Read the article pages of a recorded portal: HTML replies whose address ends in a native number."""
    with file.open("rb") as stream:
        for record in ArchiveIterator(stream):
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            native = _ARTICLE.search(url)
            if record.rec_type != "response" or record.http_headers.get_statuscode() != "200" or native is None:
                continue
            if "html" in (record.http_headers.get_header("Content-Type") or ""):
                name = file.name.partition(".")[0].replace("-", "_").lower()
                yield Page(name, native[1], url, record.content_stream().read(), False)


def warc_bytes(pages: list[Page]) -> list[bytes]:
    """Return each page as the gzipped response record that warcio writes."""
    return [_record(page) for page in pages]


def _record(page: Page) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    headers = StatusAndHeaders("200 OK", list(_HEADERS), protocol="HTTP/1.1")
    writer.write_record(
        writer.create_warc_record(
            page.url, "response", payload=io.BytesIO(page.body), length=len(page.body), http_headers=headers
        )
    )
    return out.getvalue()


def store_all(pages: list[Page], path: Path) -> None:
    """Put every page through the store, as a crawl does."""
    db = connect(path)
    portals.sync(db, [{"id": name, "name": name} for name in {page.portal for page in pages}])
    db.close()
    now = clock.now()
    with Store(path) as store:
        for page in pages:
            at = now + timedelta(days=page.again)
            store.add(Capture(page.portal, page.key, page.url, 200, _HEADERS, page.body, at, "crawl"))


def open_fresh(samples: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    """Make an archive that knows the portals and sample pages of another one."""
    db = connect(path)
    with transaction(db):
        for row in samples.execute("SELECT * FROM portals"):
            db.execute("INSERT INTO portals (id, name) VALUES (?, ?)", (row["id"], row["name"]))
        for row in samples.execute("SELECT * FROM dictionaries"):
            db.execute("INSERT INTO dictionaries VALUES (?, ?, ?, ?, ?, ?)", tuple(row))
    return db


def put_all(pages: list[Page], db: sqlite3.Connection) -> list[bytes]:
    """Write every page as the raw store does, in one transaction; return the hashes."""
    raw = RawStore(db)
    shas: list[bytes] = []
    first: dict[tuple[str, str], bytes] = {}
    with transaction(db):
        for page in pages:
            shas.append(raw.put(page.body, page.portal, first.get((page.portal, page.key))))
            first.setdefault((page.portal, page.key), shas[-1])
    return shas


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("warc", nargs="*", type=Path, help="recorded portals")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sets = {"sample portals": [page for page in sample_pages() if not page.again]}
    sets["sample portals, fetched twice"] = list(sample_pages())
    for file in options.warc:
        sets[file.name] = list(recorded_pages(file))
    print(f"{'pages':<36}{'n':>5}{'WARC.gz':>11}{'ours':>10}{'ratio':>7}{'in file':>9}{'write':>7}{'read':>7}")
    whole = [0, 0]
    for name, pages in sets.items():
        warc, ours, infile, write, read = _measure(pages, options.rounds)
        if "twice" not in name:
            whole = [whole[0] + warc, whole[1] + ours]
        sizes = f"{len(pages):>5}{warc:>11}{ours:>10}{ours / warc:>7.3f}{infile / warc:>9.3f}"
        print(f"{name:<36}{sizes}{write:>7.2f}{read:>7.2f}")
    print(f"{'all first captures':<41}{whole[0]:>11}{whole[1]:>10}{whole[1] / whole[0]:>7.3f}")
    print("ratio: compressed pages + sample pages to WARC.gz; in file: with SQLite's pages, indexes and free room;")
    print("write, read: CPU time of ours to warcio's, the sha256 of each page checked on reading by both")


def _measure(pages: list[Page], rounds: int) -> tuple[int, int, int, float, float]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        store_all(pages, path)
        db = connect(path, write=False)
        ours = db.execute(
            "SELECT (SELECT sum(length(data)) FROM bodies) + (SELECT coalesce(sum(length(data)), 0) FROM dictionaries)"
        ).fetchone()[0]
        infile = db.execute(
            "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%bodies%' OR name LIKE '%dictionaries%'"
        ).fetchone()[0]
        times: dict[str, list[float]] = {"wo": [], "ww": [], "ro": [], "rw": []}
        for number in range(rounds):
            copy = open_fresh(db, Path(folder) / f"round-{number}.db")
            began = time.process_time()
            shas = put_all(pages, copy)
            times["wo"].append(time.process_time() - began)
            began = time.process_time()
            records = warc_bytes(pages)
            times["ww"].append(time.process_time() - began)
            raw = RawStore(copy)
            began = time.process_time()
            assert [raw.get(sha) for sha in shas] == [page.body for page in pages]
            times["ro"].append(time.process_time() - began)
            copy.close()
            began = time.process_time()
            read = [next(iter(ArchiveIterator(io.BytesIO(each), check_digests="raise"))) for each in records]
            assert [record.content_stream().read() for record in read] == [page.body for page in pages]
            times["rw"].append(time.process_time() - began)
        db.close()
        best = {name: min(values) for name, values in times.items()}
        return sum(map(len, records)), ours, infile, best["wo"] / best["ww"], best["ro"] / best["rw"]


if __name__ == "__main__":
    main()
