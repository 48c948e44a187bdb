"""An article's versions, and what changed from one to the next, word by word."""

from __future__ import annotations

import sqlite3
from itertools import pairwise
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive.difference import compare, words_changed
from archive.site.pages import article as article_page
from archive.site.pages import web

SHOWN = 8
"""Differences on one page; older versions are listed and one click away."""
_TEXTS = "SELECT * FROM version_texts WHERE article_id = ? AND version <= ? ORDER BY version DESC LIMIT ?"


async def versions(datasette: Datasette, request: Request) -> Response:
    """Answer `/bai/<id>/phien-ban`: every version, and the differences of the newest ones."""
    article_id = request.url_vars["id"]

    def look(db: sqlite3.Connection) -> dict[str, Any] | None:
        found = _article(db, article_id)
        if found is None:
            return None
        listed = web.rows(
            db.execute(
                """SELECT version, kind, fetched_at, words_changed, cleaner, layout FROM versions
                WHERE article_id = ? ORDER BY version DESC LIMIT 200""",
                (article_id,),
            )
        )
        texts = web.rows(db.execute(_TEXTS, (article_id, found["version"], SHOWN + 1)))
        edits = {new["version"]: difference(old, new) for new, old in pairwise(texts)}
        return {"article": found, "versions": listed, "edits": edits}

    facts = await web.read(datasette, look)
    if facts is None:
        return await article_page.missing(datasette, request, article_id)
    return await web.page(datasette, request, "versions.html", facts)


async def version(datasette: Datasette, request: Request) -> Response:
    """Answer `/bai/<id>/phien-ban/<n>`: the article as it stood then, and what changed since the version before."""
    article_id, number = request.url_vars["id"], int(request.url_vars["version"])

    def look(db: sqlite3.Connection) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        return _article(db, article_id), web.rows(db.execute(_TEXTS, (article_id, number, 2)))

    found, texts = await web.read(datasette, look)
    if found is None:
        return await article_page.missing(datasette, request, article_id)
    shown = next((text for text in texts if text["version"] == number), None)
    web.only(shown, "Bài này không có phiên bản ấy.", "The article has no such version.", request)
    edit = difference(texts[1], texts[0]) if len(texts) == 2 else None
    return await web.page(datasette, request, "version.html", {"article": found, "version": shown, "edit": edit})


def difference(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return what a page shows of two versions: `words` changed and `steps`, unchanged runs folded into their count.

    A step is `{"paragraph": Paragraph}` or `{"skipped": n}`; one unchanged paragraph is kept on either side.
    """
    paragraphs = compare(whole(old), whole(new))
    near = {
        at + step for at, paragraph in enumerate(paragraphs) if paragraph.changed for step in (-1, 0, 1)
    }  # fmt: skip
    steps: list[dict[str, Any]] = []
    for at, paragraph in enumerate(paragraphs):
        if at in near:
            steps.append({"paragraph": paragraph})
        elif steps and "skipped" in steps[-1]:
            steps[-1]["skipped"] += 1
        else:
            steps.append({"skipped": 1})
    return {"words": words_changed(paragraphs), "steps": steps, "from": old["version"]}


def whole(text: dict[str, Any]) -> str:
    """Return a version's words as one text: title, lead, body, captions, byline."""
    captions = (text["captions"] or "").replace("\n", "\n\n")
    return "\n\n".join(part for part in (text["title"], text["lead"], text["body"], captions, text["author"]) if part)


def last_edit(db: sqlite3.Connection, article_id: str, number: int) -> dict[str, Any] | None:
    """Return the difference between a version and the one before it; None for the first."""
    texts = web.rows(db.execute(_TEXTS, (article_id, number, 2)))
    return difference(texts[1], texts[0]) if len(texts) == 2 else None


def _article(db: sqlite3.Connection, article_id: str) -> dict[str, Any] | None:
    return web.row(
        db.execute(
            """SELECT id, title, publisher, portal, province, province_now, url, state, gone_since, language, version,
              version_count, date FROM articles WHERE id = ?""",
            (article_id,),
        )
    )
