"""How the crawl of every portal goes: who is silent, who fails, why, since when."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive.site.pages import front, web


async def health(datasette: Datasette, request: Request) -> Response:
    """Answer `/tinh-trang`."""
    return await web.page(
        datasette,
        request,
        "health.html",
        {"here": "health", **await web.keep(datasette, "health", _read)},
        once=True,
    )


def _read(db: sqlite3.Connection) -> dict[str, Any]:
    known = web.rows(
        db.execute("""
        SELECT p.id, p.name, p.province, p.province_now, p.level, p.health, p.health_reason,
          p.silent_since, p.last_ok_at, p.last_date, p.articles, p.crawl, p.valid_to, p.quiet_days,
          (SELECT cause FROM crawls c WHERE c.portal = p.id ORDER BY started_at DESC LIMIT 1) AS cause,
          (SELECT started_at FROM crawls c WHERE c.portal = p.id ORDER BY started_at DESC LIMIT 1) AS crawled_at
        FROM portals p ORDER BY p.name""")
    )
    ill = {one["id"] for one in front.silent(db)}
    return {
        "ill": [one for one in known if one["id"] in ill],
        "well": [one for one in known if one["id"] not in ill and one["crawled_at"]],
        "never": [one for one in known if one["id"] not in ill and not one["crawled_at"]],
        "last": web.row(db.execute("SELECT max(started_at) AS at, count(*) AS crawls FROM crawls")),
    }
