"""Finds what holds the article: a layout for the host, the families' layouts, else the fallback's choice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lxml import etree

from cleaning.document import ROLE
from cleaning.layouts import Layout, Layouts, Selector
from cleaning.walk import PROSE

_FIELD_LABELS = {
    "title": "title",
    "lead": "lead",
    "date": "date",
    "views": "views",
    "author": "author",
    "source": "source",
    "category": "navigation",
    "counters": "counter",
    "attachments": "other",
    "captions": "caption",
}
_ONE_ELEMENT = frozenset({"title", "date", "views", "category"})


@dataclass
class Choice:
    """The container, what is prose in it (empty: all of it), and the elements that the layout's fields name."""

    container: etree._Element
    name: str
    bodies: list[etree._Element] = field(default_factory=list)
    roles: list[tuple[etree._Element, str]] = field(default_factory=list)
    hints: dict[str, list[str]] = field(default_factory=dict)


def choose(root: etree._Element, url: str | None, layouts: Layouts) -> Choice | None:
    """Return what the best fitting layout says about the page, or None if none fits.

    Layouts that name the host come first; of several that fit, the one with the most fields on the page is taken.
    """
    index = _Index(root)
    for rows in layouts.for_page(url):
        choices = [choice for row in rows if (choice := _apply(row, index))]
        if choices:
            return max(choices, key=lambda choice: len({role for _, role in choice.roles}))
    return None


def stamp(choice: Choice) -> None:
    """Write the choice's roles into the tree, where the walk reads them; the innermost element's role counts."""
    for element in choice.bodies:
        element.set(ROLE, PROSE)
    for element, role in choice.roles:
        element.set(ROLE, role)


class _Index:
    """The page's elements by id and class: most selectors are ruled out, the simple ones answered, without a search."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self._elements: dict[str, list[etree._Element]] = {}
        for element in root.iter():
            classes, name = element.get("class"), element.get("id")
            if classes:
                for token in set(classes.split()):
                    self._elements.setdefault("." + token, []).append(element)
            if name:
                self._elements.setdefault("#" + name, []).append(element)

    def find(self, selectors: Iterable[Selector], within: etree._Element | None = None) -> list[etree._Element]:
        """Return the elements of the first selector that matches, below (or equal to) an element or anywhere."""
        for selector in selectors:
            if selector.needs <= self._elements.keys() and (found := self._match(selector, within)):
                return found
        return []

    def _match(self, selector: Selector, within: etree._Element | None) -> list[etree._Element]:
        if selector.simple is None:
            return selector.find(self.root if within is None else within)
        tag, tokens = selector.simple
        first, *others = sorted(tokens, key=lambda token: len(self._elements[token]))
        found = [
            element
            for element in self._elements[first]
            if (not tag or element.tag == tag) and all(element in self._elements[token] for token in others)
        ]
        if within is None:
            return found
        return [element for element in found if element is within or within in element.iterancestors()]


def _apply(layout: Layout, index: _Index) -> Choice | None:
    if not all(index.find((selector,)) for selector in layout.signature):
        return None
    found = index.find(layout.container)
    if not found:
        return None
    container = found[0]
    choice = Choice(container, layout.name, index.find(layout.body, container))
    for label, selectors in layout.noise:
        for selector in selectors:
            noisy = [element for element in index.find((selector,), container) if element is not container]
            choice.roles += [(element, f"{label}|{layout.name} {selector.text}") for element in noisy]
    for name, selectors in layout.fields:
        _apply_field(choice, name, selectors, index)
    return choice


def _apply_field(choice: Choice, name: str, selectors: tuple[Selector, ...], index: _Index) -> None:
    for selector in selectors:
        elements = index.find((selector,), choice.container) or index.find((selector,))
        if selector.attribute:
            values = [value for element in elements if (value := element.get(selector.attribute))]
            choice.hints.setdefault(name, []).extend(values)
        elif elements:
            role = f"{_FIELD_LABELS[name]}|{choice.name} {name}"
            choice.roles += [(element, role) for element in (elements[:1] if name in _ONE_ELEMENT else elements)]
            return
