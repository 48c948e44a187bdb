"""The real pywb replays what we export, and gives it back to `backfill` without a difference: `make test-pywb`."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import tintinh
from archive import warc
from archive.connect import connect
from archive.raw import RawStore

PYWB = Path(os.environ.get("TINTINH_PYWB", "/nonexistent"))
"""The `bin` folder of an environment with pywb."""

SHARED = Path(__file__).parents[1].parent / "shared"
RECORDING = SHARED / "recordings" / "nukeviet-default.warc.gz"

pytestmark = pytest.mark.slow

CONTENT = (
    "SELECT v.article_id, v.n, hex(v.content_hash), c.fetched_at, hex(c.sha256) FROM versions v"
    " JOIN captures c ON c.id = v.capture_id ORDER BY 1, 2"
)


def _main(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as stop:
        tintinh.main([str(argument) for argument in arguments])
    return int(stop.value.code or 0)


def _rows(path: Path, query: str) -> list[tuple[object, ...]]:
    db = connect(path, write=False)
    try:
        return [tuple(row) for row in db.execute(query)]
    finally:
        db.close()


@contextmanager
def _wayback(folder: Path, exported: Path) -> Iterator[str]:
    """Serve an exported WARC as collection `kho`; yields the server's address."""
    folder.mkdir()
    for command in (["init", "kho"], ["add", "kho", str(exported)]):
        subprocess.run([PYWB / "wb-manager", *command], cwd=folder, check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [PYWB / "wayback", "-b", "127.0.0.1", "-p", str(port)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def _recorded(folder: Path) -> Path:
    if not RECORDING.exists():
        pytest.skip("needs ../shared/recordings")
    path = folder / "recorded" / "archive.db"
    path.parent.mkdir()
    registry = folder / "registry"
    registry.mkdir()
    (registry / "x.toml").write_text(
        '[nukeviet_thu]\nname = "Cổng thử"\nfamily = "nukeviet"\nbase_url = "http://127.0.0.1:8101"\n'
        'province = "Tây Ninh"\nlistings = ["/"]\n'
    )
    assert _main("--archive", path, "import", RECORDING, "--portal", "nukeviet_thu", "--registry", registry) == 0
    return path


@pytest.mark.skipif(not (PYWB / "wayback").exists(), reason="needs pywb: make test-pywb")
def test_pywb_replays_every_page_and_is_backfilled_without_a_difference(tmp_path: Path) -> None:
    path = _recorded(tmp_path)
    exported = tmp_path / "export.warc.gz"
    assert _main("--archive", path, "export", "warc", "--to", exported) == 0
    subprocess.run(["gzip", "-t", exported], check=True)
    db = connect(path, write=False)
    raw = RawStore(db)
    pages: dict[tuple[str, str], set[bytes]] = {}  # two replies of one address in one second are one to any index
    for row in warc.captures(db):
        pages.setdefault((row["final_url"] or row["url"], row["fetched_at"]), set()).add(raw.get(row["kept"]))
    db.close()
    assert len(pages) >= 60
    with _wayback(tmp_path / "pywb", exported) as server:
        for (url, at), bodies in pages.items():
            stamp = "".join(filter(str.isdigit, at))
            with urllib.request.urlopen(f"{server}/kho/{stamp}id_/{url}") as reply:
                assert reply.read() in bodies, (url, at)
        fresh = tmp_path / "backfilled" / "archive.db"
        code = _main(
            "--archive", fresh, "backfill", "nukeviet_thu", "--cdx", f"{server}/kho/cdx",
            "--registry", tmp_path / "registry", "--delay", "0", "--allow-private", server.removeprefix("http://"),
        )  # fmt: skip
        assert code == 0
    assert _rows(fresh, CONTENT) == _rows(path, CONTENT)
    assert _rows(fresh, "SELECT DISTINCT origin FROM captures") == [("wayback",)]


def test_import_of_an_export_gives_the_same_articles_and_versions(tmp_path: Path) -> None:
    path = _recorded(tmp_path)
    exported = tmp_path / "export.warc.gz"
    assert _main("--archive", path, "export", "warc", "--to", exported) == 0
    fresh = tmp_path / "again" / "archive.db"
    assert _main("--archive", fresh, "import", exported, "--registry", tmp_path / "registry") == 0
    captures = (
        "SELECT article_id, fetched_at, url, final_url, status, headers, hex(sha256), version FROM captures ORDER BY id"
    )
    for query in (CONTENT, captures, "SELECT article_id, at, views FROM view_counts ORDER BY 1, 2, 3"):
        assert _rows(fresh, query) == _rows(path, query)
