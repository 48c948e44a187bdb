"""One crawl: archive, registry and the portals chosen; what each capture and failure comes to. Free of Scrapy."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from archive import clock, frontier, room, vanish
from archive.capture import Capture
from archive.frontier import Frontier
from archive.lock import Lock
from archive.store import Store, Stored
from scrapers import media, tables
from scrapers.portal import Portal
from scrapers.portal_run import CUT, ArticleJob, Job, ListingJob, MediaJob, PortalRun
from scrapers.registry import Registry

ANSWERED = ("new", "changed", "unchanged", "not-modified", "late", "seen")
ENDS = ("dns", "tls", "refused", "timeout", "robots", "challenge")
"""Failures of a first listing that speak for the whole host."""

OUTCOME_OF = {
    "robots": "robots",
    "blocked-target": "blocked-target",
    "too-big": "too-big",
    "challenge": "http-error",
    "no-article": "no-article",
}

GIVE_UP = 8
"""So many failures of the host in a row end a portal's run: it is down."""

UNFIT_DAYS = 60
"""An address that showed no article, or that robots.txt forbids, is looked at again after so many days."""


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

    def in_force(self) -> list[Portal]:
        """Return the rows that speak for their hosts today: those crawled now, and those that a crawl of all would."""
        rows = {portal.id: portal for portal in self.registry.to_crawl(clock.now().date())}
        return list((rows | {portal_run.portal.id: portal_run.portal for portal_run in self.portals}).values())

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
            if isinstance(job, ArticleJob) and not job.known:  # a listed one whose id only its page would tell
                frontier.enter(db, portal_run.portal.id, job.key, job.canonical, title=None, published=None)
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


def _in_order(portals_: Iterable[Portal]) -> list[Portal]:
    today = clock.now().date()
    return sorted(portals_, key=lambda portal: not portal.retiring(today))
