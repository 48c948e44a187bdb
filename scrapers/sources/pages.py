"""Tells pages from other replies, and article pages from listings, by what is on them."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from cleaning.decoding import decode
from cleaning.fallback import NAME as FALLBACK
from cleaning.record import ARTICLE_LABELS, Record
from cleaning.vietnamese import fold, squash
from scrapers.listing import DATE, DATE_TEXT, Ask, Page
from scrapers.sources.found import Found

SHORT_PROSE, MIN_PROSE, LONG_PROSE = 80, 200, 600
"""Characters of prose that a page without the CMS's own id needs: with a date, in a known layout, and with neither."""

HEADLINE, FEW = 20, 6
"""Blocks of at least so many characters that are links to other pages, one in so many blocks, make a listing."""

TEASERS = 3
"""So many bare dates or cut-off sentences, and a fifth of all blocks, make a page a listing."""

_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|div|article|table|p|meta)\b", re.IGNORECASE)
_NO_PAGE = re.compile(
    rb"\A\s*(?:%PDF|<\?xml(?![^>]*\?>\s*<!doctype html)|<rss\b|<urlset\b|<sitemapindex\b|[{\[])", re.IGNORECASE
)


def is_page(found: Found) -> bool:
    """Tell whether a reply is a page of HTML or a text, whatever its Content-Type says; a feed or a file is none."""
    head = found.body[:4096]
    if not head.strip() or _NO_PAGE.match(head):
        return False
    if found.content_type == "text/plain":
        return found.url is None
    return bool(_MARKUP.search(head.replace(b"\x00", b"")))


def is_article(record: Record, found: Found, site_names: Collection[str] = ()) -> bool:
    """Tell whether a cleaned page is an article: a title of its own, prose under it, and a date.

    A listing shows teasers under the name of its section: headlines that lead elsewhere, the dates of many. Where a
    layout of the CMS fits, or the prose is long, the date may be missing. A text that somebody hands in is an article
    if there is anything in it. `site_names` are what the site's front page calls itself, folded.
    """
    if found.content_type == "text/plain":
        return bool(record.title or record.body)
    shown = record.title is not None and any(block.label == "title" for block in record.blocks)
    prose = sum(map(len, record.body)) + len(record.lead or "")
    dated = record.published is not None and record.published.precision != "month"
    known = record.layout not in (None, FALLBACK)
    if (
        not shown
        or fold(record.title or "") in site_names
        or prose < (SHORT_PROSE if dated else MIN_PROSE if known else LONG_PROSE)
        or _has_teasers(record)
    ):
        return False
    return found.url is None or not _points_elsewhere(record, found, found.url)


def front_names(found: Found) -> set[str]:
    """Return what a site's front page calls itself, folded; nothing for any other page."""
    if found.url is None or urlsplit(found.url).path not in ("", "/"):
        return set()
    page = Page(Ask(found.url), found.url, decode(found.body, None).text)
    titles = page.tree.iter("title") if page.tree is not None else ()
    return {fold(squash(title.text_content())) for title in titles} | _site_names(page)


def _has_teasers(record: Record) -> bool:
    """Tell whether much of what stands in the container is bare dates and cut-off sentences."""
    texts = [block.text for block in record.blocks if block.inside and block.label in ARTICLE_LABELS]
    dates = sum(len(text) <= DATE_TEXT and DATE.search(text) is not None for text in texts)
    cut = sum(text.endswith(("…", "...", "[…]", "Xem tiếp", "Chi tiết")) for text in texts)
    return any(count >= TEASERS and count * 5 >= len(texts) for count in (dates, cut))


def _points_elsewhere(record: Record, found: Found, url: str) -> bool:
    """Tell whether the page is a site's front, is titled with the site's name, or shows the headlines of others."""
    parts = urlsplit(url)
    if parts.path in ("", "/") and not parts.query:
        return True
    text = decode(found.body, None).text
    page = Page(Ask(url), url, text)
    if record.title is not None and fold(record.title) in _site_names(page):
        return True
    own = url.partition("#")[0].rstrip("/")
    elsewhere = {squash(link.text_content()) for link, target in page.anchors if target.rstrip("/") != own}
    inside = [block for block in record.blocks if block.inside and block.label in ARTICLE_LABELS]
    headlines = [block for block in inside if len(block.text) >= HEADLINE and block.text in elsewhere]
    return len(headlines) * FEW >= len(inside)


def _site_names(page: Page) -> set[str]:
    """Return the site's name as the page's head gives it, folded: og:site_name, and what follows in the title."""
    if page.tree is None:
        return set()
    names = [meta.get("content") or "" for meta in page.tree.iter("meta") if meta.get("property") == "og:site_name"]
    title = next((squash(element.text_content()) for element in page.tree.iter("title")), "")
    parts = re.split(r"\s+(?:[-–—|»]|::)\s+", title)
    if len(parts) > 1:
        names += [parts[-1], *(title[title.index(part) :] for part in parts[1:])]
    return {fold(name) for name in names if name.strip()}
