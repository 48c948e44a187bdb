"""Chooses the article's node on a page that no layout fits: a library scores, its choice is framed with the headline.

Our own steps then run on the original tree, so nothing that the library rewrites or drops is lost.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain, dropwhile, takewhile
from typing import cast

from lxml import etree

from cleaning.container import Choice
from cleaning.dates import read_date
from cleaning.foreign import ROLE, letters, line_of, mark_foreign, mark_imprints, mark_menus, marked
from cleaning.markup import BLOCKS, HEADINGS
from cleaning.punctuation import ITEM, ends_sentence, has_full_stop
from cleaning.scan import Scan
from cleaning.scorer import best_elements
from cleaning.vietnamese import fold, squash
from cleaning.wording import is_imprint, names_title

NAME = "fallback"
_SENTENCES = etree.XPath(
    "descendant::text()[string-length() > 60]"
    f"[not(parent::a or parent::script or parent::style or ancestor::*[@{ROLE}])]"
)
_HOLDERS = frozenset({"div", "td", "article", "section", "main", "body"})
_WITHIN = etree.XPath(
    "descendant::*[text()[string-length() > 7 and string-length(normalize-space()) > 7"
    " and contains($head, normalize-space())]]"
)
_MAX_TITLE = 400
_LONG_LINE = 20  # letters
_MAX_BYTES = 1_500_000  # the library rewrites the tree several times; a longer page would take seconds
_TOO_DEEP = etree.XPath("boolean(" + "*/" * 255 + "*)")  # and it asks elements for their ancestors
_ATTEMPTS = 3
_ABOVE = etree.XPath("preceding::text()[normalize-space()]")
_WORDS = etree.XPath("descendant::text()[normalize-space()]")
_LINES_ABOVE = 12
_MAX_BOLD = 250
_EMPHASIS = frozenset({"b", "strong", "font", "big", *HEADINGS})
_TITLED = re.compile(r"title|tieu-?de|headline", re.I)
_TITLE_ROLE = f"title|{NAME} bold-line"
_TITLES = ("h1", "h2", "h3")
_EDITED = re.compile(r"modif|update", re.I)
_MORE = 1.5  # times the letters of the library's choice that the prose it missed has
_LITTLE = 300  # letters of sentences that the element round both may hold besides
_FRAME_EXTRA = 1200  # letters round the prose that title, date, lead and byline may have


def choose_node(body: etree._Element, scan: Scan, length: int, heads: tuple[str, ...]) -> Choice | None:
    """Return the node that holds the article's prose and the frame round it with title and byline, or None.

    `length` is the page's in bytes; `heads` are the titles that the page's head gives.
    """
    handy = length <= _MAX_BYTES and not _TOO_DEEP(body)
    headline = _headline(body, heads) if handy else None
    if handy:
        mark_foreign(body, headline)
    for _ in range(_ATTEMPTS):
        bodies = (best_elements(body) if handy else []) or _densest(body)
        node = _common_ancestor(bodies)
        if node is None:
            return None
        if not handy or not mark_imprints(node, headline):
            break
    else:
        return None
    bodies = [element for element in bodies if element.get(ROLE) is None]
    bodies = _beside_the_lead(bodies, _densest(body)) or bodies
    node = _common_ancestor(bodies)
    if node is None:
        return None
    if headline is not None and _stands_behind(scan, headline, bodies[-1]):
        headline = None  # the site's name in the footer
    frame = _frame(node, headline)
    if handy and headline is None and (title := _bold_line(bodies[0])) is not None:
        frame = _frame(node, title)
        if frame in line_of(title):
            headline = title
            title.set(ROLE, _TITLE_ROLE)
    if headline is not None:
        mark_menus(frame, headline)
    return Choice(
        container=scan.numbers_of([frame])[0],
        name=NAME,
        bodies=[] if frame is node and len(bodies) == 1 else scan.numbers_of(bodies),
        roles=[*roles(body, scan).items()],
        hints={"time": _time(frame, headline)},
    )


def _stands_behind(scan: Scan, element: etree._Element, other: etree._Element) -> bool:
    number, end = scan.numbers_of([element, other])
    return number > scan.last[end] if end >= 0 else False


def roles(body: etree._Element, scan: Scan) -> dict[int, str]:
    """Return the elements that carry a role, whether or not a node was chosen."""
    elements = marked(body)
    return dict(zip(scan.numbers_of(elements), (element.get(ROLE, "") for element in elements), strict=True))


def _time(frame: etree._Element, headline: etree._Element | None) -> list[str]:
    """Return what the first `<time>` that tells of no edit says, between headline and frame or in the frame."""
    shared = _common_ancestor([headline, frame]) if headline is not None else None
    between = dropwhile(lambda element: element is not headline, shared.iter() if shared is not None else ())
    for element in chain(takewhile(lambda element: element is not frame, between), frame.iter("time")):
        moment = element.get("datetime") if element.tag == "time" else None
        names = f"{element.get('class')} {element.get('itemprop')}"
        if moment and ("publish" in names or _EDITED.search(names) is None):
            return [moment]
    return []


def _headline(body: etree._Element, heads: tuple[str, ...]) -> etree._Element | None:
    """Return the element whose text is the title of the page's head, with or without the site's name."""
    for head in heads:
        within = cast("list[etree._Element]", _WITHIN(body, head=head)) if len(head) <= _MAX_TITLE else []
        found = [element for element in within if _is_title(element, head)]
        if found:
            return min(found, key=lambda element: str(element.tag) not in HEADINGS)
    return None


def _is_title(element: etree._Element, head: str) -> bool:
    if letters(element) > len(head) or not names_title(head, squash("".join(map(str, element.itertext())))):
        return False
    return not any(ancestor.tag == "a" and ancestor.get("href") for ancestor in element.iterancestors())


def _bold_line(body: etree._Element) -> etree._Element | None:
    """Return the nearest line above the first sentence that is set as a title: emphasised, no link, no sentence.

    None if a heading stands there.
    """
    above = cast("list[etree._ElementUnicodeResult]", _ABOVE(body))[-_LINES_ABOVE:]
    inside = cast("list[etree._ElementUnicodeResult]", _WORDS(body))[:_LINES_ABOVE]
    above += takewhile(lambda text: len(text) < _LONG_LINE or not has_full_stop(squash(text)), inside)
    found: etree._Element | None = None
    for text in reversed(above):
        element, words = text.getparent(), squash(text)
        if element is None or text.is_tail:
            continue
        line = [element, *element.iterancestors()]
        if any(outer.get(ROLE) or outer.tag == "a" for outer in line):
            continue
        if any(outer.tag in _TITLES for outer in line):
            if found is not None and len(words) < _LONG_LINE:
                continue  # a box's heading above the title
            return None
        block = next((place for place, outer in enumerate(line) if outer.tag in BLOCKS), len(line) - 1)
        if (
            found is None
            and _LONG_LINE <= len(words) <= _MAX_BOLD
            and len(words.split()) > 3
            and not ends_sentence(words)
            and not ITEM.match(words)
            and read_date(words, "page") is None
            and letters(element) == len(words)
            and any(outer.tag in _EMPHASIS or _TITLED.search(outer.get("class", "")) for outer in line[: block + 1])
        ):
            found = element
    return found


def _densest(body: etree._Element) -> list[etree._Element]:
    """Return the element that directly holds the most sentences: for pages too large or too deep for the library."""
    sums: Counter[etree._Element] = Counter()
    for text in cast("list[etree._ElementUnicodeResult]", _SENTENCES(body)):
        holder = text.getparent()
        while holder is not None and holder.tag not in _HOLDERS:
            holder = holder.getparent()
        if holder is not None:
            sums[holder] += len(text)
    return [sums.most_common(1)[0][0]] if sums else []


def _beside_the_lead(bodies: list[etree._Element], densest: list[etree._Element]) -> list[etree._Element]:
    """Return the prose that stands close beside the library's choice and is much longer: it chose the lead only."""
    if not bodies or not densest:
        return []
    chosen, missed = sum(map(_sentences, bodies)), _sentences(densest[0])
    shared = _common_ancestor([*bodies, *densest]) if missed >= _MORE * chosen else None
    if shared is None or shared in (*bodies, *densest) or _sentences(shared) > chosen + missed + _LITTLE:
        return []
    if is_imprint(fold("".join(map(str, densest[0].itertext())))):
        return []
    if _headed(bodies[-1], densest[0], shared):  # a block of the sidebar beside a short article
        return []
    return [next(entry for entry in (densest[0], *densest[0].iterancestors()) if entry.getparent() is shared)]


def _headed(first: etree._Element, second: etree._Element, shared: etree._Element) -> bool:
    """Tell whether a heading stands between two elements, or the second comes first."""
    after = False
    for element in shared.iter():
        if element is second:
            return not after
        if element is first:
            after = True
        elif after and element.tag in HEADINGS:
            return True
    return True


def _sentences(element: etree._Element) -> int:
    return sum(len(text) for text in cast("list[etree._ElementUnicodeResult]", _SENTENCES(element)))


def _common_ancestor(elements: list[etree._Element]) -> etree._Element | None:
    shared = [elements[0], *elements[0].iterancestors()] if elements else []
    for element in elements[1:]:
        line = line_of(element)
        shared = [ancestor for ancestor in shared if ancestor in line]
    return shared[0] if shared else None


def _frame(node: etree._Element, headline: etree._Element | None) -> etree._Element:
    """Return the ancestor that also holds the headline, if it holds little else; else the node itself."""
    inner = _own(node)
    headed = line_of(headline)
    for ancestor in (node, *node.iterancestors()):
        if ancestor is not node and (
            ancestor.tag in ("body", "html") or _own(ancestor) - inner > _FRAME_EXTRA + inner // 5
        ):
            break
        if ancestor in headed or (not headed and next(ancestor.iterdescendants(*_TITLES), None) is not None):
            return ancestor
    return node


def _own(element: etree._Element) -> float:
    """Return the letters of an element outside what is marked as foreign."""
    return letters(element) - sum(map(letters, marked(element)))
