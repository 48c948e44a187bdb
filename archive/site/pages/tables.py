"""Datasette's own tables made readable: titles for names, the columns people want first, counts that cost nothing."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request
from markupsafe import Markup

from archive.site import addresses, describe
from archive.site.addresses import Lang
from archive.site.pages import web, words

FIRST: dict[str, tuple[str, ...]] = {
    "articles": ("id", "date", "title", "publisher", "province", "province_now", "author", "views", "state", "url"),
    "versions": ("Link", "article_id", "version", "kind", "fetched_at", "words_changed", "layout"),
    "captures": ("id", "article_id", "fetched_at", "url", "status", "sha256", "bytes", "tls_verified", "origin"),
    "portals": (
        "id",
        "name",
        "level",
        "province",
        "province_now",
        "base_url",
        "articles",
        "gone",
        "last_date",
        "health",
    ),
    "provinces": ("id", "name", "vintage", "code", "becomes", "valid_from", "valid_to", "articles", "gone", "portals"),
    "crawls": ("id", "portal", "started_at", "finished_at", "cause", "listed", "new", "changed", "failed"),
}
"""Columns that a table shows unless all are asked for (`_columns=all`, or any `_col`)."""

PARAMETERS: dict[str, words.Pair] = {
    "q": ("Từ cần tìm", "Words to find"),
    "person": ("Tên người (để trống: tất cả)", "Person (empty: all)"),
    "unit": ("Đơn vị, ví dụ hồ sơ", "Unit, e.g. hồ sơ"),
    "number": ("Số hiệu văn bản", "Document number"),
    "publisher": ("Tên cơ quan có chữ", "Office's name contains"),
    "since": ("Từ ngày (YYYY-MM-DD)", "Since (YYYY-MM-DD)"),
    "from": ("Từ ngày (YYYY-MM-DD)", "From (YYYY-MM-DD)"),
    "to": ("Đến ngày (YYYY-MM-DD)", "To (YYYY-MM-DD)"),
    "words": ("Ít nhất bao nhiêu từ", "At least so many words"),
}
"""What the parameters of the canned queries are called."""

_ARTICLE = re.compile(r"[0-9a-f]{16}")
_COUNTED = (
    ("province", "Tỉnh lúc đăng", "Province then", ""),
    ("province_now", "Tỉnh nay", "Province now", ""),
    ("level", "Cấp", "Level", "LEVELS"),
    ("state", "Trên trang gốc", "On the portal", "STATES"),
    ("language", "Ngôn ngữ", "Language", "LANGUAGES"),
)


def vocabulary(lang: Lang) -> dict[str, Any]:
    """Return what the templates of Datasette's tables use."""

    def entry(table: str) -> dict[str, Any]:
        return describe.tables().get(table, {})

    return {
        "one": lambda text: describe.say(text or "", lang),
        "tongue": "?_lang=en" if lang == "en" else "",
        "table_title": lambda table: entry(table).get("title", table),
        "table_description": lambda table: entry(table).get("description", ""),
        "column_meaning": lambda table, column: entry(table).get("columns", {}).get(column, ""),
        # Datasette offers to sort by any single key, then refuses where the table names its sortable columns.
        "can_sort": lambda table, column: column in entry(table).get("sortable_columns", [column]),
        "parameter": lambda name: words.say(PARAMETERS, name, lang),
        "shown_columns": _shown,
        "hides_columns": lambda table, request: table in FIRST and not _all(request),
    }


async def counted_facets(datasette: Datasette, request: Request, lang: Lang) -> list[dict[str, Any]]:
    """Return the counts made at publishing, for the unfiltered table of articles."""
    if any(not name.startswith("_") or name in ("_search", "_where") for name in request.args):
        return []

    def look(db: sqlite3.Connection) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for facet, value, articles in db.execute("SELECT * FROM article_counts ORDER BY articles DESC, value"):
            found.setdefault(facet, []).append((value, articles))
        return found

    counts = await web.keep(datasette, "article counts", look)
    return [
        {
            "column": column,
            "title": en if lang == "en" else vi,
            "choices": [
                (value, words.say(getattr(words, kind), value, lang) if kind else value, count)
                for value, count in counts[column]
            ],
        }
        for column, vi, en, kind in _COUNTED
        if len(counts.get(column, ())) > 1
    ]


def cell(value: object, column: str, table: str | None) -> Markup | None:
    """Link the ids of articles and portals to their pages; None leaves a cell to Datasette."""
    if not isinstance(value, str) or not value:
        return None
    if column in ("article_id", "moved_to") or (column == "id" and table in (None, "articles")):
        if _ARTICLE.fullmatch(value):
            return Markup('<a href="{}">{}</a>').format(addresses.article(value), value)
    elif column == "portal" and table is None:
        return Markup('<a href="{}">{}</a>').format(addresses.portal(value), value)
    elif column in ("sha256", "content_hash", "fingerprint"):
        return Markup('<code title="{}">{}…</code>').format(value, value[:12])
    elif column in ("url", "final_url", "base_url"):
        return web.outside(value, value if len(value) <= 60 else value[:59] + "…")
    return None


def _all(request: Request) -> bool:
    return "_col" in request.args or "_nocol" in request.args or request.args.get("_columns") == "all"


def _shown(table: str, columns: list[dict[str, Any]], request: Request) -> set[str]:
    names = {column["name"] for column in columns}
    return names if _all(request) or table not in FIRST else names & set(FIRST[table])
