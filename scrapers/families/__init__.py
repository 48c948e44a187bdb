"""One module per CMS family: how its listings page, and what identifies an article. Free of Scrapy.

A family is a few plain functions of a module, most of which `generic` already has:

- `article_id(url, portal)`: the CMS's own id in an article's address, or None when the address shows none;
- `start(portal)`: the requests a crawl of the portal begins with;
- `read(page, portal)`: what a listing, feed, sitemap or service reply holds;
- `declared_id(page)`: the CMS's own id in an article's page, where its address may hide it;
- `is_no_article(page)`: whether a page says that it is a listing or a static page.

`HIDES_IDS` tells that addresses may go without the id.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Protocol, cast

from scrapers.listing import Ask, Listing, Page
from scrapers.portal import Portal


class Family(Protocol):
    """What every module of this package offers."""

    def article_id(self, url: str, portal: Portal) -> str | None:
        """Return the native id that an article's address carries."""

    HIDES_IDS: bool

    def declared_id(self, page: bytes) -> str | None:
        """Return the native id that an article's page declares."""

    def is_no_article(self, page: bytes) -> bool:
        """Tell whether a page says that it is none of the articles."""

    def start(self, portal: Portal) -> tuple[Ask, ...]:
        """Return the first requests for listings."""

    def read(self, page: Page, portal: Portal) -> Listing:
        """Read one reply to such a request."""


@cache
def load(name: str) -> Family:
    """Return the module of a family by the name a registry row gives it."""
    return cast(Family, importlib.import_module(f"scrapers.families.{name.replace('-', '_')}"))
