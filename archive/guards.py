"""Guard triggers: what the archive refuses, whoever asks, also a stray `UPDATE` in the sqlite3 shell.

`sqlite-utils`' `transform()` silently drops every trigger of the table, so each migration makes them again and
every opening compares the live list with this one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


def _refuse(table: str, event: str, why: str) -> tuple[str, str]:
    name = f"{table}_no_{event.split()[0].lower()}"
    return name, f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{why}'); END"


def _keep_first(table: str) -> tuple[str, str]:
    name = f"{table}_no_replace"
    known = f"EXISTS (SELECT 1 FROM {table} WHERE sha256 = NEW.sha256)"
    return name, f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {known} BEGIN SELECT RAISE(IGNORE); END"


_CAPTURE_FACTS = (
    "id, article_id, crawl_id, fetched_at, ordered_at, origin, url, final_url, status, headers, sha256, bytes, kept,"
    " ip, tls_verified, listed_published, facts"
)

GUARDS = dict(
    (
        _refuse("bodies", "UPDATE", "a raw page is immutable"),
        _refuse("bodies", "DELETE", "a raw page is immutable"),
        _keep_first("bodies"),
        (
            "bodies_base_is_first",
            "CREATE TRIGGER bodies_base_is_first BEFORE INSERT ON bodies"
            " WHEN NEW.base IS NOT NULL AND (SELECT base FROM bodies WHERE sha256 = NEW.base) IS NOT NULL"
            " BEGIN SELECT RAISE(ABORT, 'a raw page never leans on one that leans on a third'); END",
        ),
        _refuse("dictionaries", "UPDATE", "a dictionary is immutable"),
        _refuse("dictionaries", "DELETE", "a dictionary is immutable"),
        _keep_first("dictionaries"),
        _refuse("captures", f"UPDATE OF {_CAPTURE_FACTS}", "the log of captures is append-only"),
        _refuse("captures", "DELETE", "the log of captures is append-only"),
        _refuse("versions", "DELETE", "a version is immutable"),
        (
            "versions_no_update",
            "CREATE TRIGGER versions_no_update BEFORE UPDATE ON versions"
            " WHEN NEW.article_id IS NOT OLD.article_id OR NEW.n IS NOT OLD.n OR NEW.capture_id IS NOT OLD.capture_id"
            " OR NEW.erased IS NOT OLD.erased"
            " OR (NEW.cleaner IS OLD.cleaner AND (NEW.record IS NOT OLD.record"
            " OR NEW.content_hash IS NOT OLD.content_hash OR NEW.record_hash IS NOT OLD.record_hash))"
            " BEGIN SELECT RAISE(ABORT, 'a version changes only by another cleaner'); END",
        ),
        (
            "versions_in_sequence",
            "CREATE TRIGGER versions_in_sequence BEFORE INSERT ON versions BEGIN"
            " SELECT RAISE(ABORT, 'version number gap') WHERE NEW.n <>"
            " 1 + (SELECT count(*) FROM versions WHERE article_id = NEW.article_id);"
            " SELECT RAISE(ABORT, 'same content as the version before') WHERE NEW.repeats IS NULL"
            " AND NEW.content_hash = (SELECT v.content_hash FROM captures new"
            " JOIN captures c ON c.article_id = new.article_id AND (c.ordered_at, c.id) < (new.ordered_at, new.id)"
            " JOIN versions v ON v.capture_id = c.id"
            " WHERE new.id = NEW.capture_id ORDER BY c.ordered_at DESC, c.id DESC LIMIT 1); END",
        ),
        (
            "versions_need_raw",
            "CREATE TRIGGER versions_need_raw BEFORE INSERT ON versions"
            " WHEN NOT EXISTS (SELECT 1 FROM captures WHERE id = NEW.capture_id"
            " AND article_id = NEW.article_id AND kept IS NOT NULL)"
            " BEGIN SELECT RAISE(ABORT, 'no raw page kept for this version'); END",
        ),
        _refuse("recleanings", "UPDATE", "the log of recleanings is append-only"),
        _refuse("recleanings", "DELETE", "the log of recleanings is append-only"),
        _refuse("view_counts", "UPDATE", "a measured count is immutable"),
        _refuse("view_counts", "DELETE", "a measured count is immutable"),
        _refuse("site_counters", "UPDATE", "a measured count is immutable"),
        _refuse("site_counters", "DELETE", "a measured count is immutable"),
        _refuse("media", "UPDATE", "a media file is immutable"),
        _refuse("media", "DELETE", "a media file is immutable"),
        _refuse("takedowns", "DELETE", "a takedown stays on record"),
        _refuse("urls", "DELETE", "an identifier is for ever"),
        _refuse("urls", "UPDATE OF id, portal, key, kind, first_seen", "an identifier is for ever"),
        (
            "crawls_no_reopening",
            "CREATE TRIGGER crawls_no_reopening BEFORE UPDATE ON crawls WHEN OLD.cause <> 'running'"
            " BEGIN SELECT RAISE(ABORT, 'this crawl has ended'); END",
        ),
        _refuse("crawls", "DELETE", "the log of crawls is append-only"),
    )
)
"""Every trigger by name."""


@contextmanager
def lowered(db: sqlite3.Connection, *names: str) -> Iterator[None]:
    """Lower some guards for the block, inside the caller's transaction, which raises them again or undoes it all."""
    for name in names:
        db.execute(f"DROP TRIGGER {name}")
    yield
    for name in names:
        db.execute(GUARDS[name])
