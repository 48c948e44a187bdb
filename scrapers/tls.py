"""TLS with verified certificates; a portal's broken chain is an exception of its hosts, and every capture says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from OpenSSL import SSL, crypto
from scrapy.core.downloader.contextfactory import _ScrapyClientContextFactory
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from twisted.internet._sslverify import IOpenSSLTrustRoot
from twisted.internet.ssl import optionsForClientTLS
from zope.interface import implementer  # type: ignore[import-untyped]  # ships no types

from scrapers.portal import Portal

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.interfaces import IOpenSSLClientConnectionCreator


@implementer(IOpenSSLTrustRoot)
class _WithIntermediates:
    """The system's roots, and the intermediate certificates that a host forgets to send."""

    def __init__(self, pem: Path) -> None:
        self.pem = pem

    def _addCACertsToContext(self, context: SSL.Context) -> None:
        context.set_default_verify_paths()
        store = context.get_cert_store()
        if store is None:
            return
        for block in self.pem.read_bytes().split(b"-----END CERTIFICATE-----")[:-1]:
            store.add_cert(crypto.load_certificate(crypto.FILETYPE_PEM, block + b"-----END CERTIFICATE-----\n"))


class _PortalContextFactory(_ScrapyClientContextFactory):
    """Verifies every host, except those whose row says that it cannot be verified."""

    def __init__(self, exceptions: Mapping[tuple[str, int], Portal]) -> None:
        super().__init__(verify_certificates=True)  # type: ignore[no-untyped-call, unused-ignore]  # untyped in some Scrapy releases
        self._unverified = _ScrapyClientContextFactory(verify_certificates=False)
        self._exceptions = exceptions

    def creatorForNetloc(self, hostname: bytes, port: int) -> IOpenSSLClientConnectionCreator:
        """Return how to speak TLS with this host."""
        portal = self._exceptions.get((hostname.decode("ascii").lower(), port))
        if portal is None:
            return cast("IOpenSSLClientConnectionCreator", super().creatorForNetloc(hostname, port))
        if portal.tls == "unverified":
            return cast("IOpenSSLClientConnectionCreator", self._unverified.creatorForNetloc(hostname, port))
        assert portal.intermediates is not None
        return optionsForClientTLS(
            hostname.decode("ascii"),
            trustRoot=_WithIntermediates(Path(portal.intermediates)),  # type: ignore[arg-type]  # zope declares it
            extraCertificateOptions=self._get_cert_options_kwargs(),
        )


class PortalDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's handler for http and https, with the portals' own TLS exceptions."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._contextFactory: Any = _PortalContextFactory(getattr(crawler.spider, "tls_exceptions", {}))


def exceptions_of(portals: Iterable[Portal]) -> dict[tuple[str, int], Portal]:
    """Return the (host, port) pairs that are not verified as all others are, each with the row that says how."""
    rows = [portal for portal in portals if portal.tls == "unverified" or portal.intermediates]
    rows.sort(key=lambda portal: portal.tls == "unverified")  # of two rows on one host the weaker word holds for both
    return {host: portal for portal in rows for host in hosts_of(portal)}


def is_verified(url: str, exceptions: Mapping[tuple[str, int], Portal]) -> bool | None:
    """Tell whether the host of an address was asked for a valid certificate; None where there is none to ask for."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        return None
    portal = exceptions.get(((parts.hostname or "").lower(), parts.port or 443))
    return portal is None or portal.tls == "verify"


def hosts_of(portal: Portal) -> list[tuple[str, int]]:
    """Return the (host, port) pairs a portal's exception holds for: with and without `www.`, https only."""
    found = []
    for host, _ in portal.places:
        parts = urlsplit(f"https://{host}")
        name, port = parts.hostname or "", parts.port or 443
        found += [(name, port), (f"www.{name}", port)]
    return found
