"""One request at a time per platform: hosts that share a server wait for each other, robots.txt's own request included.

The pause counts from the end of the last reply, so a slow server gets as much rest as a quick one.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy import Request, signals
from scrapy.robotstxt import RobotParser

from scrapers.portal import place

if TYPE_CHECKING:
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler

CRAWL_DELAY_CAP = 120.0
"""Seconds; a robots.txt that asks for more means "stay away", and a night would not suffice for ten pages."""


class SlotMiddleware:
    """Names the download slot of every request, and keeps the slot's pause."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.user_agent: str = crawler.settings["USER_AGENT"]
        self._slots: dict[str, str] = {}
        self._delays: dict[str, float] = {}
        self._default = crawler.settings.getfloat("DOWNLOAD_DELAY")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one from the settings."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.opened, signals.spider_opened)
        crawler.signals.connect(middleware.robots_parsed, signals.robots_parsed)
        crawler.signals.connect(middleware.answered, signals.response_downloaded)
        return middleware

    def opened(self) -> None:
        """Learn which hosts share a slot, and the pauses rows ask for; a shared slot takes its longest."""
        run = getattr(self.crawler.spider, "run", None)
        for portal in run.registry.values() if run is not None else ():
            for host, _ in portal.places:
                self._slots.setdefault(host, portal.slot)
            if portal.delay is not None and portal.delay > self._delay_of(portal.slot):
                self._delays[portal.slot] = portal.delay

    def process_request(self, request: Request) -> None:
        """Set the slot by the host asked for, also on a request that a redirect made of another host's."""
        host = place(request.url)[0]
        name = self._slots.get(host, host)
        request.meta["download_slot"] = name
        downloader = self.crawler.engine.downloader
        downloader.per_slot_settings[name] = {"concurrency": 1, "delay": self._delay_of(name), "jitter": 0.0}

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Take Crawl-delay over where it is longer than our own pause."""
        wanted = robotparser.crawl_delay(self.user_agent)
        host = place(request.url)[0]
        name = self._slots.get(host, host)
        if wanted is not None and float(wanted) > self._delay_of(name):
            self._delays[name] = min(float(wanted), CRAWL_DELAY_CAP)
            slot = self._slot(name)
            if slot is not None:
                slot.delay = self._delays[name]

    def answered(self, request: Request) -> None:
        """Let the pause begin now."""
        slot = self._slot(request.meta.get("download_slot", ""))
        if slot is not None:
            slot.lastseen = max(slot.lastseen, monotonic())

    def pause(self, request: Request, seconds: float) -> None:
        """Keep the request's slot silent for so long."""
        slot = self._slot(request.meta.get("download_slot", ""))
        if slot is not None:
            slot.lastseen = max(slot.lastseen, monotonic() + seconds - slot.delay)

    def _delay_of(self, name: str) -> float:
        return self._delays.get(name, self._default)

    def _slot(self, name: str) -> Slot | None:
        engine = self.crawler.engine
        slots: dict[str, Slot] = engine.downloader.slots if engine is not None else {}
        return slots.get(name)
