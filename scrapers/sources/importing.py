"""`tintinh import`: files that somebody recorded or saved become articles of a portal."""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from urllib.parse import unquote

import click

from archive import portals
from archive.store import Store
from cleaning.command import USAGE, Options, Problem
from scrapers import families, tables
from scrapers.listing import Ask, Link, Page
from scrapers.portal import Portal, place
from scrapers.registry import Registry, load_portals
from scrapers.signs import Reply, family_of
from scrapers.sources import files
from scrapers.sources.found import Damaged, Found, is_address, joined
from scrapers.sources.intake import Intake, Tally
from scrapers.sources.pages import front_names, is_page

SAMPLES = 12
"""Pages a host that are looked at for signs of its CMS, when no registry row names the family."""

SERVICES = 500
"""Replies of JSON services that are looked through for the articles they list."""

UNPLACED = "unplaced"
"""The portal of texts that come with neither an address nor `--portal`."""


@dataclass
class Survey:
    """What a first reading of one file tells: whose pages there are, what leads where, and some pages a host."""

    hosts: Counter[str] = field(default_factory=Counter)
    addresses: dict[str, list[str]] = field(default_factory=dict)
    samples: dict[str, list[Reply]] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    services: list[Found] = field(default_factory=list)
    site_names: set[str] = field(default_factory=set)
    homeless: int = 0
    own: set[str] = field(default_factory=set)

    def note(self, found: Found) -> None:
        """Take one reply into account."""
        if found.portal:
            self.own.add(found.portal)
        if found.status == 0:
            return
        if found.url is None:
            self.homeless += 1
        elif found.location and 300 <= found.status < 400:
            target = joined(found.url, found.location)
            if target is not None:
                self.redirects[found.url] = target
        elif found.status == 200 and found.body[:1] in (b"{", b"[") and len(self.services) < SERVICES:
            self.services.append(found)
        elif found.status == 200 and is_page(found):
            host = place(found.url)[0]
            self.hosts[host] += 1
            self.site_names |= front_names(found)
            self.addresses.setdefault(host, []).append(found.url)
            samples = self.samples.setdefault(host, [])
            if len(samples) < SAMPLES:
                samples.append(Reply(found.url, found.headers, found.body))


def run(
    options: Options,
    paths: tuple[Path, ...],
    *,
    portal: str | None,
    url: str | None,
    fetched_at: datetime | None,
    registry: Path | None,
    as_json: bool,
) -> None:
    """Import every file; a bad one costs one line on stderr and exit 2, never the others."""
    if url and len(paths) != 1:
        raise Problem("--url goes with one file: it is that page's address")
    if url and not is_address(url):
        raise Problem(f"--url {url!r}: expected an address such as https://xa.tinh.gov.vn/bai-viet")
    rows = load_portals(registry)
    bad: list[str] = []
    report: dict[str, Tally] = {}
    with Store(options.archive, options.layouts) as store:
        tables.enter(store.db, rows.values())
        for path in files.expand(paths):
            tally = report[str(path)] = Tally()
            try:
                _import(store, rows, path, tally, portal=portal, url=url, fetched_at=fetched_at)
            except Damaged as damage:
                bad.append(str(damage))
                click.echo(f"tintinh: {damage}", err=True)
            finally:
                store.flush()
            if not tally.articles and tally.replies:
                bad.append(f"{path}: no article in it ({_told(tally.left)})")
                click.echo(f"tintinh: {bad[-1]}", err=True)
            if not as_json and tally.replies:
                click.echo(f"{path}: {summary(tally)}")
    if as_json:
        click.echo(json.dumps({name: figures(tally) for name, tally in report.items()}, ensure_ascii=False, indent=1))
    if not report:
        raise Problem("nothing to import: no WARC, WACZ, HTML, MHTML or text file in " + ", ".join(map(str, paths)))
    if bad:
        raise Problem(f"{len(bad)} of {len(report)} sources gave less than they should (told above)", USAGE)


def _import(
    store: Store,
    rows: Registry,
    path: Path,
    tally: Tally,
    *,
    portal: str | None,
    url: str | None,
    fetched_at: datetime | None,
) -> None:
    """Read the file twice: once to learn whose pages it holds and what leads where, then to take them in."""

    def reading() -> Iterator[Found]:
        for found in files.read(path):
            address = url or found.url
            if found.chosen and address is not None and not is_address(address):
                address = None
            yield replace(found, url=address, fetched_at=fetched_at or found.fetched_at)

    survey = Survey()
    try:
        for found in reading():
            survey.note(found)
    except Damaged:
        if not (survey.hosts or survey.homeless or survey.own):
            raise
    choose = choose_portals(store, rows, survey, portal)
    intake = Intake(store, survey.redirects, _texts_of_services(survey, choose), survey.site_names)
    for found in reading():
        intake.take(found, choose(found), tally)


def choose_portals(
    store: Store, rows: Registry, survey: Survey, wanted: str | None
) -> Callable[[Found], Portal | None]:
    """Return which portal each reply belongs to; None: to none at hand.

    With `wanted`, all of the file is that portal's, and if its row covers no address of the file, the host with most
    pages is taken for another of its addresses. Without, the registry decides by address and time of capture; if it
    knows no host of the file, the host with most pages becomes a minimal portal.
    """
    for own in survey.own:
        if own not in rows:
            portals.ensure(store.db, own)
    main = survey.hosts.most_common(1)[0][0] if survey.hosts else None
    if wanted is None:
        known = any(rows.find(address) for addresses in survey.addresses.values() for address in addresses)
        if known or survey.own or (main is None and not survey.homeless):
            return lambda found: rows.find(found.url, _day(found)) if found.url else None
        wanted = _name_of_host(main) if main else UNPLACED
    portal = rows.get(wanted) or _minimal(store, rows, wanted, survey, main)
    covered = any(portal.covers(address) for addresses in survey.addresses.values() for address in addresses)
    if main is not None and not covered:
        portal = replace(portal, aliases=(*portal.aliases, main))
    return lambda found: portal if found.url is None or portal.covers(found.url) else None


def _texts_of_services(survey: Survey, choose: Callable[[Found], Portal | None]) -> dict[str, Link]:
    """Return which article's text each reply of a service holds, as the services' own lists tell."""
    texts: dict[str, Link] = {}
    for found in survey.services:
        portal = choose(found)
        if portal is not None and found.url is not None:
            reply = Page(Ask(found.url, "service"), found.url, found.body.decode("utf-8", "replace"))
            for link in families.load(portal.family).read(reply, portal).articles:
                if link.fetch is not None:
                    texts[unquote(link.fetch)] = link
    return texts


def _minimal(store: Store, rows: Registry, name: str, survey: Survey, host: str | None) -> Portal:
    """Return the row of a portal that no registry names, as the archive has it or as the file shows it."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise Problem(f"--portal {name}: expected lower-case letters, digits and _, beginning with a letter")
    old = store.db.execute("SELECT name, family, base_url FROM portals WHERE id = ?", (name,)).fetchone()
    if old is None:
        near = difflib.get_close_matches(name, rows, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        click.echo(f"tintinh: no registry row {name}{hint}: making a minimal one", err=True)
    family = (
        old["family"] if old is not None and old["family"] else family_of(survey.samples.get(host or "", ())).family
    )
    base_url = old["base_url"] if old is not None and old["base_url"] else f"http://{host}" if host else ""
    portals.ensure(store.db, name, base_url=base_url or None, family=family if host else None)
    return Portal(id=name, name=name, family=family, base_url=base_url, province="", crawl=False)


def _name_of_host(host: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", host.lower()).strip("_")
    return name if name[:1].isalpha() else f"host_{name}"


def _day(found: Found) -> date | None:
    return found.fetched_at.date() if found.fetched_at else None


def summary(tally: Tally) -> str:
    """Return a source's figures as one line of a log."""
    parts = [f"{len(tally.articles)} articles"]
    if tally.outcomes:
        parts.append("captures: " + _told(tally.outcomes))
    if tally.left:
        parts.append("left out: " + _told(tally.left))
    return "; ".join(parts)


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.most_common()) or "nothing"


def figures(tally: Tally) -> dict[str, object]:
    """Return a source's figures as JSON has them."""
    return {
        "replies": tally.replies,
        "articles": sorted(tally.articles),
        "captures": dict(tally.outcomes),
        "flags": dict(tally.flagged),
        "left_out": dict(tally.left),
    }
