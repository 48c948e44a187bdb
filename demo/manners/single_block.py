"""An engine whose article is one block of text split by <br>, listed with `?page=N`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.articles import Article
from demo.server import Reply, Request

if TYPE_CHECKING:
    from demo.world import Site

PAGE_SIZE = 6


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
    article = by_path(site, path)
    return site.read(article, "single_block/article.html") if article else None


def by_path(site: Site, path: str) -> Article | None:
    """Return the article of a path."""
    return next((article for article in site.known() if target(article) == path), None)
