"""What the archive asks of `cleaning`: a record of a page, and the name of the rules that made it."""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from cleaning.record import ARTICLE_LABELS, Block, Moment, Record

_LARGEST = 2**63 - 1
_TELLING = 200
_SHORT = 200
_DIGIT = re.compile(r"\d")
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
COUNTERS = ("online", "today", "yesterday", "week", "month", "year", "total")


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


def again(rules: Cleaner, body: bytes, row: sqlite3.Row) -> Cleaned | None:
    """Clean the raw page of a row of `captures` as it was cleaned when it came in."""
    headers: list[tuple[str, str]] = json.loads(row["headers"])
    return cleaned(
        rules,
        body,
        url=row["final_url"] or row["url"],
        content_type=next((value for name, value in headers if name.lower() == "content-type"), None),
        fetched_at=datetime.fromisoformat(row["fetched_at"]),
        listed=row["listed_published"],
    )


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
    values = _stored(record)
    views = record.views if record.views is not None and 0 <= record.views <= _LARGEST else None
    if views != record.views:
        values["flags"] = [*values["flags"], "views-out-of-range"]
    text = _json(values)
    values = json.loads(text)
    columns = {"cleaner": name, "record": text, **_derived(text, values)}
    cells = _cells(values)
    return Cleaned(
        cleaner=name,
        columns=columns,
        content_hash=columns["content_hash"],
        flags=tuple(values["flags"]),
        chars=columns["chars"],
        empty=not (
            "".join((values["lead"] or "", *values["body"], *cells)).strip() or record.attachments or record.images
        ),
        views=views,
        counters=_counters(record),
        surroundings=tuple(_surroundings(record.blocks)),
        texts=tuple(filter(None, (record.title, record.lead, record.author, *record.body, *record.captions, *cells))),
    )


def derived(record: str) -> dict[str, Any]:
    """Return the columns of a version that follow from its record's JSON; `verify` compares them."""
    return _derived(record, json.loads(record))


def _derived(record: str, values: Mapping[str, Any]) -> dict[str, Any]:
    published = values["published"] or {}
    texts = (*values["body"], *values["captions"], *_cells(values))
    return {
        "content_hash": content_hash(values),
        "record_hash": hashlib.sha256(record.encode()).digest(),
        "text_hash": _text_hash(values),
        "title": values["title"],
        "author": values["author"],
        "category": values["category"],
        "language": values["language"],
        "date": values["date"],
        "date_basis": values["date_basis"],
        "published": published.get("value"),
        "published_precision": published.get("precision"),
        "published_source": published.get("source"),
        "published_raw": published.get("raw"),
        "event_date": (values["event_date"] or {}).get("value"),
        "layout": values["layout"],
        "chars": sum(map(len, texts)),
        "flags": _json(values["flags"]),
    }


def content_hash(values: Mapping[str, Any]) -> bytes:
    """Return the sha256 of what an edit by the portal would change; counters, flags and addresses' tokens are no part.

    A printed date counts by its day and only where the page prints its year: "3 giờ trước" moves by itself.
    """
    published = values["published"] or {"value": "", "source": "", "raw": ""}
    printed = published["source"] in ("page", "meta") and published["value"][:4] in published["raw"]
    content = [
        *(values[name] for name in ("title", "lead", "body", "captions", "tables", "author", "source")),
        published["value"][:10] if printed else None,
        [(_file(each["url"]), each["text"]) for each in values["attachments"]],
        [_file(each["url"]) for each in values["images"]],
    ]
    return hashlib.sha256(_json(content).encode()).digest()


def _text_hash(values: Mapping[str, Any]) -> bytes | None:
    """Return the hash of the words alone, equal for the same text in another markup; None for a short text."""
    words = " ".join(" ".join(values["body"]).casefold().split())
    return hashlib.sha256(words.encode()).digest() if len(words) >= _TELLING else None


def _stored(record: Record) -> dict[str, Any]:
    """Return the JSON of `tintinh clean --json` with the container's removed blocks only, and the order of all.

    `order` lists the labels of the container's blocks in page order: its n-th `paragraph` or `heading` is `body[n]`.
    """
    values = record.fields()
    inside = [block for block in record.blocks if block.inside]
    article = set(ARTICLE_LABELS)
    values["removed"] = [_removed(block) for block in inside if block.label not in article]
    values["order"] = [block.label for block in inside]
    return values


def _removed(block: Block) -> dict[str, str]:
    return {"text": block.text, "label": block.label, "rule": block.rule}


def _surroundings(blocks: tuple[Block, ...]) -> list[tuple[bytes, str, str, str]]:
    """Return the text around the container; a clock or a counter in it makes no second row."""
    found: dict[bytes, tuple[bytes, str, str, str]] = {}
    for block in blocks:
        if not block.inside and block.text and block.label not in ARTICLE_LABELS:
            key, text = (_remembered if len(block.text) <= _SHORT else _named)(block.label, block.text)
            if key not in found:
                found[key] = (key, block.label, block.rule, text)
    return list(found.values())


def _named(label: str, text: str) -> tuple[bytes, str]:
    """Return the key of a text around articles, and the text as it is stored."""
    text = _safe(text)
    return hashlib.sha256(_DIGIT.sub("0", f"{label}\n{text}").encode()).digest(), text


_remembered = lru_cache(maxsize=8192)(_named)
"""Menus stand on every page of a portal."""


def _counters(record: Record) -> dict[str, int]:
    counters = record.site_counters or {}
    return {name: counters[name] for name in COUNTERS if 0 <= counters.get(name, -1) <= _LARGEST}


def _cells(values: Mapping[str, Any]) -> list[str]:
    return [cell for table in values["tables"] for row in table for cell in row]


def _file(url: str) -> str:
    return url.partition("?")[0].partition(";")[0].partition("#")[0].rstrip("/").rpartition("/")[2]


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _safe(_NUL.sub(r"\1", text) if "\\u0000" in text else text)


def _safe(text: str) -> str:
    """Return the text without what SQLite or UTF-8 refuses: lone surrogates and NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
