"""Attachments and pictures: files named by their sha256 in `media/`, linked from articles, never unpacked.

What is wanted follows from the articles' current records and the portal's `media` switch; `media_links` holds what
was tried. Fetching is the crawler's, under the same manners as pages.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from archive import clock

LARGEST = 20 * 1024 * 1024
"""Bytes of one file; a larger one is logged as `too-big` and not kept."""


@dataclass(frozen=True)
class Wanted:
    """One file that an article of `portal` links to and that was not fetched yet."""

    portal: str
    article_id: str
    url: str
    kind: str


def place(folder: Path, sha: bytes) -> Path:
    """Return where the file with this sha256 lies: `media/ab/ab12…`. No address ever becomes a file name."""
    name = sha.hex()
    return folder / name[:2] / name


def wanted(db: sqlite3.Connection, portal: str, limit: int = 1000) -> list[Wanted]:
    """Return the files that the portal's switch asks for and nobody tried to fetch yet, newest articles first."""
    switch = db.execute("SELECT media FROM portals WHERE id = ?", (portal,)).fetchone()
    kinds = {"attachments": ("attachment",), "all": ("attachment", "image")}.get(switch[0] if switch else "none", ())
    found = []
    for kind in kinds:
        rows = db.execute(
            "SELECT u.id, e.value ->> '$.url' AS url FROM urls u"
            " JOIN versions v ON v.article_id = u.id AND v.n = u.version"
            " JOIN json_each(v.record, ?) e"
            " LEFT JOIN media_links m ON m.article_id = u.id AND m.url = e.value ->> '$.url'"
            " WHERE u.portal = ? AND u.state <> 'taken_down' AND m.url IS NULL AND e.value ->> '$.url' GLOB 'http*://*'"
            " GROUP BY 1, 2 ORDER BY v.date DESC, u.id LIMIT ?",
            (f"$.{kind}s", portal, limit),
        )
        found += [Wanted(portal, row["id"], row["url"], kind) for row in rows]
    return found[:limit]


def keep(folder: Path, body: bytes) -> bytes:
    """Write a file into the store unless it is there; return its sha256. It is on the disk when this returns."""
    sha = hashlib.sha256(body).digest()
    target = place(folder, sha)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=target.parent, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(body)
                out.flush()
                os.fsync(out.fileno())
            Path(part).replace(target)
            _sync_folder(target.parent)
        finally:
            Path(part).unlink(missing_ok=True)
    return sha


def link(
    db: sqlite3.Connection,
    wish: Wanted,
    *,
    sha256: bytes | None,
    size: int = 0,
    content_type: str | None = None,
    status: int | None = None,
    flags: Iterable[str] = (),
) -> None:
    """Log what came of a wish, inside the caller's transaction; `sha256` is None where nothing could be kept."""
    at = clock.stamp()
    if sha256 is not None:
        db.execute(
            "INSERT INTO media (sha256, bytes, content_type, first_fetched_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (sha256, size, content_type, at),
        )
    db.execute(
        "INSERT INTO media_links (article_id, url, kind, sha256, tried_at, status, flags) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (article_id, url) DO UPDATE SET sha256 = coalesce(excluded.sha256, sha256),"
        " tried_at = excluded.tried_at, status = excluded.status, flags = excluded.flags",
        (wish.article_id, wish.url, wish.kind, sha256, at, status, json.dumps(list(flags))),
    )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
