"""What a release counts once, so that no page has to: coverage, totals per portal, province and facet."""

from __future__ import annotations

import sqlite3

FACETS = ("province", "province_now", "level", "portal", "state", "language", "date_basis", "category", "origin")
"""Columns of `articles` whose values are counted in `article_counts`; `year` and `flag` are counted besides."""


def derive(db: sqlite3.Connection) -> None:
    """Fill the counted columns and tables of a public database whose rows stand."""
    db.execute("""
        UPDATE portals SET
          articles = (SELECT count(*) FROM articles a WHERE a.portal = portals.id),
          gone = (SELECT count(*) FROM articles a WHERE a.portal = portals.id AND a.state = 'gone'),
          first_date = (SELECT min(date) FROM articles a WHERE a.portal = portals.id),
          last_date = (SELECT max(date) FROM articles a WHERE a.portal = portals.id)""")
    for vintage, column in ((2024, "province"), (2025, "province_now")):
        db.execute(
            f"""
            UPDATE provinces SET
              articles = (SELECT count(*) FROM articles a WHERE a.{column} = provinces.name),
              gone = (SELECT count(*) FROM articles a WHERE a.{column} = provinces.name AND a.state = 'gone'),
              portals = (SELECT count(*) FROM portals p WHERE p.{column} = provinces.name)
            WHERE vintage = ?""",  # noqa: S608 - two column names of ours
            (vintage,),
        )
    db.execute("DELETE FROM article_counts")
    for facet in FACETS:
        db.execute(
            f"""
            INSERT INTO article_counts
            SELECT ?, {facet}, count(*) FROM articles WHERE {facet} IS NOT NULL GROUP BY {facet}""",  # noqa: S608 - ours
            (facet,),
        )
    db.execute("INSERT INTO article_counts SELECT 'year', substr(date, 1, 4), count(*) FROM articles GROUP BY 2")
    db.execute("""
        INSERT INTO article_counts
        SELECT 'flag', f.value, count(*) FROM articles, json_each(articles.flags) f WHERE flags <> '[]' GROUP BY 2""")
