"""`tintinh portals try`: a few articles of a portal into a throw-away archive, and what came of them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive import clock
from archive.capture import Capture
from archive.portals import ensure
from archive.store import Store
from cleaning.fallback import NAME as FALLBACK
from cleaning.learn import learn
from cleaning.record import Record
from scrapers import families
from scrapers.identity import canonical_of, identify
from scrapers.listing import Ask, Link, Page
from scrapers.portal import Portal
from scrapers.probe import Probed, probe
from scrapers.provinces import CENTRAL
from scrapers.registry import Registry
from scrapers.visit import Answer, Asking

FIELDS = ("title", "published", "author", "body", "category", "images")


@dataclass
class Tried:
    """What a try came to: one record per article, what failed, and the layout it would propose."""

    portal: Portal | None = None
    probed: Probed | None = None
    records: list[tuple[str, Record, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    proposal: str | None = None
    cause: str | None = None

    def empty_share(self) -> dict[str, float]:
        """Return for each field the share of articles that lack it."""
        total = len(self.records) or 1
        return {name: sum(not getattr(record, name) for _, record, _ in self.records) / total for name in FIELDS}


async def try_out(ask: Asking, wanted: Portal | str, rows: Registry, layouts: Path, count: int) -> Tried:
    """Probe an address (a portal of the registry is taken as its row says) and fetch `count` of its newest articles."""
    tried = Tried()
    if isinstance(wanted, str):
        tried.probed = await probe(ask, wanted, rows)
        tried.cause = tried.probed.cause
        links = tried.probed.articles
        tried.portal = tried.probed.portal("tried")
    else:
        tried.portal = wanted
        links, tried.cause = await _links(ask, wanted, count)
    if tried.cause is None and not links:
        tried.cause = "empty: no article on its listings"
    if tried.cause is None:
        with tempfile.TemporaryDirectory() as scratch, Store(Path(scratch) / "tried.db", layouts) as store:
            await _fetch(ask, tried, links, store, count)
    return tried


async def _links(ask: Asking, portal: Portal, count: int) -> tuple[list[Link], str | None]:
    """Follow a row's first listings until they have shown enough articles."""
    family = families.load(portal.family)
    waiting, links, cause = list(family.start(portal)), dict[str, Link](), None
    for _ in range(8):
        if not waiting or len(links) >= count:
            break
        asked: Ask = waiting.pop(0)
        answer = await ask(asked)
        if not answer.ok:
            cause = f"{answer.cause or 'empty'}: {answer.message or f'{asked.url} answers {answer.status}'}"
            waiting += asked.otherwise
            continue
        listing = family.read(Page(asked, answer.url, _decoded(answer)), portal)
        links.update((link.url, link) for link in listing.articles if link.url not in links)
        waiting += [*listing.more[:4], *(listing.next if not listing.articles else ())]
    return list(links.values()), None if links else cause


async def _fetch(ask: Asking, tried: Tried, links: list[Link], store: Store, count: int) -> None:
    portal = tried.portal
    assert portal is not None
    ensure(store.db, portal.id, portal.name, portal.base_url or None)
    pages: list[tuple[str, bytes]] = []
    for link in links:
        if len(pages) >= count:
            break
        identity = identify(link.url, portal)
        if identity is None or identity.copy:
            continue
        answer = await ask(link.fetch or link.url)
        if not answer.ok:
            tried.failed.append((link.url, answer.message or answer.cause or f"answers {answer.status}"))
            if len(tried.failed) >= count:
                break
            continue
        pages.append((link.url, answer.body))
        identity = identify(link.url, portal, canonical=canonical_of(answer.body)) or identity
        capture = Capture(
            portal.id, identity.key, link.fetch or link.url, answer.status, answer.headers, answer.body, clock.now(),
            "crawl", canonical=identity.canonical, final_url=answer.url, listed_published=link.published,
        )  # fmt: skip
        record = store.rules.clean(
            answer.body, url=answer.url, content_type=capture.content_type, fetched_at=capture.fetched_at
        )
        tried.records.append((link.url, record, store.add(capture).outcome))
    unknown = sum(record.layout in (None, FALLBACK) for _, record, _ in tried.records)
    if len(pages) > 1 and unknown * 2 > len(pages):
        tried.proposal = learn(pages).toml()


def told(tried: Tried) -> str:
    """Return what a person reads of a try."""
    lines: list[str] = []
    portal = tried.portal
    if portal is not None:
        where = portal.province if portal.province not in ("", CENTRAL) else ""
        lines.append(f"{portal.name} ({', '.join(filter(None, (portal.base_url, portal.family, where)))})")
    if tried.probed is not None and not tried.cause:
        lines.append(f"family {tried.probed.guess.family}: {'; '.join(tried.probed.guess.reasons) or 'no sign of one'}")
    if tried.cause:
        return "\n".join([*lines, f"cannot be read: {tried.cause}"])
    for url, record, outcome in tried.records:
        date = record.published
        lines += [
            "",
            url,
            f"  title    {record.title or '(none)'}",
            f"  date     {date.value + ' (' + date.source + ', ' + repr(date.raw) + ')' if date else '(none)'}",
            f"  author   {record.author or '(none)'}",
            f"  text     {len(record.body)} paragraphs, {sum(map(len, record.body))} characters; "
            f"{len(record.captions)} captions, {len(record.images)} pictures, {len(record.attachments)} attachments",
            f"  begins   {_short(record.body[0] if record.body else record.lead or '(nothing)')}",
            f"  layout   {record.layout or '(none)'}; {outcome}"
            + (f"; {', '.join(record.flags)}" if record.flags else ""),
        ]
        inside = [block for block in record.removed if block.inside]
        lines += [f"  removed  [{block.label}, {block.rule}] {_short(block.text)}" for block in inside[:8]]
        if len(inside) > 8:
            lines.append(f"  removed  and {len(inside) - 8} more")
    lines += ["", *(f"failed: {url}: {why}" for url, why in tried.failed)]
    shares = ", ".join(f"{name} {share:.0%}" for name, share in tried.empty_share().items())
    lines.append(f"{len(tried.records)} articles; empty: {shares}")
    if tried.proposal:
        lines += ["", "no layout fits; this one would:", "", tried.proposal]
    return "\n".join(lines)


def as_json(tried: Tried) -> dict[str, Any]:
    """Return what a program wants of a try."""
    return {
        "portal": tried.portal.id if tried.portal else None,
        "family": tried.portal.family if tried.portal else None,
        "cause": tried.cause,
        "articles": [{"url": url, "outcome": outcome, **record.as_json()} for url, record, outcome in tried.records],
        "failed": [{"url": url, "why": why} for url, why in tried.failed],
        "empty_share": tried.empty_share(),
        "proposal": tried.proposal,
    }


def _decoded(answer: Answer) -> str:
    from cleaning.decoding import decode

    return decode(
        answer.body, next((value for name, value in answer.headers if name.lower() == "content-type"), None)
    ).text


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:99] + "…"
