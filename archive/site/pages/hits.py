"""Finding articles: what a reader asks for, as it stands in the address, and the hits with their words marked."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import islice
from typing import Any

from archive.site import schema
from archive.site import search as index
from archive.site.pages import lists, web
from cleaning.vietnamese import fold

PAGE = 20
COUNTED = 1_000
"""More hits than this are only said to be more: counting them all would cost more than finding them."""

LOOKED_AT = 5_000
"""Articles whose text is read for exact accents before the reader is asked whether to look further back."""

RANKED = 20_000
"""Articles, the newest, that are ranked by relevance: ranking costs as much as there are hits."""

_ON, _OFF = "\x02", "\x03"
_FILTERS = {"province": "province", "now": "province_now", "level": "level", "portal": "portal", "state": "state"}
_RANK = f"bm25(articles_fts, {', '.join(str(weight) for weight in index.WEIGHTS)}), articles_fts.rowid DESC"
_MARKED = (
    f"highlight(articles_fts, 0, '{_ON}', '{_OFF}') AS title_hit, "
    f"snippet(articles_fts, -1, '{_ON}', '{_OFF}', '…', 36) AS hit"
)
_START = "coalesce(a.lead, substr(a.body, 1, 240)) AS start"


@dataclass(frozen=True)
class Question:
    """What a reader asks: words and filters, as they stand in the address."""

    q: str = ""
    province: str = ""
    now: str = ""
    level: str = ""
    portal: str = ""
    office: str = ""
    state: str = ""
    since: str = ""
    until: str = ""
    exact: str = ""
    apart: str = ""
    sort: str = ""
    before: str = ""
    page: str = ""

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Question:
        """Read the address's arguments (`from` and `to` bound the period); unknown ones and NULs are dropped."""
        names = {"since": "from", "until": "to"}

        def text(name: str) -> str:
            value = str(arguments.get(names.get(name, name)) or "")
            return unicodedata.normalize("NFC", value.replace("\0", " ")).strip()[:300]

        return cls(**{field.name: text(field.name) for field in fields(cls)})

    def arguments(self) -> dict[str, str]:
        """Return the arguments that lead to this question, for `addresses.search`."""
        names = {"since": "from", "until": "to"}
        return {names.get(f.name, f.name): value for f in fields(self) if (value := getattr(self, f.name))}

    @property
    def filtered(self) -> bool:
        """Whether anything besides the words narrows it."""
        return any(getattr(self, name) for name in (*_FILTERS, "office", "since", "until", "exact"))


@dataclass(frozen=True)
class Hits:
    """One page of hits, and the question that leads to `more`; `found` is None when there are more than `COUNTED`.

    `phrase` says that the words stand together in every hit; only the newest `ranked` were ranked, where that is told.
    Where texts are read for exact accents, `found` is told only when all were; `until`: how far back they were read.
    """

    articles: list[dict[str, Any]]
    found: int | None
    more: Question | None
    phrase: bool = False
    ranked: int | None = None
    until: str | None = None


def find(db: sqlite3.Connection, asked: Question, limit: int = PAGE) -> Hits:
    """Find one page of articles, newest first or by relevance.

    A Vietnamese word has several syllables, each written apart, so what is typed without quotation marks is first
    looked for as it stands; only where no article has it together, or `apart` is asked for, is each syllable.
    """
    together = phrase(asked)
    if together is not None:
        hits = _find(db, asked, together, limit)
        if hits.found != 0:
            return replace(hits, phrase=True)
    return _find(db, asked, asked.q, limit)


def phrase(asked: Question) -> str | None:
    """Return the question's words as one phrase, None where that is not asked for or makes no difference."""
    if asked.apart or '"' in asked.q or len(asked.q.split()) < 2:
        return None
    return f'"{asked.q}"'


def _find(db: sqlite3.Connection, asked: Question, text: str, limit: int) -> Hits:
    words = index.match(text) if text else None
    by_rank = bool(words) and asked.sort == "relevance"
    table = "articles_fts" if words else "a"
    clauses: list[str] = ["articles_fts MATCH ?"] if words else []
    values: list[Any] = [words] if words else []
    for clause, given in _conditions(db, asked, table):
        clauses.append(clause)
        values += given
    exact = bool(asked.exact and words)
    total = None if exact else _count(db, table, clauses, values)
    page = int(asked.page) if by_rank and asked.page.isdecimal() and len(asked.page) < 4 else 0
    before = int(asked.before) if not by_rank and asked.before.isdecimal() and len(asked.before) < 18 else None
    if before is not None:
        clauses.append(f"{table}.rowid < ?")
        values.append(before)
    order = _RANK if by_rank else f"{table}.rowid DESC"
    if not words and any(getattr(asked, name) for name in _FILTERS):
        # An index on (filter, date) is walked backwards; rowids grow with the date, so both orders are one.
        order = "a.date DESC, a.rowid DESC"
    until: int | None = None
    cut = False
    most = LOOKED_AT if exact else RANKED
    if exact or by_rank:
        newest = _newest(db, clauses, values, most)
        cut = len(newest) == most
        if cut:
            clauses.append("articles_fts.rowid >= ?")
            values.append(newest[-1])
        if exact:
            written = _written_so(db, newest, text)
            chosen = list(written if by_rank else islice(written, limit + 1))
            until = newest[-1] if cut and not by_rank and len(chosen) <= limit else None
            clauses.append("+articles_fts.rowid IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(chosen))
    source = "articles_fts JOIN articles a ON a.rowid = articles_fts.rowid" if words else "articles a"
    where = "WHERE " + " AND ".join(clauses) if clauses else ""
    shown = f"{lists.ITEM}, {_MARKED if words else _START}"
    sql = f"SELECT {shown} FROM {source} {where} ORDER BY {order} LIMIT ? OFFSET ?"
    found = web.rows(db.execute(sql, (*values, limit + 1, page * limit)))
    if total is None and before is None and len(found) <= limit and not cut:
        total = page * limit + len(found)
    more = None if until is None else replace(asked, before=str(until))
    if len(found) > limit:
        found = found[:limit]
        more = replace(asked, page=str(page + 1)) if by_rank else replace(asked, before=str(found[-1]["at_row"]))
    for article in found:
        if words:
            title = article["title_hit"]
            article["title_hit"] = marked(title)
            article["hit"] = marked(article["hit"]) if article["hit"] != title else []
        else:
            article["hit"] = [(False, short(article.pop("start")))]
    return Hits(found, total, more, ranked=most if by_rank and cut else None, until=_day_of(db, until))


def _newest(db: sqlite3.Connection, clauses: list[str], values: list[Any], most: int) -> list[int]:
    """Return the newest articles that the index of words finds."""
    where = " AND ".join(clauses)
    sql = f"SELECT rowid FROM articles_fts WHERE {where} ORDER BY rowid DESC LIMIT ?"
    return [row[0] for row in db.execute(sql, (*values, most))]


def _written_so(db: sqlite3.Connection, rowids: Iterable[int], text: str) -> Iterator[int]:
    """Yield the articles that hold a question's words with its very accents."""
    for rowid in rowids:
        held = db.execute(f"SELECT {', '.join(index.COLUMNS)} FROM articles WHERE rowid = ?", (rowid,)).fetchone()
        if index.has_accents("\n".join(part or "" for part in held), text):
            yield rowid


def _day_of(db: sqlite3.Connection, rowid: int | None) -> str | None:
    row = db.execute("SELECT date FROM articles WHERE rowid = ?", (rowid,)).fetchone()
    return None if row is None else str(row[0])


def _count(db: sqlite3.Connection, table: str, clauses: list[str], values: list[Any]) -> int | None:
    """Return how many articles fit, None for more than `COUNTED`."""
    source = "articles_fts" if table == "articles_fts" else "articles a"
    where = "WHERE " + " AND ".join(clauses) if clauses else ""
    total: int = db.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {source} {where} LIMIT {COUNTED + 1})",
        values,
    ).fetchone()[0]
    return total if total <= COUNTED else None


def marked(text: str | None) -> list[tuple[bool, str]]:
    """Split a highlighted text into pieces: (whether it is a hit, its words)."""
    out: list[tuple[bool, str]] = []
    for at, part in enumerate((text or "").split(_ON)):
        hit, _, rest = part.partition(_OFF) if at else ("", "", part)
        out += [(True, hit)] if hit else []
        out += [(False, rest)] if rest else []
    return out


def _conditions(db: sqlite3.Connection, asked: Question, table: str) -> Iterator[tuple[str, list[Any]]]:
    """Yield conditions on the row ids, so that the index of words is narrowed without reading any article."""

    def rows_where(condition: str) -> str:
        """Return the condition on the article itself, or, with words, on its row id by way of the condition's index."""
        if table == "a":
            return condition
        # The plus keeps SQLite from asking the index of words anew for each of those rows: 4 ms instead of 360.
        return f"+{table}.rowid IN (SELECT rowid FROM articles WHERE {condition})"

    for name, column in _FILTERS.items():
        if value := getattr(asked, name):
            yield rows_where(f"{column} = ?"), [value]
    if asked.office:
        offices = _offices(db, asked.office)
        yield rows_where(f"portal IN ({', '.join('?' * len(offices))})"), offices
    for text, compare, after in ((asked.since, ">=", 0), (asked.until, "<", 1)):
        if (bound := _day(text, end=bool(after))) is not None:
            yield f"{table}.rowid {compare} ?", [schema.rowid_floor(bound.toordinal() + after)]


def _offices(db: sqlite3.Connection, name: str) -> list[str]:
    """Return the portals whose name holds these words, accents aside."""
    wanted = fold(name)
    return [portal for portal, called in db.execute("SELECT id, name FROM portals") if wanted in fold(called)]


def _day(text: str, *, end: bool) -> date | None:
    """Read `2024`, `2024-06` or `2024-06-21`; a period's end is its last day."""
    parts = text.split("-")
    if not all(part.isdecimal() and len(part) <= 4 for part in parts) or not 1 <= len(parts) <= 3:
        return None
    year, month, day = (*(int(part) for part in parts), 0, 0)[:3]
    try:
        if len(parts) == 3:
            return date(year, month, day)
        first = date(year, month or 1, 1)
        if not end:
            return first
        after = date(year + 1, 1, 1) if not month or month == 12 else date(year, month + 1, 1)
        return date.fromordinal(after.toordinal() - 1)
    except ValueError:
        return None


def short(text: str | None, length: int = 200) -> str:
    """Return the beginning of a text, cut between words."""
    words = " ".join((text or "").split())
    return words if len(words) <= length else words[:length].rsplit(" ", 1)[0] + " …"
