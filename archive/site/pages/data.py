"""The data page: downloads with their checksums, the tables, how to query and cite; and ready citations."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive.site import addresses, citation, describe
from archive.site.pages import web

SUMS = "SHA256SUMS"
_FIRST = ("tintinh.db.zst", "tintinh.db", "articles.csv.gz")


async def data(datasette: Datasette, request: Request) -> Response:
    """Answer `/du-lieu`."""
    lang = web.language(request)
    folder = Path(datasette.get_database(web.DATABASE).path).resolve().parent
    tables = await web.keep(datasette, "tables", _tables)
    kept = (await web.site(datasette)).kept
    if "files" not in kept:
        kept["files"] = files(folder)
    return await web.page(
        datasette,
        request,
        "data.html",
        {
            "here": "data",
            "files": kept["files"],
            "folders": folders(kept["files"]),
            "datasets": [{**table, "title": describe.say(table["title"], lang)} for table in tables],
            "queries": [
                {"name": name, "title": describe.say(entry["title"], lang)}
                for name, entry in describe.queries().items()
            ],
            "cite": _read(folder / "citation.bib"),
        },
        once=True,
    )


async def cite(datasette: Datasette, request: Request) -> Response:
    """Answer `/bai/<id>/trich-dan.bib` and `.json`: the article's citation for reference managers."""
    article_id = request.url_vars["id"]

    def look(db: sqlite3.Connection) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        found = web.row(db.execute("SELECT * FROM articles WHERE id = ?", (article_id,)))
        capture = web.row(
            db.execute(
                "SELECT * FROM captures WHERE article_id = ? AND version = ? ORDER BY fetched_at, id LIMIT 1",
                (article_id, found["version"] if found else None),
            )
        )
        return found, capture

    found, capture = await web.read(datasette, look)
    found = web.only(found, "Kho lưu trữ không có bài này.", "The archive holds no such article.", request)
    known = await web.site(datasette)
    address = web.origin(known, request) + addresses.article(article_id)
    ready = citation.of_article(found, capture, known.info.get("release", ""), address)
    if request.url_vars["format"] == "bib":
        return web.answer(ready.bibtex, "application/x-bibtex; charset=utf-8", headers=_as_file(f"{ready.key}.bib"))
    kind = "application/vnd.citationstyles.csl+json; charset=utf-8"
    return web.answer(ready.csl_json, kind, headers=_as_file(f"{ready.key}.json"))


def files(folder: Path) -> list[dict[str, Any]]:
    """Return the release's files with their checksum and size, as its SHA256SUMS lists them; none without it."""
    out = []
    for line in _read(folder / SUMS).splitlines():
        digest, _, name = line.partition(" ")
        name = name.strip().lstrip("*")
        file = folder / name
        if (
            len(digest) == 64
            and not file.name.startswith(".")
            and file.is_file()
            and file.resolve().is_relative_to(folder)
        ):
            out.append({"name": name, "sha256": digest, "bytes": file.stat().st_size})
    return out


def folders(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the files one by one, those of the folders (one file a month) summed up."""
    single = [file for file in found if "/" not in file["name"]]
    single.sort(key=lambda file: (_FIRST.index(file["name"]) if file["name"] in _FIRST else len(_FIRST), file["name"]))
    months: dict[str, dict[str, Any]] = {}
    for file in found:
        if "/" in file["name"]:
            top = file["name"].split("/")[0]
            one = months.setdefault(top, {"name": top, "count": 0, "bytes": 0})
            one["count"] += 1
            one["bytes"] += file["bytes"]
    return {"single": single, "months": list(months.values())}


def _tables(db: sqlite3.Connection) -> list[dict[str, Any]]:
    present = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
    return [{"name": name, "title": entry["title"]} for name, entry in describe.tables().items() if name in present]


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
