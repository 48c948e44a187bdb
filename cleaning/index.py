"""The page's elements by id and class: most selectors are ruled out, the simple ones answered, without a search."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from lxml import etree

from cleaning.layouts import Layout
from cleaning.scan import Scan
from cleaning.selectors import Named, Selector, Step

_TEXT_TAGS = frozenset({"p", "h2", "h3", "h4", "ul", "ol", "blockquote", "table", "figure", "br"})
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
        """Tell whether elements for the prose hold no sentence while several follow, or are paragraphs with nothing."""
        if all(self._scan.name(body) == "p" and self._scan.is_empty(body) for body in bodies):
            return True
        told = self._scan.within(self._scan.sentences, container)
        if len(told) < _SEVERAL or any(self._scan.within(told, body) for body in bodies):
            return False
        return len([number for number in told if number > bodies[-1]]) >= _SEVERAL

    def beyond(self, body: int) -> list[int]:
        """Return the paragraphs right after an element for the prose that a stray `</div>` has shut out of it.

        The first of them must hold a sentence; they end before the next element that is no part of a text or is named
        like furniture.
        """
        scan, outer = self._scan, self._scan.parent(body)
        found: list[int] = []
        number = scan.last[body] + 1
        while outer >= 0 and number <= scan.last[outer]:
            opening = scan.openings[scan.places[number]]
            if opening.name not in _TEXT_TAGS or opening.traits.region:
                break
            found.append(number)
            number = scan.last[number] + 1
        return found if found and scan.within(scan.sentences, found[0]) else []

    def may_fit(self, layout: Layout) -> bool:
        """Tell whether the page carries the names and words without which it has not the layout's signature."""
        return self.names(layout.needs) and all(map(self._has_words, layout.signs))

    def _has_words(self, selector: Selector) -> bool:
        """Tell whether the page carries one of the words without which an XPath finds nothing."""
        where = self._names if selector.reads_names else self._markup
        return not selector.words or any(word in where for word in selector.words)

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
        if selector.steps:
            said = [self._scan.attributes(number) for number in self._match(selector, within)]
            return [value for each in said if (value := each.get(selector.attribute))]
        found = self._find(selector, within)
        return [value for element in found if (value := element.get(selector.attribute))]

    def _match(self, selector: Selector, within: int | None) -> list[int]:
        if not selector.steps:
            return self._search(selector, within)
        found: list[int] = []
        for place, step in enumerate(selector.steps):
            fitting = self._fitting(step, within)
            if not place:
                found = fitting
            elif step.child:
                outer = set(found)
                parents = self._scan.parents(fitting)
                found = [number for number, parent in zip(fitting, parents, strict=True) if parent in outer]
            else:
                found = self._scan.below(fitting, found)
            if not found:
                break
        return found

    def _fitting(self, step: Step, within: int | None) -> list[int]:
        """Return the elements that fit one step of a selector."""
        scan = self._scan
        if step.tokens:
            found = scan.within(self._numbers[step.tokens[0]], within)
            for token in step.tokens[1:]:
                also = set(self._numbers[token])
                found = [number for number in found if number in also]
            found = [number for number in found if scan.name(number) == step.tag] if step.tag else found
        else:
            found = scan.named(step.tag, within)
        if step.last:
            parents = scan.parents(found)
            found = [
                number
                for number, parent in zip(found, parents, strict=True)
                if parent >= 0 and scan.last[number] == scan.last[parent]
            ]
        for name, value in step.tests:
            told = {number: scan.attributes(number).get(name) for number in found}
            found = [number for number, said in told.items() if said is not None and value in (None, said)]
        return found

    def _search(self, selector: Selector, within: int | None) -> list[int]:
        if not self._has_words(selector):
            return []
        if selector.lead is not None and selector.lead[2] is None:
            found = self._leads(*selector.lead[:2])
        else:
            found = self._scan.numbers_of(self._find(selector, within))
        return self._scan.within(found, within)  # an absolute XPath looks at the whole page

    def _leads(self, tag: str, asked: Iterable[Named]) -> list[int]:
        """Return the elements, all or those of a tag, that have a name asked for."""
        names = {name for each in asked for name in each.fits(self._numbers)}
        numbers = {number for name in names for number in self._numbers[name]}
        return sorted(number for number in numbers if not tag or self._scan.name(number) == tag)

    def _find(self, selector: Selector, within: int | None) -> list[etree._Element]:
        """Return the elements of a selector that ids, classes and tags alone do not answer."""
        scan = self._scan
        if selector.lead is not None:
            tag, asked, rest = selector.lead
            starts = self._leads(tag, asked)
            if rest is None or len(starts) != 1:
                return selector.find(self._root) if starts else []
            return rest.find(scan.element(starts[0]))
        if selector.anchor is not None:
            anchor, rest = selector.anchor
            starts = self._match(anchor, within)
            return [*dict.fromkeys(element for start in scan.elements(starts) for element in rest.find(start))]
        return selector.find(self._root if within is None else scan.element(within))
