"""What a release counts once, so that no page has to: totals per portal, province and facet."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter

FACETS = ("province", "province_now", "level", "portal", "state", "language", "date_basis", "category", "origin")
"""Columns of `articles` whose values are counted in `article_counts`; `year` and `flag` are counted besides."""


def derive(db: sqlite3.Connection) -> None:
    """Fill the counted columns and tables of a public database whose rows stand, in one pass over the articles."""
    counts: Counter[tuple[str, str]] = Counter()
    gone: Counter[tuple[str, str]] = Counter()
    dates: dict[str, tuple[str, str]] = {}
    for *values, date, flags in db.execute(f"SELECT {', '.join(FACETS)}, date, flags FROM articles"):
        pairs = [(facet, value) for facet, value in zip(FACETS, values, strict=True) if value is not None]
        counts.update(pairs)
        counts["year", date[:4]] += 1
        if flags != "[]":
            counts.update(("flag", flag) for flag in json.loads(flags))
        if ("state", "gone") in pairs:
            gone.update(pairs)
        portal = values[FACETS.index("portal")]
        first, last = dates.get(portal, (date, date))
        dates[portal] = (min(first, date), max(last, date))
    db.execute("DELETE FROM article_counts")
    db.executemany(
        "INSERT INTO article_counts VALUES (?, ?, ?)", sorted((*pair, count) for pair, count in counts.items())
    )
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
