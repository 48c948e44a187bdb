"""A capture: one reply of a portal, as every source hands it to the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Origin = Literal["crawl", "import", "wayback"]


@dataclass(frozen=True)
class Capture:
    """One reply to one request.

    `key` is the article's native identity inside its portal (`scrapers.identity`); `url` the address asked for,
    byte for byte; `body` decoded of its transfer and content encodings; `headers` as parsed, in order.
    """

    portal: str
    key: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime
    source: Origin
    canonical: str | None = None
    final_url: str | None = None
    aliases: tuple[str, ...] = ()
    tls_verified: bool | None = None
    ip: str | None = None
    listed_published: str | None = None
    flags: tuple[str, ...] = field(default=())

    @property
    def content_type(self) -> str | None:
        """The Content-Type header's value, or None."""
        return next((value for name, value in self.headers if name.lower() == "content-type"), None)
