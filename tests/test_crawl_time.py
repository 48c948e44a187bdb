"""What a crawl does as time passes: little that is not needed, every edit once, and nobody is buried alive."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from demo.articles import SiteData, invent, load_sites
from demo.world import Gone, Site, World
from tests.hostile.proof import ROOT, crawl, query

DAY = "2025-01-{:02}T03:00:00Z"
SITES = {data.portal: data for data in load_sites()}


def grown(portal: str, count: int, seed: int = 3) -> SiteData:
    """A sample portal with so many articles of 2024 before its own."""
    made = sorted(invent(count, seed), key=lambda article: str(article.published))
    data = SITES[portal]
    return replace(data, articles=(*made, *data.articles))


def few(data: SiteData, count: int) -> SiteData:
    return replace(data, articles=data.articles[:count])


def versions(archive: Path) -> Counter[str]:
    rows = query(archive, "SELECT u.key, count(*) FROM versions v JOIN urls u ON u.id = v.article_id GROUP BY u.id")
    return Counter(dict(rows))


@pytest.mark.parametrize(("pages", "edits"), [(24, 3), pytest.param(200, 20, marks=pytest.mark.slow)])
def test_silent_edits_make_a_version_each_and_nothing_else_does(tmp_path: Path, pages: int, edits: int) -> None:
    archive = tmp_path / "archive.db"
    with World(sites=[grown("demo_long_an", pages - len(SITES["demo_long_an"].articles))]) as world:
        site = world.sites["long_an"]
        crawl(archive, world.registry, now=DAY.format(2))
        assert versions(archive) == dict.fromkeys(site.articles, 1)
        edited = list(site.articles)[:: pages // edits]
        for ident in edited:
            site.edit(ident)
        run = crawl(archive, world.registry, options=["--full"], now=DAY.format(3))
        assert run.code == 0, run.err
        assert versions(archive) == {ident: 1 + (ident in edited) for ident in site.articles}
        before = len(site.log)
        crawl(archive, world.registry, now="2025-01-03T04:00:00Z")
        assert versions(archive).total() == pages + edits
        assert len(site.log) - before <= 4


@pytest.mark.slow
@pytest.mark.parametrize("portal", SITES)
def test_a_thousand_known_pages_cost_a_hundred_requests(tmp_path: Path, portal: str) -> None:
    archive = tmp_path / "archive.db"
    with World(sites=[grown(portal, 1000 - len(SITES[portal].articles))]) as world:
        site = next(iter(world.sites.values()))
        crawl(archive, world.registry, now=DAY.format(2))
        assert versions(archive).total() == 1000
        before = len(site.log)
        site.add(invent(5, seed=99))
        crawl(archive, world.registry, now=DAY.format(3))
        assert versions(archive).total() == 1005
        asked = Counter(hit.path for hit in site.log[before:])
        assert sum(asked.values()) <= 5 + 100 + 3 + asked["/robots.txt"]


WAYS: tuple[Gone, ...] = ("404", "410", "home", "shell", "not-active")


@pytest.mark.parametrize("each", [2, pytest.param(50, marks=pytest.mark.slow)])
def test_what_vanishes_is_gone_after_a_week_and_an_outage_buries_nobody(tmp_path: Path, each: int) -> None:
    archive = tmp_path / "archive.db"
    count = each * (len(WAYS) + 2)
    chosen = [
        few(grown("demo_long_an", count), count + 3),
        few(SITES["demo_lang_son"], 3),
        few(SITES["demo_ninh_thuan"], 3),
    ]
    with World(sites=chosen) as world:
        losing, gaining, ill = (world.sites[name] for name in ("long_an", "lang_son", "ninh_thuan"))
        crawl(archive, world.registry, now=DAY.format(2))
        invented = [ident for ident in losing.articles if ident.startswith("3000")]
        fate = {ident: (*WAYS, "moved", "live")[number % (len(WAYS) + 2)] for number, ident in enumerate(invented)}
        vanish(losing, gaining, fate)
        ill.down = 503
        for day in (3, 6, 10):
            crawl(archive, world.registry, options=["--full"], now=DAY.format(day), settings={"BUSY_PAUSE": 0.05})
            states = state_of(archive)
            assert {states["demo_ninh_thuan", key] for portal, key in states if portal == "demo_ninh_thuan"} == {"live"}
            if day < 10:
                assert "gone" not in states.values()
        wanted = {ident: "gone" if how in WAYS else how for ident, how in fate.items()}
        right = sum(states["demo_long_an", ident] == state for ident, state in wanted.items())
        wrong = {(fate[i], states["demo_long_an", i]) for i in wanted if states["demo_long_an", i] != wanted[i]}
        assert right >= 0.98 * len(wanted), wrong
        assert all(states["demo_long_an", ident] == "live" for ident in losing.articles if ident not in fate)
        back = next(ident for ident, how in fate.items() if how == "404")
        losing.restore(back)
        ill.down = None
        crawl(archive, world.registry, options=["--full"], now=DAY.format(11))
        assert state_of(archive)["demo_long_an", back] == "live"
        kept = query(archive, "SELECT count(*) FROM versions WHERE record LIKE '%kinh phí%'")[0][0]
        assert kept >= count


def vanish(losing: Site, gaining: Site, fate: dict[str, str]) -> None:
    for ident, how in fate.items():
        if how == "moved":
            gaining.add([losing.articles[ident]])
            losing.remove(ident, "404")
        elif how in WAYS:
            losing.remove(ident, next(way for way in WAYS if way == how))


def state_of(archive: Path) -> dict[tuple[str, str], str]:
    rows = query(archive, "SELECT portal, key, state FROM urls WHERE kind = 'article'")
    return {(portal, key): state for portal, key, state in rows}


@pytest.mark.slow
def test_a_cut_page_is_never_an_edit(tmp_path: Path) -> None:
    from tests.hostile.cases import cut_gzip, page
    from tests.hostile.portals import running, site
    from tests.hostile.raw import whole

    server = site({"dung": whole((page("dung") * 3).encode())})
    with running({"cong": server}, tmp_path / "registry") as world:
        crawl(tmp_path / "archive.db", world.registry, now=DAY.format(2))
        for number, share in enumerate((0.6, 0.95), 3):
            server.routes = {**server.routes, "/tin/dung": cut_gzip("dung", share)}
            crawl(tmp_path / "archive.db", world.registry, options=["--full"], now=DAY.format(number))
    assert versions(tmp_path / "archive.db")["dung"] == 1


@pytest.mark.parametrize("kills", [1, pytest.param(12, marks=pytest.mark.slow)])
def test_a_killed_crawl_goes_on_where_it_was(tmp_path: Path, kills: int) -> None:
    archive = tmp_path / "archive.db"
    with World(
        sites=[grown("demo_long_an", 40 + 8 * kills), *(SITES[p] for p in SITES if p != "demo_long_an")]
    ) as world:
        sites = list(world.sites.values())
        for number in range(kills):
            kill_half_way(archive, world.registry, sites, 60 if number == 0 else 10 + number % 30)
            have = stored(archive)
            assert query(archive, "PRAGMA integrity_check") == [("ok",)]
            lost = query(archive, "SELECT count(*) FROM captures WHERE kept IS NOT NULL AND version IS NULL")
            assert lost == [(0,)], "a raw page without its clean version"
            starts = {site.data.portal: len(site.log) for site in sites}
        crawl(archive, world.registry)
        again = {
            (site.data.portal, path)
            for site in sites
            for path in (hit.target for hit in site.log[starts[site.data.portal] :])
        }
        refetched = {(portal, url) for portal, url in have if (portal, url) in again}
        assert refetched == set()
        wanted = {(site.data.portal, ident) for site in sites for ident in site.articles}
        assert len(state_of(archive)) >= len(wanted)
        assert versions(archive).total() == len(wanted)


def kill_half_way(archive: Path, registry: Path, sites: list[Site], after: int) -> None:
    """Start a crawl and kill it -9 once the portals have answered so many requests more."""
    before = sum(len(site.log) for site in sites)
    command = [
        sys.executable, "-m", "tintinh", "--archive", str(archive), "crawl", "--registry", str(registry),
        "--delay", "0.02", "--allow-private",
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and sum(len(site.log) for site in sites) - before < after:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.01)
        process.kill()


def stored(archive: Path) -> set[tuple[str, Any]]:
    """The articles of which the archive has a page: portal and the target that was asked for."""
    rows = query(
        archive, "SELECT u.portal, c.url FROM captures c JOIN urls u ON u.id = c.article_id WHERE c.version > 0"
    )
    return {(portal, "/" + url.split("/", 3)[3]) for portal, url in rows}
