"""`tintinh backfill`: what a Wayback-compatible index still has of a portal, through the same intake as an import."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import click

from archive import clock
from archive.store import Store
from cleaning.command import CANNOT_FINISH, Options, Problem
from scrapers import families, tables
from scrapers.identity import identify
from scrapers.portal import Portal
from scrapers.registry import load_portals
from scrapers.sources import cdx
from scrapers.sources.found import Found
from scrapers.sources.importing import figures, summary
from scrapers.sources.intake import Intake, Tally
from scrapers.visit import Answer, Asking, check, run

WEB_BEGINS = date(1996, 1, 1)

PAGE = 5000
"""Rows asked of an index at a time."""

ORIGINAL = "x-archive-orig-"
"""What the Wayback Machine puts before the headers that the portal itself sent."""

GIVE_UP = 5
"""So many captures in a row that cannot be had mean that the index's own server is ill."""


def backfill(
    options: Options,
    portal: str,
    index: str,
    *,
    begins: date | None,
    ends: date | None,
    registry: Path | None,
    delay: float | None,
    allow_private: tuple[str, ...],
    limit: int | None,
    as_json: bool,
) -> None:
    """Ask the index for every page below the portal's addresses and take in the captures not yet here."""
    rows = load_portals(registry)
    row = rows.get_known(portal)
    if not row.places:
        raise Problem(f"{portal}: the row has no address to ask an index for")
    cdx.replay_base(index)
    check(index, delay, allow_private)
    tally = Tally()
    with Store(options.archive, options.layouts) as store:
        tables.enter(store.db, rows.values())
        errand = _Errand(store, row, index, begins or row.valid_from, ends, limit, tally)
        run(errand, delay=delay, allow_private=allow_private, verbose=options.verbose)
    if as_json:
        click.echo(json.dumps({"portal": portal, **figures(tally), "listed": errand.listed}, ensure_ascii=False))
    else:
        click.echo(f"{portal}: {errand.listed} captures in the index; {summary(tally)}")
    if errand.failed:
        raise Problem(f"{portal}: {errand.failed} captures could not be had; run it again to ask for these", 1)


class _Errand:
    """Lists, then fetches, capture by capture; every capture in the archive is one the next run does not ask for."""

    def __init__(
        self,
        store: Store,
        portal: Portal,
        index: str,
        begins: date | None,
        ends: date | None,
        limit: int | None,
        tally: Tally,
    ) -> None:
        self.store, self.portal, self.index = store, portal, index
        self.limit, self.tally = limit, tally
        first = datetime.combine(begins or WEB_BEGINS, time.min, UTC)
        last = datetime.combine(ends, time(23, 59, 59), UTC) if ends else clock.now()
        if first > last:
            raise Problem(f"--from {first.date()} is later than --to {last.date()}")
        self.window = cdx.Window(first, last)
        self.intake = Intake(store)
        self.listed = self.asked = self.failed = 0

    async def __call__(self, ask: Asking) -> None:
        in_a_row = 0
        async for row in self._rows(ask):
            self.listed += 1
            if not self._wanted(row):
                continue
            if self.limit is not None and self.asked >= self.limit:
                break
            self.asked += 1
            answer = await ask(cdx.replay(self.index, row))
            if answer.cause is not None and answer.status not in (404, 410):
                self.failed += 1
                in_a_row += 1
                self.tally.left[answer.cause] += 1
                if in_a_row >= GIVE_UP:
                    self.store.flush()
                    raise Problem(f"{self.index}: {in_a_row} captures in a row failed: {answer.message}", CANNOT_FINISH)
                continue
            in_a_row = 0
            self._take(row, answer)
        self.store.flush()

    async def _rows(self, ask: Asking) -> AsyncIterator[cdx.Row]:
        for host, prefix in dict.fromkeys(self.portal.places):
            digests: dict[str, str] = {}
            async for row in self._window(ask, host, prefix, self.window):
                if cdx.worth_asking(row, digests):
                    yield row

    async def _window(self, ask: Asking, host: str, prefix: str, window: cdx.Window) -> AsyncIterator[cdx.Row]:
        """Yield a window's rows; where a server cuts a listing without saying how it goes on, halve the window."""
        resume: str | None = None
        while True:
            page = await self._page(ask, cdx.query(self.index, host, prefix, window, limit=PAGE, resume=resume))
            if len(page.rows) + page.unread >= PAGE and not page.resume and not window.whole:
                for half in window.halves():
                    async for row in self._window(ask, host, prefix, half):
                        yield row
                return
            for row in sorted(page.rows, key=lambda row: row.timestamp):
                yield row
            if not page.resume or page.resume == resume:
                return
            resume = page.resume

    async def _page(self, ask: Asking, url: str) -> cdx.Answer:
        answer = await ask(url)
        if answer.status == 404:  # how some servers say that they have nothing
            return cdx.Answer((), None, 0)
        if answer.status != 200:
            raise Problem(f"{self.index}: {answer.message or answer.cause or 'no answer'}", CANNOT_FINISH)
        try:
            return cdx.read(answer.body.decode("utf-8", "replace"))
        except ValueError as error:
            raise Problem(f"{self.index}: {error}; expected a CDX index") from None

    def _wanted(self, row: cdx.Row) -> bool:
        """Leave out what is no article by its address, and what an earlier run has brought."""
        if not self.portal.covers(row.url):
            self.tally.left["of another host"] += 1
            return False
        identity = identify(row.url, self.portal)
        if (
            identity is None
            or identity.copy
            or (not identity.native and not families.load(self.portal.family).HIDES_IDS)
        ):
            self.tally.left["no article's address"] += 1
            return False
        if self._is_here(row.url, row.at):
            self.tally.left["here already"] += 1
            return False
        return True

    def _is_here(self, url: str, at: datetime) -> bool:
        found = self.store.db.execute(
            "SELECT 1 FROM captures WHERE url = ? AND fetched_at = ? AND origin = 'wayback'", (url, clock.stamp(at))
        ).fetchone()
        return found is not None

    def _take(self, row: cdx.Row, answer: Answer) -> None:
        at = cdx.replayed_at(answer.url) or row.at
        if at != row.at and self._is_here(row.url, at):
            self.tally.left["here already"] += 1
            return
        self.intake.take(
            Found(
                where=f"{self.index} {row.timestamp}",
                body=answer.body,
                url=row.url,
                status=answer.status,
                headers=original_headers(answer.headers),
                fetched_at=at,
                origin="wayback",
            ),
            self.portal,
            self.tally,
        )


def original_headers(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the headers the portal sent, without those of the archive that replays it."""
    marked = [(name[len(ORIGINAL) :], value) for name, value in headers if name.lower().startswith(ORIGINAL)]
    if not marked:
        return headers
    named = {name.lower() for name, _ in marked}
    return (
        *marked,
        *((name, value) for name, value in headers if name.lower() == "content-type" and name.lower() not in named),
    )
