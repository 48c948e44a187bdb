"""What every source finds: a reply that somebody recorded or saved, before it is known whose article it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from archive.capture import Origin

MAX_BODY = 10_000_000
"""Bytes of one decoded reply; a larger one is left out and counted, as in a crawl."""


@dataclass(frozen=True)
class Found:
    """One reply with what the source knows about it; `None` where it does not.

    `body` is decoded of transfer and content encodings, and `headers` no longer name these. `portal`, `key` and the
    fields after them are there when an archive of ours wrote the source. `where` tells a person which record it was;
    `chosen` that somebody picked out this very page.
    """

    where: str
    body: bytes
    url: str | None = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    fetched_at: datetime | None = None
    origin: Origin = "import"
    portal: str | None = None
    key: str | None = None
    canonical: str | None = None
    final_url: str | None = None
    listed_published: str | None = None
    tls_verified: bool | None = None
    ip: str | None = None
    chosen: bool = False
    flags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters, "" where none was given."""
        value = next((value for name, value in self.headers if name.lower() == "content-type"), "")
        return value.partition(";")[0].strip().lower()

    @property
    def location(self) -> str | None:
        """Where a redirect leads, as given."""
        return next((value for name, value in self.headers if name.lower() == "location"), None)


def is_address(url: str) -> bool:
    """Tell whether an address can be taken apart at all: recordings hold whatever somebody once linked to."""
    try:
        parts = urlsplit(url)
        return bool(parts.scheme) and (parts.port or 0) >= 0 and "\x00" not in url
    except ValueError:
        return False


def joined(base: str, location: str) -> str | None:
    """Return where a link or redirect leads, or None if nowhere."""
    try:
        url = urljoin(base, location)
    except ValueError:
        return None
    return url if is_address(url) else None


class Damaged(Exception):
    """One line on what is wrong with a source. Readers yield what is whole first, then raise it."""
