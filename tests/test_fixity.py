"""`verify` finds whatever is not as it was put in, and says which."""

from __future__ import annotations

import random
import sqlite3
from functools import partial
from pathlib import Path

import pytest

from archive import chain, clock, media
from archive.connect import connect
from archive.fixity import Share, verify
from archive.ids import article_id
from archive.store import Store
from cleaning.command import CANNOT_FINISH, Options, Problem
from tests.archive_kit import at, capture, new_archive, page, rules


@pytest.fixture
def options(tmp_path: Path) -> Options:
    path = new_archive(tmp_path)
    with Store(path, rules=rules()) as store:
        for number in range(60):
            text = [f"Bài {number}, đoạn {n}: nội dung riêng số {number * n * 7919}." for n in range(9)]
            store.add(capture(page(f"Tin {number}", *text), key=f"bai-{number}"))
            store.add(capture(page(f"Tin {number}", *text, views=number + 1), key=f"bai-{number}", days=1))
    return Options(path)


def _without_guards(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {name}")
    return db


def _guarded(db: sqlite3.Connection) -> None:
    from archive.migrations import make_guards

    make_guards(db)
    db.close()


def test_one_flipped_bit_in_each_of_100_bodies_is_found_100_times(options: Options) -> None:
    db = _without_guards(options.archive)
    chance = random.Random(5)
    shas = [row[0] for row in db.execute("SELECT sha256 FROM bodies ORDER BY sha256")]
    flipped = chance.sample(shas, 100)
    for sha in flipped:
        (data,) = db.execute("SELECT data FROM bodies WHERE sha256 = ?", (sha,)).fetchone()
        bit = chance.randrange(len(data) * 8)
        broken = bytearray(data)
        broken[bit // 8] ^= 1 << bit % 8
        db.execute("UPDATE bodies SET data = ? WHERE sha256 = ?", (bytes(broken), sha))
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    _guarded(db)
    found = "\n".join(finding.what for finding in verify(options) if finding.kind == "raw page")
    assert [sha.hex() for sha in flipped if sha.hex() not in found] == []


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        ("UPDATE versions SET record = replace(record, 'riêng', 'chung') WHERE rowid = 1", "cleaned record"),
        ("UPDATE versions SET title = 'Tin khác' WHERE rowid = 3", "cleaned record"),
        ("UPDATE versions SET content_hash = zeroblob(32) WHERE rowid = 3", "cleaned record"),
        (
            "UPDATE dictionaries SET data = CAST(substr(data, 1, 900) || x'00' || substr(data, 902) AS BLOB)",
            "dictionary",
        ),
        ("DELETE FROM bodies WHERE rowid = 7", "dangling row"),
        ("DELETE FROM captures WHERE id = 7", "dangling row"),
        ("UPDATE captures SET version = NULL, outcome = 'doubtful' WHERE id = 8", "unclean raw page"),
        ("UPDATE captures SET url = replace(url, '.example', '.exomple') WHERE id = 9", "capture"),
        ("UPDATE captures SET headers = replace(headers, 'utf-8', 'utf-9') WHERE id = 9", "capture"),
        ("UPDATE captures SET fetched_at = '2026-07-02T01:00:01Z' WHERE id = 9", "capture"),
        ("UPDATE versions SET title = CAST(x'54ff' AS TEXT) WHERE rowid = 3", "cleaned record"),
        ("UPDATE urls SET version = NULL WHERE id = (SELECT min(id) FROM urls)", "dangling row"),
        ("DROP TRIGGER bodies_no_update", "guard"),
        ("CREATE TRIGGER mine AFTER INSERT ON bodies BEGIN SELECT 1; END", "guard"),
    ],
)
def test_every_kind_of_damage_is_named(options: Options, damage: str, kind: str) -> None:
    assert verify(options) == []
    db = sqlite3.connect(options.archive, isolation_level=None)
    if "TRIGGER" not in damage:
        db.close()
        db = _without_guards(options.archive)
    assert db.execute(damage).rowcount != 0
    if "TRIGGER" in damage:
        db.close()
    else:
        _guarded(db)
    findings = verify(options)
    assert kind in {finding.kind for finding in findings}
    assert all(finding.what and finding.advice for finding in findings)


def test_a_missing_guard_stops_every_other_command(options: Options) -> None:
    db = sqlite3.connect(options.archive)
    db.execute("DROP TRIGGER versions_no_delete")
    db.close()
    with pytest.raises(Problem, match="versions_no_delete is missing") as stop:
        connect(options.archive)
    assert stop.value.exit_code == CANNOT_FINISH


def test_a_missing_or_altered_media_file_is_found(options: Options) -> None:
    db = connect(options.archive)
    shas = [media.keep(options.media, body) for body in (b"one", b"two", b"three")]
    for sha in shas:
        size = media.place(options.media, sha).stat().st_size
        wish = media.Wanted("thu_nghiem", article_id("thu_nghiem", "bai-1"), f"https://x.example/{sha.hex()}", "image")
        media.link(db, wish, sha256=sha, size=size)
    db.close()
    assert verify(options) == []
    media.place(options.media, shas[0]).unlink()
    media.place(options.media, shas[1]).write_bytes(b"twO")
    assert [finding.kind for finding in verify(options)] == ["media file", "media file"]


def test_a_share_a_night_comes_round_to_everything(options: Options) -> None:
    db = _without_guards(options.archive)
    db.execute("UPDATE bodies SET data = CAST(data || x'00' AS BLOB)")
    _guarded(db)
    found: set[str] = set()
    try:
        for day in range(7):
            clock.set_source(partial(at, day))
            share = verify(options, Share.parse("1/7"))
            found |= {finding.what.split()[0] for finding in share if finding.kind == "raw page"}
    finally:
        clock.set_source(None)
    assert len(found) == 120


def test_the_chain_of_releases_is_checked(tmp_path: Path) -> None:
    before = "none"
    for name in ("2026-07-01T000000Z", "2026-07-02T000000Z"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "a.csv").write_text(name)
        sums = f"# previous: {before}\n{chain._sha256(folder / 'a.csv')}  a.csv\n"
        (folder / "SHA256SUMS").write_text(sums)
        before = f"{name} {chain._sha256(folder / 'SHA256SUMS')}"
        with (tmp_path / "chain").open("a") as lines:
            lines.write(f"{before}\n")
    assert list(chain.broken(tmp_path, files=True)) == []
    (folder / "SHA256SUMS.tsr").write_bytes(b"0 of another file")
    (tmp_path / "2026-07-01T000000Z" / "a.csv").write_text("altered")
    assert len(list(chain.broken(tmp_path, files=True))) == 2
    (tmp_path / "2026-07-01T000000Z" / "SHA256SUMS").write_text("# previous: none\n")
    assert "is not the one" in next(chain.broken(tmp_path, files=False))
