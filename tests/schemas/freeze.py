"""Writes today's schema, filled with a little of everything, as a frozen dump: run it when a migration is shipped.

    python -m tests.schemas.freeze

A dump that is there is never written again: an archive of that schema may lie on somebody's disk.
"""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from archive import clock, media, migrations, takedown
from archive.connect import connect
from archive.ids import article_id
from archive.reclean import reclean
from archive.store import Store
from tests.archive_kit import at, capture, new_archive, page, rules

HERE = Path(__file__).parent
TEXT = tuple(f"Đoạn {n}: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi." for n in range(6))


def fill(folder: Path) -> Path:
    """Make an archive with a row in every table that an operator's would have."""
    path = new_archive(folder)
    clock.set_source(partial(at, 30))
    try:
        with Store(path, rules=rules("old")) as store:
            for number in range(4):
                store.add(capture(page(f"Tin {number}", *TEXT, "Chia sẻ: 4", views=number), key=f"bai-{number}"))
                store.add(capture(page(f"Tin {number}", *TEXT, "Chia sẻ: 9", views=9), key=f"bai-{number}", days=1))
            store.add(capture(b"", key="bai-0", days=2, status=404))
        reclean(path, rules=rules("new", drop="Chia sẻ"))
        db = connect(path)
        db.execute(
            "INSERT INTO provinces (id, name, folded, sort_key, code, vintage, valid_to)"
            " VALUES ('thu_2024', 'Thử', 'thu', 'thu', '49', 2024, '2025-06-30')"
        )
        db.execute("UPDATE portals SET province = 'Thử', province_id = 'thu_2024', valid_to = '2025-06-30'")
        db.execute(
            "INSERT INTO crawls (run, portal, started_at, finished_at, cause, code_version)"
            " VALUES ('r', 'thu_nghiem', '2026-07-01T00:00:00Z', '2026-07-01T00:09:00Z', 'ok', '0')"
        )
        db.execute("INSERT INTO swept VALUES ('thu_nghiem', '2026-06', '2026-07-01T00:00:00Z')")
        db.execute(
            "INSERT INTO acknowledgements VALUES ('thu_nghiem', '2026-07-01T00:00:00Z', '2026-08-01', 'biết rồi')"
        )
        body = b"%PDF-1.4 a scan"
        wish = media.Wanted(
            "thu_nghiem", article_id("thu_nghiem", "bai-1"), "https://thu-nghiem.example/a.pdf", "attachment"
        )
        media.link(db, wish, sha256=media.keep(folder / "media", body), size=len(body), status=200)
        takedown.hide(db, article_id("thu_nghiem", "bai-2"), "nhầm người", None)
        takedown.erase(db, article_id("thu_nghiem", "bai-3"), "yêu cầu", "luật sư", folder / "media")
        db.close()
    finally:
        clock.set_source(None)
    return path


def main() -> None:
    """Write the dump of the newest schema unless it is there."""
    newest = migrations.MIGRATIONS._migrations[-1].name
    target = HERE / f"{newest}.sql"
    if target.exists():
        print(f"{target.name} is frozen already")
        return
    with TemporaryDirectory() as folder:
        db = sqlite3.connect(fill(Path(folder)))
        target.write_text("\n".join(db.iterdump()) + "\n", encoding="utf-8")
        db.close()
    print(f"wrote {target.name}")


if __name__ == "__main__":
    main()
