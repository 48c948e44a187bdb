"""Reads what CDX servers answer: the Wayback Machine's text and JSON, pywb's CDXJ and JSON lines."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

from cleaning.command import Problem

_FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
_ALSO = {"url": "original", "mime": "mimetype", "status": "statuscode"}
_STAMP = re.compile(r"\d{4,14}")
_IN_REPLAY = re.compile(r"/(\d{14})(?:[a-z]{2}_)?/https?:")

PAGE_MIMES = ("text/html", "application/xhtml+xml", "unk", "-", "")
"""Media types of captures worth asking for; CDX servers write `unk` or `-` where they do not know."""


@dataclass(frozen=True)
class Row:
    """One capture of an index: the address as captured, when (UTC), its status and the digest of its payload."""

    url: str
    timestamp: str
    mimetype: str
    status: int | None
    digest: str

    @property
    def at(self) -> datetime:
        """The time of capture; an index may give less than seconds."""
        return moment(self.timestamp)


@dataclass(frozen=True)
class Answer:
    """The rows of one page of an index, and the key under which it goes on, if it does."""

    rows: tuple[Row, ...]
    resume: str | None
    unread: int


@dataclass(frozen=True)
class Window:
    """A stretch of time, both ends included."""

    begins: datetime
    ends: datetime

    def halves(self) -> tuple[Window, Window]:
        """Return the earlier and the later half; a second cannot be halved."""
        middle = (self.begins + (self.ends - self.begins) / 2).replace(microsecond=0)
        return Window(self.begins, middle), Window(middle + timedelta(seconds=1), self.ends)

    @property
    def whole(self) -> bool:
        """Tell whether it is too short to be halved."""
        return self.ends - self.begins < timedelta(seconds=2)


def moment(timestamp: str) -> datetime:
    """Read a CDX timestamp of 4 to 14 digits, as UTC."""
    full = timestamp + "00000101000000"[len(timestamp) :]
    return datetime.strptime(full, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def query(index: str, host: str, prefix: str, window: Window, *, limit: int, resume: str | None) -> str:
    """Return the request for one page of what an index has below `host/prefix` in a stretch of time.

    Only what the Wayback Machine and pywb both know is asked; what a server does not know, it leaves out of account.
    """
    parameters = {
        "url": f"{host}{prefix}/*",
        "output": "json",
        "filter": "statuscode:200",
        "collapse": "digest",
        "limit": str(limit),
        "showResumeKey": "true",
        "from": window.begins.strftime("%Y%m%d%H%M%S"),
        "to": window.ends.strftime("%Y%m%d%H%M%S"),
    }
    if resume:
        parameters["resumeKey"] = resume
    parts = urlsplit(index)
    joined = "&".join(filter(None, (parts.query, urlencode(parameters, safe="*:/,"))))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, joined, ""))


def replay(index: str, row: Row) -> str:
    """Return the address of a capture's raw bytes (`id_`)."""
    return f"{replay_base(index)}/{row.timestamp}id_/{row.url}"


def replay_base(index: str) -> str:
    """Return where an index's captures are replayed, by where the index itself stands.

    `…/cdx/search/cdx` is the Wayback Machine's, which replays under `/web/`; `…/<collection>/cdx` is pywb's, which
    replays beside it.
    """
    parts = urlsplit(index)
    path = parts.path.rstrip("/")
    if not path.endswith("/cdx"):
        raise Problem(
            f"--cdx {index}: expected an index such as https://web.archive.org/cdx/search/cdx or …/<collection>/cdx"
        )
    wayback = path.endswith("/cdx/search/cdx")
    base = path.removesuffix("/cdx/search/cdx") + "/web" if wayback else path.removesuffix("/cdx")
    return f"{parts.scheme}://{parts.netloc}{base}"


def replayed_at(url: str) -> datetime | None:
    """Return the time in a replay address: a server may redirect to the capture nearest to the one asked for."""
    found = _IN_REPLAY.search(url)
    return moment(found[1]) if found else None


def read(text: str) -> Answer:
    """Read one page of an index in any of its four forms. Raises ValueError where it is none of them."""
    stripped = text.strip()
    if not stripped:
        return Answer((), None, 0)
    if stripped.startswith("[["):
        return _read_array(json.loads(stripped))
    if stripped[:1] == "[" and stripped.strip("[] \n") == "":
        return Answer((), None, 0)
    lines = text.rstrip().split("\n")
    resume = None
    if len(lines) > 1 and not lines[-2].strip() and " " not in lines[-1].strip():
        resume = lines[-1].strip()
        lines = lines[:-2]
    rows: list[Row] = []
    unread = 0
    for line in filter(str.strip, lines):
        row = _row(_fields(line.strip()))
        if row is None:
            unread += 1
        else:
            rows.append(row)
    if unread and not rows:
        raise ValueError(f"no CDX: {stripped[:80]!r}")
    return Answer(tuple(rows), resume, unread)


def _read_array(table: list[list[str]]) -> Answer:
    head, *body = table
    resume = None
    if len(body) >= 2 and body[-2] == [] and len(body[-1]) == 1:
        resume, body = body[-1][0], body[:-2]
    rows = [_row(dict(zip(head, values, strict=False))) for values in body]
    return Answer(tuple(row for row in rows if row), resume, sum(row is None for row in rows))


def _fields(line: str) -> dict[str, str]:
    """Return the named fields of a line: JSON, CDXJ (`key stamp {json}`) or plain columns."""
    if line.startswith("{"):
        return _named(json.loads(line))
    head, brace, rest = line.partition(" {")
    if brace:
        key, _, timestamp = head.partition(" ")
        return {"urlkey": key, "timestamp": timestamp.strip(), **_named(json.loads("{" + rest))}
    return dict(zip(_FIELDS, line.split(" "), strict=False))


def _named(values: dict[str, object]) -> dict[str, str]:
    return {_ALSO.get(name, name): str(value) for name, value in values.items()}


def _row(fields: dict[str, str]) -> Row | None:
    url, timestamp = fields.get("original", ""), fields.get("timestamp", "")
    if not url.startswith(("http://", "https://")) or not _STAMP.fullmatch(timestamp):
        return None
    status = fields.get("statuscode", "")
    try:
        moment(timestamp)
    except ValueError:
        return None
    return Row(
        url=url,
        timestamp=timestamp,
        mimetype=fields.get("mimetype", "").lower(),
        status=int(status) if status.isdecimal() else None,
        digest=fields.get("digest", ""),
    )


def worth_asking(row: Row, last: dict[str, str]) -> bool:
    """Tell whether a capture is a page whose bytes differ from the one before it of the same address.

    `last` maps an address to the digest before; it is kept for a whole listing, which goes forward in time.
    """
    if row.mimetype not in PAGE_MIMES or row.status not in (200, None):
        return False
    if row.digest and last.get(row.url) == row.digest:
        return False
    last[row.url] = row.digest
    return True
