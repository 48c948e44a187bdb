"""What a release counts once, so that no page has to: totals per portal, province, month and facet."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable

FACETS = ("province", "province_now", "level", "portal", "state", "language", "date_basis", "category", "origin")
"""Columns of `articles` whose values are counted in `article_counts`; `year` and `flag` are counted besides."""

Counts = Counter[tuple[str, str]]
"""(facet, value) to a number of articles."""


def count(db: sqlite3.Connection, ids: Iterable[str] | None = None) -> Counts:
    """Count all articles of a public database, or some of them."""
    counts: Counts = Counter()
    some = "" if ids is None else "WHERE id IN (SELECT value FROM json_each(:ids))"
    sql = f"SELECT {', '.join(FACETS)}, date, flags FROM articles {some}"
    for *values, date, flags in db.execute(sql, {"ids": json.dumps([*(ids or ())])}):
        counts.update((facet, value) for facet, value in zip(FACETS, values, strict=True) if value is not None)
        counts["year", date[:4]] += 1
        if flags != "[]":
            counts.update(("flag", flag) for flag in json.loads(flags))
    return counts


def counted(db: sqlite3.Connection) -> Counts:
    """Return the counts that stand in a public database."""
    return Counter(
        {(facet, value): n for facet, value, n in db.execute("SELECT facet, value, articles FROM article_counts")}
    )


def derive(db: sqlite3.Connection, counts: Counts) -> None:
    """Fill the counted columns and tables of a public database whose rows and indexes stand."""
    db.execute("DELETE FROM article_counts")
    db.executemany(
        "INSERT INTO article_counts VALUES (?, ?, ?)", sorted((*pair, number) for pair, number in (+counts).items())
    )
    dates = {
        portal: span for portal, *span in db.execute("SELECT portal, min(date), max(date) FROM articles GROUP BY 1")
    }
    gone: Counts = Counter()
    for *values, number in db.execute("""
        SELECT portal, province, province_now, count(*) FROM articles WHERE gone_since IS NOT NULL AND state = 'gone'
        GROUP BY 1, 2, 3"""):
        for facet, value in zip(("portal", "province", "province_now"), values, strict=True):
            gone[facet, value] += number
    for (portal,) in db.execute("SELECT id FROM portals").fetchall():
        db.execute(
            "UPDATE portals SET articles = ?, gone = ?, first_date = ?, last_date = ? WHERE id = ?",
            (counts["portal", portal], gone["portal", portal], *dates.get(portal, (None, None)), portal),
        )
    for unit, name, vintage in db.execute("SELECT id, name, vintage FROM provinces").fetchall():
        column = "province" if vintage == 2024 else "province_now"
        db.execute(
            f"""UPDATE provinces SET articles = ?, gone = ?,
              portals = (SELECT count(*) FROM portals WHERE {column} = provinces.name) WHERE id = ?""",
            (counts[column, name], gone[column, name], unit),
        )
