"""VNPT Portal: the listing's further pages come as HTML fragments by POST; an address ends in the native id."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from demo.articles import Article
from demo.server import Reply, Request

if TYPE_CHECKING:
    from demo.world import Site

PAGE_SIZE = 5
LOAD = "/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle"
_ARTICLE = re.compile(r"/tin-tuc-su-kien/[^/]*-(\d+)$")


def target(article: Article) -> str:
    """Return the article's path; the listing adds `?pageindex=N` to it."""
    return f"/tin-tuc-su-kien/{article.slug}-{article.id}"


def respond(site: Site, request: Request) -> Reply | None:
    """Answer one request; None where there is no such page."""
    path = request.path
    if path == "/":
        return Reply(site.render("vnpt/home.html", articles=site.newest_first[:3]))
    if path == "/tin-tuc-su-kien":
        pages = -(-len(site.articles) // PAGE_SIZE)
        return Reply(site.render("vnpt/listing.html", articles=_page(site, 1), pages=pages, size=PAGE_SIZE))
    if path == LOAD and request.method == "POST":
        return _fragment(site, request)
    found = _ARTICLE.search(path)
    article = site.find(found[1]) if found else None
    return site.read(article, "vnpt/article.html") if article else None


def _page(site: Site, number: int) -> list[Article]:
    return site.newest_first[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]


def _fragment(site: Site, request: Request) -> Reply | None:
    sent = json.loads(request.body) if "json" in request.headers.get("content-type", "") else request.form
    number = next((int(value) for name, value in sent.items() if name.lower().replace("_", "") == "pageindex"), 1)
    if "article_category_id" not in sent:
        return Reply("Object reference not set to an instance of an object.", 500, "text/plain")
    articles = _page(site, number)
    return Reply(site.render("vnpt/fragment.html", articles=articles, number=number))
