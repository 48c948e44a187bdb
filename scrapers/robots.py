"""robots.txt as RFC 9309 has it: a file that cannot be had for the server's own reasons means "do not crawl now"."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class RobotsForbidden(IgnoreRequest):
    """robots.txt forbids this address."""


class RobotsUnavailable(IgnoreRequest):
    """robots.txt is unreachable, or the server answers it with 5xx or 429: nothing of this host is asked for now."""


class StrictRobotsTxtMiddleware(RobotsTxtMiddleware):
    """Scrapy's middleware, which crawls on when robots.txt is unreachable and reads rules out of a 5xx page."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        if crawler.settings["LOG_LEVEL"] != "DEBUG":  # the run's own line says it; Scrapy's is a traceback a host
            logging.getLogger(RobotsTxtMiddleware.__module__).setLevel(logging.CRITICAL)
        self._unavailable: dict[str, tuple[str, Exception | None]] = {}

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raise when robots.txt forbids the address, or could not be had."""
        netloc = request.url.split("/", 3)[2]
        if netloc in self._unavailable:
            message, reason = self._unavailable[netloc]
            raise RobotsUnavailable(message) from reason
        if rp is None:
            return
        agent = self._robotstxt_useragent or self._default_useragent
        if not rp.allowed(request.url, agent):
            self._stats.inc_value("robotstxt/forbidden")
            raise RobotsForbidden(f"robots.txt forbids {request.url}")

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or response.status == 429:
            self._unavailable[netloc] = f"robots.txt of {netloc} answers {response.status}", None
        if response.status >= 400:
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._unavailable[netloc] = f"robots.txt of {netloc} is unreachable: {type(exc).__name__}: {exc}", exc
        super()._robots_error(exc, netloc)
