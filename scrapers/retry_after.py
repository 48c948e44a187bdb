"""What a busy server asks for: Retry-After is kept, 429 and 503 silence the platform, three in a row end its run."""

from __future__ import annotations

import contextlib
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Self

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from archive import clock
from scrapers.slots import SlotMiddleware

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

BUSY = (429, 503)
ROUNDS = 3


class Busy(IgnoreRequest):
    """The server said three times that it is busy, or asked for more patience than a run has."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class RetryAfterMiddleware:
    """Pauses the slot for what Retry-After says (else 60 s, doubled each time) and asks the same again."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.pause = crawler.settings.getfloat("BUSY_PAUSE")
        self.longest = crawler.settings.getfloat("BUSY_LONGEST")
        self._rounds: dict[str, int] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one from the settings."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the reply, or the request again for after the pause."""
        slot = request.meta.get("download_slot", "")
        if response.status not in BUSY:
            self._rounds.pop(slot, None)
            return response
        rounds = self._rounds[slot] = self._rounds.get(slot, 0) + 1
        asked = seconds_of(response.headers.get("Retry-After"))
        wait = self.pause * 2 ** (rounds - 1) if asked is None else asked
        if rounds >= ROUNDS or wait > self.longest:
            self._slots().pause(request, min(wait, self.longest))
            raise Busy(response.status, f"{response.status} {rounds} times, Retry-After {asked} s: {request.url}")
        self._slots().pause(request, wait)
        again: Request = request.replace(dont_filter=True)
        return again

    def _slots(self) -> SlotMiddleware:
        found = self.crawler.get_downloader_middleware(SlotMiddleware)
        assert isinstance(found, SlotMiddleware)
        return found


def seconds_of(header: bytes | None) -> float | None:
    """Return the seconds a Retry-After header asks for (a number or an HTTP date), or None where it says nothing."""
    if not header:
        return None
    text = header.decode("latin-1").strip()
    if text.isdigit():
        return float(min(int(text), 10**9))
    with contextlib.suppress(ValueError, TypeError):
        moment = parsedate_to_datetime(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - clock.now()).total_seconds())
    return None
