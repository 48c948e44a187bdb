"""The night's digest reaches its webhook; no receiver, however bad, keeps it from its file or holds the night up."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cleaning.command import CANNOT_FINISH, USAGE, Options, Problem
from scrapers import nightly, webhook
from tests.hostile.raw import Answer, RawServer, Talk, literal, redirect, whole


class Receiver(ThreadingHTTPServer):
    """Keeps what is posted to it: (path, type, text)."""

    def __init__(self) -> None:
        posted = self.posted = list[tuple[str, str, str]]()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                posted.append((self.path, self.headers["Content-Type"], body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def no_portal(tmp_path: Path) -> list[str]:
    """What makes the night's crawl end at once: a registry that names nobody."""
    (tmp_path / "registry").mkdir()
    return ["--registry", str(tmp_path / "registry")]


def test_the_digest_is_posted_as_it_is_written_with_the_nights_exit_code(
    receiver: Receiver, no_portal: list[str], tmp_path: Path
) -> None:
    address = f"http://127.0.0.1:{receiver.server_port}/nhan/{{code}}"
    code = nightly.nightly(Options(tmp_path / "archive.db"), crawl=no_portal, webhook=address)
    written = (tmp_path / "digest.txt").read_text(encoding="utf-8")
    assert (code, receiver.posted) == (USAGE, [("/nhan/2", "text/plain; charset=utf-8", written)])
    assert "Tin Tỉnh, night of" in written


def test_a_digest_that_nobody_takes_is_still_written_and_a_file_that_fails_is_still_posted(
    receiver: Receiver, no_portal: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = Options(tmp_path / "archive.db")
    with RawServer({}).running() as server, pytest.raises(Problem) as told:
        nightly.nightly(options, crawl=no_portal, webhook=server.base_url)
    assert str(told.value) == "the digest could not be sent to the webhook: it answers 404 Not Found"
    assert told.value.exit_code == USAGE, "the night's own code is the graver one"
    assert (tmp_path / "digest.txt").read_text(encoding="utf-8") == capsys.readouterr().out
    nowhere = tmp_path / "missing" / "digest.txt"
    with pytest.raises(Problem, match=r"could not be written to .*digest\.txt: No such file"):
        nightly.nightly(
            options, crawl=no_portal, digest=nowhere, webhook=f"http://127.0.0.1:{receiver.server_port}/"
        )  # fmt: skip
    assert [text for _, _, text in receiver.posted] == [capsys.readouterr().out]


def test_a_damaged_archive_is_the_digests_news_and_not_its_end(tmp_path: Path) -> None:
    options = Options(tmp_path / "archive.db")
    options.archive.write_bytes(b"no archive" * 1000)
    text = nightly.write_digest(options, [nightly.Step("crawl", CANNOT_FINISH, "")], "2026-07-01T00:00:00Z")
    assert "FAILED (exit 70)" in text
    assert "archive.db is no SQLite file" in text


def _drip(talk: Talk) -> None:
    talk.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        talk.send(b"X-Slow: 1\r\n")
        talk.wait(0.05)


BAD: dict[str, tuple[Answer, str]] = {
    "error": (whole(b"no", status="500 Internal Server Error"), "it answers 500 Internal Server Error"),
    "redirect": (redirect("https://khac.example.com.vn/"), "it answers 302 Found, which leads to https://khac.example"),
    "hangs-up": (literal(b""), "RemoteDisconnected: "),
    "no-http": (literal(b"SSH-2.0-OpenSSH_8.0\r\n"), "BadStatusLine: "),
    "fat-header": (literal(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 99_999), "LineTooLong: "),
    "silent": (lambda talk: talk.wait(60), ""),
    "drips": (_drip, "no reply within 0.4 s"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_receiver_is_one_line_in_bounded_time(name: str) -> None:
    answer, told = BAD[name]
    with RawServer({"/": answer}).running() as server:
        began = time.monotonic()
        problem = webhook.send(f"{server.base_url}/", "tin", 0, seconds=0.4)
        assert time.monotonic() - began < 5
    assert problem
    assert problem.startswith(told)
    assert "\n" not in problem


def test_nobody_there_is_one_line() -> None:
    assert webhook.send("http://127.0.0.1:9/", "tin", 0) == "[Errno 111] Connection refused"


@pytest.mark.parametrize(
    "address", ["ftp://a/", "a.example.com", "http://[::1", "http://", "http://a:x/", "file:///tmp"]
)
def test_what_is_no_address_is_refused_before_the_night_begins(address: str, tmp_path: Path) -> None:
    with pytest.raises(Problem) as told:
        nightly.nightly(Options(tmp_path / "archive.db"), webhook=address)
    assert told.value.exit_code == USAGE
    assert list(tmp_path.iterdir()) == []
