"""Modern SharePoint: pages drawn by the browser; a JSON service lists them, their text stands in `CanvasContent1`.

The listing page names the service: `/_api/web/lists/getByTitle('Site Pages')/items`, OData replies in `d.results` or
`value`, `__next` or `odata.nextLink` for the following page. An article is `…/SitePages/<name>.aspx`.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from cleaning.vietnamese import squash
from scrapers.families import generic
from scrapers.families.generic import declared_id, is_no_article
from scrapers.listing import Ask, Link, Listing, Page
from scrapers.portal import Portal

__all__ = ["HIDES_IDS", "article_id", "declared_id", "is_no_article", "read", "start"]

HIDES_IDS = False

_PAGE = re.compile(r"/sitepages/([^/]+)\.aspx$", re.IGNORECASE)
_NO_ARTICLE = re.compile(r"/sitepages/(?:home|default|index|trang-?chu|search\w*|topichome|news)\.aspx$", re.IGNORECASE)
_SERVICE = re.compile(
    r"""["'(=]((?:https?:)?[^"'()\s=]*?/_api/web/lists/[^"<>\s]*?/items[^"<>\s]*?)["&<>\s]""", re.IGNORECASE
)
_ACCEPT = (("Accept", "application/json;odata=verbose"),)


def article_id(url: str, portal: Portal) -> str | None:
    """Return the page's path without `.aspx`, folded: SharePoint's own identity of a page."""
    path = unquote(urlsplit(url).path)
    if not _PAGE.search(path) or _NO_ARTICLE.search(path):
        return None
    return path[: -len(".aspx")].lower().removeprefix(portal.prefix)


def start(portal: Portal) -> tuple[Ask, ...]:
    """Begin with the row's listing pages, which name their service, or the service's usual address."""
    listings = generic.standard(portal)
    if portal.listings:
        return listings
    items = "/_api/web/lists/getByTitle('Site%20Pages')/items?$select=Title,FileRef,FirstPublishedDate"
    items += "&$orderby=Id%20desc&$top=100"
    return (Ask(portal.base_url + items, "service", headers=_ACCEPT, otherwise=listings),)


def read(page: Page, portal: Portal) -> Listing:
    """Read a service reply, or the service and links that a page names."""
    if page.ask.kind == "service" or page.text.lstrip().startswith("{"):
        return _service(page, portal)
    found = generic.read_with(page, portal, generic.by_id(article_id, portal))
    services = tuple(dict.fromkeys(_services(page, portal)))
    return Listing(found.articles, found.next, (*services, *found.more))


def _item(page: Page, row: dict[str, Any], portal: Portal) -> str | None:
    """Return the address of one item of the list, which holds its text."""
    about = row.get("__metadata")
    address = about.get("uri") if isinstance(about, dict) else row.get("odata.id", row.get("@odata.id"))
    if not isinstance(address, str):
        return None
    url = urljoin(page.url, address).replace(" ", "%20")
    return url if portal.covers(url) else None


def _services(page: Page, portal: Portal) -> list[Ask]:
    text = page.text.replace("\\u002f", "/").replace("\\/", "/").replace("&amp;", "&")
    asks = []
    for match in _SERVICE.finditer(text):
        url = page.absolute(match.group(1))
        if url and portal.covers(url):
            asks.append(Ask(url.replace(" ", "%20"), "service", headers=_ACCEPT))
    return asks


def _service(page: Page, portal: Portal) -> Listing:
    try:
        reply: Any = json.loads(page.text)
        reply = json.loads(reply) if isinstance(reply, str) else reply
    except ValueError:
        return Listing()
    if not isinstance(reply, dict):
        return Listing()
    body = reply.get("d", reply)
    rows = (
        body if isinstance(body, list) else body.get("results", body.get("value", [])) if isinstance(body, dict) else []
    )
    links = []
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict):
            continue
        address = next(
            (
                row[name]
                for name in ("FileRef", "EncodedAbsUrl", "Url", "url", "LinkFilename")
                if isinstance(row.get(name), str)
            ),
            None,
        )
        url = urljoin(
            page.url if address is None or address.startswith(("/", "http")) else portal.base_url + "/SitePages/",
            address or "",
        )
        if address is None or not portal.covers(url) or article_id(url, portal) is None:
            continue
        shown = next(
            (row[name] for name in ("FirstPublishedDate", "Created", "published") if isinstance(row.get(name), str)),
            None,
        )
        links.append(
            Link(url.replace(" ", "%20"), squash(str(row.get("Title") or "")) or None, shown, _item(page, row, portal))
        )
    following = (
        (body.get("__next") if isinstance(body, dict) else None)
        or reply.get("odata.nextLink")
        or reply.get("@odata.nextLink")
    )
    if isinstance(following, str) and portal.covers(urljoin(page.url, following)):
        return Listing(tuple(links), (page.ask.next(urljoin(page.url, following)),))
    return Listing(tuple(links))
