"""SharePoint "portal": un-padded dates in the path, further pages by __doPostBack with a __VIEWSTATE.

The path's case changes nothing; `print.aspx?p=…` is a copy of the article; a missing page leads to `NotActive.htm`.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from demo.articles import Article
from demo.server import Reply, Request

if TYPE_CHECKING:
    from demo.world import Site

PAGE_SIZE = 5
LISTING = "/portal/Pages/tin-tuc.aspx"
PAGER = "ctl00$ctl49$g_7c1f2e6a_pager"
_ARTICLE = re.compile(r"/portal/pages/\d{4}-\d{1,2}-\d{1,2}/(.*)\.aspx$", re.IGNORECASE)


def target(article: Article) -> str:
    """Return the path: un-padded day, the title cut at fifty letters, six random ones."""
    words = article.slug.title()[:50].strip("-")
    return f"/portal/Pages/{article.folder}/{words}{article.id}.aspx"


def respond(site: Site, request: Request) -> Reply | None:
    """Answer one request; None where there is no such page."""
    path = request.path.lower()
    if path in ("/", "/portal", "/portal/pages/default.aspx"):
        return Reply(site.render("sharepoint_portal/home.html", articles=site.newest_first[:3]))
    if path == LISTING.lower():
        return _listing(site, request)
    if path == "/portal/pages/print.aspx" and (printed := site.find(request.query.get("p", ""))):
        return site.read(printed, "vnpt/print.html")
    found = _ARTICLE.match(path)
    article = next((entry for entry in site.known() if found and found[1].endswith(entry.id.lower())), None)
    if article:
        return site.read(article, "sharepoint_portal/article.html")
    if path == "/notactive.htm":
        return Reply("<html><body>This site is not active.</body></html>")
    return Reply("", 302, headers=(("Location", "/NotActive.htm"),)) if path.endswith(".aspx") else None


def _listing(site: Site, request: Request) -> Reply:
    """Return the page a postback asks for; without the state of a page this server drew, the first one."""
    number = 1
    if request.method == "POST":
        form = request.form
        if form.get("__VIEWSTATE") not in {_state(page) for page in range(1, 1000)}:
            return Reply("Validation of viewstate MAC failed.", 500, "text/plain")
        if form.get("__EVENTTARGET") == PAGER and form.get("__EVENTARGUMENT", "").isdigit():
            number = int(form["__EVENTARGUMENT"])
    shown = site.newest_first[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    pages = -(-len(site.articles) // PAGE_SIZE)
    return Reply(
        site.render(
            "sharepoint_portal/listing.html",
            articles=shown,
            number=number,
            pages=pages,
            pager=PAGER,
            viewstate=_state(number),
        )
    )


def _state(number: int) -> str:
    return "/wEPDwUK" + hashlib.sha256(f"page {number}".encode()).hexdigest()
