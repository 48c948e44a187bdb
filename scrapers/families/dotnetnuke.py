"""DotNetNuke: `Default.aspx?tabid=N&ID=M`, `/tabid/36/…/articleId/12/<slug>.aspx`, `/ArtMID/4/ArticleID/12/<slug>`."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from scrapers.families import generic
from scrapers.families.generic import declared_id, is_no_article
from scrapers.listing import Ask, Listing, Page
from scrapers.portal import Portal

__all__ = ["HIDES_IDS", "article_id", "declared_id", "is_no_article", "read", "start"]

HIDES_IDS = False

_NAMES = r"article_?id|news_?id|item_?id|entry_?id|post_?id|content_?id|id|nid"
_PATH = re.compile(rf"/(?:{_NAMES})/(\d+)(?:/|\.aspx|$)", re.IGNORECASE)


def article_id(url: str, portal: Portal) -> str | None:
    """Return the module's number for the article, from the path or the query."""
    parts = urlsplit(url)
    match = _PATH.search(parts.path)
    if match:
        return match.group(1)
    for name, value in parse_qsl(parts.query):
        if re.fullmatch(_NAMES, name, re.IGNORECASE) and value.isdigit():
            return value
    return None


def start(portal: Portal) -> tuple[Ask, ...]:
    """Begin with the row's listings, or the home page and its tabs."""
    return generic.standard(portal)


def read(page: Page, portal: Portal) -> Listing:
    """Read a listing module's page; its pager is a link or a postback."""
    return generic.read_with(page, portal, generic.by_id(article_id, portal))
