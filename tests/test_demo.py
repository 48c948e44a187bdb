"""The sample portals' whole job: every article found once, and cleaned to the letter."""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from demo.articles import Article, SiteData, load_sites
from demo.world import MANNERS

SITES = {data.portal: data for data in load_sites()}
PAIRS = [(data.portal, article.id) for data in SITES.values() for article in data.articles]


def truth(portal: str, ident: str) -> tuple[SiteData, Article]:
    data = SITES[portal]
    return data, next(article for article in data.articles if article.id == ident)


def target(data: SiteData, article: Article) -> str:
    return str(MANNERS[data.manners].target(article)).lower()


@pytest.fixture(scope="session")
def release(demo_dir: Path) -> Iterator[sqlite3.Connection]:
    file = demo_dir / "releases" / "current" / "tintinh.db"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        yield db


@pytest.fixture(scope="session")
def found(release: sqlite3.Connection) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The published articles by portal and address without host."""
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in release.execute("SELECT * FROM articles"):
        parts = urlsplit(row["url"])
        address = (parts.path + ("?" + parts.query if parts.query else "")).lower()
        rows.setdefault((row["portal"], address), []).append(dict(row))
    return rows


def test_every_article_is_found_and_none_twice(found: dict[tuple[str, str], list[dict[str, Any]]]) -> None:
    expected = {(data.portal, target(data, article)) for data in SITES.values() for article in data.articles}
    assert set(found) == expected
    assert all(len(rows) == 1 for rows in found.values())


@pytest.mark.parametrize(("portal", "ident"), PAIRS, ids=[f"{portal[5:]}-{ident}" for portal, ident in PAIRS])
def test_an_article_is_cleaned_to_the_letter(
    portal: str, ident: str, found: dict[tuple[str, str], list[dict[str, Any]]], release: sqlite3.Connection
) -> None:
    data, article = truth(portal, ident)
    row = found[portal, target(data, article)][0]
    tables = release.execute("SELECT cells FROM article_tables WHERE article_id = ? ORDER BY n", (row["id"],))
    files = release.execute("SELECT url, text FROM attachments WHERE article_id = ? ORDER BY n", (row["id"],))
    got = {
        "title": row["title"],
        "lead": row["lead"],
        "body": row["body"].split("\n\n") if row["body"] else [],
        "captions": (row["captions"] or "").splitlines(),
        "author": row["author"],
        "source": row["source"],
        "published": row["published"],
        "event": row["event_date"],
        "tables": [json.loads(table["cells"]) for table in tables],
        "files": [(urlsplit(file["url"]).path.rpartition("/")[2], file["text"]) for file in files],
    }
    wanted = {
        "title": unicodedata.normalize("NFC", article.title),
        "lead": article.lead,
        "body": list(article.body),
        "captions": list(article.captions),
        "author": article.author,
        "source": article.source,
        "published": article.published,
        "event": article.event,
        "tables": [[list(cells) for cells in table] for table in article.tables],
        "files": [(file.name, file.text) for file in article.files],
    }
    assert got == wanted


def test_a_date_says_where_it_was_read(found: dict[tuple[str, str], list[dict[str, Any]]]) -> None:
    sources = {}
    for data in SITES.values():
        for article in data.articles:
            row = found[data.portal, target(data, article)][0]
            sources[data.portal, article.id] = (article.published_from, row["published_source"])
            assert (row["published"] is None) == (row["date_basis"] != "published")
    assert sources["demo_ninh_thuan", "kqh201b"] == ("url", "url")
    assert sources["demo_long_an", "681246"] == ("listing", "listing")
    assert sources["demo_long_an", "680812"] == ("page", "page")


def test_counters_leave_the_text_and_become_numbers(release: sqlite3.Connection) -> None:
    texts = [f"{row['lead']} {row['body']} {row['captions']}" for row in release.execute("SELECT * FROM articles")]
    counter = re.compile(r"(?:Lượt xem|Hôm nay|Trong tuần|Tất cả|Đang online|Đang truy cập|Số lượt truy cập)\s*:?\s*\d")
    assert [text for text in texts if counter.search(text)] == []
    views = dict(release.execute("SELECT a.title, v.views FROM view_counts v JOIN articles a ON a.id = v.article_id"))
    for article in SITES["demo_long_an"].articles:
        assert article.views is None or views[article.title] >= article.views
    counted = {row["portal"] for row in release.execute("SELECT DISTINCT portal FROM site_counters")}
    assert counted >= {"demo_long_an", "demo_lang_son", "demo_ninh_thuan", "demo_quang_nam"}


def test_prose_that_looks_like_boilerplate_survives(release: sqlite3.Connection) -> None:
    bodies = "\n".join(row["body"] for row in release.execute("SELECT body FROM articles"))
    for opening in (
        "Lượt xem của chuyên mục hướng dẫn", "Theo thống kê truy cập của Trung tâm, hôm nay",
        "Nguồn: số liệu do hệ thống",
        "Tác giả của sáng kiến", "Tin liên quan đến tổ chức hội nghị", "Ban Biên tập thông báo mới thay đổi",
    ):  # fmt: skip
        assert opening in bodies


def test_nothing_is_dropped_in_silence(release: sqlite3.Connection) -> None:
    labels = Counter(row["label"] for row in release.execute("SELECT label FROM removed_blocks"))
    labels.update(row["label"] for row in release.execute("SELECT label FROM portal_blocks"))
    assert {"views", "counter", "related", "share", "navigation"} <= set(labels)


def test_the_release_is_one_plain_file(demo_dir: Path, release: sqlite3.Connection) -> None:
    assert release.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert release.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    with pytest.raises(sqlite3.OperationalError):
        release.execute("DELETE FROM articles")
    said = (demo_dir / "report.txt").read_text(encoding="utf-8")
    assert f"{len(PAIRS)} articles of 5 portals" in said


def test_the_release_opens_in_datasette(demo_dir: Path) -> None:
    import asyncio

    from datasette.app import Datasette

    async def ask() -> int:
        datasette = Datasette([], immutables=[str(demo_dir / "releases" / "current" / "tintinh.db")])
        reply = await datasette.client.get("/tintinh.json?sql=select+count(*)+as+n+from+articles&_shape=array")
        return int(reply.json()[0]["n"])

    assert asyncio.run(ask()) == len(PAIRS)
