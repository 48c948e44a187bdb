"""A better rule makes the whole past better, and is never shown as an edit by the portal."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from archive.cleaner import Cleaner
from archive.connect import connect
from archive.fixity import verify
from archive.guards import GUARDS
from archive.ids import article_id
from archive.reclean import reclean
from archive.site.release import publish
from archive.store import Store
from cleaning.command import Options, Problem
from tests.archive_kit import at, capture, clock, new_archive, page, rules

TEXT = tuple(f"Đoạn {n}: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi." for n in range(9))


def _rows(path: Path, what: str) -> list[tuple[object, ...]]:
    with connect(path, write=False) as db:
        return [tuple(row) for row in db.execute(what)]


def test_a_better_rule_is_no_edit(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    with Store(path, rules=rules("old")) as store:
        store.add(capture(page("Tin", *TEXT, "Chia sẻ: 4"), days=0))
        store.add(capture(page("Tin", *TEXT, "Chia sẻ: 9"), days=1))
        store.add(capture(page("Tin", "Sửa thật.", *TEXT, "Chia sẻ: 9"), days=2))
    assert len(_rows(path, "SELECT n FROM versions")) == 3
    done = reclean(path, rules=rules("new", drop="Chia sẻ"))
    assert (done.articles, done.changed) == (1, 1)
    assert _rows(path, "SELECT n, repeats, cleaner FROM versions ORDER BY n") == [
        (1, None, "new"), (2, 1, "new"), (3, None, "new"),
    ]  # fmt: skip
    assert _rows(path, "SELECT version FROM captures ORDER BY id") == [(1,), (2,), (3,)]
    assert "Chia sẻ" not in str(_rows(path, "SELECT body FROM articles"))
    assert len(_rows(path, "SELECT 1 FROM recleanings WHERE old_cleaner = 'old'")) == 3
    assert reclean(path, rules=rules("new", drop="Chia sẻ")).articles == 0
    with Store(path, rules=rules("newer", drop="Chia")) as store:
        assert store.add(capture(page("Tin", "Sửa thật.", *TEXT, "Chia sẻ: 30"), days=3)).outcome == "unchanged"
    assert verify(Options(path)) == []


def test_a_better_rule_corrects_the_series_too(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    blind = rules("old")
    original = blind.clean

    def clean(page: bytes, **more: object) -> object:
        return original(page.replace("Lượt xem".encode(), b"Views"), **more)  # type: ignore[arg-type]  # passes all on

    with Store(path, rules=Cleaner("old", clean)) as store:  # type: ignore[arg-type]  # as above
        store.add(capture(page("Tin", *TEXT, views=7)))
        store.add(capture(page("Tin", *TEXT, views=9), days=2))
        store.add(capture(page("Tin", *TEXT, views=8), days=1, source="wayback"))
    assert _rows(path, "SELECT * FROM view_counts") == []
    reclean(path, rules=rules("new"))
    assert _rows(path, "SELECT views, doubt FROM view_series ORDER BY at") == [(7, None), (8, None), (9, None)]
    assert verify(Options(path)) == []


def test_a_page_that_no_rule_could_read_becomes_an_article_later(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    body = page("Tin", *TEXT).replace(b"<h1>", b"<h2>").replace(b"<p>", b"<div>")
    with Store(path, rules=rules("old")) as store:
        assert store.add(capture(body)).outcome == "no-article"
    better = rules("new")

    def clean(page: bytes, **more: object) -> object:
        return original(page.replace(b"<h2>", b"<h1>").replace(b"<div>", b"<p>"), **more)  # type: ignore[arg-type]  # passes all on

    original = better.clean
    reclean(path, rules=Cleaner("new", clean))  # type: ignore[arg-type]  # passes everything on
    assert _rows(path, "SELECT outcome, version FROM captures") == [("ok", 1)]
    assert _rows(path, "SELECT title FROM articles") == [("Tin",)]


def test_an_interrupted_run_goes_on_where_it_stood(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    with Store(path, rules=rules("old")) as store:
        for number in range(60):
            store.add(capture(page(f"Tin {number}", *TEXT), key=f"bai-{number}"))

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reclean(path, rules=rules("new"), seen=stop)
    assert reclean(path, rules=rules("new")).articles == 35
    with pytest.raises(Problem, match="has no portal"):
        reclean(path, ["nowhere"], rules=rules("new"))


def test_the_result_is_the_same_to_the_byte_whatever_the_number_of_workers(tmp_path: Path) -> None:
    dumps = []
    for workers in (1, 2):
        folder = tmp_path / str(workers)
        folder.mkdir()
        path = new_archive(folder)
        clock.set_source(lambda: at(50))
        try:
            with Store(path, rules=rules("old")) as store:
                for number in range(52):
                    store.add(capture(page(f"Tin số {number}", *TEXT[number % 5 :]), key=f"bai-{number}"))
            assert reclean(path, workers=workers).articles == 52
        finally:
            clock.set_source(None)
        with sqlite3.connect(path) as db:
            dumps.append([line for line in db.iterdump() if "_sqlite_migrations" not in line])
        db.close()
    assert dumps[0] == dumps[1]


def test_a_damaged_record_is_made_again_from_its_raw_page(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    with Store(path, rules=rules()) as store:
        for number in range(3):
            store.add(capture(page(f"Tin {number}", *TEXT), key=f"bai-{number}"))
    before = _rows(path, "SELECT * FROM versions ORDER BY article_id")
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("DROP TRIGGER versions_no_update")
    db.execute("UPDATE versions SET record = replace(record, 'nội dung', 'nội dunG'), title = 'x' WHERE rowid = 2")
    db.execute(GUARDS["versions_no_update"])
    db.close()
    assert [finding.kind for finding in verify(Options(path))] == ["cleaned record"]
    assert reclean(path, rules=rules(), everything=True).articles == 3
    assert verify(Options(path)) == []
    assert _rows(path, "SELECT * FROM versions ORDER BY article_id") == before


def test_articles_that_worse_rules_lose_are_named(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    with Store(path, rules=rules("good")) as store:
        store.add(capture(page("Tin", *TEXT), key="mat"))
        store.add(capture(page("Tin", *TEXT, "Một đoạn."), key="con"))
    lost = reclean(path, rules=rules("worse", drop="Đoạn")).lost
    assert lost == (article_id("thu_nghiem", "mat"),)
    assert reclean(path, rules=rules("good")).lost == ()
    assert len(_rows(path, "SELECT 1 FROM articles")) == 2


def test_an_article_that_worse_rules_lose_costs_no_older_release(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    with Store(path, rules=rules("good")) as store:
        store.add(capture(page("Tin", *TEXT), key="mat"))
        store.add(capture(page("Tin", *TEXT, "Một đoạn."), key="con"))
    first = publish(path, tmp_path / "releases")
    reclean(path, rules=rules("worse", drop="Đoạn"))
    second = publish(path, tmp_path / "releases")
    assert second.rows["articles"] == 1 and first.folder.exists()
