"""Backup and restore as a drill; merging shards; both while nothing is lost."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from archive import media, room
from archive.backup import backup, backups, restore
from archive.connect import connect
from archive.fixity import verify
from archive.ids import article_id
from archive.lock import Lock
from archive.merge import merge
from archive.store import Store
from cleaning.command import CANNOT_FINISH, LOCKED, Options, Problem
from tests.archive_kit import capture, new_archive, page, rules

TEXT = tuple(f"Đoạn {n}: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi." for n in range(9))

CONTENT = (
    "SELECT v.article_id, v.n, v.repeats, v.record, c.fetched_at, c.sha256 FROM versions v"
    " JOIN captures c ON c.id = v.capture_id ORDER BY 1, 2"
)


def _rows(path: Path, query: str) -> list[tuple[object, ...]]:
    db = connect(path, write=False)
    try:
        return [tuple(row) for row in db.execute(query)]
    finally:
        db.close()


def _fill(path: Path, keys: range, days: int = 2) -> Path:
    with Store(path, rules=rules()) as store:
        for number in keys:
            for day in range(days):
                body = page(f"Tin {number}", *TEXT[: 4 + day % 3], views=number + day)
                store.add(capture(body, key=f"bai-{number}", days=day))
    return path


def _with_file(options: Options, body: bytes) -> bytes:
    db = connect(options.archive)
    sha = media.keep(options.media, body)
    wish = media.Wanted(
        "thu_nghiem", article_id("thu_nghiem", "bai-1"), "https://thu-nghiem.example/a.pdf", "attachment"
    )
    media.link(db, wish, sha256=sha, size=len(body))
    db.close()
    return sha


def test_the_drill_restores_everything_that_was_backed_up(tmp_path: Path) -> None:
    options = Options(_fill(new_archive(tmp_path), range(20)))
    _with_file(options, b"%PDF-1.4 a scan")
    options.layouts.mkdir()
    (options.layouts / "learnt.toml").write_text("# reviewed")
    before = _rows(options.archive, CONTENT)
    first = backup(options, tmp_path / "backups")
    assert first.media == 1 and backup(options, tmp_path / "backups").media == 0
    assert len(backups(tmp_path / "backups")) == 2
    with pytest.raises(Problem, match="--replace"):
        restore(options, tmp_path / "backups")
    elsewhere = Options(tmp_path / "new" / "archive.db")
    restore(elsewhere, tmp_path / "backups")
    assert _rows(elsewhere.archive, CONTENT) == before
    assert verify(elsewhere) == []
    assert (elsewhere.layouts / "learnt.toml").exists()
    with Lock(options.archive), pytest.raises(Problem, match="holds the lock") as refusal:
        restore(options, first.folder, replace=True)
    assert refusal.value.exit_code == LOCKED
    options.archive.write_bytes(b"a damaged file")
    restore(options, first.folder, replace=True)
    assert _rows(options.archive, CONTENT) == before and list(tmp_path.glob("archive.db.before-*"))


def test_an_altered_backup_is_refused(tmp_path: Path) -> None:
    options = Options(_fill(new_archive(tmp_path), range(3)))
    made = backup(options, tmp_path / "backups")
    with (made.folder / "archive.db").open("r+b") as file:
        file.seek(-5, 2)
        file.write(b"x")
    with pytest.raises(Problem, match="does not have the hash") as refusal:
        restore(Options(tmp_path / "new" / "archive.db"), tmp_path / "backups")
    assert refusal.value.exit_code == CANNOT_FINISH


def test_a_backup_during_a_crawl_is_one_consistent_moment(tmp_path: Path) -> None:
    options = Options(_fill(new_archive(tmp_path), range(5)))
    stop = threading.Event()

    def crawl() -> None:
        with Store(options.archive, rules=rules()) as store:
            number = 100
            while not stop.is_set():
                store.add(capture(page(f"Tin {number}", *TEXT), key=f"bai-{number}"))
                store.flush()
                number += 1

    thread = threading.Thread(target=crawl)
    thread.start()
    try:
        made = [backup(options, tmp_path / "backups") for _ in range(4)]
    finally:
        stop.set()
        thread.join()
    for each in made:
        copy = Options(each.folder / "archive.db")
        assert verify(copy) == []
        pages, versions = _rows(copy.archive, "SELECT (SELECT count(*) FROM bodies), count(*) FROM versions")[0]
        assert pages and versions


def test_too_little_room_is_said_with_how_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = Options(_fill(new_archive(tmp_path), range(1)))
    monkeypatch.setattr(room, "free", lambda folder: 1 << 10)
    with pytest.raises(Problem, match=r"a backup needs 1 MB free at .*, 1 MB are: free 1 MB more") as refusal:
        backup(options, tmp_path / "backups")
    assert refusal.value.exit_code == CANNOT_FINISH


def test_shards_merge_into_what_one_archive_would_have_been(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "a", "b")]
    for folder in folders:
        folder.mkdir()
    one, shard_a, shard_b = (Options(new_archive(folder)) for folder in folders)
    _fill(one.archive, range(30), days=3)
    _fill(shard_a.archive, range(20), days=3)
    _fill(shard_b.archive, range(15, 30), days=2)
    _fill(shard_b.archive, range(15, 30), days=3)
    _with_file(shard_a, b"a scan")
    target = Options(new_archive(tmp_path))
    assert merge(target, shard_a.archive, rules=rules()).copied == 20
    merged = merge(target, shard_b.archive, rules=rules())
    assert (merged.copied, merged.settled) == (10, 5)
    again = merge(target, shard_a.archive, rules=rules())
    assert again.copied == 0 and again.files == 0
    assert _rows(target.archive, CONTENT) == _rows(one.archive, CONTENT)
    series = "SELECT article_id, at, views FROM view_counts ORDER BY 1, 2"
    assert _rows(target.archive, series) == _rows(one.archive, series)
    assert verify(target) == []
    with pytest.raises(Problem, match="is the archive itself"):
        merge(target, target.archive, rules=rules())


def test_an_article_erased_in_a_shard_is_erased_in_the_whole(tmp_path: Path) -> None:
    from archive import takedown

    shard_folder = tmp_path / "shard"
    shard_folder.mkdir()
    target = Options(_fill(new_archive(tmp_path), range(4)))
    shutil.copyfile(target.archive, shard_folder / "archive.db")
    shard = Options(shard_folder / "archive.db")
    db = connect(shard.archive)
    takedown.erase(db, article_id("thu_nghiem", "bai-2"), "yêu cầu", None, shard.media)
    db.close()
    merge(target, shard.archive, rules=rules())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    empty = Options(new_archive(elsewhere))
    merge(empty, shard.archive, rules=rules())
    assert verify(empty) == [] and _rows(empty.archive, CONTENT) == _rows(shard.archive, CONTENT)
    assert len(_rows(target.archive, "SELECT 1 FROM takedowns WHERE erased_at IS NOT NULL")) == 1
    assert _rows(target.archive, "SELECT count(*) FROM articles") == [(3,)]
    assert verify(target) == []
