"""Why a request or a portal's run failed, as one word that an operator can act on."""

from __future__ import annotations

import re

from scrapy import exceptions
from scrapy.exceptions import IgnoreRequest
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost
from twisted.web.client import ResponseFailed

from scrapers.compression import TooBig
from scrapers.guard import BlockedName, BlockedTarget, inward
from scrapers.operation import Stopped
from scrapers.retry_after import Busy
from scrapers.robots import RobotsForbidden, RobotsUnavailable

_CHALLENGE = re.compile(
    rb"document\.cookie\s*=[^;]{0,200};?[^<]{0,400}location\.(?:reload|href|replace)|cf-browser-verification|challenge-platform"
    rb"|__cf_chl|_Incapsula_|ddos-guard|checking your browser|enable javascript and cookies to continue|D1N=",
    re.IGNORECASE,
)


def was_stopped(error: BaseException) -> bool:
    """Tell whether a request failed only because the run ends, itself or by its robots.txt."""
    return any(isinstance(entry, Stopped) for entry in _chain(error))


def _chain(error: BaseException) -> list[BaseException]:
    chain = [error]
    while (inner := chain[-1].__cause__ or chain[-1].__context__) is not None and len(chain) < 6:
        chain.append(inner)
    return chain


def of_exception(error: BaseException) -> str:
    """Return the class of a failed request: one of `archive.schema.CAUSES`, or `too-big`, `busy`, `blocked-target`."""
    chain = _chain(error)
    for entry in list(chain):
        chain.extend(failure.value for failure in getattr(entry, "reasons", ()) if hasattr(failure, "value"))
    for entry in chain:
        named = _of_one(entry)
        if named is not None:
            return named
    return "robots" if any(isinstance(entry, RobotsUnavailable) for entry in chain) else "error"


def _of_one(error: BaseException) -> str | None:
    if isinstance(error, BlockedTarget | BlockedName):
        return "blocked-target"
    if isinstance(error, RobotsForbidden):
        return "robots"
    if isinstance(error, TooBig | exceptions.DownloadCancelledError):
        return "too-big"
    if isinstance(error, Busy):
        return "blocked" if error.status == 429 else "busy"
    if isinstance(error, exceptions.CannotResolveHostError):
        name = str(error).rpartition("lookup: ")[2].rstrip(".").lower()
        return "blocked-target" if name in inward else "dns"
    if isinstance(error, exceptions.DownloadConnectionRefusedError):
        return "refused"
    if isinstance(error, exceptions.DownloadTimeoutError):
        return "timeout"
    if (
        "SSL" in type(error).__module__
        or "CertificateError" in type(error).__name__
        or "VerificationError" in type(error).__name__
    ):
        return "tls"
    if isinstance(error, ConnectError):
        return "refused"
    if isinstance(error, IgnoreRequest) and "redirect" in str(error).lower():
        return "redirected"
    return None


def of_status(status: int, body: bytes) -> str | None:
    """Return the class of a listing's reply, or None where it is a page."""
    if is_challenge(status, body):
        return "challenge"
    if status in (401, 403, 406, 429, 451):
        return "blocked"
    if status in (404, 410):
        return "gone"
    return "error" if status >= 400 else None


def is_challenge(status: int, body: bytes) -> bool:
    """Tell whether a reply is a stub that wants JavaScript or a cookie before it shows anything."""
    return (len(body) < 20_000 or status in (403, 503)) and _CHALLENGE.search(body[:20_000]) is not None


TRANSIENT = (ConnectionDone, ConnectionLost, ResponseFailed)
