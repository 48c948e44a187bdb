"""The article page: the text as archived, where it comes from, and what was taken out of its page."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from itertools import groupby
from typing import Any
from urllib.parse import quote, urlencode

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive.site import addresses
from archive.site.addresses import Lang
from archive.site.pages import pictures, raw, web, words

ELSEWHERE = 12
CAPTURES = 40
REMOVED = 80
"""Rows of these kinds on one page; the rest is one click away in the tables."""


async def article(datasette: Datasette, request: Request) -> Response:
    """Answer `/bai/<id>`: the article, 410 with date and reason, or the way to the article it was merged into.

    An article that only moved within its portal is one with its newer address and redirects there; its own versions
    stay under its own id. One whose text reappeared on another portal stays what it is and says where to.
    """
    article_id = request.url_vars["id"]
    facts = await web.read(datasette, lambda db: read(db, article_id))
    if facts is None:
        return await missing(datasette, request, article_id)
    lang = web.language(request)
    if facts["moved_here"] and facts["moved_here"]["portal"] == facts["article"]["portal"]:
        return web.redirect(addresses.in_language(addresses.article(facts["moved_here"]["id"]), lang))
    known = await web.site(datasette)
    here = web.origin(known, request) + addresses.article(article_id)
    shown = facts["article"]
    return await web.page(
        datasette,
        request,
        "article.html",
        {
            **facts,
            "raw": raw.archive_of(datasette) is not None,
            "address": here,
            "citation": citation(shown, here, known.info, lang),
            "report": report(shown, here, known, lang),
            "linked_data": linked_data(shown, here, facts["images"]),
            "feed": addresses.feed(addresses.portal(shown["portal"])),
        },
    )


async def missing(datasette: Datasette, request: Request, article_id: str) -> Response:
    """Answer for an id without an article: taken down (410, with date and reason) or never seen (404)."""

    def look(db: sqlite3.Connection) -> dict[str, Any] | None:
        return web.row(db.execute("SELECT * FROM takedowns WHERE article_id = ?", (article_id,)))

    takedown = web.only(
        await web.read(datasette, look),
        "Kho lưu trữ không có bài này.",
        "The archive holds no such article.",
        request,
    )
    return await web.page(datasette, request, "takedown.html", {"takedown": takedown}, status=410)


def read(db: sqlite3.Connection, article_id: str) -> dict[str, Any] | None:
    """Read everything the page shows; None if the release has no such article."""
    found = web.row(db.execute("SELECT * FROM articles WHERE id = ?", (article_id,)))
    if found is None:
        return None
    key = (article_id,)
    portal = web.row(db.execute("SELECT * FROM portals WHERE id = ?", (found["portal"],))) or {}
    images = web.rows(db.execute("SELECT * FROM images WHERE article_id = ? ORDER BY n", key))
    tables = web.rows(db.execute("SELECT * FROM article_tables WHERE article_id = ? ORDER BY n", key))
    captures = web.rows(
        db.execute(
            "SELECT * FROM captures WHERE article_id = ? ORDER BY fetched_at DESC, id DESC LIMIT ?", (*key, CAPTURES)
        )
    )
    removed = web.rows(
        db.execute(
            "SELECT label, rule, text FROM removed_blocks WHERE article_id = ? ORDER BY n LIMIT ?", (*key, REMOVED)
        )
    )
    views = web.rows(
        db.execute("SELECT fetched_at, views, flag FROM view_counts WHERE article_id = ? ORDER BY fetched_at", key)
    )
    around = db.execute("SELECT count(*) FROM portal_blocks WHERE portal = ?", (found["portal"],)).fetchone()[0]
    return {
        "article": found,
        "portal": portal,
        "flow": flow(found, images, tables),
        "loose_captions": _loose(found["captions"], images),
        "images": images,
        "attachments": web.rows(db.execute("SELECT * FROM attachments WHERE article_id = ? ORDER BY n", key)),
        "captures": captures,
        "removed": _by_label(removed),
        "removed_count": len(removed),
        "around": around,
        "views": views,
        "views_chart": pictures.line([(view["fetched_at"], view["views"]) for view in views if not view["flag"]]),
        "elsewhere": _elsewhere(db, found),
        "moved_here": _moved(db, found),
        "flags": _flags(db, found["flags"]),
        "facts": _facts(db, article_id),
    }


def flow(found: dict[str, Any], images: list[dict[str, Any]], tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the article's pieces in reading order: `{"kind": "p"|"h"|"image"|"table", …}`.

    `after_paragraph` counts the paragraphs that stand before a picture or table; without one they follow the text.
    """
    paragraphs = [part for part in (found["body"] or "").split("\n\n") if part.strip()]
    headings = set(json.loads(found["headings"] or "[]"))
    pieces: list[dict[str, Any]] = []
    waiting = [{"kind": "image", **image} for image in images]
    waiting += [{"kind": "table", **table, "cells": json.loads(table["cells"])} for table in tables]
    end = len(paragraphs)
    waiting.sort(key=lambda piece: end if piece["after_paragraph"] is None else piece["after_paragraph"])
    for at, text in enumerate(paragraphs):
        while waiting and waiting[0]["after_paragraph"] is not None and waiting[0]["after_paragraph"] <= at:
            pieces.append(waiting.pop(0))
        pieces.append({"kind": "h" if at in headings else "p", "text": text})
    return pieces + waiting


def citation(found: dict[str, Any], address: str, release: Mapping[str, str], lang: Lang) -> str:
    """Return a reference to copy: who, what, when, where it stood, where and in which state it is kept."""
    parts = [found["publisher"] or words.host(found["url"]), f"“{found['title'] or ''}”"]
    parts += [words.day(found["published"] or found["date"], lang)] if found["date_basis"] != "fetched" else []
    kept, version, text = (
        ("bản lưu của Tin Tỉnh", "phiên bản", "mã nội dung SHA-256")
        if lang == "vi"
        else ("archived by Tin Tỉnh", "version", "SHA-256 of the text")
    )
    parts += [
        found["url"],
        f"{kept} {words.day(found['last_ok_at'], lang)}, {address} ({version} {found['version']}, "
        f"{text} {found['content_hash'][:16]}…, {release.get('release', '')})",
    ]
    return ". ".join(part for part in parts if part) + "."


def report(found: dict[str, Any], address: str, known: web.Site, lang: Lang) -> str:
    """Return a mail that already says which version of which article is meant."""
    english = lang == "en"
    subject = f"{'Error in' if english else 'Báo lỗi bài'} {found['id']}"
    body = (
        f"{'Article' if english else 'Bài'}: {found['title'] or ''}\n"
        f"{'Address' if english else 'Địa chỉ'}: {address}\n"
        f"{'Original' if english else 'Trang gốc'}: {found['url']}\n"
        f"Id: {found['id']}, {'version' if english else 'phiên bản'} {found['version']}, "
        f"{'release' if english else 'bản phát hành'} {known.info.get('release', '')}\n\n"
        f"{'What is wrong' if english else 'Chỗ sai'}: "
    )
    return f"mailto:{quote(known.contact or '', safe='@')}?" + urlencode(
        {"subject": subject, "body": body}, quote_via=quote
    )


def linked_data(found: dict[str, Any], address: str, images: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the article as schema.org's ArchiveComponent of a NewsArticle."""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": address,
        "url": address,
        "headline": found["title"],
        "description": found["lead"],
        "datePublished": found["published"],
        "dateModified": found["changed_at"] if found["version_count"] > 1 else None,
        "inLanguage": found["language"],
        "articleSection": found["category"],
        "author": {"@type": "Person", "name": found["author"]} if found["author"] else None,
        "publisher": {"@type": "GovernmentOrganization", "name": found["publisher"]} if found["publisher"] else None,
        "isBasedOn": found["url"],
        "contentLocation": {"@type": "AdministrativeArea", "name": found["province"]} if found["province"] else None,
        "image": [image["url"] for image in images] or None,
        "archivedAt": address,
    }
    return {name: value for name, value in data.items() if value is not None}


def _loose(captions: str | None, images: list[dict[str, Any]]) -> list[str]:
    """Return the captions that no picture carries (a text dump has captions without pictures)."""
    held = {image["caption"] for image in images}
    return [text for text in (captions or "").split("\n") if text.strip() and text not in held]


def _by_label(removed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    order = list(words.REMOVED)
    removed = sorted(removed, key=lambda block: order.index(block["label"]) if block["label"] in order else len(order))
    return [
        {"label": label, "blocks": list(blocks)} for label, blocks in groupby(removed, key=lambda block: block["label"])
    ]


def _elsewhere(db: sqlite3.Connection, found: dict[str, Any]) -> list[dict[str, Any]]:
    if not found["text_group"]:
        return []
    return web.rows(
        db.execute(
            """SELECT id, title, publisher, portal, date, url, state FROM articles
            WHERE text_group = ? AND id <> ? ORDER BY date, id LIMIT ?""",
            (found["text_group"], found["id"], ELSEWHERE),
        )
    )


def _moved(db: sqlite3.Connection, found: dict[str, Any]) -> dict[str, Any] | None:
    """Return the article this one moved to, if the release holds it."""
    if not found["moved_to"]:
        return None
    return web.row(db.execute("SELECT id, title, url, portal FROM articles WHERE id = ?", (found["moved_to"],)))


def _flags(db: sqlite3.Connection, flags: str) -> list[dict[str, Any]]:
    names = json.loads(flags or "[]")
    known = {flag: (vi, en) for flag, vi, en in db.execute("SELECT flag, vi, en FROM flag_meanings")} if names else {}
    return [
        {"flag": name, "vi": known.get(name, (name,))[0], "en": known.get(name, (name, name))[-1]} for name in names
    ]


def _facts(db: sqlite3.Connection, article_id: str) -> dict[str, list[dict[str, Any]]]:
    people = db.execute(
        """SELECT DISTINCT person, role, organisation, elected FROM people_roles WHERE article_id = ?
        ORDER BY elected DESC, n LIMIT 12""",
        (article_id,),
    )
    documents = db.execute("SELECT DISTINCT raw FROM documents WHERE article_id = ? ORDER BY n LIMIT 12", (article_id,))
    return {"people": web.rows(people), "documents": web.rows(documents)}
