"""Builds `tintinh.db` from the working archive: whole, or as a copy of the last one brought up to date."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from archive.health import Health, judge
from archive.site import derive, flags, schema, search, unfold
from archive.site.delta import Delta
from archive.site.facts import Facts
from archive.site.places import Places
from archive.site.unfold import Mask, Row, Rows, Source

_BATCH = 500


class Builder:
    """Writes one release's database; the archive's connection must stay in one read transaction meanwhile."""

    def __init__(
        self,
        archive: sqlite3.Connection,
        path: Path,
        delta: Delta,
        *,
        mask: Mask | None = None,
        earlier: sqlite3.Connection | None = None,
    ) -> None:
        self.archive = archive
        self.delta = delta
        self.source = Source(
            archive, Places(archive), mask, _withheld(archive), Facts(earlier, masked=mask is not None)
        )
        self.longest_row = 0
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = off")
        self.db.execute("PRAGMA synchronous = off")
        self.db.execute("PRAGMA cache_size = -65536")

    def full(self, info: dict[str, str]) -> None:
        """Fill an empty file."""
        schema.create(self.db)
        search.create(self.db)
        self.db.execute("BEGIN")
        self._around(info)
        self._insert(sorted(self.delta.fingerprints, key=_Dates(self.archive)))
        search.build(self.db)
        schema.create_indexes(self.db)
        self._count(derive.count(self.db))
        self._close()

    def update(self, info: dict[str, str]) -> None:
        """Bring a copy of the release before up to date."""
        row = self.db.execute("SELECT value FROM release_info WHERE key = 'longest_row'").fetchone()
        self.longest_row = int(row[0]) if row else 0
        self.db.execute("BEGIN")
        self._around(info)
        counts = derive.counted(self.db)
        counts.subtract(derive.count(self.db, self.delta.before))
        self._forget(list(self.delta.before), [known.rowid for known in self.delta.before.values()])
        self._insert(self.delta.changed)
        counts.update(derive.count(self.db, self.delta.changed))
        self._count(counts)
        self._close()

    def _count(self, counts: derive.Counts) -> None:
        insert(self.db, "coverage", _coverage(self.archive, self.db))
        derive.derive(self.db, counts)

    def _close(self) -> None:
        insert(self.db, "release_info", [{"key": "longest_row", "value": str(self.longest_row)}])
        self.db.execute("COMMIT")
        self.db.execute("PRAGMA analysis_limit = 1000")
        self.db.execute("ANALYZE")
        self.db.close()

    def _insert(self, ids: Iterable[str]) -> None:
        for some in _batches(ids):
            rows: Rows = {}
            for article_id in some:
                for table, found in unfold.article(self.source, article_id).items():
                    rows.setdefault(table, []).extend(found)
            for row in rows["articles"]:
                row["rowid"] = self._next_rowid(row["date"])
                row["fingerprint"] = self.delta.fingerprints[row["id"]]
                insert(self.db, "articles", [row])
            self.longest_row = max(self.longest_row, *(_bytes(row) for table in _LONG for row in rows[table]))
            for table in rows:
                if table != "articles":
                    insert(self.db, table, rows[table])
            self._index([row["rowid"] for row in rows["articles"]])

    def _index(self, rowids: list[int]) -> None:
        if self.db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'articles_date'").fetchone()[0]:
            search.add(self.db, rowids)

    def _forget(self, ids: list[str], rowids: list[int]) -> None:
        search.forget(self.db, rowids)
        for table in schema.PER_ARTICLE:
            self.db.executemany(f"DELETE FROM {table} WHERE article_id = ?", ((key,) for key in ids))
        self.db.executemany("DELETE FROM articles WHERE id = ?", ((key,) for key in ids))

    def _next_rowid(self, day: str) -> int:
        floor = schema.rowid_floor(date.fromisoformat(day).toordinal())
        top = self.db.execute(
            "SELECT max(rowid) FROM articles WHERE rowid >= ? AND rowid < ?", (floor, floor + schema.DAY)
        ).fetchone()[0]
        return floor if top is None else int(top) + 1

    def _around(self, info: dict[str, str]) -> None:
        """Write the small tables anew."""
        for table in ("coverage", "crawls", "site_counters", "portal_blocks", "takedowns", "flag_meanings",
                      "release_info", "portals", "provinces"):  # fmt: skip
            self.db.execute(f"DELETE FROM {table}")
        for table, rows in _small_tables(self.archive, self.source).items():
            insert(self.db, table, rows)
        info |= {"facts": self.source.facts.key} if self.source.facts else {}
        insert(self.db, "release_info", [{"key": key, "value": value} for key, value in info.items()])


_LONG = ("articles", "versions", "article_tables")


def _bytes(row: Row) -> int:
    return sum(len(value.encode()) if isinstance(value, str) else 9 for value in row.values())


class _Dates:
    """Sorts article ids by date, so that a full build's row ids grow with it."""

    def __init__(self, archive: sqlite3.Connection) -> None:
        self._dates = dict(
            archive.execute(
                "SELECT u.id, coalesce(iif(v.date_basis = 'fetched', NULL, v.date), substr(u.first_seen, 1, 10))"
                " FROM urls u JOIN versions v ON v.article_id = u.id AND v.n = u.version"
            )
        )

    def __call__(self, article_id: str) -> tuple[str, str]:
        return self._dates[article_id], article_id


def insert(db: sqlite3.Connection, table: str, rows: list[Row]) -> None:
    """Insert rows that all have the same keys."""
    if rows:
        names = list(rows[0])
        marks = ", ".join(f":{name}" for name in names)
        db.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)


def _batches(items: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for item in items:
        batch.append(item)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _withheld(archive: sqlite3.Connection) -> tuple[str, ...]:
    """Return the titles of taken-down articles that are long enough to name no other."""
    rows = archive.execute(
        "SELECT DISTINCT v.title FROM takedowns t CROSS JOIN versions v ON v.article_id = t.article_id"
        " WHERE length(v.title) >= 12 ORDER BY 1"
    )
    return tuple(row[0].casefold() for row in rows)


def _small_tables(archive: sqlite3.Connection, source: Source) -> Rows:
    def rows(sql: str) -> list[Row]:
        return [dict(row) for row in archive.execute(sql)]

    portals = rows("""
        SELECT p.id, p.name, p.level, p.family, p.base_url, p.platform, p.province, p.province_id, p.valid_from,
          p.valid_to, p.successor, p.crawl, p.quiet_days, p.media, p.verified, p.evidence, u.last_ok_at
        FROM portals p LEFT JOIN (SELECT portal, max(last_ok) AS last_ok_at FROM urls GROUP BY portal) u
          ON u.portal = p.id
        ORDER BY p.id""")
    verdicts = {verdict.portal: verdict for verdict in judge(archive)}
    for portal in portals:
        day = portal["valid_to"] or portal["valid_from"] or ""
        portal |= _health(verdicts.get(portal["id"]))
        portal["province_now"] = source.places.of(portal["province"], portal["province_id"], day).province_now
    around = rows("SELECT portal, label, rule, text FROM surroundings ORDER BY portal, first_seen, hash")
    blocks = [row for row in around if not source.withholds(row["text"])]
    counts: dict[str, int] = {}
    for block in blocks:
        block["n"] = counts[block["portal"]] = counts.get(block["portal"], -1) + 1
    return {
        "provinces": rows("""
            SELECT id, name, name_en, folded, sort_key, kind, code, vintage, domain, valid_from, valid_to, becomes,
              aliases, note FROM provinces ORDER BY vintage, sort_key"""),
        "portals": portals,
        "portal_blocks": blocks,
        "crawls": rows("""
            SELECT id, portal, started_at, finished_at, cause, message, full, requests, listed, new, changed, unchanged,
              failed, code_version FROM crawls WHERE cause <> 'running' ORDER BY id"""),
        "site_counters": rows("""
            SELECT portal, at AS fetched_at, online, today, yesterday, week, month, year, total, doubt AS flag
            FROM counter_series GROUP BY portal, at HAVING capture_id = max(capture_id)"""),
        "flag_meanings": [{"flag": flag, "vi": vi, "en": en} for flag, (vi, en) in flags.MEANINGS.items()],
        "takedowns": rows("SELECT article_id, at, reason FROM takedowns ORDER BY at, article_id"),
    }


def _health(verdict: Health | None) -> Row:
    """Return a portal's verdict as its columns; one that is not crawled has none."""
    if verdict is None:
        return {"health": None, "health_reason": None, "silent_since": None}
    kind = verdict.alarms[0].kind if verdict.state == "alarm" else verdict.state
    return {
        "health": kind,
        "health_reason": "; ".join(alarm.message for alarm in verdict.alarms) or verdict.acknowledged_reason,
        "silent_since": next((alarm.since for alarm in verdict.alarms), None),
    }


def _coverage(archive: sqlite3.Connection, db: sqlite3.Connection) -> list[Row]:
    """Return portal × month; a month read to its end without an article is a row of zero, an unread month no row."""
    cells: dict[tuple[str, str], Row] = {}

    def cell(portal: str, month: str) -> Row:
        new = {"portal": portal, "month": month, "articles": 0, "failed": 0, "listing_complete": None}
        return cells.setdefault((portal, month), new)

    for portal, month, articles, crawled in db.execute("""
        SELECT portal, month, articles, EXISTS (SELECT 1 FROM articles a
          WHERE a.portal = m.portal AND a.date >= m.month AND a.date < m.month || '~' AND a.origin = 'crawl')
        FROM (SELECT portal, substr(date, 1, 7) AS month, count(*) AS articles FROM articles GROUP BY 1, 2) m"""):
        cell(portal, month).update(articles=articles, listing_complete=0 if crawled else None)
    for portal, month, failed in archive.execute("""
        SELECT portal, substr(first_seen, 1, 7), count(*) FROM urls u
        WHERE kind = 'article' AND version IS NULL
          AND NOT EXISTS (SELECT 1 FROM takedowns t WHERE t.article_id = u.id) GROUP BY 1, 2"""):
        cell(portal, month).update(failed=failed)
    for portal, month in archive.execute("SELECT portal, month FROM swept"):
        cell(portal, month).update(listing_complete=1)
    return [cells[key] for key in sorted(cells)]


def build_key(*parts: object) -> str:
    """Return a key of everything else the rows depend on; a release made under another one is built in full."""
    made_by = json.dumps(
        [schema.VERSION, schema.TABLES, schema.INDEXES, search.DDL, *parts], sort_keys=True, default=str
    )
    return hashlib.sha256(made_by.encode()).hexdigest()[:16]
