"""Provinces, old and new, and portals: who became what, what is kept of them, what is gone."""

from __future__ import annotations

import json
import sqlite3
from itertools import groupby
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive.site import addresses
from archive.site.pages import lists, pictures, web, words

NEWEST = 12
MONTHS = 48
"""Months of coverage drawn on a place's own page."""


async def provinces(datasette: Datasette, request: Request) -> Response:
    """Answer `/tinh`: the 34 provinces of today with those they were made of."""
    facts = await web.keep(datasette, "provinces", _provinces)
    return await web.page(datasette, request, "provinces.html", {"here": "provinces", **facts}, once=True)


async def province(datasette: Datasette, request: Request) -> Response:
    """Answer `/tinh/<slug>`: one name, as a province before and after 1 July 2025."""
    slug = request.url_vars["slug"]
    names = await web.keep(datasette, "province slugs", slugs)
    name = web.only(names.get(slug), "Không có tỉnh này.", "No such province.", request)
    if slug != words.slug(name):
        return web.redirect(addresses.in_language(addresses.province(words.slug(name)), web.language(request)))
    facts = await web.read(datasette, lambda db: _province(db, name))
    return await web.page(
        datasette,
        request,
        "province.html",
        {"here": "provinces", **facts, "feed": addresses.feed(addresses.province(slug))},
    )


async def portals(datasette: Datasette, request: Request) -> Response:
    """Answer `/cong`: every portal of the registry, by the province of today."""
    facts = await web.keep(datasette, "portals", _portals)
    return await web.page(datasette, request, "portals.html", {"here": "portals", **facts}, once=True)


async def portal(datasette: Datasette, request: Request) -> Response:
    """Answer `/cong/<id>`: what a portal is, how well it is kept, what it repeats around its articles."""
    name = request.url_vars["portal"]
    facts = await web.read(datasette, lambda db: _portal(db, name))
    facts = web.only(facts, "Sổ đăng ký không có cổng này.", "The registry holds no such portal.", request)
    return await web.page(
        datasette, request, "portal.html", {"here": "portals", **facts, "feed": addresses.feed(addresses.portal(name))}
    )


def _provinces(db: sqlite3.Connection) -> dict[str, Any]:
    now = web.rows(db.execute("SELECT * FROM provinces WHERE vintage = 2025 ORDER BY sort_key, name"))
    before = web.rows(db.execute("SELECT * FROM provinces WHERE vintage = 2024 ORDER BY sort_key, name"))
    return {
        "units": [
            {**new, "olds": [old for old in before if old["becomes"] == new["id"]]}
            for new in now
        ],
        "olds": len(before),
        "news": len(now),
    }  # fmt: skip


def slugs(db: sqlite3.Connection) -> dict[str, str]:
    """Return slug to name, for names and aliases; a name wins over an alias."""
    out: dict[str, str] = {}
    found = db.execute("SELECT name, aliases FROM provinces").fetchall()
    for name, aliases in found:
        out.update({words.slug(alias): name for alias in json.loads(aliases or "[]")})
    out.update({words.slug(name): name for name, _ in found})
    return out


def _province(db: sqlite3.Connection, name: str) -> dict[str, Any]:
    units = {
        unit["vintage"]: unit for unit in web.rows(db.execute("SELECT * FROM provinces WHERE name = ?", (name,)))
    }  # fmt: skip
    old, new = units.get(2024), units.get(2025)
    became = web.row(db.execute("SELECT * FROM provinces WHERE id = ?", (old["becomes"],))) if old else None
    made_of = (
        web.rows(db.execute("SELECT * FROM provinces WHERE becomes = ? ORDER BY sort_key", (new["id"],))) if new else []
    )
    held = web.rows(
        db.execute(
            """SELECT id, name, level, base_url, valid_from, valid_to, articles, gone, first_date, last_date, health,
              silent_since, province, province_now,
              (SELECT cause FROM crawls c WHERE c.portal = p.id ORDER BY started_at DESC LIMIT 1) AS cause
            FROM portals p
            WHERE province = ? OR province_now = ? ORDER BY province <> ?, articles DESC, name""",
            (name, name, name),
        )
    )
    scope = "a.province_now = ?" if new and not old else "a.province = ?"
    months = db.execute(
        """SELECT c.month, sum(c.articles), min(coalesce(c.listing_complete, 0)) FROM coverage c
        JOIN portals p ON p.id = c.portal
        WHERE (p.province = ? OR p.province_now = ?) AND NOT (c.articles = 0 AND c.listing_complete IS NULL)
        GROUP BY 1""",
        (name, name),
    ).fetchall()
    return {
        "name": name,
        "old": old,
        "new": new,
        "became": became if became and became["name"] != name else None,
        "made_of": [unit for unit in made_of if unit["name"] != name],
        "portals": held,
        "strip": strip(months),
        "newest": lists.newest(db, NEWEST, scope, (name,)),
        "newest_now": lists.newest(db, NEWEST, "a.province_now = ?", (name,)) if old and new and made_of else [],
        "gone": lists.changes(db, 6, kind="gone", province=name),
    }


def strip(months: list[Any]) -> dict[str, Any] | None:
    """Return the newest months of coverage as boxes by year, for a small table: `(month, articles, complete)` rows."""
    if not months:
        return None
    held = {month: pictures.Cell(articles, bool(complete)) for month, articles, complete in months}
    every = words.months(max(min(held), "1997-01"), max(held))[-MONTHS:]
    limits = pictures.limits([held[month].articles for month in every if month in held and held[month].articles])
    boxes = [(month, held.get(month)) for month in every]
    return {
        "years": [
            (year, [(month, cell, _shade(cell, limits)) for month, cell in some])
            for year, some in groupby(boxes, key=lambda box: box[0][:4])
        ]
    }


def _shade(cell: pictures.Cell | None, limits: list[int]) -> str:
    if cell is None:
        return "none"
    if not cell.articles:
        return "zero"
    return f"q{1 + sum(cell.articles > limit for limit in limits)}" + ("" if cell.complete else " part")


def _portals(db: sqlite3.Connection) -> dict[str, Any]:
    found = web.rows(
        db.execute("""
        SELECT p.id, p.name, p.level, p.province, p.province_now, p.base_url, p.valid_to, p.crawl, p.articles, p.gone,
          p.last_date, p.health,
          (SELECT cause FROM crawls c WHERE c.portal = p.id ORDER BY started_at DESC LIMIT 1) AS cause
        FROM portals p
        LEFT JOIN provinces n ON n.name = p.province_now AND n.vintage = 2025
        ORDER BY n.sort_key IS NULL, n.sort_key, p.province <> p.province_now, p.province, p.articles DESC, p.name""")
    )
    return {
        "groups": [
            {"name": name, "portals": list(some)} for name, some in groupby(found, key=lambda one: one["province_now"])
        ],
        "count": len(found),
        "with_articles": sum(1 for one in found if one["articles"]),
    }


def _portal(db: sqlite3.Connection, name: str) -> dict[str, Any] | None:
    found = web.row(
        db.execute(
            """SELECT *, (SELECT cause FROM crawls c WHERE c.portal = p.id ORDER BY started_at DESC LIMIT 1) AS cause
            FROM portals p WHERE id = ?""",
            (name,),
        )
    )
    if found is None:
        return None
    months = db.execute(
        """SELECT month, articles, coalesce(listing_complete, 0) FROM coverage
        WHERE portal = ? AND NOT (articles = 0 AND listing_complete IS NULL)""",
        (name,),
    ).fetchall()
    totals = db.execute(
        """SELECT fetched_at, total FROM site_counters WHERE portal = ? AND total IS NOT NULL AND flag IS NULL
        ORDER BY fetched_at DESC LIMIT 200""",
        (name,),
    ).fetchall()[::-1]
    return {
        "portal": found,
        "successor": web.row(db.execute("SELECT id, name FROM portals WHERE id = ?", (found["successor"],))),
        "strip": strip(months),
        "newest": lists.newest(db, NEWEST, "a.portal = ?", (name,)),
        "changes": lists.changes(db, 6, portal=name),
        "crawls": web.rows(
            db.execute("SELECT * FROM crawls WHERE portal = ? ORDER BY started_at DESC LIMIT 10", (name,))
        ),
        "around": web.rows(
            db.execute("SELECT label, rule, text FROM portal_blocks WHERE portal = ? ORDER BY n LIMIT 60", (name,))
        ),
        "counter": web.row(
            db.execute("SELECT * FROM site_counters WHERE portal = ? ORDER BY fetched_at DESC LIMIT 1", (name,))
        ),
        "counter_chart": pictures.line(totals),
    }
