"""Liferay 6 to 7: `…/-/asset_publisher/<key>/content/<slug>`, `/-/<slug>`, `/w/<slug>`, `/-/details/<id>/<slug>`.

The same article answers under several site and language paths; its slug (`urlTitle`) or number is the key. Listings
page as `…_INSTANCE_xxxx_cur=N`.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from scrapers.families import generic
from scrapers.families.generic import declared_id, is_no_article
from scrapers.listing import Ask, Listing, Page
from scrapers.portal import Portal

__all__ = ["HIDES_IDS", "article_id", "declared_id", "is_no_article", "read", "start"]

HIDES_IDS = False

_PUBLISHER = re.compile(
    r"/-/asset_publisher/[^/]+/(?:content|document)/(?:id/(?P<id>\d+)|(?P<slug>[^/]+))(?:/\d+)?/?$", re.I
)
_DETAILS = re.compile(
    r"/-/(?:details|chi-tiet|view-content)/(?P<id>\d+)(?:/|$)|/-/view-article/(?P<view>[\d/]+?)/?$", re.I
)
_SLUG = re.compile(r"/(?:-(?:/blogs)?|w|b)/(?P<slug>[^/]+)/?$", re.I)
_NO_ARTICLE = re.compile(
    r"^(?:asset_publisher|blogs|document_library|message_boards|login|rss|journal|wiki|bookmarks|polls|search|tags?|categories|calendar)$",
    re.I,
)


def article_id(url: str, portal: Portal) -> str | None:
    """Return the entry's number, or its slug in lower case."""
    parts = urlsplit(url)
    path = re.sub(r";jsessionid=[^/?]*", "", parts.path, flags=re.IGNORECASE)
    match = _PUBLISHER.search(path) or _DETAILS.search(path)
    if match:
        found = match.groupdict()
        return found.get("id") or found.get("view") or _folded(found["slug"])
    for name, value in parse_qsl(parts.query):
        if re.search(r"_(?:urlTitle|articleId|assetEntryId)$|^articleId$", name, re.IGNORECASE) and value:
            return _folded(value)
    match = _SLUG.search(path)
    return _folded(match["slug"]) if match and not _NO_ARTICLE.match(match["slug"]) else None


def _folded(slug: str) -> str:
    return unquote(slug).lower()


def start(portal: Portal) -> tuple[Ask, ...]:
    """Begin with the row's listings or the home page, and the sitemap Liferay generates."""
    return generic.standard(portal, services=(Ask(portal.base_url + "/sitemap.xml", "sitemap"),))


def read(page: Page, portal: Portal) -> Listing:
    """Read a page with asset publishers, a feed or a sitemap."""
    return generic.read_with(page, portal, generic.by_id(article_id, portal))
