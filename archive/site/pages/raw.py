"""The raw page of a capture, byte for byte, as a download: only where the working archive stands beside the site.

It is never rendered: no content type that a browser shows, always an attachment, and a policy that runs nothing.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive.connect import connect
from archive.raw import Damaged, RawStore
from archive.site.pages import web
from cleaning.command import Problem

_MISSING = ("Không có trang gốc này.", "There is no such raw page.")


def archive_of(datasette: Datasette) -> Path | None:
    """Return the working archive the operator lets readers take raw pages from, None where there is none."""
    path = (datasette.plugin_config(web.DATABASE) or {}).get("archive")
    return Path(path) if path and Path(path).is_file() else None


async def page(datasette: Datasette, request: Request) -> Response:
    """Answer `/bai/<id>/trang-goc/<sha256>`: published articles only, and never a masked one."""
    article_id, sha256 = request.url_vars["id"], request.url_vars["sha256"]

    def look(db: sqlite3.Connection) -> str | None:
        found = db.execute(
            "SELECT fetched_at FROM captures WHERE article_id = ? AND sha256 = ? AND masked = 0", (article_id, sha256)
        ).fetchone()
        return None if found is None else str(found[0])

    archive = web.only(archive_of(datasette), *_MISSING, request)
    fetched_at = web.only(await web.read(datasette, look), *_MISSING, request)
    body = web.only(await asyncio.to_thread(_body, archive, bytes.fromhex(sha256)), *_MISSING, request)
    name = f"{article_id}-{re.sub('[^0-9TZ]', '', fetched_at)}.html"
    return web.answer(
        body,
        "application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


def _body(archive: Path, sha256: bytes) -> bytes | None:
    try:
        with closing(connect(archive, write=False)) as db:
            return RawStore(db).get(sha256)
    except (Damaged, Problem, sqlite3.Error):
        return None
