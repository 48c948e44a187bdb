"""When an article is gone: by repetition and time, never by one bad day and never while the host is ill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

MISSES = 3
"""So many misses in a row …"""

OVER = timedelta(days=7)
"""… over at least so much time make an article gone."""

OUTAGE_SHARE = 0.2
"""A run in which more than this share of the requests failed for the host's own reasons judges nobody."""

OUTAGE_LEAST = 3
"""Fewer failures than this are no outage of a host whose listing answered."""

Miss = Literal["404", "410", "redirect-home", "redirect-elsewhere", "not-active", "soft-404", "shrunk", "no-article"]


@dataclass(frozen=True)
class Standing:
    """What is known about an article's presence; times are UTC."""

    state: str = "live"
    misses: int = 0
    first_miss: datetime | None = None
    gone_since: datetime | None = None


def missed(before: Standing, at: datetime) -> Standing:
    """Return the standing after one more miss. `gone_since` is the first miss of the row: nobody saw the page since."""
    if before.state in ("gone", "moved", "taken_down"):
        return before
    first = before.first_miss or at
    misses = before.misses + 1
    if misses >= MISSES and at - first >= OVER:
        return Standing("gone", misses, first, first)
    return Standing("suspect", misses, first)


def next_look(after: Standing, at: datetime) -> datetime:
    """Return when a missed article is asked for again: soon enough that gone is decided on the eighth day."""
    return at + (OVER / (MISSES - 1) if after.state == "suspect" else timedelta(days=365))


def is_outage(requests: int, failures: int, *, listing_ok: bool) -> bool:
    """Tell whether a run says more about the host than about its articles.

    `failures` are the requests that failed for the host's own reasons: no connection, time-out, 5xx, a challenge.
    """
    if not listing_ok:
        return True
    return failures >= OUTAGE_LEAST and failures > OUTAGE_SHARE * requests
