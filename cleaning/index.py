"""The page's elements by id and class: most selectors are ruled out, the simple ones answered, without a search."""

from __future__ import annotations

from collections.abc import Iterable, Set
from functools import cached_property

from lxml import etree

from cleaning.layouts import Part
from cleaning.scan import Scan
from cleaning.selectors import Need, Path, Selector, Step, Test

_TEXT_TAGS = frozenset({"p", "h2", "h3", "h4", "ul", "ol", "blockquote", "table", "figure", "br"})
_SEVERAL = 4  # sentences
_MOST_STARTS = 20  # elements from which an XPath goes on: thousands of one id would take minutes


class Index:
    """Finds elements, by their numbers, with the page's markup to rule XPaths out by their words."""

    def __init__(self, root: etree._Element, scan: Scan, markup: bytes) -> None:
        self._root = root
        self._scan = scan
        self._markup = markup
        self._numbers = scan.numbers
        self._words: dict[str, bool] = {}
        self._found: dict[Test, list[int]] = {}

    @property
    def names(self) -> Set[str]:
        """Return the page's names: `.class`, `#id`, and some tags."""
        return self._numbers.keys()

    @cached_property
    def joined(self) -> str:
        """The page's names, one per line."""
        return "\n".join([*self._numbers, ""])

    def last(self, number: int) -> int:
        """Return the number of the last element within an element."""
        return self._scan.last[number] if number >= 0 else number

    def is_empty(self, number: int) -> bool:
        """Tell whether an element holds not one sentence while the page has several."""
        return number >= 0 and not self._scan.sentences(number) and len(self._scan.sentences()) > 1

    def holds_prose(self, number: int) -> bool:
        """Tell whether an element holds several sentences."""
        return number >= 0 and len(self._scan.sentences(number)) > 1

    def lies_after(self, bodies: list[int], container: int) -> bool:
        """Tell whether elements for the prose hold no sentence while several follow, or are paragraphs with nothing."""
        if all(self._scan.name(body) == "p" and self._scan.is_empty(body) for body in bodies):
            return True
        told = self._scan.sentences(container)
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
        return found if found and scan.sentences(found[0]) else []

    def likely(self, parts: Iterable[Part]) -> list[Part]:
        """Return the parts of a layout of whose selectors the page carries the telling name."""
        names = self._numbers
        return [part for part in parts if (name := part[0].name) is None or name in names]

    def may_match(self, selector: Selector) -> bool:
        """Tell whether the page carries what a selector needs to match at all."""
        if not selector.names <= self._numbers.keys():
            return False
        return selector.is_named or any(map(self._has, selector.needs))

    def _has(self, need: Need) -> bool:
        names, text, word = need
        return names <= self._numbers.keys() and text in self.joined and (not word or self._has_word(word))

    def _has_word(self, word: str) -> bool:
        if word not in self._words:
            self._words[word] = word.encode() in self._markup
        return self._words[word]

    def find(self, selectors: Iterable[Selector], within: int | None = None) -> list[int]:
        """Return the elements of the first selector that matches, in (or equal to) an element or anywhere."""
        for selector in selectors:
            if found := self.match(selector, within):
                return found
        return []

    def match(self, selector: Selector, within: int | None = None) -> list[int]:
        """Return a selector's elements, in (or equal to) an element or anywhere; some in the head are below 0."""
        if selector.token:
            return self._scan.within(self._numbers.get(selector.token, ()), within)
        if not selector.names <= self._numbers.keys():
            return []
        if selector.paths:
            return self._paths(selector, within)
        if not self.may_match(selector):
            return []
        # an absolute XPath looks at the whole page
        return self._scan.within(sorted(self._scan.numbers_of(self._search(selector, within))), within)

    def values(self, selector: Selector, within: int | None = None) -> list[str]:
        """Return what its attribute says in a selector's elements that have it."""
        if selector.attribute is None or not self.may_match(selector):
            return []
        if selector.paths:
            numbers = self._paths(selector, within)
            return [said for number in numbers if (said := self._scan.attribute(number, selector.attribute))]
        found = self._search(selector, within)
        return [value for element in found if (value := element.get(selector.attribute))]

    def _search(self, selector: Selector, within: int | None) -> list[etree._Element]:
        """Return the elements of a selector that names and tags alone do not answer."""
        if selector.lead is None:
            return selector.find(self._root if within is None else self._scan.element(within))
        paths, rest = selector.lead
        numbers = sorted({number for path in paths for number in self._path(path, None)})
        if rest is None:
            return self._scan.elements(numbers)
        starts = self._scan.elements(numbers[:_MOST_STARTS])
        return [*dict.fromkeys(element for start in starts for element in rest.find(start))]

    def _paths(self, selector: Selector, within: int | None) -> list[int]:
        paths = selector.paths
        if len(paths) == 1:
            return self._path(paths[0], within) if selector.is_named or self._has(selector.needs[0]) else []
        likely = [path for path, need in zip(paths, selector.needs, strict=True) if self._has(need)]
        return sorted({number for path in likely for number in self._path(path, within)})

    def _path(self, path: Path, within: int | None) -> list[int]:
        """Return the elements to which a path leads that begins in an element or anywhere."""
        scan = self._scan
        found = self._fit(*self._candidates(path[0], [scan.span(within)]), path[0])
        for step in path[1:]:
            if not found:
                break
            if step.combinator == "<":
                found = scan.within(self._round(found, step), within)
                continue
            inner, known = self._candidates(step, scan.spans_below(found))
            if step.combinator == ">":
                outer = set(found)
                inner = [number for number, parent in zip(inner, scan.parents(inner), strict=True) if parent in outer]
            found = self._fit(inner, known, step)
        return found

    def _candidates(self, step: Step, spans: list[range]) -> tuple[list[int], str]:
        """Return the elements in those parts of the page that may fit a step, and which of its tokens they have."""
        scan = self._scan
        named = next((test for test in step.tests if test.of_names), None)
        if step.tokens:
            return scan.between(self._numbers.get(step.tokens[0], []), spans), step.tokens[0]
        if named:
            return scan.between(self._named(named), spans), ""
        if step.among:
            options = [self._candidates(option, spans)[0] for option in step.among[0]]
            return sorted({number for option in options for number in option}), ""
        if step.tag:
            return scan.between(scan.named(step.tag, spans), spans), ""
        if step.tests:
            known_as = step.tests[0].known_as
            found = self._numbers.get(known_as, []) if known_as else scan.telling(step.tests[0].name)
            return scan.between(found, spans), ""
        return [number for span in spans for number in span], ""

    def _named(self, test: Test) -> list[int]:
        """Return the elements whose id or a class of which fits a test."""
        found = self._found.get(test)
        if found is None:
            names = test.names(self._numbers) if test.text in self.joined else []
            found = self._found[test] = sorted({number for name in names for number in self._numbers[name]})
        return found

    def _fit(self, numbers: list[int], known: str, step: Step) -> list[int]:
        """Return which elements fit a step, apart from its combinator and a token that they are known to have."""
        scan = self._scan
        if step.tag:
            numbers = [number for number in numbers if scan.name(number) == step.tag]
        for token in step.tokens:
            if token != known:
                also = set(self._numbers.get(token, ()))
                numbers = [number for number in numbers if number in also]
        for test in step.tests:
            if test.of_names:
                also = set(self._named(test))
                numbers = [number for number in numbers if number in also]
            else:
                numbers = [number for number in numbers if test.fits(scan.attribute(number, test.name))]
        if step.last:
            parents = zip(numbers, scan.parents(numbers), strict=True)
            numbers = [number for number, parent in parents if parent >= 0 and scan.last[number] == scan.last[parent]]
        for options in step.among:
            also = self._fit_one(numbers, options)
            numbers = [number for number in numbers if number in also]
        for options in step.without:
            other = self._fit_one(numbers, options)
            numbers = [number for number in numbers if number not in other]
        for options in step.holding:
            numbers = self._holding(numbers, options)
        return numbers

    def _fit_one(self, numbers: list[int], options: Path) -> set[int]:
        return {number for option in options for number in self._fit(numbers, "", option)}

    def _holding(self, numbers: list[int], options: Path) -> list[int]:
        """Return which elements hold one that fits an option, right in them where it says so."""
        holding: set[int] = set()
        for option in options:
            held = self._fit(*self._candidates(option, [self._scan.span(None)]), option)
            if option.combinator == ">":
                holding.update(self._scan.parents(held))
            else:
                holding.update(number for number in numbers if self._scan.holds_one(number, held))
        return [number for number in numbers if number in holding]

    def _round(self, numbers: list[int], step: Step) -> list[int]:
        """Return the nearest elements round others that fit a step."""
        parents = self._scan.ways(numbers)
        fitting = set(self._fit(sorted({*parents.values()} - {-1}), "", step))
        nearest: dict[int, int] = {-1: -1}
        for number in sorted(parents):
            parent = parents[number]
            nearest[number] = parent if parent in fitting else nearest[parent]
        return sorted({nearest[number] for number in numbers} - {-1})
