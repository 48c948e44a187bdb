"""What `metadata.yml` says about tables and columns, for Datasette, the data dictionary and `datapackage.json`."""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

METADATA = Path(__file__).with_name("metadata.yml")
DATABASE = "tintinh"

Lang = Literal["vi", "en"]


@cache
def metadata() -> dict[str, Any]:
    """Return `metadata.yml` as Datasette reads it."""
    loaded = yaml.safe_load(METADATA.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def tables() -> dict[str, dict[str, Any]]:
    """Return table or view name to its entry (`title`, `description`, `columns` …)."""
    entries: dict[str, dict[str, Any]] = metadata()["databases"][DATABASE]["tables"]
    return entries


def queries() -> dict[str, dict[str, Any]]:
    """Return canned query name to its entry."""
    entries: dict[str, dict[str, Any]] = metadata()["databases"][DATABASE]["queries"]
    return entries


def say(text: str, lang: Lang) -> str:
    """Return one language of a bilingual `tiếng Việt | English` text."""
    vi, _, en = text.partition(" | ")
    return (vi if lang == "vi" or not en else en).strip()


def dictionary(db: sqlite3.Connection) -> str:
    """Return the data dictionary of a public database as Markdown, one table per table."""
    lines = ["# Từ điển dữ liệu · Data dictionary", ""]
    for name, entry in tables().items():
        lines += [f"## {name}: {say(entry['title'], 'vi')} · {say(entry['title'], 'en')}", ""]
        lines += [say(entry["description"], "vi") + ".", "", say(entry["description"], "en") + ".", ""]
        lines += ["| column | type | tiếng Việt | English |", "|---|---|---|---|"]
        for column, kind in db.execute("SELECT name, type FROM pragma_table_info(?)", (name,)):
            text = entry["columns"][column]
            lines.append(f"| `{column}` | {kind.lower()} | {say(text, 'vi')} | {say(text, 'en')} |")
        lines.append("")
    return "\n".join(lines)
