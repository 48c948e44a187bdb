"""The evidence file can be checked by anyone, and says what it is not."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive import chain, evidence, takedown
from archive.connect import connect
from archive.ids import article_id
from archive.site.release import publish
from archive.store import Store
from cleaning.command import Options, Problem
from tests.archive_kit import capture, new_archive, page, rules

TEXT = tuple(f"Đoạn {n}: nội dung của bài viết, gọi 0912345678, dài vừa đủ." for n in range(6))
ID = article_id("thu_nghiem", "bai-1")


@pytest.fixture
def options(tmp_path: Path) -> Options:
    options = Options(new_archive(tmp_path))
    with Store(options.archive, rules=rules()) as store:
        store.add(capture(page("Tin", *TEXT), source="import"))
        store.add(capture(page("Tin", *TEXT, views=9), days=1, source="import"))
        store.add(capture(page("Tin", "Đính chính.", *TEXT), days=2))
    return options


def _export(options: Options, **more: object) -> dict[str, bytes]:
    db = connect(options.archive, write=False)
    try:
        target = evidence.export(
            db, options, ID, 1, options.archive.parent / "evidence.zip", masked=bool(more.get("masked"))
        )
    finally:
        db.close()
    with zipfile.ZipFile(target) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_evidence_holds_the_page_its_hashes_and_its_release(options: Options) -> None:
    release = publish(options.archive, options.releases)
    (release.folder / chain.TOKEN).write_bytes(b"a token")
    files = _export(options)
    for line in files["SHA256SUMS"].decode().splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest
    assert len(files["SHA256SUMS"].splitlines()) == len(files) - 1
    raw = next(
        record.content_stream().read()
        for record in ArchiveIterator(io.BytesIO(files["capture.warc.gz"]))
        if record.rec_type == "response"
    )
    facts = json.loads(files["capture.json"])
    assert raw == page("Tin", *TEXT) and hashlib.sha256(raw).hexdigest() == facts["sha256"]
    assert [again["fetched_at"] for again in facts["seen_again"]] == ["2026-07-02T01:00:00Z"]
    assert json.loads(files["record.json"])["body"] == list(TEXT)
    assert f"release/{release.id}/SHA256SUMS" in files and f"release/{release.id}/{chain.TOKEN}" in files
    assert "Imported from a file" in files["README.txt"].decode()


def test_masked_evidence_says_so_and_leaves_the_raw_page_out(options: Options) -> None:
    files = _export(options, masked=True)
    assert "capture.warc.gz" not in files
    assert b"0912345678" not in files["record.json"]
    assert "masked" in files["README.txt"].decode() and "Not part of any release" in files["README.txt"].decode()


def test_nothing_is_given_out_of_what_was_taken_down(options: Options) -> None:
    db = connect(options.archive)
    with pytest.raises(Problem, match="no version 7 of article"):
        evidence.export(db, options, ID, 7, None, masked=False)
    takedown.hide(db, ID, "yêu cầu", None)
    with pytest.raises(Problem, match="was taken down"):
        evidence.export(db, options, ID, None, None, masked=False)
    db.close()
