"""One article of the working archive as the rows of the published tables."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from archive import difference
from archive.site.facts import Facts
from archive.site.places import Places

Row = dict[str, Any]
Rows = dict[str, list[Row]]
Mask = Callable[[str], str]

_VIETNAM = timedelta(hours=7)
_PROSE = ("paragraph", "heading")


@dataclass(frozen=True)
class Source:
    """Where the rows come from: the working archive, its merger map, and the mask of private numbers, if any.

    `withheld` are the titles of taken-down articles, in lower case: other pages list them as related news.
    """

    archive: sqlite3.Connection
    places: Places
    mask: Mask | None = None
    withheld: tuple[str, ...] = ()
    facts: Facts | None = None

    def withholds(self, text: str) -> bool:
        """Tell whether a block that is no article names a taken-down one."""
        lowered = text.casefold()
        return any(title in lowered for title in self.withheld)


def article(source: Source, article_id: str) -> Rows:
    """Return table name to rows of one article; `articles` holds one, without its row id and fingerprint."""
    archive = source.archive
    head = archive.execute(_HEAD, (article_id,)).fetchone()
    captures = archive.execute(_CAPTURES, (article_id,)).fetchall()
    versions = archive.execute(_VERSIONS, (article_id,)).fetchall()
    media = {row["url"]: row for row in archive.execute(_MEDIA, (article_id,))}
    views = archive.execute(_VIEWS, (article_id,)).fetchall()
    current = next(row for row in versions if row["n"] == head["version"])
    record = _Text(json.loads(current["record"]), source.mask)
    first = min(capture["fetched_at"] for capture in captures)
    day, basis = _date(current, first)
    origin = next(capture["origin"] for capture in captures if capture["id"] == current["capture_id"])
    rows: Rows = {
        "articles": [
            {
                "id": article_id,
                "portal": head["portal"],
                "publisher": head["publisher"],
                "level": head["level"],
                **asdict(source.places.of(head["province"], head["province_id"], day)),
                "url": head["canonical"],
                **record.texts,
                "table_text": _lines("\t".join(row) for table in record.tables for row in table),
                "headings": json.dumps(record.headings),
                "source": record.plain("source"),
                "category": current["category"],
                "language": current["language"],
                "date": day,
                "date_basis": basis,
                "published": current["published"],
                "published_precision": current["published_precision"],
                "published_source": current["published_source"],
                "published_raw": current["published_raw"],
                "event_date": current["event_date"],
                "event_date_precision": record.event("precision"),
                "event_date_raw": record.event("raw"),
                "views": views[-1]["views"] if views else None,
                "state": head["state"],
                "gone_since": head["gone_since"],
                "moved_to": head["moved_to"],
                "first_fetched_at": first,
                "last_ok_at": head["last_ok"] or first,
                "changed_at": current["fetched_at"],
                "version": current["n"],
                "version_count": len(versions),
                "text_group": current["text_hash"].hex()[:16] if current["text_hash"] else None,
                "origin": origin,
                "layout": current["layout"],
                "encoding": record.record.get("encoding"),
                "flags": current["flags"],
                "words": len((record.texts["body"] or "").split()),
                "content_hash": current["content_hash"].hex(),
            }
        ],
        "versions": _versions(versions, current["n"], source.mask),
        "captures": [_capture(row, source.mask is not None) for row in captures],
        "removed_blocks": [
            {"article_id": article_id, "n": n, "label": block["label"], "rule": block["rule"],
             "text": record.masked(block["text"])}
            for n, block in enumerate(record.record.get("removed", ()))
            if not source.withholds(block["text"])
        ],
        "images": [
            {"article_id": article_id, "n": n, "url": image["url"], "caption": record.masked(image["caption"]),
             "alt": record.masked(image["alt"]), "after_paragraph": record.place_of_caption(image["caption"]),
             **_kept(media.get(image["url"]))}
            for n, image in enumerate(record.record.get("images", ()))
        ],
        "attachments": [
            {"article_id": article_id, "n": n, "url": link["url"], "text": record.masked(link["text"]),
             **_kept(media.get(link["url"]))}
            for n, link in enumerate(record.record.get("attachments", ()))
        ],
        "article_tables": [
            {"article_id": article_id, "n": n, "after_paragraph": record.place("table", n), "rows": len(table),
             "columns": max(map(len, table), default=0), "cells": json.dumps(table, ensure_ascii=False)}
            for n, table in enumerate(record.tables)
        ],
        "view_counts": [
            {"article_id": article_id, "fetched_at": at, "views": row["views"], "flag": row["doubt"]}
            for at, row in {row["at"]: row for row in views}.items()
        ],
    }  # fmt: skip
    found = source.facts.of(rows["articles"][0], record.paragraphs) if source.facts else {}
    return rows | found


class _Text:
    """A stored record with its texts masked and the places of its blocks counted."""

    def __init__(self, record: dict[str, Any], mask: Mask | None) -> None:
        self.record = record
        self.mask = mask
        self.tables: list[list[list[str]]] = [
            [[self.masked(cell) or "" for cell in row] for row in table] for table in record.get("tables", ())
        ]
        self.texts: dict[str, str | None] = {
            "title": self.plain("title"),
            "lead": self.plain("lead"),
            "body": self.masked("\n\n".join(record.get("body", ()))),
            "captions": self.masked(_lines(record.get("captions", ()))),
            "author": self.plain("author"),
        }
        self.paragraphs: list[str] = (self.texts["body"] or "").split("\n\n")
        self.headings: list[int] = []
        self._places: dict[str, list[int]] = {}
        before = 0
        for label in record.get("order", ()):
            if label in _PROSE:
                self.headings += [before] if label == "heading" else []
                before += 1
            else:
                self._places.setdefault(label, []).append(before)

    def masked(self, text: str | None) -> str | None:
        return self.mask(text) if text and self.mask else text

    def plain(self, field: str) -> str | None:
        return self.masked(self.record.get(field))

    def event(self, part: str) -> str | None:
        return (self.record.get("event_date") or {}).get(part)

    def place(self, label: str, n: int) -> int | None:
        """Return how many paragraphs stand before the n-th block with that label; None where that is not told."""
        places = self._places.get(label, [])
        return places[n] if n < len(places) else None

    def place_of_caption(self, caption: str | None) -> int | None:
        captions = self.record.get("captions", ())
        return self.place("caption", captions.index(caption)) if caption in captions else None


def _versions(versions: list[sqlite3.Row], current: int, mask: Mask | None) -> list[Row]:
    """Return the versions in time order; the present one's text is null here, since `articles` has it."""
    rows: list[Row] = []
    before: str | None = None
    for row in versions:
        text = _Text(json.loads(row["record"]), mask)
        whole = "\n\n".join(filter(None, (text.texts["title"], text.texts["lead"], text.texts["body"])))
        shown = {name: None if row["n"] == current else text.texts[name] for name in _TEXTS}
        here = row["n"] != current
        rows.append(
            {
                "article_id": row["article_id"],
                "version": row["n"],
                "kind": "new" if before is None else "edited",
                "fetched_at": row["fetched_at"],
                "capture_id": row["capture_id"],
                **shown,
                "published": row["published"] if here else None,
                "published_precision": row["published_precision"] if here else None,
                "content_hash": row["content_hash"].hex(),
                "words_changed": None
                if before is None
                else difference.words_changed(difference.compare(before, whole)),
                "cleaner": row["cleaner"],
                "layout": row["layout"],
            }
        )
        before = whole
    return rows


_TEXTS = ("title", "lead", "body", "captions", "author")


def _capture(row: sqlite3.Row, masked: bool) -> Row:
    return {
        "id": row["id"], "article_id": row["article_id"], "version": row["version"], "fetched_at": row["fetched_at"],
        "url": row["url"], "final_url": row["final_url"], "status": row["status"], "headers": row["headers"],
        "sha256": row["sha256"].hex() if row["sha256"] else None, "bytes": row["bytes"],
        "tls_verified": row["tls_verified"], "origin": row["origin"], "masked": int(masked), "flags": row["flags"],
    }  # fmt: skip


def _kept(media: sqlite3.Row | None) -> Row:
    if media is None:
        return {"sha256": None, "bytes": None, "media_type": None}
    return {"sha256": media["sha256"].hex(), "bytes": media["bytes"], "media_type": media["content_type"]}


def _date(version: sqlite3.Row, first: str) -> tuple[str, str]:
    """Return the day for lists and its basis; an undated article stands on the day it was first fetched, in Vietnam."""
    if version["date"] and version["date_basis"] != "fetched":
        return version["date"], version["date_basis"]
    local: date = (datetime.fromisoformat(first) + _VIETNAM).date()
    return local.isoformat(), "fetched"


def _lines(texts: Iterable[str]) -> str | None:
    return "\n".join(texts) or None


_HEAD = """
    SELECT u.*, p.name AS publisher, p.level, p.province, p.province_id
    FROM urls u JOIN portals p ON p.id = u.portal WHERE u.id = ?"""
_CAPTURES = "SELECT * FROM captures WHERE article_id = ? ORDER BY id"
_VERSIONS = """
    SELECT v.*, c.fetched_at FROM versions v JOIN captures c ON c.id = v.capture_id
    WHERE v.article_id = ? AND v.repeats IS NULL ORDER BY c.ordered_at, c.id"""
_MEDIA = """
    SELECT l.url, m.* FROM media_links l JOIN media m ON m.sha256 = l.sha256 WHERE l.article_id = ?"""
# The view `view_series` would compute its window over the whole table for one article.
_VIEWS = """
    SELECT at, views,
      CASE WHEN views < lag(views) OVER (ORDER BY at, capture_id) THEN 'falls' END AS doubt
    FROM view_counts WHERE article_id = ? ORDER BY at, capture_id"""
