"""What search engines are told: robots.txt and the sitemap."""

from __future__ import annotations

import re
import sqlite3

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive.site import addresses
from archive.site.pages import web

MOST = 50_000
"""Addresses that one sitemap may hold (sitemaps.org)."""


async def robots(datasette: Datasette, request: Request) -> Response:
    """Answer `/robots.txt`: articles are welcome to be found, queries are not to be crawled."""
    origin = web.origin(await web.site(datasette), request)
    lines = [
        "User-agent: *",
        "Disallow: /*?",
        f"Disallow: /{web.DATABASE}/",
        "Disallow: /-/",
        "Allow: /",
        "",
        f"Sitemap: {origin}/sitemap.xml",
    ]
    return web.answer("\n".join(lines) + "\n", "text/plain; charset=utf-8")


async def sitemap(datasette: Datasette, request: Request) -> Response:
    """Answer `/sitemap.xml`: an index of one sitemap a month, and one of the pages that are no articles."""

    def look(db: sqlite3.Connection) -> list[str]:
        return [month for (month,) in db.execute("SELECT DISTINCT substr(date, 1, 7) FROM articles ORDER BY 1 DESC")]

    origin = web.origin(await web.site(datasette), request)
    months = await web.keep(datasette, "months", look)
    places = [f"{origin}/sitemap/{name}.xml" for name in ("pages", *months)]
    body = "".join(f"<sitemap><loc>{place}</loc></sitemap>" for place in places)
    return _xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</sitemapindex>')


async def sitemap_part(datasette: Datasette, request: Request) -> Response:
    """Answer `/sitemap/pages.xml` or `/sitemap/<YYYY-MM>.xml`."""
    name = request.url_vars["name"]
    origin = web.origin(await web.site(datasette), request)

    def look(db: sqlite3.Connection) -> list[tuple[str, str | None]]:
        if re.fullmatch(r"\d{4}-\d\d", name):
            found = db.execute(
                "SELECT id, substr(changed_at, 1, 10) FROM articles WHERE date >= ? AND date < ? ORDER BY date LIMIT ?",
                (f"{name}-01", f"{name}-99", MOST),
            )
            return [(addresses.article(article), changed) for article, changed in found]
        plain = [addresses.front(), addresses.provinces(), addresses.portals(), addresses.changes()]
        plain += [addresses.health(), addresses.data()]
        plain += [addresses.portal(portal) for (portal,) in db.execute("SELECT id FROM portals ORDER BY id")]
        return [(path, None) for path in plain]

    body = "".join(
        f"<url><loc>{origin}{path}</loc>{f'<lastmod>{changed}</lastmod>' if changed else ''}</url>"
        for path, changed in await web.read(datasette, look)
    )
    return _xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>')


def _xml(body: str) -> Response:
    return web.answer(f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n', "application/xml; charset=utf-8")
