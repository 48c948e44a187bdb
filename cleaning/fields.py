"""Finds, on pages of one layout, the locators of title, prose, lead, date and byline, and the links that are noise.

Each question is asked the same way: every place of every page is scored for what is sought, and the locator whose
places score best on all pages together is chosen. A second one is added only for pages on which the first finds
nothing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

from cleaning.bylines import author_of, is_family_name, name_in_byline, name_words
from cleaning.dates import read_date
from cleaning.places import PROSE, Place, SitePage, as_css, mask, rank
from cleaning.vietnamese import fold
from cleaning.wording import names_title

_TIGHT = 0.3
_WRONG = 2.0
_COST = (0.0, 0.002, 0.004, 0.02, 0.04, 0.04)  # by rank: a little score is given up for a lasting name
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|7z|odt|ods|mp3|mp4)(?:$|[?#])", re.I)


def fit(place: Place, page: SitePage) -> float:
    """Return F₂ of recall (of the page's new prose) and precision (new letters of its letters), and a little more
    for a tight fit.

    Recall weighs more, because short articles stand beside long lists; links cost a third, because they are told
    from prose anyway.
    """
    if not place.prose:
        return 0.0
    recall = place.prose / page.prose_letters
    precision = place.new / (place.letters - 0.7 * place.linked)
    return 5 * precision * recall / (4 * precision + recall) + _TIGHT * place.prose / place.letters


def by_length(pages: list[SitePage], scores: dict[str, dict[int, float]]) -> list[str]:
    """Return the locator that finds a nameless body by being long, where it never finds anything else.

    Unlike a position it cannot hit the wrong element; where it finds nothing the whole container is read as prose.
    """
    totals: defaultdict[str, float] = defaultdict(float)
    for page in pages:
        for locator, number in page.first.items():
            if "string-length" in locator:
                score = scores[page.url].get(number, 0.0)
                totals[locator] += score if score > 0.6 else -len(pages)
    best = min(totals, key=lambda locator: (-round(totals[locator], 2), len(locator), locator), default=None)
    return [best] if best and totals[best] >= max(1.5, 0.4 * len(pages)) else []


def signature_of(bodies: list[str], titles: list[str]) -> list[str]:
    """Return what tells the layout from the site's others: the prose's element, by its length if it has no name."""
    if len(bodies) > 1:
        return titles if len(titles) == 1 else []
    unnamed = rank(bodies[0])[0] >= 4
    body = bodies[0] + "[string-length(normalize-space(.)) > 250]" if unnamed else bodies[0]
    return [body, *(titles if len(titles) == 1 else [])]


def choose(
    pages: list[SitePage],
    score: Callable[[SitePage, Place], float],
    *,
    share: float = 0.5,
    least: float = 0.0,
    several: bool = False,
    single: bool = False,
) -> list[str]:
    """Return locators, best first, that find what `score` looks for; more than one only where pages differ.

    `share`: of the pages on which it must be found at all; `least`: score below which a place does not count;
    `several`: cleaning takes the first of several matches, so the others do no harm; `single`: even one page
    that differs gets a locator.
    """
    chosen: list[str] = []
    open_pages = list(pages)
    scores = {
        page.url: {place.number: value for place in page.places if (value := score(page, place)) > least}
        for page in pages
    }
    wanted = sum(bool(places) for places in scores.values())
    if wanted < max(2, share * len(pages)):
        return []
    while open_pages and len(chosen) < 3:
        totals: defaultdict[str, float] = defaultdict(float)
        hits: Counter[str] = Counter()
        for page in open_pages:
            for number, value in scores[page.url].items():
                for locator in page.places[number].locators:
                    if page.first[locator] == number:
                        totals[locator] += value if several or page.count[locator] == 1 else 0.8 * value
                        hits[locator] += 1
        for locator in totals:  # another place under that name would be taken for it: worse than none
            totals[locator] -= _WRONG * sum(
                locator in page.first and page.first[locator] not in scores[page.url] for page in open_pages
            )
        enough = max(1 if single else 2, 0.2 * len(open_pages)) if chosen else max(2, 0.4 * wanted)
        fitting = [locator for locator in totals if hits[locator] >= enough and totals[locator] > 0]
        if not fitting:
            break
        best = min(
            fitting,
            key=lambda locator: (
                -round(totals[locator] - _COST[rank(locator)[0]] * len(pages), 2),
                rank(locator),
                locator,
            ),
        )
        chosen.append(best)
        open_pages = [page for page in open_pages if page.first.get(best) not in scores[page.url] and scores[page.url]]
    return chosen


def first(page: SitePage, locators: Iterable[str]) -> Place | None:
    """Return the place that the first fitting locator finds on a page."""
    return next((place for locator in locators if (place := page.at(locator))), None)


def title_score(page: SitePage, place: Place) -> float:
    """A title is what the head's title names; without its help a heading of new text."""
    if place.hidden or not 8 <= place.letters <= 400:
        return 0.0
    heading = {"h1": 0.3, "h2": 0.2, "h3": 0.1}.get(str(place.element.tag), 0.0)
    text, head = fold(place.text), fold(page.head_title)
    if len(text) >= 8 and names_title(head, text):
        return 1.0 + heading - (0.3 if place.linked > 0.5 * place.letters and not heading else 0.0)
    return 2 * heading if heading and place.new > 0.8 * place.letters and place.letters >= 20 else 0.0


def body_scores(page: SitePage, title: Place | None) -> dict[int, float]:
    """Return how well each place holds the prose without the title, the page's best as 1."""
    fits = {
        place.number: score
        for place in page.places
        if (score := fit(place, page)) and (title is None or not place.number <= title.number <= place.last)
    }
    best = max(fits.values(), default=1.0)
    return {number: (score / best) ** 2 for number, score in fits.items()}


def frame(page: SitePage, body: Place | None, title: Place | None) -> Place | None:
    """Return the smallest element that holds body and title, unless it is the whole page; then the body's own."""
    if body is None or title is None:
        return body
    frame = body
    while not (frame.number <= title.number <= frame.last) and frame.parent >= 0:
        frame = page.places[frame.parent]
    return frame if frame.parent >= 0 and frame.letters <= 3 * body.letters + 3000 else body


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
        locator
        for locator in leads
        if _mean(pages, locator, score if locator.startswith("/html") else lambda _, place: _lead_score(place)) > 0.5
    ]
    return leads or _inner_leads(pages, body_at, title_at)


def _lead_score(place: Place) -> float:
    """A lead is a paragraph of new text, as one element."""
    if place.new < 0.3 * PROSE or place.new < 0.8 * place.letters or place.letters > 1500:
        return 0.0
    if place.new < PROSE:
        return 0.1
    return 1.0 if len(place.element) == 0 or place.element.tag in ("p", "div", "h2", "h3", "blockquote") else 0.8


def _inner_leads(pages: list[SitePage], body_at: dict[str, Place], title_at: dict[str, Place]) -> list[str]:
    """Return a named element that always is the first prose of the body and stands nowhere else in it."""

    def score(page: SitePage, place: Place) -> float:
        body = body_at.get(page.url)
        if body is None or not body.number < place.number <= body.last or not _lead_score(place):
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
    days: dict[str, dict[int, str]] = {page.url: _read_dates(page, body_at.get(page.url)) for page in pages}
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
        container = container_at.get(page.url)
        if container is not None and not container.number <= place.number <= container.last:
            nearness /= 4
        minute = 0.2 if "T" in days[page.url][place.number] else 0.0
        return nearness + minute - min(0.2, place.letters / 500) - (0.3 if place.linked else 0.0)

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


def _read_dates(page: SitePage, body: Place | None) -> dict[int, str]:
    found = {}
    for place in page.places:
        if (
            place.hidden
            or not 6 <= place.letters <= 200
            or (body is not None and body.number <= place.number <= body.last)
        ):
            continue
        moment = read_date(place.text, "page")
        if moment and moment.precision != "month":
            found[place.number] = moment.value
    return found


def find_authors(pages: list[SitePage], body_at: dict[str, Place], container_at: dict[str, Place]) -> list[str]:
    """Return the named element of a byline without a label beside the prose; with a label the words suffice."""

    def score(page: SitePage, place: Place) -> float:
        body, container = body_at.get(page.url), container_at.get(page.url)
        if body is None or container is None or not container.number < place.number <= container.last:
            return 0.0
        return 0.0 if body.number <= place.number <= body.last else _byline_score(place)

    return [
        locator
        for locator in choose(pages, score, share=0.25)
        if _mean(pages, locator, lambda _, place: _byline_score(place)) > (0.6 if rank(locator)[0] < 3 else 0.8)
    ]


def _byline_score(place: Place) -> float:
    """A name: surely one if it begins with a family name, perhaps one if all its words are capitalised."""
    if place.hidden or place.linked or not 0 < place.letters <= 80 or author_of(place.text):
        return 0.0
    name = name_in_byline(place.text).split(",")[0].split("_")[0].strip()
    if not 2 <= name_words(name) <= 5:
        return 0.0
    return 1.0 if is_family_name(name.split()[0]) else 0.4


def _mean(pages: list[SitePage], locator: str, score: Callable[[SitePage, Place], float]) -> float:
    """Return the mean score of a locator's places, 0 if one of them scores nothing."""
    found = [score(page, place) for page in pages if (place := page.at(locator))]
    return sum(found) / len(found) if found and min(found) > 0 else 0.0


def find_noise(
    pages: list[SitePage], body_at: dict[str, Place], title_at: dict[str, Place]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return repeated link lists inside the prose: by label the locators of the outermost elements that are one."""
    seen: Counter[str] = Counter()
    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    spoilt: set[str] = set()
    texts = Counter(
        text for page in pages for text in {mask(place.text) for place in _inner(page, body_at) if place.letters <= 300}
    )
    for page in pages:
        title = title_at.get(page.url)
        done = -1
        for place in _inner(page, body_at):
            holds_title = title is not None and place.number <= title.number <= place.last
            kind = None if place.number <= done or holds_title else _noise_kind(place, texts, len(pages))
            if kind:
                done = place.last
                for locator in place.locators:
                    seen[locator] += 1
                    kinds[locator][kind] += 1
            elif place.number > done and place.new >= PROSE:
                spoilt.update(place.locators)
    rows: defaultdict[str, list[str]] = defaultdict(list)
    for locator in sorted(seen, key=lambda locator: (rank(locator), locator)):
        if seen[locator] < max(2, 0.5 * len(pages)) or locator in spoilt or rank(locator)[0] >= 3:
            continue
        rows[kinds[locator].most_common(1)[0][0]].append(locator)
    return tuple((label, tuple(locators[:6])) for label, locators in sorted(rows.items()))


def _inner(page: SitePage, body_at: dict[str, Place]) -> Iterable[Place]:
    body = body_at.get(page.url)
    return () if body is None else (place for place in page.within(body) if place is not body)


def _noise_kind(place: Place, texts: Counter[str], pages: int) -> str | None:
    if not place.linked or place.linked < 0.6 * place.letters or place.new >= PROSE:
        return None
    links = list(place.element.iter("a"))
    if any(_FILE.search(link.get("href") or "") for link in links):
        return None
    if 2 * texts[mask(place.text)] > pages:
        return "share"
    return "related" if place.linked >= 25 * len(links) else "navigation"
