"""The fact tables of a release: read from the prose by `cleaning.facts`, once per text.

Reading costs milliseconds an article, so what the release before has read from the same text by the same rules is taken
over, also when a release is built in full.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cleaning
from archive.site import schema
from cleaning import facts

_RULES = ("facts.py", "facts.toml", "dates.py", "vietnamese.py", "wording.py", "wording.toml")

Rows = dict[str, list[dict[str, Any]]]


class Facts:
    """Reads the facts of articles; `earlier` is the database of the release before, if there is one."""

    def __init__(self, earlier: sqlite3.Connection | None, *, masked: bool) -> None:
        self.key = rules(masked)
        self._earlier = earlier if earlier is not None and _key_of(earlier) == self.key else None

    def of(self, article: dict[str, Any], paragraphs: Sequence[str]) -> Rows:
        """Return fact table name to the rows of one article: a row of `articles`, and its body's paragraphs."""
        if self._earlier is not None:
            same = "SELECT 1 FROM articles WHERE id = ? AND content_hash = ?"
            if self._earlier.execute(same, (article["id"], article["content_hash"])).fetchone():
                return {table: self._kept(table, article["id"]) for table in schema.FACTS}
        found: Rows = {table: [] for table in schema.FACTS}
        if article["language"] in (None, "vi"):
            for table, row in facts.rows(paragraphs, title=article["title"], lead=article["lead"]):
                found[table].append({"article_id": article["id"], **row})
        return found

    def _kept(self, table: str, article_id: str) -> list[dict[str, Any]]:
        assert self._earlier is not None
        cursor = self._earlier.execute(f"SELECT * FROM {table} WHERE article_id = ? ORDER BY n", (article_id,))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def rules(masked: bool) -> str:
    """Return a key of the rules that read facts; it changes when they do."""
    folder = Path(cleaning.__file__).parent
    digest = hashlib.sha256(b"masked" if masked else b"")
    for name in _RULES:
        file = folder / name
        digest.update(file.read_bytes() if file.exists() else b"")
    return digest.hexdigest()[:16]


def _key_of(db: sqlite3.Connection) -> str | None:
    row = db.execute("SELECT value FROM release_info WHERE key = 'facts'").fetchone()
    return None if row is None else str(row[0])
