"""Selectors are answered from a page's names and tags as soupsieve and lxml answer them by visiting every element."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from bs4 import Tag

from cleaning.document import parse, to_soup
from cleaning.index import Index
from cleaning.layouts import shipped
from cleaning.scan import Scan
from cleaning.selectors import Selector

PAGES = sorted((Path(__file__).parent / "pages").rglob("*.html"))[::6]

BEYOND_LXML = re.compile(r" < |:(?:is|not|has)\(")  # for BeautifulSoup, which takes much longer

MADE = """<html><head><meta name=day content=1></head><body class=top id=b>
<ul class="crumbs"><li>a<li class="x y"><a class=txt href="/">b</a></ul>
<div class="node x"><p class=x><b class=y>c</b></p><div><p class="x y" lang=vi>d<p lang=en>e</div></div>
<article class="node"><h1 itemprop=headline>f</h1><time>g</time><p class=y>h</article>
<section id=ctl00_one><div class=node--full><p class="y lead-text">i<img data-src="/a.jpg" alt="j k"></div></section>
</body></html>"""
ASKED = """
p|.x|div.node|.node > p|.node p|.node .x|.node > .x > .y|.node div > p|div .x.y|li:last-child|.crumbs li:last-child .txt
p:last-child|h1[itemprop=headline]|p[lang]|p[lang=vi]|.node p[lang=en]|article > time|#b .node|body.top h1|.x .x
a[href]|ul > li.x > a|.node.x p|.node > .missing|.y.x|p, .y|.y, p, .missing|[class*=node]|[class*=node] > p, time
[id^=ctl00]|[id*=_one] p|div[class*=node--]|[data-src]|img[alt='j k']|[alt*="j "]|[class*='x y']|[lang^=v]|:is(p, b).y
.node :is(h1, time)|:is(.x, #b) > :is(p, ul)|p:not(.x)|p:not(.x, [lang])|.y:not(:is(p))|div:has(b)|:has(> .y)
:has(h1, b)|div:not(:has(b))|div:has(> p[lang=vi], > img)|*|.node > *
.y < *|.y < .node|.y < :has(h1)|p < :is(section, article):not(.node)|.x < div, b < div|.y < :not(p)
#b < *|b < p < .x|img < body
:is(.x, .y) p < div.node, div[class*=node] > p < section
"""


def _selectors() -> Iterator[Selector]:
    for row in shipped():
        for _, selectors in (("", row.signature), ("", row.container), ("", row.body), *row.fields, *row.noise):
            yield from selectors


class _Reference:
    """One page as BeautifulSoup's selectors and lxml see it."""

    def __init__(self, page: str) -> None:
        root, _ = parse(page.encode())
        assert root is not None
        body = root.find("body")
        assert body is not None
        self.root, self.body, self.soup = root, body, to_soup(root)
        self.index = Index(root, Scan(body), page.encode())
        self._elements = {element: number for number, element in enumerate(body.iter("*"))}
        (soup_body,) = self.soup.select("body")
        tags = [soup_body, *(tag for tag in soup_body.descendants if isinstance(tag, Tag))]
        self._tags = {id(tag): number for number, tag in enumerate(tags)}

    def find(self, selector: Selector) -> list[int]:
        if selector.paths and BEYOND_LXML.search(selector.text):
            return sorted({self._tags[id(tag)] for tag in self._select(selector.text) if id(tag) in self._tags})
        return [self._elements[element] for element in selector.find(self.root) if element in self._elements]

    def _select(self, text: str) -> list[Tag]:
        if " < " not in text:
            return [*self.soup.select(text)]
        found: list[Tag] = []
        for path in re.split(r", (?![^(]*\))", text):  # at commas outside brackets
            inner, *outers = path.split(" < ")
            tags = [*self.soup.select(inner)]
            for outer in outers:
                tags = [near for tag in tags if tag.parent and (near := tag.parent.css.closest(outer))]
            found += tags
        return found


def _differing(page: str, selectors: Iterable[Selector]) -> list[str]:
    reference = _Reference(page)
    return [
        selector.text
        for selector in dict.fromkeys(selectors)  # rows have many in common
        if [number for number in reference.index.match(selector) if number >= 0] != reference.find(selector)
    ]


@pytest.mark.parametrize("page", PAGES, ids=[f"{page.parent.name}-{page.stem}" for page in PAGES])
def test_the_shipped_selectors_find_what_others_find(page: Path) -> None:
    assert _differing(page.read_bytes().decode("utf-8", "replace"), _selectors()) == []


def test_css_and_what_lies_round_an_element_are_found_as_others_find_them() -> None:
    asked = [Selector.parse(text) for line in ASKED.split("\n") for text in line.split("|") if text]
    assert [selector.text for selector in asked if not selector.paths] == []
    assert _differing(MADE, asked) == []


def test_a_search_within_an_element_finds_nothing_outside() -> None:
    index = _Reference(MADE).index
    (article,) = index.match(Selector.parse("article"))
    assert index.match(Selector.parse(".y"), article) == [article + 3]
    assert index.match(Selector.parse(".y < *"), article) == [article]
    assert index.match(Selector.parse("time < body"), article) == []


@pytest.mark.parametrize("text", [".x[", "p:nope", ".a < ", "//p[", ".x > ", ":has(.x .y) <"])
def test_what_is_no_selector_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match="is no CSS selector or XPath"):
        Selector.parse(text)


def test_a_selector_for_the_head_is_left_to_lxml() -> None:
    assert Selector.parse("meta[name=day]@content").paths == ()
    assert _Reference(MADE).index.values(Selector.parse("meta[name=day]@content")) == ["1"]
