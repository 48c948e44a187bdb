"""page → container (lxml) → labelled blocks → Record; tables are read from a BeautifulSoup fragment."""

from __future__ import annotations

import re
from datetime import datetime

from lxml import etree

from cleaning import fallback, service
from cleaning.container import choose
from cleaning.decoding import decode
from cleaning.document import parsable, parse, size, text_of
from cleaning.index import Index
from cleaning.layouts import Layouts, shipped
from cleaning.lines import is_plain, read_lines
from cleaning.page import Page, Piece
from cleaning.reading import read_record
from cleaning.record import Record
from cleaning.scan import Scan
from cleaning.steps import STEPS
from cleaning.vietnamese import squash
from cleaning.walk import walk

FLAGS = {
    "layout-unknown": "no layout fits the page; a general scorer chose the article's node",
    "no-article": "neither a layout nor the scorer found an article on the page",
    "empty-body": "the article has neither prose nor a lead, or almost none beside a full page",
    "too-deep": "the page nests deeper than the parser goes; text below is lost",
    "oversized": "the page is too large for the fine reading; text was cut more coarsely, tables and links not read",
    "error-page": "the page says in few words that it has no article to show",
    "no-title": "no title was found",
}
PLAIN = "plain-text"
_SITE_TWICE = re.compile(r"(.+) [-–|] \1")  # what Liferay writes where a page has no title of its own
_MAX_CONTAINER = 8_000  # elements that are read one by one
_MAX_ELEMENTS = 60_000  # elements of a page that is read at all
_SHORTEST = len("<b>")


def clean(
    page: bytes | str,
    *,
    url: str | None = None,
    content_type: str | None = None,
    fetched_at: datetime | None = None,
    layouts: Layouts | None = None,
) -> Record:
    """Clean one page; a pure function that never raises on any input: doubts are flags of the record.

    `content_type` is the header's value; `fetched_at` (aware) is the last basis for `date`, and what "3 giờ trước"
    counts back from; `layouts` are those of `load_layouts`, None the shipped ones.
    """
    if isinstance(page, bytes):
        decoded = decode(page, content_type)
        text, encoding, flags = decoded.text, decoded.encoding, list(decoded.flags)
    else:
        text, encoding, flags = page, None, []
    text = service.page_of(text) or text
    if "binary" in flags:
        ready = Page([], flags=flags)
    elif is_plain(text, content_type):
        ready = Page(read_lines(text), plain=True, layout=PLAIN, flags=flags)
    else:
        ready = _read_html(text, url, shipped() if layouts is None else layouts)
        ready.flags[:0] = flags
    ready.url, ready.fetched_at = url, fetched_at
    for step in STEPS:
        step(ready)
    return read_record(ready, encoding)


def _read_html(text: str, url: str | None, layouts: Layouts) -> Page:
    text, cut = parsable(text)
    markup = text.encode("utf-8", "replace")
    root, too_deep = parse(markup)
    page = Page([], flags=["too-deep"] if too_deep else [])
    if cut:
        page.flag("oversized")
    body = next(root.iterchildren("body"), None) if root is not None else None
    if root is None or body is None:
        return page
    page.head_titles = _head_titles(root)
    if len(markup) > _SHORTEST * _MAX_ELEMENTS and size(root) > _MAX_ELEMENTS:
        page.flag("oversized")
        page.flag("no-article")
        page.pieces = [Piece(words)] if (words := squash(text_of(body))) else []
        return page
    scan = Scan(body)
    index = Index(root, scan, markup)
    choice = choose(index, url, layouts)
    if choice is None:
        choice = fallback.choose_node(body, scan, len(markup), page.head_titles)
        page.flag("layout-unknown")
    if choice is None:
        scan.mark(None, fallback.roles(body, scan))
        page.pieces = walk(scan, prose=False).pieces
        page.flag("no-article")
        return page
    page.layout, page.hints = choice.name, choice.hints
    scan.mark(choice.container, choice.marks())
    if scan.last[choice.container] - choice.container <= _MAX_CONTAINER:
        page.container = scan.element(choice.container)
    else:
        page.flag("oversized")
    walked = walk(scan, prose=not choice.bodies)
    page.pieces, page.pictures, page.pictured = walked.pieces, walked.pictures, walked.pictured
    return page


def _head_titles(root: etree._Element) -> tuple[str, ...]:
    """Return what `og:title` and `<title>` say."""
    head = next(root.iterchildren("head"), None)
    if head is None:
        return ()
    titles = [meta.get("content", "") for meta in head.iterchildren("meta") if meta.get("property") == "og:title"]
    titles += [title.text or "" for title in head.iterchildren("title")]
    squashed = map(squash, titles)
    return tuple(title for title in squashed if title and not _SITE_TWICE.fullmatch(title))
