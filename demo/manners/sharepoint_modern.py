"""Modern SharePoint: pages are empty shells drawn by the browser; list and text come as JSON (`CanvasContent1`).

The shell's script asks `/_api/web/lists/getByTitle('Site Pages')/items` (OData: `$skip`, `$top`, `d.results`,
`d.__next`); the same list is served to a POST of `{"SourceUrl": …}` at `/RestApi/Readjson`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from demo.articles import Article
from demo.server import Reply, Request

if TYPE_CHECKING:
    from demo.world import Site

PAGE_SIZE = 5
FOLDER = "/HOME/news/hotnews/SitePages"
ITEMS = "/_api/web/lists/getByTitle('Site Pages')/items"
_ITEM = re.compile(re.escape(ITEMS.lower()) + r"\((\d+)\)$")


def target(article: Article) -> str:
    """Return the path of the page that a reader opens."""
    return f"{FOLDER}/{article.slug.title()}.aspx"


def respond(site: Site, request: Request) -> Reply | None:
    """Answer one request; None where there is no such page."""
    path = unquote(request.path).lower()
    if path == "/restapi/readjson" and request.method == "POST":
        return _items(site, json.loads(request.body)["SourceUrl"])
    if path.endswith(ITEMS.lower()):
        return _items(site, request.target)
    found = _ITEM.search(path)
    if found:
        article = site.articles.get(found[1])
        return _json({"d": _item(site, article)}) if article else None
    if path in ("/", f"{FOLDER}/Home.aspx".lower()):
        return Reply(site.render("sharepoint_modern/home.html", items=ITEMS, size=PAGE_SIZE))
    found_article = next((entry for entry in site.known() if target(entry).lower() == path), None)
    return site.read(found_article, "sharepoint_modern/shell.html", items=ITEMS) if found_article else None


def _items(site: Site, address: str) -> Reply:
    parts = urlsplit(address)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    skip, top = int(query.get("$skip", "0")), int(query.get("$top", "5"))
    everything = site.newest_first
    results: dict[str, Any] = {"results": [_item(site, article) for article in everything[skip : skip + top]]}
    if skip + top < len(everything):
        results["__next"] = f"{site.base_url}{ITEMS.replace(' ', '%20')}?$skip={skip + top}&$top={top}"
    return _json({"d": results})


def _item(site: Site, stored: Article) -> dict[str, Any]:
    article = site.served(stored)
    return {
        "__metadata": {"type": "SP.Data.SitePagesItem", "uri": f"{site.base_url}{ITEMS}({article.id})"},
        "Id": int(article.id),
        "Title": article.title,
        "FileRef": target(article),
        "Description": article.lead,
        "FirstPublishedDate": article.shown,
        "BannerImageUrl": {"Url": f"{site.base_url}/HOME/SiteAssets/anh-bia-{article.id}.jpg"},
        "CanvasContent1": site.render("sharepoint_modern/canvas.html", article=article),
    }


def _json(value: object) -> Reply:
    return Reply(json.dumps(value, ensure_ascii=False), content_type="application/json;odata=verbose;charset=utf-8")
