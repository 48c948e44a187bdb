"""The search page: hits with the words marked, filters, and pages that can be linked and followed."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive.site import addresses, schema
from archive.site import search as index
from archive.site.pages import lists, web
from cleaning.vietnamese import fold

PAGE = 20
COUNTED = 1_000
"""More hits than this are only said to be more: counting them all would cost more than finding them."""

_ON, _OFF = "\x02", "\x03"
_FILTERS = {"province": "province", "now": "province_now", "level": "level", "portal": "portal", "state": "state"}


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
    """One page of hits; `found` is None when there are more than `COUNTED`.

    `phrase` says that the words stand together in every hit, `slow` that ranking by relevance was given up.
    """

    articles: list[dict[str, Any]]
    found: int | None
    more: Question | None
    phrase: bool = False
    slow: bool = False


async def search(datasette: Datasette, request: Request) -> Response:
    """Answer `/tim`."""
    asked = Question.of(request.args)
    hits = await _ask(datasette, asked)
    choices = await web.keep(datasette, "choices", _choices)
    follow = addresses.search(**replace(asked, before="", page="", sort="").arguments())
    return await web.page(
        datasette,
        request,
        "search.html",
        {
            "here": "search",
            "asked": asked,
            "hits": hits,
            "more": addresses.in_language(addresses.search(**hits.more.arguments()), web.language(request))
            if hits.more
            else None,
            "apart": addresses.in_language(
                addresses.search(**replace(asked, apart="1", before="", page="").arguments()), web.language(request)
            )
            if hits.phrase
            else None,
            "counted": COUNTED,
            "choices": choices,
            "portal_choices": [(name, f"{title} ({count})") for name, title, count in choices["portals"]],
            "feed": addresses.feed(follow),
        },
    )


async def _ask(datasette: Datasette, asked: Question) -> Hits:
    try:
        return await web.read(datasette, lambda db: find(db, asked))
    except sqlite3.OperationalError:
        if asked.sort != "relevance":
            raise
        # Ranking a word that stands in most articles takes too long; newest first never does.
        plain = await web.read(datasette, lambda db: find(db, replace(asked, sort="", page="")))
        return replace(plain, slow=True)


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
    table = "articles_fts" if words else "a"
    clauses, values = _conditions(db, asked, text, table)
    if words:
        source = "articles_fts JOIN articles a ON a.rowid = articles_fts.rowid"
        clauses, values = ["articles_fts MATCH ?", *clauses], [words, *values]
    else:
        source = "articles a"
    where = "WHERE " + " AND ".join(clauses) if clauses else ""
    total = db.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {source} {where} LIMIT {COUNTED + 1})",  # noqa: S608 - conditions of ours
        values,
    ).fetchone()[0]
    by_rank = bool(words) and asked.sort == "relevance"
    page = int(asked.page) if by_rank and asked.page.isdecimal() and len(asked.page) < 4 else 0
    if by_rank:
        weights = ", ".join(str(weight) for weight in index.WEIGHTS)
        order, rest = f"bm25(articles_fts, {weights}), a.rowid DESC", f"LIMIT {limit + 1} OFFSET {page * limit}"
    else:
        # An index on (filter, date) is walked backwards; rowids grow with the date, so both agree.
        single = not words and any(getattr(asked, name) for name in ("province", "now", "level", "portal"))
        order, rest = "a.date DESC, a.rowid DESC" if single else f"{table}.rowid DESC", f"LIMIT {limit + 1}"
        if asked.before.isdecimal() and len(asked.before) < 18:
            where = f"{where} {'AND' if where else 'WHERE'} {table}.rowid < ?"
            values = [*values, int(asked.before)]
    marks = (
        f", highlight(articles_fts, 0, '{_ON}', '{_OFF}') AS title_hit, "
        f"snippet(articles_fts, -1, '{_ON}', '{_OFF}', '…', 36) AS hit"
        if words
        else ", coalesce(a.lead, substr(a.body, 1, 240)) AS start"
    )
    cursor = db.execute(f"SELECT {lists.ITEM}{marks} FROM {source} {where} ORDER BY {order} {rest}", values)  # noqa: S608
    found = web.rows(cursor)
    more = None
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
    return Hits(found, total if total <= COUNTED else None, more)


def marked(text: str | None) -> list[tuple[bool, str]]:
    """Split a highlighted text into pieces: (whether it is a hit, its words)."""
    out: list[tuple[bool, str]] = []
    for at, part in enumerate((text or "").split(_ON)):
        hit, _, rest = part.partition(_OFF) if at else ("", "", part)
        out += [(True, hit)] if hit else []
        out += [(False, rest)] if rest else []
    return out


def _conditions(db: sqlite3.Connection, asked: Question, words: str, table: str) -> tuple[list[str], list[Any]]:
    clauses: list[str] = []
    values: list[Any] = []
    for name, column in _FILTERS.items():
        if value := getattr(asked, name):
            clauses.append(f"a.{column} = ?")
            values.append(value)
    if asked.office:
        offices = _offices(db, asked.office)
        clauses.append(f"a.portal IN ({', '.join('?' * len(offices))})")
        values += offices
    for text, compare, after in ((asked.since, ">=", 0), (asked.until, "<", 1)):
        if (bound := _day(text, end=bool(after))) is not None:
            clauses.append(f"{table}.rowid {compare} ?")
            values.append(schema.rowid_floor(bound.toordinal() + after))
    if words and asked.exact:
        text = " || char(10) || ".join(f"coalesce(a.{column}, '')" for column in index.COLUMNS)
        clauses.append(f"has_accents({text}, ?)")
        values.append(words)
    return clauses, values


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


def _choices(db: sqlite3.Connection) -> dict[str, list[Any]]:
    """Return what the filters offer, with the counts made at publishing."""

    def counted(facet: str) -> list[Any]:
        return db.execute(
            "SELECT value, articles FROM article_counts WHERE facet = ? ORDER BY articles DESC, value", (facet,)
        ).fetchall()

    places = "SELECT name, articles FROM provinces WHERE vintage = ? AND articles > 0 ORDER BY sort_key"
    return {
        "provinces": db.execute(places, (2024,)).fetchall(),
        "now": db.execute(places, (2025,)).fetchall(),
        "levels": counted("level"),
        "states": counted("state"),
        "portals": db.execute("SELECT id, name, articles FROM portals WHERE articles > 0 ORDER BY name").fetchall(),
    }
