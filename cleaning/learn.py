"""Learns how one site builds its pages, from several of them, and proposes layouts that a person reviews.

What is new on each page and no link is the article; what repeats is the site. The element that holds most new text
and little else is the container; pages that agree on it are one layout, the rest is looked at again, so that two
generations of a site both come out. Inside the container only repeated links become noise: never prose, captions
or bylines, however often they recur.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from urllib.parse import urlsplit

from cleaning.dates import read_date
from cleaning.layouts import Layout, Layouts, Selector
from cleaning.pipeline import clean
from cleaning.places import PROSE, Place, SitePage, as_css, compare, mask, rank, take_apart
from cleaning.record import Record
from cleaning.vietnamese import fold
from cleaning.wording import author_of, is_family_name, name_in_byline, name_words

FEW = 4  # pages below which a layout is never sure
_SHARPNESS = 24  # a wrapper that two layouts share loses against each one's own element
_SIGNS = 3  # names that only some pages have, and as many that only the others have, make two layouts
_TIGHT = 0.3
_WRONG = 2.0
_GOOD = 0.85  # share of a page's best fit that still is the same layout
_COST = (0.0, 0.002, 0.004, 0.02, 0.04, 0.04)  # by rank: a little score is given up for a lasting name
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|7z|odt|ods|mp3|mp4)(?:$|[?#])", re.I)


@dataclass(frozen=True)
class Found:
    """One layout that some of the pages share: the row to write, the pages it was seen on, what is doubtful."""

    name: str
    hosts: tuple[str, ...]
    fields: tuple[tuple[str, tuple[str, ...]], ...]
    noise: tuple[tuple[str, tuple[str, ...]], ...]
    pages: tuple[str, ...]
    doubts: tuple[str, ...]

    def layout(self) -> Layout:
        """Return the row as cleaning uses it."""
        rows = {key: tuple(Selector.parse(text) for text in texts) for key, texts in self.fields}
        return Layout(
            name=self.name,
            evidence="measured",
            hosts=self.hosts,
            signature=rows.pop("signature", ()),
            container=rows.pop("container"),
            body=rows.pop("body", ()),
            fields=tuple(rows.items()),
            noise=tuple((label, tuple(Selector.parse(text) for text in texts)) for label, texts in self.noise),
        )

    def toml(self) -> str:
        """Return the row as TOML, its doubts as comments."""
        lines = [f"# doubtful: {doubt}" for doubt in self.doubts]
        lines += [f"[{self.name}]", 'evidence = "measured"', f'note = "learnt from {len(self.pages)} pages"']
        if self.hosts:
            lines.append(f"hosts = {_toml(self.hosts)}")
        lines += [f"{key} = {_toml(texts)}" for key, texts in self.fields]
        if self.noise:
            lines += ["", f"[{self.name}.noise]", *(f"{label} = {_toml(texts)}" for label, texts in self.noise)]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Proposal:
    """What was learnt: layouts, most pages first; pages that fit none; doubts about the whole."""

    layouts: tuple[Found, ...]
    unplaced: tuple[str, ...]
    doubts: tuple[str, ...]

    @property
    def sure(self) -> bool:
        """Tell whether nothing about it is doubtful."""
        return bool(self.layouts) and not self.doubts and not any(found.doubts for found in self.layouts)

    def toml(self) -> str:
        """Return a layout file for a person to review."""
        head = ["# Proposed by `tintinh learn`; read it before use."]
        head += [f"# doubtful: {doubt}" for doubt in self.doubts]
        head += [f"# fits none of these layouts: {url}" for url in self.unplaced]
        return "\n".join(head) + "\n\n" + "\n".join(found.toml() for found in self.layouts)


def learn(pages: Sequence[tuple[str, bytes]], name: str | None = None) -> Proposal:
    """Propose layouts from several pages (address, bytes) of one site; the same pages always give the same proposal.

    `name` is what the rows are called after (a portal's id); the first host without it.
    """
    taken = [page for url, body in sorted(set(pages)) if (page := take_apart(url, body))]
    rest = [page for page in taken if page.places and page.places[0].letters]
    groups: list[list[SitePage]] = []
    while len(rest) > 1:
        compare(rest)
        group = _group(rest)
        if len(group) < 2:
            break
        groups += _split(group)
        rest = [page for page in rest if page not in group]
    name = "learnt-" + (re.sub(r"[^a-z0-9]+", "-", (name or next(iter(_hosts(taken)), "")).lower()) or "site")
    bodies = dict(pages)
    merged = _merged(groups, bodies)
    founds = [
        replace(found, pages=(*found.pages, *(page.url for page in more)))
        for number, (group, more) in enumerate(merged, 1)
        for found in (_describe(group, f"{name}-{number}" if len(merged) > 1 else name, len(merged)),)
    ]
    founds = [_checked(found, bodies, founds) for found in founds]
    placed = {url for found in founds for url in found.pages}
    rest = [page for page in taken if page.url not in placed]
    doubts = [] if founds else ["no element holds what is new on these pages"]
    if len(taken) < FEW:
        doubts.append(f"only {len(taken)} pages to learn from; {FEW * 2} or more are better")
    return Proposal(tuple(founds), tuple(page.url for page in rest), tuple(doubts))


def relearn_reason(earlier: Sequence[Record], recent: Sequence[Record]) -> str | None:
    """Say why a site should be learnt again, judging its latest records by earlier ones; None if it need not.

    Reasons: the layout that used to match does not, or bodies have shrunk to less than half.
    """
    if len(recent) < 3:
        return None
    lost = [record for record in recent if record.layout is None or "layout-unknown" in record.flags or not record.body]
    if 2 * len(lost) > len(recent) and not _mostly_lost(earlier):
        return f"{len(lost)} of the last {len(recent)} pages fit no layout"
    before, now = (median(_letters(record) for record in records) if records else 0 for records in (earlier, recent))
    if before >= 400 and now < 0.5 * before:
        return f"bodies have shrunk from {before:.0f} letters to {now:.0f}"
    return None


def _mostly_lost(records: Sequence[Record]) -> bool:
    return 2 * sum(record.layout is None or "layout-unknown" in record.flags for record in records) > len(records)


def _letters(record: Record) -> int:
    return sum(map(len, record.body))


def _fit(place: Place, page: SitePage) -> float:
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


def _group(pages: list[SitePage]) -> list[SitePage]:
    """Return the pages that agree best on one container."""
    best = {page.url: max(_fit(place, page) for place in page.places) for page in pages}
    totals: defaultdict[str, float] = defaultdict(float)
    for page in pages:
        for locator, number in page.first.items():
            fit = _fit(page.places[number], page) / best[page.url] if best[page.url] else 0.0
            if fit >= _GOOD and page.count[locator] == 1:
                totals[locator] += fit**_SHARPNESS
    if not totals:
        return []
    chosen = min(totals, key=lambda locator: (-round(totals[locator], 2), rank(locator), locator))
    return [
        page
        for page in pages
        if (place := page.at(chosen)) and page.count[chosen] == 1 and _fit(place, page) >= _GOOD * best[page.url]
    ]


def _split(pages: list[SitePage]) -> list[list[SitePage]]:
    """Return the pages as one layout, or as several where names stand against names: these pages' and the others'."""
    compare(pages)
    bearers: defaultdict[str, set[str]] = defaultdict(set)
    for page in pages:
        innermost = [place for place in page.places if place.prose > 0.6 * page.prose_letters]
        for number in range(_SIGNS) if innermost else ():
            bearers[f"{number} {innermost[-1].path}"].add(page.url)
        for place in page.places:
            for locator in place.locators:
                if rank(locator)[0] < 3:
                    bearers[locator].add(page.url)
    signs = Counter(frozenset(urls) for urls in bearers.values())
    everywhere = frozenset(page.url for page in pages)
    for urls in sorted(signs, key=lambda urls: (-min(signs[urls], signs[everywhere - urls]), sorted(urls))):
        others = everywhere - urls
        if min(signs[urls], signs[others]) < _SIGNS or min(len(urls), len(others)) < 2:
            break
        parts = ([page for page in pages if page.url in part] for part in (urls, others))
        return [group for part in parts for group in _split(part)]
    return [pages]


def _merged(groups: list[list[SitePage]], bodies: dict[str, bytes]) -> list[tuple[list[SitePage], list[SitePage]]]:
    """Return the groups, largest first, each with the pages of smaller groups that its row cleans as well."""
    kept: list[tuple[list[SitePage], list[SitePage], Layout]] = []
    for group in sorted(groups, key=lambda group: (-len(group), group[0].url)):
        found = _describe(group, "", 1)
        if not found.fields:
            continue
        for _, more, row in kept:
            alike = all(_first(page, [selector.text for selector in row.body]) for page in group) or not row.body
            if (len(group) < FEW or alike) and all(_reads(page, bodies[page.url], row) for page in group):
                more += group
                break
        else:
            kept.append((group, [], found.layout()))
    return [(group, more) for group, more, _ in kept]


def _reads(page: SitePage, body: bytes, row: Layout) -> bool:
    """Tell whether a row brings out a page's new prose and not much more."""
    record = clean(body, layouts=Layouts((row,)))
    letters = sum(map(len, record.body)) + len(record.lead or "")
    return record.layout == row.name and 0.7 * page.prose_letters <= letters <= 1.4 * page.prose_letters + 300


def _describe(pages: list[SitePage], name: str, layouts: int) -> Found:
    """Return the row of the pages of one layout."""
    compare(pages)
    titles = _choose(pages, _title_score, several=True)
    title_at = {page.url: place for page in pages if (place := _first(page, titles))}
    scores = {page.url: _body_scores(page, title_at.get(page.url)) for page in pages}
    bodies = _choose(pages, lambda page, place: scores[page.url].get(place.number, 0.0), least=0.25, single=True)
    if layouts == 1 and bodies and rank(bodies[0])[0] >= 4:
        bodies = _by_length(pages, scores) or bodies
    body_at = {page.url: place for page in pages if (place := _first(page, bodies))}
    frame_at = {page.url: _frame(page, body_at.get(page.url), title_at.get(page.url)) for page in pages}
    containers = (
        _choose(pages, lambda page, place: float(place is frame_at[page.url]), least=0.2, several=True) or bodies
    )
    container_at = {page.url: place for page in pages if (place := _first(page, containers))}
    if containers == bodies or all(container_at.get(url) is place for url, place in body_at.items()):
        bodies = []

    def between(page: SitePage, place: Place) -> bool:
        body, title = body_at.get(page.url), title_at.get(page.url)
        return body is not None and place.last < body.number and (title is None or place.number > title.last)

    dates = _dates(pages, body_at, title_at, container_at)
    leads = _choose(pages, lambda page, place: _lead_score(place) if between(page, place) else 0.0, share=0.25)
    leads = [locator for locator in leads if _mean(pages, locator, lambda _, place: _lead_score(place)) > 0.5]
    leads = leads or _inner_leads(pages, body_at, title_at)
    authors = _authors(pages, body_at, container_at)
    fields = {
        "signature": _signature(bodies or containers, titles) if layouts > 1 and containers else [],
        "container": containers,
        "body": bodies,
        "title": titles,
        "lead": leads,
        "date": dates,
        "author": authors,
    }
    doubts = []
    if len(pages) < FEW:
        doubts.append(f"seen on {len(pages)} pages only")
    if not titles:
        doubts.append("no element holds the title")
    if not dates:
        doubts.append("no element holds a date")
    if any(rank(locator)[0] >= 4 for locator in [*containers[:1], *bodies[:1]]):
        doubts.append("nothing on the page has a lasting name; the container is found by its position")
    return Found(
        name=name,
        hosts=_hosts(pages),
        fields=tuple((key, tuple(texts)) for key, texts in fields.items() if texts) if containers else (),
        noise=_noise(pages, body_at if bodies else container_at, title_at),
        pages=tuple(page.url for page in pages),
        doubts=tuple(doubts),
    )


def _by_length(pages: list[SitePage], scores: dict[str, dict[int, float]]) -> list[str]:
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


def _signature(bodies: list[str], titles: list[str]) -> list[str]:
    """Return what tells the layout from the site's others: the prose's element, by its length if it has no name."""
    if len(bodies) > 1:
        return titles if len(titles) == 1 else []
    unnamed = rank(bodies[0])[0] >= 4
    body = bodies[0] + "[string-length(normalize-space(.)) > 250]" if unnamed else bodies[0]
    return [body, *(titles if len(titles) == 1 else [])]


def _choose(
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


def _first(page: SitePage, locators: Iterable[str]) -> Place | None:
    return next((place for locator in locators if (place := page.at(locator))), None)


def _title_score(page: SitePage, place: Place) -> float:
    """A title is what the head's title names; without its help a heading of new text."""
    if place.hidden or not 8 <= place.letters <= 400:
        return 0.0
    heading = {"h1": 0.3, "h2": 0.2, "h3": 0.1}.get(str(place.element.tag), 0.0)
    text, head = fold(place.text), fold(page.head_title)
    if (
        text
        and len(text) >= 8
        and (head == text or (len(text) >= 15 and (head.startswith(text) or head.endswith(text))))
    ):
        return 1.0 + heading - (0.3 if place.linked > 0.5 * place.letters and not heading else 0.0)
    return 2 * heading if heading and place.new > 0.8 * place.letters and place.letters >= 20 else 0.0


def _body_scores(page: SitePage, title: Place | None) -> dict[int, float]:
    """Return how well each place holds the prose without the title, the page's best as 1."""
    fits = {
        place.number: fit
        for place in page.places
        if (fit := _fit(place, page)) and (title is None or not place.number <= title.number <= place.last)
    }
    best = max(fits.values(), default=1.0)
    return {number: (fit / best) ** 2 for number, fit in fits.items()}


def _frame(page: SitePage, body: Place | None, title: Place | None) -> Place | None:
    """Return the smallest element that holds body and title, unless it is the whole page; then the body's own."""
    if body is None or title is None:
        return body
    frame = body
    while not (frame.number <= title.number <= frame.last) and frame.parent >= 0:
        frame = page.places[frame.parent]
    return frame if frame.parent >= 0 and frame.letters <= 3 * body.letters + 3000 else body


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

    named = _choose(pages, score)
    return [locator for locator in named if rank(locator)[0] < 3 and all(page.count[locator] <= 1 for page in pages)]


def _dates(
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
    for locator in _choose(pages, score, several=True):
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


def _authors(pages: list[SitePage], body_at: dict[str, Place], container_at: dict[str, Place]) -> list[str]:
    """Return the named element of a byline without a label beside the prose; with a label the words suffice."""

    def score(page: SitePage, place: Place) -> float:
        body, container = body_at.get(page.url), container_at.get(page.url)
        if body is None or container is None or not container.number < place.number <= container.last:
            return 0.0
        return 0.0 if body.number <= place.number <= body.last else _byline_score(place)

    return [
        locator
        for locator in _choose(pages, score, share=0.25)
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


def _noise(
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


def _checked(found: Found, bodies: dict[str, bytes], founds: Sequence[Found]) -> Found:
    """Return the layout with the doubts that cleaning its own pages with all proposed layouts raises."""
    layouts = Layouts(tuple(other.layout() for other in founds))
    records = [(url, clean(bodies[url], url=url, layouts=layouts)) for url in found.pages]
    wrong = [url for url, record in records if record.layout != found.name]
    empty = [url for url, record in records if not record.body and not record.lead]
    untitled = [url for url, record in records if record.title is None]
    doubts = list(found.doubts)
    for urls, what in ((wrong, "are taken for another layout"), (empty, "come out empty"), (untitled, "have no title")):
        if len(urls) > 0.1 * len(records):
            doubts.append(f"{len(urls)} of {len(records)} pages {what}, {urls[0]} for one")
    return replace(found, doubts=tuple(doubts))


def _hosts(pages: Sequence[SitePage]) -> tuple[str, ...]:
    hosts = Counter(host for page in pages if (host := urlsplit(page.url).hostname))
    return tuple(sorted(hosts, key=lambda host: (-hosts[host], host)))


def _toml(texts: Sequence[str]) -> str:
    return "[" + ", ".join(json.dumps(text, ensure_ascii=False) for text in texts) + "]"
