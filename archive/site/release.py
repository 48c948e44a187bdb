"""Releases: `releases/<UTC stamp>/` with the database, its exports, checksums and citation; then `current` moves.

Everything is written into a hidden folder first. Only a complete, checked release is renamed into place, and only
then does the link `current` move, in one step: a reader sees the old release or the new one, never half of either.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import zstandard

from archive import clock, room
from archive.chain import CHAIN, SUMS
from archive.connect import connect
from archive.site import build, citation, delta, describe, exports, schema, search
from archive.site.build import Builder
from archive.site.unfold import Mask
from cleaning.command import CANNOT_FINISH, LOCKED, Problem

DATABASE = "tintinh.db"
CURRENT = "current"

_PART = ".part"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Release:
    """A finished release, and what it cost; `takes_down`: something that the one before holds was taken down."""

    id: str
    folder: Path
    previous: str | None
    full: bool
    rows: dict[str, int]
    kinds: dict[str, int]
    parquet: bool
    takes_down: bool
    database_seconds: float
    seconds: float

    def report(self) -> str:
        """Return what a person wants to know, in one line (two where Parquet is missing)."""
        kinds = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(self.kinds.items()))
        way = "in full" if self.full else f"on {self.previous}"
        line = f"release {self.id}: {self.rows['articles']} articles ({kinds or 'nothing changed'}), built {way} in "
        line += f"{self.seconds:.1f} s, at {self.folder}"
        return line if self.parquet else f"{line}\nno Parquet files: install the extra (pip install 'tintinh[parquet]')"


def publish(archive: Path, releases: Path, *, mask: Mask | None = None) -> Release:
    """Write a new release of `archive` into `releases` and move `current` to it.

    Raises `Problem`: 75 when another publish runs, 70 when the disk has too little room or the result is unsound; the
    old release stays as it was in every case.
    """
    began = time.monotonic()
    room.make(releases)
    with _alone(releases), _reading(archive) as db:
        for left in releases.glob(f".*{_PART}"):
            shutil.rmtree(left)
        before = current(releases)
        need = 3 * ((before / DATABASE).stat().st_size if before else archive.stat().st_size)
        room.require(releases, need, "a release")
        created_at = clock.stamp()
        name = _free_name(releases, created_at.replace(":", ""))
        folder = releases / f".{name}{_PART}"
        folder.mkdir()
        try:
            release = _write(db, folder, releases, name, created_at, before, mask, began)
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, OSError | sqlite3.OperationalError):
                raise Problem(f"{folder}: {error}; free some room and publish again", CANNOT_FINISH) from error
            raise
        _settle(folder)
        folder.rename(releases / name)
        with (releases / CHAIN).open("a", encoding="ascii") as chain:
            chain.write(f"{name} {sha256(releases / name / SUMS)}\n")
        _point(releases, name)
        _prune(releases, name, only=release.takes_down)
    return release


def current(releases: Path) -> Path | None:
    """Return the folder that `current` points to, resolved; None where nothing has been published."""
    link = releases / CURRENT
    folder = link.resolve()
    return folder if link.is_symlink() and (folder / DATABASE).is_file() else None


def _write(
    db: sqlite3.Connection, folder: Path, releases: Path, name: str, created_at: str, before: Path | None,
    mask: Mask | None, began: float,
) -> Release:  # fmt: skip
    key = build.build_key(_software(), mask is not None)
    info = {
        "release": name, "created_at": created_at, "previous": before.name if before else "", "build_key": key,
        "title": describe.say(describe.metadata()["title"], "vi"), "software": _software(),
    }  # fmt: skip
    hidden = {row[0] for row in db.execute("SELECT article_id FROM takedowns")}
    with ExitStack() as opened:
        last = opened.enter_context(exports.open_public(before / DATABASE)) if before else None
        earlier = last if last and last.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION else None
        difference = delta.between(db, earlier)
        takes_down = last is not None and delta.holds(last, hidden)
        full = before is None or earlier is None or takes_down or difference.is_most or _key_of(earlier) != key
        if before is not None and not full:
            _copy(before / DATABASE, folder / DATABASE)
        builder = Builder(db, folder / DATABASE, difference, mask=mask, earlier=earlier)
        if full:
            builder.full(info)
        else:
            builder.update(info)
    database_hash = sha256(folder / DATABASE)
    with exports.open_public(folder / DATABASE) as public:
        _check(public, folder, whole=full)
        database_seconds = time.monotonic() - began
        now = delta.known(public, difference.changed)
        kinds = _write_changes(folder, delta.changes(difference.before, now, hidden))
        touched = {known.date[:7] for known in (*difference.before.values(), *now.values())}
        rows = exports.write(public, folder, None if full else before, touched)
        exports.datapackage(public, folder, name, created_at, rows)
        (folder / "data-dictionary.md").write_text(describe.dictionary(public), encoding="utf-8")
    shutil.copyfile(describe.METADATA, folder / "metadata.yml")
    _write_inspection(folder, database_hash, rows)
    cite = citation.of_release(name, created_at, database_hash)
    (folder / "citation.bib").write_text(cite.bibtex, encoding="utf-8")
    (folder / "citation.json").write_text(cite.csl_json, encoding="utf-8")
    _compress(folder / DATABASE)
    _write_sums(folder, before, {DATABASE: database_hash})
    return Release(
        name, releases / name, before.name if before else None, full, rows, kinds, exports.has_parquet(),
        takes_down, database_seconds, time.monotonic() - began,
    )  # fmt: skip


def _copy(source: Path, target: Path) -> None:
    """Copy a file inside the kernel, which shares the blocks where the file system can and is quick where it cannot."""
    with suppress(AttributeError, OSError), source.open("rb") as old, target.open("wb") as new:  # Linux only
        left = os.fstat(old.fileno()).st_size
        while left and (done := os.copy_file_range(old.fileno(), new.fileno(), left)):
            left -= done
        if not left:
            return
    shutil.copyfile(source, target)


def _write_changes(folder: Path, lines: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Write `changes.jsonl`; return how many lines of each kind."""
    kinds: dict[str, int] = {}
    with (folder / "changes.jsonl").open("w", encoding="utf-8") as file:
        for line in lines:
            kinds[line["kind"]] = kinds.get(line["kind"], 0) + 1
            file.write(json.dumps(line) + "\n")
    return kinds


def _key_of(db: sqlite3.Connection) -> str | None:
    row = db.execute("SELECT value FROM release_info WHERE key = 'build_key'").fetchone()
    return None if row is None else str(row[0])


def _check(db: sqlite3.Connection, folder: Path, *, whole: bool) -> None:
    """Refuse a database that is not sound: nothing of it is published. `whole` looks at every page too."""
    damage = db.execute("PRAGMA quick_check(1)").fetchone()[0] if whole else "ok"
    if damage != "ok":
        raise Problem(f"{folder}: the built database is damaged ({damage}); check the disk", CANNOT_FINISH)
    if search.unfolded(db):
        raise Problem(
            f"{folder}: the search index holds unfolded words; build it with archive.site.search", CANNOT_FINISH
        )
    articles, indexed = (db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
                         for name in ("articles", "articles_fts_docsize"))  # fmt: skip
    if articles != indexed:
        raise Problem(f"{folder}: {articles} articles, but {indexed} in the search index", CANNOT_FINISH)


def _write_inspection(folder: Path, database_hash: str, rows: Mapping[str, int]) -> None:
    """Write what `datasette inspect` would count, so that a server need not count and hash at its start."""
    rows = {**rows, "articles_fts": rows["articles"]}
    facts = {
        describe.DATABASE: {
            "hash": database_hash,
            "size": (folder / DATABASE).stat().st_size,
            "file": DATABASE,
            "tables": {table: {"count": count} for table, count in rows.items()},
        }
    }
    (folder / "inspect-data.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _compress(database: Path) -> None:
    packer = zstandard.ZstdCompressor(level=3, threads=-1, write_checksum=True)
    with database.open("rb") as source, database.with_name(f"{DATABASE}.zst").open("wb") as target:
        packer.copy_stream(source, target, size=database.stat().st_size)


def _write_sums(folder: Path, before: Path | None, hashes: dict[str, str]) -> None:
    """Write SHA256SUMS, as `sha256sum -c` reads it; its first line, a comment, names the previous release's."""
    old = sums(before / SUMS) if before else {}
    lines = [f"# previous: {before.name} {sha256(before / SUMS)}\n" if before else "# previous: none\n"]
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")):
        name = path.relative_to(folder).as_posix()
        linked = before is not None and name in old and _same_file(path, before / name)
        lines.append(f"{hashes.get(name) or (old[name] if linked else sha256(path))}  {name}\n")
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def sums(path: Path) -> dict[str, str]:
    """Return file name to SHA-256 of a release's SHA256SUMS."""
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines if not line.startswith("#"))}


def _same_file(one: Path, other: Path) -> bool:
    return other.exists() and one.samefile(other)


def sha256(path: Path) -> str:
    """Return the file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep(names: Iterable[str]) -> set[str]:
    """Return which releases stay: the newest seven, the newest of each of the last twelve months, of each year."""
    ordered = sorted(names, reverse=True)
    by_month = {name[:7]: name for name in reversed(ordered)}
    by_year = {name[:4]: name for name in reversed(ordered)}
    months = sorted(by_month, reverse=True)[:12]
    return {*ordered[:7], *(by_month[month] for month in months), *by_year.values()}


def finished(releases: Path) -> list[str]:
    """Return the ids of the releases that stand, oldest first."""
    return sorted(path.name for path in releases.iterdir() if path.name[0].isdigit() and (path / SUMS).is_file())


def _prune(releases: Path, name: str, *, only: bool) -> None:
    """Remove releases the rule lets go; after a takedown all but this one, for they still hold what was taken down."""
    stay = {name} if only else keep(finished(releases)) | {name}
    for old in finished(releases):
        if old not in stay:
            shutil.rmtree(releases / old)


def _point(releases: Path, name: str) -> None:
    link = releases / f".{CURRENT}{_PART}.link"
    link.unlink(missing_ok=True)
    link.symlink_to(name)
    link.replace(releases / CURRENT)
    _sync(releases)


def _settle(folder: Path) -> None:
    """Make the release safe on the disk and read-only."""
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o444)
    for path in (folder / DATABASE, folder / SUMS, folder):
        _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _free_name(releases: Path, stamp: str) -> str:
    name, second = stamp, 2
    while (releases / name).exists():
        name, second = f"{stamp}-{second}", second + 1
    return name


def _software() -> str:
    import cleaning

    try:
        ours = version("tintinh")
    except PackageNotFoundError:
        ours = "0"
    rules: Callable[[], str] = getattr(cleaning, "version", lambda: "")
    return f"tintinh {ours}, cleaning {rules()}".rstrip(", ")


@contextmanager
def _alone(releases: Path) -> Iterator[None]:
    with (releases / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(f"another publish is writing {releases}; let it finish", LOCKED) from None
        yield


@contextmanager
def _reading(archive: Path) -> Iterator[sqlite3.Connection]:
    """Open the archive in one read transaction: what a crawl stores meanwhile belongs to the next release."""
    db = connect(archive, write=False)
    try:
        db.execute("BEGIN")
        yield db
    finally:
        db.close()
