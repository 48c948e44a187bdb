"""A stranger's address becomes a registry row, and a row becomes articles, without a line of Python."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cleaning.command import Problem
from cleaning.vietnamese import squash
from demo.server import LoopbackServer, Reply, Request
from demo.world import World
from scrapers import overview
from scrapers.portal import Portal
from scrapers.registry import SHIPPED, load_portals
from scrapers.signs import Reply as Seen
from scrapers.signs import family_of, load_signs
from scrapers.sources import warc
from scrapers.sources.found import Found
from tests.test_backfill import command
from tests.test_import import RECORDING, page, rows, tintinh_exits

FAMILIES = {
    "vnpt": "vnpt",
    "single_block": "generic",
    "sharepoint_portal": "sharepoint-portal",
    "sharepoint_modern": "sharepoint-modern",
    "webcenter": "webcenter",
}


def visits(tmp_path: Path, addresses: list[str]) -> list[dict[str, dict[str, object]]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.visits", str(tmp_path), *addresses],
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report: list[dict[str, dict[str, object]]] = json.loads(done.stdout)
    return report


def test_probe_names_every_sample_portals_family_and_try_reads_a_right_article(tmp_path: Path) -> None:
    with World() as world:
        sites = list(world.sites.values())
        for site, report in zip(sites, visits(tmp_path, [site.base_url for site in sites]), strict=True):
            found, tried = report["probe"], report["try"]
            assert found["family"] == FAMILIES[site.data.manners], found
            assert bool(found["reasons"]) == (found["family"] != "generic")
            assert found["listings"] or site.data.manners == "sharepoint_modern", found
            titles = {squash(article.title): article for article in site.articles.values()}
            articles = tried["articles"]
            assert isinstance(articles, list)
            assert len(articles) == 2
            for record in articles:
                assert record["title"] in titles
                assert tuple(record["body"]) == tuple(squash(text) for text in titles[record["title"]].body)
                assert record["layout"]
            assert site.log[0].path == "/robots.txt"


@pytest.mark.skipif(not RECORDING.exists(), reason="the recorded portal is not part of the repository")
def test_the_recorded_portal_probes_as_what_it_is(tmp_path: Path) -> None:
    replies: dict[str, Found] = {}
    for found in warc.read(RECORDING):
        parts = urlsplit(found.url or "")
        replies.setdefault(parts.path + (f"?{parts.query}" if parts.query else ""), found)

    def respond(request: Request) -> Reply:
        if request.target not in replies:
            return Reply("", 404)
        found, here = replies[request.target], server.netloc
        moved = (("Location", found.location.replace("127.0.0.1:8101", here)),) if found.location else ()
        body = found.body.replace(b"127.0.0.1:8101", here.encode())
        return Reply(body, found.status, dict(found.headers).get("Content-Type", "text/html"), moved)

    with LoopbackServer(respond) as server:
        (report,) = visits(tmp_path, [f"http://{server.netloc}"])
    assert report["probe"]["family"] == "nukeviet"
    assert "its generator says NukeViet" in str(report["probe"]["reasons"])
    truth = {
        squash(json.loads(line)["title"]) for line in (RECORDING.parents[1] / "data" / "nukeviet-truth.jsonl").open()
    }
    articles = report["try"]["articles"]
    assert isinstance(articles, list)
    assert {record["title"] for record in articles} <= truth
    assert [record["published"]["precision"] for record in articles] == ["minute", "minute"]


NEVER_SEEN = {
    f"/chi-tiet/{number}/ban-tin-xa": page(f"Bản tin số {number} của xã mới lập", count=6) for number in range(901, 907)
}


def never_seen(request: Request) -> Reply:
    """A portal in nobody's markup: ids in the path, a listing, no feed."""
    if request.path == "/robots.txt":
        return Reply("", 404)
    if request.path in NEVER_SEEN:
        return Reply(NEVER_SEEN[request.path])
    links = "".join(f"<h3><a href='{path}'>Bản tin số {path[10:13]} của xã mới lập</a></h3>" for path in NEVER_SEEN)
    head = "<html><head><title>UBND xã Mới Lập - Trang chủ</title></head><body><nav><a href=/tin-tuc>Tin tức</a></nav>"
    return Reply(head + (links if request.path == "/tin-tuc" else "<p>Xin chào</p>") + "</body></html>")


def test_a_never_seen_portal_joins_by_probe_add_and_crawl(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive, folder = tmp_path / "archive.db", tmp_path / "registry"
    with LoopbackServer(never_seen) as server:
        private = ("--allow-private", server.netloc, "--delay", "0")
        probed = command("portals", "probe", f"http://{server.netloc}", *private)
        assert probed.returncode == 0, probed.stderr
        row = tmp_path / "row.toml"
        row.write_text(probed.stdout, "utf-8")
        assert tintinh_exits("portals", "add", row, "--registry", folder) == 2
        assert "province: expected a province's name of then" in capsys.readouterr().err
        assert not folder.exists()
        row.write_text(
            probed.stdout.replace('province = "?"', 'province = "Đà Nẵng"\nvalid_from = 2025-07-01'), "utf-8"
        )
        assert tintinh_exits("portals", "add", row, "--registry", folder) == 0
        assert capsys.readouterr().out == f"written to {folder / 'da_nang.toml'}\n"
        (portal,) = load_portals(folder)
        crawled = command("--archive", archive, "crawl", portal, "--registry", folder, *private)
        assert crawled.returncode == 0, crawled.stderr
    assert len(rows(archive, "SELECT 1 FROM versions")) == 6
    assert tintinh_exits("portals", "add", row, "--registry", folder) == 2
    assert f"[{portal}]: the id already stands in {folder / 'da_nang.toml'}" in capsys.readouterr().err


def test_what_cannot_be_probed_says_why_in_one_line() -> None:
    def closed(request: Request) -> Reply:
        return Reply("", 503)

    with LoopbackServer(closed) as server:
        done = command("portals", "probe", f"http://{server.netloc}", "--allow-private", "--delay", "0", "--json")
    assert json.loads(done.stdout)["cause"].startswith("busy")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    private = command("portals", "try", "http://127.0.0.1:9")
    assert (private.returncode, len(private.stderr.splitlines())) == (2, 1), private.stderr


def test_signs_are_data_about_families_that_exist() -> None:
    assert {sign.family for sign in load_signs()} >= {"nukeviet", "vnpt", "liferay", "webcenter", "wordpress"}
    wordpress = b"<html><link href='/wp-content/themes/a.css'><meta name=generator content='WordPress 6.1'></html>"
    assert family_of([Seen("http://a.vn/", (), wordpress)]).family == "wordpress"
    assert family_of([Seen("http://a.vn/", (("Liferay-Portal", "Liferay 6"),), b"")]).family == "liferay"
    assert family_of([Seen("http://a.vn/", (), b"<p>Xin WordPress nha</p>")]).family == "generic"


def test_list_filters_by_province_then_and_now() -> None:
    portals = load_portals()

    def select(province: str) -> list[Portal]:
        return overview.select(portals, words=None, province=province, level=None, family=None, ended=None)

    then, now = select("quang nam"), select("Đà Nẵng")
    assert {portal.province for portal in then} == {"Quảng Nam"}
    assert {portal.province for portal in now} == {"Quảng Nam", "Đà Nẵng"}
    assert {portal.id for portal in then} < {portal.id for portal in now}
    with pytest.raises(Problem, match="no province, old or new"):
        select("Atlantis")


def test_a_row_that_spoils_the_registry_changes_nothing(tmp_path: Path) -> None:
    old = (SHIPPED / "da_nang.toml").read_bytes()
    (tmp_path / "da_nang.toml").write_bytes(old)
    clash = '[khac]\nname = "Khác"\nfamily = "generic"\nbase_url = "https://danang.gov.vn"\nprovince = "Đà Nẵng"\n'
    with pytest.raises(Problem, match="one row per host, prefix and period"):
        overview.add(clash, tmp_path)
    assert (tmp_path / "da_nang.toml").read_bytes() == old
    assert [file.name for file in tmp_path.iterdir()] == ["da_nang.toml"]
