"""Backups that can be taken while a crawl runs, and a restore that trusts nothing it has not compared.

`DIR/<UTC stamp>/` holds one backup: the archive (SQLite's online backup, one consistent moment), the learnt layouts
and SHA256SUMS. Media files are named by their hash and never change, so all backups of a folder share `DIR/media/`
and a night adds only what is new.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive import clock, media, room
from archive.connect import connect, explained
from archive.lock import Lock
from cleaning.command import CANNOT_FINISH, Options, Problem

SUMS = "SHA256SUMS"
ARCHIVE = "archive.db"
KEPT = 7


@dataclass(frozen=True)
class Backup:
    """A finished backup and what went into it."""

    folder: Path
    bytes: int
    media: int


def backup(options: Options, to: Path, keep: int = KEPT) -> Backup:
    """Write a backup into the folder `to` and let all but the newest `keep` go.

    Raises `Problem` (70) when the room is short or the copy is not sound; older backups then stay as they were.
    """
    db = connect(options.archive, write=False, check=False)  # an old schema is backed up before it is migrated
    try:
        to.mkdir(parents=True, exist_ok=True)
        room.require(to, options.archive.stat().st_size, "a backup")
        stamp = clock.stamp().replace(":", "")
        part = to / f".{stamp}.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        try:
            _copy_database(db, part / ARCHIVE)
            if options.layouts.is_dir():
                shutil.copytree(options.layouts, part / "layouts")
            count = _copy_media(part / ARCHIVE, options.media, to / "media")
            _write_sums(part)
            folder = _rename(part, to, stamp)
        except OSError as error:
            raise Problem(f"{to}: the backup failed ({error.strerror}); free some room there", CANNOT_FINISH) from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
        for old in backups(to)[:-keep]:
            shutil.rmtree(old)
        return Backup(folder, (folder / ARCHIVE).stat().st_size, count)
    finally:
        db.close()


def backups(to: Path) -> list[Path]:
    """Return the finished backups in a folder, oldest first."""
    return sorted(path for path in to.glob("[0-9]*") if (path / SUMS).is_file())


def restore(options: Options, source: Path, *, replace: bool = False) -> Path:
    """Put a backup (its folder, or the newest of a folder of backups) in the archive's place; return which one.

    Everything is compared with its hash before anything is moved. An archive that is there is only replaced when
    `replace`, and kept beside it under another name.
    """
    folder = source if (source / SUMS).is_file() else next(iter(reversed(backups(source))), None)
    if folder is None:
        raise Problem(f"{source} holds no backup; give the folder that `tintinh backup --to` wrote")
    if options.archive.exists() and not replace:
        raise Problem(f"{options.archive} exists; give another --archive, or --replace to put it aside")
    for wrong in _altered(folder):
        raise Problem(f"{wrong}; take an older backup", CANNOT_FINISH)
    home = options.archive.parent
    home.mkdir(parents=True, exist_ok=True)
    room.require(home, (folder / ARCHIVE).stat().st_size, "restoring")
    with Lock(options.archive):  # a crawl that is writing would go on in the file put aside
        fresh = options.archive.with_name(options.archive.name + ".restoring")
        with explained(fresh):
            shutil.copyfile(folder / ARCHIVE, fresh)
            _check(fresh)
            _copy_media(fresh, folder.parent / "media", options.media)
        if options.archive.exists():
            _put_aside(options.archive)
        fresh.replace(options.archive)
        if (folder / "layouts").is_dir():
            shutil.copytree(folder / "layouts", options.layouts, dirs_exist_ok=True)
    return folder


def _copy_database(db: sqlite3.Connection, target: Path) -> None:
    """Copy in one step: in WAL mode writers go on meanwhile, and no write makes the copy begin anew."""
    with explained(target):
        copy = sqlite3.connect(target)
        try:
            db.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode=DELETE")
        finally:
            copy.close()
    _check(target)


def _check(file: Path) -> None:
    db = connect(file, write=False, check=False)
    try:
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    finally:
        db.close()
    if found != "ok":
        raise Problem(f"{file}: the copy is damaged ({found}); run `tintinh verify` on the archive", CANNOT_FINISH)


def _copy_media(archive: Path, source: Path, target: Path) -> int:
    """Copy the media files that the archive's copy names and that are not there yet; return how many."""
    count = 0
    for sha in _media(archive):
        place = media.place(target, sha)
        if place.exists():
            continue
        original = media.place(source, sha)
        if not original.is_file():
            continue  # `verify` reports it; a backup is better than none
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(f".{place.name}.part")
        shutil.copyfile(original, part)
        part.replace(place)
        count += 1
    return count


def _media(archive: Path) -> Iterator[bytes]:
    db = connect(archive, write=False, check=False)
    try:
        yield from [bytes(row[0]) for row in db.execute("SELECT sha256 FROM media")]
    finally:
        db.close()


def _write_sums(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{_sha256(file)}  {file.relative_to(folder).as_posix()}\n" for file in files]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")
    for file in (*files, folder / SUMS):
        _sync(file)


def _altered(folder: Path) -> Iterator[str]:
    for line in (folder / SUMS).read_text("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        file = folder / name
        if not file.is_file():
            yield f"{file} is missing"
        elif _sha256(file) != digest:
            yield f"{file} does not have the hash it was written with"


def _rename(part: Path, to: Path, stamp: str) -> Path:
    folder, second = to / stamp, 2
    while folder.exists():
        folder, second = to / f"{stamp}-{second}", second + 1
    part.rename(folder)
    _sync(to)
    return folder


def _put_aside(archive: Path) -> None:
    aside = archive.with_name(f"{archive.name}.before-{clock.stamp().replace(':', '')}")
    for suffix in ("-wal", "-shm"):
        journal = archive.with_name(archive.name + suffix)
        if journal.exists():
            journal.replace(aside.with_name(aside.name + suffix))
    archive.replace(aside)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
