"""The one spider: listings to articles, many portals in one process.

`scrapy crawl portals -a portal=long_an_hcc,ninh_thuan -a full=1`; `tintinh crawl` is the same with a nicer face.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin, urlsplit

import scrapy
from scrapy.http import Response
from twisted.python.failure import Failure

from archive import clock
from archive.capture import Capture
from cleaning.command import Problem
from cleaning.decoding import decode
from scrapers import causes, families, media
from scrapers.families import generic
from scrapers.identity import Identity, identify, is_no_article, shortlink_of
from scrapers.listing import MAX_HTML, Page
from scrapers.operation import Operation, in_window, window_of
from scrapers.portal import Portal
from scrapers.portal_run import ArticleJob, Job, ListingJob, MediaJob, PortalRun
from scrapers.redirect import is_dead_end
from scrapers.registry import load_portals
from scrapers.run import Run
from scrapers.tls import exceptions_of, is_verified

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

REFRESH = re.compile(
    rb"""<meta\b(?=[^>]*http-equiv\s*=\s*["']?refresh)[^>]*?content\s*=\s*["']\s*(\d+)[^"'>]*?url\s*=\s*['"]?([^"'>\s]+)""",
    re.I,
)
REFRESH_SECONDS = 10
"""A meta-refresh after more seconds is a page that reloads itself, no redirect."""

HOPS = 4


class PortalsSpider(scrapy.Spider):
    """Crawls the chosen portals (default: every row with `crawl = true`)."""

    name = "portals"

    def __init__(self, portal: str = "", province: str = "", full: str = "", limit: str = "", **arguments: str) -> None:
        super().__init__(**arguments)
        self.wanted = [name for name in re.split(r"[,\s]+", portal) if name]
        self.province = province
        self.full = full.lower() in ("1", "true", "yes")
        self.limit = int(limit) if limit else None
        self.run: Run
        self.tls_exceptions: dict[tuple[str, int], Portal] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: str, **kwargs: str) -> Self:
        """Open lock, archive and registry; a Problem here ends the process before anything is asked for."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        try:
            spider.run = spider.open(crawler.settings)
            spider.tls_exceptions = exceptions_of(spider.run.in_force())
        except Problem as problem:
            if not crawler.settings.getbool("RAISE_PROBLEMS"):
                sys.stderr.write(f"scrapy crawl portals: {problem}\n")
                asyncio.get_running_loop().call_soon(sys.exit, problem.exit_code)
            raise
        return spider

    def open(self, settings: BaseSettings) -> Run:
        """Open the run that arguments and settings describe."""
        window = settings.get("NIGHT_WINDOW") or ""
        if not in_window(window_of(window)):
            raise Problem(f"outside the night window {window} (Vietnam time): nothing is asked for now")
        registry = load_portals(Path(settings["REGISTRY"]) if settings.get("REGISTRY") else None)
        archive = Path(settings.get("ARCHIVE") or os.environ.get("TINTINH_ARCHIVE") or "data/archive.db")
        if self.wanted:
            chosen = [registry.get_known(name) for name in self.wanted]
        else:
            chosen = registry.to_crawl(clock.now().date())
        if self.province:
            chosen = [row for row in chosen if row.province.casefold() == self.province.casefold()]
        chosen = [row for row in chosen if row.base_url]
        if not chosen:
            raise Problem(f"no portal to crawl in {registry.directory}; `tintinh portals list` shows the rows")
        return Run(
            archive,
            registry,
            chosen,
            full=self.full,
            limit=self.limit,
            vantage=settings.get("VANTAGE") or None,
            code_version=_version(),
        )

    async def start(self) -> AsyncIterator[Any]:
        """Begin every portal with its first request; a platform's retiring portals go before its others."""
        for portal_run in self.run.startable():
            portal_run.begin()
            for request in self.advance(portal_run):
                yield request

    def advance(self, portal_run: PortalRun) -> Iterator[scrapy.Request]:
        """Send the portal's next request, or finish it and let those begin that waited for it."""
        if portal_run.under_way or portal_run.finished:
            return
        job = portal_run.take()
        if job is not None:
            portal_run.under_way += 1
            yield self.request_for(job, portal_run)
            return
        self.run.finish(portal_run)
        self.logger.info(self.run.line(portal_run))
        for waiting in self.run.startable():
            waiting.begin()
            yield from self.advance(waiting)

    def request_for(self, job: Job, portal_run: PortalRun, url: str | None = None, hops: int = 0) -> scrapy.Request:
        """Make the request of a job; the address is sent as given."""
        meta: dict[str, Any] = {"job": job, "portal_run": portal_run, "hops": hops}
        if isinstance(job, ListingJob):
            ask = job.ask
            if ask.method == "GET" and not portal_run.full:
                meta["validators"] = (ask.url, *self.run.frontier.listing(portal_run.portal.id, ask.url))
            request = self._request(url or ask.url, meta)
            return (
                request.replace(method=ask.method, body=ask.body, headers=dict(ask.headers)) if ask.headers else request
            )
        if isinstance(job, MediaJob):
            meta["download_maxsize"] = media.LARGEST
        if isinstance(job, ArticleJob):
            meta["validators"] = (job.url, job.etag, job.last_modified)
        return self._request(url or job.url, meta)

    def _request(self, url: str, meta: dict[str, Any]) -> scrapy.Request:
        return scrapy.Request(url, callback=self.replied, errback=self.failed, dont_filter=True, meta=meta)

    async def replied(self, response: Response) -> AsyncIterator[Any]:
        """Take one reply in, whatever it is, and send the portal's next request."""
        assert response.request is not None
        portal_run: PortalRun = response.meta["portal_run"]
        job: Job = response.meta["job"]
        portal_run.tally["requests"] += 1
        portal_run.tally["bytes"] += len(response.body)
        refreshed = self._refresh(response, job, portal_run)
        if refreshed is not None:
            yield refreshed
            return
        try:
            if response.status >= 500:
                portal_run.tally["host_failures"] += 1
            if isinstance(job, ListingJob):
                for _ in self.listing(response, job, portal_run):
                    await asyncio.sleep(0)
            elif isinstance(job, ArticleJob):
                for item in self.article(response, job, portal_run):
                    yield item
            else:
                kind = _header(response, "Content-Type")
                media.keep(portal_run, job, response.status, response.body, kind)
        except Problem as problem:
            self.give_up(problem)
            return
        except Exception as bug:
            self.logger.exception("a page could not be taken in: %s", response.url)
            self.run.note_failure(portal_run, job, response.url, "error", f"{type(bug).__name__}: {bug}")
        finally:
            portal_run.under_way -= 1
        for request in self.advance(portal_run):
            yield request

    def give_up(self, problem: Problem) -> None:
        """End the run: the archive cannot be written. What was acknowledged is stored."""
        operation = self.crawler.get_extension(Operation)
        assert operation is not None
        operation.give_up(problem)

    def failed(self, failure: Failure) -> Iterator[Any]:
        """Note a request that got no reply, and send the portal's next one."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy on every failure
        portal_run: PortalRun = request.meta["portal_run"]
        job: Job = request.meta["job"]
        assert failure.value is not None
        if causes.was_stopped(failure.value):
            return
        cause = causes.of_exception(failure.value)
        portal_run.tally["requests"] += cause != "robots"
        self.run.note_failure(portal_run, job, request.url, cause, str(failure.value))
        portal_run.under_way -= 1
        yield from self.advance(portal_run)

    def _refresh(self, response: Response, job: Job, portal_run: PortalRun) -> scrapy.Request | None:
        if response.status != 200 or b"refresh" not in response.body[:4096].lower():
            return None
        match = REFRESH.search(response.body[:4096])
        hops = response.meta["hops"]
        if match is None or int(match.group(1)) > REFRESH_SECONDS or hops >= HOPS:
            return None
        try:
            target = urljoin(response.url, match.group(2).decode("utf-8", "replace"))
            return None if target == response.url else self.request_for(job, portal_run, target, hops + 1)
        except ValueError:  # no address at all: the page is what it is
            return None

    def listing(self, response: Response, job: ListingJob, portal_run: PortalRun) -> Iterator[None]:
        """Read a listing, feed, sitemap or service reply; yields where others may work in between."""
        ask, portal = job.ask, portal_run.portal
        if response.status == 304:
            portal_run.listing_ok += 1
            portal_run.tally["listed"] += 1
            return
        cause = causes.of_status(response.status, response.body)
        strayed = response.url != ask.url and ask.kind == "listing" and ask.found and is_dead_end(response.url, portal)
        if cause is None and ask.kind in ("home", "listing") and (strayed or not portal.covers(response.url)):
            cause = "redirected"
            if not strayed:
                portal_run.message = f"{ask.url} leads to {response.url}"
        if cause is not None:
            portal_run.failed_listing(ask, cause)
            portal_run.message = portal_run.message or f"{ask.url} answers {response.status}"
            return
        body = response.body
        if body[:2] == b"\x1f\x8b":
            body = _unzipped(body)
        text = decode(body[:MAX_HTML], _header(response, "Content-Type")).text
        headers = {"x-wp-totalpages": _header(response, "X-WP-TotalPages") or ""}
        found = portal_run.family.read(Page(ask, response.url, text, headers=headers), portal)
        if ask.otherwise and not found.articles and not found.more and not found.next:
            portal_run.failed_listing(ask, "empty")
            return
        if ask.method == "GET":
            portal_run.note_listing(
                ask, _header(response, "ETag"), _header(response, "Last-Modified"), barren=not found.articles
            )
        yield from portal_run.read(ask, found)

    def article(self, response: Response, job: ArticleJob, portal_run: PortalRun) -> Iterator[dict[str, Any]]:
        """Make a capture of an article's reply, under the identity that the page gives it."""
        portal = portal_run.portal
        if causes.is_challenge(response.status, response.body):
            self.run.note_failure(
                portal_run, job, response.url, "challenge", f"answers {response.status} with a challenge"
            )
            return
        if response.status == 200 and is_no_article(response.body, portal):
            self.run.note_failure(portal_run, job, response.url, "no-article", "the page says that it is no article")
            return
        flags = [_FLAGS[flag] for flag in response.flags if flag in _FLAGS]
        owner, identity = self._identity(response, job, portal)
        asked = response.url in (job.url, job.canonical)
        if response.status < 400 and (owner is None or (not asked and is_dead_end(response.url, owner))):
            flags.append("soft-404")
        if identity is not None and owner is not None and response.status == 200 and "soft-404" not in flags:
            key, canonical = identity.key, identity.canonical
        else:
            owner, key, canonical = portal, job.key, job.canonical
        aliases = [job.canonical, job.url]
        if response.status == 200 and (short := shortlink_of(response.body)) is not None:
            aliases.append(urljoin(response.url, short))
        capture = Capture(
            portal=owner.id,
            key=key,
            url=job.url,
            status=response.status,
            headers=tuple(
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, values in response.headers.items()
                for value in values
            ),
            body=response.body,
            fetched_at=clock.now(),
            source="crawl",
            canonical=canonical,
            final_url=response.url if response.url != job.url else None,
            aliases=tuple(dict.fromkeys(alias for alias in aliases if alias != canonical)),
            tls_verified=is_verified(response.url, self.tls_exceptions),
            ip=str(response.ip_address) if response.ip_address else None,
            listed_published=job.listed,
            flags=tuple(flags),
        )
        self.run.keep(capture, job, portal_run)
        if self.settings.getdict("FEEDS"):
            yield {"portal": owner.id, "key": key, "url": job.url, "status": response.status, "canonical": canonical}

    def _identity(self, response: Response, job: ArticleJob, portal: Portal) -> tuple[Portal | None, Identity | None]:
        """Return whose article the reply is, and which: a redirect may lead into another portal's, or to a new host."""
        url = response.url
        if url == job.url and job.url != job.canonical:
            url = job.canonical
        page = response.body if response.status == 200 else None
        owner = portal if portal.covers(url) else self.run.registry.find(url, clock.now().date())
        if owner is not None:
            return owner, self._settled(identify(url, owner, page=page), owner, job, response)
        parts = urlsplit(url)
        at_home = url.replace(f"{parts.scheme}://{parts.netloc}", portal.base_url.removesuffix(portal.prefix), 1)
        only_moved = identify(at_home, portal)
        if only_moved is not None and only_moved.key == job.key:
            return portal, replace(only_moved, canonical=url)
        return None, None

    def _settled(
        self, identity: Identity | None, owner: Portal, job: ArticleJob, response: Response
    ) -> Identity | None:
        """Keep the native id that an article had when its page stops declaring it."""
        if identity is None or identity.native or families.load(owner.family).declared_id is generic.declared_id:
            return identity
        entry = self.run.frontier.by_address(owner.id, identity.canonical, response.url, job.url)
        return identity if entry is None else replace(identity, key=entry.key)


_FLAGS = {"truncated": "truncated", "dataloss": "short-body"}


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def _unzipped(body: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(body, MAX_HTML)
    except zlib.error:
        return b""


def _version() -> str:
    try:
        return version("tintinh")
    except PackageNotFoundError:
        return "source"
