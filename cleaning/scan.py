"""A page's body as the tags and texts that lxml writes, in order, with what each opening tag says and is named.

Reading what lxml writes is much quicker than visiting elements one by one: a tag seen before, on this page or another,
is one look-up. Elements go by their number in page order, the body's being 0; few of them are ever made.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter

from lxml import etree

from cleaning.markup import (
    CLOSING,
    CONTAINER,
    FRAME,
    LINK,
    NAMED_TAGS,
    PROSE,
    SKIPPED,
    TAGS,
    Opening,
    Tag,
    attribute,
    marked,
)

_LOST = b"&#xFFFD;"  # what libxml2 writes for a control character; one that is on the page is written as it is
_CONTROLS = [code for code in range(1, 32) if chr(code) not in "\t\n\r"]
_STAND_INS = {code: " " if chr(code).isspace() else chr(0x10FF00 + code) for code in _CONTROLS}
_BACK = {ord(sign): code for code, sign in _STAND_INS.items() if sign != " "}
_TAG = re.compile(rb"<([^>]*)>")
_OPENING: Callable[[Tag], Opening] = itemgetter(0)
_SENTENCE = 120  # bytes of a text that is long enough for a sentence
_LARGE_PART = 3
_FEW = 24  # elements that are looked for one by one; for more, all are made


class Scan:
    """A body's tags, the text after each of them, and the numbers of its elements by `.class` and `#id`.

    `openings` goes with `tags`, and is `CLOSING` for closing ones. By an element's number, `places` tells where its
    opening tag is in these, and `last` the number of the last element within it, its own if it holds none.
    """

    def __init__(self, body: etree._Element) -> None:
        markup, self.stood_in = _serialise(body)
        parts = _parts(markup)
        self._body = body
        self.tags, self.texts = parts[1::2], parts[2::2]
        found = [*map(TAGS.__getitem__, self.tags)]
        self.openings = [*map(_OPENING, found)]
        places: list[int] = []
        last: list[int] = []
        outer: list[int] = []
        number, closing = -1, CLOSING
        for place, opening in enumerate(self.openings):
            if opening is closing:
                last[outer.pop()] = number
            else:
                number += 1
                places.append(place)
                last.append(number)
                if not opening.empty:
                    outer.append(number)
        self.numbers: defaultdict[str, list[int]] = defaultdict(list)
        numbers = self.numbers
        for number, place in enumerate(places):
            for name in found[place][1]:
                numbers[name].append(number)
        self.places, self.last = places, last
        self._told: tuple[int, list[int]] | None = None  # an element with its sentences, once some are asked for

    def name(self, number: int) -> str:
        """Return an element's tag."""
        return self.openings[self.places[number]].name

    def span(self, number: int | None) -> range:
        """Return the numbers of an element and of those within it; all of them for None or what is above the body."""
        if number is None or number < 0:
            return range(len(self.places))
        return range(number, self.last[number] + 1)

    def spans_below(self, numbers: Iterable[int]) -> list[range]:
        """Return the numbers of the elements within one of others, these in page order."""
        spans, reach = [], -1
        for number in numbers:
            if self.last[number] > reach:
                spans.append(range(max(number, reach) + 1, self.last[number] + 1))
                reach = self.last[number]
        return spans

    def between(self, numbers: Sequence[int], spans: Sequence[range]) -> list[int]:
        """Return which of those numbers, in page order, are in one of those parts of the page."""
        if len(spans) == 1 and len(spans[0]) == len(self.places):
            return [*numbers]
        parts = [(bisect_left(numbers, span.start), bisect_left(numbers, span.stop)) for span in spans]
        return [number for start, stop in parts for number in numbers[start:stop]]

    def holds_one(self, number: int, numbers: list[int]) -> bool:
        """Tell whether an element holds one of others, these in page order."""
        place = bisect_right(numbers, number)
        return place < len(numbers) and numbers[place] <= self.last[number]

    def named(self, tag: str, spans: Sequence[range]) -> list[int]:
        """Return the elements of that tag in parts of the page."""
        if tag in NAMED_TAGS:
            return self.between(self.numbers.get(tag, []), spans)
        openings, places = self.openings, self.places
        return [number for span in spans for number in span if openings[places[number]].name == tag]

    def telling(self, attribute: str) -> list[int]:
        """Return the elements that may have an attribute."""
        tags, places, sign = self.tags, self.places, attribute.encode()
        return [number for number, place in enumerate(places) if tags[place].find(sign) >= 0]

    def way(self, number: int) -> list[int]:
        """Return the elements round an element from the body down, and itself."""
        last, at, way = self.last, 0, list[int]()
        while at != number:
            way.append(at)
            at += 1
            while last[at] < number:
                at = last[at] + 1
        return [*way, number]

    @cached_property
    def _parents(self) -> list[int]:
        parents: list[int] = []
        outer: list[int] = []
        for number, last in enumerate(self.last):
            while outer and self.last[outer[-1]] < number:
                outer.pop()
            parents.append(outer[-1] if outer else -1)
            if last > number:
                outer.append(number)
        return parents

    def parent(self, number: int) -> int:
        """Return the number of the element that an element is right within; -1 for the body."""
        return self.way(number)[-2] if number > 0 else -1

    def parents(self, numbers: Sequence[int]) -> list[int]:
        """Return the numbers of the elements that those are right within; -1 for the body's."""
        if len(numbers) > _FEW:
            return [self._parents[number] for number in numbers]
        return [self.parent(number) for number in numbers]

    def ways(self, numbers: Sequence[int]) -> dict[int, int]:
        """Return the parents of elements and of all elements round them, each by its child."""
        parents: dict[int, int] = {}
        for number in numbers:
            if len(numbers) <= _FEW:
                way = self.way(number)
                parents.update(zip(way, [-1, *way], strict=False))
            else:
                while number >= 0 and number not in parents:
                    parents[number] = self._parents[number]
                    number = parents[number]
        return parents

    def is_empty(self, number: int) -> bool:
        """Tell whether an element holds neither elements nor text."""
        return self.last[number] == number and not self.texts[self.places[number]].strip()

    def attribute(self, number: int, name: str) -> str | None:
        """Return an element's attribute."""
        return attribute(self.tags[self.places[number]], name)

    @cached_property
    def _elements(self) -> list[etree._Element]:
        return [*self._body.iter("*")]

    def elements(self, numbers: Sequence[int]) -> list[etree._Element]:
        """Return the elements of those numbers."""
        if len(numbers) > _FEW:
            return [self._elements[number] for number in numbers]
        return [self.element(number) for number in numbers]

    def element(self, number: int) -> etree._Element:
        """Return the element of a number, by the way that leads from the body down to it."""
        element, at = self._body, 0
        while at != number:
            at, child = at + 1, 0
            while self.last[at] < number:
                at, child = self.last[at] + 1, child + 1
            element = element[child]
        return element

    def numbers_of(self, elements: Sequence[etree._Element]) -> list[int]:
        """Return elements' numbers; that of an element above or before the body is -1."""
        if len(elements) > _FEW:
            numbers = {element: number for number, element in enumerate(self._elements)}
            return [numbers.get(element, -1) for element in elements]
        return [self._number(element) for element in elements]

    def _number(self, element: etree._Element) -> int:
        way: list[int] = []
        while element is not self._body:
            parent = element.getparent()
            if parent is None:
                return -1
            way.append(parent.index(element))
            element = parent
        number = 0
        for child in reversed(way):
            number += 1
            for _ in range(child):
                number = self.last[number] + 1
        return number

    def within(self, numbers: Sequence[int], outer: int | None) -> list[int]:
        """Return those numbers, in page order, that are an element's or within it; all for None."""
        return self.between(numbers, [self.span(outer)])

    def sentences(self, within: int = 0) -> list[int]:
        """Return the elements, an element and those within it, that long texts outside links follow or stand in.

        One is named as often as it has such texts.
        """
        if self._told is None:
            self._told = within, self._long_texts(self.span(within))
        elif not self._told[0] <= within <= self.last[self._told[0]]:
            self._told = 0, self._long_texts(self.span(0))
        return self.within(self._told[1], within)

    def _long_texts(self, span: range) -> list[int]:
        start = self.places[span.start]
        end = self.places[span.stop] if span.stop < len(self.places) else len(self.texts)
        long = [place for place, size in enumerate(map(len, self.texts[start:end]), start) if size >= _SENTENCE]
        links = self.numbers.get(LINK, [])
        found = []
        for place in long:
            number = bisect_right(self.places, place) - 1
            link = bisect_right(links, number) - 1
            opening = self.openings[place]
            linked = opening is not CLOSING and link >= 0 and self.last[links[link]] >= number
            if not linked and opening.name not in SKIPPED:
                found.append(number)
        return found

    def mark(self, container: int | None, roles: Mapping[int, str]) -> None:
        """Note the container, what is round it, and elements' roles: a label with its rule, or `PROSE`."""
        marks = {}
        if container is not None:
            marks = dict.fromkeys(self.way(container), FRAME)
            marks[container] = CONTAINER
            marks.update(dict.fromkeys(self._wrappers(container, roles), FRAME))
        for number in {**marks, **roles}:
            if number >= 0:
                place = self.places[number]
                self.openings[place] = marked(self.openings[place], roles.get(number), marks.get(number))

    def _wrappers(self, container: int, roles: Mapping[int, str]) -> list[int]:
        """Return the elements in the container that are named like furniture and hold most of its sentences."""
        bodies = [number for number, role in roles.items() if role == PROSE]
        told_in = bodies[0] if len(bodies) == 1 else container
        told = self.sentences(told_in)
        size = (self.last[told_in] - told_in) // _LARGE_PART
        return [
            number
            for number in (self.way(told[0]) if told else ())
            if number > container and self.last[number] - number >= size and number not in roles
            if self.openings[self.places[number]].traits.region and 2 * len(self.within(told, number)) > len(told)
        ]


def _parts(markup: bytes) -> list[bytes]:
    """Return text and tag in turn."""
    parts = markup.replace(b">", b"<").split(b"<")
    if len(parts) == 2 * markup.count(b">") + 1:
        return parts
    return _TAG.split(markup)  # a name holds `<`


def _serialise(body: etree._Element) -> tuple[bytes, bool]:
    """Return an element as UTF-8 in which tags alone hold `<` and `>`, and whether its text is to be `restore`d.

    Control characters, which libxml2 would not write, are stood in for.
    """
    markup = etree.tostring(body, encoding="utf-8", with_tail=False)
    if _LOST not in markup:
        return markup, False
    for element in body.iter():
        element.text, element.tail = (text and text.translate(_STAND_INS) for text in (element.text, element.tail))
    return etree.tostring(body, encoding="utf-8", with_tail=False), True


def restore(text: str) -> str:
    """Return a text of `Scan` with its control characters."""
    return text.translate(_BACK)
