"""What the tests of releases share: an archive of hand-made records, stored as a crawl would store them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from archive import portals
from archive.capture import Capture
from archive.cleaner import Cleaner
from archive.connect import connect
from archive.store import Store
from cleaning.record import Attachment, Block, Image, Moment, Record
from tests.archive_kit import at

UNITS: tuple[dict[str, Any], ...] = (
    {"id": "tay_ninh_2025", "name": "Tây Ninh", "folded": "tay ninh", "sort_key": "t1", "code": "80", "vintage": 2025,
     "valid_from": "2025-07-01"},
    {"id": "long_an_2024", "name": "Long An", "folded": "long an", "sort_key": "l", "code": "80", "vintage": 2024,
     "valid_to": "2025-06-30", "becomes": "tay_ninh_2025"},
    {"id": "tay_ninh_2024", "name": "Tây Ninh", "folded": "tay ninh", "sort_key": "t0", "code": "72", "vintage": 2024,
     "valid_to": "2025-06-30", "becomes": "tay_ninh_2025"},
)  # fmt: skip
PORTALS: tuple[dict[str, Any], ...] = (
    {"id": "long_an_hcc", "name": "Trung tâm Phục vụ hành chính công tỉnh Long An", "level": "department",
     "province": "Long An", "province_id": "long_an_2024", "base_url": "https://hcc.long-an.example"},
    {"id": "tay_ninh", "name": "Cổng thông tin tỉnh Tây Ninh", "level": "province", "province": "Tây Ninh",
     "base_url": "https://tay-ninh.example"},
)  # fmt: skip


def _read_record(page: bytes, *, url: str | None, content_type: str | None, fetched_at: datetime | None) -> Record:
    """Read a page that is the JSON of a record."""
    given = json.loads(page)
    values: dict[str, Any] = {field.name: () if "tuple" in str(field.type) else None for field in fields(Record)}
    values |= {"url": url, "language": "vi", "encoding": "utf-8", "layout": "kit"}
    values |= given
    values["body"] = tuple(given.get("body", ()))
    values["captions"] = tuple(given.get("captions", ()))
    values["tables"] = tuple(tuple(tuple(row) for row in table) for table in given.get("tables", ()))
    values["images"] = tuple(Image(**image) for image in given.get("images", ()))
    values["attachments"] = tuple(Attachment(**link) for link in given.get("attachments", ()))
    values["published"] = Moment(**given["published"]) if given.get("published") else None
    if values["published"]:
        values |= {"date": values["published"].value[:10], "date_basis": "published"}
    order = given.get("order") or [("paragraph", text) for text in values["body"]]
    values["blocks"] = tuple(Block(text, label, f"kit-{label}", True) for label, text in order)
    values.pop("order", None)
    return Record(**values)


RULES = Cleaner("kit", _read_record)


def published(day: str) -> dict[str, str]:
    """Return a date as a page prints it, to the minute."""
    return {"value": f"{day}T07:42:00+07:00", "precision": "minute", "source": "page", "raw": f"{day} 07:42"}


def new_archive(folder: Path) -> Path:
    """Make an archive that knows two portals and three provinces."""
    path = folder / "archive.db"
    db = connect(path)
    portals.sync(db, PORTALS, UNITS)
    db.close()
    return path


def add(
    path: Path, key: str, record: Mapping[str, Any], *, portal: str = "long_an_hcc", days: float = 0, status: int = 200
) -> str:
    """Store one capture of the article `key`; return its id."""
    with Store(path, rules=RULES) as store:
        stored = store.add(
            Capture(
                portal=portal,
                key=key,
                url=f"https://{portal}.example/{key}",
                status=status,
                headers=(("Content-Type", "text/html"),),
                body=json.dumps(record, ensure_ascii=False).encode(),
                fetched_at=at(days),
                source="crawl",
                tls_verified=True,
            )
        )
    return stored.article_id


CONGRESS: dict[str, Any] = {
    "title": "Chi đoàn Trung tâm tổ chức Đại hội nhiệm kỳ 2024 - 2027",
    "lead": "Sáng nay, Chi đoàn họp bàn việc năm tới.",
    "body": ["Đại hội bầu Ban Chấp hành gồm ba đồng chí.", "Kết quả", "Chi đoàn đã hoà giải 214 vụ việc."],
    "captions": ["Quang cảnh buổi họp ở Đồi Chè"],
    "tables": [[["Thôn", "Số hộ"], ["Đồng Mai", "214"]]],
    "author": "Hà Thử",
    "published": published("2024-06-21"),
    "images": [{"url": "https://long_an_hcc.example/a.jpg", "caption": "Quang cảnh buổi họp ở Đồi Chè", "alt": None}],
    "attachments": [{"url": "https://long_an_hcc.example/a.pdf", "text": "Quyết định 214/QĐ-UBND"}],
    "views": 214,
    "order": [
        ("title", "Chi đoàn Trung tâm tổ chức Đại hội nhiệm kỳ 2024 - 2027"),
        ("paragraph", "Đại hội bầu Ban Chấp hành gồm ba đồng chí."),
        ("caption", "Quang cảnh buổi họp ở Đồi Chè"),
        ("heading", "Kết quả"),
        ("table", "Thôn Số hộ"),
        ("paragraph", "Chi đoàn đã hoà giải 214 vụ việc."),
        ("views", "Lượt xem: 214"),
        ("related", "Tin liên quan"),
    ],
}
"""One article with everything in it."""


def plain(title: str, day: str, *body: str) -> dict[str, Any]:
    """Return an article with little in it."""
    return {"title": title, "body": list(body) or ["Một câu ngắn về đường làng."], "published": published(day)}
