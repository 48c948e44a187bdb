"""The front page: what this is, how fresh it is, what is newest, what changed, who is silent."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive.site.pages import lists, pictures, web

_QUESTIONS = {
    "vi": [
        {
            "href": "/tintinh/elected",
            "title": "Ai được bầu vào chức vụ gì, và trang gốc còn không?",
            "note": "từ câu chữ trong bài, kèm bản lưu",
        },
        {
            "href": "/tintinh/figures_by_unit?unit=h%E1%BB%93+s%C6%A1",
            "title": "Đã tiếp nhận bao nhiêu hồ sơ?",
            "note": "mọi con số có đơn vị, kèm câu gốc",
        },
    ],
    "en": [
        {
            "href": "/tintinh/elected?_lang=en",
            "title": "Who was elected to what, and is the page still up?",
            "note": "from the words of the articles, with the archived copy",
        },
        {
            "href": "/tintinh/figures_by_unit?unit=h%E1%BB%93+s%C6%A1&_lang=en",
            "title": "How many dossiers were filed?",
            "note": "every figure with its unit and sentence",
        },
    ],
}


async def front(datasette: Datasette, request: Request) -> Response:
    """Answer `/`."""
    facts = await web.keep(datasette, "front", _read)
    lang = web.language(request)
    return await web.page(
        datasette,
        request,
        "front.html",
        {
            **facts,
            "pictures": await pictures.addresses_of(datasette, lang),
            "feed": "/moi.atom",
            "questions": _QUESTIONS[lang],
        },
        once=True,
    )


def _read(db: sqlite3.Connection) -> dict[str, Any]:
    oldest = db.execute("SELECT min(value) FROM article_counts WHERE facet = 'year'").fetchone()[0]
    return {
        "total": lists.count(db, "portal"),
        "gone": lists.count(db, "state", "gone"),
        "portals": db.execute("SELECT count(*) FROM portals WHERE articles > 0").fetchone()[0],
        "oldest": oldest,
        "newest": lists.newest(db, 12),
        "changes": lists.changes(db, 7),
        "silent": silent(db),
    }


def silent(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the portals that need a person, longest silent first."""
    return web.rows(
        db.execute("""
        SELECT p.id, p.name, p.health, p.silent_since, p.last_ok_at, p.last_date,
          (SELECT cause FROM crawls c WHERE c.portal = p.id ORDER BY started_at DESC LIMIT 1) AS cause
        FROM portals p
        WHERE p.health NOT IN ('fine', 'acknowledged')
        ORDER BY silent_since IS NULL, silent_since, id""")
    )
