"""An exported WARC is read by others' tools and says what it is not."""

from __future__ import annotations

import gzip
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from archive import warc
from archive.connect import connect
from archive.store import Store
from tests.archive_kit import capture, new_archive, page, rules


def test_every_kept_capture_is_a_response_with_its_bytes_and_headers(tmp_path: Path) -> None:
    path = new_archive(tmp_path)
    bodies = {f"https://thu-nghiem.example/bai-{n}.html": page(f"Tin {n}", "Một đoạn.", views=n) for n in range(5)}
    with Store(path, rules=rules()) as store:
        for number, body in enumerate(bodies.values()):
            headers = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("X-Thử", "có dấu"))
            store.add(capture(body, key=f"bai-{number}", headers=headers, ip="203.0.113.7"))
        store.add(capture(b"", key="mat", status=404))
    target = tmp_path / "out.warc.gz"
    with connect(path, write=False) as db:
        assert warc.write(db, warc.captures(db, ["thu_nghiem"]), target) == 5
    gzip.decompress(target.read_bytes())
    seen = {}
    with target.open("rb") as stream:
        for record in ArchiveIterator(stream, check_digests="raise"):
            if record.rec_type == "warcinfo":
                assert b"as parsed" in record.content_stream().read()
            elif record.rec_type == "response":
                assert record.http_headers.get_header("Content-Encoding") is None
                seen[record.rec_headers.get_header("WARC-Target-URI")] = record.content_stream().read()
            else:
                about = warc.noted(record.content_stream().read())
                assert about is not None and set(about) == set(warc.METADATA) and about["portal"] == "thu_nghiem"
    assert seen == bodies
