"""The store keeps every capture, and makes a version only when the portal changed the article."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import unicodedata
from base64 import b64encode
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from archive.connect import connect
from archive.raw import RawStore
from archive.store import Store
from cleaning.command import Problem
from tests.archive_kit import capture, new_archive, page, rules

TEXT = tuple(f"Đoạn {n}: đại hội chi bộ trung tâm bầu ban chấp hành nhiệm kỳ mới gồm {n} đồng chí." for n in range(12))


def _outcomes(path: Path) -> list[tuple[str, int | None]]:
    with connect(path, write=False) as db:
        return [tuple(row) for row in db.execute("SELECT outcome, version FROM captures ORDER BY ordered_at, id")]


def test_a_moved_counter_makes_a_dated_row_and_no_version(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    with Store(path, rules=rules()) as store:
        assert store.add(capture(page("Đại hội", *TEXT, views=10))).outcome == "new"
        assert store.add(capture(page("Đại hội", *TEXT, views=25), days=1)).outcome == "unchanged"
        edited = store.add(capture(page("Đại hội", "Câu mới.", *TEXT, views=26), days=2))
        assert (edited.outcome, edited.version) == ("changed", 2)
        store.flush()
        assert [tuple(row) for row in store.db.execute("SELECT views, doubt FROM view_series")] == [
            (10, None), (25, None), (26, None),
        ]  # fmt: skip
        sizes = [row[0] for row in store.db.execute("SELECT length(data) FROM bodies ORDER BY rowid")]
        assert sizes[1] < 60, "a refetch whose counter moved costs bytes"
    assert _outcomes(path) == [("ok", 1), ("ok", 1), ("ok", 2)]


def test_every_body_reads_back_byte_for_byte(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    bodies = [page(f"Tin {n}", *TEXT[n:], views=n) for n in range(8)] + [b"\xff\xfe\x00 no page", b"x" * 300_000]
    with Store(path, rules=rules()) as store:
        for number, body in enumerate(bodies):
            store.add(capture(body, key=f"bai-{number}"))
            store.add(capture(body + b" ", key=f"bai-{number}", days=1))
        store.flush()
        raw = RawStore(store.db)
        kept = [row[0] for row in store.db.execute("SELECT kept FROM captures ORDER BY id")]
        assert [raw.get(sha) for sha in kept] == [copy for body in bodies for copy in (body, body + b" ")]
        deep = "SELECT count(*) FROM bodies b JOIN bodies base ON base.sha256 = b.base WHERE base.base IS NOT NULL"
        assert store.db.execute(deep).fetchone()[0] == 0


def test_the_sample_page_of_a_portal_holds_nobodys_text(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    title = "Ông Trần Văn Thử nhận giải"
    hiding = [
        f'<meta property="og:title" content="{title}">',
        f'<script type="application/ld+json">{json.dumps({"headline": title, "articleBody": TEXT[3]})}</script>',
        f'<a href="https://chia-se.example/?t={quote(title)}">x</a>',
        f"<b>{''.join(f'&#{ord(letter)};' for letter in title)}</b>",
        f"<i>{unicodedata.normalize('NFD', title)}</i>",
        f'<input type="hidden" name="__VIEWSTATE" value="{b64encode(title.encode() * 30).decode()}">',
        "<b>Trần Văn</b>",
    ]
    with Store(path, rules=rules()) as store:
        store.add(capture(page(title, *TEXT, tail="".join(hiding))))
        store.flush()
        sample = RawStore(store.db).sample(store.db.execute("SELECT id FROM dictionaries").fetchone()[0]).decode()
    assert "Chuyên mục 7" in sample and "__VIEWSTATE" in sample
    read = unicodedata.normalize("NFC", unescape(unquote(sample.encode().decode("unicode-escape", "replace"))))
    for text in (sample, read):
        assert not any(words in text for words in ("Trần", "Thử nhận", "ban chấp hành", "VHLhuqdu"))


def test_a_page_in_an_old_encoding_is_nobodys_sample(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    with Store(path, rules=rules()) as store:
        store.add(capture(page("Tin", *TEXT).decode().encode("cp1258", "replace")))
        store.flush()
        assert store.db.execute("SELECT count(*) FROM dictionaries").fetchone()[0] == 0


def test_one_capture_given_twice_is_stored_once(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    for _ in range(2):
        with Store(path, rules=rules()) as store:
            for day in range(3):
                store.add(capture(page("Tin", *TEXT[day:]), days=day))
    assert len(_outcomes(path)) == 3


def test_a_late_capture_takes_its_place_in_time(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    with Store(path, rules=rules()) as store:
        store.add(capture(page("Tin", *TEXT), days=9))
        store.add(capture(page("Tin", *TEXT), days=10))
        late = store.add(capture(page("Tin", "Bản cũ.", *TEXT, views=2), days=1, source="wayback"))
        assert late.outcome == "late"
        store.flush()
        assert store.db.execute("SELECT version FROM urls").fetchone()[0] == 1
        assert store.db.execute("SELECT count(*) FROM view_counts").fetchone()[0] == 3
    assert _outcomes(path) == [("ok", 2), ("ok", 1), ("ok", 1)]


def test_a_clock_that_went_backwards_hides_no_edit(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    with Store(path, rules=rules()) as store:
        store.add(capture(page("Tin", *TEXT), days=9))
        assert store.add(capture(page("Tin", "Thêm.", *TEXT), days=2)).outcome == "changed"
        store.flush()
        assert json.loads(store.db.execute("SELECT flags FROM captures WHERE version = 2").fetchone()[0]) == [
            "clock-backwards"
        ]
        assert store.db.execute("SELECT version FROM urls").fetchone()[0] == 2


def test_a_failing_page_never_replaces_an_article(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    with Store(path, rules=rules()) as store:
        store.add(capture(page("Tin", *TEXT)))
        outcomes = [
            store.add(capture(page("Tin", "Lỗi."), days=1)).outcome,
            store.add(capture(b"<h1>Server Error</h1>", days=2)).outcome,
            store.add(capture(page("Tin", *TEXT[:9]), days=3, flags=("truncated",))).outcome,
            store.add(capture(page("Trang chủ", *TEXT[3:]), days=4, flags=("soft-404",))).outcome,
            store.add(capture(b"gone", days=5, status=410)).outcome,
            store.add(capture(b"", days=6, status=304)).outcome,
        ]
        assert outcomes == ["shrunk", "no-article", "truncated", "soft-404", "http-error", "not-modified"]
    assert [version for _, version in _outcomes(path)] == [1, None, None, None, None, None, None]


def test_what_the_tables_refuse_is_kept_without_a_version(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    broken = rules()
    original = broken.clean

    def clean(body: bytes, **more: object) -> object:
        from dataclasses import replace

        return replace(original(body, **more), date="2024-02-31", date_basis="published")  # type: ignore[arg-type]  # passed on

    with Store(path, rules=rules()) as good:
        good.add(capture(page("Tin", *TEXT), key="good"))
    object.__setattr__(broken, "clean", clean)
    with Store(path, rules=broken) as store:
        store.add(capture(page("Tin", *TEXT), key="bad"))
    with connect(path, write=False) as db:
        row = db.execute("SELECT outcome, kept, flags FROM captures ORDER BY id DESC").fetchone()
        assert row["outcome"] == "doubtful" and row["kept"] is not None and "refused" in json.loads(row["flags"])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bodies SET raw_size = 1",
        "DELETE FROM bodies",
        "DELETE FROM captures",
        "UPDATE captures SET status = 404",
        "DELETE FROM versions",
        "UPDATE versions SET record = '{}'",
        "UPDATE versions SET n = 7",
        "UPDATE view_counts SET views = 3",
        "DELETE FROM urls",
        "UPDATE urls SET key = 'x'",
        "INSERT OR REPLACE INTO view_counts SELECT article_id, capture_id, at, 5 FROM view_counts",
        "INSERT INTO versions (article_id, n, capture_id, cleaner, content_hash, record_hash, chars, record)"
        " SELECT article_id, 3, capture_id, cleaner, zeroblob(32), record_hash, 1, '{}' FROM versions",
        "UPDATE versions SET date = '2024-02-31', cleaner = 'other'",
        "UPDATE versions SET published = '2567-01-01', cleaner = 'other'",
        "INSERT INTO provinces (id, name, folded, sort_key, code) VALUES ('x', 'X', 'x', 'x', '80')",
        "INSERT INTO portals (id, name) VALUES ('../x', 'X')",
    ],
)
def test_the_archive_refuses(tmp_path: Path, statement: str) -> None:
    path = new_archive(tmp_path)
    with Store(path, rules=rules()) as store:
        store.add(capture(page("Tin", *TEXT, views=4)))
    db = connect(path)
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(statement)
    db.close()


def test_an_unknown_portal_is_one_clear_line(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    with Store(path, rules=rules()) as store, pytest.raises(Problem, match="portal lạ is not in the archive"):
        store.add(capture(page("Tin"), portal="lạ"))


def test_no_text_or_time_of_a_reply_can_spoil_a_batch(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    odd = "https://thu-nghiem.example/b\udce0i\0.html"
    with Store(path, rules=rules()) as store:
        store.add(capture(page("Tin", *TEXT), key="\udcff1", url=odd, final_url=odd, aliases=(odd,), canonical=odd))
        store.add(capture(page("Tin \ud800".encode("utf-8", "replace").decode(), *TEXT), key="2", status=200))
        store.add(capture(page("Tin", *TEXT), key="3", fetched_at=datetime(1, 1, 1, tzinfo=UTC)))
        store.add(capture(b"x", key="4", status=999))
        store.add(capture(page("Tin", *TEXT), key="5", headers=(("X", "\udcff\0"), ("Content-Type", "text/html"))))
    with connect(path, write=False) as db:
        flags = [json.loads(row[0]) for row in db.execute("SELECT flags FROM captures ORDER BY id")]
        assert [each[:1] for each in flags] == [["odd-characters"], [], ["fetched-at-unknown"], ["odd-status"], []]
        assert db.execute("SELECT count(*) FROM articles").fetchone()[0] == 4


def test_a_gone_article_whose_text_comes_up_elsewhere_has_moved(tmp_path: Path) -> None:
    path = new_archive(tmp_path, ("thu_nghiem", "cong_moi"))
    with Store(path, rules=rules()) as store:
        store.add(capture(page("Tin", *TEXT), key="cu"))
        store.flush()
        store.db.execute("UPDATE urls SET state = 'gone', gone_since = '2026-07-02T00:00:00Z'")
        store.add(capture(page("Tin", *TEXT, views=3), key="moi", portal="cong_moi", days=9))
        store.flush()
        rows = [
            tuple(row) for row in store.db.execute("SELECT key, state, moved_to IS NOT NULL FROM urls ORDER BY key")
        ]
        assert rows == [("cu", "moved", 1), ("moi", "live", 0)]
        assert store.db.execute("SELECT count(DISTINCT text_hash) FROM versions").fetchone()[0] == 1


def test_implausible_counters_are_kept_and_doubted(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    with Store(path, rules=rules()) as store:
        for day, views in enumerate((50, 60, 10, 12)):
            store.add(capture(page("Tin", *TEXT, views=views), days=day))
        store.flush()
        assert [row[0] for row in store.db.execute("SELECT doubt FROM view_series ORDER BY at")] == [
            None, None, "falls", None,
        ]  # fmt: skip
        for day, numbers in enumerate([(1, 1, 1, 1), (3, 20, 90, 900), (3, 20, 90, 800), (3, 950, 90, 900)]):
            store.db.execute(
                "INSERT INTO site_counters (portal, capture_id, at, online, today, week, total)"
                " VALUES (?, 1, ?, ?, ?, ?, ?)",
                ("thu_nghiem", f"2026-08-0{day + 1}T00:00:00Z", *numbers),
            )
        assert [row[0] for row in store.db.execute("SELECT doubt FROM counter_series ORDER BY at")] == [
            "constant", None, "falls", "part-above-total",
        ]  # fmt: skip


def test_an_archive_on_a_read_only_volume_can_be_read(tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp())  # pytest's own folder is closed to the user whom the child becomes
    path = new_archive(folder)
    with Store(path, rules=rules()) as store:
        store.add(capture(page("Tin", *TEXT)))
    folder.chmod(0o555)
    try:
        child = os.fork()
        if child == 0:
            if os.geteuid() == 0:
                os.setuid(65534)
            try:
                kept = connect(path, write=False).execute("SELECT count(*) FROM bodies").fetchone()[0]
            except BaseException:
                os._exit(2)
            os._exit(int(kept != 1))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)
