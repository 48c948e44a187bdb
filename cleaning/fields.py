"""Finds, on pages of one layout, the locators of title, prose, lead, date and byline, and the links that are noise.

Each question is asked the same way: every place of every page is scored for what is sought, and the locator whose
places score best on all pages together is chosen. A second one is added only for pages on which the first finds
nothing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from cleaning.bylines import author_of
from cleaning.dates import begins_with_date, read_date
from cleaning.places import LONG, PROSE, Place, Run, SitePage, mask, rank
from cleaning.vietnamese import fold
from cleaning.wording import names_title, views_within

_HEADING = {"h1": 0.3, "h2": 0.2, "h3": 0.15, "h4": 0.12, "h5": 0.12, "h6": 0.12}
_SHORTEST_TITLE = 12
_CLOSED = re.compile(r"[^.][.;:][\"'”’»)\]]*$")
_LIKE_H3 = 0.3
_TITLED = re.compile(r"title|tieu-?de|headline|heading|ten-?(?:bai|tin)|subject", re.I)
_SIZE = re.compile(r"font-size:([\d.]+)(px|pt|em|rem|%)")
_PIXELS = {"px": 1.0, "pt": 4 / 3, "em": 16.0, "rem": 16.0, "%": 0.16}
_LARGE = frozenset("34567")
_LARGE_PIXELS = 17.5
_BLOCK_HOLDERS = frozenset(
    {"div", "td", "tr", "table", "tbody", "article", "section", "main", "body", "form", "center"}
)
_LINES = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "a", "figcaption", "caption"})
_MOST = 0.45  # of the prose that stands together; a short notice may have a lead that is nearly as long
_LITTLE = 200  # letters of a line of author or views beside the article
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


def by_form(pages: list[SitePage], bodies: Sequence[str], scores: dict[str, dict[int, float]]) -> list[str]:
    """Return XPaths that find a nameless body by what it holds, each only if it never finds anything else.

    Unlike a position they cannot hit the wrong element where another is missing; where they find nothing the whole
    container is read as prose.
    """
    best: dict[str, float] = {}
    above = Counter(place.path.rpartition("/") for page in pages if (place := first(page, bodies)))
    for parent, _, step in sorted(above, key=lambda path: (-above[path], path)):
        tag = step.partition("[")[0]
        holder = f"{parent}/{tag}[.//text()[string-length(normalize-space(.)) > {PROSE}][not(ancestor::a)]]"
        long = f"[string-length(normalize-space(.)) > {LONG}]"
        for xpath in (
            f"({holder}{long})[1]",
            f"({holder}{long})[last()]",
            f"({holder})[last()]",
            f"{holder}[.//p or .//br]",
        ):
            found = [scores[page.url].get(place.number, 0.0) for page in pages for place in page.match(xpath)]
            if found and min(found) > 0.6:
                best.setdefault(xpath, sum(found))
    chosen = sorted(best, key=lambda xpath: (f"> {LONG}" not in xpath, -round(best[xpath]), len(xpath), xpath))
    chosen = [*chosen[:1], *[xpath for xpath in chosen[1:] if f"> {LONG}" not in xpath]][:2]
    return chosen if chosen and max(best[xpath] for xpath in chosen) >= max(1.5, 0.4 * len(pages)) else []


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
                locator in page.first
                and page.first[locator] not in scores[page.url]
                and page.places[page.first[locator]].letters > 0
                for page in open_pages
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
    """A title is what the head's title names; without its help new text set as a title, shortly before the prose."""
    masked = mask(place.text) if not place.hidden and 8 <= place.letters <= 400 else ""
    if not masked or page.seen[masked] >= page.often or (place.linked and page.menu[masked] >= page.often):
        return 0.0
    text = fold(place.text)
    heading = _HEADING.get(str(place.element.tag), 0.0)
    if len(text) >= 8 and any(names_title(head, text) for head in page.heads):
        return 1.0 + heading - (0.3 if place.linked > 0.5 * place.letters and not heading else 0.0)
    return _title_form(page, place)


def _title_form(page: SitePage, place: Place) -> float:
    text = place.text
    if place.new < 0.8 * place.letters or place.letters < _SHORTEST_TITLE or _CLOSED.search(text) or author_of(text):
        return 0.0
    if sum(letter.isalpha() for letter in text) <= 20 and read_date(text, "page") is not None:
        return 0.0
    start = opening(page)
    if start is None or place.last >= start:
        return 0.0
    between = sum(1 for run in page.runs if run.place > place.last and page.begin(run) < start and not run.linked)
    said = _set_as_title(page, place)
    if said < _LIKE_H3 and not place.linked and _is_above_small_print(page, place):
        said = _LIKE_H3
    return said / (1 + between / 12)


def _is_above_small_print(page: SitePage, place: Place) -> bool:
    """Tell whether the next text is a date or a number of views."""
    after = next((run for run in page.runs if page.begin(run) > place.last), None)
    text = page.places[after.place].text if after is not None else ""
    return 0 < len(text) <= _LITTLE and (begins_with_date(text) or views_within(fold(text)) is not None)


def _set_as_title(page: SitePage, place: Place) -> float:
    """Return how much a line's markup says that it is a title: by a heading's tag, a name, weight, size."""
    line = [place]
    while line[-1].parent >= 0 and page.places[line[-1].parent].letters == place.letters:
        line.append(page.places[line[-1].parent])
    line += [inner for inner in page.within(place) if inner is not place and inner.letters == place.letters]
    said = 0.0
    for each in line:
        element = each.element
        css = (element.get("style") or "").replace(" ", "").lower()
        tag = str(element.tag)
        size = _SIZE.search(css)
        large = (tag == "font" and (element.get("size") or "").strip("+") in _LARGE) or tag == "big"
        large = large or (size is not None and float(size[1]) * _PIXELS.get(size[2], 1.0) >= _LARGE_PIXELS)
        named = _TITLED.search(f"{element.get('class')} {element.get('id')} {element.get('itemprop')}") is not None
        bold = tag in ("b", "strong") or "font-weight:bold" in css or re.search("font-weight:[6-9]00", css) is not None
        said = max(said, 2 * _HEADING.get(tag, 0.0), 0.4 * named, 0.3 * large) + (0.1 if bold else 0.0)
    return min(said, 0.8)


def opening(page: SitePage) -> int | None:
    """Return the number from which places stand after the beginning of a page's first sentence of new prose."""
    main = main_place(page)
    return next((page.begin(run) for run in _prose_runs(page, main) if run.sentence), None) if main else None


def main_place(page: SitePage) -> Place | None:
    """Return the element that holds most new prose and little else, title and all."""
    best = max(
        page.places, key=lambda place: (round(0.0 if is_paragraph(place) else fit(place, page), 6), place.number)
    )
    return best if best.prose else None


def _prose_runs(page: SitePage, within: Place) -> Iterable[Run]:
    return (
        run
        for run in page.runs
        if run.letters >= PROSE and page.is_new(run) and within.number <= run.place <= within.last
    )


def is_paragraph(place: Place) -> bool:
    """Tell whether an element can only be one paragraph of several, by its tag and what is in it."""
    tag = str(place.element.tag)
    if tag in _BLOCK_HOLDERS:
        return False
    if tag in _LINES:
        return sum(1 for _ in place.element.iter("br")) < 2
    return next(place.element.iter("br", "p", "div", "table"), None) is None


def body_scores(page: SitePage, title: Place | None) -> dict[int, float]:
    """Return how well each place holds the prose without the title, the page's best as 1.

    A place that misses much of what stands together on the page is one paragraph of a body that has no element.
    """
    main = main_place(page)
    fits = {
        place.number: score
        for place in page.places
        if (score := fit(place, page))
        and (title is None or not place.number <= title.number <= place.last)
        and not is_paragraph(place)
        and main is not None
        and place.prose >= _MOST * main.prose
    }
    best = max(fits.values(), default=1.0)
    return {number: (score / best) ** 2 for number, score in fits.items()}


def core_scores(page: SitePage, title: Place | None) -> dict[int, float]:
    """Return how well each place holds the prose with the title: where the body has no element of its own."""
    fits = {
        place.number: score
        for place in page.places
        if (score := fit(place, page))
        and (title is None or place.number <= title.number <= place.last)
        and not is_paragraph(place)
    }
    best = max(fits.values(), default=1.0)
    return {number: (score / best) ** 2 for number, score in fits.items()}


def prose_of(page: SitePage, container: Place | None, title: Place | None) -> Place | None:
    """Return a place made up to stand for the prose of a container that has no element for it."""
    if container is None:
        return None
    start = title.last if title is not None and container.number <= title.number <= container.last else -1
    runs = [run for run in _prose_runs(page, container) if page.begin(run) > start]
    if not runs:
        return None
    last = runs[-1]
    end = (
        page.begin(last) - 1
        if last.after
        else page.places[last.place].last
        if last.place != container.number
        else last.place
    )
    first = page.begin(runs[0])
    return Place(
        container.element,
        first,
        container.number,
        "",
        last=max(first, end),
        letters=container.letters,
        new=container.new,
    )


def frame(page: SitePage, body: Place | None, title: Place | None) -> Place | None:
    """Return the smallest element that holds body and title, unless it is the whole page; then the body's own."""
    if body is None or title is None:
        return body
    frame = body
    while not (frame.number <= title.number <= frame.last) and frame.parent >= 0:
        frame = page.places[frame.parent]
    return frame if frame.parent >= 0 and frame.letters <= 3 * body.letters + 3000 else body


def with_foot(page: SitePage, frame: Place | None, body: Place | None) -> Place | None:
    """Return the frame's parent if the body ends the frame and a line or two follow: author, views, buttons."""
    if frame is None or body is None or frame.parent <= 0:
        return frame
    above = page.places[frame.parent]
    if any(place.letters for place in page.places[body.last + 1 : frame.last + 1]):
        return frame
    more = sum(place.letters for place in page.places[frame.last + 1 : above.last + 1] if place.parent == above.number)
    fits = 0 < more <= _LITTLE and above.letters - frame.letters == more and above.prose == frame.prose
    return above if fits else frame


def mean(pages: list[SitePage], locator: str, score: Callable[[SitePage, Place], float]) -> float:
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
        if seen[locator] < max(2, 0.25 * len(pages)) or locator in spoilt or rank(locator)[0] >= 3:
            continue
        rows[kinds[locator].most_common(1)[0][0]].append(locator)
    return tuple((label, tuple(locators[:6])) for label, locators in sorted(rows.items()))


def _inner(page: SitePage, body_at: dict[str, Place]) -> Iterable[Place]:
    body = body_at.get(page.url)
    return () if body is None else (place for place in page.within(body) if place is not body)


def _noise_kind(place: Place, texts: Counter[str], pages: int) -> str | None:
    if place.new >= PROSE:
        return None
    if next(place.element.iter("button", "input"), None) is not None and 2 * texts[mask(place.text)] > pages:
        return "share"
    if not place.linked or place.linked < 0.6 * place.letters:
        return None
    links = list(place.element.iter("a"))
    if any(_FILE.search(link.get("href") or "") for link in links):
        return None
    if 2 * texts[mask(place.text)] > pages:
        return "share"
    return "related" if place.linked >= 25 * len(links) else "navigation"
