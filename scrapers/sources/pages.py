"""Tells pages from other replies, and article pages from listings, by what is on them."""

from __future__ import annotations

import re

from cleaning.fallback import NAME as FALLBACK
from cleaning.record import ARTICLE_LABELS, Record
from scrapers.listing import DATE, DATE_TEXT
from scrapers.sources.found import Found

MIN_PROSE = 200
"""Characters of prose under which a page without the CMS's own id is not taken for an article."""

LONG_PROSE = 600
"""Characters of prose from which a page of unknown build needs no date to be one."""

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


def is_article(record: Record, found: Found) -> bool:
    """Tell whether a cleaned page is an article: a title that the page itself shows, prose under it, and a date.

    A listing shows teasers under the name of its section: little prose, or the dates of many. Where a layout of the
    CMS fits, or the prose is long, the date may be missing. A text that somebody hands in is an article if there is
    anything in it.
    """
    if found.content_type == "text/plain":
        return bool(record.title or record.body)
    prose = sum(map(len, record.body)) + len(record.lead or "")
    if _is_listing(record):
        return False
    shown = record.title is not None and any(block.label == "title" for block in record.blocks)
    known = record.layout not in (None, FALLBACK)
    return shown and prose >= MIN_PROSE and (known or record.published is not None or prose >= LONG_PROSE)


def _is_listing(record: Record) -> bool:
    """Tell whether much of what stands in the container is bare dates and cut-off sentences: others' teasers."""
    texts = [block.text for block in record.blocks if block.inside and block.label in ARTICLE_LABELS]
    dates = sum(len(text) <= DATE_TEXT and DATE.search(text) is not None for text in texts)
    cut = sum(text.endswith(("…", "...", "[…]", "Xem tiếp", "Chi tiết")) for text in texts)
    return any(count >= TEASERS and count * 5 >= len(texts) for count in (dates, cut))
