"""Media files: wanted by the portal's switch, kept once by their hash, linked from every article that names them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from archive import media, portals
from archive.cleaner import Cleaner
from archive.connect import connect
from archive.store import Store
from cleaning.record import Attachment, Image, Record
from tests.archive_kit import capture, new_archive, page, rules

TEXT = tuple(f"Đoạn {n}: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi." for n in range(6))


def _with_media() -> Cleaner:
    plain = rules()

    def clean(page: bytes, *, url: str | None, content_type: str | None, fetched_at: datetime | None) -> Record:
        record = plain.clean(page, url=url, content_type=content_type, fetched_at=fetched_at)
        return replace(
            record,
            attachments=(
                Attachment("https://thu-nghiem.example/qd.pdf", "QĐ 1"),
                Attachment("tep/khong-tuyet-doi", "?"),
            ),
            images=(Image(f"{url}.jpg", None, None), Image("data:image/png;base64,x", None, None)),
        )

    return Cleaner("r1", clean)


def test_what_is_wanted_follows_the_portals_switch(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    folder = tmp_path / "media"
    with Store(path, rules=_with_media()) as store:
        for number in range(3):
            store.add(capture(page(f"Tin {number}", *TEXT), key=f"bai-{number}"))
        store.flush()
        db = store.db
        assert media.wanted(db, "thu_nghiem") == []
        portals.sync(db, [{"id": "thu_nghiem", "name": "thu_nghiem", "media": "attachments"}])
        assert {wish.url for wish in media.wanted(db, "thu_nghiem")} == {"https://thu-nghiem.example/qd.pdf"}
        portals.sync(db, [{"id": "thu_nghiem", "name": "thu_nghiem", "media": "all"}])
        wishes = media.wanted(db, "thu_nghiem")
        assert len(wishes) == 6 and {wish.kind for wish in wishes} == {"attachment", "image"}
        assert len(media.wanted(db, "thu_nghiem", limit=4)) == 4
        for wish in wishes[:-1]:
            sha = media.keep(folder, wish.url.encode())
            media.link(db, wish, sha256=sha, size=len(wish.url), content_type="application/pdf", status=200)
        media.link(db, wishes[-1], sha256=None, status=404)
        assert media.wanted(db, "thu_nghiem") == []
        assert db.execute("SELECT count(*) FROM media").fetchone()[0] == 3, "one file, linked from three articles"
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert len(files) == 3 and all(len(file.name) == 64 for file in files)


def test_a_file_is_kept_once_and_whole(tmp_path: Path) -> None:
    first = media.keep(tmp_path, b"%PDF-1.4")
    place = media.place(tmp_path, first)
    changed = place.stat().st_mtime_ns
    assert media.keep(tmp_path, b"%PDF-1.4") == first and place.stat().st_mtime_ns == changed
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == [first.hex()]


def test_a_portal_unknown_to_the_archive_wants_nothing(tmp_path: Path) -> None:
    db = connect(new_archive(tmp_path))
    assert media.wanted(db, "nowhere") == []
    db.close()
