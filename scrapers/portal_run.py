"""One portal's part of a crawl: its queue, how far its listings are walked, and what it came to. Free of Scrapy.

Every portal has its own queue and one request at a time under way, so memory does not grow with a portal's size, a
big portal never starves a small one, and stopping one is clearing its queue.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from archive import clock, frontier
from archive.capture import Capture
from archive.frontier import Entry
from archive.ids import article_id
from archive.store import Stored
from cleaning.dates import read_date
from scrapers import families, media
from scrapers.address import path_key
from scrapers.families import generic
from scrapers.identity import Identity, identify
from scrapers.listing import Ask, Link, Listing
from scrapers.portal import Portal

if TYPE_CHECKING:
    from scrapers.run import Run

FIRST, ARTICLE, NEXT, RECHECK, MEDIA = range(5)
"""What goes before what in one portal's queue; articles come before the next page, so little has to be remembered."""

QUIET_PAGES = 2
"""So many pages in a row without a new address end an incremental walk …"""

MARGIN = timedelta(days=7)
"""… when their dates are older than the last complete run by so much."""

BARREN_PAGES = 5
"""So many pages in a row that show nothing at all not seen on earlier pages end any walk: an endless calendar."""

PORTION = 200
"""So many links are taken in at a time."""

CUT = ("truncated", "doubtful")
MAX_LISTINGS = 200
"""Listings that a home page's menus may open in one run."""


@dataclass(frozen=True)
class ListingJob:
    """Ask for a listing, feed, sitemap or service."""

    ask: Ask


@dataclass(frozen=True)
class ArticleJob:
    """Ask for an article: `id` and `key` of its row, the address, and its validators."""

    id: str
    key: str
    canonical: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    known: bool = False
    listed: str | None = None


@dataclass(frozen=True)
class MediaJob:
    """Ask for an attachment or a picture of an article."""

    article_id: str
    url: str
    kind: str


Job = ListingJob | ArticleJob | MediaJob


@dataclass
class Walk:
    """How far one listing has been walked."""

    pages: int = 0
    quiet: int = 0
    barren: int = 0
    seen: set[str] = field(default_factory=set)
    prints: set[int] = field(default_factory=set)
    otherwise_used: bool = False


class PortalRun:
    """One portal's part of a run."""

    def __init__(self, portal: Portal, run: Run, crawl_id: int) -> None:
        self.portal = portal
        self.run = run
        self.crawl_id = crawl_id
        self.family = families.load(portal.family)
        self.last_success = run.frontier.last_success(portal.id)
        sweep = run.frontier.last_sweep(portal.id)
        self.retiring = portal.retiring(clock.now().date())
        self.full = run.full or sweep is None or clock.now() - sweep >= frontier.SWEEP
        self.first_time = sweep is None
        self.tally: Counter[str] = Counter()
        self.causes: Counter[str] = Counter()
        self.nulls: Counter[str] = Counter()
        self.misses: list[tuple[str, str]] = []
        self.months: set[str] = set()
        self.stopped: str | None = None
        self.message: str | None = None
        self.listing_ok = 0
        self.cut = False
        self.under_way = 0
        self.begun = False
        self.finished = False
        self._failing = 0
        self._media_queued = False
        self._queue: list[tuple[int, int, Job]] = []
        self._number = itertools.count()
        self._asked: set[str] = set()
        self._walks: dict[str, Walk] = {}
        self._articles: set[str] = set()
        self._entered: set[str] = set()
        self._undated: set[str] = set()

    def begin(self) -> None:
        """Fill the queue: the family's first requests, and the articles that are due."""
        for ask in self.family.start(self.portal):
            if self.full or not ask.sweep:
                self.ask(ask, FIRST)
        for entry in self.run.frontier.due(self.portal.id, everything=self.run.full):
            self.recheck(entry)

    def put(self, rank: int, job: Job) -> None:
        """Queue a job; a stopped portal takes none."""
        if self.stopped is None:
            heapq.heappush(self._queue, (rank, next(self._number), job))

    def take(self) -> Job | None:
        """Return the next job, or None when the portal has nothing to do now; its files come after its pages."""
        if not self._queue and self.portal.media != "none" and not self._media_queued and self.stopped is None:
            self._media_queued = True
            media.queue(self)
        return heapq.heappop(self._queue)[2] if self._queue and self.stopped is None else None

    def stop(self, cause: str, message: str) -> None:
        """End this portal's part: the rest of its queue stays in the frontier for the next run."""
        if self.stopped is None:
            self.stopped, self.message = cause, message
            self._queue.clear()
            self.cut = True

    def ask(self, ask: Ask, rank: int = NEXT) -> None:
        """Queue a request for links, once per run."""
        name = f"{ask.method} {ask.url} {ask.body}"
        if name not in self._asked:
            self._asked.add(name)
            self.put(rank, ListingJob(ask))

    def recheck(self, entry: Entry) -> None:
        """Queue an article that is due."""
        if entry.id not in self._articles:
            self._articles.add(entry.id)
            service = self.family.article_id(entry.fetch, self.portal) is None
            shown = self.family.article_id(entry.canonical, self.portal) is not None
            address = entry.fetch if service and shown else entry.canonical
            self.put(
                RECHECK if entry.version else ARTICLE,
                ArticleJob(
                    entry.id, entry.key, entry.canonical, address, entry.etag, entry.last_modified,
                    entry.version is not None, entry.listed_published,
                ),
            )  # fmt: skip

    def read(self, ask: Ask, listing: Listing) -> Iterator[None]:
        """Take in what a listing held: enter what is new, and go on or stop.

        It yields now and then, for the caller to let others work: a sitemap may name 50,000 articles.
        """
        walk = self._walks.setdefault(ask.listing or ask.url, Walk())
        walk.pages += 1
        keys, fresh, newest = [], 0, None
        for number, link in enumerate(listing.articles, start=1):
            if number % PORTION == 0:
                yield
            identity = identify(link.url, self.portal, native=link.native)
            if identity is None or identity.copy:
                continue
            keys.append(identity.key)
            if ask.kind in ("feed", "sitemap"):
                link = replace(link, published=None)
            published = _day(link.published)
            if published and identity.key not in walk.seen:
                newest = max(newest or published, published)
                self.months.add(published[:7])
            fresh += self._enter(identity, link)
        self.tally["listed"] += len(keys)
        self.listing_ok += 1
        unseen = set(keys) - walk.seen
        walk.seen |= unseen
        walk.quiet = 0 if fresh else walk.quiet + 1
        walk.barren = 0 if unseen else walk.barren + 1
        for more in listing.more:
            if self.tally["sections"] >= MAX_LISTINGS:
                break
            if self.full or not self.run.frontier.is_barren(self.portal.id, more.url):
                self.tally["sections"] += 1
                self.ask(replace(more, found=True))
        repeated = hash(tuple(keys)) in walk.prints and bool(keys)
        walk.prints.add(hash(tuple(keys)))
        if not listing.next or repeated or walk.barren >= (1 if walk.pages > 1 and not keys else BARREN_PAGES):
            return
        if walk.pages >= self.portal.page_cap:
            self.cut = True
            self.tally["capped"] += 1
            return
        if not self.full and walk.quiet >= QUIET_PAGES and self._is_old(newest):
            return
        for ask_next in listing.next:
            self.ask(ask_next)

    def failed_listing(self, ask: Ask, cause: str) -> None:
        """Note that a listing could not be had; its substitutes are asked instead, once."""
        walk = self._walks.setdefault(ask.listing or ask.url, Walk())
        if ask.otherwise and not walk.otherwise_used:
            walk.otherwise_used = True
            for other in ask.otherwise:
                self.ask(other, FIRST)
        elif ask.found and ask.page == 1 and cause in ("robots", "gone", "redirected", "blocked-target", "too-big"):
            self.note_listing(ask, None, None, barren=True)
        elif ask.kind in ("feed", "service") and ask.page > 1 and cause == "gone":
            return  # these we page by counting; no page is how they end
        elif ask.kind in ("listing", "home", "service") or ask.page > 1:
            self.causes[cause] += 1
            self.cut = True

    def _enter(self, identity: Identity, link: Link) -> bool:
        """Queue an article that nobody has seen before; return whether it is one."""
        number = article_id(self.portal.id, identity.key)
        path = path_key(link.url, self.portal)
        if number in self._entered or path in self._entered:
            if link.published and number in self._undated:
                self._undated.discard(number)
                self._write_entry(identity, link)
            return False
        self._entered |= {number, path}
        frontier_ = self.run.frontier
        declares = self.family.declared_id is not generic.declared_id
        entry = frontier_.entry(self.portal.id, identity.key)
        if entry is None and declares and not identity.native:
            entry = frontier_.by_address(self.portal.id, link.url)
        if entry is not None:
            if entry.state == "gone":
                self.recheck(entry)
            return False
        if identity.native or not declares:
            self._write_entry(identity, link)
            if not link.published:
                self._undated.add(number)
        self._articles.add(number)
        listed = link.published if _day(link.published, whole=True) else None
        address = link.fetch or link.url
        self.put(ARTICLE, ArticleJob(number, identity.key, identity.canonical, address, listed=listed))
        return True

    def _write_entry(self, identity: Identity, link: Link) -> None:
        portal, key, canonical = self.portal.id, identity.key, identity.canonical
        self.run.store.write(
            lambda db: frontier.enter(
                db, portal, key, canonical, title=link.title, published=link.published, fetch=link.fetch
            )
        )

    def _is_old(self, newest: str | None) -> bool:
        if newest is None or self.last_success is None:
            return True
        return newest < (self.last_success - MARGIN).date().isoformat()

    def note_listing(self, ask: Ask, etag: str | None, last_modified: str | None, *, barren: bool) -> None:
        """Keep a listing's validators, and whether a menu's link was worth following."""
        name = self.portal.id
        barren = barren and ask.found
        if etag or last_modified or barren:
            self.run.store.write(
                lambda db: frontier.note_listing(
                    db, name, ask.url, etag=etag, last_modified=last_modified, barren=barren
                )
            )

    def swept_months(self) -> list[str]:
        """Return the months a complete run has read: all since the first article's, or since the last run."""
        now = clock.now().strftime("%Y-%m")
        first = now
        if self.full:
            first = min((month for month in self.months if "1990" <= month <= now), default=now)
        elif self.last_success is not None:
            first = self.last_success.strftime("%Y-%m")
        return [month for month in _months(int(first[:4])) if first <= month <= now]

    def has_work(self) -> bool:
        """Tell whether anything is queued."""
        return bool(self._queue)

    def progress(self) -> tuple[int, int]:
        """Return (requests answered, those and the ones known to come)."""
        done = self.tally["requests"]
        return done, done + len(self._queue) + self.under_way

    def in_a_row(self, cause: str, own_fault: bool) -> int:
        """Count one more failure of the host in a row."""
        self._failing = self._failing + 1 if own_fault else self._failing
        return self._failing

    def count(self, stored: Stored, capture: Capture, job: ArticleJob) -> None:
        """Count what became of an article's capture; a miss is judged when the portal's run is over."""
        self._failing = 0 if capture.status < 500 else self._failing + 1
        if stored.outcome in ("new", "changed", "unchanged"):
            self.tally[stored.outcome] += 1
            if stored.page is not None:
                self.count_nulls(stored.page.columns, stored.page.chars)
                month = str(stored.page.columns.get("date") or "")[:7]
                if month:
                    self.months.add(month)
        elif stored.outcome == "not-modified":
            self.tally["unchanged"] += 1
        elif capture.status >= 400 and capture.status not in (404, 410):
            self.tally["failed"] += 1
            self.causes["blocked" if capture.status in (401, 403, 406, 451) else "error"] += 1
        elif job.known:
            self.tally["missing"] += 1
            self.misses.append((job.id, _why(capture, stored)))
        else:
            self.tally["failed"] += capture.status >= 400 or stored.outcome in CUT
            self.tally["unfit"] += capture.status < 400

    def spend(self, limit: int | None) -> None:
        """Count an article fetched; at the limit the rest stays for the next run."""
        self.tally["articles"] += 1
        if limit is not None and self.tally["articles"] >= limit:
            self.stop("limited", f"--limit {limit} reached")

    def count_nulls(self, columns: dict[str, object], chars: int) -> None:
        """Count the fields that a stored page lacks."""
        self.nulls["pages"] += 1
        for name in ("title", "author", "published"):
            self.nulls[name] += not columns.get(name)
        self.nulls["body"] += not chars


def _months(year: int) -> Iterator[str]:
    return (f"{y:04}-{m:02}" for y in range(year, clock.now().year + 1) for m in range(1, 13))


def _why(capture: Capture, stored: Stored) -> str:
    if capture.status in (404, 410):
        return str(capture.status)
    if "soft-404" in stored.flags and capture.final_url:
        return "not-active" if "notactive" in capture.final_url.lower() else "redirect-home"
    return stored.outcome


def _day(shown: str | None, *, whole: bool = False) -> str | None:
    if not shown:
        return None
    moment = read_date(shown, "listing")
    return moment.value if moment and (whole or len(moment.value) >= 10) else None
