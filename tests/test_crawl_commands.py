"""The crawl's commands as cron and people use them: scrapy's own, a stop in good order, the nightly job."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from archive.lock import Lock
from cleaning.command import LOCKED, NEEDS_A_PERSON
from demo.world import World
from tests.hostile.proof import query
from tests.replay import Replay

ROOT = Path(__file__).parents[1]
RECORDING = ROOT.parent / "shared" / "recordings" / "nukeviet-default.warc.gz"
SCRAPY = [sys.executable, "-m", "scrapy"]


def command(*arguments: str, program: list[str] | None = None) -> subprocess.CompletedProcess[str]:
    start = program or [sys.executable, "-m", "tintinh"]
    return subprocess.run([*start, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def scrapy_crawl(archive: Path, registry: Path) -> subprocess.CompletedProcess[str]:
    settings = {"ARCHIVE": archive, "REGISTRY": registry, "ALLOW_PRIVATE": "loopback", "DOWNLOAD_DELAY": 0.01}
    pairs = [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    return command("crawl", "portals", "-a", "portal=demo_lam_dong", *pairs, program=SCRAPY)


def test_scrapys_own_commands_work_and_the_lock_holds_for_them_too(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    assert command("list", program=SCRAPY).stdout.split() == ["portals"]
    with World(tmp_path / "registry") as world:
        with Lock(archive):
            refused = scrapy_crawl(archive, world.registry)
            assert refused.returncode == LOCKED
            assert "holds the lock" in refused.stderr
            other = command("--archive", str(archive), "crawl", "--registry", str(world.registry), "--allow-private")
            assert other.returncode == LOCKED
            assert len([line for line in other.stderr.splitlines() if line.startswith("tintinh:")]) == 1
            assert not any(site.log for site in world.sites.values())
        done = scrapy_crawl(archive, world.registry)
        assert done.returncode == 0, done.stderr
        kept = query(archive, "SELECT count(*) FROM versions")[0][0]
        assert kept == len(world.sites["lam_dong"].articles)


def test_a_stop_is_quick_and_everything_answered_is_stored(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with World(tmp_path / "registry") as world:
        arguments = [
            "--archive",
            str(archive),
            "crawl",
            "--registry",
            str(world.registry),
            "--allow-private",
            "--delay",
            "1",
        ]
        with subprocess.Popen(
            [sys.executable, "-m", "tintinh", *arguments], cwd=ROOT, stderr=subprocess.DEVNULL
        ) as process:
            deadline = time.monotonic() + 60
            while sum(len(site.log) for site in world.sites.values()) < 20 and time.monotonic() < deadline:
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            process.wait(timeout=30)
            assert time.monotonic() - began < 15
        pages = [hit.target for site in world.sites.values() for hit in site.log if hit.status == 200]
    rows = query(archive, "SELECT cause, finished_at IS NOT NULL, full FROM crawls")
    assert [tuple(row) for row in rows] == [("stopped", 1, 0)] * 5
    stored = {row[0].partition("/")[2].partition("/")[2] for row in query(archive, "SELECT url FROM captures")}
    read = [page for page in pages if any(("/" + url.partition("/")[2]) == page for url in stored)]
    assert len(read) == len(query(archive, "SELECT 1 FROM captures WHERE outcome = 'ok'"))
    again = command("--archive", str(archive), "verify")
    assert again.returncode == 0, again.stdout + again.stderr


def test_a_night_with_a_dead_portal_publishes_and_tells(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with World(tmp_path / "registry") as world:
        dead = '[dead]\nname = "Cổng đã tắt"\nfamily = "generic"\nprovince = "Long An"\n'
        (world.registry / "dead.toml").write_text(dead + f'base_url = "http://127.0.0.1:{port}"\n', encoding="utf-8")
        night = command(
            "--archive", str(archive), "nightly", "--registry", str(world.registry), "--delay", "0.01",
            "--backup-to", str(tmp_path / "backups"), "--allow-private",
        )  # fmt: skip
    assert night.returncode == NEEDS_A_PERSON, night.stderr
    digest = (tmp_path / "digest.txt").read_text(encoding="utf-8")
    assert "Needs a person: 1" in digest
    assert "dead: refused for 1 run" in digest
    release = tmp_path / "releases" / "current" / "tintinh.db"
    with closing(sqlite3.connect(f"file:{release}?mode=ro", uri=True)) as db:
        assert db.execute("SELECT count(*) FROM articles").fetchone()[0] == 64
    assert [path for path in (tmp_path / "backups").iterdir() if path.is_dir()]
    told = command("--archive", str(archive), "health")
    assert told.returncode == NEEDS_A_PERSON
    assert told.stdout.splitlines()[0].startswith("dead: refused")
    known = command("--archive", str(archive), "health", "--ack", "dead", "--until", "2099-01-01", "--reason", "đã tắt")
    assert known.returncode == 0, known.stdout + known.stderr
    assert "1 acknowledged" in known.stdout


@pytest.mark.skipif(not RECORDING.exists(), reason="the recorded NukeViet portal lies beside the project, not in it")
@pytest.mark.parametrize("family", ["nukeviet", pytest.param("generic", marks=pytest.mark.slow)])
def test_a_recorded_portal_is_crawled_whole_and_nothing_besides(tmp_path: Path, family: str) -> None:
    archive = tmp_path / "archive.db"
    registry = tmp_path / "registry"
    registry.mkdir()
    with Replay(RECORDING, "127.0.0.1:8101") as replay:
        row = f'[ghi]\nname = "Ghi lại"\nfamily = "{family}"\nprovince = "Long An"\nbase_url = "{replay.base_url}"\n'
        (registry / "ghi.toml").write_text(row, encoding="utf-8")
        arguments = ("--archive", str(archive), "crawl", "--registry", str(registry), "--delay", "0", "--allow-private")
        first = command(*arguments)
        assert first.returncode == 0, first.stderr
        asked = list(replay.log)
        second = command(*arguments)
        assert second.returncode == 0, second.stderr
    found = query(archive, "SELECT canonical FROM urls WHERE kind = 'article' AND version IS NOT NULL")
    assert len({row[0].rpartition("-")[2] for row in found}) == len(found) == 60
    assert query(archive, "SELECT count(*) FROM versions")[0][0] == 60
    assert not [target for target in asked if any(trap in target for trap in ("nv_redirect", "/print/", "/savefile/"))]
    assert len(replay.log) - len(asked) <= 15


def test_commands_inherit_no_proxy(tmp_path: Path) -> None:
    with World(tmp_path / "registry") as world:
        environment = {**os.environ, "http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
        done = subprocess.run(
            [sys.executable, "-m", "tintinh", "--archive", str(tmp_path / "a.db"), "crawl", "demo_lam_dong",
             "--registry", str(world.registry), "--delay", "0.01", "--allow-private"],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
