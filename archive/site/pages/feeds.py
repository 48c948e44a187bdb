"""Atom feeds of the newest articles, a portal, a province, a search, and of changes with their difference."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive.site import addresses
from archive.site.pages import changes, hits, lists, places, versions, web, words

ENTRIES = 30
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


async def newest(datasette: Datasette, request: Request) -> Response:
    """Answer `/moi.atom`."""
    articles = await web.keep(datasette, "feed newest", lambda db: _articles(db, lists.newest(db, ENTRIES)))
    title = ("Tin Tỉnh: bài mới nhất", "Tin Tỉnh: newest articles")
    return await _feed(datasette, request, title, addresses.front(), articles, once=True)


async def portal(datasette: Datasette, request: Request) -> Response:
    """Answer `/cong/<id>.atom`."""
    name = request.url_vars["portal"]

    def look(db: sqlite3.Connection) -> tuple[str | None, list[dict[str, Any]]]:
        found = db.execute("SELECT name FROM portals WHERE id = ?", (name,)).fetchone()
        return found and found[0], _articles(db, lists.newest(db, ENTRIES, "a.portal = ?", (name,)))

    title, articles = await web.read(datasette, look)
    title = web.only(title, "Sổ đăng ký không có cổng này.", "The registry holds no such portal.", request)
    return await _feed(datasette, request, (title, title), addresses.portal(name), articles)


async def province(datasette: Datasette, request: Request) -> Response:
    """Answer `/tinh/<slug>.atom`: articles of the province as it was, and of its territory today."""
    slug = request.url_vars["slug"]
    names = await web.keep(datasette, "province slugs", places.slugs)
    name = web.only(names.get(slug), "Không có tỉnh này.", "No such province.", request)

    def look(db: sqlite3.Connection) -> list[dict[str, Any]]:
        both = {
            article["id"]: article
            for column in ("province", "province_now")
            for article in lists.newest(db, ENTRIES, f"a.{column} = ?", (name,))
        }
        found = sorted(both.values(), key=lambda article: (article["date"], article["at_row"]), reverse=True)
        return _articles(db, found[:ENTRIES])

    return await _feed(datasette, request, (name, name), addresses.province(slug), await web.read(datasette, look))


async def search(datasette: Datasette, request: Request) -> Response:
    """Answer `/tim.atom?q=…`: the search's newest hits."""
    asked = hits.Question.of({**dict(_arguments(request)), "sort": "", "before": "", "page": ""})

    def look(db: sqlite3.Connection) -> list[dict[str, Any]]:
        return _articles(db, hits.find(db, asked, ENTRIES).articles)

    title = (f"Tin Tỉnh: {asked.q or 'tìm kiếm'}", f"Tin Tỉnh: {asked.q or 'search'}")
    path = addresses.search(**asked.arguments())
    return await _feed(datasette, request, title, path, await web.read(datasette, look))


async def changed(datasette: Datasette, request: Request) -> Response:
    """Answer `/thay-doi.atom`: edits with their difference, moves, disappearances."""
    asked = changes.arguments(request)

    def look(db: sqlite3.Connection) -> list[dict[str, Any]]:
        found = lists.changes(db, ENTRIES, **asked)
        for change in found:
            if change["kind"] == "edited":
                change["edit"] = versions.last_edit(db, change["article_id"], change["version"])
        return found

    found = await web.read(datasette, look)
    kept = {name: asked[name] for name in ("kind", "since", "portal", "province")}
    path = addresses.changes(**kept, small=None if asked["least"] else "1")
    title = ("Tin Tỉnh: bài bị sửa, chuyển, gỡ", "Tin Tỉnh: edited, moved and vanished articles")
    return await _feed(datasette, request, title, path, found, template="changes.atom")


def clean(text: str | None) -> str:
    """Return text without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("", text or "")


async def _feed(
    datasette: Datasette,
    request: Request,
    title: tuple[str, str],
    path: str,
    entries: list[dict[str, Any]],
    *,
    template: str = "articles.atom",
    once: bool = False,
) -> Response:
    known = await web.site(datasette)
    lang = web.language(request)
    facts = {
        **web.vocabulary(lang),
        "title": title[lang == "en"],
        "page": web.origin(known, request) + addresses.in_language(path, lang),
        "own": web.origin(known, request) + addresses.in_language(addresses.feed(path), lang),
        "here": web.origin(known, request),
        "entries": entries,
        "updated": words.atom_time(known.info.get("created_at", "1970-01-01T00:00:00Z")),
        "atom_time": words.atom_time,
        "clean": clean,
    }

    async def render() -> str:
        text: str = await datasette.jinja_env.get_template(template).render_async(facts)
        return text

    text = await web.made_once(datasette, request, template, render) if once else await render()
    return web.answer(text, "application/atom+xml; charset=utf-8")


def _arguments(request: Request) -> list[tuple[str, str]]:
    return [(name, request.args.get(name)) for name in request.args]


def _articles(db: sqlite3.Connection, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add what a feed says besides a list: the lead or beginning, the original address, the time of the version."""
    for article in found:
        lead, body, url, changed_at, author = db.execute(
            "SELECT lead, substr(body, 1, 600), url, changed_at, author FROM articles WHERE id = ?", (article["id"],)
        ).fetchone()
        article.update(summary=lead or hits.short(body, 400), url=url, changed_at=changed_at, author=author)
    return found
