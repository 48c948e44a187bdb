"""What people recorded or saved comes in by the same way as a crawl: every article, none twice, nothing lost."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import sqlite3
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import tintinh
from cleaning.vietnamese import squash
from demo.world import Site, World

SHARED = Path(__file__).parents[1].parent / "shared"
RECORDING = SHARED / "recordings" / "nukeviet-default.warc.gz"
SEEDS = {
    "000": ("long_an_hcc", "Long An", "Tây Ninh"),
    "001": ("ninh_thuan_van_phong_tinh_uy", "Ninh Thuận", "Khánh Hòa"),
    "002": ("lam_dong_van_phong_ubnd", "Lâm Đồng", "Lâm Đồng"),
    "003": ("lang_son_doan_khoi_co_quan", "Lạng Sơn", "Lạng Sơn"),
    "004": ("quang_nam_hcc", "Quảng Nam", "Đà Nẵng"),
}
PROSE = (
    "Sáng nay, Ủy ban nhân dân xã Vĩnh An tổ chức lễ ra quân làm thủy lợi nội đồng, với hơn một trăm người tham gia. "
)


def tintinh_exits(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        tintinh.main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def rows(archive: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(archive) as db:
        return db.execute(query).fetchall()


def page(title: str, *, head: str = "", count: int = 4, extra: str = "") -> bytes:
    paragraphs = "".join(f"<p>{PROSE}Đoạn {number} của bài {title}.</p>" for number in range(count))
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}</title>{head}</head><body>"
        f"<div class=menu><a href=/>Trang chủ</a></div><div class=noi-dung><h1>{title}</h1>"
        f"<span class=ngay>05/11/2025 14:23</span>{paragraphs}</div>{extra}</body></html>"
    ).encode()


Reply = tuple[str, int, dict[str, str], bytes]


def warc(path: Path, replies: Iterable[Reply], *, at: str = "2025-11-06T00:00:00Z") -> Path:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=path.suffix == ".gz")
    for url, status, headers, body in replies:
        http = StatusAndHeaders(f"{status} X", list(headers.items()), protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), http_headers=http, warc_headers_dict={"WARC-Date": at}
            )
        )
    path.write_bytes(out.getvalue())
    return path


HTML = {"Content-Type": "text/html; charset=utf-8"}


def nukeviet(number: int) -> Reply:
    url = f"http://xa.vidu.gov.vn/tin-tuc/bai-viet-{number}.html"
    head = f'<meta name="generator" content="NukeViet v4.5"><link rel="canonical" href="{url}">'
    return url, 200, HTML, page(f"Bài số {number}", head=head)


@pytest.mark.skipif(not RECORDING.exists(), reason="the recorded portal is not part of the repository")
def test_the_recorded_portal_comes_in_as_its_60_articles(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    truth = [json.loads(line) for line in (SHARED / "data" / "nukeviet-truth.jsonl").open(encoding="utf-8")]
    assert tintinh_exits("--archive", archive, "import", RECORDING, "--portal", "tan_son") == 0
    found = rows(archive, "SELECT u.key, v.title, v.published FROM versions v JOIN urls u ON u.id = v.article_id")
    assert {(str(entry["id"]), squash(entry["title"]), entry["published"]) for entry in truth} == set(found)
    assert len(found) == 60 == len(rows(archive, "SELECT 1 FROM urls"))
    captures = rows(archive, "SELECT count(*) FROM captures")
    assert tintinh_exits("--archive", archive, "import", RECORDING, "--portal", "tan_son") == 0
    assert rows(archive, "SELECT count(*) FROM captures") == captures


@pytest.mark.skipif(not RECORDING.exists(), reason="the seed texts are not part of the repository")
def test_the_seed_texts_come_in_under_their_province_then_and_now(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    for number, (portal, _, _) in SEEDS.items():
        seed = next((SHARED / "data" / "seeds").glob(f"{number}_*.txt"))
        assert tintinh_exits("--archive", archive, "import", seed, "--portal", portal) == 0
    found = rows(
        archive,
        "SELECT u.portal, old.name, now.name FROM versions v JOIN urls u ON u.id = v.article_id"
        " JOIN portals p ON p.id = u.portal JOIN provinces old ON old.id = p.province_id"
        " JOIN provinces now ON now.id = old.becomes ORDER BY v.rowid",
    )
    assert found == list(SEEDS.values())
    assert tintinh_exits("--archive", archive, "publish") == 0
    published = tmp_path / "releases" / "current" / "tintinh.db"
    then = rows(published, "SELECT portal, province_code_2024 FROM articles WHERE province = 'Quảng Nam'")
    now = rows(published, "SELECT portal, province_code_2025 FROM articles WHERE province_now = 'Đà Nẵng'")
    assert (then, now) == ([("quang_nam_hcc", "49")], [("quang_nam_hcc", "48")])


def test_copies_listings_searches_and_foreign_pages_make_no_article(tmp_path: Path) -> None:
    archive, one = tmp_path / "archive.db", nukeviet(1)[0]
    listing = page("Tin tức", count=1, extra="".join(f"<a href={nukeviet(n)[0]}>Bài số {n}</a>" for n in range(1, 4)))
    file = warc(
        tmp_path / "recorded.warc.gz",
        [
            *(nukeviet(number) for number in range(1, 4)),
            (*nukeviet(1)[:3], nukeviet(1)[3].replace(b"Trang ch\xe1\xbb\xa7", b"Trang nh\xc3\xa0")),
            (one.replace("/tin-tuc/", "/print/tin-tuc/"), 200, HTML, nukeviet(1)[3]),
            (one.replace("/tin-tuc/", "/savefile/tin-tuc/"), 200, HTML, nukeviet(1)[3]),
            (one + "?fbclid=abc", 200, HTML, nukeviet(1)[3]),
            (one.replace("bai-viet", "ten-cu"), 301, {**HTML, "Location": "/tin-tuc/bai-viet-1.html"}, b"moved"),
            ("http://xa.vidu.gov.vn/tin-tuc/", 200, HTML, listing),
            ("http://xa.vidu.gov.vn/seek/?q=x", 200, HTML, listing),
            ("http://xa.vidu.gov.vn/uploads/a.pdf", 200, {"Content-Type": "application/pdf"}, b"%PDF-1.4 x"),
            ("http://xa.vidu.gov.vn/tin-tuc/mat-9.html", 404, HTML, page("Không tìm thấy")),
            ("http://quangcao.example/tin-tuc/bai-4.html", 200, HTML, page("Quảng cáo")),
        ],
    )
    assert tintinh_exits("--archive", archive, "import", file, "--portal", "vidu") == 0
    found = rows(archive, "SELECT u.key, v.n, v.title FROM versions v JOIN urls u ON u.id = v.article_id ORDER BY 1")
    assert found == [
        ("1", 1, "Bài số 1"), ("2", 1, "Bài số 2"), ("3", 1, "Bài số 3"),
    ]  # fmt: skip
    aliases = {alias for (alias,) in rows(archive, "SELECT seen_as FROM url_aliases")}
    assert aliases == {one.replace("bai-viet", "ten-cu"), one + "?fbclid=abc"}
    assert rows(archive, "SELECT family, registered FROM portals WHERE id = 'vidu'") == [("nukeviet", 0)]


def _recorded(site: Site) -> dict[str, Reply]:
    """Record a portal as a browser would: its pages, what they link to, and the service that modern SharePoint asks."""
    seen: dict[str, Reply] = {}
    queue = [site.base_url + "/", *(site.url(article) for article in site.articles.values())]
    if site.data.manners == "sharepoint_modern":
        queue.append(site.base_url + "/_api/web/lists/getByTitle('Site%20Pages')/items?$top=50")
    while queue and len(seen) < 40:
        url = queue.pop(0)
        if url in seen or not url.startswith(site.base_url):
            continue
        try:
            with urlopen(url) as reply:
                seen[url] = (url, reply.status, dict(reply.headers), reply.read())
        except OSError:
            continue
        links = re.findall(rb"""href=["']([^"'#]+)|"uri": "([^"]+)""", seen[url][3])
        queue += [urljoin(url, b"".join(link).decode().replace("&amp;", "&").replace(" ", "%20")) for link in links]
    return seen


def test_a_recording_of_any_sample_portal_holds_exactly_its_articles(tmp_path: Path) -> None:
    with World() as world:
        for name, site in world.sites.items():
            seen = _recorded(site)
            archive = tmp_path / f"{name}.db"
            file = warc(tmp_path / f"{name}.warc.gz", seen.values())
            assert tintinh_exits("--archive", archive, "import", file, "--portal", "mau") == 0
            titles = sorted(str(title) for (title,) in rows(archive, "SELECT title FROM versions"))
            assert titles == sorted(squash(article.title) for article in site.articles.values()), name


def test_what_is_damaged_costs_one_line_and_only_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = tmp_path / "archive.db"
    whole = warc(tmp_path / "whole.warc.gz", [nukeviet(number) for number in range(1, 8)]).read_bytes()
    cut, flipped = tmp_path / "cut.warc.gz", tmp_path / "flipped.warc.gz"
    cut.write_bytes(whole[: len(whole) // 2])
    spot = len(whole) * 5 // 14
    flipped.write_bytes(whole[:spot] + bytes([whole[spot] ^ 8]) + whole[spot + 1 :])
    empty, binary = tmp_path / "empty.html", tmp_path / "picture.html"
    empty.write_bytes(b" \n")
    binary.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    zipped, broken = tmp_path / "x.wacz", tmp_path / "y.wacz"
    with zipfile.ZipFile(zipped, "w") as package:
        package.writestr("readme.txt", "nothing")
    broken.write_bytes(zipped.read_bytes()[:40])
    no_article = tmp_path / "list.html"
    no_article.write_text("<html><body><ul><li><a href=/a>Một</a><li><a href=/b>Hai</a></ul></body></html>")
    good = tmp_path / "good.txt"
    good.write_text("Lễ ra quân ở xã Vĩnh An\n\n" + PROSE * 3, encoding="utf-8")
    bad = [tmp_path / "missing.warc", cut, flipped, empty, binary, zipped, broken, no_article]
    assert tintinh_exits("--archive", archive, "import", *bad, good, "--portal", "vidu") == 2
    lines = capsys.readouterr().err.splitlines()
    for path in bad:
        assert sum(path.name in line for line in lines) == 1, path
    assert lines[-1] == "tintinh: 8 of 9 sources gave less than they should (told above)"
    keys = {key for (key,) in rows(archive, "SELECT u.key FROM versions v JOIN urls u ON u.id = v.article_id")}
    assert keys & set("1234567") == set("1234567")  # the cut file's first three, and all but one of the flipped one's
    assert any(str(key).startswith("sha256:") for key in keys)


def test_a_page_saved_by_a_browser_knows_where_it_came_from(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    folder = tmp_path / "saved"
    (folder / "bai_files").mkdir(parents=True)
    url = "https://xa.vidu.gov.vn/bai-viet/ra-quan"
    body = page("Bài từ Chrome").decode()
    (folder / "bai.html").write_text(f"<!DOCTYPE html>\n<!-- saved from url=(0041){url}-1 -->\n{body[15:]}", "utf-8")
    (folder / "bai_files" / "quangcao.html").write_bytes(page("Khung quảng cáo"))
    (folder / "mot.html").write_text(
        f"<!DOCTYPE html><!--\n Page saved with SingleFile \n url: {url}-2 \n"
        f" saved date: Thu Nov 06 2025 08:00:00 GMT+0700 (Indochina Time)\n-->{body[15:]}", "utf-8",
    )  # fmt: skip
    mhtml = (
        (
            f"From: <Saved by Blink>\r\nSnapshot-Content-Location: {url}-3\r\nSubject: x\r\n"
            "Date: Thu, 6 Nov 2025 01:00:00 -0000\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----B"\r\n\r\n\r\n------B\r\n'
            f"Content-Type: text/html\r\nContent-ID: <f@mhtml.blink>\r\nContent-Location: {url}-3\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n"
        ).encode()
        + __import__("base64").encodebytes(page("Bài từ MHTML"))
        + b"\r\n------B--\r\n"
    )
    (folder / "hai.mhtml").write_bytes(mhtml)
    (folder / "ba.html.gz").write_bytes(
        gzip.compress(page("Bài viết được nén lại", head=f'<link rel=canonical href="{url}-4">'))
    )
    os.utime(folder / "ba.html.gz", (1_765_000_000, 1_765_000_000))
    assert tintinh_exits("--archive", archive, "import", folder, "--portal", "vidu") == 0
    found = rows(archive, "SELECT url, fetched_at, origin FROM captures ORDER BY url")
    assert [(at, address) for address, at, _ in found][1:] == [
        ("2025-11-06T01:00:00Z", f"{url}-2"),
        ("2025-11-06T01:00:00Z", f"{url}-3"),
        (datetime.fromtimestamp(1_765_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), f"{url}-4"),
    ]
    assert next(address for address, _, _ in found) == f"{url}-1"
    assert {origin for _, _, origin in found} == {"import"}


@pytest.mark.parametrize("suffix", [".warc", ".warc.gz"])
def test_addresses_and_links_that_are_none_cost_only_themselves(tmp_path: Path, suffix: str) -> None:
    archive, away = tmp_path / "archive.db", "http://xa.vidu.gov.vn/tin-tuc/"
    hostile = page("Liên kết hỏng trên trang này", head='<link rel="canonical" href="http://[bad"><base href="//[">')
    replies: list[Reply] = [
        ("http://[::1/x-5.html", 200, HTML, page("Sai")),
        ("http://xa.vidu.gov.vn:99999/x-6.html", 200, HTML, page("Sai")),
        ("dns:xa.vidu.gov.vn", 200, HTML, b"x"),
        (away + "a-7.html", 302, {"Location": "http://[bad"}, b""),
        (away + "b-8.html", 302, {"Location": "//"}, b""),
        (away + "c-9.html", 200, HTML, hostile),
    ]
    file = warc(tmp_path / f"odd{suffix}", [nukeviet(1), *replies, nukeviet(2)])
    if suffix == ".warc":  # and a record whose length is a lie
        file.write_bytes(file.read_bytes().replace(b"Content-Length: ", b"Content-Length: 9", 1))
    expected = 2 if suffix == ".warc" else 0
    assert tintinh_exits("--archive", archive, "import", file, "--portal", "vidu") == expected
    keys = [key for (key,) in rows(archive, "SELECT u.key FROM versions v JOIN urls u ON u.id = v.article_id")]
    assert sorted(map(str, keys)) == (["2", "9"] if suffix == ".warc" else ["1", "2", "9"])


def test_a_reply_that_was_recorded_in_part_is_flagged_and_edits_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    url, status, headers, body = nukeviet(1)
    whole = warc(tmp_path / "whole.warc.gz", [nukeviet(1)])
    half = (url, status, {**headers, "Content-Length": str(len(body))}, body[: len(body) // 2])
    part = warc(tmp_path / "part.warc.gz", [half], at="2025-12-06T00:00:00Z")
    assert tintinh_exits("--archive", archive, "import", whole, part, "--portal", "vidu") == 0
    assert rows(archive, "SELECT version, outcome, flags FROM captures ORDER BY fetched_at") == [
        (1, "ok", "[]"), (None, "truncated", '["short-body", "layout-unknown"]'),
    ]  # fmt: skip


def test_a_package_and_repeated_payloads_are_read(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    url, _, headers, body = nukeviet(5)
    http = StatusAndHeaders("200 OK", list(headers.items()), protocol="HTTP/1.1")
    first = writer.create_warc_record(
        url,
        "response",
        payload=io.BytesIO(body),
        http_headers=http,
        warc_headers_dict={"WARC-Date": "2025-11-06T00:00:00Z"},
    )
    writer.write_record(first)
    writer.write_record(
        writer.create_revisit_record(
            url, first.rec_headers.get_header("WARC-Payload-Digest"), url, "2025-11-06T00:00:00Z",
            warc_headers_dict={"WARC-Date": "2025-12-06T00:00:00Z"},
        )
    )  # fmt: skip
    with zipfile.ZipFile(tmp_path / "web.wacz", "w") as package:
        package.writestr("archive/data.warc.gz", out.getvalue())
        package.writestr("datapackage.json", "{}")
    assert tintinh_exits("--archive", archive, "import", tmp_path / "web.wacz", "--portal", "vidu") == 0
    assert rows(archive, "SELECT fetched_at, version FROM captures ORDER BY 1") == [
        ("2025-11-06T00:00:00Z", 1), ("2025-12-06T00:00:00Z", 1),
    ]  # fmt: skip


def test_an_export_comes_back_as_the_same_articles_versions_and_captures(tmp_path: Path) -> None:
    first, second, exported = tmp_path / "first.db", tmp_path / "second.db", tmp_path / "out.warc.gz"
    text = tmp_path / "bai.txt"
    text.write_text("Lễ ra quân ở xã Vĩnh An\n\n" + PROSE * 3, encoding="utf-8")
    old = (nukeviet(1)[0].replace("bai-viet", "ten-cu"), 301, {**HTML, "Location": nukeviet(1)[0]}, b"moved")
    edited = (*nukeviet(2)[:3], page("Bài số 2 đã sửa", head='<meta name="generator" content="NukeViet v4.5">'))
    file = warc(tmp_path / "recorded.warc.gz", [old, *(nukeviet(number) for number in range(1, 4))])
    later = warc(tmp_path / "later.warc.gz", [edited], at="2025-12-06T00:00:00Z")
    assert tintinh_exits("--archive", first, "import", file, later, "--portal", "vidu") == 0
    assert tintinh_exits("--archive", first, "import", text, "--portal", "quang_nam_hcc") == 0
    assert tintinh_exits("--archive", first, "export", "warc", "--to", exported) == 0
    assert tintinh_exits("--archive", second, "import", exported) == 0
    for query in (
        "SELECT id, portal, key, canonical FROM urls ORDER BY id",
        "SELECT article_id, n, content_hash, record FROM versions ORDER BY article_id, n",
        "SELECT article_id, url, fetched_at, headers, sha256, outcome, flags, origin FROM captures ORDER BY 1, 3",
        "SELECT seen_as, url_id FROM url_aliases ORDER BY 1",
    ):
        assert rows(first, query) == rows(second, query) != []
    assert rows(second, "SELECT count(*), max(n) FROM versions") == [(5, 2)]


def wordpress(kind: str, title: str, path: str, *, head: str = "", count: int = 4) -> Reply:
    sign = f'<meta name="generator" content="WordPress 6.1.9">{head}'
    body = page(title, head=sign, count=count).replace(b"<body>", f'<body class="{kind} wp-embed-responsive">'.encode())
    return f"http://so.vidu.gov.vn{path}", 200, HTML, body


def test_where_addresses_hide_the_id_the_page_says_what_it_is(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    posts = [
        wordpress(
            f"post-template-default single single-post postid-{number}", f"Bài viết số {number} trên trang",
            f"/2024/05/bai-viet-so-{number}/", head=f'<link rel=shortlink href="http://so.vidu.gov.vn/?p={number}">',
        )
        for number in (17, 18, 19)
    ]  # fmt: skip
    url, status, headers, body = posts[0]
    file = warc(
        tmp_path / "recorded.warc.gz",
        [
            *posts,
            (url + "?replytocom=5", status, headers, body),
            ("http://so.vidu.gov.vn/?p=17", 301, {**HTML, "Location": url}, b""),
            (url + "?print=1", status, headers, body),
            wordpress("home blog", "Sở Ví dụ", "/", count=8),
            wordpress("archive category category-tin", "Tin tức", "/category/tin-tuc/", count=8),
            wordpress("search search-results", "Kết quả tìm kiếm", "/?s=lua", count=8),
            wordpress("page-template-default page page-id-2", "Giới thiệu về cơ quan", "/gioi-thieu/", count=8),
            (url + "feed/", 200, {"Content-Type": "application/rss+xml"}, b"<?xml version='1.0'?><rss></rss>"),
        ],
    )
    assert tintinh_exits("--archive", archive, "import", file, "--portal", "so") == 0
    assert rows(archive, "SELECT u.key FROM versions v JOIN urls u ON u.id = v.article_id ORDER BY 1") == [
        ("p17",), ("p18",), ("p19",),
    ]  # fmt: skip
