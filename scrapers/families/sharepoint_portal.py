"""SharePoint of the "portal" kind: `/portal/Pages/2024-4-25/<title, cut><6 random letters>.aspx`.

The date in the path is not zero-padded everywhere; paging is `?PageIndex=N` or `__doPostBack` with `__VIEWSTATE`.
Older departments' articles are `/<site>/Pages/<Slug>.aspx`, known by a row's `article` pattern or by their headline.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from scrapers.families import generic
from scrapers.families.generic import declared_id, is_no_article
from scrapers.listing import Ask, Listing, Page
from scrapers.portal import Portal

__all__ = ["HIDES_IDS", "article_id", "declared_id", "is_no_article", "read", "start"]

HIDES_IDS = False

_DATED = re.compile(r"/pages/(\d{4})-(\d{1,2})-(\d{1,2})/([^/]+)\.aspx$", re.IGNORECASE)
_UNDATED = re.compile(r"/pages/([^/]+)\.aspx$", re.IGNORECASE)
_NO_ARTICLE = re.compile(
    r"/(?:default|home|trang-?chu|index|print|search|tim-?kiem|sitemap|login|danh-?sach\w*|tin-?tuc|lien-?he|gioi-?thieu)\.aspx$",
    re.I,
)


def article_id(url: str, portal: Portal) -> str | None:
    """Return `yyyy-mm-dd/file name`, folded: pads the date, and the file name's case is IIS's own business."""
    match = _DATED.search(urlsplit(url).path)
    if match:
        year, month, day, name = match.groups()
        return f"{year}-{int(month):02}-{int(day):02}/{name.lower()}"
    return generic.article_id(url, portal)


def start(portal: Portal) -> tuple[Ask, ...]:
    """Begin with the row's listings or the home page."""
    return generic.standard(portal)


def read(page: Page, portal: Portal) -> Listing:
    """Read a listing page, also one that a postback returned."""

    def is_article(element: HtmlElement | None, url: str) -> bool:
        if article_id(url, portal) is not None:
            return True
        path = urlsplit(url).path
        undated = bool(_UNDATED.search(path)) and not _NO_ARTICLE.search(path)
        return undated and generic.looks_like_article(element, url, portal)

    return generic.read_with(page, portal, is_article)
