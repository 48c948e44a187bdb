"""The schema's history. A migration is added at the end and never changed once shipped.

`migrate` applies all that is pending in one transaction: a failing one leaves the archive as it was. Nothing here
uses `executescript`, which would commit half-way.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from sqlite_utils import Database, Migrations

from archive.capture import facts
from archive.guards import GUARDS
from archive.schema import TABLES

MIGRATIONS = Migrations("archive")


@MIGRATIONS(name="001_first")
def _first(db: Database) -> None:
    for statement in TABLES:
        db.conn.execute(statement)


@MIGRATIONS(name="002_in_short")
def _in_short(db: Database) -> None:
    """Let publishing and health read what changed without touching records and headers."""
    db.conn.execute("CREATE INDEX versions_in_short ON versions (article_id, n, date, record_hash, repeats)")
    db.conn.execute("CREATE INDEX captures_in_short ON captures (article_id, id, version, outcome)")


@MIGRATIONS(name="003_capture_facts")
def _capture_facts(db: Database) -> None:
    """Give each capture a hash over what was asked and answered, so that `verify` sees an altered address or header."""
    db.conn.execute("ALTER TABLE captures ADD COLUMN facts BLOB CHECK (facts IS NULL OR length(facts) = 32)")
    last = 0
    while rows := db.conn.execute("SELECT * FROM captures WHERE id > ? ORDER BY id LIMIT 1000", (last,)).fetchall():
        last = rows[-1]["id"]
        db.conn.executemany("UPDATE captures SET facts = ? WHERE id = ?", [(facts(row), row["id"]) for row in rows])


@MIGRATIONS(name="004_urls_in_short")
def _urls_in_short(db: Database) -> None:
    """Let health and publishing count a portal's addresses without reading them: they do so each night, for all."""
    db.conn.execute(
        "CREATE INDEX urls_in_short ON urls"
        " (portal, kind, version, first_seen, last_ok, state, last_checked, gone_since)"
    )


def pending(db: sqlite3.Connection) -> list[str]:
    """Return the names of the migrations this archive still lacks, in order."""
    return [migration.name for migration in MIGRATIONS.pending(_wrapped(db))]


def unknown(db: sqlite3.Connection) -> list[str]:
    """Return the names of applied migrations that this version of the program does not know."""
    known = {migration.name for migration in MIGRATIONS._migrations}
    return [migration.name for migration in MIGRATIONS.applied(_wrapped(db)) if migration.name not in known]


def strange_guards(db: sqlite3.Connection) -> list[str]:
    """Return the names of triggers that are none of ours."""
    live = [str(row[0]) for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
    return [name for name in live if name not in GUARDS]


def wrong_guards(db: sqlite3.Connection) -> list[str]:
    """Return the names of the guard triggers that are missing or altered."""
    live = {row[0]: row[1] for row in db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")}
    return [name for name, statement in GUARDS.items() if live.get(name) != statement]


def migrate(db: sqlite3.Connection) -> list[str]:
    """Bring the archive to the newest schema and make every guard trigger again; return what was applied.

    Foreign keys rest meanwhile, as SQLite advises for rebuilding tables, and are checked before the commit.
    """
    db.execute("PRAGMA foreign_keys=OFF")
    try:
        db.execute("BEGIN IMMEDIATE")
        names = pending(db)
        MIGRATIONS.apply(_wrapped(db))
        make_guards(db)
        dangling = db.execute("PRAGMA foreign_key_check").fetchone()
        if dangling is not None:
            raise sqlite3.IntegrityError(f"the migration would leave a dangling row in {dangling[0]}")
        db.execute("COMMIT")
        return names
    except BaseException:
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise
    finally:
        db.execute("PRAGMA foreign_keys=ON")


def make_guards(db: sqlite3.Connection) -> None:
    """Drop every trigger and make the expected ones."""
    for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        quoted = str(row[0]).replace('"', '""')
        db.execute(f'DROP TRIGGER "{quoted}"')
    for statement in GUARDS.values():
        db.execute(statement)


def _wrapped(db: sqlite3.Connection) -> Database:
    return Database(db)
