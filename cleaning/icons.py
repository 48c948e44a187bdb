"""Bare numbers that only an icon explains: `👁 214` is a count of views where the icon is an eye."""

from __future__ import annotations

import re

from lxml import etree

from cleaning.index import Index
from cleaning.scan import Scan
from cleaning.vietnamese import squash
from cleaning.wording import NUMBER

_EYE = re.compile(r"[._-]eye(?:$|[_-](?!slash))", re.M)
_NUMBER = re.compile(rf"\W*(?:{NUMBER})\W*")
_CLIMB = 2  # ancestors of the container in which the article's own line of icons may stand


def views_by_icon(index: Index, scan: Scan, container: int) -> int | None:
    """Return the element whose text is the number beside an eye in the container, else close round it, or None."""
    icons = index.named(_EYE)
    numbers = scan.numbers_of([number for icon in scan.elements(icons) if (number := _number_beside(icon)) is not None])
    scopes = [outer for outer in range(container, 0, -1) if scan.last[outer] >= container] if numbers else []
    for scope in scopes[: 1 + _CLIMB]:
        if within := scan.within(numbers, scope):
            return within[0]
    return None


def _number_beside(icon: etree._Element) -> etree._Element | None:
    """The number follows the icon: in the next element, in the icon itself, or as the rest of its parent's text."""
    follower, parent = icon.getnext(), icon.getparent()
    if follower is not None and not (icon.tail or "").strip() and _is_number(follower):
        return follower
    if _is_number(icon):
        return icon
    if parent is not None and _NUMBER.fullmatch(squash(icon.tail or "")) and _is_digits(parent):
        return parent
    return None


def _is_number(element: etree._Element) -> bool:
    return _NUMBER.fullmatch(squash("".join(map(str, element.itertext())))) is not None


def _is_digits(element: etree._Element) -> bool:
    """Tell whether all its text is numbers: views and comments side by side."""
    return not any(letter.isalpha() for text in element.itertext() for letter in str(text))
