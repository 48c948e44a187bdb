"""The page's elements by id and class: most selectors are ruled out, the simple ones answered, without a search."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import cast

from lxml import etree

from cleaning.selectors import Selector

_CLASSES = etree.XPath("descendant::*/@class", smart_strings=False)
_IDS = etree.XPath("descendant::*/@id", smart_strings=False)
_CLASSED = etree.XPath("descendant::*[@class]")
_BY_ID = etree.XPath("id($name)")
_NAMED = etree.XPath("descendant::*[@id]")
_LONG = 200  # characters; longer attributes are not remembered


class Index:
    """Elements of one page by `.class` and `#id`, with the markup to rule XPaths out by their words."""

    def __init__(self, root: etree._Element, markup: str) -> None:
        self._root = root
        self._markup = markup
        self._numbers: defaultdict[str, list[int]] = defaultdict(list)  # of `_CLASSED` or `_NAMED`
        for number, classes in enumerate(cast("list[str]", _CLASSES(root))):
            for token in _tokens(classes) if len(classes) <= _LONG else _tokens.__wrapped__(classes):
                self._numbers[token].append(number)
        for number, name in enumerate(cast("list[str]", _IDS(root))):
            self._numbers["#" + name].append(number)
        self._names = "\n".join([*self._numbers, ""])

    @cached_property
    def _classed(self) -> list[etree._Element]:
        return cast("list[etree._Element]", _CLASSED(self._root))

    @cached_property
    def _named(self) -> list[etree._Element]:
        return cast("list[etree._Element]", _NAMED(self._root))

    def names(self, tokens: frozenset[str]) -> bool:
        """Tell whether the page carries all of those `.class` and `#id`."""
        return tokens <= self._numbers.keys()

    def find(self, selectors: Iterable[Selector], within: etree._Element | None = None) -> list[etree._Element]:
        """Return the elements of the first selector that matches, below (or equal to) an element or anywhere."""
        for selector in selectors:
            if found := self.match(selector, within):
                return found
        return []

    def match(self, selector: Selector, within: etree._Element | None = None) -> list[etree._Element]:
        """Return a selector's elements, below (or equal to) an element or anywhere."""
        return self._match(selector, within) if selector.needs <= self._numbers.keys() else []

    def named(self, pattern: re.Pattern[str]) -> list[etree._Element]:
        """Return the elements of the lines `.class` and `#id` in which a pattern (`re.M`) finds something, by line."""
        names = self._names
        found = (
            names[names.rfind("\n", 0, match.start()) + 1 : names.find("\n", match.end())]
            for match in pattern.finditer(names)
        )
        return [element for token in dict.fromkeys(found) for element in self._elements(token)]

    def _elements(self, token: str) -> list[etree._Element]:
        """Return a class's or an id's elements in page order."""
        numbers = self._numbers.get(token, [])
        if token[0] == "#" and len(numbers) == 1:  # libxml2 finds an id by itself, but an anchor's name as well
            found = cast("list[etree._Element]", _BY_ID(self._root, name=token[1:]))
            if found and found[0].get("id") == token[1:]:
                return found
        elements = self._classed if token[0] == "." else self._named
        return [elements[number] for number in numbers]

    def _match(self, selector: Selector, within: etree._Element | None) -> list[etree._Element]:
        if selector.simple is None:
            return self._search(selector, within)
        tag, tokens = selector.simple
        first, *others = sorted(tokens, key=lambda token: len(self._numbers[token]))
        found = self._elements(first)
        for token in others:
            also = set(self._elements(token))
            found = [element for element in found if element in also]
        if tag:
            found = [element for element in found if element.tag == tag]
        if within is None:
            return found
        return [element for element in found if element is within or within in element.iterancestors()]

    def _search(self, selector: Selector, within: etree._Element | None) -> list[etree._Element]:
        where = self._names if selector.reads_names else self._markup
        if selector.words and not any(word in where for word in selector.words):
            return []
        if selector.lead is not None:
            found = self._led(*selector.lead)
            return found if len(found) <= 1 else selector.find(self._root)
        if selector.anchor is None:
            return selector.find(self._root if within is None else within)
        anchor, rest = selector.anchor
        if rest.simple:
            starts = set(self._match(anchor, within))
            return [element for element in self._match(rest, within) if not starts.isdisjoint(element.iterancestors())]
        found = [element for start in self._match(anchor, within) for element in rest.find(start)]
        return list(dict.fromkeys(found))

    def _led(self, tag: str, pattern: re.Pattern[str], rest: Selector | None) -> list[etree._Element]:
        """Return what an XPath finds that begins by asking for ids and classes, in no sure order."""
        starts = [element for element in self.named(pattern) if not tag or element.tag == tag]
        if rest is None:
            return list(dict.fromkeys(starts))
        return list(dict.fromkeys(element for start in starts for element in rest.find(start)))


@lru_cache(maxsize=8192)
def _tokens(classes: str) -> tuple[str, ...]:
    return tuple("." + name for name in dict.fromkeys(classes.split()))
