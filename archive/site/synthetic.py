"""Makes a public database of any size from sentences of our own: `python -m archive.site.synthetic N PATH`.

For trying pages, search and load without a crawl. The same N gives the same rows.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from archive.site import derive, schema, search

RARE = "thạch anh"
"""Words that one article in five thousand holds."""

_PLACES = (
    ("Long An", "80", "Tây Ninh", "80"), ("Tây Ninh", "72", "Tây Ninh", "80"),
    ("Ninh Thuận", "58", "Khánh Hòa", "56"), ("Khánh Hòa", "56", "Khánh Hòa", "56"),
    ("Lâm Đồng", "68", "Lâm Đồng", "68"), ("Đắk Nông", "67", "Lâm Đồng", "68"),
    ("Quảng Nam", "49", "Đà Nẵng", "48"), ("Đà Nẵng", "48", "Đà Nẵng", "48"), ("Lạng Sơn", "20", "Lạng Sơn", "20"),
)  # fmt: skip
_OFFICES = (
    ("department", "Trung tâm Phục vụ hành chính công"), ("province", "Cổng thông tin điện tử"),
    ("youth-union", "Tỉnh đoàn"), ("party", "Tỉnh ủy"),
)  # fmt: skip
_SUBJECTS = (
    "Đoàn viên thanh niên", "Ban Chấp hành Chi đoàn", "Đảng uỷ cơ sở", "Đảng ủy khối", "Ủy ban nhân dân xã",
    "Hội Liên hiệp Phụ nữ", "Công đoàn cơ quan", "Trường Tiểu học Đồi Chè", "Tổ công nghệ số cộng đồng",
    "Hợp tác xã Hòa Bình", "Trạm Y tế", "Câu lạc bộ thiện nguyện Hoa Dầu", "Ban Quản lý chợ", "Đội tình nguyện hè",
)  # fmt: skip
_VERBS = (
    "tổ chức", "phối hợp tổ chức", "triển khai", "tổng kết", "phát động", "khai mạc", "bế mạc", "sơ kết", "duy trì",
    "đăng ký thực hiện", "hướng dẫn người dân tham gia", "vận động bà con ủng hộ", "rà soát lại",
)  # fmt: skip
_OBJECTS = (
    "đại hội nhiệm kỳ mới", "hội nghị tập huấn chuyển đổi số", "ngày hội đọc sách", "phong trào “Sáng, xanh, sạch”",
    "buổi lấy ý kiến về quy hoạch đường liên thôn", "lớp học tiếng đồng bào", "chương trình khám bệnh lưu động",
    "cuộc vận động hiến máu", "mô hình ruộng lúa giảm phát thải", "công tác phòng, chống dịch covid-19",
    "thủ tục cấp lại giấy khai sinh", "hoà giải ở cơ sở", "hội thi tìm hiểu pháp luật", "đợt trồng rừng phân tán",
)  # fmt: skip
_ENDINGS = (
    "với sự tham gia của {n} người", "tại nhà văn hóa thôn {k}", "theo Kế hoạch số {n}/KH-UBND",
    "theo Quyết định {n}/QĐ-UBND", "tiếp nhận {n}.{m} hồ sơ, đạt {k}% kế hoạch", "trong quý {q} năm {y}",
    "và trao {n} suất quà cho hộ khó khăn", "dưới sự chủ trì của đồng chí {person}", "ở huyện {commune}",
)  # fmt: skip
_SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Đặng", "Đỗ", "Hoàng", "Võ", "Bùi", "Đinh")
_MIDDLES = ("Văn", "Thị", "Đức", "Ngọc", "Minh", "Thanh", "Hữu", "Quỳnh")
_GIVEN = ("An", "Bình", "Cường", "Dung", "Đào", "Giang", "Hạnh", "Khôi", "Linh", "Mai", "Nghĩa", "Phúc", "Thuỷ", "Yến")
_COMMUNES = ("Đồng Mai", "Suối Đá", "Phước Hoà", "Tân Lập", "Bình Dương", "Hòn Đất", "Sông Đà", "Mỹ Thuỷ", "Đắk Lua")
_REMOVED = (
    ("views", "counter-line", "Lượt xem: {n}"), ("related", "related-heading", "Tin liên quan"),
    ("share", "share-bar", "Chia sẻ"),
)  # fmt: skip


def make(articles: int, path: Path, *, seed: int = 1) -> None:
    """Write a public database of `articles` articles to `path`, which must not exist."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = off")
    db.execute("PRAGMA synchronous = off")
    schema.create(db)
    search.create(db)
    db.execute("BEGIN")
    _places(db)
    pool = [_paragraph(random.Random(f"{seed} {n}")) for n in range(min(3000, 50 + articles))]
    makers: dict[str, list[dict[str, Any]]] = {}
    for number in range(articles):
        for table, row in _article(number, articles, random.Random(f"{seed}/{number}"), pool):
            makers.setdefault(table, []).append(row)
        if number % 2000 == 1999:
            _flush(db, makers)
    _flush(db, makers)
    _around(db)
    search.build(db)
    schema.create_indexes(db)
    derive.derive(db, derive.count(db))
    db.execute("COMMIT")
    db.execute("ANALYZE")
    db.close()


def _flush(db: sqlite3.Connection, rows: dict[str, list[dict[str, Any]]]) -> None:
    for table, some in rows.items():
        names = list(some[0])
        marks = ", ".join("?" * len(names))
        db.executemany(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})",
            [list(row.values()) for row in some],
        )
    rows.clear()


@cache
def _portals() -> list[tuple[str, str, str, str, str]]:
    return [
        (f"{_slug(place)}_{level.replace('-', '_')}", f"{name} tỉnh {place}", level, place, now)
        for place, _, now, _ in _PLACES
        for level, name in _OFFICES
    ]


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFD", search.fold(text)).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", "_")


def _places(db: sqlite3.Connection) -> None:
    units = {(2025, now, code): None for _, _, now, code in _PLACES}
    olds = {(2024, name, code): f"2025-{then}" for name, code, _, then in _PLACES}
    for (vintage, name, code), became in [*units.items(), *olds.items()]:
        db.execute(
            """INSERT INTO provinces (id, name, folded, sort_key, vintage, code, becomes, valid_to)
            VALUES (?,?,?,?,?,?,?,?)""",
            (f"{vintage}-{code}", name, search.fold(name).lower(), name.replace("Đ", "D~"), vintage, code, became,
             "2025-06-30" if vintage == 2024 else None),
        )  # fmt: skip
    for portal, name, level, place, now in _portals():
        db.execute(
            """INSERT INTO portals (id, name, level, family, base_url, province, province_now, crawl, health)
            VALUES (?,?,?,?,?,?,?,1,?)""",
            (portal, name, level, "demo", f"https://{portal.replace('_', '-')}.example.vn", place, now,
             "silent" if portal.endswith("party") else "fine"),
        )  # fmt: skip


def _around(db: sqlite3.Connection) -> None:
    db.execute("""
        INSERT INTO coverage SELECT portal, substr(date, 1, 7), count(*), count(*) / 50, abs(random()) % 1
        FROM articles GROUP BY 1, 2""")
    db.execute("""
        INSERT OR IGNORE INTO coverage SELECT p.id, m.month, 0, 0, iif(p.id LIKE '%party', NULL, 1)
        FROM portals p, (SELECT DISTINCT month FROM coverage) m""")
    db.executemany(
        "INSERT INTO flag_meanings VALUES (?, ?, ?)",
        [("no-date", "Trang không in ngày đăng", "The page prints no date"),
         ("no-title", "Trang không có tiêu đề", "The page has no title")],
    )  # fmt: skip
    db.execute("INSERT INTO takedowns VALUES ('00000000deadbeef', '2026-02-01T00:00:00Z', 'Theo yêu cầu của tác giả')")
    db.executemany(
        "INSERT INTO release_info VALUES (?, ?)",
        [("release", "2026-11-22T000000Z"), ("created_at", "2026-11-22T00:00:00Z"), ("title", "Tin Tỉnh (mẫu)")],
    )
    for crawl, (portal, *_) in enumerate(_portals(), 1):
        db.execute(
            "INSERT INTO crawls (id, portal, started_at, finished_at, cause, requests) VALUES (?,?,?,?,?,?)",
            (crawl, portal, "2026-11-21T16:00:00Z", "2026-11-21T16:10:00Z", "ok", 40),
        )
        db.execute(
            "INSERT INTO site_counters (portal, fetched_at, total) VALUES (?, '2026-11-21T16:00:00Z', ?)",
            (portal, crawl * 9173),
        )


def _sentence(pick: random.Random) -> str:
    end = pick.choice(_ENDINGS).format(
        n=pick.randint(2, 999), m=f"{pick.randint(0, 999):03}", k=pick.randint(1, 100),
        q=pick.choice(["I", "II", "III", "IV"]),
        y=pick.randint(2018, 2026), person=_person(pick), commune=pick.choice(_COMMUNES),
    )  # fmt: skip
    return f"{pick.choice(_SUBJECTS)} {pick.choice(_VERBS)} {pick.choice(_OBJECTS)} {end}."


def _paragraph(pick: random.Random) -> str:
    return " ".join(_sentence(pick) for _ in range(pick.randint(2, 6)))


def _person(pick: random.Random) -> str:
    return f"{pick.choice(_SURNAMES)} {pick.choice(_MIDDLES)} {pick.choice(_GIVEN)}"


def _article(number: int, of: int, pick: random.Random, pool: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    place = pick.randrange(len(_PLACES))
    name, code, now, code_now = _PLACES[place]
    portal, publisher, level, *_ = _portals()[place * len(_OFFICES) + pick.randrange(len(_OFFICES))]
    # Eight years, in order: the row ids of a day are counted from its floor.
    day = date(2018, 11, 22) + timedelta(days=number * 2922 // of)
    rowid = schema.rowid_floor(day.toordinal()) + number
    article = sha256(f"{portal}\n{number}".encode()).hexdigest()[:16]
    paragraphs = [pick.choice(pool) for _ in range(pick.randint(3, 9))] + [_sentence(pick)]
    if number % 5000 == 7:
        paragraphs.append(f"Tại mỏ {RARE} đã đóng cửa, {_sentence(pick)}")
    caption = f"{pick.choice(_SUBJECTS)} {pick.choice(_OBJECTS)}. Ảnh: {_person(pick)}"
    title = f"{pick.choice(_SUBJECTS)} {pick.choice(_VERBS)} {pick.choice(_OBJECTS)}"
    at = f"{day + timedelta(days=1)}T16:{number % 60:02}:00Z"
    url = f"https://{portal.replace('_', '-')}.example.vn/tin-tuc/bai-{number}.html"
    dated, gone, edited = number % 10 != 3, number % 40 == 11, number % 10 == 5
    body = "\n\n".join(paragraphs)
    digest = sha256(body.encode()).hexdigest()
    yield "articles", {
        "rowid": rowid, "id": article, "portal": portal, "publisher": publisher, "level": level, "province": name,
        "province_now": now, "province_code_2024": code, "province_code_2025": code_now, "url": url, "title": title,
        "lead": _sentence(pick) if number % 3 else None, "body": body, "captions": caption,
        "table_text": "STT\tThôn\tSố hộ\n1\tĐồng Mai\t214" if number % 20 == 2 else None,
        "headings": "[1]" if number % 6 == 1 else "[]", "author": _person(pick) if number % 4 else None,
        "category": pick.choice(("Thời sự", "Chuyển đổi số", "Đoàn - Hội", "Cải cách hành chính")), "language": "vi",
        "date": str(day), "date_basis": "published" if dated else "fetched",
        "published": f"{day}T07:{number % 60:02}:00+07:00" if dated else None,
        "published_precision": "minute" if dated else None, "published_source": "page" if dated else None,
        "published_raw": f"{day:%d/%m/%Y} 07:{number % 60:02}" if dated else None,
        "event_date": str(day - timedelta(days=1)) if number % 7 == 0 else None, "views": number % 900,
        "state": "gone" if gone else "live", "gone_since": f"{day + timedelta(days=200)}T16:00:00Z" if gone else None,
        "first_fetched_at": at, "last_ok_at": at, "changed_at": at, "version": 2 if edited else 1,
        "version_count": 2 if edited else 1,
        "text_group": digest[:16] if number % 50 == 4 else None, "origin": "crawl", "layout": "demo-layout",
        "encoding": "utf-8", "flags": "[]" if dated else '["no-date"]', "words": len(body.split()),
        "content_hash": digest, "fingerprint": digest[:16],
    }  # fmt: skip
    for version in (1, 2) if edited else (1,):
        newest = version == (2 if edited else 1)
        old = None if newest else body.replace(paragraphs[0], paragraphs[0][::-1], 1)
        yield "captures", {
            "id": number * 2 + version, "article_id": article, "version": version, "fetched_at": at, "url": url,
            "final_url": url, "status": 200, "headers": '[["Content-Type", "text/html; charset=utf-8"]]',
            "sha256": sha256(f"{number} {version}".encode()).hexdigest(), "bytes": 60_000 + number % 9000,
            "tls_verified": 1, "origin": "crawl",
        }  # fmt: skip
        yield "versions", {
            "article_id": article, "version": version, "kind": "new" if version == 1 else "edited", "fetched_at": at,
            "capture_id": number * 2 + version, "title": None if newest else title, "lead": None, "body": old,
            "captions": None if newest else caption, "author": None, "published": None, "published_precision": None,
            "content_hash": digest if newest else sha256(digest.encode()).hexdigest(),
            "words_changed": number % 30 if version == 2 else None, "cleaner": "synthetic", "layout": "demo-layout",
        }  # fmt: skip
    yield "images", {
        "article_id": article, "n": 0, "url": f"{url}/anh.jpg", "caption": caption, "alt": None, "after_paragraph": 1,
    }  # fmt: skip
    for n, (label, rule, text) in enumerate(_REMOVED):
        yield "removed_blocks", {
            "article_id": article, "n": n, "label": label, "rule": rule, "text": text.format(n=number % 900),
        }  # fmt: skip
    yield "view_counts", {"article_id": article, "fetched_at": at, "views": number % 900, "flag": None}
    if number % 20 == 2:
        cells = [["STT", "Thôn", "Số hộ"], ["1", "Đồng Mai", "214"]]
        yield "article_tables", {
            "article_id": article, "n": 0, "after_paragraph": 2, "rows": 2, "columns": 3,
            "cells": json.dumps(cells, ensure_ascii=False),
        }  # fmt: skip
    if number % 15 == 4:
        yield "attachments", {"article_id": article, "n": 0, "url": f"{url}/ke-hoach.pdf", "text": "Kế hoạch.pdf"}
    yield from _facts(number, article, pick)


def _facts(number: int, article: str, pick: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    common = {"article_id": article, "n": 0, "paragraph": 0}
    person, count = _person(pick), pick.randint(2, 99_999)
    if number % 3 == 0:
        yield "people_roles", {
            **common, "snippet": f"đồng chí {person} - Bí thư Chi đoàn", "person": person, "role": "Bí thư Chi đoàn",
            "elected": int(number % 9 == 0), "term_start": "2024", "term_end": "2027",
        }  # fmt: skip
    if number % 2 == 0:
        yield "figures", {
            **common, "snippet": f"tiếp nhận {count} hồ sơ", "value": count, "unit": "hồ sơ", "qualifier": None,
            "raw": f"{count} hồ sơ",
        }  # fmt: skip
    if number % 5 == 0:
        raw = f"Quyết định {number % 999 + 1}/QĐ-UBND"
        yield "documents", {
            **common, "snippet": f"theo {raw}", "kind": "Quyết định", "number": raw[11:], "issuer": "UBND", "raw": raw,
        }  # fmt: skip


if __name__ == "__main__":
    make(int(sys.argv[1]), Path(sys.argv[2]))
