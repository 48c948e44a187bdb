"""A short visit: a handful of requests one after the other, under the manners of a crawl, for `probe` and `backfill`.

The errand is a coroutine that asks for one address at a time; guard, robots.txt, pauses, Retry-After, size caps and
certificates are those of the crawl, because it is the same Scrapy with the same settings.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.utils.project import get_project_settings

from cleaning.command import CANNOT_FINISH, Problem
from scrapers import causes
from scrapers.guard import Exceptions, refuse
from scrapers.listing import Ask
from scrapers.portal import Portal, place
from scrapers.tls import exceptions_of


@dataclass(frozen=True)
class Answer:
    """What came back: the final address, or why nothing did (`cause` is a cause class of the crawl)."""

    asked: str
    url: str
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    cause: str | None = None
    message: str = ""
    flags: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Tell whether it is a page: status 200 and not empty."""
        return self.status == 200 and bool(self.body)


Asking = Callable[[str | Ask], Awaitable[Answer]]
Errand = Callable[[Asking], Awaitable[None]]


class VisitSpider(scrapy.Spider):
    """Carries one errand out."""

    name = "visit"

    def __init__(self, errand: Errand, rows: Iterable[Portal] = (), **arguments: Any) -> None:
        super().__init__(**arguments)
        self.errand = errand
        self.tls_exceptions = exceptions_of(rows)
        self.problem: BaseException | None = None

    async def start(self) -> AsyncIterator[Any]:
        """Run the errand; what it raises is kept for the caller."""
        try:
            await self.errand(self.ask)
        except BaseException as problem:
            self.problem = problem
        return
        yield

    async def ask(self, wanted: str | Ask) -> Answer:
        """Ask for one address and wait for the reply, whatever it is."""
        asked = wanted if isinstance(wanted, Ask) else Ask(wanted)
        url = asked.url
        request = scrapy.Request(
            url, method=asked.method, body=asked.body, headers=dict(asked.headers), dont_filter=True,
            meta={"dont_obey_robotstxt": urlsplit(url).path == "/robots.txt"},
        )  # fmt: skip
        assert self.crawler.engine is not None
        try:
            response: Response = await self.crawler.engine.download_async(request)
        except Exception as error:
            return Answer(url, url, cause=causes.of_exception(error), message=" ".join(str(error).split())[:300])
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        )
        cause = causes.of_status(response.status, response.body)
        return Answer(
            url, response.url, response.status, headers, response.body, cause,
            f"answers {response.status}" if cause else "", tuple(response.flags),
        )  # fmt: skip


def run(
    errand: Errand,
    *,
    delay: float | None,
    allow_private: tuple[str, ...],
    verbose: bool,
    rows: Iterable[Portal] = (),
) -> None:
    """Carry out an errand in this process (a Scrapy reactor runs once); raises what the errand raised.

    `rows` are the portals visited whose exceptions from certificates hold.
    """
    os.environ.setdefault("SCRAPY_SETTINGS_MODULE", "scrapers.settings")
    settings = get_project_settings()
    values: dict[str, Any] = {
        "ALLOW_PRIVATE": list(allow_private),
        "EXTENSIONS": {},
        "ITEM_PIPELINES": {},
        "LOG_LEVEL": "DEBUG" if verbose else "ERROR",
    }
    if delay is not None:
        values["DOWNLOAD_DELAY"] = delay
    contact = os.environ.get("TINTINH_CONTACT")
    if contact:
        values["USER_AGENT"] = f"tintinh/0.1 (archive of provincial news; contact: {contact})"
    for name, value in values.items():
        settings.set(name, value, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(VisitSpider)
    task = process.crawl(crawler, errand=errand, rows=rows)
    process.start()
    if task.done() and not task.cancelled() and (error := task.exception()) is not None:
        raise error
    spider = crawler.spider
    if not isinstance(spider, VisitSpider):
        raise Problem("the visit did not begin; -v shows why", CANNOT_FINISH)
    if spider.problem is not None:
        raise spider.problem


def check(url: str, delay: float | None, allow_private: tuple[str, ...]) -> None:
    """Refuse an address no crawl may reach, and a short pause for somebody's server, before anything is asked."""
    why = refuse(url, Exceptions(allow_private))
    if why:
        raise Problem(f"{url}: {why}")
    from scrapers import settings

    if delay is not None and delay < settings.DOWNLOAD_DELAY and not allow_private:
        raise Problem(
            f"--delay {delay:g}: {place(url)[0]} is a public host; {settings.DOWNLOAD_DELAY:g} s is the least there"
        )
