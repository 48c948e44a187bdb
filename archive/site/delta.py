"""What differs between the archive and the release before: which articles are written anew, and how copies are told.

A published article has a fingerprint, a hash of everything its rows are made from. Comparing fingerprints finds what
changed without reading a text; everything after that costs as much as the changes, not as the archive.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Known:
    """What a release knows of one article: enough to tell what changed."""

    rowid: int
    date: str
    state: str
    version: int
    content_hash: str
    fingerprint: str
    moved_to: str | None


@dataclass(frozen=True)
class Delta:
    """How the archive differs from the release before (without one: all of it is new).

    `fingerprints` are those of all articles to be published. `changed` are to be written, `dropped` are published no
    more; `before` is what the release before knows of either.
    """

    fingerprints: dict[str, str]
    changed: list[str]
    dropped: list[str]
    before: dict[str, Known]

    @property
    def is_most(self) -> bool:
        """Whether writing everything is cheaper than writing what changed."""
        return 2 * (len(self.changed) + len(self.dropped)) > len(self.fingerprints)


def between(archive: sqlite3.Connection, earlier: sqlite3.Connection | None) -> Delta:
    """Compare the archive with the database of an earlier release."""
    now = fingerprints(archive)
    if earlier is None:
        return Delta(now, list(now), [], {})
    old: dict[str, str] = dict(earlier.execute("SELECT id, fingerprint FROM articles"))
    changed = [article for article, fingerprint in now.items() if old.get(article) != fingerprint]
    dropped = [article for article in old if article not in now]
    return Delta(now, changed, dropped, known(earlier, [*changed, *dropped]))


def known(db: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Known]:
    """Return those of the articles that a public database has."""
    rows = db.execute(
        "SELECT id, rowid, date, state, version, content_hash, fingerprint, moved_to FROM articles"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return {row[0]: Known(*row[1:]) for row in rows}


def holds(db: sqlite3.Connection, ids: Iterable[str]) -> bool:
    """Tell whether a public database, of whatever version, has any of the articles."""
    sql = "SELECT EXISTS (SELECT 1 FROM articles WHERE id IN (SELECT value FROM json_each(?)))"
    return bool(db.execute(sql, (json.dumps(list(ids)),)).fetchone()[0])


def changes(before: Mapping[str, Known], now: Mapping[str, Known], hidden: set[str]) -> Iterator[dict[str, Any]]:
    """Yield the lines of `changes.jsonl`: `id`, `kind`, `version`, one line per kind and article that differs.

    A copy stays complete by fetching the named articles anew and dropping those `taken_down` (`hidden` has them) or
    `withdrawn`: better rules find no article in what was archived. `refreshed` rows have the same content and state,
    with newer captures, counters or places.
    """
    for article in sorted(before.keys() | now.keys()):
        old, new = before.get(article), now.get(article)
        if new is None:
            assert old is not None
            yield {"id": article, "kind": "taken_down" if article in hidden else "withdrawn", "version": old.version}
            continue
        for kind in _kinds(old, new):
            yield {"id": article, "kind": kind, "version": new.version} | (
                {"moved_to": new.moved_to} if kind == "moved" else {}
            )


def _kinds(old: Known | None, new: Known) -> list[str]:
    if old is None:
        return ["new"]
    found = []
    if new.content_hash != old.content_hash:
        found.append("edited" if new.version != old.version else "recleaned")
    if new.state != old.state:
        if new.state in ("gone", "moved"):
            found.append(new.state)
        elif old.state in ("gone", "moved"):
            found.append("back")
    return found or ["refreshed"]


def fingerprints(archive: sqlite3.Connection) -> dict[str, str]:
    """Return the ids of all articles to be published, each with a hash of everything its rows are made from.

    An article is published when it has a version and is not taken down.
    """
    portals = {row["id"]: tuple(row) for row in archive.execute(
        "SELECT id, name, level, province, province_id FROM portals")}  # fmt: skip
    units = [tuple(row) for row in archive.execute("SELECT * FROM provinces ORDER BY id")]
    places = hashlib.sha256(repr(units).encode()).hexdigest()
    parts = [_Grouped(archive, sql) for sql in _PARTS]
    prints: dict[str, str] = {}
    for row in _plain(archive, _PUBLISHED):
        seen = (places, portals[row[1]], row, *(part.of(row[0]) for part in parts))
        prints[row[0]] = hashlib.sha256(repr(seen).encode()).hexdigest()[:16]
    return prints


# Each ordered by the article's id, its first column, and read from indexes alone: no record and no header is touched.
_PUBLISHED = """
    SELECT u.id, u.portal, u.canonical, u.state, u.gone_since, u.moved_to, u.last_ok, u.version, u.settled_by
    FROM urls u
    WHERE u.kind = 'article' AND u.version IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM takedowns t WHERE t.article_id = u.id) ORDER BY u.id"""
_PARTS = (
    "SELECT article_id, n, record_hash, repeats FROM versions ORDER BY article_id, n",
    "SELECT article_id, id, version, outcome FROM captures ORDER BY article_id, id",
    "SELECT article_id, capture_id, views FROM view_counts ORDER BY article_id, capture_id",
    "SELECT article_id, url, sha256 FROM media_links ORDER BY article_id, url",
)


class _Grouped:
    """Rows ordered by their first column, handed out group by group to somebody who asks in the same order."""

    def __init__(self, db: sqlite3.Connection, sql: str) -> None:
        self._rows = iter(_plain(db, sql))
        self._next = next(self._rows, None)

    def of(self, key: str) -> list[tuple[Any, ...]]:
        """Return the rows of a key not asked for before; rows of smaller keys are passed over."""
        group = []
        while self._next is not None and self._next[0] <= key:
            if self._next[0] == key:
                group.append(self._next[1:])
            self._next = next(self._rows, None)
        return group


def _plain(db: sqlite3.Connection, sql: str) -> sqlite3.Cursor:
    cursor = db.cursor()
    cursor.row_factory = None
    return cursor.execute(sql)
