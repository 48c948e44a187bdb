"""Oracle WebCenter: `…/chi-tiet-tin?dDocName=PORTAL161770`; every link carries the state of a session."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from scrapers.families import generic
from scrapers.families.generic import declared_id, is_no_article
from scrapers.listing import Ask, Listing, Page
from scrapers.portal import Portal

__all__ = ["HIDES_IDS", "article_id", "declared_id", "is_no_article", "read", "start"]

HIDES_IDS = False


def article_id(url: str, portal: Portal) -> str | None:
    """Return `dDocName`, in capitals as Oracle keeps it."""
    for name, value in parse_qsl(urlsplit(url).query):
        if name.lower() == "ddocname" and re.fullmatch(r"[\w.-]+", value):
            return value.upper()
    return None


def start(portal: Portal) -> tuple[Ask, ...]:
    """Begin with the row's listings or the home page."""
    return generic.standard(portal)


def read(page: Page, portal: Portal) -> Listing:
    """Read a listing page."""
    return generic.read_with(page, portal, generic.by_id(article_id, portal))
