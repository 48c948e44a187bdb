"""Chooses the article's node on a page that no layout fits: a library scores, its choice is framed with the headline.

Our own steps then run on the original tree, so nothing that the library rewrites or drops is lost.
"""

from __future__ import annotations

from collections import Counter
from typing import cast

from lxml import etree

from cleaning.container import Choice
from cleaning.scorer import best_elements, letters

NAME = "fallback"
_SENTENCES = etree.XPath(".//text()[string-length() > 60][not(parent::a or parent::script or parent::style)]")
_HOLDERS = frozenset({"div", "td", "article", "section", "main", "body"})
_MAX_BYTES = 1_500_000  # the library rewrites the tree several times; a longer page would take seconds
_TOO_DEEP = etree.XPath("boolean(" + "*/" * 255 + "*)")  # and it asks elements for their ancestors
_HEADINGS = ("h1", "h2", "h3")
_FRAME_EXTRA = 1200  # letters round the prose that title, date, lead and byline may have


def choose_node(root: etree._Element, markup: bytes) -> Choice | None:
    """Return the node that holds the article's prose and the frame round it with title and byline, or None."""
    body = root.find("body")
    if body is None:
        return None
    bodies = best_elements(body) if len(markup) <= _MAX_BYTES and not _TOO_DEEP(body) else []
    bodies = bodies or _densest(body)
    if not bodies:
        return None
    node = bodies[0] if len(bodies) == 1 else _common_ancestor(bodies)
    if node is None or node.tag in ("html", "head"):
        return None
    frame = _frame(node)
    return Choice(frame, NAME, bodies=[] if frame is node and len(bodies) == 1 else bodies)


def _densest(body: etree._Element) -> list[etree._Element]:
    """Return the element that directly holds the most sentences: for pages too large or too deep for the library."""
    sums: Counter[etree._Element] = Counter()
    for text in cast("list[etree._ElementUnicodeResult]", _SENTENCES(body)):
        holder = text.getparent()
        while holder is not None and holder.tag not in _HOLDERS:
            holder = holder.getparent()
        if holder is not None:
            sums[holder] += len(text)
    return [sums.most_common(1)[0][0]] if sums else []


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
        if next(ancestor.iterdescendants(*_HEADINGS), None) is not None:
            return ancestor
    return node


def _letters(element: etree._Element) -> float:
    return cast("float", letters(element))
