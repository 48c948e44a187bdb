"""What the archive asks of `cleaning`: a record of a page, and the name of the rules that made it."""

from __future__ import annotations

import hashlib
import importlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from cleaning.record import ARTICLE_LABELS, Block, Moment, Record

_LARGEST = 2**63 - 1
_COUNTERS = ("online", "today", "yesterday", "week", "month", "year", "total")


class Clean(Protocol):
    """The signature of `cleaning.clean` with its layouts bound."""

    def __call__(
        self, page: bytes, *, url: str | None, content_type: str | None, fetched_at: datetime | None
    ) -> Record:
        """Return what the page says."""


@dataclass(frozen=True)
class Cleaner:
    """A set of cleaning rules: what it makes of a page, and a name that changes with the rules."""

    name: str
    clean: Clean


def cleaner(layouts: Path | None = None) -> Cleaner:
    """Return the rules of this version of the program, with the layouts learnt into the folder `layouts`.

    The name joins the digest of the shipped rules with that of the learnt files, so a new layout re-cleans too.
    """
    cleaning: Any = importlib.import_module("cleaning")
    learnt = sorted(layouts.glob("*.toml")) if layouts is not None and layouts.is_dir() else []
    loaded = cleaning.load_layouts(layouts) if layouts is not None and learnt else None

    def clean(page: bytes, *, url: str | None, content_type: str | None, fetched_at: datetime | None) -> Record:
        record: Record = cleaning.clean(page, url=url, content_type=content_type, fetched_at=fetched_at, layouts=loaded)
        return record

    name: str = cleaning.version()
    if learnt:
        name += "+" + hashlib.sha256(b"\0".join(file.read_bytes() for file in learnt)).hexdigest()[:8]
    return Cleaner(name, clean)


@dataclass(frozen=True)
class Cleaned:
    """A record as the archive's columns; plain values, so that it travels between processes."""

    cleaner: str
    columns: dict[str, Any]
    content_hash: bytes
    flags: tuple[str, ...]
    chars: int
    empty: bool
    views: int | None
    counters: dict[str, int]
    surroundings: tuple[tuple[bytes, str, str, str], ...]
    texts: tuple[str, ...]


def cleaned(
    rules: Cleaner, page: bytes, *, url: str, content_type: str | None, fetched_at: datetime, listed: str | None = None
) -> Cleaned | None:
    """Clean a page into the archive's columns; `listed` is the date its listing printed, for a page that prints none.

    None where the rules fail, so that the raw page is kept all the same.
    """
    try:
        record = rules.clean(page, url=url, content_type=content_type, fetched_at=fetched_at)
        if record.published is None and listed:
            record = _with_listed_date(record, listed, fetched_at)
        return shaped(rules.name, record)
    except Exception:  # `clean` promises not to raise; whatever still does must not cost the capture
        return None


def _with_listed_date(record: Record, listed: str, fetched_at: datetime) -> Record:
    dates: Any = importlib.import_module("cleaning.dates")
    published: Moment | None = dates.read_date(listed, "listing", fetched_at=fetched_at)
    if published is None:
        return record
    whole = published.precision != "month"
    date = published.value[:10] if whole else f"{published.value}-01"
    return replace(record, published=published, date=date, date_basis="published" if whole else "published-month")


def shaped(name: str, record: Record) -> Cleaned:
    """Turn a record into the archive's columns."""
    stored = _json(_kept(record))
    content = content_hash(record)
    text = "\n".join((*record.body, *record.captions))
    views = record.views if record.views is not None and 0 <= record.views <= _LARGEST else None
    flags = tuple(dict.fromkeys((*record.flags, *(["views-out-of-range"] if views != record.views else []))))
    chars = sum(map(len, record.body)) + sum(map(len, record.captions)) + sum(map(len, _cells(record)))
    columns: dict[str, Any] = {
        "cleaner": name,
        "content_hash": content,
        "record_hash": hashlib.sha256(stored.encode()).digest(),
        "text_hash": _text_hash(record),
        "title": _text(record.title),
        "author": _text(record.author),
        "category": _text(record.category),
        "language": record.language,
        "date": record.date,
        "date_basis": record.date_basis,
        "published": _value(record.published),
        "published_precision": record.published.precision if record.published else None,
        "published_source": record.published.source if record.published else None,
        "published_raw": _safe(record.published.raw) if record.published else None,
        "event_date": _value(record.event_date),
        "layout": record.layout,
        "chars": chars,
        "flags": _json(flags),
        "record": stored,
    }
    return Cleaned(
        cleaner=name,
        columns=columns,
        content_hash=content,
        flags=flags,
        chars=chars,
        empty=not (text.strip() or record.tables or record.attachments or record.images),
        views=views,
        counters=_counters(record),
        surroundings=tuple(_surroundings(record.blocks)),
        texts=tuple(
            filter(None, (record.title, record.lead, record.author, *record.body, *record.captions, *_cells(record)))
        ),
    )


def content_hash(record: Record) -> bytes:
    """Return the sha256 of what an edit by the portal would change; counters, flags and addresses' tokens are no part.

    A printed date counts by its day and only where the page prints its year: "3 giờ trước" moves by itself.
    """
    published = record.published
    printed = published and published.source in ("page", "meta") and published.value[:4] in published.raw
    content = [
        record.title, record.lead, record.body, record.captions, record.tables, record.author, record.source,
        published.value[:10] if published and printed else None,
        [(_file(each.url), each.text) for each in record.attachments],
        [_file(each.url) for each in record.images],
    ]  # fmt: skip
    return hashlib.sha256(_json(content).encode()).digest()


def _text_hash(record: Record) -> bytes | None:
    """Return the hash of the words alone, equal for the same text in another markup; None for a short text."""
    words = " ".join(" ".join(record.body).casefold().split())
    return hashlib.sha256(_safe(words).encode()).digest() if len(words) >= 200 else None


def _kept(record: Record) -> dict[str, Any]:
    """Return the JSON of `tintinh clean --json` with the container's removed blocks only, and the order of all.

    `order` lists the labels of the container's blocks in page order: its n-th `paragraph` or `heading` is `body[n]`.
    """
    values = record.as_json()
    inside = [block for block in record.blocks if block.inside]
    article = set(ARTICLE_LABELS)
    values["removed"] = [_removed(block) for block in inside if block.label not in article]
    values["order"] = [block.label for block in inside]
    return values


def _removed(block: Block) -> dict[str, str]:
    return {"text": block.text, "label": block.label, "rule": block.rule}


def _surroundings(blocks: tuple[Block, ...]) -> list[tuple[bytes, str, str, str]]:
    """Return the text around the container; a clock or a counter in it makes no second row."""
    found = []
    for block in blocks:
        if not block.inside and block.label not in ARTICLE_LABELS and block.text:
            masked = "".join("0" if char.isdigit() else char for char in block.text)
            key = hashlib.sha256(_safe(f"{block.label}\n{masked}").encode()).digest()
            found.append((key, block.label, block.rule, _safe(block.text)))
    return found


def _counters(record: Record) -> dict[str, int]:
    counters = record.site_counters or {}
    return {name: counters[name] for name in _COUNTERS if 0 <= counters.get(name, -1) <= _LARGEST}


def _cells(record: Record) -> list[str]:
    return [cell for table in record.tables for row in table for cell in row]


def _file(url: str) -> str:
    return url.partition("?")[0].partition(";")[0].partition("#")[0].rstrip("/").rpartition("/")[2]


def _value(moment: Moment | None) -> str | None:
    return moment.value if moment else None


def _json(value: object) -> str:
    return _safe(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _safe(text: str) -> str:
    """Return the text without what SQLite or UTF-8 refuses: lone surrogates and NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _text(text: str | None) -> str | None:
    return None if text is None else _safe(text)
