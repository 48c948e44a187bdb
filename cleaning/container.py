"""Finds what holds the article: a layout for the host, the families' layouts, else the fallback's choice."""

from __future__ import annotations

from dataclasses import dataclass, field

from cleaning.index import Index
from cleaning.layouts import Layout, Layouts
from cleaning.markup import PROSE
from cleaning.selectors import Selector

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
_ANYWHERE = frozenset({"counters", "attachments", "captions"})
_SMALL_PRINT = frozenset({"date", "views", "author", "source"})  # a position may hit the prose where a page lacks it
_ONE_ELEMENT = frozenset({"title", "date", "views", "category"})


@dataclass
class Choice:
    """The container, what is prose in it (empty: all of it), and what the layout's fields name: elements' numbers."""

    container: int
    name: str
    bodies: list[int] = field(default_factory=list)
    roles: list[tuple[int, str]] = field(default_factory=list)
    hints: dict[str, list[str]] = field(default_factory=dict)

    def marks(self) -> dict[int, str]:
        """Return each named element's one role: that of the last field or noise that names it."""
        return {**dict.fromkeys(self.bodies, PROSE), **dict(self.roles)}


def choose(index: Index, url: str | None, layouts: Layouts) -> Choice | None:
    """Return what the best fitting layout says about the page, or None if none fits.

    Layouts that name the host come first; of several that fit, the one with the most fields on the page is taken.
    """
    for rows in (layouts.of_host(url), layouts.of_names(index.names, index.joined)):
        choices = [choice for row in rows if (choice := _apply(row, index))]
        if choices:
            return max(choices, key=lambda choice: len({role for _, role in choice.roles}))
    return None


def _apply(layout: Layout, index: Index) -> Choice | None:
    if not all(index.match(selector) for selector in layout.signature):
        return None
    found = index.find(layout.container)
    if not found:
        return None
    container = found[0]
    if not layout.hosts and index.is_empty(container):
        return None
    choice = Choice(container, layout.name, index.find(layout.body, container))
    if choice.bodies and index.lies_after(choice.bodies, container):
        choice.bodies = []  # the parser closed the element before its text: `<p><div>…`
    if len(choice.bodies) == 1:
        choice.bodies += index.beyond(choice.bodies[0])
    told: set[str] = set()
    for selector, name, is_noise in index.likely(layout.parts):
        if is_noise:
            noisy = [number for number in index.match(selector, container) if number != container]
            choice.roles += [(number, f"{name}|{layout.name} {selector.text}") for number in noisy]
        elif name not in told and _apply_field(choice, name, selector, index):
            told.add(name)
    _drop_teasers(choice, index)
    return choice


def _apply_field(choice: Choice, name: str, selector: Selector, index: Index) -> bool:
    """Note what a field's selector finds; tell whether the field's others need no longer be looked for."""
    if selector.attribute:
        values = index.values(selector, choice.container) or index.values(selector)
        choice.hints.setdefault(name, []).extend(values)
        return False
    title = next((number for number, role in choice.roles if role.startswith("title|")), -1)
    found = index.match(selector, choice.container) or _beside(index.match(selector), choice, name, title, index)
    numbers = [number for number in found if name not in _SMALL_PRINT or not index.holds_prose(number)]
    if name in _SMALL_PRINT:  # a box above the article may use the same name
        numbers = [number for number in numbers if number > title] or numbers
    role = f"{_FIELD_LABELS[name]}|{choice.name} {name}"
    choice.roles += [(number, role) for number in (numbers[:1] if name in _ONE_ELEMENT else numbers)]
    return bool(numbers)


def _beside(numbers: list[int], choice: Choice, name: str, title: int, index: Index) -> list[int]:
    """Return which of the elements outside the container are the article's: of those in lists round it only one can be.

    That is the first below the title and before the container, else the last before it, else the first after it, of
    small print the only one; none that holds it.
    """
    if name in _ANYWHERE:
        return numbers
    apart = [number for number in numbers if not index.last(number) >= choice.container >= number]
    if name in _SMALL_PRINT and title >= choice.container:  # what stands above its element belongs to other boxes
        apart = [number for number in apart if number > choice.container]
    before = [number for number in apart if number < choice.container]
    below = [number for number in before if number > title >= 0]
    return below[:1] or before[-1:] or (apart[:1] if len(apart) == 1 or name not in _SMALL_PRINT else [])


def _drop_teasers(choice: Choice, index: Index) -> None:
    """Take the lead's role off what stands above the title or behind the prose: other articles' leads."""
    if not any(role.startswith("lead|") for _, role in choice.roles):
        return
    titles = [number for number, role in choice.roles if role.startswith("title|")]
    end = index.last(choice.bodies[-1] if choice.bodies else choice.container)
    choice.roles = [
        (number, role)
        for number, role in choice.roles
        if not role.startswith("lead|") or (min(titles, default=number) <= number <= end)
    ]
