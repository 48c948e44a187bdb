"""What makes two addresses one article: shared by crawl, import and backfill, and free of Scrapy.

An article's key is the native id of its CMS where the address carries one, else the address itself without what
changes nothing: scheme, `www.`, port, case, trailing slash, session and tracking parameters. The host is no part of
the key, so a portal that only moved to another host keeps its articles.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from scrapers import families
from scrapers.address import SESSION_PATH, TRACKING, path_key
from scrapers.portal import Portal

COPY = re.compile(
    r"/(?:print|printpdf|savefile|sendmail|in-trang|inbai)/|/print\.aspx|[?&](?:print|printable|download)=(?:1|true|yes|pdf)"
    r"|[?&]tmpl=component|[?&](?:output|layout|view|p_p_state|mode|format|task|action)=(?:print|printable|pop_up|exclusive|pdf|email)"
    r"|/print/?(?:$|\?)|/amp/?(?:$|\?)|[?&]amp(?:=1)?(?:$|&)",
    re.IGNORECASE,
)
"""Print, mail, download and AMP views of an article: other addresses of it, never its page."""

_CANONICAL = re.compile(
    rb"""<link\b(?=[^>]*\brel\s*=\s*["']?canonical\b)[^>]*?\bhref\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE
)
_SHORTLINK = re.compile(
    rb"""<link\b(?=[^>]*\brel\s*=\s*["']?shortlink\b)[^>]*?\bhref\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE
)
_NAMES_ONE = re.compile(r"id$|^id|news|item|detail|article|^tc$|^p$")
_HEAD_BYTES = 256_000


@dataclass(frozen=True)
class Identity:
    """Which article an address is.

    `key` identifies it inside its portal, `canonical` is the address to cite, `native` tells whether
    the key is the CMS's own id, `copy` that the address is a print, mail or download view of the article.
    """

    key: str
    canonical: str
    native: bool
    copy: bool


def identify(
    url: str, portal: Portal, *, canonical: str | None = None, page: bytes | None = None, native: str | None = None
) -> Identity | None:
    """Return the identity of an article's address, or None when the address is not the portal's.

    `native` is the id a listing showed; `page` is the article's page, which may declare its id and its `canonical`
    address (else given by the caller). A canonical address is believed only when it stays inside the portal, agrees
    with the native id of the address, and is no ancestor of it: many themes name their home or their listing on every
    page, and print views name the article.
    """
    if not portal.covers(url):
        return None
    family = families.load(portal.family)
    copy = bool(COPY.search(url))
    shown = family.article_id(url, portal)
    if page is not None:
        canonical = canonical or canonical_of(page)
        native = native or family.declared_id(page)
    key = native or shown
    canonical = _joined(url, canonical)
    if canonical is not None and portal.covers(canonical) and _agree(url, shown, canonical, portal):
        found = key or family.article_id(canonical, portal) or path_key(canonical, portal)
        return Identity(found, citable(canonical), key is not None, copy)
    return Identity(key or path_key(url, portal), citable(url), key is not None, copy)


def _joined(url: str, link: str | None) -> str | None:
    """Return a link made absolute; None for one that cannot be taken apart, which pages hold too."""
    try:
        joined = urljoin(url, link) if link else None
        return joined if joined and (urlsplit(joined).port or 0) >= 0 else None
    except ValueError:
        return None


def is_no_article(page: bytes, portal: Portal) -> bool:
    """Tell whether a page says of itself that it is a listing or another page of the CMS, whatever its address."""
    return families.load(portal.family).is_no_article(page)


def citable(url: str) -> str:
    """Return an address without the session and tracking parameters of one visit; every other byte as given."""
    path, _, query = url.partition("#")[0].partition("?")
    kept = [part for part in query.split("&") if part and not TRACKING.fullmatch(unquote(part.partition("=")[0]))]
    return SESSION_PATH.sub("", path) + ("?" + "&".join(kept) if kept else "")


def canonical_of(page: bytes) -> str | None:
    """Return the address a page's `<link rel=canonical>` gives, as written, or None."""
    return _link(_CANONICAL, page)


def shortlink_of(page: bytes) -> str | None:
    """Return the `<link rel=shortlink>` of WordPress and Drupal, which carries the native id, or None."""
    return _link(_SHORTLINK, page)


def _agree(url: str, native: str | None, canonical: str, portal: Portal) -> bool:
    if native is not None:
        claimed_id = families.load(portal.family).article_id(canonical, portal)
        return claimed_id == native or (claimed_id is None and families.load(portal.family).HIDES_IDS)
    mine, claimed = path_key(url, portal), path_key(canonical, portal)
    if claimed == mine:
        return True
    if claimed == "/" or claimed in {
        path_key(urljoin(portal.base_url + "/", entry), portal) for entry in portal.listings
    }:
        return False
    if mine.partition("?")[0].startswith(claimed.partition("?")[0].rstrip("/") + "/"):
        return False
    dropped = set(_parameters(mine)) - set(_parameters(claimed))
    return not any(_NAMES_ONE.search(name) for name, _ in dropped)


def _parameters(key: str) -> list[tuple[str, str]]:
    return parse_qsl(key.partition("?")[2], keep_blank_values=True)


def _link(pattern: re.Pattern[bytes], page: bytes) -> str | None:
    found = pattern.search(page, 0, _HEAD_BYTES)
    return html.unescape(found.group(1).decode("utf-8", "replace")) if found else None
