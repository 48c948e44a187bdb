"""The served site: swaps releases without a failed or mixed reply, bounds strangers, prints nobody's markup."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import shutil
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import lxml.html
import pytest
import uvicorn

from archive.site import dispatch, pages, release, schema, serve
from cleaning.command import Problem
from tests import attacks
from tests.site_kit import finish_release, make_release, served
from tests.test_search import get

# A closed release ends Datasette's writing thread by SystemExit, which Python passes over and pytest does not.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serve") / "releases"
    make_release(folder, "2026-11-22T000000Z", 60)
    release._point(folder, "2026-11-22T000000Z")
    return folder


@pytest.fixture(scope="module")
def article(releases: Path) -> str:
    with sqlite3.connect(releases / "current" / "tintinh.db") as db:
        return str(db.execute("SELECT id FROM articles WHERE version_count = 2 LIMIT 1").fetchone()[0])


def test_a_wrong_call_ends_in_one_line(tmp_path: Path, releases: Path) -> None:
    with pytest.raises(Problem, match="run `tintinh publish` first"):
        serve.serve(tmp_path, port=0, public=False)
    with pytest.raises(Problem, match="add --public"):
        serve.serve(releases, port=0, public=False, host="0.0.0.0")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Problem, match=f"port {port}.*--port") as stopped:
            serve.serve(releases, port=port, public=False)
    assert stopped.value.exit_code == 2


class Running:
    """The application on a loopback port, in a thread of its own."""

    def __init__(self, app: dispatch.Dispatcher) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_level="error"))
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve([self._socket])))

    def __enter__(self) -> str:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return self.address

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


def test_ten_swaps_under_load_fail_no_request_and_mix_no_reply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "LOOK_SECONDS", 0.02)
    folder = tmp_path / "releases"
    names = [f"2026-11-{day:02}T000000Z" for day in range(1, 12)]
    wanted = {name: 5 + n for n, name in enumerate(names)}
    for name, count in wanted.items():
        make_release(folder, name, count)
    release._point(folder, names[0])
    sql = "select (select value from release_info where key = 'release') as r, (select count(*) from articles) as n"
    seen: list[tuple[str, str, int]] = []
    failed: list[object] = []
    done = threading.Event()

    def read(address: str, page: bool) -> None:
        with httpx.Client(base_url=address, timeout=20) as client:
            while not done.is_set():
                try:
                    reply = client.get("/" if page else "/tintinh.json", params={} if page else {"sql": sql})
                    reply.raise_for_status()
                    if page:
                        assert reply.headers["tintinh-release"] in reply.text
                    else:
                        ((name, count),) = reply.json()["rows"]
                        seen.append((reply.headers["tintinh-release"], name, count))
                except Exception as error:
                    failed.append(error)

    with Running(serve.application(folder, public=True)) as address:
        readers = [threading.Thread(target=read, args=(address, n % 2 == 0)) for n in range(4)]
        for reader in readers:
            reader.start()
        for before, name in zip([None, *names], names, strict=False):
            release._point(folder, name)
            if before is not None:
                shutil.rmtree(folder / before)  # as a takedown does, while requests are on their way
            _wait(lambda name=name: bool(seen) and seen[-1][0] == name)
        done.set()
        for reader in readers:
            reader.join()
        _wait(lambda: _open_databases(tmp_path) <= {names[-1]})
    assert not failed
    assert all(header == name and wanted[name] == count for header, name, count in seen)
    assert {name for name, *_ in seen} == set(names)


def _wait(until: object, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not until():  # type: ignore[operator]  # a callable
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _open_databases(folder: Path) -> set[str]:
    """Return the releases whose database this process holds open, removed ones too."""
    found = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            target = link.readlink()
        except OSError:
            continue
        if target.name.startswith("tintinh.db") and folder in target.parents:
            found.add(target.parent.name)
    return found


def test_a_release_that_cannot_be_opened_does_not_take_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "LOOK_SECONDS", 0.02)
    folder = tmp_path / "releases"
    make_release(folder, "2026-11-01T000000Z", 5)
    release._point(folder, "2026-11-01T000000Z")
    bad = make_release(folder, "2026-11-02T000000Z", 5)
    (bad / "tintinh.db").write_bytes(b"no database" * 1000)
    with Running(serve.application(folder, public=True)) as address:
        release._point(folder, bad.name)
        time.sleep(0.3)
        reply = httpx.get(f"{address}/")
        assert (reply.status_code, reply.headers["tintinh-release"]) == (200, "2026-11-01T000000Z")


def test_downloads_are_whole_files_resumable_and_only_what_the_sums_list(releases: Path) -> None:
    name = "2026-11-22T000000Z"
    data = (releases / name / "tintinh.db").read_bytes()
    with Running(serve.application(releases, public=True)) as address, httpx.Client(base_url=address) as client:
        assert client.get("/releases/current/tintinh.db").headers["location"] == f"/releases/{name}/tintinh.db"
        url = f"/releases/{name}/tintinh.db"
        whole = client.get(url)
        assert whole.content == data and whole.headers["etag"] == f'"{hashlib.sha256(data).hexdigest()}"'
        part = client.get(url, headers={"range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, data[100:200])
        assert part.headers["content-range"] == f"bytes 100-199/{len(data)}"
        assert client.get(url, headers={"range": "bytes=-7"}).content == data[-7:]
        assert client.get(url, headers={"range": f"bytes={len(data) - 5}-"}).content == data[-5:]
        assert client.get(url, headers={"range": f"bytes={len(data)}-"}).status_code == 416
        assert client.get(url, headers={"range": "bytes=0-3", "if-range": '"other"'}).status_code == 200
        assert client.get(url, headers={"if-none-match": whole.headers["etag"]}).status_code == 304
        assert client.head(url).headers["content-length"] == str(len(data))
        (releases / name / "left-behind").write_text("not listed")
        for path in (
            "left-behind",
            "",
            "../../archive.db",
            "%2e%2e/2026-11-22T000000Z/tintinh.db",
            ".csv-members.json",
        ):
            assert client.get(f"/releases/{name}/{path}").status_code in (403, 404), path


def test_strangers_get_bounded_sql_and_no_internal_pages(releases: Path) -> None:
    forbidden = ["/-/databases.json", "/-/threads.json", "/-/metadata.json", "/_internal", "/tintinh.db"]
    bombs = [
        "select hex(zeroblob(400000000))", "select printf('%.900000000c', 'x')", "select format('%9d', 1)",
        "select " + ", ".join(["hex(zeroblob(49000))"] * 99) + " from articles a, articles b",
        "select group_concat(hex(body)) from articles a, versions",
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
    ]  # fmt: skip
    refused = get(releases, *forbidden)
    assert [reply.status_code for reply in refused] == [403] * len(forbidden)
    answers = get(releases, *(f"/tintinh.json?{httpx.QueryParams({'sql': sql})}" for sql in bombs))
    assert [reply.status_code for reply in answers] == [400] * len(bombs)
    assert all(len(reply.content) < 100_000 for reply in answers)
    (fine, many, stream) = get(
        releases,
        "/tintinh.json?sql=select+upper(title)+from+articles&_shape=array",
        "/tintinh.json?sql=select+1+from+articles+a,+articles+b&_shape=array",
        "/tintinh/articles.csv?_stream=1",
    )
    assert fine.status_code == 200 and len(many.json()) == serve.PUBLIC["max_returned_rows"]
    assert stream.status_code in (400, 403)


def test_what_makes_no_sense_is_refused_and_a_fault_of_ours_stays_one(
    releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [
        "_next=a,b", "_next=9" * 9, "_next=%00", "_sort=date&_next=a", "_sort=body", "_sort=date&_sort_desc=date",
        "_through={}", "_through=x", '_through={"table":"versions","column":"article_id","value":"1"}', "_timelimit=x",
        "title__in=[1", "_where=1;2", "%00=1",
    ]  # fmt: skip
    paths = [f"/tintinh/{page}?{query}" for query in asked for page in ("version_texts.json", "captures", "x.csv")]
    statuses = dict(zip(paths, (reply.status_code for reply in get(releases, *paths)), strict=True))
    assert {path: status for path, status in statuses.items() if not 200 <= status < 500} == {}
    assert statuses["/tintinh/version_texts.json?_next=%00"] == statuses["/tintinh/captures?_through={}"] == 400
    assert [reply.status_code for reply in get(releases, "/tintinh/versions/a", "/tintinh.csv")] == [404, 404]
    monkeypatch.setattr(pages.search, "find", lambda *_: int("x"))
    assert [reply.status_code for reply in get(releases, "/tim?q=hoi", "/en/tim?q=hoi")] == [500, 500]


def test_the_owner_sees_everything(releases: Path) -> None:
    replies = get(
        releases, "/-/databases.json", "/tintinh.json?sql=select+printf('%25d',+7)&_shape=array", public=False
    )
    assert [reply.status_code for reply in replies] == [200, 200]


def test_every_reply_is_secured_and_a_cache_may_keep_it_for_its_release(releases: Path, article: str) -> None:
    paths = _page_types(article)
    for path, reply in zip(paths, get(releases, *paths), strict=True):
        assert reply.headers["x-content-type-options"] == "nosniff", path
        assert reply.headers["x-frame-options"] == "DENY"
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
        assert "set-cookie" not in reply.headers and "vary" not in reply.headers, path
        if reply.status_code == 200:
            assert reply.headers["etag"] == 'W/"2026-11-22T000000Z"'
            if "html" in reply.headers["content-type"]:
                for script in lxml.html.fromstring(reply.content).iter("script"):
                    text = script.text or ""
                    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
                    assert script.get("type") == "application/ld+json" or not text or digest in policy, (path, text)


def test_a_page_that_did_not_change_is_not_made_again(releases: Path) -> None:
    with Running(serve.application(releases, public=True)) as address:
        tag = httpx.get(f"{address}/tintinh/articles").headers["etag"]
        again = httpx.get(f"{address}/tintinh/articles", headers={"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert httpx.post(f"{address}/tintinh").status_code == 405


def _page_types(article: str) -> list[str]:
    """One path of every kind of page: ours, Datasette's, JSON, CSV, feeds, errors."""
    own = [
        "", "/tim", "/tim?q=x7", f"/bai/{article}", f"/bai/{article}/phien-ban", f"/bai/{article}/phien-ban/1",
        "/thay-doi", "/tinh", "/tinh/quang-nam", "/cong", "/cong/quang_nam_province", "/tinh-trang", "/du-lieu",
    ]  # fmt: skip
    tables = ["/tintinh", *(f"/tintinh/{name}" for name in (*schema.TABLES, *schema.VIEWS))]
    rest = [
        f"/tintinh/articles/{article}", f"/tintinh/articles/{article}.json", "/tintinh/articles?_search=x7",
        "/tintinh/articles.json?_shape=objects", "/tintinh/articles.csv",
        "/tintinh?sql=select+title,body+from+articles",
        "/tintinh/search_newest?q=x7", "/tintinh/gone_since", "/tintinh/articles?title__contains=%3Cscript%3Exss7",
        "/tintinh?sql=select+%27%3Cscript%3Exss7%27", "/khong-co?%3Cscript%3Exss7", "/%3Cscript%3Exss7",
        "/tim?q=%3Cscript%3Exss7%3C/script%3E", "/tim?q=%22%20onfocus=xss7%20x=%22", "/moi.atom", "/thay-doi.atom",
        "/sitemap.xml", "/robots.txt",
    ]  # fmt: skip
    return [*(prefix + path or "/" for prefix in ("", "/en") for path in own), *tables, *rest]


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[str]]]:
    """A release whose every text, name and address is a payload."""
    folder = tmp_path_factory.mktemp("poisoned") / "releases"
    made = make_release(folder, "2026-11-22T000000Z", len(attacks.PAYLOADS))
    with sqlite3.connect(made / "tintinh.db") as db:
        db.create_function("payload", 1, lambda n: attacks.PAYLOADS[int(n) % len(attacks.PAYLOADS)])
        kept = {"id", "date", "date_basis", "article_id", "portal", "state", "language", "month", "fingerprint"}
        kept |= {"headings", "flags", "cells", "headers", "aliases", "kind", "origin", "key", "facet"}
        for table in schema.TABLES:
            keys = {row[0] for row in db.execute("SELECT name FROM pragma_table_info(?) WHERE pk", (table,))}
            for name, type_ in db.execute("SELECT name, type FROM pragma_table_info(?)", (table,)).fetchall():
                if type_ == "TEXT" and name not in kept | keys and not name.endswith("_at") and "date" not in name:
                    shift = sum(map(ord, name))
                    if table != "release_info":
                        db.execute(f"UPDATE {table} SET {name} = payload(rowid + {shift}) WHERE {name} IS NOT NULL")
        db.execute("UPDATE article_tables SET cells = json_array(json_array(payload(1), payload(2)))")
        db.execute("UPDATE captures SET headers = json_array(json_array(payload(3), payload(4)))")
        db.execute("UPDATE articles SET flags = json_array(payload(5)), moved_to = NULL")
        db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('rebuild')")
        ids = [row[0] for row in db.execute("SELECT id FROM articles ORDER BY rowid")]
    db.close()
    finish_release(made)
    release._point(folder, made.name)
    yield folder, ids


def test_stored_markup_runs_on_no_page(poisoned: tuple[Path, list[str]]) -> None:
    folder, ids = poisoned
    paths = [*_page_types(ids[0]), *(f"/bai/{id_}" for id_ in ids), *(f"/tintinh/articles/{id_}" for id_ in ids)]
    paths += [f"/bai/{id_}/phien-ban" for id_ in ids]
    wrong: dict[str, list[str]] = {}
    shown = 0
    for path, reply in zip(paths, get(folder, *paths), strict=True):
        kind = reply.headers.get("content-type", "")
        assert reply.status_code < 500, (path, reply.text[:300])
        shown += attacks.MARK in reply.text
        if reply.is_redirect:
            found = [] if reply.headers["location"].startswith("/") else [reply.headers["location"]]
        elif "html" in kind:
            found = list(_running(reply.text))
        elif "xml" in kind:
            found = list(_running_xml(reply.content))
        else:
            found = [] if re.match(r"(application/json|text/plain|text/csv|image/svg)", kind) else [f"served as {kind}"]
        if found:
            wrong[path] = found
    assert not wrong
    assert shown > 100, "the payloads are on the pages"


def _running(text: str) -> Iterator[str]:
    """Yield what a browser would run or load of the payloads in a page."""
    for element in lxml.html.document_fromstring(text).iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "script" and attacks.MARK in (element.text or ""):
            if element.get("type") != "application/ld+json":
                yield f"script: {element.text}"
            else:
                json.loads(element.text or "")
        if element.tag in ("iframe", "object", "embed", "base", "math") or element.get("http-equiv"):
            yield f"<{element.tag}>"
        for name, value in element.attrib.items():
            plain = re.sub(r"[\s\0-\x1f]", "", str(value)).lower()
            if str(name).startswith("on") or (
                name in ("href", "src", "action", "formaction", "data", "srcset", "xlink:href")
                and plain.startswith(("javascript:", "vbscript:", "data:text"))
            ):
                yield f"{element.tag} {name!s}={value!s}"


def _running_xml(data: bytes) -> Iterator[str]:
    """Yield what is wrong with a feed: not well-formed, markup of its own, or an address that runs."""
    try:
        root = lxml.etree.fromstring(data)
    except lxml.etree.XMLSyntaxError as error:
        yield str(error)
        return
    for element in root.iter("{*}link", "{*}content", "{*}summary"):
        if (element.get("href") or "").lower().startswith(("javascript:", "data:")):
            yield "link that runs"
        if element.get("type") == "html":
            yield from _running(element.text or "<p></p>")


@pytest.mark.slow
def test_300_hostile_requests_change_nothing_take_little_and_keep_nobody_waiting(tmp_path: Path) -> None:
    from tests.bench_publish import under_attack

    outcome = under_attack(tmp_path, articles=3_000)
    assert outcome.unchanged and outcome.peak_rss < 600 << 20
    assert outcome.failed_readers == 0 and outcome.slowest_reader < 5
    assert all(200 <= status < 500 for status in outcome.statuses), outcome.statuses


def test_the_command_serves(releases: Path) -> None:
    with served(releases, "--public") as (address, _):
        assert httpx.get(f"{address}/tintinh.json").status_code == 200
