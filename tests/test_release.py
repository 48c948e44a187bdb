"""Releases: complete, chained, cheap where nothing changed, and free of what was taken down."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import zstandard

from archive import clock
from archive.cleaner import Cleaner
from archive.connect import connect
from archive.masking import mask
from archive.reclean import reclean
from archive.site import exports, release, schema
from archive.site.release import publish
from cleaning import facts
from cleaning.command import Problem
from cleaning.record import Record
from tests.archive_kit import at
from tests.release_kit import CONGRESS, RULES, add, new_archive, plain


@pytest.fixture(autouse=True)
def days() -> Iterator[list[int]]:
    """A clock that a test moves on by changing the day."""
    now = [0]
    clock.set_source(lambda: at(now[0]))
    yield now
    clock.set_source(None)


def opened(folder: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"{(folder / 'tintinh.db').as_uri()}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    return db


def changes(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "changes.jsonl").read_text(encoding="utf-8").splitlines()]


def ids(folder: Path) -> set[str]:
    return {row[0] for row in opened(folder).execute("SELECT id FROM articles")}


def applied(before: set[str], lines: list[dict[str, Any]]) -> set[str]:
    after = set(before)
    for line in lines:
        after.discard(line["id"]) if line["kind"] in ("taken_down", "withdrawn") else after.add(line["id"])
    return after


def dump(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a release but what tells of the release itself."""
    db = opened(folder)
    return {
        table: sorted(tuple(row) for row in db.execute(f"SELECT * FROM {table}"))
        for table in schema.TABLES
        if table != "release_info"
    }


def test_an_article_is_unfolded_with_everything_in_it(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    article = add(path, "bai-1", CONGRESS)
    edited = {**CONGRESS, "body": [*CONGRESS["body"], "Thêm một câu."], "views": 300}
    add(path, "bai-1", edited, days=3)
    folder = publish(path, tmp_path / "releases").folder
    db = opened(folder)
    row = dict(db.execute("SELECT * FROM articles").fetchone())
    assert row["id"] == article
    assert (row["province"], row["province_now"]) == ("Long An", "Tây Ninh")
    assert (row["province_code_2024"], row["province_code_2025"]) == ("80", "80")
    assert row["body"] == "\n\n".join(edited["body"]) and json.loads(row["headings"]) == [1]
    assert (row["date"], row["date_basis"], row["views"], row["version_count"]) == ("2024-06-21", "published", 300, 2)
    assert (row["first_fetched_at"], row["changed_at"]) == (clock.stamp(at(0)), clock.stamp(at(3)))
    image = dict(db.execute("SELECT * FROM images").fetchone())
    assert (image["caption"], image["after_paragraph"]) == ("Quang cảnh buổi họp ở Đồi Chè", 1)
    table = dict(db.execute("SELECT * FROM article_tables").fetchone())
    assert (table["after_paragraph"], table["rows"], json.loads(table["cells"])[1]) == (2, 2, ["Đồng Mai", "214"])
    assert [tuple(r) for r in db.execute("SELECT label, rule, text FROM removed_blocks ORDER BY n")] == [
        ("views", "kit-views", "Lượt xem: 214"), ("related", "kit-related", "Tin liên quan"),
    ]  # fmt: skip
    assert [tuple(r) for r in db.execute("SELECT version, kind, words_changed FROM version_texts")] == [
        (1, "new", None), (2, "edited", 3),
    ]  # fmt: skip
    assert [r["body"] for r in db.execute("SELECT body FROM version_texts ORDER BY version")] == [
        "\n\n".join(CONGRESS["body"]), "\n\n".join(edited["body"]),
    ]  # fmt: skip
    assert [r["views"] for r in db.execute("SELECT views FROM view_counts ORDER BY fetched_at")] == [214, 300]
    assert [r["version"] for r in db.execute("SELECT version FROM captures ORDER BY fetched_at")] == [1, 2]


def test_a_name_that_two_provinces_bore_is_told_apart_by_the_date(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    add(path, "cu", plain("Tin cũ", "2024-01-02"), portal="tay_ninh")
    add(path, "moi", plain("Tin mới", "2025-08-02"), portal="tay_ninh")
    db = opened(publish(path, tmp_path / "releases").folder)
    rows = db.execute(
        "SELECT province, province_now, province_code_2024, province_code_2025 FROM articles ORDER BY date"
    )
    assert [tuple(row) for row in rows] == [("Tây Ninh", "Tây Ninh", "72", "80"), ("Tây Ninh", "Tây Ninh", None, "80")]


def test_newest_first_is_the_order_of_row_ids(tmp_path: Path, days: list[int]) -> None:
    path = new_archive(tmp_path)
    for n, day in enumerate(["2024-03-01", "2019-01-01", "2025-01-01", "2024-03-01"]):
        add(path, f"bai-{n}", plain(f"Tin {n}", day))
    publish(path, tmp_path / "releases")
    add(path, "chen", plain("Tin chen vào giữa", "2022-02-02"))
    days[0] = 1
    folder = publish(path, tmp_path / "releases").folder
    dates = [row[0] for row in opened(folder).execute("SELECT date FROM articles ORDER BY rowid DESC")]
    assert dates == sorted(dates, reverse=True) and len(dates) == 5


def change(path: Path, sql: str, *values: str) -> None:
    db = connect(path)
    db.execute(sql, values)
    db.close()


def take_down(path: Path, article: str) -> None:
    change(path, "INSERT INTO takedowns (article_id, at, reason) VALUES (?, ?, 'Theo yêu cầu')", article, clock.stamp())


def _blind_to(title: str) -> Callable[..., Record]:
    """Return cleaning that finds nothing on the page with that title."""

    def clean(page: bytes, **more: Any) -> Record:
        record = RULES.clean(page, **more)
        return replace(record, title=None, body=(), blocks=()) if record.title == title else record

    return clean


def _history(path: Path) -> Iterator[str]:
    """Change the archive step by step; yield what was done."""
    first = add(path, "bai-1", CONGRESS)
    for n in range(6):
        add(path, f"bai-{n + 2}", plain(f"Tin {n}", f"2024-0{n + 1}-15"))
    add(path, "bai-1", plain("Tin lạ", "2024-01-20"), portal="tay_ninh")
    yield "new"
    add(path, "bai-1", {**CONGRESS, "title": "Đại hội Chi đoàn (đã sửa)"}, days=1)
    add(path, "bai-9", plain("Tin ngày cũ", "2023-05-05"))
    yield "edited and back-dated"
    add(path, "bai-3", plain("Tin 1", "2024-02-15"), days=2)
    yield "only fetched again"
    change(path, "UPDATE urls SET state = 'gone', gone_since = ? WHERE id = ?", clock.stamp(at(2)), first)
    yield "gone"
    change(path, "UPDATE urls SET state = 'live', gone_since = NULL WHERE id = ?", first)
    change(path, "UPDATE portals SET name = 'Trung tâm Hành chính công' WHERE id = 'long_an_hcc'")
    yield "back, and the publisher renamed"
    reclean(path, ["tay_ninh"], rules=Cleaner("kit-2", _blind_to("Tin lạ")))
    yield "no article by better rules"
    reclean(path, ["tay_ninh"], rules=Cleaner("kit-3", RULES.clean))
    yield "an article again"
    reclean(path, ["tay_ninh"], rules=Cleaner("kit-4", RULES.clean))
    yield "the same by better rules"
    take_down(path, first)
    yield "taken down"


def test_an_updated_release_equals_a_full_one_and_changes_lead_from_each_to_the_next(
    tmp_path: Path, days: list[int]
) -> None:
    path = new_archive(tmp_path)
    before: set[str] = set()
    found = []
    for step, what in enumerate(_history(path)):
        days[0] = step
        updated = publish(path, tmp_path / "releases")
        whole = publish(path, tmp_path / f"whole-{step}")
        assert dump(updated.folder) == dump(whole.folder), what
        assert updated.full == (what in ("new", "back, and the publisher renamed", "taken down")), what
        lines = changes(updated.folder)
        assert applied(before, lines) == ids(updated.folder), what
        before = ids(updated.folder)
        found.append(updated.kinds)
    assert found == [
        {"new": 8}, {"edited": 1, "new": 1}, {"refreshed": 1}, {"gone": 1}, {"back": 1, "refreshed": 7},
        {"withdrawn": 1}, {"new": 1}, {"refreshed": 1}, {"taken_down": 1},
    ]  # fmt: skip


def test_unchanged_parts_are_the_same_file_and_every_sum_matches_and_names_the_release_before(
    tmp_path: Path, days: list[int]
) -> None:
    path = new_archive(tmp_path)
    for n in range(4):
        add(path, f"bai-{n}", plain(f"Tin {n}", f"2024-0{n + 1}-15"))
    one = publish(path, tmp_path / "releases").folder
    add(path, "bai-2", plain("Tin 2 đã sửa", "2024-03-15"), days=1)
    days[0] = 1
    two = publish(path, tmp_path / "releases").folder
    assert (tmp_path / "releases" / "current").resolve() == two
    for part in ("jsonl/articles/2024-01.jsonl.gz", "jsonl/versions/2024-04.jsonl.gz"):
        assert (one / part).samefile(two / part)
    assert not (one / "jsonl/articles/2024-03.jsonl.gz").samefile(two / "jsonl/articles/2024-03.jsonl.gz")
    for folder in (one, two):
        done = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    listed = {line.partition("  ")[2] for line in (two / "SHA256SUMS").read_text().splitlines()[1:]}
    assert listed == {str(p.relative_to(two)) for p in two.rglob("*") if p.is_file() and p.name[0] != "."} - {
        "SHA256SUMS"
    }
    first_line = (two / "SHA256SUMS").read_text().splitlines()[0]
    assert first_line == f"# previous: {one.name} {release.sha256(one / 'SHA256SUMS')}"
    chain = (tmp_path / "releases" / "chain").read_text().splitlines()
    assert chain == [f"{folder.name} {release.sha256(folder / 'SHA256SUMS')}" for folder in (one, two)]


def test_every_download_opens_and_all_formats_hold_the_same_rows(tmp_path: Path, days: list[int]) -> None:
    path = new_archive(tmp_path)
    add(path, "bai-1", CONGRESS)
    for n in range(5):
        add(path, f"tin-{n}", plain(f"Tin “{n}”,\nhai dòng", f"2023-0{n + 1}-15"))
    publish(path, tmp_path / "releases")
    add(path, "tin-6", plain("Tin 6", "2023-02-20"))
    days[0] = 1
    folder = publish(path, tmp_path / "releases").folder
    db = opened(folder)
    with gzip.open(folder / exports.CSV, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = [{key: "" if value is None else str(value) for key, value in dict(row).items()}
              for row in db.execute("SELECT * FROM articles ORDER BY date, id")]  # fmt: skip
    assert rows == wanted
    unpacked = tmp_path / "unpacked.db"
    with (folder / "tintinh.db.zst").open("rb") as packed, unpacked.open("wb") as plain_file:
        zstandard.ZstdDecompressor().copy_stream(packed, plain_file)
    assert unpacked.read_bytes() == (folder / "tintinh.db").read_bytes()
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    seen = {(name, kind): _count(folder, resource) for resource in package["resources"]
            if (kind := resource["format"]) in ("jsonl", "parquet")
            for name in [resource["name"].removesuffix(f"-{kind}").replace("-", "_")]}  # fmt: skip
    for table in schema.TABLES:
        count = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        assert seen[table, "jsonl"] == count, table
        if exports.has_parquet():
            assert seen[table, "parquet"] == count, table


def _count(folder: Path, resource: dict[str, Any]) -> int:
    paths = resource["path"] if isinstance(resource["path"], list) else [resource["path"]]
    if resource["format"] == "jsonl":
        total = 0
        for path in paths:
            with gzip.open(folder / path, "rt", encoding="utf-8") as file:
                total += sum(1 for line in file if json.loads(line))
    else:
        parquet = pytest.importorskip("pyarrow.parquet")
        total = sum(parquet.read_table(folder / path).num_rows for path in paths)
    assert total == resource["rows"]
    return total


def test_what_is_taken_down_is_in_no_byte_of_any_release(tmp_path: Path, days: list[int]) -> None:
    path = new_archive(tmp_path)
    secret = "quýtlạ"
    article = add(
        path, "bai-1", {**CONGRESS, "title": f"Chuyện {secret}: đọc", "body": [f"Người tên {secret} ở Đồi Chè."]}
    )
    related = {"order": [("paragraph", "Câu khác."), ("related", f"CHUYỆN {secret.upper()}: đọc thêm")]}
    add(path, "bai-2", plain("Tin khác", "2024-06-21", "Câu khác.") | related)
    add(path, "bai-3", plain("Tin tháng khác", "2023-01-02", "Câu khác.") | related)
    publish(path, tmp_path / "releases")
    with connect(path) as db:
        db.execute(
            "INSERT INTO takedowns (article_id, at, reason) VALUES (?, ?, 'Theo yêu cầu')", (article, clock.stamp())
        )
    days[0] = 1
    new = publish(path, tmp_path / "releases")
    assert new.full
    assert [r[0] for r in opened(new.folder).execute("SELECT reason FROM takedowns")] == ["Theo yêu cầu"]
    for file in (tmp_path / "releases").rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            if file.suffix == ".gz":
                data = gzip.decompress(data)
            elif file.suffix == ".zst":
                data = zstandard.ZstdDecompressor().stream_reader(data).read()
            elif file.suffix == ".parquet":
                table = pytest.importorskip("pyarrow.parquet").read_table(file)
                data = json.dumps(table.to_pylist(), ensure_ascii=False).encode()
            for form in (secret, "quytla"):
                assert form.encode() not in data.lower(), file
    assert release.finished(tmp_path / "releases") == [new.id], "older releases hold it still"


def test_a_failed_publish_leaves_the_old_release(
    tmp_path: Path, days: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = new_archive(tmp_path)
    add(path, "bai-1", CONGRESS)
    old = publish(path, tmp_path / "releases").folder
    sums = (old / "SHA256SUMS").read_bytes()
    add(path, "bai-2", plain("Tin", "2024-01-01"))
    days[0] = 1
    for step in ("write", "datapackage"):
        with monkeypatch.context() as patch:
            patch.setattr(exports, step, lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
            with pytest.raises(Problem, match="No space left") as stopped:
                publish(path, tmp_path / "releases")
        assert stopped.value.exit_code == 70
        assert release.current(tmp_path / "releases") == old and (old / "SHA256SUMS").read_bytes() == sums
        assert [p.name for p in (tmp_path / "releases").iterdir() if p.is_dir() and not p.is_symlink()] == [old.name]
    assert publish(path, tmp_path / "releases").kinds == {"new": 1}


def test_publish_refuses_a_full_disk_and_a_second_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = new_archive(tmp_path)
    add(path, "bai-1", CONGRESS)
    with release._alone(_made(tmp_path / "releases")), pytest.raises(Problem, match="another publish") as second:
        publish(path, tmp_path / "releases")
    assert second.value.exit_code == 75
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1 << 20})())
    with pytest.raises(Problem, match=r"a release needs \d+ MB free at .*, 1 MB are") as full:
        publish(path, tmp_path / "releases")
    assert full.value.exit_code == 70


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def test_old_releases_go_by_rule() -> None:
    daily = [f"2026-{month:02}-{day:02}T200000Z" for month in range(1, 12) for day in range(1, 29)]
    stay = release.keep(["2023-05-01T200000Z", "2023-09-01T200000Z", "2024-02-01T200000Z", *daily])
    assert {name for name in stay if name >= "2026-11-22"} == set(daily[-7:])
    assert {name for name in stay if "2026" in name} - set(daily[-7:]) == {
        f"2026-{month:02}-28T200000Z" for month in range(1, 11)
    }
    assert {name for name in stay if "2026" not in name} == {"2023-09-01T200000Z", "2024-02-01T200000Z"}


def test_facts_are_read_from_the_prose_once_per_text(
    tmp_path: Path, days: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = new_archive(tmp_path)
    said = "Đồng chí Trần Văn Thử được bầu giữ chức vụ Bí thư Chi đoàn; Trung tâm tiếp nhận hơn 47.416 hồ sơ."
    first = add(path, "bai-1", plain("Đại hội", "2024-06-21", "Câu đầu.", said))
    one = opened(publish(path, tmp_path / "releases").folder)
    person = dict(one.execute("SELECT * FROM people_roles").fetchone())
    assert (person["person"], person["role"], person["elected"], person["paragraph"]) == (
        "Trần Văn Thử", "Bí thư Chi đoàn", 1, 1,
    )  # fmt: skip
    figure = one.execute("SELECT article_id, value, unit, qualifier FROM figures").fetchone()
    assert tuple(figure) == (first, 47416, "hồ sơ", "min")
    read: list[str] = []
    real = facts.rows

    def noting(body: list[str], **more: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
        read.append(body[0])
        return real(body, **more)

    monkeypatch.setattr(facts, "rows", noting)
    add(path, "bai-1", plain("Đại hội", "2024-06-21", "Câu đầu.", said), days=1)
    add(path, "bai-2", plain("Tin khác", "2024-06-22", "Bài mới có 12 hộ dân."))
    hidden = add(path, "bai-3", plain("Tin sẽ gỡ", "2024-06-23", "Bài này sẽ gỡ."))
    days[0] = 1
    publish(path, tmp_path / "releases")
    take_down(path, hidden)
    days[0] = 2
    full = publish(path, tmp_path / "releases")
    assert full.full and sorted(read) == ["Bài mới có 12 hộ dân.", "Bài này sẽ gỡ."]
    assert {row[0] for row in opened(full.folder).execute("SELECT unit FROM figures")} == {"hộ dân", "hồ sơ"}


def test_without_pyarrow_a_release_says_so_and_is_complete_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "has_parquet", lambda: False)
    path = new_archive(tmp_path)
    add(path, "bai-1", CONGRESS)
    made = publish(path, tmp_path / "releases")
    assert "tintinh[parquet]" in made.report() and not (made.folder / "parquet").exists()
    assert "parquet" not in (made.folder / "datapackage.json").read_text()


def test_a_release_is_cited_with_its_hash(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    add(path, "bai-1", CONGRESS)
    made = publish(path, tmp_path / "releases")
    cite = json.loads((made.folder / "citation.json").read_text(encoding="utf-8"))[0]
    assert cite["version"] == made.id and release.sha256(made.folder / "tintinh.db") in cite["note"]
    bib = (made.folder / "citation.bib").read_text(encoding="utf-8")
    assert bib.startswith(f"@misc{{tintinh-{made.id},") and f"version = {{{made.id}}}" in bib


def test_a_masked_release_holds_no_private_number_and_says_that_it_is_masked(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    number = "0912345678"
    call = f"Gọi {number} để biết thêm."
    article = {
        **CONGRESS, "title": f"Hỏi {number}", "lead": call, "body": [call, "Hết."], "captions": [call], "author": call,
        "tables": [[[number]]], "images": [{"url": "https://x.example/a.jpg", "caption": call, "alt": number}],
        "attachments": [{"url": "https://x.example/a.pdf", "text": call}],
        "order": [("paragraph", call), ("related", call)],
    }  # fmt: skip
    add(path, "bai-1", article)
    add(path, "bai-1", {**article, "body": [call, "Sửa."]}, days=1)
    for masked in (False, True):
        db = opened(publish(path, tmp_path / f"masked-{masked}", mask=mask if masked else None).folder)
        assert (number in "\n".join(db.iterdump())) is not masked
        assert {row[0] for row in db.execute("SELECT masked FROM captures")} == {int(masked)}
