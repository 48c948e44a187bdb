"""The files beside the database: JSONL and Parquet by table and month, one CSV of articles, `datapackage.json`.

A part whose month did not change is hard-linked from the release before. Parts are deterministic: the same rows give
the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from archive.site import describe, schema

JSON_COLUMNS = {"flags", "headings", "cells", "headers", "aliases"}
"""Columns of JSON text; JSONL has them as JSON, the other formats as text."""

CSV = "articles.csv.gz"
_MEMBERS = ".csv-members.json"
_BATCH = 2000
_LEVEL = 6


@dataclass(frozen=True)
class Part:
    """The rows of one table in one month (`month` None: the whole table), and where its file stands."""

    table: str
    month: str | None

    def path(self, format_: str) -> str:
        """Return the path inside a release: `jsonl/articles/2026-01.jsonl.gz`, `parquet/portals.parquet`."""
        ending = {"jsonl": "jsonl.gz", "parquet": "parquet"}[format_]
        return f"{format_}/{self.table}/{self.month}.{ending}" if self.month else f"{format_}/{self.table}.{ending}"


def has_parquet() -> bool:
    """Tell whether the extra `parquet` is installed."""
    return importlib.util.find_spec("pyarrow") is not None


def write(db: sqlite3.Connection, folder: Path, before: Path | None, touched: set[str]) -> dict[str, int]:
    """Write all parts of a public database into `folder`; return table name to its number of rows.

    `before` is the last release, whose parts of months not in `touched` are linked.
    """
    formats = ("jsonl", "parquet") if has_parquet() else ("jsonl",)
    months = [row[0] for row in db.execute("SELECT DISTINCT substr(date, 1, 7) FROM articles ORDER BY 1")]
    for format_ in formats:
        linkable = set(months) - touched if before is not None and _has(before, format_) else set()
        empty = {part.table for part in _parts(months) if part.month}
        for part in _parts(months):
            path = folder / part.path(format_)
            path.parent.mkdir(parents=True, exist_ok=True)
            if before is not None and part.month in linkable:
                _link(before / part.path(format_), path)
            else:
                _write_part(db, part, format_, path)
            if part.month and path.exists():
                empty.discard(part.table)
        for table in empty:
            _write_part(db, Part(table, None), format_, folder / Part(table, None).path(format_))
    _write_csv(db, folder, before, months, touched)
    return {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in schema.TABLES}


def _parts(months: list[str]) -> Iterator[Part]:
    for table in schema.TABLES:
        if table == "articles" or table in schema.PER_ARTICLE:
            yield from (Part(table, month) for month in months)
        else:
            yield Part(table, None)


def _has(release: Path, format_: str) -> bool:
    return (release / format_ / "articles").is_dir()


def _link(old: Path, new: Path) -> None:
    """Link a part; one that the release before has not is one without rows."""
    if old.exists():
        try:
            os.link(old, new)
        except OSError:  # another file system
            shutil.copyfile(old, new)


def _write_part(db: sqlite3.Connection, part: Part, format_: str, path: Path) -> None:
    """Write a part; a month without rows gets no file."""
    names, found = _rows(db, part)
    first = found.fetchone()
    if first is None and part.month:
        return
    rows = chain([first] if first else [], found)
    if format_ == "jsonl":
        with _gzip(path) as file:
            for row in rows:
                json.dump(_decoded(names, row), file, ensure_ascii=False, separators=(",", ":"))
                file.write("\n")
    else:
        _write_parquet(db, part.table, names, rows, path)


def _rows(db: sqlite3.Connection, part: Part) -> tuple[list[str], sqlite3.Cursor]:
    """Return column names and the rows, in an order that does not depend on how the file was built."""
    names = schema.columns(db, part.table)
    chosen = ", ".join(f"t.{name}" for name in names)
    key = [row[0] for row in db.execute("SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk", (part.table,))]
    order = ", ".join(f"t.{name}" for name in key)
    if part.month is None:
        return names, db.execute(f"SELECT {chosen} FROM {part.table} t ORDER BY {order}")
    bounds = _rowids(part.month)
    if part.table == "articles":
        sql = f"SELECT {chosen} FROM articles t WHERE t.rowid >= ? AND t.rowid < ? ORDER BY t.date, t.id"
        return names, db.execute(sql, bounds)
    return names, db.execute(
        f"SELECT {chosen} FROM articles a JOIN {part.table} t ON t.article_id = a.id"
        f" WHERE a.rowid >= ? AND a.rowid < ? ORDER BY a.date, a.id, {order}",
        bounds,
    )


def _rowids(month: str) -> tuple[int, int]:
    first = date.fromisoformat(f"{month}-01")
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return schema.rowid_floor(first.toordinal()), schema.rowid_floor(after.toordinal())


def _decoded(names: list[str], row: Iterable[Any]) -> dict[str, Any]:
    return {
        name: json.loads(value) if name in JSON_COLUMNS and value is not None else value
        for name, value in zip(names, row, strict=True)
    }


def _write_parquet(db: sqlite3.Connection, table: str, names: list[str], rows: Iterable[Any], path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    types = {"TEXT": pyarrow.string(), "INTEGER": pyarrow.int64(), "REAL": pyarrow.float64()}
    kinds = dict(db.execute("SELECT name, type FROM pragma_table_info(?)", (table,)))
    shape = pyarrow.schema([(name, types[kinds[name]]) for name in names])
    with parquet.ParquetWriter(path, shape, compression="zstd") as writer:
        rows = iter(rows)
        while batch := list(islice(rows, _BATCH)):
            columns = [
                pyarrow.array(column, kind.type) for column, kind in zip(zip(*batch, strict=True), shape, strict=True)
            ]
            writer.write_table(pyarrow.Table.from_arrays(columns, schema=shape))


def _write_csv(db: sqlite3.Connection, folder: Path, before: Path | None, months: list[str], touched: set[str]) -> None:
    """Write one CSV of all articles, a gzip member a month, so that untouched months are copied, not compressed."""
    old = _old_members(before)
    members: dict[str, tuple[int, int]] = {}
    with (folder / CSV).open("wb") as target:
        _csv_member(target, [schema.columns(db, "articles")])
        for month in months:
            start = target.tell()
            if before is not None and month in old and month not in touched:
                with (before / CSV).open("rb") as source:
                    source.seek(old[month][0])
                    target.write(source.read(old[month][1]))
            else:
                _csv_member(target, _rows(db, Part("articles", month))[1])
            members[month] = (start, target.tell() - start)
    (folder / _MEMBERS).write_text(json.dumps(members), encoding="utf-8")


def _old_members(before: Path | None) -> dict[str, list[int]]:
    if before is None or not (before / _MEMBERS).exists() or not (before / CSV).exists():
        return {}
    return cast("dict[str, list[int]]", json.loads((before / _MEMBERS).read_text(encoding="utf-8")))


def _csv_member(target: BinaryIO, rows: Iterable[Iterable[Any]]) -> None:
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=target, compresslevel=_LEVEL, mtime=0) as packed,
        io.TextIOWrapper(packed, "utf-8", newline="") as text,
    ):
        csv.writer(text).writerows(rows)


@contextmanager
def _gzip(path: Path) -> Iterator[TextIO]:
    """Open a gzip text file without name and time in its header, so that equal rows are equal bytes."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=_LEVEL, mtime=0) as packed,
        io.TextIOWrapper(packed, "utf-8") as text,
    ):
        yield text


def datapackage(db: sqlite3.Connection, folder: Path, release: str, created: str, rows: dict[str, int]) -> None:
    """Write `datapackage.json` (Frictionless): every file of the release with its fields and their descriptions."""
    top = describe.metadata()
    months = [row[0] for row in db.execute("SELECT DISTINCT substr(date, 1, 7) FROM articles ORDER BY 1")]
    resources: list[dict[str, Any]] = [
        {"name": "tintinh-db", "path": "tintinh.db", "format": "sqlite", "mediatype": "application/vnd.sqlite3",
         "bytes": (folder / "tintinh.db").stat().st_size, "description": "All tables, with the search index"},
        {"name": "articles-csv", "path": CSV, "format": "csv", "mediatype": "text/csv", "encoding": "utf-8",
         "compression": "gz", "profile": "tabular-data-resource", "rows": rows["articles"],
         "schema": _frictionless(db, "articles")},
    ]  # fmt: skip
    by_table: dict[str, list[Part]] = {}
    for part in _parts(months):
        by_table.setdefault(part.table, []).append(part)
    for table, parts in by_table.items():
        entry = describe.tables()[table]
        for format_, kind in (("jsonl", "application/jsonl"), ("parquet", "application/vnd.apache.parquet")):
            paths = [path for part in (*parts, Part(table, None)) if (folder / (path := part.path(format_))).exists()]
            paths = list(dict.fromkeys(paths))
            if paths:
                resources.append(
                    {
                        "name": f"{table.replace('_', '-')}-{format_}",
                        "title": entry["title"],
                        "description": entry["description"],
                        "path": paths if len(paths) > 1 else paths[0],
                        "format": format_,
                        "mediatype": kind,
                        "rows": rows[table],
                        "schema": _frictionless(db, table),
                    }
                )
    package = {
        "profile": "data-package", "name": "tin-tinh", "id": f"tin-tinh:{release}", "version": release,
        "created": created, "title": top["title"], "description": top["description"],
        "licenses": [{"name": "Apache-2.0", "title": top["license"]}], "sources": [{"title": top["source"]}],
        "resources": resources,
    }  # fmt: skip
    text = json.dumps(package, ensure_ascii=False, indent=1)
    (folder / "datapackage.json").write_text(text + "\n", encoding="utf-8")


def _frictionless(db: sqlite3.Connection, table: str) -> dict[str, Any]:
    described = describe.tables()[table]["columns"]
    kinds = {"TEXT": "string", "INTEGER": "integer", "REAL": "number"}
    info = db.execute("SELECT name, type, [notnull], pk FROM pragma_table_info(?)", (table,)).fetchall()
    fields = [
        {"name": name, "type": kinds[kind], "description": described[name]}
        | ({"constraints": {"required": True}} if required or key else {})
        for name, kind, required, key in info
    ]
    keys = [row[0] for row in sorted(info, key=lambda row: row[3]) if row[3]]
    foreign = [
        {"fields": row[3], "reference": {"resource": f"{row[2].replace('_', '-')}-jsonl", "fields": row[4] or "id"}}
        for row in db.execute(f"PRAGMA foreign_key_list({table})")
    ]
    return {"fields": fields, "primaryKey": keys} | ({"foreignKeys": foreign} if foreign else {})


def open_public(path: Path) -> closing[sqlite3.Connection]:
    """Open a published database for reading; nobody writes it, so no lock and no journal is looked for."""
    return closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True))
