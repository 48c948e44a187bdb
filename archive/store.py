"""Takes captures in: the raw page and its cleaned version in one transaction, in short batches.

Nothing counts as stored before `flush` has returned; what has been flushed outlives a killed process and a power
cut. Cleaning happens before the transaction begins, so the archive is locked for milliseconds only.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from archive import clock, history, series
from archive.capture import Capture, facts
from archive.cleaner import Cleaned, Cleaner, again, cleaned, cleaner
from archive.connect import connect, transaction
from archive.ids import article_id
from archive.raw import Damaged, RawStore
from cleaning.command import Problem

BATCH = 50
SECONDS = 5.0
BYTES = 16 << 20
"""A batch is written when it holds so many items, has waited so long, or holds so many bytes of pages."""

Also = Callable[[sqlite3.Connection, "Stored"], None]


@dataclass(frozen=True)
class Stored:
    """What became of a capture.

    `outcome`: `new` or `changed` (a version was made: its number is `version`), `unchanged` (confirms `version`),
    `seen` (this very capture is here already), `late` (older than the current version; the history was settled
    anew), `erased` (lawfully erased, not taken in again), or an outcome of `archive.schema.OUTCOMES` that makes no
    version: `no-article`, `shrunk`, `soft-404`, `truncated`, `doubtful`, `not-modified`, `redirect`, `http-error`.
    `page` is what cleaning made of it, None where there was nothing to clean.
    """

    article_id: str
    outcome: str
    version: int | None
    flags: tuple[str, ...]
    page: Cleaned | None = None


@dataclass(frozen=True)
class _Item:
    capture: Capture
    article_id: str
    page: Cleaned | None
    also: Also | None
    crawl_id: int | None


class Store:
    """The archive, open for writing.

    `layouts` is the folder of learnt layouts (default: `layouts/` beside the archive file). `rules` replaces the
    cleaner, for tests.
    """

    def __init__(self, path: Path | str, layouts: Path | None = None, *, rules: Cleaner | None = None) -> None:
        self.path = Path(path)
        self.db = connect(path)
        self.rules = rules or cleaner(layouts or self.path.parent / "layouts")
        self.raw = RawStore(self.db)
        self._pending: list[_Item | Callable[[sqlite3.Connection], None]] = []
        self._articles: set[str] = set()
        self._bytes = 0
        self._portals: set[str] = set()
        self._shown: series.Shown = {}
        self._since: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not isinstance(error, Problem | sqlite3.Error):
                self.flush()
        finally:
            self.db.close()

    def add(self, capture: Capture, also: Also | None = None, crawl_id: int | None = None) -> Stored:
        """Clean a capture and queue it; return what will become of it.

        `also(db, stored)` is called inside the transaction that stores it, with the final word: the place for the
        frontier's own columns. A portal that is not in the archive's tables is a `Problem`.
        """
        self._need_portal(capture.portal)
        capture = capture.storable()
        number = article_id(capture.portal, capture.key)
        if number in self._articles:
            self.flush()
        item = _Item(capture, number, self._clean(capture), also, crawl_id)
        self._settle_if_stale(number)
        stored = self._decide(item)
        self._articles.add(number)
        self._queue(item)
        return stored

    def write(self, change: Callable[[sqlite3.Connection], None]) -> None:
        """Queue any other change of the archive, in order, for the transaction of the next flush."""
        self._queue(change)

    def flush(self) -> None:
        """Store everything queued, in one transaction; on return it is safe. Raises `Problem` (70) on a full disk."""
        if not self._pending:
            return
        try:
            with transaction(self.db):
                for queued in self._pending:
                    if isinstance(queued, _Item):
                        self._store(queued)
                    else:
                        queued(self.db)
        except BaseException:
            self._forget()
            raise
        self._pending.clear()
        self._articles.clear()
        self._since = None
        self._bytes = 0

    def flush_if_due(self) -> None:
        """Flush when the batch is full or its first item has waited long enough; call it from a timer too."""
        waited = self._since is not None and time.monotonic() - self._since >= SECONDS
        if waited or len(self._pending) >= BATCH or self._bytes >= BYTES:
            self.flush()

    def _queue(self, queued: _Item | Callable[[sqlite3.Connection], None]) -> None:
        self._pending.append(queued)
        self._bytes += len(queued.capture.body) if isinstance(queued, _Item) else 0
        if self._since is None:
            self._since = time.monotonic()
        self.flush_if_due()

    def _need_portal(self, portal: str) -> None:
        if portal not in self._portals:
            if self.db.execute("SELECT 1 FROM portals WHERE id = ?", (portal,)).fetchone() is None:
                raise Problem(f"portal {portal} is not in the archive's tables; add it to the registry first")
            self._portals.add(portal)

    def _clean(self, capture: Capture) -> Cleaned | None:
        if not _worth_keeping(capture):
            return None
        return cleaned(
            self.rules,
            capture.body,
            url=capture.final_url or capture.url,
            content_type=capture.content_type,
            fetched_at=capture.fetched_at.replace(microsecond=0),
            listed=capture.listed_published,
        )

    def _again(self, row: sqlite3.Row) -> Cleaned | None:
        return again(self.rules, self.raw.get(row["kept"]), row)

    def _settle_if_stale(self, number: str) -> None:
        """Bring an article that another cleaner read to this one's rules, so that only the portal's edits are edits."""
        row = self.db.execute("SELECT settled_by FROM urls WHERE id = ?", (number,)).fetchone()
        if row is not None and row[0] not in (None, self.rules.name):
            with suppress(Damaged), transaction(self.db):  # verify reports a page that cannot be read
                history.settle(self.db, number, self._again, self.rules.name)

    def _decide(self, item: _Item) -> Stored:
        capture, page = item.capture, item.page

        def stored(outcome: str, version: int | None = None) -> Stored:
            flags = tuple(dict.fromkeys((*capture.flags, *(page.flags if page else ()))))
            return Stored(item.article_id, outcome, version, flags, page)

        if self._erased(item.article_id):
            return stored("erased")
        if self._seen(item):
            return stored("seen")
        if not _worth_keeping(capture):
            return stored(_unkept_outcome(capture))
        now = history.current(self.db, item.article_id)
        if now is not None and now["ordered_at"] > self._ordered_at(item):
            return stored("late")
        before = None if now is None else history.Content(now["content_hash"], now["chars"])
        outcome = history.judge(before, page, capture.flags)
        if outcome != "ok" or page is None:
            return stored(outcome)
        if now is None:
            return stored("new", self._next_number(item.article_id))
        if now["content_hash"] == page.content_hash:
            return stored("unchanged", now["n"])
        return stored("changed", self._next_number(item.article_id))

    def _store(self, item: _Item) -> None:
        """Write one item inside the batch's transaction; what the archive refuses is stored without a version."""
        self.db.execute("SAVEPOINT item")
        try:
            stored = self._write(item)
        except (sqlite3.IntegrityError, OverflowError, UnicodeError, Damaged) as refusal:
            self.db.execute("ROLLBACK TO item")
            self._forget()
            flags = (*item.capture.flags, "refused", f"refused: {refusal}")
            capture = replace(item.capture, flags=flags)
            stored = self._write(replace(item, capture=capture, page=None))
        self.db.execute("RELEASE item")
        if item.also is not None:
            item.also(self.db, stored)

    def _forget(self) -> None:
        """Forget what was read and written by a transaction that was rolled back."""
        self.raw.forget()
        self._shown.clear()

    def _write(self, item: _Item) -> Stored:
        capture, page = item.capture, item.page
        self._ensure_article(item)
        stored = self._decide(item)
        if stored.outcome in ("erased", "seen"):
            return stored
        kept = None
        if _worth_keeping(capture):
            first = self.db.execute(
                "SELECT kept FROM captures WHERE article_id = ? AND kept IS NOT NULL ORDER BY id LIMIT 1",
                (item.article_id,),
            ).fetchone()
            texts = page.texts if page is not None and not page.empty else ()
            kept = self.raw.put(capture.body, capture.portal, None if first is None else bytes(first[0]), texts)
        capture_id = self._log(item, stored, kept)
        if stored.outcome in ("new", "changed") and page is not None:
            history.add_version(self.db, item.article_id, capture_id, page)
        if kept is not None:
            self.db.execute("UPDATE urls SET settled_by = ? WHERE id = ?", (self.rules.name, item.article_id))
        if stored.outcome == "late" and page is not None:
            history.settle(self.db, item.article_id, self._again, self.rules.name)
            self.db.execute(
                "UPDATE urls SET last_ok = max(coalesce(last_ok, ''), ?) WHERE id = ?"
                " AND (SELECT outcome FROM captures WHERE id = ?) = 'ok'",
                (clock.stamp(capture.fetched_at), item.article_id, capture_id),
            )
        elif stored.version is not None and page is not None:
            self._confirm(item, stored, capture_id, page)
        return stored

    def _confirm(self, item: _Item, stored: Stored, capture_id: int, page: Cleaned) -> None:
        at = clock.stamp(item.capture.fetched_at)
        self.db.execute(
            "UPDATE urls SET version = coalesce(?, version), last_ok = max(coalesce(last_ok, ''), ?),"
            " last_changed = iif(?, max(coalesce(last_changed, ''), ?), last_changed) WHERE id = ?",
            (stored.version, at, stored.outcome in ("new", "changed"), at, item.article_id),
        )
        if stored.outcome in ("new", "changed") and page.columns["text_hash"] is not None:
            self._claim(item.article_id, page.columns["text_hash"])
        series.record(self.db, item.capture.portal, item.article_id, capture_id, at, page, self._shown)

    def _claim(self, number: str, text_hash: bytes) -> None:
        """An article that was gone and whose text has come up again at another address has moved there."""
        self.db.execute(
            "UPDATE urls SET state = 'moved', moved_to = ?1, next_check = NULL"
            " WHERE state = 'gone' AND id <> ?1 AND id IN (SELECT v.article_id FROM versions v"
            " JOIN urls u ON u.id = v.article_id AND u.version = v.n WHERE v.text_hash = ?2)",
            (number, text_hash),
        )

    def _ensure_article(self, item: _Item) -> None:
        capture = item.capture
        canonical = capture.canonical or capture.url
        self.db.execute(
            "INSERT INTO urls (id, portal, key, canonical, first_seen) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (item.article_id, capture.portal, capture.key, canonical, clock.stamp(capture.fetched_at)),
        )
        seen = dict.fromkeys((capture.url, capture.final_url, *capture.aliases))
        self.db.executemany(
            "INSERT INTO url_aliases (seen_as, portal, url_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [(alias, capture.portal, item.article_id) for alias in seen if alias and alias != canonical],
        )

    def _log(self, item: _Item, stored: Stored, kept: bytes | None) -> int:
        capture, page = item.capture, item.page
        version = stored.version
        outcome = "ok" if version is not None else "doubtful" if stored.outcome == "late" else stored.outcome
        ordered = self._ordered_at(item)
        at = clock.stamp(capture.fetched_at)
        odd = not 100 <= capture.status <= 599
        flags = [*capture.flags, *(["clock-backwards"] if ordered != at else []), *(["odd-status"] if odd else [])]
        if outcome != "ok" and page is not None:
            flags += page.flags
        columns: dict[str, Any] = {
            "article_id": item.article_id,
            "crawl_id": item.crawl_id,
            "fetched_at": at,
            "ordered_at": ordered,
            "origin": capture.source,
            "outcome": outcome,
            "url": capture.url,
            "final_url": capture.final_url,
            "status": None if odd else capture.status,
            "headers": json.dumps(capture.headers, ensure_ascii=True, separators=(",", ":")),
            "sha256": capture.sha256,
            "bytes": len(capture.body),
            "kept": kept,
            "ip": capture.ip,
            "tls_verified": None if capture.tls_verified is None else int(capture.tls_verified),
            "listed_published": capture.listed_published,
            "flags": json.dumps(list(dict.fromkeys(flags))),
            "version": version,
        }
        columns["facts"] = facts(columns)
        marks = ", ".join(f":{name}" for name in columns)
        done = self.db.execute(f"INSERT INTO captures ({', '.join(columns)}) VALUES ({marks})", columns)
        assert done.lastrowid is not None
        return done.lastrowid

    def _ordered_at(self, item: _Item) -> str:
        """Return the capture's place in time: a clock that went backwards puts no crawled page before an older one."""
        at = clock.stamp(item.capture.fetched_at)
        if item.capture.source != "crawl":
            return at
        latest = self.db.execute(
            "SELECT max(ordered_at) FROM captures WHERE article_id = ? AND origin = 'crawl'", (item.article_id,)
        ).fetchone()[0]
        return max(at, latest or "")

    def _seen(self, item: _Item) -> bool:
        capture = item.capture
        return (
            self.db.execute(
                "SELECT 1 FROM captures"
                " WHERE article_id = ? AND fetched_at = ? AND url = ? AND status IS ? AND sha256 IS ?",
                (item.article_id, clock.stamp(capture.fetched_at), capture.url, capture.status, capture.sha256),
            ).fetchone()
            is not None
        )

    def _erased(self, number: str) -> bool:
        erased = "SELECT 1 FROM takedowns WHERE article_id = ? AND erased_at IS NOT NULL"
        return self.db.execute(erased, (number,)).fetchone() is not None

    def _next_number(self, number: str) -> int:
        made: int = self.db.execute("SELECT count(*) FROM versions WHERE article_id = ?", (number,)).fetchone()[0]
        return made + 1


def _worth_keeping(capture: Capture) -> bool:
    return capture.status == 200 and bool(capture.body)


def _unkept_outcome(capture: Capture) -> str:
    if capture.status == 200:
        return "no-article"
    if capture.status == 304:
        return "not-modified"
    return "redirect" if 300 <= capture.status < 400 else "http-error"
