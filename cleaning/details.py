"""Finds, on pages of one layout, the locators of what stands round the prose: lead, date, views, author."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from cleaning.bylines import (
    author_of,
    is_family_name,
    is_initials,
    name_in_byline,
    name_words,
    names_role,
    source_of,
)
from cleaning.dates import read_date
from cleaning.fields import choose, mean
from cleaning.places import PROSE, Place, SitePage, as_css, as_xpath, mask, rank
from cleaning.vietnamese import fold
from cleaning.wording import NUMBER, icon_of, read_line, views_within

_NEAR = 6  # texts after the prose among which the author's name may stand
_LONGEST_NAME = 80
_LONGEST_LINE = 160
_GUARD = f"[not(.//a) and normalize-space(.) and string-length(normalize-space(.)) < {_LONGEST_NAME}]"
# Wider than the regions of `wording.toml`: here several pages must agree before a name counts.
_AUTHOR = re.compile(
    r"(?<![a-z])(?:author|by-?line|tac-?gia|nguoi-?(?:viet|dang)|but-?danh|credit|writer|reporter|created-?by)"
)
_VIEWS = re.compile(r"(?<![a-z])(?:views?|viewed|hits?|luot-?(?:xem|doc)|so-?lan|da-?xem|read-?count|counts?)(?![a-z])")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PARTS = re.compile(r"\s*[,_(/|–—-]\s*")
_BARE = re.compile(rf"\W*(?:{NUMBER})\W*")
_PARAGRAPHS = ("p", "br", "img", "div", "table")
_INLINE = frozenset({"span", "b", "strong", "i", "em", "small", "font", "a", "time", "label", "u"})


def find_leads(pages: list[SitePage], body_at: dict[str, Place], title_at: dict[str, Place]) -> list[str]:
    """Return what holds the lead: a paragraph between title and prose, or one that the prose sets apart by name.

    By its position from the page's root only if it always is one: on a page without a date line it may be the body.
    """

    def score(page: SitePage, place: Place) -> float:
        body, title = body_at.get(page.url), title_at.get(page.url)
        between = body is not None and place.last < body.number and (title is None or place.number > title.last)
        return _lead_score(place) if between else 0.0

    leads = choose(pages, score, share=0.25)
    leads = [
        guarded
        for locator in leads
        if mean(pages, locator, score if locator.startswith("/html") else lambda _, place: _lead_score(place)) > 0.5
        and (guarded := locator if rank(locator)[0] < 3 else _guarded(pages, locator, body_at, score))
    ]
    return leads or _inner_leads(pages, body_at, title_at)


def _guarded(
    pages: list[SitePage], locator: str, body_at: dict[str, Place], score: Callable[[SitePage, Place], float]
) -> str | None:
    """Return a lead's position so that it cannot hit a body where there is no lead: a body has paragraphs."""
    if locator.startswith("/html"):
        locator = "/".join(
            locator.split("/")[: -min(_wrappers(page, place) for page in pages if (place := page.at(locator))) or None]
        )
    guarded = f"{as_xpath(locator)}[not(.//p or .//br or .//img or .//div or .//table)]"
    guarded += "[string-length(normalize-space(.)) > 40]"
    if not all(
        body.path and next(body.element.iterdescendants(*_PARAGRAPHS), None) is not None for body in body_at.values()
    ):
        return None
    found = [score(page, place) for page in pages for place in page.match(guarded)]
    return guarded if found and min(found) > 0 else None


def _wrappers(page: SitePage, place: Place) -> int:
    """Return how many elements round a place hold nothing else."""
    found = 0
    while place.parent >= 0 and page.places[place.parent].letters == place.letters:
        place, found = page.places[place.parent], found + 1
    return found


def _lead_score(place: Place) -> float:
    """A lead is a paragraph of new text, as one element."""
    if place.hidden or place.new < 0.3 * PROSE or place.new < 0.8 * place.letters or place.letters > 1500:
        return 0.0
    if place.new < PROSE:
        return 0.1
    return 1.0 if len(place.element) == 0 or place.element.tag in ("p", "div", "h2", "h3", "blockquote") else 0.8


def _inner_leads(pages: list[SitePage], body_at: dict[str, Place], title_at: dict[str, Place]) -> list[str]:
    """Return a named element that always is the first prose of the body and stands nowhere else in it."""

    def score(page: SitePage, place: Place) -> float:
        body = body_at.get(page.url)
        if body is None or not body.number <= place.number <= body.last or not _lead_score(place):
            return 0.0
        title = title_at.get(page.url)
        start = title.last if title is not None and title.number >= body.number else body.number
        before = sum(run.letters for run in page.runs if start < run.place < place.number and run.letters >= PROSE)
        return 0.0 if before or place.new > 0.6 * body.new else 1.0

    named = choose(pages, score)
    return [locator for locator in named if rank(locator)[0] < 3 and all(page.count[locator] <= 1 for page in pages)]


def find_dates(
    pages: list[SitePage], body_at: dict[str, Place], title_at: dict[str, Place], container_at: dict[str, Place]
) -> list[str]:
    """Return what holds the publication date: a date that differs from page to page, near the title at best."""
    days = {page.url: _dates_near(page, body_at, title_at, container_at) for page in pages}
    same = Counter(text for page in pages for text in {page.places[number].text for number in days[page.url]})
    for page in pages:  # today's date, a founding's
        for number in list(days[page.url]):
            if same[page.places[number].text] > max(2, 0.5 * len(pages)):
                del days[page.url][number]

    def score(page: SitePage, place: Place) -> float:
        if place.number not in days[page.url]:
            return 0.0
        body, title = body_at.get(page.url), title_at.get(page.url)
        nearness = 0.4
        if title is not None and body is not None:
            nearness = 1.0 if title.number < place.number < body.number else 0.7 if place.number > title.number else 0.5
        minute = 0.2 if "T" in days[page.url][place.number] else 0.0
        more = 0.2 if views_within(fold(place.text)) else 0.0
        return nearness + minute - min(0.2, place.letters / 500) - more - (0.3 if place.linked else 0.0)

    kept = []
    for locator in choose(pages, score, several=True):
        values = [
            days[page.url][place.number]
            for page in pages
            if (place := page.at(locator)) and place.number in days[page.url]
        ]
        if len(values) < 3 or len({value[:10] for value in values}) > 1:
            kept += [*_exact(pages, locator), locator]
    return kept


def _exact(pages: list[SitePage], locator: str) -> list[str]:
    """Return the selector of the machine's form of a date (`time@datetime`), if its element carries it."""
    for inner in ("", " time"):
        elements = [
            place.element.find(".//time") if inner else place.element for page in pages if (place := page.at(locator))
        ]
        if elements and all(element is not None and element.get("datetime") for element in elements):
            return [as_css(locator) + inner + "@datetime"]
    return []


def _dates_near(
    page: SitePage, body_at: dict[str, Place], title_at: dict[str, Place], container_at: dict[str, Place]
) -> dict[int, str]:
    """Return the dates between title and prose or in the container; not those of a list, nor that of the visit."""
    body, title, container = (at.get(page.url) for at in (body_at, title_at, container_at))
    found = {}
    for place in page.places:
        if place.hidden or not 6 <= place.letters <= 200:
            continue
        if not _is_beside(place, body, title, container):
            continue
        line = read_line(fold(place.text))
        moment = None if line.today or fold(place.text).startswith("hom nay") else read_date(place.text, "page")
        if moment and moment.precision != "month":
            found[place.number] = moment.value
    after = [number for number in found if body is not None and number > body.last]
    shapes = Counter(_shape(page.places[number]) for number in after)
    for number in after:  # several alike are those of other news, one beside a link is that of another article
        if shapes[_shape(page.places[number])] > 1 or page.places[page.places[number].parent].linked:
            del found[number]
    return found


def _is_beside(place: Place, body: Place | None, title: Place | None, container: Place | None) -> bool:
    """Tell whether a place stands in the container or between title and prose, and not in the prose."""
    if body is not None and body.number <= place.number <= body.last:
        return False
    if container is not None and container.number < place.number <= container.last:
        return True
    return body is not None and title is not None and title.last < place.number and place.last < body.number


def _shape(place: Place) -> str:
    return re.sub(r"\[\d+\]", "", place.path)


def find_views(
    pages: list[SitePage],
    body_at: dict[str, Place],
    title_at: dict[str, Place],
    container_at: dict[str, Place],
    dates: Sequence[str],
) -> list[str]:
    """Return the element of its own that holds the number of views, so that what stands beside it is read alone."""

    def score(page: SitePage, place: Place) -> float:
        body, title, container = (at.get(page.url) for at in (body_at, title_at, container_at))
        if body is None or place.hidden or place.linked or not 0 < place.letters <= 60:
            return 0.0
        if not _is_beside(place, body, title, container):
            return 0.0
        folded = fold(place.text)
        told = _BARE.fullmatch(folded) and (_is_called(_VIEWS, page, place) or _has_eye(place))
        if read_line(folded).views is None and not told:
            return 0.0
        return 1.0 - place.letters / 200

    found = choose(pages, score, share=0.4)
    return [
        locator
        for locator in found
        if locator not in dates and mean(pages, locator, score) > 0 and not _same_place(pages, locator, dates)
    ]


def _has_eye(place: Place) -> bool:
    """Tell whether an element's icon says that its number counts views."""
    icons = place.element.iterdescendants("i", "em", "span", "svg")
    return any(icon_of(word) == "views" for icon in icons for word in (icon.get("class") or "").split())


def _same_place(pages: list[SitePage], locator: str, others: Sequence[str]) -> bool:
    return any(
        page.at(locator) is not None and page.at(locator) is page.at(other) for page in pages for other in others
    )


def find_authors(
    pages: list[SitePage],
    body_at: dict[str, Place],
    title_at: dict[str, Place],
    container_at: dict[str, Place],
    containers: Sequence[str],
) -> list[str]:
    """Return the element of a byline beside the prose: by its name, or by where names always stand."""

    def score(page: SitePage, place: Place) -> float:
        body, title, container = (at.get(page.url) for at in (body_at, title_at, container_at))
        if body is None or container is None or not _is_beside(place, body, title, container):
            return 0.0
        return _byline_score(page, place, body)

    named = [
        locator
        for locator in choose(pages, score, share=0.15)
        if rank(locator)[0] < 3 and mean(pages, locator, score) > 0.5 and _differ(pages, locator)
    ]
    return named or _by_place(pages, score, container_at, containers)


def _differ(pages: list[SitePage], locator: str) -> bool:
    """Tell whether an element says different things, as a box's heading does not."""
    texts = [place.text for page in pages if (place := page.at(locator)) and place.letters]
    return len(texts) < 2 or len(set(texts)) > 1


def _byline_score(page: SitePage, place: Place, body: Place) -> float:
    """A name: surely one if it begins with a family name or its element says so, else by its form and place."""
    text = place.text
    if place.hidden or not 0 < place.letters <= _LONGEST_NAME or source_of(text) or page.menu[mask(text)] >= page.often:
        return 0.0
    called = _is_called(_AUTHOR, page, place)
    if called and author_of(text):  # the words suffice, unless other things stand in the same line
        above = page.places[place.parent]
        return 0.9 if place.element.tag in _INLINE and above.letters > place.letters else 0.0
    if (place.linked and not called) or author_of(text) or any(letter.isdigit() for letter in text):
        return 0.0
    name, *_ = _PARTS.split(name_in_byline(text).strip(" ()*"), maxsplit=1)
    words = name_words(name)
    if words and is_family_name(name.split()[0]):
        return 1.0
    if called and (
        text[:1].isupper() and not re.search(r"[.!?:;]$", text.rstrip(".")) and read_line(fold(text)).furniture is None
    ):
        return 0.9
    if not words and not is_initials(name) and not (names_role(name) and name[:1].isupper()):
        return 0.0
    if called or (place.number < body.number and _stands_by_date(page, place)):
        return 0.7
    between = sum(1 for run in page.runs if run.place > body.last and page.begin(run) <= place.number) - 1
    return 0.7 if place.number > body.last and between < _NEAR else 0.4


def _stands_by_date(page: SitePage, place: Place) -> bool:
    """Tell whether the line that an element is part of has a date besides."""
    line = page.places[place.parent] if place.parent >= 0 else place
    return place.letters < line.letters <= _LONGEST_LINE and read_date(line.text, "page") is not None


def _is_called(names: re.Pattern[str], page: SitePage, place: Place) -> bool:
    """Tell whether an element, or one round it that holds nothing else, has such a name."""
    while True:
        get = place.element.get
        said = f"{get('class')} {get('id')} {get('itemprop')} {get('rel')}"
        if names.search(_CAMEL.sub("-", said).lower()):
            return True
        if place.parent < 0 or page.places[place.parent].letters > place.letters:
            return False
        place = page.places[place.parent]


def _by_place(
    pages: list[SitePage],
    score: Callable[[SitePage, Place], float],
    container_at: dict[str, Place],
    containers: Sequence[str],
) -> list[str]:
    """Return an XPath of the place where names stand after the prose, that finds names only.

    It asks for tags and alignment on the way from the container, and never for positions, which an element that
    only some pages have would move.
    """
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for page in pages:
        container = container_at.get(page.url)
        for place in page.within(container) if container is not None else ():
            if (value := score(page, place)) > 0.5:
                for xpath in _ways(page, place, container, containers):
                    found[xpath].setdefault(page.url, value)
    best: list[tuple[float, int, str]] = []
    for xpath, values in found.items():
        if len(values) < max(2, 0.25 * len(pages)):
            continue
        matches = {page.url: page.match(xpath) for page in pages}
        scores = [score(page, place) for page in pages for place in matches[page.url]]
        texts = {place.text for places in matches.values() for place in places}
        if min(scores, default=0.0) > 0.5 and len(texts) > 1 and all(len(places) <= 1 for places in matches.values()):
            best.append((-round(sum(scores), 2), len(xpath), xpath))
    return [min(best)[2]] if best else []


def _ways(page: SitePage, place: Place, container: Place | None, containers: Sequence[str]) -> list[str]:
    if container is None or not containers or page.at(containers[0]) is not container:
        return []
    steps: list[str] = []
    while place is not container and place.parent >= 0:
        align = (place.element.get("align") or "").lower()
        steps.insert(0, str(place.element.tag) + (f"[@align='{align}']" if align.isalpha() else ""))
        place = page.places[place.parent]
    return [f"{as_xpath(containers[0])}/{'/'.join(steps)}{_GUARD}"]
