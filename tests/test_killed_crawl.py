"""A hundred kills at random points of a crawl of the sample portals, each resumed: `make test-slow`."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from archive.connect import connect
from archive.fixity import verify
from cleaning.command import Options
from demo.world import World

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
KILLS = 100
A_CRAWL = 10


def _crawl(archive: Path, registry: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tintinh", "--archive", str(archive), "crawl", "--registry", str(registry)]
    return subprocess.Popen(
        [*command, "--allow-private", "--delay", "0.05"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _requests(world: World) -> int:
    return sum(len(site.log) for site in world.sites.values())


def _rows(archive: Path, query: str) -> list[tuple[object, ...]]:
    db = connect(archive, write=False)
    try:
        return [tuple(row) for row in db.execute(query)]
    finally:
        db.close()


ACKNOWLEDGED = "SELECT id, article_id, fetched_at, hex(sha256), version FROM captures"
CONTENT = (
    "SELECT u.key, u.portal, v.n, hex(v.content_hash) FROM urls u"
    " JOIN versions v ON v.article_id = u.id ORDER BY 1, 2, 3"
)
WITHOUT_VERSION = "SELECT count(*) FROM captures WHERE kept IS NOT NULL AND version IS NULL AND outcome = 'ok'"


def test_a_hundred_killed_crawls_end_as_an_unkilled_one(tmp_path: Path) -> None:
    chance = random.Random(11)
    with World() as world:
        whole = tmp_path / "whole.db"
        assert _crawl(whole, world.registry).wait(300) in (0, 1)
        needed = _requests(world)
        wanted = _rows(whole, CONTENT)
        assert len(wanted) == sum(len(site.articles) for site in world.sites.values())
        for batch in range(KILLS // A_CRAWL):
            archive = tmp_path / f"{batch}.db"
            for _ in range(A_CRAWL):
                _kill(world, archive, chance.randrange(1, 2 * needed // A_CRAWL), chance)
            assert _crawl(archive, world.registry).wait(300) in (0, 1)
            assert _rows(archive, CONTENT) == wanted
            assert verify(Options(archive)) == []


def _kill(world: World, archive: Path, after: int, chance: random.Random) -> None:
    """Crawl, kill after so many requests, and look whether all that could be read before is still there."""
    begun = _requests(world)
    crawl = _crawl(archive, world.registry)
    while _requests(world) - begun < after and crawl.poll() is None:
        time.sleep(0.005)
    time.sleep(chance.random() * 0.1)
    before = set(_rows(archive, ACKNOWLEDGED)) if archive.exists() and archive.stat().st_size else set()
    crawl.send_signal(signal.SIGKILL)
    crawl.wait()
    assert before <= set(_rows(archive, ACKNOWLEDGED))
    assert _rows(archive, WITHOUT_VERSION) == [(0,)]
    assert verify(Options(archive)) == []
