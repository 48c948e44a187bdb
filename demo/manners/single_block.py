"""An engine whose article is one block of text split by <br>, listed with `?page=N`.

It has a sitemap with right dates, a feed that prints months for minutes, a calendar without end, and a slash or an
upper-case letter in an address changes nothing.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from demo.articles import Article
from demo.server import Reply, Request

if TYPE_CHECKING:
    from demo.world import Site

PAGE_SIZE = 6
_CALENDAR = re.compile(r"/vi/lich-hop/(\d{4})/(\d{1,2})$")


def target(article: Article) -> str:
    """Return the article's path: its slug alone, the id is nowhere in it."""
    return f"/vi/tin-tuc/{article.slug}.html"


def respond(site: Site, request: Request) -> Reply | None:
    """Answer one request; None where there is no such page."""
    path = request.path
    if path in ("/", "/vi"):
        return Reply(site.render("single_block/home.html", articles=site.newest_first[:3]))
    if path.rstrip("/") == "/vi/tin-tuc":
        number = int(request.query.get("page", "1"))
        shown = site.newest_first[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        pages = -(-len(site.articles) // PAGE_SIZE)
        return Reply(site.render("single_block/listing.html", articles=shown, number=number, pages=pages))
    if path == "/sitemap.xml":
        return Reply(site.render("single_block/sitemap.xml", articles=site.newest_first), content_type="text/xml")
    if path == "/rss.xml":
        articles = site.newest_first[:10]
        feed = site.render("single_block/feed.xml", articles=articles, wrong=_wrong_minutes)
        return Reply(feed, content_type="application/rss+xml")
    month = _CALENDAR.match(path)
    if month:
        year, number = int(month[1]), int(month[2])
        following = f"{year + number // 12}/{number % 12 + 1}"
        return Reply(site.render("single_block/calendar.html", year=year, month=number, following=following))
    article = by_path(site, path)
    return site.read(article, "single_block/article.html") if article else None


def _wrong_minutes(article: Article) -> str:
    """Return pubDate as NukeViet's feed prints it: `H:m:s`, where m is the month."""
    moment = datetime.fromisoformat((article.published or "2024-01-01")[:16])
    return f"{moment:%a, %d %b %Y %H}:{moment.month:02}:00 GMT"


def by_path(site: Site, path: str) -> Article | None:
    """Return the article of a path."""
    wanted = path.lower().rstrip("/")
    return next((article for article in site.known() if target(article) == wanted), None)
