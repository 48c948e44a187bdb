"""What the archive's tests share: a small cleaner whose rules a reader sees at a glance, and captures to feed it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive import clock, portals
from archive.capture import Capture
from archive.cleaner import Cleaner
from archive.connect import connect
from cleaning.record import Block, Record

START = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)


def at(days: float) -> datetime:
    """Return the time so many days after the tests' first day."""
    return START + timedelta(days=days)


def page(title: str, *paragraphs: str, views: int = 0, tail: str = "") -> bytes:
    """Return a page of a portal with much markup around little text."""
    menu = "".join(f'<li class="item-{n}"><a href="/chuyen-muc/{n}">Chuyên mục {n}</a></li>' for n in range(120))
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html><head><title>{title}</title></head><body><ul>{menu}</ul><h1>{title}</h1>{text}"
        f"<div class=views>Lượt xem: {views}</div><footer>Cổng thông tin điện tử{tail}</footer></body></html>"
    ).encode()


def rules(name: str = "r1", drop: str = "") -> Cleaner:
    """Return a cleaner that takes `h1`, `p` and the view count, and drops paragraphs that begin with `drop`."""

    def clean(page: bytes, *, url: str | None, content_type: str | None, fetched_at: datetime | None) -> Record:
        text = page.decode("utf-8", "replace")
        title = re.search("<h1>(.*?)</h1>", text)
        views = re.search(r"Lượt xem: (\d+)", text)
        paragraphs = re.findall("<p>(.*?)</p>", text)
        body = tuple(each for each in paragraphs if not (drop and each.startswith(drop)))
        gone = [Block(each, "other", "dropped", True) for each in paragraphs if each not in body]
        return Record(
            url=url,
            title=title[1] if title else None,
            lead=None,
            body=body,
            captions=(),
            tables=(),
            author=None,
            source=None,
            category=None,
            published=None,
            event_date=None,
            date=fetched_at.date().isoformat() if fetched_at else None,
            date_basis="fetched" if fetched_at else None,
            views=int(views[1]) if views else None,
            site_counters=None,
            attachments=(),
            images=(),
            language="vi",
            encoding="utf-8",
            layout="test",
            flags=(),
            blocks=(
                *(Block(each, "paragraph", "p", True) for each in body),
                *gone,
                Block("Cổng", "footer", "f", False),
            ),
        )

    return Cleaner(name, clean)


def capture(body: bytes, key: str = "bai-1", days: float = 0, status: int = 200, **more: object) -> Capture:
    """Return a crawl's capture of the article `key` of the portal `thu_nghiem`."""
    values: dict[str, object] = {
        "portal": "thu_nghiem",
        "key": key,
        "url": f"https://thu-nghiem.example/{key}.html",
        "status": status,
        "headers": (("Content-Type", "text/html; charset=utf-8"), ("Server", "thử")),
        "body": body,
        "fetched_at": at(days),
        "source": "crawl",
        **more,
    }
    return Capture(**values)  # type: ignore[arg-type]  # the names are checked by Capture itself


def new_archive(folder: Path, names: Sequence[str] = ("thu_nghiem",)) -> Path:
    """Make an archive that knows the portals named."""
    path = folder / "archive.db"
    db = connect(path)
    portals.sync(db, [{"id": name, "name": name, "base_url": f"https://{name}.example"} for name in names])
    db.close()
    return path


__all__ = ["START", "at", "capture", "clock", "new_archive", "page", "rules"]
