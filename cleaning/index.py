"""The page's elements by id and class: most selectors are ruled out, the simple ones answered, without a search."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import cast

from lxml import etree

from cleaning.layouts import Selector

_NAMED = etree.XPath("//*[@class or @id]")


class Index:
    """Elements of one page by `.class` and `#id`, with the markup to rule XPaths out by their words."""

    def __init__(self, root: etree._Element, markup: bytes) -> None:
        self._root = root
        self._markup = markup
        self._named = cast("list[etree._Element]", _NAMED(root))
        by_names: defaultdict[tuple[str | None, str | None], list[int]] = defaultdict(list)
        for number, element in enumerate(self._named):
            by_names[element.get("class"), element.get("id")].append(number)
        self._numbers: defaultdict[str, list[int]] = defaultdict(list)
        for (classes, name), numbers in by_names.items():
            for token in set(classes.split()) if classes else ():
                self._numbers["." + token] += numbers
            if name:
                self._numbers["#" + name] += numbers
        self._names = "\n".join(self._numbers).encode()

    def names(self, tokens: frozenset[str]) -> bool:
        """Tell whether the page carries all of those `.class` and `#id`."""
        return tokens <= self._numbers.keys()

    def find(self, selectors: Iterable[Selector], within: etree._Element | None = None) -> list[etree._Element]:
        """Return the elements of the first selector that matches, below (or equal to) an element or anywhere."""
        for selector in selectors:
            if self.names(selector.needs) and (found := self._match(selector, within)):
                return found
        return []

    def classed(self, pattern: re.Pattern[str], word: str) -> list[etree._Element]:
        """Return the elements with a class that the pattern finds; each such class holds the word."""
        if word.encode() not in self._names:
            return []
        tokens = [token for token in self._numbers if token[0] == "." and pattern.search(token)]
        return [element for token in tokens for element in self._elements(token)]

    def _elements(self, token: str) -> list[etree._Element]:
        """Return a class's or an id's elements in page order."""
        return [self._named[number] for number in sorted(self._numbers[token])]

    def _match(self, selector: Selector, within: etree._Element | None) -> list[etree._Element]:
        if selector.simple is None:
            return self._search(selector, within)
        tag, tokens = selector.simple
        numbers = set.intersection(*(set(self._numbers[token]) for token in tokens))
        found = [self._named[number] for number in sorted(numbers)]
        if tag:
            found = [element for element in found if element.tag == tag]
        if within is None:
            return found
        return [element for element in found if element is within or within in element.iterancestors()]

    def _search(self, selector: Selector, within: etree._Element | None) -> list[etree._Element]:
        where = self._names if selector.reads_names else self._markup
        if selector.words and not any(word in where for word in selector.words):
            return []
        if selector.anchor is None:
            return selector.find(self._root if within is None else within)
        anchor, rest = selector.anchor
        if rest.simple:
            starts = set(self._match(anchor, within))
            return [element for element in self._match(rest, within) if not starts.isdisjoint(element.iterancestors())]
        found = [element for start in self._match(anchor, within) for element in rest.find(start)]
        return list(dict.fromkeys(found))
