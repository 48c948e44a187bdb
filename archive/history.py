"""Which captures of an article are its versions: a pure function of the captures, in time order, and one cleaner.

The common case, a capture newer than all others, is decided by looking at the current version alone. A late capture
(an import, a web archive's) and better cleaning rules make the article's whole history be settled again, with the
same judgement. A version keeps its number for ever; one that better rules find equal to its predecessor stays as a
row that `repeats` it and is no edit.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from archive import clock, series
from archive.cleaner import Cleaned
from archive.guards import lowered

SHRUNK = 0.2
"""A body below this share of the one before is a failure of the page until a person says otherwise."""

_SHORT = 200
_CUT = frozenset({"truncated", "too-big", "partial-body", "short-body"})


@dataclass(frozen=True)
class Content:
    """What of a version the next capture is compared with."""

    content_hash: bytes
    chars: int


def judge(before: Content | None, page: Cleaned | None, flags: tuple[str, ...]) -> str:
    """Return the outcome of a kept page after `before`: `ok`, or why it is no version.

    A cut page may be an article's first version (better than nothing, and flagged), never an edit.
    """
    if page is None:
        return "doubtful"
    if "soft-404" in flags or "error-page" in page.flags:
        return "soft-404"
    if page.empty:
        return "no-article"
    if before is not None and page.content_hash != before.content_hash:
        if not _CUT.isdisjoint(flags):
            return "truncated"
        if before.chars >= _SHORT and page.chars < SHRUNK * before.chars:
            return "shrunk"
    return "ok"


def current(db: sqlite3.Connection, article_id: str) -> sqlite3.Row | None:
    """Return the version that stands last in time: n, capture_id, content_hash, chars, ordered_at."""
    row: sqlite3.Row | None = db.execute(
        "SELECT v.n, v.capture_id, v.content_hash, v.chars, c.ordered_at"
        " FROM urls u JOIN versions v ON v.article_id = u.id AND v.n = u.version JOIN captures c ON c.id = v.capture_id"
        " WHERE u.id = ?",
        (article_id,),
    ).fetchone()
    return row


def add_version(db: sqlite3.Connection, article_id: str, capture_id: int, page: Cleaned) -> int:
    """Write a new version of the article; return its number."""
    number: int = db.execute("SELECT count(*) + 1 FROM versions WHERE article_id = ?", (article_id,)).fetchone()[0]
    columns = {"article_id": article_id, "n": number, "capture_id": capture_id, **page.columns}
    marks = ", ".join(f":{name}" for name in columns)
    db.execute(f"INSERT INTO versions ({', '.join(columns)}) VALUES ({marks})", columns)
    return number


def settle(
    db: sqlite3.Connection, article_id: str, clean: Callable[[sqlite3.Row], Cleaned | None], cleaner: str
) -> int:
    """Settle an article's versions anew, inside the caller's transaction; return how many of its versions and
    captures came out otherwise.

    `clean` cleans the raw page of a row of `captures`, by the rules called `cleaner`.
    """
    before: Content | None = None
    last: int | None = None
    changes = 0
    portal = db.execute("SELECT portal FROM urls WHERE id = ?", (article_id,)).fetchone()[0]
    for capture in kept_captures(db, article_id):
        page = clean(capture)
        outcome = judge(before, page, tuple(json.loads(capture["flags"])))
        own = db.execute("SELECT * FROM versions WHERE capture_id = ?", (capture["id"],)).fetchone()
        number = last if own is None else int(own["n"])
        if page is not None and (outcome == "ok" or own is not None):
            same = before is not None and before.content_hash == page.content_hash
            if own is None and not same:
                number = add_version(db, article_id, capture["id"], page)
                changes += 1
            elif own is not None:
                changes += _reclean(db, article_id, own, page, last if same or outcome != "ok" else None)
        if outcome == "ok" and page is not None:
            before, last = Content(page.content_hash, page.chars), number
            series.correct(db, portal, article_id, capture["id"], capture["fetched_at"], page)
        confirmed = last if outcome == "ok" else (None if own is None else number)
        if (capture["outcome"], capture["version"]) != (outcome, confirmed):
            db.execute("UPDATE captures SET outcome = ?, version = ? WHERE id = ?", (outcome, confirmed, capture["id"]))
            changes += 1
    db.execute("UPDATE urls SET version = ?, settled_by = ? WHERE id = ?", (last, cleaner, article_id))
    return changes


def kept_captures(db: sqlite3.Connection, article_id: str) -> list[sqlite3.Row]:
    """Return the captures of an article whose raw page is kept, in time order."""
    return db.execute(
        "SELECT * FROM captures WHERE article_id = ? AND kept IS NOT NULL ORDER BY ordered_at, id", (article_id,)
    ).fetchall()


def _reclean(db: sqlite3.Connection, article_id: str, own: sqlite3.Row, page: Cleaned, repeats: int | None) -> int:
    """Write what today's rules make of a version's page; also over a damaged row of the very same rules."""
    columns = {**page.columns, "repeats": repeats}
    if all(own[name] == value for name, value in columns.items()):
        return 0
    sets = ", ".join(f"{name} = :{name}" for name in columns)
    with lowered(db, *(["versions_no_update"] if own["cleaner"] == page.cleaner else [])):
        db.execute(
            f"UPDATE versions SET {sets} WHERE article_id = :article_id AND n = :n",
            {**columns, "article_id": article_id, "n": own["n"]},
        )
    if own["content_hash"] != page.content_hash:
        db.execute(
            "INSERT INTO recleanings (article_id, n, at, old_cleaner, new_cleaner, old_content_hash, new_content_hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (article_id, own["n"], clock.stamp(), own["cleaner"], page.cleaner, own["content_hash"], page.content_hash),
        )
    return int(own["content_hash"] != page.content_hash or own["repeats"] != repeats)
