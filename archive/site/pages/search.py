"""The search page: a page per question that can be linked and followed."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive.site import addresses
from archive.site.pages import web
from archive.site.pages.hits import COUNTED, Question, find


async def search(datasette: Datasette, request: Request) -> Response:
    """Answer `/tim`."""
    asked = Question.of(request.args)
    hits = await web.read(datasette, lambda db: find(db, asked))
    choices = await web.keep(datasette, "choices", _choices)
    follow = addresses.search(**replace(asked, before="", page="", sort="").arguments())
    return await web.page(
        datasette,
        request,
        "search.html",
        {
            "here": "search",
            "asked": asked,
            "hits": hits,
            "more": addresses.in_language(addresses.search(**hits.more.arguments()), web.language(request))
            if hits.more
            else None,
            "apart": addresses.in_language(
                addresses.search(**replace(asked, apart="1", before="", page="").arguments()), web.language(request)
            )
            if hits.phrase
            else None,
            "counted": COUNTED,
            "choices": choices,
            "portal_choices": [(name, f"{title} ({count})") for name, title, count in choices["portals"]],
            "feed": addresses.feed(follow),
        },
    )


def _choices(db: sqlite3.Connection) -> dict[str, list[Any]]:
    """Return what the filters offer, with the counts made at publishing."""

    def counted(facet: str) -> list[Any]:
        return db.execute(
            "SELECT value, articles FROM article_counts WHERE facet = ? ORDER BY articles DESC, value", (facet,)
        ).fetchall()

    places = "SELECT name, articles FROM provinces WHERE vintage = ? AND articles > 0 ORDER BY sort_key"
    return {
        "provinces": db.execute(places, (2024,)).fetchall(),
        "now": db.execute(places, (2025,)).fetchall(),
        "levels": counted("level"),
        "states": counted("state"),
        "portals": db.execute("SELECT id, name, articles FROM portals WHERE articles > 0 ORDER BY name").fetchall(),
    }
