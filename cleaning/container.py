"""Finds what holds the article: a layout for the host, the families' layouts, else the fallback's choice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import cast

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
    tokens = _tokens(root)
    for rows in layouts.for_page(url):
        choices = [choice for row in rows if (choice := _apply(row, root, tokens))]
        if choices:
            return max(choices, key=lambda choice: len({label for _, label in choice.roles}))
    return None


def stamp(choice: Choice) -> None:
    """Write the choice's roles into the tree, where the walk reads them; the innermost element's role counts."""
    for element in choice.bodies:
        element.set(ROLE, PROSE)
    for element, role in choice.roles:
        element.set(ROLE, role)


def _tokens(root: etree._Element) -> frozenset[str]:
    """Return the `#id` and `.class` tokens of the page: most selectors are ruled out by them at once."""
    classes = " ".join(cast("list[str]", _CLASSES(root))).split()
    return frozenset(["." + name for name in classes] + ["#" + name for name in cast("list[str]", _IDS(root))])


_CLASSES = etree.XPath("//@class", smart_strings=False)
_IDS = etree.XPath("//@id", smart_strings=False)


def _apply(layout: Layout, root: etree._Element, tokens: frozenset[str]) -> Choice | None:
    if not all(_find((selector,), root, tokens) for selector in layout.signature):
        return None
    found = _find(layout.container, root, tokens)
    if not found:
        return None
    container = found[0]
    choice = Choice(container, layout.name)
    choice.bodies = _find(layout.body, container, tokens)
    for label, selectors in layout.noise:
        for selector in selectors:
            choice.roles += [
                (element, f"{label}|{layout.name} {selector.text}")
                for element in _find((selector,), root, tokens)
                if element is not container
            ]
    for name, selectors in layout.fields:
        for selector in selectors:
            elements = _find((selector,), root, tokens)
            if not elements:
                continue
            if selector.attribute:
                choice.hints.setdefault(name, []).extend(
                    value for element in elements if (value := element.get(selector.attribute))
                )
                continue
            rule = f"{_FIELD_LABELS[name]}|{layout.name} {name}"
            choice.roles += [(element, rule) for element in (elements[:1] if name in _ONE_ELEMENT else elements)]
            break
    return choice


def _find(selectors: Iterable[Selector], root: etree._Element, tokens: frozenset[str]) -> list[etree._Element]:
    for selector in selectors:
        if selector.needs <= tokens and (found := selector.find(root)):
            return found
    return []
