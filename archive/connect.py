"""The one way to open the archive: every reader and writer gets its connection here.

WAL with `synchronous=FULL` keeps what was acknowledged through a power cut; foreign keys and recursive triggers are
off by default in SQLite and hold the guards up. A write transaction always begins IMMEDIATE: a deferred one that
reads before it writes fails at once with SQLITE_BUSY_SNAPSHOT, whatever the time-out.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive import migrations, room
from cleaning.command import CANNOT_FINISH, USAGE, Problem

APPLICATION_ID = 0x54694172
"""`TiAr` in the file's header tells an archive from any other SQLite file, a published one too."""

BUSY_SECONDS = 30.0
PAGE_SIZE = 8192
"""2 KB pages of compressed HTML waste 57 % of 4 KB database pages and 24 % of these (measured)."""


def connect(
    path: Path | str, *, write: bool = True, create: bool | None = None, check: bool = True
) -> sqlite3.Connection:
    """Open the archive at `path`; rows answer to names and positions, and no transaction is open.

    A missing file is created with the newest schema when `create` (default: when `write`). Raises `Problem`: exit 2
    for a path that cannot be read, a file that is no archive, an older or newer schema; exit 70 for a damaged file
    or a missing guard trigger. `check=False` skips the look at schema and guards (`migrate`, `verify`).
    """
    path = Path(path)
    create = write if create is None else create
    if path.is_dir():
        raise Problem(f"{path} is a folder; give the archive file, for example {path / 'archive.db'}")
    if not path.exists():
        if not create:
            raise Problem(f"no archive at {path}; crawl or import something first, or give --archive")
        room.make(path.parent)
    with explained(path):
        db = _open(path, write=write)
        try:
            _prepare(db, path, write=write, create=create)
            if check:
                _check(db, path)
        except BaseException:
            db.close()
            raise
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Run the block in one BEGIN IMMEDIATE transaction: all of it is stored, or nothing.

    A full disk, an I/O error and a damaged file become a `Problem` of one line (exit 70).
    """
    with explained(_file_of(db)):
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


@contextmanager
def explained(path: Path | str) -> Iterator[None]:
    """Turn SQLite's errors about the file itself into one clear line; other errors pass through."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        problem = _explain(error, path)
        if problem is None:
            raise
        raise problem from error


def _explain(error: sqlite3.Error | UnicodeDecodeError, path: Path | str) -> Problem | None:
    code = sqlite3.SQLITE_CORRUPT if isinstance(error, UnicodeDecodeError) else getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    lines: dict[int, tuple[str, int]] = {
        sqlite3.SQLITE_FULL: (
            f"{path}: the disk is full; free some room and run it again, nothing is lost",
            CANNOT_FINISH,
        ),
        sqlite3.SQLITE_IOERR: (
            f"{path}: the disk reports an input/output error ({error}); check the disk",
            CANNOT_FINISH,
        ),
        sqlite3.SQLITE_CORRUPT: (
            f"{path}: the archive is damaged ({error}); run `tintinh verify`, then `tintinh restore`",
            CANNOT_FINISH,
        ),
        sqlite3.SQLITE_NOTADB: (f"{path} is no SQLite file; give the archive file with --archive", USAGE),
        sqlite3.SQLITE_CANTOPEN: (f"{path} cannot be opened; check that it exists and may be read", USAGE),
        sqlite3.SQLITE_PERM: (f"{path} may not be opened; check its permissions", USAGE),
        sqlite3.SQLITE_READONLY: (f"{path} may not be written; check its permissions and its folder's", USAGE),
        sqlite3.SQLITE_BUSY: (
            f"{path} is being written by another program; try again when it has ended",
            CANNOT_FINISH,
        ),
    }
    if primary not in lines:
        return None
    return Problem(*lines[primary])


def _open(path: Path, *, write: bool) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={'rwc' if write else 'ro'}"
    if not write and not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists():
        uri += "&immutable=1"  # nobody has it open, and the file that WAL readers share cannot be made here
    db = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    db.row_factory = sqlite3.Row
    return db


def _prepare(db: sqlite3.Connection, path: Path, *, write: bool, create: bool) -> None:
    empty = not db.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()[0]
    if empty and not create:
        raise Problem(f"{path} is empty; it is no archive")
    if write:
        if empty:
            db.execute(f"PRAGMA page_size={PAGE_SIZE}")
        db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA foreign_keys=ON")
    db.execute("PRAGMA recursive_triggers=ON")
    if empty and write:
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        migrations.migrate(db)
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise Problem(f"{path} is an SQLite file, but no archive of Tin Tỉnh; give the archive file with --archive")


def _check(db: sqlite3.Connection, path: Path) -> None:
    unknown = migrations.unknown(db)
    if unknown:
        raise Problem(f"{path} was written by a newer Tin Tỉnh (schema {unknown[-1]}); install that version")
    pending = migrations.pending(db)
    if pending:
        raise Problem(
            f"{path} has an older schema (missing: {', '.join(pending)}); back it up, then run `tintinh migrate`"
        )
    wrong = migrations.wrong_guards(db)
    if wrong:
        raise Problem(
            f"{path}: guard trigger {wrong[0]} is missing or altered; run `tintinh verify`, then `tintinh migrate`",
            CANNOT_FINISH,
        )


def _file_of(db: sqlite3.Connection) -> str:
    return next((str(row[2]) for row in db.execute("PRAGMA database_list") if row[1] == "main"), "") or "the archive"
