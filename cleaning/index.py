"""The page's elements by id and class: most selectors are ruled out, the simple ones answered, without a search."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from lxml import etree

from cleaning.scan import Scan
from cleaning.selectors import Selector

_SEVERAL = 4  # sentences


class Index:
    """Finds elements, by their numbers, with the page's markup to rule XPaths out by their words."""

    def __init__(self, root: etree._Element, scan: Scan, markup: str) -> None:
        self._root = root
        self._scan = scan
        self._markup = markup
        self._numbers = scan.numbers

    @cached_property
    def _names(self) -> str:
        return "\n".join([*self._numbers, ""])

    def last(self, number: int) -> int:
        """Return the number of the last element within an element."""
        return self._scan.last[number] if number >= 0 else number

    def is_empty(self, number: int) -> bool:
        """Tell whether an element holds not one sentence while the page has several."""
        sentences = self._scan.sentences
        return len(sentences) > 1 and number >= 0 and not self._scan.within(sentences, number)

    def holds_prose(self, number: int) -> bool:
        """Tell whether an element holds several sentences."""
        return number >= 0 and len(self._scan.within(self._scan.sentences, number)) > 1

    def lies_after(self, bodies: list[int], container: int) -> bool:
        """Tell whether elements for the prose hold no sentence while several follow them in the container."""
        told = self._scan.within(self._scan.sentences, container)
        if len(told) < _SEVERAL or any(self._scan.within(told, body) for body in bodies):
            return False
        return len([number for number in told if number > bodies[-1]]) >= _SEVERAL

    def names(self, tokens: frozenset[str]) -> bool:
        """Tell whether the page carries all of those `.class` and `#id`."""
        return tokens <= self._numbers.keys()

    def find(self, selectors: Iterable[Selector], within: int | None = None) -> list[int]:
        """Return the elements of the first selector that matches, in (or equal to) an element or anywhere."""
        for selector in selectors:
            if found := self.match(selector, within):
                return found
        return []

    def match(self, selector: Selector, within: int | None = None) -> list[int]:
        """Return a selector's elements, in (or equal to) an element or anywhere; some in the head are below 0."""
        return self._match(selector, within) if selector.needs <= self._numbers.keys() else []

    def values(self, selector: Selector, within: int | None = None) -> list[str]:
        """Return what its attribute says in a selector's elements that have it."""
        if selector.attribute is None or not selector.needs <= self._numbers.keys():
            return []
        if selector.simple is not None:
            said = [self._scan.attributes(number) for number in self._match(selector, within)]
            return [value for each in said if (value := each.get(selector.attribute))]
        found = self._find(selector, within)
        return [value for element in found if (value := element.get(selector.attribute))]

    def _named(self, pattern: re.Pattern[str]) -> list[int]:
        """Return the elements of the lines `.class` and `#id` in which a pattern (`re.M`) finds something, by line."""
        names = self._names
        found = (
            names[names.rfind("\n", 0, match.start()) + 1 : names.find("\n", match.end())]
            for match in pattern.finditer(names)
        )
        return [number for token in dict.fromkeys(found) for number in self._numbers.get(token, ())]

    def _match(self, selector: Selector, within: int | None) -> list[int]:
        if selector.simple is None:
            return self._search(selector, within)
        tag, tokens = selector.simple
        first, *others = sorted(tokens, key=lambda token: len(self._numbers[token]))
        found = self._scan.within(self._numbers[first], within)
        for token in others:
            also = set(self._numbers[token])
            found = [number for number in found if number in also]
        return [number for number in found if self._scan.name(number) == tag] if tag else found

    def _search(self, selector: Selector, within: int | None) -> list[int]:
        where = self._names if selector.reads_names else self._markup
        if selector.words and not any(word in where for word in selector.words):
            return []
        if selector.anchor and selector.anchor[1].simple:
            anchor, rest = selector.anchor
            return self._scan.below(self._match(rest, within), self._match(anchor, within))
        return self._scan.numbers_of(self._find(selector, within))

    def _find(self, selector: Selector, within: int | None) -> list[etree._Element]:
        """Return the elements of a selector that ids and classes alone do not answer."""
        scan = self._scan
        if selector.lead is not None:
            tag, pattern, rest = selector.lead
            starts = [number for number in self._named(pattern) if not tag or scan.name(number) == tag]
            elements = scan.elements([*dict.fromkeys(starts)])
            if rest is not None:
                elements = [*dict.fromkeys(element for start in elements for element in rest.find(start))]
            return elements if len(elements) <= 1 else selector.find(self._root)
        if selector.anchor is not None:
            anchor, rest = selector.anchor
            starts = self._match(anchor, within)
            return [*dict.fromkeys(element for start in scan.elements(starts) for element in rest.find(start))]
        return selector.find(self._root if within is None else scan.element(within))
