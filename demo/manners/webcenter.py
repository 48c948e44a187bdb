"""Oracle WebCenter: `dDocName` names the article, and every link carries the session's state."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from demo.articles import Article
from demo.server import Reply, Request

if TYPE_CHECKING:
    from demo.world import Site

PAGE_SIZE = 5
BASE = "/webcenter/portal/quangnam"
LISTING = f"{BASE}/pages_tin-tuc/danh-sach-tin"
DETAIL = f"{BASE}/pages_tin-tuc/chi-tiet-tin"
_sessions = itertools.count(48_151_623)


def target(article: Article) -> str:
    """Return the address without any session parameter."""
    return f"{DETAIL}?dDocName={article.id}"


def respond(site: Site, request: Request) -> Reply | None:
    """Answer one request; None where there is no such page. Every answer opens a session of its own."""
    session = next(_sessions)
    state = f"&_afrLoop={session * 977}&_adf.ctrl-state={session:x}_4"
    path = request.path
    if path in ("/", BASE):
        return Reply(site.render("webcenter/home.html", articles=site.newest_first[:3], state=state))
    if path == LISTING:
        number = int(request.query.get("page", "1"))
        shown = site.newest_first[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        pages = -(-len(site.articles) // PAGE_SIZE)
        values = {"articles": shown, "number": number, "pages": pages, "state": state}
        return Reply(site.render("webcenter/listing.html", **values))
    article = site.find(request.query.get("dDocName", "")) if path == DETAIL else None
    return site.read(article, "webcenter/article.html", state=state) if article else None
