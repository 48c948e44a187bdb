"""Numbers in counters are data: dated rows of views and visitors, and the text around articles, once per portal.

A row is what one page said at one moment. It changes only when better rules read the same raw page otherwise.
Implausible values are kept; the views `view_series` and `counter_series` say why they are doubted, from the rows
around them, so a late row can clear or raise a doubt.
"""

from __future__ import annotations

import sqlite3

from archive.cleaner import COUNTERS, Cleaned
from archive.guards import lowered

_GUARDS = ("view_counts_no_update", "view_counts_no_delete", "site_counters_no_update", "site_counters_no_delete")


Shown = dict[tuple[str, bytes], str]
"""(portal, hash) to rule of texts around articles that are known to be in the table: menus come with every page."""

_REMEMBERED = 20_000


def record(
    db: sqlite3.Connection,
    portal: str,
    article_id: str,
    capture_id: int,
    at: str,
    page: Cleaned,
    shown: Shown | None = None,
) -> None:
    """Write what a page's counters said at `at`, and the text around the article that the portal had not shown yet.

    `shown` is what earlier calls wrote; this one skips it and adds its own. Whoever rolls back empties it.
    """
    if page.views is not None:
        db.execute("INSERT INTO view_counts VALUES (?, ?, ?, ?)", (article_id, capture_id, at, page.views))
    if page.counters:
        values = [page.counters.get(name) for name in COUNTERS]
        db.execute(
            f"INSERT INTO site_counters (portal, capture_id, at, {', '.join(COUNTERS)})"
            f" VALUES (?, ?, ?, {', '.join('?' * len(COUNTERS))})",
            (portal, capture_id, at, *values),
        )
    _surround(db, portal, at, page, {} if shown is None else shown)


def correct(db: sqlite3.Connection, portal: str, article_id: str, capture_id: int, at: str, page: Cleaned) -> None:
    """Write what better rules read in the counters of a page that other rules read before."""
    views = db.execute(
        "SELECT views FROM view_counts WHERE article_id = ? AND capture_id = ?", (article_id, capture_id)
    ).fetchone()
    counters = db.execute(
        "SELECT * FROM site_counters WHERE portal = ? AND at = ? AND capture_id = ?", (portal, at, capture_id)
    ).fetchone()
    if (None if views is None else views[0]) == page.views and _named(counters) == page.counters:
        _surround(db, portal, at, page, {})
        return
    with lowered(db, *_GUARDS):
        db.execute("DELETE FROM view_counts WHERE article_id = ? AND capture_id = ?", (article_id, capture_id))
        db.execute("DELETE FROM site_counters WHERE portal = ? AND at = ? AND capture_id = ?", (portal, at, capture_id))
        record(db, portal, article_id, capture_id, at, page)


def _surround(db: sqlite3.Connection, portal: str, at: str, page: Cleaned, shown: Shown) -> None:
    fresh = [around for around in page.surroundings if shown.get((portal, around[0])) != around[2]]
    if not fresh:
        return
    db.executemany(
        "INSERT INTO surroundings (portal, hash, label, rule, text, first_seen) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET rule = excluded.rule WHERE rule <> excluded.rule",
        [(portal, *around, at) for around in fresh],
    )
    if len(shown) >= _REMEMBERED:
        shown.clear()
    shown.update({(portal, key): rule for key, _, rule, _ in fresh})


def _named(row: sqlite3.Row | None) -> dict[str, int]:
    return {} if row is None else {name: row[name] for name in COUNTERS if row[name] is not None}
