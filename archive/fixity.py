"""Looks whether the archive still is what was put into it: every hash, guard, link and file.

SQLite's own `integrity_check` calls a flipped bit in a stored page "ok"; the sha256 of each body, record and media
file does not. A share (`1/30`) looks at one part of the hashes a day and comes round in as many days.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive import chain, clock, media, migrations
from archive.capture import facts
from archive.cleaner import derived
from archive.connect import connect
from archive.raw import Damaged, RawStore
from cleaning.command import Options, Problem

RESTORE = "restore it from a backup: tintinh restore"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be: its kind, which one, and what to do about it."""

    kind: str
    what: str
    advice: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}; {self.advice}"


@dataclass(frozen=True)
class Share:
    """The part of all hashes to look at: those whose first 16 bits fall into part `part` of `of`."""

    part: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Share:
        """Read `1/30`: of thirty parts the one whose turn it is today. Raises `Problem`."""
        one, _, of = text.partition("/")
        if one != "1" or not of.isdecimal() or not 1 <= int(of) <= 65536:
            raise Problem(f"--share {text}: expected 1/N with N from 1 to 65536, for example 1/30")
        return cls(clock.now().toordinal() % int(of), int(of))

    @property
    def hashes(self) -> tuple[bytes, bytes]:
        """The first and the last 32-byte hash of the part."""
        low, high = (65536 * part // self.of for part in (self.part, self.part + 1))
        return low.to_bytes(2) + bytes(30), (high - 1).to_bytes(2) + b"\xff" * 30

    @property
    def ids(self) -> tuple[str, str]:
        """The first and the last article id of the part."""
        low, high = self.hashes
        return low.hex()[:16], high.hex()[:16]


WHOLE = Share(0, 1)


def verify(options: Options, share: Share = WHOLE) -> list[Finding]:
    """Look at the archive, its media and its releases; return everything that is wrong.

    Raises `Problem` where the archive cannot be read at all.
    """
    db = connect(options.archive, write=False, check=False)
    db.text_factory = lambda raw: raw.decode("utf-8", "replace")  # a text that is no UTF-8 any more fits no hash
    try:
        pending = migrations.pending(db)
        if pending:
            raise Problem(f"{options.archive} has an older schema; run `tintinh migrate` first")
        findings = list(_structure(db, share))
        for look in (_guards, _dictionaries, _bodies, _captures, _versions, _links):
            try:
                findings += look(db, share)
            except sqlite3.DatabaseError as error:
                findings.append(Finding("damaged file", f"{options.archive} ({error})", RESTORE))
        findings += _media(db, options.media, share)
        for what in chain.broken(options.releases, files=share.of == 1):
            findings.append(Finding("release", what, "take it from a copy, or publish again: tintinh publish"))
        return findings
    finally:
        db.close()


def _structure(db: sqlite3.Connection, share: Share) -> Iterator[Finding]:
    """Let SQLite look at its file and at all references: of the shares, the first one's night bears it."""
    if share.part:
        return
    try:
        for (line,) in db.execute("PRAGMA integrity_check"):
            if line != "ok":
                yield Finding("damaged file", str(line), RESTORE)
        for row in db.execute("PRAGMA foreign_key_check"):
            yield Finding("dangling row", f"{row[0]} row {row[1]} names a row of {row[2]} that is not there", RESTORE)
    except sqlite3.DatabaseError as error:
        yield Finding("damaged file", str(error), RESTORE)


def _guards(db: sqlite3.Connection, share: Share) -> Iterator[Finding]:
    for name in migrations.wrong_guards(db):
        yield Finding("guard", f"trigger {name} is missing or altered", "make it again: tintinh migrate")
    for name in migrations.strange_guards(db):
        yield Finding("guard", f"trigger {name} is none of ours", "look what it does, then: tintinh migrate")


def _dictionaries(db: sqlite3.Connection, share: Share) -> Iterator[Finding]:
    raw = RawStore(db)
    for number, portal in db.execute("SELECT id, portal FROM dictionaries").fetchall():
        try:
            raw.sample(number)
        except Damaged as damage:
            yield Finding("dictionary", f"{damage} (portal {portal}: all pages that lean on it)", RESTORE)


def _bodies(db: sqlite3.Connection, share: Share) -> Iterator[Finding]:
    raw = RawStore(db)
    for (sha,) in db.execute("SELECT sha256 FROM bodies WHERE sha256 BETWEEN ? AND ?", share.hashes):
        try:
            raw.get(sha)
        except Damaged as damage:
            yield Finding("raw page", f"{sha.hex()} of {_owner(db, sha)}: {damage}", RESTORE)
    for (sha,) in db.execute(
        "SELECT sha256 FROM bodies b WHERE sha256 BETWEEN ? AND ?"
        " AND NOT EXISTS (SELECT 1 FROM captures WHERE kept = b.sha256)",
        share.hashes,
    ):
        yield Finding("dangling row", f"raw page {sha.hex()} belongs to no capture", "report it; nothing is lost")


def _captures(db: sqlite3.Connection, share: Share) -> Iterator[Finding]:
    rows = db.execute("SELECT * FROM captures WHERE facts IS NOT NULL AND article_id BETWEEN ? AND ?", share.ids)
    for row in rows:
        if facts(row) != row["facts"]:
            what = f"capture {row['id']} of article {row['article_id']}: address, time or headers were altered"
            yield Finding("capture", what, RESTORE)


def _versions(db: sqlite3.Connection, share: Share) -> Iterator[Finding]:
    rows = db.execute("SELECT * FROM versions WHERE erased = 0 AND article_id BETWEEN ? AND ?", share.ids)
    for row in rows:
        which = f"version {row['n']} of article {row['article_id']}"
        advice = "clean it from its raw page again: tintinh reclean --all"
        try:
            wanted = derived(row["record"])
        except (ValueError, LookupError, TypeError, AttributeError):
            yield Finding("cleaned record", f"{which} is no record", advice)
            continue
        wrong = [name for name, value in wanted.items() if row[name] != value]
        if wrong:
            yield Finding("cleaned record", f"{which}: {', '.join(wrong)} do not fit the record", advice)


def _links(db: sqlite3.Connection, share: Share) -> Iterator[Finding]:
    for row in db.execute(
        "SELECT id, article_id FROM captures WHERE kept IS NOT NULL AND outcome = 'doubtful' AND version IS NULL"
        " AND article_id BETWEEN ? AND ?",
        share.ids,
    ):
        what = f"capture {row['id']} of article {row['article_id']}"
        yield Finding(
            "unclean raw page", f"{what} has a raw page that cleaning refused", "try tintinh reclean, or report it"
        )
    for row in db.execute(
        "SELECT id, article_id FROM captures c WHERE article_id BETWEEN ? AND ? AND kept IS NOT NULL"
        " AND (kept IS NOT sha256 OR bytes IS NOT (SELECT raw_size FROM bodies WHERE sha256 = c.kept))",
        share.ids,
    ):
        yield Finding("dangling row", f"capture {row['id']} of article {row['article_id']} keeps another page", RESTORE)
    for row in db.execute(
        "SELECT id, version FROM urls u WHERE kind = 'article' AND id BETWEEN ? AND ? AND version IS NOT ("
        " SELECT c.version FROM captures c WHERE c.article_id = u.id AND c.outcome = 'ok'"
        " ORDER BY c.ordered_at DESC, c.id DESC LIMIT 1)",
        share.ids,
    ):
        what = f"article {row['id']} names version {row['version']} as its current one, its captures another"
        yield Finding("dangling row", what, "settle it again: tintinh reclean --all")


def _media(db: sqlite3.Connection, folder: Path, share: Share) -> Iterator[Finding]:
    for sha, size in db.execute("SELECT sha256, bytes FROM media WHERE sha256 BETWEEN ? AND ?", share.hashes):
        file = media.place(folder, sha)
        try:
            with file.open("rb") as stream:
                whole = hashlib.file_digest(stream, "sha256").digest()
        except OSError:
            yield Finding("media file", f"{file} is missing", RESTORE)
            continue
        if whole != sha or file.stat().st_size != size:
            yield Finding("media file", f"{file} does not have its hash", RESTORE)


def _owner(db: sqlite3.Connection, sha: bytes) -> str:
    row = db.execute("SELECT article_id, url FROM captures WHERE kept = ? ORDER BY id LIMIT 1", (sha,)).fetchone()
    return "no capture" if row is None else f"article {row['article_id']} ({row['url']})"
