"""Takes other archives (shards by province, another machine's) into this one; their ids stay what they are.

An article that is only in the shard is copied row by row, its version numbers too. One that both have is replayed
capture by capture, which settles one history out of two. Reading the same shard twice adds nothing.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archive import media, takedown
from archive.capture import Capture
from archive.cleaner import Cleaner
from archive.connect import connect, transaction
from archive.guards import lowered
from archive.raw import RawStore
from archive.store import Store
from cleaning.command import Options, Problem

_PORTION = 100
_COPIED = (
    ("provinces", "SELECT * FROM provinces"),
    ("portals", "SELECT * FROM portals"),
    ("surroundings", "SELECT * FROM surroundings"),
    ("swept", "SELECT * FROM swept"),
    ("media", "SELECT * FROM media"),
)
_LOWERED = ("versions_in_sequence", "versions_need_raw")
"""What was true when the shard's rows were made: numbers need not come in time order, and an erased one has no page."""

_PER_ARTICLE = ("url_aliases", "view_counts", "site_counters", "recleanings", "media_links", "takedowns")


@dataclass(frozen=True)
class Merged:
    """What came over: addresses copied (articles and listings), those of both settled into one history, media files."""

    copied: int
    settled: int
    files: int


def merge(options: Options, shard: Path, *, rules: Cleaner | None = None) -> Merged:
    """Take everything of the archive `shard` (with the `media/` beside it) into this one.

    Each portion of articles is one transaction; an interrupted merge is repeated from the start and adds only what
    is missing. `rules` replaces the cleaner, for tests. Raises `Problem` where the shard is no archive or of another
    schema.
    """
    if shard.resolve() == options.archive.resolve():
        raise Problem(f"{shard} is the archive itself; give another one")
    other = connect(shard, write=False)
    try:
        with Store(options.archive, options.layouts, rules=rules) as store:
            return _Merger(store, other).run(shard.parent / "media", options.media)
    finally:
        other.close()


class _Merger:
    def __init__(self, store: Store, other: sqlite3.Connection) -> None:
        self.store = store
        self.db = store.db
        self.other = other
        self.theirs = RawStore(other)
        self._dictionaries: dict[int, int] = {}

    def run(self, source: Path, target: Path) -> Merged:
        with transaction(self.db):
            for table, rows in _COPIED:
                self._copy(table, self.other.execute(rows))
            self._copy("crawls", self.other.execute("SELECT * FROM crawls ORDER BY id"), leave=("id",))
            self._copy_dictionaries()
        copied: list[str] = []
        settled: list[str] = []
        for (number,) in self.other.execute("SELECT id FROM urls ORDER BY first_seen, id").fetchall():
            known = self.db.execute("SELECT 1 FROM urls WHERE id = ?", (number,)).fetchone()
            (settled if known else copied).append(str(number))
        for start in range(0, len(copied), _PORTION):
            with transaction(self.db), lowered(self.db, *_LOWERED):
                for number in copied[start : start + _PORTION]:
                    self._copy_article(number)
        for number in settled:
            self._replay(number)
        self.store.flush()
        with transaction(self.db):
            for row in self.other.execute("SELECT id, moved_to FROM urls WHERE moved_to IS NOT NULL"):
                self.db.execute("UPDATE urls SET moved_to = ? WHERE id = ? AND moved_to IS NULL", (row[1], row[0]))
        return Merged(len(copied), len(settled), self._copy_files(source, target))

    def _copy_article(self, number: str) -> None:
        url = dict(self.other.execute("SELECT * FROM urls WHERE id = ?", (number,)).fetchone())
        self._insert("urls", {**url, "moved_to": None})
        captures: dict[int, int] = {}
        for row in self.other.execute("SELECT * FROM captures WHERE article_id = ? ORDER BY id", (number,)):
            values = dict(row)
            self._copy_body(row["kept"], url["portal"])
            values["crawl_id"] = self._crawl(row["crawl_id"])
            del values["id"]
            captures[row["id"]] = self._insert("captures", values)
        for row in self.other.execute("SELECT * FROM versions WHERE article_id = ? ORDER BY n", (number,)):
            self._insert("versions", {**dict(row), "capture_id": captures[row["capture_id"]]})
        for table in _PER_ARTICLE:
            for row in self.other.execute(_rows_of(table), (number,)).fetchall():
                values = {name: value for name, value in dict(row).items() if (table, name) != ("recleanings", "id")}
                if "capture_id" in values:
                    values["capture_id"] = captures[values["capture_id"]]
                self._insert(table, values)

    def _copy_body(self, sha: bytes | None, portal: str) -> None:
        """Copy a body and the one it leans on, as they are; one that cannot lean here is packed anew."""
        if sha is None:
            return
        row = self.other.execute("SELECT * FROM bodies WHERE sha256 = ?", (sha,)).fetchone()
        if row["base"] is not None:
            self._copy_body(row["base"], portal)
            here = self.db.execute("SELECT base FROM bodies WHERE sha256 = ?", (row["base"],)).fetchone()
            if here["base"] is not None:
                self.store.raw.put(self.theirs.get(sha), portal, None)
                return
        number = row["dictionary_id"]
        self._insert("bodies", {**dict(row), "dictionary_id": None if number is None else self._dictionaries[number]})

    def _copy_dictionaries(self) -> None:
        for row in self.other.execute("SELECT * FROM dictionaries ORDER BY id"):
            values = dict(row)
            number = values.pop("id")
            self._insert("dictionaries", values)
            here = self.db.execute("SELECT id FROM dictionaries WHERE sha256 = ?", (row["sha256"],)).fetchone()
            self._dictionaries[number] = here[0]
        self.store.raw.forget()

    def _replay(self, number: str) -> None:
        """Give every kept capture of an article that both have to the store, in the order it came in."""
        taken = self.other.execute("SELECT * FROM takedowns WHERE article_id = ?", (number,)).fetchone()
        if taken is not None and taken["erased_at"] is not None:
            self.store.flush()
            here = self.db.execute("SELECT erased_at FROM takedowns WHERE article_id = ?", (number,)).fetchone()
            if here is None or here[0] is None:
                files = self.store.path.parent / "media"
                takedown.erase(self.db, number, taken["reason"], taken["by_whom"], files)
            return
        query = (
            "SELECT c.*, u.portal, u.key, u.canonical FROM captures c JOIN urls u ON u.id = c.article_id"
            " WHERE c.article_id = ? AND (c.kept IS NOT NULL OR c.status <> 200) ORDER BY c.id"
        )
        for row in self.other.execute(query, (number,)):
            self.store.add(_as_capture(row, self.theirs.get(row["kept"]) if row["kept"] else b""))
        if taken is not None:
            self.store.flush()
            takedown.hide(self.db, number, taken["reason"], taken["by_whom"])

    def _crawl(self, crawl_id: int | None) -> int | None:
        if crawl_id is None:
            return None
        run, portal = self.other.execute("SELECT run, portal FROM crawls WHERE id = ?", (crawl_id,)).fetchone()
        number: int = self.db.execute("SELECT id FROM crawls WHERE run = ? AND portal = ?", (run, portal)).fetchone()[0]
        return number

    def _copy(self, table: str, rows: sqlite3.Cursor, leave: tuple[str, ...] = ()) -> None:
        for row in rows:
            self._insert(table, {name: value for name, value in dict(row).items() if name not in leave})

    def _insert(self, table: str, values: Mapping[str, Any]) -> int:
        marks = ", ".join(f":{name}" for name in values)
        done = self.db.execute(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks}) ON CONFLICT DO NOTHING",
            dict(values),
        )
        return done.lastrowid or 0

    def _copy_files(self, source: Path, target: Path) -> int:
        count = 0
        for (sha,) in self.other.execute("SELECT sha256 FROM media"):
            theirs, ours = media.place(source, sha), media.place(target, sha)
            if theirs.is_file() and not ours.exists():
                ours.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(theirs, ours.with_name(f".{ours.name}.part"))
                ours.with_name(f".{ours.name}.part").replace(ours)
                count += 1
        return count


def _rows_of(table: str) -> str:
    key = "url_id" if table == "url_aliases" else "article_id"
    if table == "site_counters":
        return "SELECT s.* FROM site_counters s JOIN captures c ON c.id = s.capture_id WHERE c.article_id = ?"
    return f"SELECT * FROM {table} WHERE {key} = ?"


def _as_capture(row: sqlite3.Row, body: bytes) -> Capture:
    return Capture(
        portal=row["portal"],
        key=row["key"],
        url=row["url"],
        status=row["status"],
        headers=tuple((name, value) for name, value in json.loads(row["headers"])),
        body=body,
        fetched_at=datetime.fromisoformat(row["fetched_at"]),
        source=row["origin"],
        canonical=row["canonical"],
        final_url=row["final_url"],
        tls_verified=None if row["tls_verified"] is None else bool(row["tls_verified"]),
        ip=row["ip"],
        listed_published=row["listed_published"],
        flags=tuple(flag for flag in json.loads(row["flags"]) if flag != "clock-backwards"),
    )
