"""What keeps a run in order: batches reach the disk, a stop is quick, the night ends, bars move on a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from datetime import time
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from scrapy import signals
from scrapy.exceptions import IgnoreRequest
from scrapy.utils.asyncio import create_looping_call

from archive import clock
from cleaning.command import Problem

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

    from scrapers.progress import Bars

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
SECONDS = 1.0


class Stopped(IgnoreRequest):
    """The request was given back because the run ends; nobody asked the server."""


class Operation:
    """Extension of every run of the spider `portals`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.window = window_of(crawler.settings.get("NIGHT_WINDOW") or "")
        self.bars: Bars | None = None
        self._loop: Any = None
        self._stopping: asyncio.Future[None] | None = None
        self.problem: Problem | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one from the settings."""
        extension = cls(crawler)
        crawler.signals.connect(extension.opened, signals.spider_opened)
        crawler.signals.connect(extension.closed, signals.spider_closed)
        return extension

    def opened(self, spider: Spider) -> None:
        """Start the timer, and the bars where somebody watches."""
        if not hasattr(spider, "run"):
            return
        if self.crawler.settings.getbool("PROGRESS", sys.stderr.isatty()):
            from scrapers.progress import Bars  # rich takes long to load, and cron sees no bars

            self.bars = Bars(spider.run)
        self._loop = create_looping_call(self.tick)
        self._loop.start(SECONDS, now=True)

    def tick(self) -> None:
        """Flush what has waited; close at the window's end or on a full disk; hurry a stop that was asked for."""
        spider: Any = self.crawler.spider
        engine = self.crawler.engine
        if spider is None or engine is None:
            return
        if not in_window(self.window):
            self.stop("the night window is over")
        try:
            spider.run.store.flush_if_due()
        except Problem as problem:
            self.give_up(problem)
        if self.bars is not None:
            self.bars.draw()
        if engine.spider is not None and engine._slot is not None and engine._slot.closing:
            self.drain()

    def give_up(self, problem: Problem) -> None:
        """End the run for a reason that its exit code shall tell."""
        if self.problem is None:
            self.problem = problem
            self.stop(str(problem))

    def stop(self, why: str) -> None:
        """End the run in good order."""
        spider: Any = self.crawler.spider
        for portal_run in spider.run.portals:
            portal_run.stop("stopped", why)
        self._stopping = asyncio.ensure_future(self.crawler.stop_async())

    def drain(self) -> None:
        """Give back the requests that still wait for their slot's pause: a stop does not wait for them."""
        spider: Any = self.crawler.spider
        engine = self.crawler.engine
        assert engine is not None
        for portal_run in spider.run.portals:
            portal_run.stop("stopped", "the run was stopped; the rest stays in the frontier")
        for slot in engine.downloader.slots.values():
            while slot.queue:
                _, waiting = slot.queue.popleft()
                waiting.errback(Stopped("the run was stopped"))

    def closed(self, spider: Spider) -> None:
        """Store everything and let go of the archive."""
        if self._loop is not None and self._loop.running:
            self._loop.stop()
        if self.bars is not None:
            self.bars.close()
        if hasattr(spider, "run"):
            with contextlib.suppress(Problem) if self.problem else contextlib.nullcontext():
                spider.run.close()


def window_of(text: str) -> tuple[time, time] | None:
    """Read `22:00-05:00`; None for an empty text."""
    if not text.strip():
        return None
    try:
        begins, ends = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError as error:
        raise Problem(f"NIGHT_WINDOW: expected 22:00-05:00 (Vietnam time); found {text!r}") from error
    return begins, ends


def in_window(window: tuple[time, time] | None) -> bool:
    """Tell whether it is night in Vietnam; always, without a window."""
    if window is None:
        return True
    now = clock.now().astimezone(VIETNAM).time()
    begins, ends = window
    return begins <= now < ends if begins <= ends else now >= begins or now < ends
