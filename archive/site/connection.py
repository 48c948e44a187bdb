"""What every SQLite connection of the site gets: the shared fold for searches, and bounds where strangers write SQL.

A Datasette plugin, also found by plain `datasette` where this package is installed, so that the table page's search
box folds đ there too. It only touches databases that carry our application id.
"""

from __future__ import annotations

import sqlite3
import weakref
from typing import TYPE_CHECKING, Any

from datasette import hookimpl

from archive.site import describe, schema, search

if TYPE_CHECKING:  # Datasette loads this module while it is itself being imported
    from datasette.app import Datasette

RESULT_BYTES = 8 << 20
"""The values of one result in the public profile, all together."""

HEAP_BYTES = 192 << 20
"""What SQLite may allocate in the whole process in the public profile; a query above it fails."""

_LEAST_LENGTH = 100_000


@hookimpl(trylast=True)
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Datasette) -> None:
    """Fold what is searched; in the public profile bound what a query may cost."""
    if conn.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION_ID:
        return
    conn.create_function("escape_fts", 1, _escape, deterministic=True)
    conn.create_function("has_accents", 2, search.has_accents, deterministic=True)
    settings: dict[str, Any] = datasette.plugin_config(describe.DATABASE) or {}
    if settings.get("public"):
        bound(conn)


def bound(db: sqlite3.Connection) -> None:
    """Bound what any query on this connection may build, hold or return.

    A time limit alone does not do it: one call of hex(zeroblob(…)) allocates gigabytes between two looks at the clock.
    """
    db.execute(f"PRAGMA hard_heap_limit = {HEAP_BYTES}")
    row = db.execute("SELECT value FROM release_info WHERE key = 'longest_row'").fetchone()
    longest = int(row[0]) if row else 1 << 20
    for limit, value in (
        (sqlite3.SQLITE_LIMIT_LENGTH, max(_LEAST_LENGTH, longest + longest // 8)),
        (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 20_000),
        (sqlite3.SQLITE_LIMIT_COLUMN, 200),
        (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 200),
        (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 50),
        (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200),
        (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
        (sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0),
    ):
        db.setlimit(limit, value)
    for name in ("printf", "format"):
        db.create_function(name, -1, _refused)
    db.row_factory = _Counted()


class _Counted:
    """A row factory that refuses a result when its values have grown past `RESULT_BYTES`."""

    def __init__(self) -> None:
        self._cursor: weakref.ref[sqlite3.Cursor] | None = None
        self._bytes = 0

    def __call__(self, cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        if self._cursor is None or self._cursor() is not cursor:
            self._cursor, self._bytes = weakref.ref(cursor), 0
        self._bytes += sum(len(value) if isinstance(value, str | bytes) else 8 for value in values)
        if self._bytes > RESULT_BYTES:
            raise sqlite3.OperationalError(f"the result is larger than {RESULT_BYTES >> 20} MB; download the database")
        return sqlite3.Row(cursor, values)


def _escape(query: str | None) -> str:
    return search.match(query or "")


def _refused(*_: object) -> None:
    raise ValueError("printf and format are switched off here")
