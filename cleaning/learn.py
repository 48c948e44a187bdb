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
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from cleaning.details import find_authors, find_dates, find_leads, find_views
from cleaning.fallback import NAME as FALLBACK
from cleaning.fields import (
    body_scores,
    by_form,
    choose,
    core_scores,
    find_noise,
    first,
    fit,
    frame,
    prose_of,
    signature_of,
    title_score,
    with_foot,
)
from cleaning.layouts import Layout, Layouts
from cleaning.pipeline import clean
from cleaning.places import SitePage, compare, rank, take_apart
from cleaning.selectors import Selector

FEW = 4  # pages below which a layout is never sure
RECENT = 8  # pages; fewer do not tell that a site has changed
_SHARPNESS = 24  # a wrapper that two layouts share loses against each one's own element
_SIGNS = 3  # names that only some pages have, and as many that only the others have, make two layouts
_GOOD = 0.85  # share of a page's best fit that still is the same layout


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


def relearn_reason(
    earlier: Sequence[str | None], recent: Sequence[str | None], shrunk: Sequence[bool] = ()
) -> str | None:
    """Say why a site should be learnt again; None if it need not.

    `earlier` and `recent` are the layouts that its pages fitted then and now (None or the fallback's name: none);
    `shrunk` tells of each article last asked for again whether most of its text was gone. A site that never fitted
    a layout has nothing to learn again.
    """
    before, lost = sum(map(_is_lost, earlier)), sum(map(_is_lost, recent))
    if min(len(earlier), len(recent)) >= RECENT and 4 * before <= len(earlier) and 4 * lost >= 3 * len(recent):
        return f"{lost} of the {len(recent)} newest pages fit no layout, as others did before"
    if len(shrunk) >= RECENT and 4 * sum(shrunk) >= 3 * len(shrunk):
        return f"bodies have shrunk on {sum(shrunk)} of the {len(shrunk)} pages last read again"
    return None


def _is_lost(layout: str | None) -> bool:
    return layout in (None, FALLBACK)


def _group(pages: list[SitePage]) -> list[SitePage]:
    """Return the pages that agree best on one container."""
    best = {page.url: max(fit(place, page) for place in page.places) for page in pages}
    totals: defaultdict[str, float] = defaultdict(float)
    for page in pages:
        for locator, number in page.first.items():
            share = fit(page.places[number], page) / best[page.url] if best[page.url] else 0.0
            if share >= _GOOD and page.count[locator] == 1:
                totals[locator] += share**_SHARPNESS
    if not totals:
        return []
    chosen = min(totals, key=lambda locator: (-round(totals[locator], 2), rank(locator), locator))
    return [
        page
        for page in pages
        if (place := page.at(chosen)) and page.count[chosen] == 1 and fit(place, page) >= _GOOD * best[page.url]
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
    """Return the groups, largest first, each with the pages of smaller groups that its row fits as well.

    That is so if their rows find the same places, or if its row cleans their pages.
    """
    kept: list[tuple[list[SitePage], list[SitePage], Found]] = []
    for group in sorted(groups, key=lambda group: (-len(group), group[0].url)):
        found = _describe(group, "", 1)
        if not found.fields:
            continue
        for _, more, known in kept:
            row = known.layout()
            alike = not row.body or all(_finds(page, row.body) for page in group)
            cleaned = (len(group) < FEW or alike) and all(_reads(page, bodies[page.url], row) for page in group)
            if cleaned or _places(found) == _places(known):
                more += group
                break
        else:
            kept.append((group, [], found))
    return [(group, more) for group, more, _ in kept]


def _finds(page: SitePage, selectors: Sequence[Selector]) -> bool:
    return any(selector.find(page.places[0].element.getroottree().getroot()) for selector in selectors)


def _places(found: Found) -> list[object]:
    fields = dict(found.fields)
    return [fields.get(key) for key in ("container", "body", "title")]


def _reads(page: SitePage, body: bytes, row: Layout) -> bool:
    """Tell whether a row brings out a page's new prose and not much more."""
    record = clean(body, url=page.url, layouts=Layouts((row,)))
    letters = sum(map(len, record.body)) + len(record.lead or "")
    return record.layout == row.name and 0.7 * page.prose_letters <= letters <= 1.4 * page.prose_letters + 300


def _describe(pages: list[SitePage], name: str, layouts: int) -> Found:
    """Return the row of the pages of one layout."""
    compare(pages)
    titles = choose(pages, title_score, several=True)
    title_at = {page.url: place for page in pages if (place := first(page, titles))}
    scores = {page.url: body_scores(page, title_at.get(page.url)) for page in pages}
    bodies = choose(pages, lambda page, place: scores[page.url].get(place.number, 0.0), least=0.25, single=True)
    body_at = {page.url: place for page in pages if (place := first(page, bodies))}
    if bodies and len(body_at) < 0.6 * len(pages):
        bodies, body_at = [], {}
    cores = bodies
    if not bodies:
        whole = {page.url: core_scores(page, title_at.get(page.url)) for page in pages}
        cores = choose(pages, lambda page, place: whole[page.url].get(place.number, 0.0), least=0.25)
    core_at = {page.url: place for page in pages if (place := first(page, cores))}
    frame_at = {page.url: frame(page, core_at.get(page.url), title_at.get(page.url)) for page in pages}
    if bodies:
        frame_at = {page.url: with_foot(page, frame_at[page.url], body_at.get(page.url)) for page in pages}
    containers = choose(pages, lambda page, place: float(place is frame_at[page.url]), least=0.2, several=True) or cores
    container_at = {page.url: place for page in pages if (place := first(page, containers))}
    if layouts == 1 and bodies and rank(bodies[0])[0] >= 4:
        bodies = by_form(pages, bodies, scores) or bodies
    if containers == bodies or all(container_at.get(url) is place for url, place in body_at.items()):
        bodies = []
    if not bodies:
        body_at = {
            page.url: prose
            for page in pages
            if (prose := prose_of(page, container_at.get(page.url), title_at.get(page.url)))
        }
    dates = find_dates(pages, body_at, title_at, container_at)
    views = find_views(pages, body_at, title_at, container_at, dates)
    leads = find_leads(pages, body_at, title_at)
    authors = find_authors(pages, body_at, title_at, container_at, containers)
    fields = {
        "signature": signature_of(bodies or containers, titles) if layouts > 1 and containers else [],
        "container": containers,
        "body": bodies,
        "title": titles,
        "lead": leads,
        "date": dates,
        "views": views,
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
        noise=find_noise(pages, body_at if bodies else container_at, title_at),
        pages=tuple(page.url for page in pages),
        doubts=tuple(doubts),
    )


def _checked(found: Found, bodies: dict[str, bytes], founds: Sequence[Found]) -> Found:
    """Return the layout with the doubts that cleaning its own pages with all proposed layouts raises."""
    layouts = Layouts(tuple(other.layout() for other in founds))
    records = [(url, clean(bodies[url], url=url, layouts=layouts)) for url in found.pages]
    wrong = [url for url, record in records if record.layout != found.name]
    empty = [url for url, record in records if not record.body and not record.lead]
    untitled = [url for url, record in records if record.title is None]
    doubts = list(found.doubts)
    for urls, what in (
        (wrong, "are read by another layout or by none"),
        (empty, "come out empty"),
        (untitled, "have no title"),
    ):
        if len(urls) > 0.1 * len(records):
            doubts.append(f"{len(urls)} of {len(records)} pages {what}, {urls[0]} for one")
    return replace(found, doubts=tuple(doubts))


def _hosts(pages: Sequence[SitePage]) -> tuple[str, ...]:
    hosts = Counter(host for page in pages if (host := urlsplit(page.url).hostname))
    return tuple(sorted(hosts, key=lambda host: (-hosts[host], host)))


def _toml(texts: Sequence[str]) -> str:
    return "[" + ", ".join(json.dumps(text, ensure_ascii=False) for text in texts) + "]"
