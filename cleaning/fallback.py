"""Chooses the article's node on a page that no layout fits: readability-lxml scores, we only take its choice.

The library works on a stamped copy; what it returns is read for its stamps and thrown away. Our own steps then run
on the original tree, so nothing that the library rewrites or drops is lost.
"""

from __future__ import annotations

import logging
from collections import Counter
from copy import deepcopy
from typing import cast

import lxml.html
from lxml import etree
from readability import Document
from readability.readability import REGEXES, Unparseable

from cleaning.container import Choice
from cleaning.document import html_parser

NAME = "fallback"
_SENTENCES = etree.XPath("./body//text()[string-length() > 60][not(parent::a or parent::script or parent::style)]")
_HOLDERS = frozenset({"div", "td", "article", "section", "main", "body"})
_STAMP = "data-tintinh-n"
_MAX_BYTES = 1_500_000  # the library rewrites the tree several times; a longer page would take seconds
_STYLED = etree.XPath("//*[@hidden or @style]")
_UNSEEN = REGEXES["displayNoneRe"]
_HEADINGS = ("h1", "h2", "h3")
_FRAME_EXTRA = 1200  # letters round the prose that title, date, lead and byline may have

logging.getLogger("readability.readability").setLevel(logging.CRITICAL)


def choose_node(root: etree._Element, markup: bytes) -> Choice | None:
    """Return the node that holds the article's prose and the frame round it with title and byline, or None."""
    bodies = _chosen(root, markup) if len(markup) <= _MAX_BYTES else []
    bodies = bodies or _densest(root)
    if not bodies:
        return None
    node = bodies[0] if len(bodies) == 1 else _common_ancestor(bodies)
    if node is None or node.tag in ("html", "head"):
        return None
    frame = _frame(node)
    return Choice(frame, NAME, bodies=[] if frame is node and len(bodies) == 1 else bodies)


def _chosen(root: etree._Element, markup: bytes) -> list[etree._Element]:
    """Return the outermost elements of the library's choice, as elements of the original tree.

    Copy and original come from the same markup, so the n-th element is the n-th; a copy that ends where nesting gets
    too deep for the library is a beginning of the original.
    """
    copy = lxml.html.document_fromstring(markup, html_parser(lxml.html.HTMLParser, deep=False))
    for number, element in enumerate(copy.iter()):
        element.set(_STAMP, str(number))
    chosen: list[etree._Element] = []

    def keep(node: etree._Element, *_: object) -> str:
        """Take the library's choice before it tidies it up; the text's length tells it whether to look again."""
        chosen[:] = [node]
        return "".join(map(str, node.itertext()))

    alive: list[lxml.html.HtmlElement] = []  # lxml.html is slow at making an element's object again

    def read(tree: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
        shown = _shown(tree)
        alive[:] = shown.iter()
        return shown

    document = Document(copy)
    document._parse, document.sanitize = read, keep
    try:
        document.summary()
    except (Unparseable, etree.LxmlError, ValueError, RecursionError):
        return []
    originals = list(root.iter())
    outermost: list[etree._Element] = []
    for element in chosen[0].iterdescendants() if chosen else ():
        stamp = element.get(_STAMP)
        if stamp and not any(ancestor.get(_STAMP) for ancestor in element.iterancestors()):
            outermost.append(originals[int(stamp)])
    return outermost


def _shown(tree: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    """Return a copy of the page without what is not shown.

    It replaces the library's own reading, half of whose time goes into making a page safe to show; no score needs that.
    """
    tree = deepcopy(tree)
    for element in cast("list[lxml.html.HtmlElement]", _STYLED(tree)):
        if element.get("hidden") is not None or _UNSEEN.search(element.get("style") or ""):
            element.drop_tree()
    etree.strip_elements(tree, "script", "style", "link", with_tail=False)
    return tree


def _densest(root: etree._Element) -> list[etree._Element]:
    """Return the element that directly holds the most sentences: for pages too large or too deep for the library."""
    letters: Counter[etree._Element] = Counter()
    for text in cast("list[etree._ElementUnicodeResult]", _SENTENCES(root)):
        holder = text.getparent()
        while holder is not None and holder.tag not in _HOLDERS:
            holder = holder.getparent()
        if holder is not None:
            letters[holder] += len(text)
    return [letters.most_common(1)[0][0]] if letters else []


def _common_ancestor(elements: list[etree._Element]) -> etree._Element | None:
    shared = [elements[0], *elements[0].iterancestors()]
    for element in elements[1:]:
        line = {element, *element.iterancestors()}
        shared = [ancestor for ancestor in shared if ancestor in line]
    return shared[0] if shared else None


def _frame(node: etree._Element) -> etree._Element:
    """Return the ancestor that also holds the headline, if it holds little else; else the node itself."""
    inner = _letters(node)
    for ancestor in (node, *node.iterancestors()):
        if ancestor.tag in ("body", "html") or _letters(ancestor) - inner > _FRAME_EXTRA + inner // 5:
            break
        if any(ancestor.find(f".//{heading}") is not None for heading in _HEADINGS):
            return ancestor
    return node


def _letters(element: etree._Element) -> int:
    return sum(len(text.strip()) for text in element.itertext())
