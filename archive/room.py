"""Room on the disk: what a command needs before it starts, and how long the rest will last."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from archive import clock
from cleaning.command import CANNOT_FINISH, Problem

CRAWL = 200 << 20
"""Bytes a crawl wants free: a night of a province's portals, its journal and some to spare."""


def free(folder: Path) -> int:
    """Return the bytes free for us where this folder lies, or will lie."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def make(folder: Path) -> None:
    """Make a folder, or raise `Problem` (2)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(f"{folder} cannot be made a folder ({error.strerror}); give another place") from error


def require(folder: Path, needed: int, what: str) -> None:
    """Raise `Problem` (70) unless `what` has the room it needs, saying how much is short."""
    make(folder)
    there = free(folder)
    if there < needed:
        raise Problem(
            f"{what} needs {_megabytes(needed)} free at {folder}, {_megabytes(there)} are: free"
            f" {_megabytes(needed - there)} more",
            CANNOT_FINISH,
        )


@dataclass(frozen=True)
class Growth:
    """Size of the archive file and room beside it in bytes, bytes a day over the last 30 days, months until it is full.

    Growth counts the pages and records of new captures; None where the archive is too young to tell.
    """

    size: int
    free: int
    a_day: int | None
    months_left: float | None

    def line(self) -> str:
        """Return it as one line for a person."""
        text = f"archive: {_megabytes(self.size)}, {_megabytes(self.free)} free"
        if self.a_day is None or self.months_left is None:
            return f"{text}, too young to tell its growth"
        left = f"{self.months_left:.0f} months" if self.months_left < 600 else "over 50 years"
        return f"{text}, grows {self.a_day / (1 << 20):.1f} MB a day: room for {left}"


def growth(db: sqlite3.Connection, archive: Path) -> Growth:
    """Measure the archive's size and growth, for `health`."""
    size, left = archive.stat().st_size, free(archive.parent)
    now = clock.now()
    first, pages = db.execute("SELECT min(fetched_at), count(*) FROM captures WHERE kept IS NOT NULL").fetchone()
    if first is None:
        return Growth(size, left, None, None)
    begin = max(datetime.fromisoformat(first), now - timedelta(days=30))
    days = (now - begin) / timedelta(days=1)
    recent = db.execute(
        "SELECT count(*) FROM captures WHERE kept IS NOT NULL AND fetched_at >= ?", (clock.stamp(begin),)
    ).fetchone()[0]
    if days < 1 or not recent:
        return Growth(size, left, None, None)
    a_day = round(size / pages * recent / days)
    return Growth(size, left, a_day, left / a_day / 30.4 if a_day else None)


def _megabytes(count: int) -> str:
    return f"{-(-count >> 20):,} MB".replace(",", " ")
