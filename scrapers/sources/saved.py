"""Reads what people saved: pages from a browser (HTML, MHTML) and plain text."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from scrapers.sources.found import Damaged, Found

# What browsers note on top of a page they save: Chrome, Edge and Internet Explorer; SingleFile; HTTrack.
_SAVED_FROM = (
    re.compile(rb"<!--\s*saved from url=\(\d+\)(\S+)\s*-->", re.IGNORECASE),
    re.compile(rb"<!--\s*Page saved with SingleFile\s+url:\s*(\S+)", re.IGNORECASE),
    re.compile(rb"<!--\s*Mirrored from (\S+) by HTTrack", re.IGNORECASE),
)
_SAVED_AT = re.compile(rb"saved date:\s*([A-Z][a-z]{2} [A-Z][a-z]{2} \d{2} \d{4} \d{2}:\d{2}:\d{2} GMT[+-]\d{4})")
_NAMES_ITSELF = (
    re.compile(rb"""<link\b(?=[^>]*\brel\s*=\s*["']?canonical\b)[^>]*?\bhref\s*=\s*["']?(https?://[^"'\s>]+)""", re.I),
    re.compile(rb"""<meta\b(?=[^>]*\bproperty\s*=\s*["']og:url)[^>]*?\bcontent\s*=\s*["'](https?://[^"'\s>]+)""", re.I),
)
_HEAD = 256_000


def read_page(path: Path, body: bytes) -> Found:
    """Return a saved HTML page: its address from the browser's note, else from what the page calls itself."""
    head = body[:_HEAD]
    url = _first(_SAVED_FROM, head)
    if url and not url.startswith(("http://", "https://")):
        url = "http://" + url if re.match(r"[\w.-]+\.\w+/", url) else None
    flags = ("browser-saved",) if url else ()
    saved = _SAVED_AT.search(head)
    at = datetime.strptime(saved[1].decode(), "%a %b %d %Y %H:%M:%S GMT%z").astimezone(UTC) if saved else None
    return Found(
        where=path.name,
        chosen=True,
        body=body,
        url=url or _first(_NAMES_ITSELF, head),
        headers=(("Content-Type", "text/html"),),
        fetched_at=at or _modified(path),
        flags=flags if at else (*flags, "fetched-at-of-file"),
    )


def read_text(path: Path, body: bytes) -> Found:
    """Return a plain text; it has no address, and its time is the file's."""
    return Found(
        where=path.name,
        chosen=True,
        body=body,
        headers=(("Content-Type", "text/plain"),),
        fetched_at=_modified(path),
        flags=("fetched-at-of-file",),
    )


def read_mhtml(path: Path, body: bytes) -> Found:
    """Return the page of an MHTML file (`multipart/related`), with its address and the time it was saved."""
    message = email.message_from_bytes(body, policy=email.policy.default)
    pages = [part for part in message.walk() if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    if not pages:
        raise Damaged(f"{path.name}: an MHTML file without a page in it")
    wanted = message.get("Snapshot-Content-Location") or message.get("Content-Location")
    page = next((part for part in pages if part.get("Content-Location") == wanted), pages[0])
    content = page.get_payload(decode=True)
    if not isinstance(content, bytes) or not content.strip():
        raise Damaged(f"{path.name}: an MHTML file whose page is empty")
    url = str(wanted or page.get("Content-Location") or "")
    try:
        at: datetime | None = parsedate_to_datetime(str(message["Date"])).astimezone(UTC)
    except (TypeError, ValueError):
        at = None
    return Found(
        where=path.name,
        chosen=True,
        body=content,
        url=url if url.startswith(("http://", "https://")) else None,
        headers=(("Content-Type", str(page.get("Content-Type") or "text/html")),),
        fetched_at=at or _modified(path),
        flags=("browser-saved",) if at else ("browser-saved", "fetched-at-of-file"),
    )


def _first(patterns: tuple[re.Pattern[bytes], ...], head: bytes) -> str | None:
    found = next((match[1] for pattern in patterns if (match := pattern.search(head))), None)
    return found.decode("utf-8", "replace").replace("&amp;", "&") if found else None


def _modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(microsecond=0)
