"""A takedown hides; an erasure leaves a tombstone and not one word, and the archive stays sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive import media, takedown
from archive.connect import connect
from archive.fixity import verify
from archive.ids import article_id
from archive.raw import RawStore
from archive.store import Store
from cleaning.command import Options, Problem
from tests.archive_kit import capture, new_archive, page, rules

SECRET = "Bà Lê Thị Mẫu trú tại thôn Thử Nghiệm khai mình sinh năm 1961 và mắc bệnh nặng."
OTHER = tuple(f"Đoạn {n} của một bài khác, nói chuyện khác hẳn và đủ dài." for n in range(9))


def _archive(folder: Path) -> Path:
    path = new_archive(folder)
    with Store(path, rules=rules()) as store:
        for day in range(3):
            store.add(capture(page("Bà Lê Thị Mẫu khai", SECRET, *OTHER[:day]), key="xoa", days=day))
        for number in range(5):
            store.add(capture(page(f"Tin {number}", *OTHER[number:]), key=f"giu-{number}"))
        # The same bytes at another address, and a body of it that leans on the shared one.
        store.add(capture(page("Bà Lê Thị Mẫu khai", SECRET), key="ban-sao"))
        store.add(capture(page("Bà Lê Thị Mẫu khai", SECRET, views=5), key="ban-sao", days=1))
    return path


def test_an_erased_article_leaves_a_tombstone_and_no_word(tmp_path: Path) -> None:
    path = _archive(tmp_path)
    options = Options(path)
    db = connect(path)
    sha = media.keep(options.media, b"a scan")
    wish = media.Wanted("thu_nghiem", article_id("thu_nghiem", "xoa"), "https://thu-nghiem.example/a.pdf", "attachment")
    media.link(db, wish, sha256=sha, size=6)
    for key in ("xoa", "ban-sao"):
        found = takedown.find(db, f"https://thu-nghiem.example/{key}.html")
        erased = takedown.erase(db, found, "yêu cầu của bà M.", "luật sư", options.media)
    assert erased.bodies == 2
    raw = RawStore(db)
    bodies = [raw.get(row[0]) for row in db.execute("SELECT sha256 FROM bodies")]
    assert len(bodies) == 5 and not any("Lê Thị Mẫu".encode() in body for body in bodies)
    samples = [raw.sample(row[0]) for row in db.execute("SELECT id FROM dictionaries")]
    assert not any("Thị Mẫu".encode() in sample for sample in samples)
    tomb = db.execute("SELECT reason, by_whom, erased_at, bodies FROM takedowns WHERE bodies = 2").fetchone()
    assert tomb["reason"] == "yêu cầu của bà M." and tomb["erased_at"]
    db.close()
    assert "Thử Nghiệm khai" not in path.read_bytes().decode("utf-8", "ignore")
    assert not any(file.is_file() for file in options.media.rglob("*"))
    assert verify(options) == []
    with Store(path, rules=rules()) as store:
        assert store.add(capture(page("Bà Lê Thị Mẫu khai", SECRET), key="xoa", days=9)).outcome == "erased"
    assert verify(options) == []


def test_hiding_keeps_everything_in_the_archive(tmp_path: Path) -> None:
    path = _archive(tmp_path)
    db = connect(path)
    number = takedown.find(db, article_id("thu_nghiem", "xoa"))
    takedown.hide(db, number, "nhầm người", None)
    assert db.execute("SELECT state FROM urls WHERE id = ?", (number,)).fetchone()[0] == "taken_down"
    assert (
        db.execute("SELECT count(*) FROM captures WHERE article_id = ? AND kept NOT NULL", (number,)).fetchone()[0] == 3
    )
    with pytest.raises(Problem, match="has no article"):
        takedown.find(db, "https://thu-nghiem.example/khong-co.html")
    with pytest.raises(Problem, match="--reason"):
        takedown.hide(db, number, " ", None)
    db.close()
    assert verify(Options(path)) == []
