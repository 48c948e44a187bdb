"""Prose on a page that is not its article: teasers of other articles, readers' comments, the site's imprint.

A general scorer takes the longest prose it sees. On a portal that is often a column of summaries: several alike
elements, each a title that links to another page on a line of its own, with a sentence or two below. Prose of an
article does not stand like that, whatever the names of the elements are, so it is marked before anything is scored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import islice
from typing import cast

from lxml import etree

from cleaning.markup import BLOCKS, HEADINGS
from cleaning.vietnamese import fold, squash
from cleaning.wording import heads_comments, imprint_phrases_in, is_imprint, reads_on

ROLE = "TINTINH-ROLE"
"""Attribute that carries a mark's role in the tree; no page can forge it, for the parser makes names small."""

_TEASER, _COMMENTS, _IMPRINT, _MENU = "related|teaser", "other|comments", "footer|imprint", "navigation|above-headline"

_TITLE = 15  # letters; shorter links are menus and buttons
_SUMMARY = 60  # letters; what has fewer is a list of links, which no scorer takes for prose
_LONGEST = 900
_LONGEST_HEADING = 40
_FLAT_RUN = 3  # elements that may follow a linked heading as its teaser: date, summary, "read on"
_MANY = 2000  # links that are looked at
_IMPRINTS = 40  # elements that are looked at
_WRAPPED = 8  # children; an element that only wraps another has fewer
_BORDERS = BLOCKS | {"br"}

_LETTERS = etree.XPath("string-length(normalize-space())")
_STRING = etree.XPath("string()", smart_strings=False)
_LINKED = etree.XPath(".//a[@href]//text()", smart_strings=False)
_SUBHEADINGS = "*[self::h2 or self::h3 or self::h4 or self::h5 or self::h6]"
_SUBHEADINGS_IN = etree.XPath(f".//{_SUBHEADINGS}")
_SUBHEADINGS_AFTER = etree.XPath(f"following::{_SUBHEADINGS}")
_MARKED = etree.XPath(f"descendant::*[@{ROLE}]")
_SAYING = etree.XPath("descendant-or-self::*[text()[contains(., $phrase)]][not(self::script or self::style)]")

_Elements = Iterator[etree._Element]


def letters(element: etree._Element) -> float:
    """Return the number of an element's letters, runs of white space counted as one."""
    return cast("float", _LETTERS(element))


def linked_letters(element: etree._Element) -> int:
    """Return how many of an element's letters are links to somewhere."""
    return len(" ".join("".join(cast("list[str]", _LINKED(element))).split()))


def marked(element: etree._Element) -> list[etree._Element]:
    """Return the elements within an element that carry a role."""
    return cast("list[etree._Element]", _MARKED(element))


def mark_foreign(body: etree._Element, headline: etree._Element | None) -> None:
    """Write their role into teasers and comments; none of them holds the headline."""
    headed = line_of(headline)
    for role, elements in ((_TEASER, _teasers(body, headed)), (_COMMENTS, _comments(body, headline))):
        for element in elements:
            if element not in headed:
                element.set(ROLE, role)


def mark_menus(frame: etree._Element, headline: etree._Element) -> None:
    """Write their role into the menus that stand above the headline in its frame."""
    for element in (headline, *headline.iterancestors()):
        if element is frame:
            break
        for above in element.itersiblings(preceding=True):
            if above.get(ROLE) is None and 2 * linked_letters(above) > letters(above):
                above.set(ROLE, _MENU)


def mark_imprints(node: etree._Element, headline: etree._Element | None) -> bool:
    """Write their role into the short elements, in a node or round it, that say who answers for the site.

    Tell whether the node itself is such an imprint or part of one.
    """
    headed = line_of(headline)
    phrases = sorted(imprint_phrases_in(cast("str", _STRING(node))))
    said = [element for phrase in phrases for element in cast("list[etree._Element]", _SAYING(node, phrase=phrase))]
    for saying in said[-_IMPRINTS:]:
        element = saying
        while (outer := element.getparent()) is not None and _may_be_imprint(outer, headed):
            element = outer
        if _may_be_imprint(element, headed) and is_imprint(_folded(element)):
            element.set(ROLE, _IMPRINT)
            if element is node or element in node.iterancestors():
                return True
    return False


def _may_be_imprint(element: etree._Element, headed: Collection[etree._Element]) -> bool:
    return element.tag != "body" and element not in headed and letters(element) <= _LONGEST


def line_of(element: etree._Element | None) -> frozenset[etree._Element]:
    """Return an element with its ancestors; empty for None."""
    return frozenset() if element is None else frozenset((element, *element.iterancestors()))


def _comments(body: etree._Element, headline: etree._Element | None) -> _Elements:
    """Yield the heading of the readers' comments below an article with what follows it in its parent."""
    headings = _SUBHEADINGS_IN(body) if headline is None else _SUBHEADINGS_AFTER(headline)
    for heading in cast("list[etree._Element]", headings):
        if letters(heading) <= _LONGEST_HEADING and heads_comments(_folded(heading)):
            line = _alone(heading)
            if _below_prose(line):
                yield line
                yield from line.itersiblings()
            return


def _below_prose(element: etree._Element) -> bool:
    """Tell whether a sentence or more stands above an element, in its parent or grandparent."""
    near = (element, *islice(element.iterancestors(), 1))
    above = (other for level in near for other in islice(level.itersiblings(preceding=True), _MANY))
    return any(_plain(other) >= _SUMMARY for other in above)


def _teasers(body: etree._Element, headed: Collection[etree._Element]) -> _Elements:
    """Yield the elements that hold a linked title or a "read on" each, and a little prose."""
    lines = _lines(body)
    held: defaultdict[etree._Element, int] = defaultdict(int)
    for line in lines:
        for ancestor in line.iterancestors():
            held[ancestor] += 1
            if ancestor is body:
                break
    groups: defaultdict[tuple[etree._Element, str], list[etree._Element]] = defaultdict(list)
    for line in lines:
        path, unit = [str(line.tag)], line
        outer: etree._Element | None = unit.getparent()
        while outer is not None and held[outer] == 1:
            unit = outer
            outer = unit.getparent()
            path.append(str(unit.tag))
        if outer is not None:
            groups[outer, " ".join(path)].append(unit)
    for (parent, _), units in groups.items():
        if len(units) > 1:
            yield from _alike(parent, units)
    for line in lines if headed else ():
        unit = _opened_by(line) if line.tag in HEADINGS else line
        if unit is not line and unit.getparent() not in headed and _SUMMARY <= _plain(unit) <= _LONGEST:
            yield unit


def _lines(body: etree._Element) -> list[etree._Element]:
    """Return one element for each page that is linked to by a title or a "read on"; titles that are headings first."""
    lines: dict[str, etree._Element] = {}
    for link in body.iter("a"):
        address = link.get("href", "")
        if len(address) < 2 or address[0] == "#" or address.startswith("javascript:"):
            continue
        words = squash(cast("str", _STRING(link)))
        line = _own_line(link) if len(words) >= _TITLE else link if words and reads_on(words) else None
        if line is not None and (address not in lines or line.tag in HEADINGS):  # a menu may name the page too
            lines[address] = line
        if len(lines) == _MANY:
            break
    return list(lines.values())


def _own_line(link: etree._Element) -> etree._Element | None:
    """Return the outermost element that holds nothing but the link, if it has a line of its own."""
    top = _alone(link)
    if top.tag in BLOCKS or next(link.iterdescendants("div", "p", *HEADINGS), None) is not None:
        return top
    outer, before, after = top.getparent(), top.getprevious(), top.getnext()
    if (top.tail and top.tail.strip()) or (after is not None and after.tag not in _BORDERS):
        return None
    text = before.tail if before is not None else outer.text if outer is not None else None
    if (text and text.strip()) or (before is not None and before.tag not in _BORDERS and letters(before)):
        return None
    return top


def _alone(element: etree._Element) -> etree._Element:
    """Return the outermost element that holds nothing but this one."""
    length = letters(element)
    while (
        (outer := element.getparent()) is not None
        and next(islice(outer, _WRAPPED, None), None) is None
        and letters(outer) == length
    ):
        element = outer
    return element


def _alike(parent: etree._Element, units: list[etree._Element]) -> _Elements:
    """Yield what of several alike elements with one line each is a teaser: a title and a little prose."""
    told = [unit for unit in units if _SUMMARY <= _told(unit) <= _LONGEST]
    if len(told) > 1 and len(told) > len(units) // 2:
        yield from units
    elif units[0].tag in HEADINGS or units[0].tag == "dt":
        yield from _flat(units)
    elif len(units) > 2 and parent.tag != "body" and _SUMMARY <= _plain(parent) / len(units) <= _LONGEST:
        above = sum(letters(element) for element in units[0].itersiblings(preceding=True))
        if above <= _LONGEST_HEADING and not (parent.text or "").strip():
            yield parent


def _told(unit: etree._Element) -> float:
    """Return the letters that follow a title: what is no link, or what a link round a whole card holds."""
    plain = _plain(unit)
    if plain >= _SUMMARY:
        return plain
    card = next((link for link in unit.iter("a") if next(link.iterdescendants("p", "div"), None) is not None), None)
    return plain if card is None else letters(card) - _LONGEST_HEADING


def _flat(headings: list[etree._Element]) -> _Elements:
    """Yield linked headings with what follows each of them, if that is little."""
    runs = []
    heads = set(headings)
    for heading in headings:
        run: list[etree._Element] = []
        for follower in heading.itersiblings():
            if follower in heads or len(run) == _FLAT_RUN or follower.tag in HEADINGS:
                break
            run.append(follower)
        runs.append(run)
    usual = min((len(run) for run in runs[:-1]), default=0)
    told = sum(_SUMMARY <= sum(map(_plain, run)) <= _LONGEST for run in runs)
    if told > 1 and 0 < usual < _FLAT_RUN:
        for heading, run in zip(headings, runs, strict=True):
            yield heading
            yield from run[:usual]


def _opened_by(heading: etree._Element) -> etree._Element:
    """Return the innermost element that begins with a heading and holds more than it; else the heading."""
    unit, length = heading, letters(heading)
    outer = unit.getparent()
    while outer is not None and outer[0] is unit and not (outer.text or "").strip():
        unit = outer
        outer = unit.getparent()
        if letters(unit) != length:
            return unit
    return heading


def _plain(element: etree._Element) -> float:
    return letters(element) - linked_letters(element)


def _folded(element: etree._Element) -> str:
    return fold(squash(cast("str", _STRING(element))))
