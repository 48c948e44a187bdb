"""What was rewritten, moved or vanished, newest first; edits of a few words are hidden by default."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive.site import addresses
from archive.site.pages import lists, web

PAGE = 40
KINDS = ("edited", "gone", "moved")


async def changes(datasette: Datasette, request: Request) -> Response:
    """Answer `/thay-doi`: `kind`, `since`, `portal`, `province` narrow it, `small=1` shows small edits too."""
    asked = arguments(request)

    def look(db: sqlite3.Connection) -> dict[str, Any]:
        found = lists.changes(db, PAGE + 1, **asked)
        return {"found": found, "by_portal": _by_portal(db, asked["since"]) if asked["kind"] == "gone" else []}

    facts = await web.read(datasette, look)
    found = facts["found"]
    lang = web.language(request)
    kept = {name: asked[name] for name in ("kind", "since", "portal", "province")}
    small = "1" if not asked["least"] else None
    more = None
    if len(found) > PAGE:
        found = found[:PAGE]
        more = addresses.in_language(
            addresses.changes(**kept, small=small, before=f"{found[-1]['at']}~{found[-1]['article_id']}"), lang
        )
    return await web.page(
        datasette,
        request,
        "changes.html",
        {
            "here": "changes",
            "changes": found,
            "by_portal": facts["by_portal"],
            "asked": asked,
            "small": small,
            "kinds": KINDS,
            "kept": {name: value for name, value in kept.items() if value},
            "more": more,
            "feed": addresses.feed(addresses.changes(**kept, small=small)),
        },
    )


def arguments(request: Request) -> dict[str, Any]:
    """Read the address's arguments; what makes no sense counts as not given."""
    kind = request.args.get("kind")
    since = request.args.get("since") or ""
    before = re.fullmatch(r"([\dTZ:.+-]{4,32})~([0-9a-f]{16})", request.args.get("before") or "")
    return {
        "kind": kind if kind in KINDS else None,
        "since": since if re.fullmatch(r"\d{4}(-\d\d){0,2}", since) else None,
        "before": (before[1], before[2]) if before else None,
        "portal": (request.args.get("portal") or "").replace("\0", "") or None,
        "province": (request.args.get("province") or "").replace("\0", "") or None,
        "least": 0 if request.args.get("small") else lists.SMALL_EDIT,
    }


def _by_portal(db: sqlite3.Connection, since: str | None) -> list[dict[str, Any]]:
    """Return how many articles each portal lost."""
    return web.rows(
        db.execute(
            """SELECT a.portal, p.name, count(*) AS articles FROM articles a LEFT JOIN portals p ON p.id = a.portal
            WHERE a.gone_since >= ? GROUP BY a.portal ORDER BY articles DESC, a.portal LIMIT 30""",
            (since or "0",),
        )
    )
