"""The archive's disk fails in the middle of a crawl: one clear line, exit 70, and nothing acknowledged is lost."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.fixity import verify
from cleaning.command import CANNOT_FINISH, Options
from tests.hostile.cases import page
from tests.hostile.portals import Running, running, site
from tests.hostile.proof import query
from tests.hostile.raw import whole

ROOT = Path(__file__).parents[1]
ARTICLES = 120
ROOM = 1_700_000
"""Bytes that a file may have: as on a full disk, a write beyond fails."""


Command = Callable[[Path, Running], list[str]]


def tintinh(archive: Path, world: Running) -> list[str]:
    return [
        "tintinh", "--archive", str(archive), "crawl", "--registry", str(world.registry), "--delay", "0.002",
        "--allow-private",
    ]  # fmt: skip


def scrapy(archive: Path, world: Running) -> list[str]:
    settings = {"ARCHIVE": archive, "REGISTRY": world.registry, "ALLOW_PRIVATE": "loopback", "DOWNLOAD_DELAY": 0.002}
    return [
        "scrapy",
        "crawl",
        "portals",
        *(part for pair in settings.items() for part in ("-s", "{}={}".format(*pair))),
    ]


@pytest.mark.parametrize("command", [pytest.param(tintinh, marks=pytest.mark.slow), scrapy])
def test_a_disk_that_fails_in_mid_run_ends_it_in_one_line_and_70(tmp_path: Path, command: Command) -> None:
    archive = tmp_path / "archive.db"
    noise = random.Random(5)
    extras = {f"tin-{n}": f"<img alt='{noise.randbytes(10_000).hex()}'>" for n in range(ARTICLES)}
    pages = {name: whole(page(name, extra=extra).encode()) for name, extra in extras.items()}
    with running({"p": site(pages, good=0)}, tmp_path / "registry") as world:
        arguments = [sys.executable, "-m", *command(archive, world)]
        failed = run(arguments, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM)))
        assert failed.returncode == CANNOT_FINISH, failed.stderr[-2000:]
        assert len([line for line in failed.stderr.splitlines() if f"{archive}: the disk" in line]) == 1
        assert "Traceback" not in failed.stderr
        log = world.servers["p"].log
        acknowledged = len(query(archive, "SELECT 1 FROM captures WHERE outcome = 'ok'"))
        assert 0 < acknowledged < ARTICLES
        assert len(log) < ARTICLES, "it went on asking"
        assert verify(Options(archive)) == []
        log.clear()
        done = run(arguments)
        assert done.returncode == 0, done.stderr[-2000:]
        again = sum(asked.target.startswith("/tin/") for asked in log)
    assert again == ARTICLES - acknowledged
    assert query(archive, "SELECT count(*) FROM versions") == [(ARTICLES,)]


def run(arguments: list[str], prepare: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments, cwd=ROOT, capture_output=True, text=True, check=False, timeout=40, preexec_fn=prepare
    )
