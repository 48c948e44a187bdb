"""Nothing that was acknowledged is lost: not by kill -9, a full disk or a failing one."""

from __future__ import annotations

import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tintinh
from archive import clock
from archive import connect as connecting
from archive.connect import connect
from archive.fixity import verify
from archive.ids import article_id
from archive.store import Store
from cleaning.command import CANNOT_FINISH, Options, Problem
from tests.archive_kit import at, capture, new_archive, page, rules
from tests.crash_child import ARTICLES, TEXT, VISITS, work

ROOT = Path(__file__).parents[1]
CONTENT = (
    "SELECT c.article_id, c.fetched_at, c.sha256, c.outcome, c.version, v.n, v.record FROM captures c"
    " LEFT JOIN versions v ON v.capture_id = c.id ORDER BY 1, 2"
)


def _content(path: Path) -> list[tuple[object, ...]]:
    db = connect(path, write=False)
    try:
        return [tuple(row) for row in db.execute(CONTENT)]
    finally:
        db.close()


def _killed_somewhere(path: Path, chance: random.Random) -> set[tuple[int, int]]:
    """Start the child, kill it at a random moment after it began to store; return what it had acknowledged."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.crash_child", str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    acknowledged = []
    for _ in range(chance.randrange(1, 12)):
        acknowledged.append(child.stdout.readline())
    time.sleep(chance.random() * 0.03)
    child.send_signal(signal.SIGKILL)
    acknowledged += child.communicate()[0].splitlines()
    whole = [line.split() for line in acknowledged if len(line.split()) == 2]
    return {(int(visit), int(number)) for visit, number in whole}


def _assert_kept(path: Path, acknowledged: set[tuple[int, int]]) -> None:
    stored = {(row[0], row[1]) for row in _content(path)}
    for visit, number in acknowledged:
        for before in range(number + 1):
            assert (article_id("thu_nghiem", f"bai-{before}"), clock.stamp(at(visit))) in stored


def _kills(folder: Path, count: int, seed: int) -> None:
    path = new_archive(folder)
    chance = random.Random(seed)
    acknowledged: set[tuple[int, int]] = set()
    for _ in range(count):
        acknowledged |= _killed_somewhere(path, chance)
        assert verify(Options(path)) == []
        _assert_kept(path, acknowledged)
    work(path)
    whole = folder / "whole"
    whole.mkdir()
    work(new_archive(whole))
    assert _content(path) == _content(whole / "archive.db")
    assert len(_content(path)) == ARTICLES * VISITS


def test_a_killed_store_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    _kills(tmp_path, 4, seed=1)


@pytest.mark.slow
def test_a_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    for batch in range(10):
        folder = tmp_path / str(batch)
        folder.mkdir()
        _kills(folder, 10, seed=100 + batch)


@pytest.mark.parametrize("point", range(20))
def test_a_full_disk_stores_whole_batches_or_nothing(tmp_path: Path, point: int) -> None:
    path = new_archive(tmp_path)
    acknowledged = 0
    store = Store(path, rules=rules())
    pages = store.db.execute("PRAGMA page_count").fetchone()[0]
    store.db.execute(f"PRAGMA max_page_count={pages + 1 + point}")
    with pytest.raises(Problem, match=r"the disk is full; free some room") as full, store:
        for number in range(400):
            store.add(capture(page(f"Tin {number}", *TEXT, str(random.Random(number).random())), key=f"bai-{number}"))
            if number % 8 == 7:
                store.flush()
                acknowledged = number + 1
    assert full.value.exit_code == CANNOT_FINISH
    assert len(_content(path)) == acknowledged
    assert verify(Options(path)) == []
    with Store(path, rules=rules()) as again:
        again.add(capture(page("Tin", *TEXT), key="sau"))
    assert len(_content(path)) == acknowledged + 1


def test_a_full_disk_ends_a_command_in_one_line_and_70(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = new_archive(tmp_path)
    saved = tmp_path / "bai.html"
    saved.write_bytes(page("Tin", *TEXT * 900))
    original = connecting._open

    def small(file: Path, *, write: bool) -> sqlite3.Connection:
        db = original(file, write=write)
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count={pages}")
        return db

    monkeypatch.setattr(connecting, "_open", small)
    with pytest.raises(SystemExit) as stop:
        tintinh.main(["--archive", str(path), "import", str(saved), "--portal", "thu_nghiem"])
    assert stop.value.code == CANNOT_FINISH
    assert "the disk is full" in capsys.readouterr().err


def test_a_failing_disk_ends_in_one_line_and_70(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    limit = 400_000

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [sys.executable, "-m", "tests.crash_child", str(path)]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, preexec_fn=small_files, check=False)
    assert "cleaning.command.Problem" in child.stderr and "disk" in child.stderr
    assert verify(Options(path)) == []
    work(path)
    assert len(_content(path)) == ARTICLES * VISITS


@pytest.mark.parametrize(
    ("make", "line", "code"),
    [
        (lambda path: path.mkdir(), "is a directory", 2),
        (lambda path: path.write_bytes(b"GIF89a, no database" * 99), "is no SQLite file", 2),
        (lambda path: sqlite3.connect(path).execute("CREATE TABLE x (y)").connection.close(), "no archive of Tin", 2),
        (lambda path: None, "no archive at", 2),
        (lambda path: path.write_bytes(b""), "is empty", 2),
    ],
)
def test_an_unreadable_archive_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: object, line: str, code: int
) -> None:
    path = tmp_path / "archive.db"
    assert callable(make)
    make(path)
    with pytest.raises(SystemExit) as stop:
        tintinh.main(["--archive", str(path), "verify"])
    assert stop.value.code == code
    printed = capsys.readouterr().err
    assert line in printed and printed.count("\n") == 1 and "Traceback" not in printed
