"""VNPT Portal: the listing's further pages come as HTML fragments by POST; an address ends in the native id.

Any slug before the id shows the article, in any case and with or without a slash; a print view names itself
canonical; an unknown id is an error shell with status 200; the footer's link switches to a mobile theme.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING

from demo.articles import Article
from demo.server import Reply, Request

if TYPE_CHECKING:
    from demo.world import Site

PAGE_SIZE = 5
LOAD = "/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle"
_ARTICLE = re.compile(r"(?:/vi)?/tin-tuc-su-kien/[^/]*-(\d+)/?$", re.IGNORECASE)
_PRINT = re.compile(r"/print/tin-tuc-su-kien/[^/]*-(\d+)$")
_tokens = itertools.count(7_919)


def target(article: Article) -> str:
    """Return the article's path; the listing adds `?pageindex=N` to it."""
    return f"/tin-tuc-su-kien/{article.slug}-{article.id}"


def respond(site: Site, request: Request) -> Reply | None:
    """Answer one request; None where there is no such page."""
    path = request.path
    theme = f"/?nvvithemever=m&nv_redirect={next(_tokens) * 104_729:x}"
    if path == "/" and "nvvithemever" in request.query:
        return Reply("", 302, headers=(("Location", "/"), ("Set-Cookie", "themever=m; path=/")))
    if "themever=m" in request.headers.get("cookie", ""):
        return Reply(site.render("shell.html"))
    if path == "/":
        return Reply(site.render("vnpt/home.html", articles=site.newest_first[:3], theme=theme))
    if path == "/tin-tuc-su-kien":
        pages = -(-len(site.articles) // PAGE_SIZE)
        shown = _page(site, 1)
        return Reply(site.render("vnpt/listing.html", articles=shown, pages=pages, size=PAGE_SIZE, theme=theme))
    if path == LOAD and request.method == "POST":
        return _fragment(site, request)
    printed = _PRINT.match(path)
    if printed and (article := site.find(printed[1])):
        return site.read(article, "vnpt/print.html")
    found = _ARTICLE.match(path)
    if found is None:
        return None
    known = site.find(found[1])
    return site.read(known, "vnpt/article.html", theme=theme) if known else Reply(site.render("shell.html"))


def _page(site: Site, number: int) -> list[Article]:
    return site.newest_first[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]


def _fragment(site: Site, request: Request) -> Reply | None:
    sent = json.loads(request.body) if "json" in request.headers.get("content-type", "") else request.form
    number = next((int(value) for name, value in sent.items() if name.lower().replace("_", "") == "pageindex"), 1)
    if "article_category_id" not in sent:
        return Reply("Object reference not set to an instance of an object.", 500, "text/plain")
    articles = _page(site, number)
    return Reply(site.render("vnpt/fragment.html", articles=articles, number=number))
