"""Scrapy settings of a machine whose resolver knows no host: `SCRAPY_SETTINGS_MODULE=tests.nowhere`."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.defer import Deferred, fail
from twisted.internet.error import DNSLookupError

from scrapers.guard import GuardedResolver
from scrapers.settings import *  # noqa: F403 - the settings of a real run, but for the resolver

DNS_RESOLVER = "tests.nowhere.Nowhere"


class Nowhere(GuardedResolver):
    """Finds nothing, and asks nobody."""

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:
        """Fail as a name server does that does not know the name."""
        return fail(DNSLookupError(f"no results for {name}"))
