"""A capture: one reply of a portal, as every source hands it to the store."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from archive import clock

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

    @cached_property
    def sha256(self) -> bytes | None:
        """The hash of the body, None where there is none."""
        return hashlib.sha256(self.body).digest() if self.body else None

    def storable(self) -> Capture:
        """Return the capture without what no table takes: lone surrogates and NUL in texts, a time outside 1990-2100.

        Each is flagged; a capture that has none of these is returned as it is.
        """
        flags = [*self.flags]
        texts = {
            name: getattr(self, name) for name in ("key", "url", "canonical", "final_url", "ip", "listed_published")
        }
        odd = {name: text for name, text in texts.items() if text is not None and _safe(text) != text}
        changes: dict[str, object] = {name: _safe(text) for name, text in odd.items()}
        if any(_safe(alias) != alias for alias in self.aliases):
            changes["aliases"] = tuple(_safe(alias) for alias in self.aliases)
        if changes:
            flags.append("odd-characters")
        if not 1990 <= self.fetched_at.year <= 2100:
            changes["fetched_at"] = clock.now()
            flags.append("fetched-at-unknown")
        if not changes and all(_safe(flag) == flag for flag in flags):
            return self
        return replace(self, **changes, flags=tuple(_safe(flag) for flag in flags))  # type: ignore[arg-type]  # by name


FACTS = (
    "article_id", "fetched_at", "origin", "url", "final_url", "status", "headers", "bytes", "ip", "tls_verified",
)  # fmt: skip
"""The columns of `captures` that its hash covers, besides the page's own: what was asked and what came back."""


def facts(row: Mapping[str, Any] | sqlite3.Row) -> bytes:
    """Return the hash of a capture's facts, from its row of `captures`."""
    sha = row["sha256"]
    values = [*(row[name] for name in FACTS), sha and bytes(sha).hex()]
    return hashlib.sha256(json.dumps(values).encode()).digest()


def _safe(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "")
