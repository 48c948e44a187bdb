"""A page's text to an lxml tree, and the container to a BeautifulSoup fragment.

Whole pages stay in lxml: building BeautifulSoup's objects for a page costs about ten times the parse. Only the
chosen container, a tenth of a page, is copied into one; the copy is exact, nothing is serialised and parsed again.
"""

from __future__ import annotations

from typing import Any, cast

from bs4 import BeautifulSoup, Tag
from bs4.builder import TreeBuilder
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


def to_soup(container: etree._Element) -> Tag:
    """Return the container as a BeautifulSoup tag."""
    soup = BeautifulSoup(cast("Any", container), builder=_FromTree())
    return cast("Tag", soup.contents[0])


class _FromTree(TreeBuilder):
    """Feeds BeautifulSoup from a parsed tree instead of from markup."""

    NAME = "lxml-tree"

    def prepare_markup(self, markup: object, *_: object, **__: object) -> Any:
        yield markup, None, None, False

    def feed(self, markup: Any) -> None:
        soup = cast("BeautifulSoup", self.soup)
        opened, text, closed = soup.handle_starttag, soup.handle_data, soup.handle_endtag
        for event, element in etree.iterwalk(markup, events=("start", "end")):
            if event == "start":
                opened(element.tag, None, None, dict(element.attrib))
                if element.text:
                    text(element.text)
            else:
                closed(element.tag)
                if element.tail and element is not markup:
                    text(element.tail)
