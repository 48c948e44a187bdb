"""readability-lxml at work on a copy of the page: which elements hold the article, at a third of the library's cost.

Most of the library's time goes into making pages safe to show, into writing elements out to see what is in them and
into measuring the same texts again. Its scores need none of that: here it reads a copy without what is never prose,
and libxml2 counts the letters.
"""

from __future__ import annotations

import logging
from copy import deepcopy
from functools import lru_cache
from typing import cast

import lxml.html
from lxml import etree
from readability import Document
from readability.readability import REGEXES, Unparseable

from cleaning.foreign import letters, linked_letters, marked
from cleaning.markup import traits

_HTML_ELEMENTS = etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement)
_PARTS = ("blockquote", "dl", "div", "ol", "p", "pre", "table", "ul")  # what holds one of these is no paragraph
_HOLDERS = (
    *_PARTS,
    *("body", "td", "tr", "th", "tbody", "article", "section", "main", "form", "li", "dd", "center"),
    *("figure", "fieldset", "details", "header", "aside", "footer"),
)
_NEVER = ("script", "style", "noscript", "select", "button", "textarea", "svg", "iframe", "img", "input")
_SELDOM = ("a", "nav", "aside", "footer", "ul", "ol", "dl", "label", "h1", "h2", "h3", "h4", "h5", "h6")
_INLINE = ("span", "b", "strong", "i", "em", "u", "font", "small", "sub", "sup", "o:p")
_NAMED = etree.XPath("descendant::*[@class or @id]")
_NO_LINKS = etree.XPath("descendant::a[not(@href)]")
_STYLED = etree.XPath("descendant::*[@hidden or @style]")
_HOLDS_SENTENCE = etree.XPath("boolean(descendant-or-self::text()[string-length(normalize-space()) > 60])")
_STRING = etree.XPath("string()", smart_strings=False)

logging.getLogger("readability.readability").setLevel(logging.CRITICAL)


def best_elements(body: etree._Element) -> list[etree._Element]:
    """Return the elements that the library takes for the article, none inside another; empty if it finds none."""
    scorer = _Scorer(body)
    parser = cast("etree.HTMLParser", body.getroottree().parser)
    parser.set_element_class_lookup(_HTML_ELEMENTS)
    try:
        scorer.summary()
    except (Unparseable, etree.LxmlError, ValueError, RecursionError):
        return []
    finally:
        parser.set_element_class_lookup(None)
    found: list[etree._Element] = []
    for top in scorer.chosen:
        for element in (top, *top):  # the library moves what belongs to its choice into it
            original = scorer.originals.get(element)
            if original is not None and not any(outer in found for outer in (original, *original.iterancestors())):
                found.append(original)
    return found


class _Scorer(Document):
    """The library, left as soon as it has chosen; `originals` leads from its copy's elements to the page's."""

    def __init__(self, body: etree._Element) -> None:
        super().__init__(body)
        self.chosen: list[etree._Element] = []
        self.originals: dict[etree._Element, etree._Element] = {}
        self._again = False

    def _parse(self, body: etree._Element) -> lxml.html.HtmlElement:
        """Return the reduced copy; the library asks anew for its second, lenient attempt, which gets more of it."""
        copy = cast("lxml.html.HtmlElement", deepcopy(body))
        self.originals = dict(zip(copy.iter(*_HOLDERS), body.iter(*_HOLDERS), strict=True))
        for element in cast("list[lxml.html.HtmlElement]", marked(copy)):
            element.drop_tree()
        for element in cast("list[lxml.html.HtmlElement]", _NO_LINKS(copy)):
            element.tag = "span"
        for element in cast("list[lxml.html.HtmlElement]", _STYLED(copy)):
            if element.get("hidden") is not None or traits("", None, None, element.get("style"), None).hidden:
                element.drop_tree()
        etree.strip_elements(copy, *(_NEVER if self._again else _NEVER + _SELDOM), with_tail=False)
        etree.strip_tags(copy, *_INLINE)
        self._again = True
        return copy

    def remove_unlikely_candidates(self) -> None:
        """Drop what names call hidden or the library's patterns unlikely; names repeat, so each is judged once."""
        for element in cast("list[lxml.html.HtmlElement]", _NAMED(self.html)):
            unlikely = _is_unlikely(element.get("class"), element.get("id"))
            if unlikely and next(element.iter("article", "main"), None) is None:
                element.drop_tree()

    def transform_misused_divs_into_paragraphs(self) -> None:
        """Make a paragraph of every div without parts, and of each text between a div's parts."""
        for element in [*self.html.iter("div")]:
            if next(element.iterdescendants(*_PARTS), None) is None:
                element.tag = "p"
                continue
            for child in [*element]:
                if child.tail and child.tail.strip():
                    paragraph = element.makeelement("p")
                    paragraph.text, child.tail = child.tail, None
                    child.addnext(paragraph)
            if element.text and element.text.strip():
                paragraph = element.makeelement("p")
                paragraph.text, element.text = element.text, None
                element.insert(0, paragraph)

    def get_link_density(self, element: etree._Element) -> float:
        """Return the share of links in an element's letters, on the page: the copy has lost its links."""
        element = self.originals.get(element, element)
        return linked_letters(element) / max(letters(element), 1.0)

    def class_weight(self, element: etree._Element) -> int:
        """Return what names say for or against an element; one without a sentence is no article by its name alone."""
        weight = cast("int", super().class_weight(element))
        return weight if weight <= 0 or _HOLDS_SENTENCE(element) else 0

    def sanitize(self, node: etree._Element, *_: object) -> str:
        """Take the library's choice before it tidies it up; the text's length tells it whether to look again."""
        self.chosen = [*node.iterfind("body/div/*")]
        return cast("str", _STRING(node))


@lru_cache(maxsize=8192)
def _is_unlikely(classes: str | None, name: str | None) -> bool:
    names = f"{classes or ''} {name or ''}"
    unlikely = REGEXES["unlikelyCandidatesRe"].search(names) and not REGEXES["okMaybeItsACandidateRe"].search(names)
    return bool(unlikely) or traits("", classes, None, None, None).hidden
