"""One crawl: which portals, what each still has to do, and what each came to. Free of Scrapy.

Every portal has its own queue and one request at a time under way, so memory does not grow with a portal's size, a
big portal never starves a small one, and stopping one is clearing its queue.
"""

from __future__ import annotations

import heapq
import itertools
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from archive import clock, frontier, room, vanish
from archive.capture import Capture
from archive.frontier import Entry, Frontier
from archive.ids import article_id
from archive.lock import Lock
from archive.store import Store, Stored
from cleaning.dates import read_date
from scrapers import families, media, tables
from scrapers.address import path_key
from scrapers.families import generic
from scrapers.identity import Identity, identify
from scrapers.listing import Ask, Link, Listing
from scrapers.registry import Portal, Registry

FIRST, ARTICLE, NEXT, RECHECK, MEDIA = range(5)
"""What goes before what in one portal's queue; articles come before the next page, so little has to be remembered."""

QUIET_PAGES = 2
"""So many pages in a row without a new address end an incremental walk …"""

MARGIN = timedelta(days=7)
"""… when their dates are older than the last complete run by so much."""

BARREN_PAGES = 5
"""So many pages in a row that show nothing at all not seen on earlier pages end any walk: an endless calendar."""

ANSWERED = ("new", "changed", "unchanged", "not-modified", "late", "seen")
CUT = ("truncated", "doubtful")
UNFIT_DAYS = 60
"""An address that showed no article, or that robots.txt forbids, is looked at again after so many days."""

GIVE_UP = 8
"""So many failures of the host in a row end a portal's run: it is down."""

ENDS = ("dns", "tls", "refused", "timeout", "robots", "challenge")
"""Failures of a first listing that speak for the whole host."""

OUTCOME_OF = {
    "robots": "robots",
    "blocked-target": "blocked-target",
    "too-big": "too-big",
    "challenge": "http-error",
    "no-article": "no-article",
}

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

    def read(self, ask: Ask, listing: Listing) -> None:
        """Take in what a listing held: enter what is new, and go on or stop."""
        walk = self._walks.setdefault(ask.listing or ask.url, Walk())
        walk.pages += 1
        keys, fresh, newest = [], 0, None
        for link in listing.articles:
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


class Run:
    """The whole crawl: archive, registry and the portals chosen; opened once, closed whatever happens."""

    def __init__(
        self,
        archive: Path,
        registry: Registry,
        chosen: Iterable[Portal],
        *,
        full: bool = False,
        limit: int | None = None,
        vantage: str | None = None,
        code_version: str = "",
    ) -> None:
        room.require(archive.parent, room.CRAWL, "a crawl")
        self.lock = Lock(archive)
        try:
            self.store = Store(archive)
        except BaseException:
            self.lock.close()
            raise
        self.registry = registry
        self.closed = False
        self.full = full
        self.limit = limit
        self.frontier = Frontier(self.store.db)
        self.media = archive.parent / "media"
        self.run_id = f"{clock.stamp()}-{id(self) & 0xFFFF:04x}"
        tables.enter(self.store.db, registry.values())
        self.mark_killed()
        self.portals = [self._begin(portal, vantage, code_version) for portal in _in_order(chosen)]
        self.store.flush()

    def _begin(self, portal: Portal, vantage: str | None, code_version: str) -> PortalRun:
        done = self.store.db.execute(
            "INSERT INTO crawls (run, portal, started_at, vantage, code_version, null_rates, stats)"
            " VALUES (?, ?, ?, ?, ?, '{}', '{}')",
            (self.run_id, portal.id, clock.stamp(), vantage, code_version),
        )
        assert done.lastrowid is not None
        portal_run = PortalRun(portal, self, done.lastrowid)
        self.store.db.execute("UPDATE crawls SET full = ? WHERE id = ?", (portal_run.full, portal_run.crawl_id))
        return portal_run

    def mark_killed(self) -> None:
        """We hold the lock, so whatever still says `running` belongs to a run that was killed."""
        self.store.db.execute(
            "UPDATE crawls SET cause = 'killed', finished_at = max(?, started_at) WHERE cause = 'running'",
            (clock.stamp(),),
        )

    def finish(self, portal_run: PortalRun) -> None:
        """Write what a portal's part came to: its misses, unless the host was ill, and its row."""
        if portal_run.finished:
            return
        portal_run.finished = True
        tally = portal_run.tally
        ill = vanish.is_outage(tally["requests"], tally["host_failures"], listing_ok=portal_run.listing_ok > 0)
        cause, message = verdict(portal_run)
        months = portal_run.swept_months() if cause == "ok" and not portal_run.cut else []
        nulls = portal_run.nulls
        rates = (
            {name: round(nulls[name] / nulls["pages"], 3) for name in ("title", "author", "published", "body")}
            if nulls["pages"]
            else {}
        )

        def change(connection: sqlite3.Connection) -> None:
            for article, why in portal_run.misses:
                if ill:
                    frontier.postpone(connection, article, 1)
                else:
                    frontier.miss(connection, article, why)
            frontier.note_sweep(connection, portal_run.portal.id, months)
            connection.execute(
                "UPDATE crawls SET finished_at = max(?, started_at), cause = ?, message = ?, full = ?, requests = ?,"
                " listed = ?, new = ?, changed = ?, unchanged = ?, failed = ?, null_rates = ?, stats = ? WHERE id = ?",
                (
                    clock.stamp(), cause, message, portal_run.full and not portal_run.cut, tally["requests"],
                    tally["listed"], tally["new"], tally["changed"], tally["unchanged"], tally["failed"],
                    json.dumps(rates),
                    json.dumps({**tally, "causes": dict(portal_run.causes), "frozen": ill}), portal_run.crawl_id,
                ),
            )  # fmt: skip

        self.store.write(change)
        portal_run.message, portal_run.stopped = message, cause

    def startable(self) -> list[PortalRun]:
        """Return the portals that may begin now: on one platform the retiring ones go before the others."""
        busy = {run.portal.slot for run in self.portals if run.retiring and not run.finished}
        ready = [run for run in self.portals if not run.begun and (run.retiring or run.portal.slot not in busy)]
        for run in ready:
            run.begun = True
        return ready

    def keep(self, capture: Capture, job: ArticleJob, portal_run: PortalRun) -> None:
        """Store an article's capture, and tell the frontier in the same transaction."""
        headers = {name.lower(): value for name, value in capture.headers}

        def also(db: sqlite3.Connection, stored: Stored) -> None:
            if stored.outcome in ANSWERED:
                frontier.rename(db, stored.article_id, capture.canonical)
                frontier.looked(
                    db, stored.article_id, changed=stored.outcome in ("new", "changed"),
                    etag=headers.get("etag", job.etag if capture.status == 304 else None),
                    last_modified=headers.get("last-modified", job.last_modified if capture.status == 304 else None),
                )  # fmt: skip
                if stored.article_id != job.id:
                    frontier.move(db, job.id, stored.article_id)
            elif not job.known or capture.status not in (200, 404, 410):
                frontier.postpone(db, job.id, 1 if capture.status >= 400 or stored.outcome in CUT else UNFIT_DAYS)

        stored = self.store.add(capture, also, portal_run.crawl_id)
        portal_run.count(stored, capture, job)
        portal_run.spend(self.limit)

    def note_failure(self, portal_run: PortalRun, job: Job, url: str, cause: str, message: str) -> None:
        """Log a request that brought no page, and look at the article another day."""
        portal_run.tally[{"robots": "forbidden", "no-article": "unfit"}.get(cause, "failed")] += 1
        own_fault = cause not in ("robots", "too-big", "blocked-target", "no-article")
        portal_run.tally["host_failures"] += own_fault
        if own_fault or isinstance(job, ListingJob):
            portal_run.message = portal_run.message or message
        if isinstance(job, MediaJob):
            media.note_failure(portal_run, job, cause)
        if isinstance(job, ListingJob):
            portal_run.failed_listing(job.ask, cause)
        article = job.id if isinstance(job, ArticleJob) else None

        def change(db: sqlite3.Connection) -> None:
            frontier.note_failure(
                db,
                portal_run.portal.id,
                article,
                portal_run.crawl_id,
                url,
                OUTCOME_OF.get(cause, "net-error"),
                [cause, message[:300]],
            )
            if isinstance(job, ArticleJob):
                frontier.postpone(db, job.id, 1 if own_fault else UNFIT_DAYS)

        if not isinstance(job, MediaJob):
            self.store.write(change)
        if cause in ENDS and (isinstance(job, ListingJob) or cause == "robots") and not portal_run.listing_ok:
            if not portal_run.has_work():
                return
            if cause == "robots" and "forbids" in message:
                return
            portal_run.stop(cause, message)
        elif cause in ("blocked", "busy") or portal_run.in_a_row(cause, own_fault) >= GIVE_UP:
            portal_run.stop(cause, message)

    def line(self, portal_run: PortalRun) -> str:
        """Return the one line a log gets per portal."""
        tally = portal_run.tally
        parts = [f"portal={portal_run.portal.id}", f"cause={portal_run.stopped}"]
        parts += [
            f"{name}={tally[name]}"
            for name in ("requests", "listed", "new", "changed", "unchanged", "missing", "failed")
        ]
        parts.append(f"bytes={tally['bytes']}")
        if portal_run.message:
            parts.append(f"message={json.dumps(portal_run.message[:200], ensure_ascii=False)}")
        return " ".join(parts)

    def close(self) -> None:
        """Finish what is unfinished, store everything, let go of archive and lock; a second call does nothing."""
        if self.closed:
            return
        self.closed = True
        try:
            for portal_run in self.portals:
                if not portal_run.finished:
                    portal_run.stop("stopped", "the run was stopped; the rest stays in the frontier")
                    self.finish(portal_run)
            self.store.flush()
        finally:
            self.store.db.close()
            self.lock.close()


_RUN_CAUSE = {"too-big": "error", "blocked-target": "error", "busy": "error"}
"""What names a request only: a run that ends so is an error, its message says which."""


def verdict(run: PortalRun) -> tuple[str, str | None]:
    """Return (cause class, message) of a portal's part of a run."""
    if run.stopped is not None and run.stopped != "limited":
        return _RUN_CAUSE.get(run.stopped, run.stopped), run.message
    if not run.listing_ok:
        cause = run.causes.most_common(1)[0][0] if run.causes else "empty"
        return _RUN_CAUSE.get(cause, cause), run.message or f"no listing could be read ({cause})"
    if not run.tally["listed"]:
        had = run.last_success is not None
        return ("layout-changed" if had else "empty"), "the listings answer, but show no article"
    if run.nulls["pages"] >= 5 and max(run.nulls["title"], run.nulls["body"]) > run.nulls["pages"] // 2:
        return "layout-changed", f"{run.nulls['title']} of {run.nulls['pages']} pages without a title"
    if run.stopped == "limited":
        return "partial", run.message
    if run.causes:
        cause, times = run.causes.most_common(1)[0]
        return "partial", f"{times} listing page(s) failed: {cause}"
    return "ok", None


def _months(year: int) -> Iterator[str]:
    return (f"{y:04}-{m:02}" for y in range(year, clock.now().year + 1) for m in range(1, 13))


def _why(capture: Capture, stored: Stored) -> str:
    if capture.status in (404, 410):
        return str(capture.status)
    if "soft-404" in stored.flags and capture.final_url:
        return "not-active" if "notactive" in capture.final_url.lower() else "redirect-home"
    return stored.outcome


def _in_order(portals_: Iterable[Portal]) -> list[Portal]:
    today = clock.now().date()
    return sorted(portals_, key=lambda portal: not portal.retiring(today))


def _day(shown: str | None, *, whole: bool = False) -> str | None:
    if not shown:
        return None
    moment = read_date(shown, "listing")
    return moment.value if moment and (whole or len(moment.value) >= 10) else None
