"""Vietnamese search finds what a reader means, however it is typed, in the site and in the downloaded file."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlite_utils import Database

from archive.site import release, search
from archive.site.release import publish
from archive.site.serve import application
from cleaning.command import Problem
from tests.release_kit import add, new_archive, plain

# A closed release ends Datasette's writing thread by SystemExit, which Python passes over and pytest does not.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")

TEXTS = {
    "congress": ("Đại hội Chi đoàn Trung tâm", "Sáng nay khai mạc đại hội lần thứ II."),
    "meeting": ("Họp chi bộ", "Đảng uỷ xã Suối Đá đã hoà giải xong việc đường đi chung."),
    "party": ("Đảng ủy khối sơ kết", "Việc hòa giải ở cơ sở đạt 50% kế hoạch."),
    "paper": ("Quyết định mới", "Căn cứ Quyết định 214/QĐ-UBND về phòng, chống dịch covid-19."),
    "eth": ("Ðảng bộ phường", "Trang này qua một bảng mã cũ nên chữ Đ đầu là chữ eth."),
    "sale": ("Chợ phiên", "Bà con bán nông sản; ban quản lý chợ nhắc nhở bạn hàng."),
    "picture": ("Ảnh trong tuần", "Không có gì."),
}
EXTRA = {"picture": {"captions": ["Đường hoa ở Đồi Chè"], "tables": [[["Xã", "Huyện Mai"]]], "lead": "Gió mùa về."}}


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    path = new_archive(folder)
    for n, (key, (title, body)) in enumerate(TEXTS.items()):
        add(path, key, plain(title, f"2024-01-{n + 10}", body) | EXTRA.get(key, {}))
    publish(path, folder / "releases")
    return folder / "releases"


@pytest.fixture(scope="module")
def keys(releases: Path) -> dict[str, str]:
    with sqlite3.connect(releases / "current" / "tintinh.db") as db:
        return {row[0]: row[1].rpartition("/")[2] for row in db.execute("SELECT id, url FROM articles")}


def get(releases: Path, *paths: str, public: bool = True) -> list[httpx.Response]:
    """Ask the site for each path; the same application answers all."""

    async def run() -> list[httpx.Response]:
        app = application(releases, public=public)
        await app.look()
        try:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://site") as client:
                return [await client.get(path) for path in paths]
        finally:
            await app.close()

    return asyncio.run(run())


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


# What is typed, and the articles it must find, newest first.
TABLE: list[tuple[str, list[str]]] = [
    *((typed, ["congress"]) for typed in ("dai hoi", "đại hội", "ĐẠI HỘI", nfd("đại hội"), "Dai  hội", '"dai hoi"')),
    *((typed, ["party", "meeting"]) for typed in ("đảng uỷ", "đảng ủy", "dang uy", "ĐẢNG ỦY", nfd("đảng uỷ"))),
    *((typed, ["party", "meeting"]) for typed in ("hoà giải", "hòa giải", "hoa giai")),
    *((typed, ["paper"]) for typed in ("214/QĐ-UBND", "214/qd-ubnd", "covid-19", "Covid 19", "quyết định 214")),
    ("50%", ["party"]),
    ('"dang bo"', ["eth"]),
    ("Ðảng bộ phường", ["eth"]),
    ("đường hoa đồi", ["picture"]),
    ("huyện mai", ["picture"]),
    ("gió mùa", ["picture"]),
    *((typed, ["congress"]) for typed in ('"đại hội', 'đại" hội', "đại hội\0")),
    *((typed, []) for typed in ("", "   ", "%", '"', '""', "(", "*", "^", "không có chữ này", '"hội đại"')),
    ("NEAR(", []),
    ("title:hop", []),
    ("đại AND hội", []),
    ("-hội", ["congress"]),
]


Ids = list[list[str]]


def _own_sql(releases: Path, typed: list[str]) -> Ids:
    """The line that `archive.site.search` documents for plain sqlite3, with a query made by the shared fold."""
    with sqlite3.connect(releases / "current" / "tintinh.db") as db:
        sql = """SELECT id FROM articles WHERE rowid IN (SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?)
            ORDER BY rowid DESC LIMIT 20"""
        return [[row[0] for row in db.execute(sql, (search.match(each),))] for each in typed]


def _table_box(releases: Path, typed: list[str]) -> Ids:
    queries = [httpx.QueryParams({"_search": each, "_shape": "array", "_col": "id"}) for each in typed]
    replies = get(releases, *(f"/tintinh/articles.json?{query}" for query in queries))
    # Datasette itself ignores an empty search.
    return [
        [row["id"] for row in reply.json()] if each.strip() else [] for each, reply in zip(typed, replies, strict=True)
    ]


def _canned(releases: Path, typed: list[str]) -> Ids:
    queries = [httpx.QueryParams({"q": each, "_shape": "array"}) for each in typed]
    replies = get(releases, *(f"/tintinh/search_newest.json?{query}" for query in queries))
    return [[row["id"] for row in reply.json()] for reply in replies]


def _own_route(releases: Path, typed: list[str]) -> Ids:
    replies = get(releases, *(f"/tim?{httpx.QueryParams({'q': each})}" for each in typed))
    assert {reply.status_code for reply in replies} == {200}
    found = [list(dict.fromkeys(re.findall(r'href="/bai/([0-9a-f]{16})"', reply.text))) for reply in replies]
    return [ids if re.search(r"\w", each) else [] for each, ids in zip(typed, found, strict=True)]


@pytest.mark.parametrize("way", [_own_sql, _canned, _table_box, _own_route], ids=lambda way: way.__name__)
def test_however_it_is_typed_the_same_articles_are_found(
    releases: Path, keys: dict[str, str], way: Callable[[Path, list[str]], Ids]
) -> None:
    found = way(releases, [typed for typed, _ in TABLE])
    named = [[keys[id_] for id_ in ids] for ids in found]
    assert not {typed: ids for (typed, wanted), ids in zip(TABLE, named, strict=True) if ids != wanted}


def test_the_tables_own_search_goes_by_date_so_that_a_common_word_costs_no_sorting(releases: Path) -> None:
    found = "select id from articles where rowid in (select rowid from articles_fts where articles_fts match 'hoi')"
    paths = [f"/tintinh.json?{httpx.QueryParams({'sql': f'explain query plan {found} order by date desc limit 21'})}"]
    (plan, table) = get(releases, *paths, "/tintinh/articles.json?_search=dang&_shape=array")
    assert "articles_date" in plan.text and "SEARCH articles USING INTEGER PRIMARY KEY" not in plan.text
    dates = [row["date"] for row in table.json()]
    assert len(dates) > 1 and dates == sorted(dates, reverse=True)


def test_snippets_show_the_original_letters(releases: Path) -> None:
    (reply,) = get(releases, "/tintinh/search_newest.json?q=dai+hoi&_shape=array")
    assert "khai mạc [đại] [hội] lần" in reply.json()[0]["found"] or "[Đại] [hội] Chi đoàn" in reply.json()[0]["found"]


def test_exact_accents_are_a_choice(releases: Path, keys: dict[str, str]) -> None:
    wanted = {
        "bán": ["sale"], "BÁN": ["sale"], nfd("bán"): ["sale"], "bàn": [], "ban quản lý": ["sale"],
        "đảng ủy": ["party", "meeting"], "đảng uỷ": ["party", "meeting"], "đại hội": ["congress"], "dai hoi": [],
    }  # fmt: skip
    queries = [httpx.QueryParams({"q": typed, "_shape": "array"}) for typed in wanted]
    replies = get(releases, *(f"/tintinh/search_accents.json?{query}" for query in queries))
    found = [[keys[row["id"]] for row in reply.json()] for reply in replies]
    assert dict(zip(wanted, found, strict=True)) == wanted


@pytest.mark.parametrize(
    ("typed", "text", "there"),
    [
        ("hòa", "hoà bình", True), ("hoà", "HÒA BÌNH", True), ("quý", "quý hai", True), ("qúy", "quý", False),
        ("thủy", "thuỷ lợi", True), ("hoàn", "hoàn thành", True), ("hòan", "hoàn", False), ("khỏe", "sức khoẻ", True),
        ("bán", "bạn bàn bản", False), ("an", "ban", False), ('"đại hội"', "hội đại", False), ("", "gì", True),
        ("214/QĐ-UBND", "số 214/QĐ-UBND ngày", True), ("hòa", None, False),
    ],
)  # fmt: skip
def test_accents_are_compared_word_by_word_in_either_tone_placement(typed: str, text: str | None, there: bool) -> None:
    assert search.has_accents(text, typed) is there


def test_relevance_is_a_choice(releases: Path, keys: dict[str, str]) -> None:
    (reply,) = get(releases, "/tintinh/search_relevance.json?q=dang&_shape=array")
    assert {keys[row["id"]] for row in reply.json()} == {"eth", "party", "meeting"}
    assert keys[reply.json()[-1]["id"]] == "meeting", "a hit in a title counts more"


def test_the_documented_line_works_in_plain_sqlite3(releases: Path, keys: dict[str, str]) -> None:
    documented = re.search(r"(SELECT id, date.*?);", search.__doc__ or "", re.DOTALL)
    assert documented
    code = f"import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute({documented[1]!r}).fetchall())"
    file = releases / "current" / "tintinh.db"
    done = subprocess.run([sys.executable, "-I", "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert "Đại hội Chi đoàn Trung tâm" in done.stdout


def _by_hand(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('rebuild')")


def _by_sqlite_utils(path: Path) -> None:
    table: Any = Database(path)["articles"]
    table.rebuild_fts()


@pytest.mark.parametrize("rebuild", [_by_hand, _by_sqlite_utils])
def test_an_index_rebuilt_the_wrong_way_is_never_published(
    tmp_path: Path, releases: Path, rebuild: Callable[[Path], None]
) -> None:
    copy = tmp_path / "tintinh.db"
    copy.write_bytes((releases / "current" / "tintinh.db").read_bytes())
    copy.chmod(0o644)
    with sqlite3.connect(copy) as db:
        release._check(db, tmp_path, whole=True)
    rebuild(copy)
    with sqlite3.connect(copy) as db, pytest.raises(Problem, match="unfolded"):
        release._check(db, tmp_path, whole=True)
