"""What the tests of the readers' pages share: one small release with everything in it, and a way to ask the site."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from lxml import html

from archive import clock
from archive.connect import connect
from archive.site.release import publish
from archive.site.serve import application
from archive.takedown import hide
from tests.archive_kit import at
from tests.release_kit import CONGRESS, add, new_archive, plain, published

ORIGIN = "https://tintinh.example"
SCRIPT = "<script>alert('x')</script>"
PAYLOADS = (
    SCRIPT, "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "</title><script>alert(1)</script>",
    "</script><script>alert(1)</script>", "<!--<script>alert(1)</script>-->", "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>", "\" onmouseover=\"alert(1)", "' onfocus='alert(1)' autofocus='",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)", "<a href=javascript:alert(1)>x</a>", "<iframe srcdoc='<script>alert(1)</script>'>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>", "<body onload=alert(1)>",
    "<style>*{color:red}</style>",
    "<link rel=stylesheet href=//evil.example>", "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<form action=//evil.example><input type=submit>", "<base href=//evil.example>", "{{ 7 * 7 }}", "{% raw %}",
    "]]><script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;", "\u202e<script>alert(1)</script>",
    "<xmp><script>alert(1)</script></xmp>", "<textarea><script>alert(1)</script>", "\u2028alert(1)//",
)  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A release folder, the archive it was made of, and the ids of the articles that tests ask for."""

    releases: Path
    archive: Path
    ids: dict[str, str]


def make(folder: Path) -> Site:
    """Make an archive in which time has passed, and publish it."""
    path = new_archive(folder)
    ids = {"congress": add(path, "congress", CONGRESS)}
    for days, views in ((2, 260), (5, 411)):
        add(path, "congress", CONGRESS | {"views": views}, days=days)
    report = "Trung tâm tiếp nhận {} hồ sơ trong quý, tăng so với quý trước."
    tail = ["Các bộ phận một cửa trả kết quả đúng hẹn.", "Cuộc họp kết thúc lúc 17 giờ."]
    ids["edited"] = add(path, "edited", plain("Kết quả quý II", "2026-07-01", report.format("47.416"), *tail))
    longer = [tail[0], "Riêng cấp xã còn chậm ở ba nơi do đường truyền kém, đã có hướng khắc phục.", tail[1]]
    add(path, "edited", plain("Kết quả quý II", "2026-07-01", report.format("47.461"), *longer), days=3)
    ids["touched"] = add(path, "touched", plain("Lịch tiếp dân", "2026-07-02", "Tiếp dân vào ngày 5 hằng tháng."))
    add(path, "touched", plain("Lịch tiếp dân", "2026-07-02", "Tiếp dân vào ngày 6 hằng tháng."), days=4)
    for key in ("gone", "old", "new", "secret"):
        ids[key] = add(path, key, plain(f"Bài {key}", "2025-06-20", f"Nội dung riêng của bài {key}."))
    both = plain(
        "Thông báo tuyển dụng", "2025-07-20", "Trung tâm cần tuyển hai viên chức làm việc tại bộ phận một cửa. " * 9
    )
    ids["twin"], ids["twin2"] = add(path, "twin", both), add(path, "twin2", both, portal="tay_ninh")
    ids["bare"] = add(path, "bare", {"title": None, "body": ["Trang này không in tiêu đề, cũng không in ngày."]})
    for number, payload in enumerate(PAYLOADS):
        ids[f"xss{number}"] = add(path, f"xss{number}", _hostile(payload))
        add(path, f"xss{number}", _hostile(payload) | {"title": f"{payload} lần hai", "author": payload * 2}, days=1)
    for number in range(25):
        add(
            path, f"n{number}", plain(f"Tin số {number} về chợ phiên", f"2026-06-{number + 1:02}", "Chợ phiên họp sớm.")
        )
    with closing(connect(path)) as db:
        db.execute("UPDATE urls SET state = 'gone', gone_since = ? WHERE id = ?", (clock.stamp(at(6)), ids["gone"]))
        db.execute(
            "UPDATE urls SET state = 'moved', gone_since = ?, moved_to = ? WHERE id = ?",
            (clock.stamp(at(6)), ids["new"], ids["old"]),
        )
        hide(db, ids["secret"], "Theo yêu cầu của người được nêu tên", None)
    publish(path, folder / "releases")
    return Site(folder / "releases", path, ids)


def ask(site: Site, *paths: str, public: bool = True, archive: bool = False) -> list[httpx.Response]:
    """Ask the site for each path; the same application answers all."""

    async def run() -> list[httpx.Response]:
        app = application(site.releases, public=public, archive=site.archive if archive else None)
        await app.look()
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            return [await client.get(path) for path in paths]

    return asyncio.run(run())


def read(text: str) -> Any:
    """Return a page as a tree."""
    return html.document_fromstring(text)


def page_types(site: Site) -> dict[str, str]:
    """Return a path of every type of page."""
    return {
        "front": "/",
        "search": "/tim?q=cho+phien&province=Long+An",
        "search of nothing": "/tim?q=khongcotunay",
        "browse": "/tim",
        "article": f"/bai/{site.ids['congress']}",
        "article gone": f"/bai/{site.ids['gone']}",
        "article without title": f"/bai/{site.ids['bare']}",
        "versions": f"/bai/{site.ids['edited']}/phien-ban",
        "version": f"/bai/{site.ids['edited']}/phien-ban/2",
        "changes": "/thay-doi?small=1",
        "changes gone": "/thay-doi?kind=gone",
        "provinces": "/tinh",
        "province": "/tinh/long-an",
        "province of today": "/tinh/tay-ninh",
        "portals": "/cong",
        "portal": "/cong/long_an_hcc",
        "health": "/tinh-trang",
        "data": "/du-lieu",
    }


def tables(site: Site) -> dict[str, str]:
    """Return a path of every type of Datasette's own pages."""
    return {
        "tables": "/tintinh",
        "table": "/tintinh/articles",
        "table searched": "/tintinh/articles?_search=cho+phien",
        "row": f"/tintinh/articles/{site.ids['congress']}",
        "query": "/tintinh/elected",
        "query with answer": "/tintinh/old_and_new_provinces",
    }


def _hostile(payload: str) -> dict[str, Any]:
    return {
        "title": f"Tin {payload}", "lead": payload, "body": [payload, f"Đoạn hai {payload}"], "captions": [payload],
        "tables": [[[payload, payload]]], "author": payload, "source": payload, "category": payload,
        "published": published("2026-05-01") | {"raw": payload},
        "images": [{"url": payload, "caption": payload, "alt": payload}],
        "attachments": [{"url": payload, "text": payload}],
        "order": [("paragraph", payload), ("caption", payload), ("table", payload), ("paragraph", payload),
                  ("related", payload), ("other", payload)],
    }  # fmt: skip
