"""Where a crawl may go: http and https, ports 80 and 443, public addresses; checked also at name resolution.

Exceptions are named by host and port (`127.0.0.1:8101`), or `loopback` for every loopback address and port, which the
sample portals need. A link, a redirect, a meta-refresh and a name that resolves inwards all pass here.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase

LOOPBACK = "loopback"
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[\w.:-]+")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class BlockedTarget(IgnoreRequest):
    """The address is none a crawl may reach; the reason is the message."""


class Exceptions:
    """The private targets that were allowed by name."""

    def __init__(self, entries: Iterable[str]) -> None:
        names = {entry.strip().lower() for entry in entries}
        self.loopback = LOOPBACK in names
        self.targets = names - {LOOPBACK}
        self.hosts = {entry.rpartition(":")[0].strip("[]") for entry in self.targets}

    def allows(self, host: str, port: int) -> bool:
        """Tell whether this very host and port was allowed, or loopback as a whole."""
        if f"{host}:{port}" in self.targets or f"[{host}]:{port}" in self.targets:
            return True
        return self.loopback and is_loopback(host)


def is_loopback(host: str) -> bool:
    """Tell whether a host is spelled as a loopback address, or as `localhost`."""
    address = literal(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address a host spells in any way the system's resolver understands (`127.1`, `0x7f.1`), or None."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host)) if host and host[-1] in "0123456789abcdefx" else None
    except (OSError, UnicodeError):
        return None


def is_public(address: str) -> bool:
    """Tell whether an address is on the public net, also when an IPv6 one wraps an IPv4 one."""
    parsed = literal(address)
    if parsed is None or not parsed.is_global or parsed.is_multicast:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.is_site_local:
            return False
        inner = [parsed.ipv4_mapped, parsed.sixtofour, *(parsed.teredo or ())]
        if parsed in _NAT64 or any(entry is not None and not entry.is_global for entry in inner):
            return False
    return True


def refuse(url: str, allowed: Exceptions) -> str | None:
    """Return why an address may not be asked for, or None when it may."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"malformed address ({error})"
    if parts.scheme not in _PORTS:
        return f"scheme {parts.scheme or 'none'}"
    host = (parts.hostname or "").rstrip(".").lower()
    if not _HOST.fullmatch(host):
        return f"malformed host {host!r}"
    port = port or _PORTS[parts.scheme]
    if allowed.allows(host, port):
        return None
    if parts.username is not None or parts.password is not None:
        return "user name in the address"
    if port not in _PORTS.values():
        return f"port {port}"
    address = literal(host)
    if address is not None and not is_public(str(address)):
        return f"private address {host}"
    if address is None and ("." not in host or host.endswith((".localhost", ".local", ".internal", ".home.arpa"))):
        return f"private name {host}"
    return None


class GuardMiddleware:
    """Refuses a request before anything else sees it, robots.txt's own and redirects' included."""

    def __init__(self, allowed: Exceptions) -> None:
        self.allowed = allowed

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one from the settings."""
        return cls(Exceptions(crawler.settings.getlist("ALLOW_PRIVATE")))

    def process_request(self, request: Request) -> None:
        """Raise BlockedTarget for what may not be reached."""
        reason = refuse(request.url, self.allowed)
        if reason is not None:
            raise BlockedTarget(f"{reason}: {request.url}")


inward: dict[str, str] = {}
"""Names that this process found to resolve to an address which is not public. Twisted turns the resolver's refusal into
"no results"; whoever explains the failure looks here."""


class BlockedName(DNSLookupError):
    """A name that resolves to an address which is not public."""


class GuardedResolver(CachingThreadedResolver):
    """Resolves names and refuses addresses that are not public: the check that rebinding cannot get around."""

    def __init__(self, reactor: ReactorBase, cache_size: int, timeout: float, allowed: Exceptions) -> None:
        super().__init__(reactor, cache_size, timeout)
        self.allowed = allowed

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Make one from the settings."""
        settings = crawler.settings
        allowed = Exceptions(settings.getlist("ALLOW_PRIVATE"))
        return cls(reactor, settings.getint("DNSCACHE_SIZE"), settings.getfloat("DNS_TIMEOUT"), allowed)

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:
        """Return the IPv4 address of a name, or fail with BlockedName."""
        return super().getHostByName(name, timeout).addCallback(self._check, name)

    def _check(self, address: str, name: str) -> str:
        if is_public(address) or name.lower() in self.allowed.hosts or (self.allowed.loopback and is_loopback(address)):
            return address
        inward[name.lower()] = address
        raise BlockedName(f"{name} resolves to {address}, which is not public")
