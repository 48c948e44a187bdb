"""Tells pages from other replies, and article pages from listings, by what is on them."""

from __future__ import annotations

import re

from cleaning.record import Record
from scrapers.sources.found import Found

MIN_PROSE = 200
"""Characters of prose under which a page without the CMS's own id is not taken for an article."""

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
    """Tell whether a cleaned page is an article: a title and prose, or a text that somebody handed in as one."""
    prose = sum(map(len, record.body)) + len(record.lead or "")
    if found.content_type == "text/plain":
        return bool(record.title or record.body)
    return bool(record.title) and prose >= MIN_PROSE
