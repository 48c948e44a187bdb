"""A guest's manners, read back from the portals' own logs."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from demo.server import Hit
from demo.world import World
from tests.hostile.proof import ROOT, crawl, query
from tests.test_crawl_time import SITES, grown

DELAY = 0.3
LEAST = 0.995
"""Clocks of two processes and a thread's start may differ by this share of the pause."""


def gaps(*logs: list[Hit]) -> list[float]:
    """The seconds of rest between the end of one reply and the next request, over all logs together."""
    hits = sorted((hit for log in logs for hit in log), key=lambda hit: hit.at)
    return [later.at - earlier.finished for earlier, later in itertools.pairwise(hits)]


def test_one_platform_gets_one_request_at_a_time(tmp_path: Path) -> None:
    names = ("demo_long_an", "demo_lang_son", "demo_quang_nam")
    with World(tmp_path / "registry", [SITES[name] for name in names]) as world:
        long_an, lang_son, quang_nam = (world.sites[name.removeprefix("demo_")] for name in names)
        file = world.registry / "lang_son.toml"
        file.write_text(file.read_text().replace('platform = "demo_lang_son"', 'platform = "demo_long_an"'))
        quang_nam.robots = f"User-agent: *\nCrawl-delay: {2 * DELAY}\n"
        lang_son.busy.append(("/vi/tin-tuc/", 2))
        quang_nam.busy.append(("/webcenter/", 1))
        long_an.latency = 0.1
        run = crawl(tmp_path / "archive.db", world.registry, delay=DELAY, options=["--limit", "8"])
        assert run.code in (0, 1), run.err
        shared = gaps(long_an.log, lang_son.log)
        assert len(shared) >= 15
        assert min(shared) >= DELAY * LEAST
        assert min(gaps(quang_nam.log)[1:]) >= 2 * DELAY * LEAST
        for site, seconds in ((lang_son, 2), (quang_nam, 1)):
            index = next(number for number, hit in enumerate(site.log) if hit.status == 503)
            assert site.log[index + 1].at - site.log[index].finished >= seconds * LEAST
            assert site.log[index + 1].target == site.log[index].target
        every = [hit for site in world.sites.values() for hit in site.log]
        assert [hit.target for hit in every if hit.path.startswith(("/noi-bo/", "/vi/noi-bo/", "/admin"))] == []
        assert [hit.target for hit in every if "nvvithemever" in hit.target or "/print" in hit.target] == []
        assert [hit.target for hit in every if "/lich-hop/" in hit.target] == []
        assert all("cookie" not in hit.headers for hit in every)
        assert all("tintinh" in hit.user_agent and "@" in hit.user_agent for hit in every)
        assert all(site.log[0].target == "/robots.txt" for site in world.sites.values())


@pytest.mark.slow
def test_a_second_run_ends_at_once_and_a_stopped_one_loses_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with World(tmp_path / "registry", [SITES["demo_long_an"]]) as world:
        site = world.sites["long_an"]
        command = [
            sys.executable, "-m", "tintinh", "--archive", str(archive), "crawl", "--registry", str(world.registry),
            "--delay", "0.5", "--allow-private",
        ]  # fmt: skip
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
            while len(site.log) < 4:
                time.sleep(0.05)
            second = crawl(archive, world.registry)
            assert second.code == 75
            assert "holds the lock" in second.err.splitlines()[-1]
            began = time.monotonic()
            os.kill(first.pid, signal.SIGTERM)
            first.wait(30)
            assert time.monotonic() - began < 30
        read = [hit.target for hit in site.log if hit.path.startswith("/tin-tuc-su-kien/") and hit.status == 200]
        kept = query(archive, "SELECT count(*) FROM versions")[0][0]
        assert kept >= len(read) - 1
        assert query(archive, "SELECT cause FROM crawls") == [("stopped",)]
        crawl(archive, world.registry)
        assert query(archive, "SELECT count(*) FROM versions") == [(len(site.articles),)]


@pytest.mark.slow
def test_a_hundred_hosts_fit_in_one_process_and_the_small_are_not_starved(tmp_path: Path) -> None:
    from demo.articles import invent

    big = replace(grown("demo_long_an", 400), portal="demo_big")
    small = [
        replace(SITES["demo_lang_son"], portal=f"demo_small_{number}", articles=tuple(invent(6, seed=1000 + number)))
        for number in range(99)
    ]
    with World(tmp_path / "registry", [big, *small]) as world:
        for site in world.sites.values():
            site.padding = 20_000
        run = crawl(tmp_path / "archive.db", world.registry, delay=0.05, timeout=600)
        assert run.code == 0, run.err[-2000:]
        assert query(tmp_path / "archive.db", "SELECT count(*) FROM versions") == [(414 + 99 * 6,)]
        logs = {name: [hit.at for hit in site.log] for name, site in world.sites.items()}
        big_one = logs.pop("big")
        over = max(log[-1] for log in logs.values())
        meanwhile = sum(at <= over for at in big_one)
        each = max(len(log) for log in logs.values())
        print(
            f"100 hosts: peak {run.peak / 1e6:.0f} MB, {run.seconds:.0f} s, {run.cpu:.0f} s of CPU; the big one had"
            f" {meanwhile} of its {len(big_one)} requests when the last small one ended after {each}"
        )
        assert meanwhile <= 4 * each
        assert run.peak <= 250_000_000
