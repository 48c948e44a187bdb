"""A page's text to an lxml tree, and the container to a BeautifulSoup fragment.

Whole pages stay in lxml: building BeautifulSoup's objects for a page costs about ten times the parse. Only the
chosen container, a tenth of a page, is copied into one; the copy is exact, nothing is serialised and parsed again.
"""

from __future__ import annotations

from typing import Any, cast

from bs4 import Tag
from bs4.element import NavigableString, PageElement
from lxml import etree

ROLE = "data-tintinh-role"
"""Attribute that carries a layout's label and rule from the tree into the fragment."""

_TOO_DEEP = "Excessive depth"


def html_parser(kind: type[etree.HTMLParser], *, deep: bool = True) -> etree.HTMLParser:
    """Return a parser with the options that every reading of a page shares; not `deep`: 256 nested elements."""
    return kind(encoding="utf-8", huge_tree=deep, remove_comments=True, remove_pis=True)


def parse(markup: bytes) -> tuple[etree._Element | None, bool]:
    """Parse UTF-8; return (the root element or None without one, whether text lies deeper than the parser goes).

    libxml2 stops at 2,048 nested elements and drops what follows, so the caller flags such a page.
    """
    parser = html_parser(etree.HTMLParser)
    try:
        root = etree.fromstring(markup, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    errors = cast("Any", parser).error_log
    return root, any(_TOO_DEEP in error.message for error in errors)


def text_of(body: etree._Element) -> str:
    """Return the text outside script and style, as served."""
    return "".join(cast("list[str]", _TEXT(body)))


_TEXT = etree.XPath(".//text()[not(parent::script or parent::style)]", smart_strings=False)


def attributes(element: etree._Element) -> dict[str, str]:
    """Return a copy of an element's attributes: quicker than to ask libxml2 for several, one by one."""
    pairs: Any = element.items()  # str, as the tree is from markup
    return dict(pairs)


def to_soup(container: etree._Element) -> Tag:
    """Return the container as a BeautifulSoup tag.

    The objects are linked here, as BeautifulSoup's own builders do, because these spend most of their time on mending
    markup that libxml2 has mended already.
    """
    top = Tag(name=container.tag, attrs=attributes(container))
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
                tag = Tag(name=element.tag, attrs=attributes(element))
                put(tag)
                open_tags.append(tag)
            if element.text:
                put(NavigableString(element.text))
        elif element is not container:
            open_tags.pop()
            if element.tail:
                put(NavigableString(element.tail))
    return top
