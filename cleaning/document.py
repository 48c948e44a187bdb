"""A page's text to an lxml tree, the tree to text, and a part of it to a BeautifulSoup fragment.

Whole pages stay in lxml: building BeautifulSoup's objects for a page costs about ten times the parse. Only what is
read element by element, an article's tables, is copied into one; the copy is exact, nothing is parsed again.
"""

from __future__ import annotations

import re
from typing import Any, cast

from bs4 import Tag
from bs4.element import NavigableString, PageElement
from lxml import etree

_TOO_DEEP = "Excessive depth"


def parse(markup: bytes) -> tuple[etree._Element | None, bool]:
    """Parse UTF-8; return (the root element or None without one, whether text lies deeper than the parser goes).

    libxml2 stops at 2,048 nested elements and drops what follows, so the caller flags such a page.
    """
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False
    )
    try:
        root = etree.fromstring(markup, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    errors = cast("Any", parser).error_log
    return root, any(_TOO_DEEP in error.message for error in errors)


_MOST_TEXT = 3_000_000  # characters of a page that are parsed
_ROOMY = 100_000  # characters; a shorter page has no room for a tag that takes a second
_PICTURE = re.compile(r"(?<=data:)[\w/+.;=-]{0,100},[\w+/=%-]{1000,}+")
_START_TAG = re.compile(r"<([a-zA-Z][\w:-]*)(?:[^\"'>]++|\"[^\"]*+\"|'[^']*+')*+")
_VALUE = re.compile(r"\"[^\"]*+\"|'[^']*+'")
_PARTING = re.compile(r"[\s/=]")
_LONG_TAG, _MOST_PARTINGS = 20_000, 8_000


def parsable(text: str) -> tuple[str, bool]:
    """Return what of a page is parsed, and whether that is less than its text.

    Pictures written into the page do not count. A tag of thousands of attributes goes without them: libxml2 compares
    each with all before it.
    """
    if len(text) < _ROOMY:
        return text, False
    if len(text) > _MOST_TEXT:
        text = _PICTURE.sub("", text)
    too_long, text = len(text) > _MOST_TEXT, text[:_MOST_TEXT]
    kept, end = [], 0
    for tag in _START_TAG.finditer(text):
        long = tag.end() - tag.start() >= _LONG_TAG
        if long and len(_PARTING.findall(_VALUE.sub("", tag[0]))) > _MOST_PARTINGS:
            kept.append(text[end : tag.end(1)])
            end = tag.end()
    return ("".join([*kept, text[end:]]), True) if kept else (text, too_long)


def text_of(body: etree._Element) -> str:
    """Return the text outside script and style, as served; these are taken off the tree.

    XPath would sort what it finds, for minutes where siblings are many.
    """
    etree.strip_elements(body, "script", "style", with_tail=False)
    return etree.tostring(body, method="text", encoding="unicode", with_tail=False)


_COUNT = etree.XPath("count(descendant::*)")


def size(element: etree._Element) -> int:
    """Return how many elements an element holds."""
    return int(cast("float", _COUNT(element)))


def to_soup(container: etree._Element) -> Tag:
    """Return the container as a BeautifulSoup tag.

    The objects are linked here, as BeautifulSoup's own builders do, because these spend most of their time on mending
    markup that libxml2 has mended already.
    """
    top = _tag(container)
    open_tags = [top]
    last: PageElement = top

    def put(node: PageElement) -> None:
        nonlocal last
        parent = open_tags[-1]
        node.setup(parent, last)
        parent.contents.append(node)
        last = node

    for event, element in etree.iterwalk(container, events=("start", "end")):
        if event == "start":
            if element is not container:
                tag = _tag(element)
                put(tag)
                open_tags.append(tag)
            if element.text:
                put(NavigableString(element.text))
        elif element is not container:
            open_tags.pop()
            if element.tail:
                put(NavigableString(element.tail))
    return top


def _tag(element: etree._Element) -> Tag:
    return Tag(name=element.tag, attrs=cast("dict[str, str]", dict(element.attrib)))
