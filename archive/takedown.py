"""Takedown hides an article at the next publish; lawful erasure removes its pages and texts for good.

Erasure is the only thing that lowers the guards, inside one transaction, and it leaves a tombstone: the article's id
and address (so that it is neither crawled nor imported again), the hashes of what was removed, when and why.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from archive import clock, media
from archive.connect import explained, transaction
from archive.guards import lowered
from archive.raw import RawStore
from cleaning.command import Problem

_LOWERED = (
    "bodies_no_delete", "bodies_no_update", "captures_no_update", "versions_no_update", "recleanings_no_update",
    "media_no_delete", "dictionaries_no_delete",
)  # fmt: skip


@dataclass(frozen=True)
class Erased:
    """What an erasure removed."""

    bodies: int
    versions: int
    files: int


def find(db: sqlite3.Connection, url: str) -> str:
    """Return the id of the article with this address, alias or id; raises `Problem` unless there is exactly one."""
    rows = db.execute(
        "SELECT id FROM urls WHERE kind = 'article' AND (id = ?1 OR canonical = ?1)"
        " UNION SELECT url_id FROM url_aliases WHERE seen_as = ?1"
        " UNION SELECT article_id FROM captures WHERE url = ?1 OR final_url = ?1",
        (url,),
    ).fetchall()
    if not rows:
        raise Problem(f"the archive has no article {url}; give its address as archived, or its id")
    if len(rows) > 1:
        raise Problem(
            f"{url} is the address of {len(rows)} articles; give one's id: {', '.join(row[0] for row in rows)}"
        )
    return str(rows[0][0])


def hide(db: sqlite3.Connection, article_id: str, reason: str, by_whom: str | None) -> None:
    """Take an article out of every later release; the archive keeps it."""
    if not reason.strip():
        raise Problem("--reason: say why, in a few words; readers see it")
    with transaction(db):
        _hide(db, article_id, reason, by_whom)


def erase(db: sqlite3.Connection, article_id: str, reason: str, by_whom: str | None, files: Path) -> Erased:
    """Remove every page, text and file of an article for good, and write it into the log of takedowns.

    What another article holds too (the same bytes at another address) stays there. Backups and releases made
    before still hold the text.
    """
    if not reason.strip():
        raise Problem("--reason: say why, in a few words; the log keeps it")
    db.execute("PRAGMA secure_delete=ON")
    with transaction(db), lowered(db, *_LOWERED):
        _hide(db, article_id, reason, by_whom)
        own = _own_bodies(db, article_id)
        _free_of(db, own)
        _free_dictionaries(db, article_id)
        titles = db.execute("SELECT DISTINCT title FROM versions WHERE article_id = ? AND title <> ''", (article_id,))
        for (title,) in titles.fetchall():
            db.execute(
                "DELETE FROM surroundings WHERE instr(text, ?) AND portal = (SELECT portal FROM urls WHERE id = ?)",
                (title, article_id),
            )
        db.execute(
            "UPDATE captures SET kept = NULL, version = NULL, outcome = 'erased', listed_published = NULL"
            " WHERE article_id = ?",
            (article_id,),
        )
        db.execute(f"DELETE FROM bodies WHERE sha256 IN ({', '.join('?' * len(own))})", own)
        versions = db.execute(
            "UPDATE versions SET erased = 1, record = '{}', record_hash = ?, content_hash = zeroblob(32), chars = 0,"
            " flags = '[]', text_hash = NULL, title = NULL, author = NULL, category = NULL, language = NULL,"
            " date = NULL, date_basis = NULL, published = NULL, published_precision = NULL, published_source = NULL,"
            " published_raw = NULL, event_date = NULL, layout = NULL WHERE article_id = ?",
            (hashlib.sha256(b"{}").digest(), article_id),
        ).rowcount
        db.execute(
            "UPDATE recleanings SET old_content_hash = NULL, new_content_hash = zeroblob(32) WHERE article_id = ?",
            (article_id,),
        )
        db.execute("UPDATE urls SET version = NULL, listed_title = NULL WHERE id = ?", (article_id,))
        lost = _unlink_media(db, article_id)
        db.execute(
            "UPDATE takedowns SET erased_at = ?, bodies = bodies + ? WHERE article_id = ?",
            (clock.stamp(), len(own), article_id),
        )
    with explained("the archive"):
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for sha in lost:
        media.place(files, sha).unlink(missing_ok=True)
    return Erased(len(own), versions, len(lost))


def _hide(db: sqlite3.Connection, article_id: str, reason: str, by_whom: str | None) -> None:
    db.execute(
        "INSERT INTO takedowns (article_id, at, reason, by_whom) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (article_id, clock.stamp(), reason.strip(), by_whom),
    )
    db.execute("UPDATE urls SET state = 'taken_down', next_check = NULL WHERE id = ?", (article_id,))


def _own_bodies(db: sqlite3.Connection, article_id: str) -> list[bytes]:
    """Return the bodies that no other article keeps."""
    rows = db.execute(
        "SELECT DISTINCT kept FROM captures c WHERE article_id = ?1 AND kept IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM captures o WHERE o.kept = c.kept AND o.article_id <> ?1)",
        (article_id,),
    )
    return [bytes(row[0]) for row in rows]


def _free_of(db: sqlite3.Connection, own: list[bytes]) -> None:
    """Make bodies of other articles that lean on one to be erased stand alone."""
    raw = RawStore(db)
    gone = set(own)
    for sha in own:
        for (leaning,) in db.execute("SELECT sha256 FROM bodies WHERE base = ?", (sha,)).fetchall():
            if bytes(leaning) not in gone:
                raw.stand_alone(bytes(leaning))


def _free_dictionaries(db: sqlite3.Connection, article_id: str) -> None:
    """Take the article's words out of its portal's sample pages, should an older cleaner have left some in one."""
    raw = RawStore(db)
    texts: list[str] = []
    for (record,) in db.execute("SELECT record FROM versions WHERE article_id = ? AND erased = 0", (article_id,)):
        values = json.loads(record)
        texts += filter(None, (values["title"], values["lead"], *values["body"], *values["captions"]))
    portal = "SELECT id FROM dictionaries WHERE portal = (SELECT portal FROM urls WHERE id = ?)"
    for (number,) in db.execute(portal, (article_id,)).fetchall():
        raw.without(number, texts)


def _unlink_media(db: sqlite3.Connection, article_id: str) -> list[bytes]:
    rows = db.execute(
        "SELECT DISTINCT sha256 FROM media_links m WHERE article_id = ?1 AND sha256 IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM media_links o WHERE o.sha256 = m.sha256 AND o.article_id <> ?1)",
        (article_id,),
    )
    lost = [bytes(row[0]) for row in rows]
    db.execute("DELETE FROM media_links WHERE article_id = ?", (article_id,))
    db.executemany("DELETE FROM media WHERE sha256 = ?", [(sha,) for sha in lost])
    return lost
