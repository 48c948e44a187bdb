"""Selectors are answered from a page's ids, classes and tags as lxml answers them by visiting every element."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cleaning.document import parse
from cleaning.index import Index
from cleaning.layouts import shipped
from cleaning.scan import Scan
from cleaning.selectors import Selector

PAGES = sorted((Path(__file__).parent / "pages").rglob("*.html"))[::6]

MADE = """<html><head><meta name=day content=1></head><body class=top id=b>
<ul class="crumbs"><li>a<li class="x y"><a class=txt href="/">b</a></ul>
<div class="node x"><p class=x><b class=y>c</b></p><div><p class="x y" lang=vi>d<p lang=en>e</div></div>
<article class="node"><h1 itemprop=headline>f</h1><time>g</time><p class=y>h</article></body></html>"""
ASKED = """
p|.x|div.node|.node > p|.node p|.node .x|.node > .x > .y|.node div > p|div .x.y|li:last-child|.crumbs li:last-child .txt
p:last-child|h1[itemprop=headline]|p[lang]|p[lang=vi]|.node p[lang=en]|article > time|#b .node|body.top h1|.x .x
a[href]|ul > li.x > a|.node.x p|.node > .missing|.y.x
"""


def _selectors() -> Iterator[Selector]:
    for row in shipped():
        for _, selectors in (("", row.signature), ("", row.container), ("", row.body), *row.fields, *row.noise):
            yield from selectors


def _differing(page: str, selectors: list[Selector]) -> list[str]:
    root, _ = parse(page.encode())
    assert root is not None
    body = root.find("body")
    assert body is not None
    scan = Scan(body)
    index = Index(root, scan, page.encode())
    elements = {element: number for number, element in enumerate(body.iter("*"))}
    return [
        selector.text
        for selector in selectors
        if [number for number in index.match(selector) if number >= 0]
        != [elements[element] for element in selector.find(root) if element in elements]
    ]


@pytest.mark.parametrize("page", PAGES, ids=[f"{page.parent.name}-{page.stem}" for page in PAGES])
def test_the_shipped_selectors_find_what_lxml_finds(page: Path) -> None:
    assert _differing(page.read_bytes().decode("utf-8", "replace"), list(_selectors())) == []


def test_steps_children_attributes_and_last_ones_find_what_lxml_finds() -> None:
    asked = [Selector.parse(text) for line in ASKED.split("\n") for text in line.split("|") if text]
    assert all(selector.paths for selector in asked)
    assert _differing(MADE, asked) == []


def test_a_selector_for_the_head_is_left_to_lxml() -> None:
    assert Selector.parse("meta[name=day]@content").paths == ()
    root, _ = parse(MADE.encode())
    assert root is not None
    body = root.find("body")
    assert body is not None
    assert Index(root, Scan(body), MADE.encode()).values(Selector.parse("meta[name=day]@content")) == ["1"]
