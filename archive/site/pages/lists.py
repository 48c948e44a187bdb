"""Lists of articles and changes, as the front page, search, places and feeds show them."""

from __future__ import annotations

import sqlite3
from typing import Any

from archive.site.pages.web import rows

ITEM = """a.rowid AS at_row, a.id, a.date, a.date_basis, a.title, a.publisher, a.portal, a.province, a.province_now,
  a.state, a.language, a.version_count"""
SMALL_EDIT = 5
"""Edits of fewer words than this are hidden unless asked for."""


def newest(db: sqlite3.Connection, limit: int, where: str = "", values: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
    """Return the newest articles; `where` is a condition of ours on one indexed column."""
    condition = f"WHERE {where}" if where else ""
    order = "a.date DESC, a.rowid DESC" if where else "a.rowid DESC"
    return rows(db.execute(f"SELECT {ITEM} FROM articles a {condition} ORDER BY {order} LIMIT ?", (*values, limit)))


def changes(
    db: sqlite3.Connection,
    limit: int,
    *,
    kind: str | None = None,
    least: int = SMALL_EDIT,
    since: str | None = None,
    before: tuple[str, str] | None = None,
    portal: str | None = None,
    province: str | None = None,
) -> list[dict[str, Any]]:
    """Return edits, moves and disappearances, newest first, those at or after `since`.

    `before` is the time and article id of the last change already shown.
    """
    scope, values = "", []
    for column, value in (("portal", portal), ("province", province)):
        if value:
            scope += f" AND a.{column} = ?"
            values.append(value)
    bounds = (since or "", *(before or ("9", "")))
    found: list[dict[str, Any]] = []
    if kind in (None, "edited"):
        found += rows(
            db.execute(
                f"""
            SELECT v.fetched_at AS at, 'edited' AS kind, v.article_id, v.version, v.words_changed, a.title, a.portal,
              a.publisher, a.province, a.url
            FROM versions v JOIN articles a ON a.id = v.article_id
            WHERE v.kind = 'edited' AND coalesce(v.words_changed, 9999) >= ? AND v.fetched_at >= ?
              AND (v.fetched_at, v.article_id) < (?, ?) {scope}
            ORDER BY v.fetched_at DESC, v.article_id DESC LIMIT ?""",
                (least, *bounds, *values, limit),
            )
        )
    if kind in (None, "gone", "moved"):
        which = {None: "", "gone": "AND a.moved_to IS NULL", "moved": "AND a.moved_to IS NOT NULL"}[kind]
        found += rows(
            db.execute(
                f"""
            SELECT a.gone_since AS at, iif(a.moved_to IS NULL, 'gone', 'moved') AS kind, a.id AS article_id,
              a.version_count AS version, NULL AS words_changed, a.title, a.portal, a.publisher, a.province, a.url,
              a.moved_to
            FROM articles a
            WHERE a.gone_since IS NOT NULL AND a.gone_since >= ? AND (a.gone_since, a.id) < (?, ?)
              {which} {scope}
            ORDER BY a.gone_since DESC, a.id DESC LIMIT ?""",
                (*bounds, *values, limit),
            )
        )
    found.sort(key=lambda change: (change["at"], change["article_id"]), reverse=True)
    return found[:limit]


def count(db: sqlite3.Connection, facet: str, value: str | None = None) -> int:
    """Return how many articles have `facet` (= `value`), as counted at publishing."""
    condition, values = ("AND value = ?", (facet, value)) if value is not None else ("", (facet,))
    total: int = db.execute(
        f"SELECT coalesce(sum(articles), 0) FROM article_counts WHERE facet = ? {condition}",
        values,
    ).fetchone()[0]
    return total
