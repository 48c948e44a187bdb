"""The registry's rows as the archive's tables: `portals` and `provinces`. `archive` itself never reads TOML."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from archive.connect import transaction

_PORTAL = (
    "name", "level", "family", "base_url", "platform", "province", "province_id", "valid_from", "valid_to", "successor",
    "crawl", "quiet_days", "media", "verified", "evidence",
)  # fmt: skip
_PROVINCE = (
    "name", "name_en", "folded", "sort_key", "kind", "code", "vintage", "domain", "valid_from", "valid_to", "becomes",
    "aliases", "note",
)  # fmt: skip


def sync(
    db: sqlite3.Connection,
    portals: Iterable[Mapping[str, Any]],
    provinces: Iterable[Mapping[str, Any]] = (),
) -> None:
    """Write registry rows into the archive, in one transaction; rows that left the registry stay.

    Each row is a mapping with `id` and any of the columns' names; a province row's `folded` and `sort_key` are
    required. Further fields of a portal (listings, aliases, tls, note …) are kept as JSON in `more`. Dates may be
    `datetime.date`, lists any sequence. Nothing is written where nothing changed, so a waiting writer is not disturbed.
    """
    changes = []
    for table, rows, columns in (("provinces", provinces, _PROVINCE), ("portals", portals, _PORTAL)):
        for row in rows:
            change = _change(db, table, row, columns)
            if change is not None:
                changes.append(change)
    if changes:
        with transaction(db):
            for statement, values in changes:
                db.execute(statement, values)


def ensure(
    db: sqlite3.Connection,
    portal: str,
    name: str | None = None,
    base_url: str | None = None,
    family: str | None = None,
) -> bool:
    """Make a minimal row for a portal that no registry names (an import); return whether it was new.

    The caller holds the transaction, or lets SQLite make one for this statement.
    """
    done = db.execute(
        "INSERT INTO portals (id, name, base_url, family, crawl, registered) VALUES (?, ?, ?, ?, 0, 0)"
        " ON CONFLICT DO NOTHING",
        (portal, name or portal, base_url, family),
    )
    return done.rowcount == 1


def _change(
    db: sqlite3.Connection, table: str, row: Mapping[str, Any], columns: tuple[str, ...]
) -> tuple[str, list[Any]] | None:
    values = {column: _plain(row[column]) for column in columns if row.get(column) is not None}
    if table == "portals":
        more = {
            key: value for key, value in row.items() if key not in columns and key != "id" and value not in (None, ())
        }
        values["more"] = json.dumps(more, ensure_ascii=False, sort_keys=True, default=str)
        values["registered"] = 1
    names = ["id", *values]
    wanted = [row["id"], *values.values()]
    old = db.execute(f"SELECT * FROM {table} WHERE id = ?", (row["id"],)).fetchone()
    cleared = [column for column in columns if old is not None and old[column] is not None and row.get(column) is None]
    if old is not None and not cleared and [old[name] for name in names] == wanted:
        return None
    resets = [f"{column} = {_default(column)}" for column in cleared]
    sets = ", ".join([*(f"{name} = excluded.{name}" for name in values), *resets])
    marks = ", ".join("?" * len(names))
    return (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {sets}",
        wanted,
    )


def _default(column: str) -> str:
    return {"crawl": "1", "quiet_days": "30", "media": "'none'", "aliases": "'[]'"}.get(column, "NULL")


def _plain(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return json.dumps(list(value), ensure_ascii=False)
    return value
