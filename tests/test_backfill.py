"""What only a web archive still has of a portal comes in by its index, politely, once, at its time of capture."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest

from demo.server import LoopbackServer, Reply, Request
from scrapers.sources import cdx
from tests.test_import import nukeviet, page, rows, tintinh_exits, warc

ROW = '[xa_vidu]\nname = "Xã Ví dụ"\nfamily = "nukeviet"\nbase_url = "http://xa.vidu.gov.vn"\nprovince = "Quảng Nam"\n'
LINES = {
    "wayback text": "vn,gov,vidu,xa)/a-1.html 20240102030405 http://xa.vidu.gov.vn/a-1.html text/html 200 DIGEST 1234",
    "wayback json": '[["urlkey","timestamp","original","mimetype","statuscode","digest","length"],\n'
    '["k","20240102030405","http://xa.vidu.gov.vn/a-1.html","text/html","200","DIGEST","1234"]]',
    "pywb json lines": '{"urlkey": "k", "timestamp": "20240102030405", "url": "http://xa.vidu.gov.vn/a-1.html", '
    '"mime": "text/html", "status": "200", "digest": "DIGEST"}',
    "cdxj": 'k 20240102030405 {"url": "http://xa.vidu.gov.vn/a-1.html", "mime": "text/html", "status": "200", '
    '"digest": "DIGEST"}',
}


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tintinh", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("form", LINES)
def test_every_form_of_an_index_reads_alike(form: str) -> None:
    answer = cdx.read(LINES[form] + "\n")
    row = cdx.Row("http://xa.vidu.gov.vn/a-1.html", "20240102030405", "text/html", 200, "DIGEST")
    assert answer == cdx.Answer((row,), None, 0)
    assert row.at == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_an_index_says_how_it_goes_on_and_what_is_none_is_refused() -> None:
    assert cdx.read(LINES["wayback text"] + "\n\nresume+key\n").resume == "resume+key"
    assert cdx.read(LINES["wayback json"][:-1] + ', [], ["resume+key"]]').resume == "resume+key"
    assert cdx.read("") == cdx.read("[]") == cdx.Answer((), None, 0)
    assert cdx.read(LINES["cdxj"] + "\nbroken line\n").unread == 1
    with pytest.raises(ValueError, match="no CDX"):
        cdx.read("<html>busy</html>")


def test_a_replay_address_follows_from_where_the_index_stands() -> None:
    row = cdx.Row("http://xa.vidu.gov.vn/a?b=1", "20240102030405", "text/html", 200, "")
    for index, replayed in {
        "https://web.archive.org/cdx/search/cdx": "https://web.archive.org/web/20240102030405id_/http://xa.vidu.gov.vn/a?b=1",
        "http://a.vn:8080/tin/cdx": "http://a.vn:8080/tin/20240102030405id_/http://xa.vidu.gov.vn/a?b=1",
        "https://a.vn/wayback/cdx": "https://a.vn/wayback/20240102030405id_/http://xa.vidu.gov.vn/a?b=1",
    }.items():
        assert cdx.replay(index, row) == replayed


class Wayback:
    """A small web archive: captures by (timestamp, address), an index in pages of two, replays with its own headers."""

    def __init__(self) -> None:
        first, second, third = (nukeviet(number) for number in (1, 2, 3))
        edited = page("Bài số 1, đã sửa", head='<meta name="generator" content="NukeViet v4.5">')
        self.captures = {
            ("20230101000000", first[0]): first[3],
            ("20230501000000", first[0]): first[3],
            ("20240101000000", first[0]): edited,
            ("20230101000000", second[0]): second[3],
            ("20230101000000", third[0]): third[3],
            ("20230101000000", "http://xa.vidu.gov.vn/tin-tuc/"): page("Tin tức"),
            ("20230101000000", first[0].replace("/tin-tuc/", "/print/tin-tuc/")): first[3],
        }
        self.broken: set[str] = set()

    def respond(self, request: Request) -> Reply:
        if request.path == "/robots.txt":
            return Reply("User-agent: *\nDisallow: /save/\n", content_type="text/plain")
        if request.path == "/cdx/search/cdx":
            return self._index(request)
        found = re.fullmatch(r"/web/(\d+)id_/(.+)", request.target)
        assert found, request.target
        if found[2] in self.broken:
            return Reply("busy", 502)
        body = self.captures[(found[1], found[2])]
        moved = (
            ("x-archive-orig-server", "Apache"),
            ("x-archive-orig-content-type", "text/html"),
            ("x-app", "wayback"),
        )
        return Reply(body, headers=moved)

    def _index(self, request: Request) -> Reply:
        begins, ends = request.query["from"], request.query["to"]
        lines = [
            f"k {stamp} {url} text/html 200 {abs(hash(body))} {len(body)}"
            for (stamp, url), body in sorted(self.captures.items(), key=lambda item: (item[0][1], item[0][0]))
            if begins <= stamp <= ends
        ]
        start = int(request.query.get("resumeKey", 0))
        more = f"\n\n{start + 2}" if start + 2 < len(lines) else ""
        return Reply("\n".join(lines[start : start + 2]) + more + "\n", content_type="text/plain")


@contextmanager
def registry(tmp_path: Path, row: str = ROW) -> Iterator[Path]:
    folder = tmp_path / "registry"
    folder.mkdir(exist_ok=True)
    (folder / "vidu.toml").write_text(row, "utf-8")
    yield folder


def test_backfill_takes_each_capture_once_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    wayback = Wayback()
    with LoopbackServer(wayback.respond) as server, registry(tmp_path) as folder:
        archive = tmp_path / "archive.db"
        index = f"http://{server.netloc}/cdx/search/cdx"
        run = ("--archive", archive, "backfill", "xa_vidu", "--cdx", index, "--registry", folder, "--allow-private",
               server.netloc, "--delay", "0")  # fmt: skip
        assert command(*run[:-4]).returncode == 2
        wayback.broken = {nukeviet(2)[0]}
        first = command(*run, "--to", "2023-12-31")
        assert first.returncode == 1, first.stderr
        assert "1 captures could not be had" in first.stderr
        wayback.broken = set()
        asked = len(server.log)
        second = command(*run)
        assert second.returncode == 0, second.stderr
        replayed = [hit.target for hit in server.log[asked:] if hit.target.startswith("/web/")]
        assert replayed == [f"/web/20230101000000id_/{nukeviet(2)[0]}", f"/web/20240101000000id_/{nukeviet(1)[0]}"]
    versions = "SELECT u.key, v.n, v.title FROM versions v JOIN urls u ON u.id = v.article_id ORDER BY 1, 2"
    assert rows(archive, versions) == [
        ("1", 1, "Bài số 1"), ("1", 2, "Bài số 1, đã sửa"), ("2", 1, "Bài số 2"), ("3", 1, "Bài số 3"),
    ]  # fmt: skip
    captures = rows(archive, "SELECT DISTINCT origin, fetched_at, headers FROM captures ORDER BY 2")
    assert [row[:2] for row in captures] == [("wayback", "2023-01-01T00:00:00Z"), ("wayback", "2024-01-01T00:00:00Z")]
    assert json.loads(str(captures[0][2])) == [["Server", "Apache"], ["Content-Type", "text/html"]]


def test_a_bad_index_or_range_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def respond(request: Request) -> Reply:
        return Reply("" if request.path == "/robots.txt" else "<html>no index here</html>")

    with LoopbackServer(respond) as server, registry(tmp_path) as folder:
        base = ("--archive", tmp_path / "a.db", "backfill", "xa_vidu", "--registry", folder, "--allow-private")
        index = ("--cdx", f"http://{server.netloc}/tin/cdx")
        done = command(*base, *index, "--delay", "0")
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
        assert "expected a CDX index" in done.stderr
    for options, told in (
        (("--cdx", "http://127.0.0.1/tin/"), "expected an index such as https://web.archive.org/cdx/search/cdx"),
        ((*index, "--from", "2024-01-01", "--to", "2023-01-01"), "is later than --to"),
        ((*index, "--from", "gestern"), "expected a day such as 2024-05-01"),
    ):
        assert tintinh_exits(*base, *options) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert told in line


PYWB = Path(os.environ.get("TINTINH_PYWB", "/nowhere"))


@pytest.mark.slow
@pytest.mark.skipif(
    not (PYWB / "wayback").exists(), reason="TINTINH_PYWB names no folder with pywb; see make test-pywb"
)
def test_pywb_replays_every_page_of_an_export_and_backfill_reads_it_back(tmp_path: Path) -> None:
    first, second, exported = tmp_path / "first.db", tmp_path / "second.db", tmp_path / "out.warc.gz"
    edited = (*nukeviet(2)[:3], page("Bài số 2 đã sửa", head='<meta name="generator" content="NukeViet v4.5">'))
    recorded = warc(tmp_path / "recorded.warc.gz", [nukeviet(number) for number in range(1, 21)])
    later = warc(tmp_path / "later.warc.gz", [edited], at="2025-12-06T00:00:00Z")
    with registry(tmp_path) as folder:
        assert command("--archive", first, "import", recorded, later, "--registry", folder).returncode == 0
        assert command("--archive", first, "export", "warc", "--to", exported).returncode == 0
        subprocess.run(["gzip", "-t", exported], check=True)
        quiet = {"cwd": tmp_path, "check": True, "capture_output": True}
        subprocess.run([PYWB / "wb-manager", "init", "tin"], **quiet)  # type: ignore[call-overload]  # cwd, check …
        subprocess.run([PYWB / "wb-manager", "add", "tin", exported], **quiet)  # type: ignore[call-overload]  # ditto
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(
            [PYWB / "wayback", "-b", "127.0.0.1", "-p", str(port)], cwd=tmp_path, stderr=subprocess.DEVNULL
        )
        try:
            _wait(port)
            for url, stamp in rows(first, "SELECT url, fetched_at FROM captures"):
                moment = re.sub(r"\D", "", str(stamp))
                with urlopen(f"http://127.0.0.1:{port}/tin/{moment}id_/{url}") as reply:
                    assert b"<h1>" in reply.read()
            done = command(
                "--archive", second, "backfill", "xa_vidu", "--cdx", f"http://127.0.0.1:{port}/tin/cdx", "--registry",
                folder, "--allow-private", "--delay", "0",
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        finally:
            server.terminate()
            server.wait(20)
    for query in (
        "SELECT id, portal, key, canonical FROM urls ORDER BY id",
        "SELECT article_id, n, content_hash, record FROM versions ORDER BY article_id, n",
        "SELECT article_id, url, fetched_at, status, sha256, outcome FROM captures ORDER BY 1, 3",
    ):
        assert rows(first, query) == rows(second, query) != []


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("pywb does not answer")
