"""A crawl never reaches an address that is not public: every connection of its process is looked at."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.hostile.cases import page
from tests.hostile.portals import row, running, site
from tests.hostile.proof import Run, crawl, query
from tests.hostile.raw import Answer, RawServer, redirect, whole

QUICK = {"DOWNLOAD_TIMEOUT": 2, "RETRY_TIMES": 0}
CANARY = "{canary}"
TARGETS: tuple[str, ...] = (
    "http://127.0.0.1:{canary}/", "http://localhost:{canary}/", "http://LOCALHOST:{canary}/", "http://localhost.:{canary}/",
    "http://127.1:{canary}/", "http://127.000.000.001:{canary}/", "http://2130706433:{canary}/",
    "http://0x7f000001:{canary}/", "http://0x7f.1:{canary}/", "http://0177.0.0.1:{canary}/", "http://0.0.0.0:{canary}/",
    "http://0:{canary}/", "http://[::1]:{canary}/", "http://[::]:{canary}/", "http://[::ffff:127.0.0.1]:{canary}/",
    "http://[::ffff:7f00:1]:{canary}/", "http://[64:ff9b::7f00:1]:{canary}/", "http://[2002:7f00:1::]:{canary}/",
    "http://127.0.0.2:{canary}/", "http://nguoi@127.0.0.1:{canary}/", "http://127.0.0.1:{canary}@127.0.0.1:{canary}/",
    "http://①②⑦.0.0.1:{canary}/", "http://127。0。0。1:{canary}/", "http://%31%32%37.0.0.1:{canary}/",
    "http://127.0.0.1:{canary}#@cong.example.com.vn/", "https://127.0.0.1:{canary}/", "//127.0.0.1:{canary}/",
    "http://10.0.0.1/", "http://172.16.5.4/", "http://192.168.1.1/", "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/", "http://198.18.0.1/", "http://224.0.0.1/", "http://255.255.255.255/", "http://[fc00::1]/",
    "http://[fe80::1]/", "http://[fec0::1]/", "http://noi-bo.example.com.vn/", "http://noi-bo-6.example.com.vn/",
    "http://doi.example.com.vn/", "http://cong.example.com.vn:8080/", "http://cong.example.com.vn:22/",
    "http://may-chu/", "http://may.local/", "file:///etc/passwd", "ftp://127.0.0.1:{canary}/", "gopher://127.0.0.1:{canary}/",
    "data:text/html,<h1>tin</h1>", "dict://127.0.0.1:{canary}/", "javascript:alert(1)",
)  # fmt: skip
TARGETS += tuple(
    target.replace(":{canary}", "") for target in TARGETS if target.startswith("http:") and "@" not in target
)
NAMES = {
    "noi-bo.example.com.vn": ["127.0.0.1"],
    "noi-bo-6.example.com.vn": ["::1"],
    "doi.example.com.vn": ["203.0.114.9", "127.0.0.1"],
    "cong.example.com.vn": ["203.0.114.10"],
    "may-chu": ["127.0.0.1"],
    "may.local": ["127.0.0.1"],
    "a.example.com.vn": ["127.0.0.1"],
    "b.example.com.vn": ["10.0.0.7"],
    "c.example.com.vn": ["::1"],
    "d.example.com.vn": ["169.254.169.254"],
    "e.example.com.vn": ["0.0.0.0"],
}
PUBLIC = {"203.0.114.9", "203.0.114.10"}
"""Stand-ins for public addresses: nothing answers there, but asking them is allowed."""


@dataclass(frozen=True)
class Outcome:
    run: Run
    archive: Path
    portal: str
    canaries: int
    media: int


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    folder = tmp_path_factory.mktemp("guard")
    with ExitStack() as stack:
        canary = stack.enter_context(RawServer({}).running())
        six = []
        if socket.has_ipv6:
            six.append(stack.enter_context(RawServer({}, address="::1", port=canary.port).running()))
        targets = [target.replace(CANARY, str(canary.port)) for target in TARGETS]
        random.Random(7).shuffle(targets)  # names that fail in a row would end the portal's run
        articles: dict[str, Answer] = {}
        for number, target in enumerate(targets):
            articles[f"chuyen-{number}"] = redirect(target)
            refresh = f"<meta http-equiv='refresh' content='0; url={target}'>"
            articles[f"lam-moi-{number}"] = whole(f"<html><head>{refresh}</head><body></body></html>".encode())
        pictures = "".join(f"<p><img src='{target}anh.jpg'><a href='{target}tep.pdf'>Tệp</a></p>" for target in targets)
        articles["anh"] = whole(page("anh", extra=pictures).encode())
        server = site(articles)
        lure = "".join(f"<a rel='next' href='{target}'>Sau</a>" for target in targets)
        routes = dict(server.routes)
        listing = "".join(f"<li><a href='/tin/{name}'>Tin {name} của cổng</a></li>" for name in ["thuong-1", *articles])
        listing += "".join(
            f"<li><a href='{target}tin/ngoai-{n}'>Tin ngoài {n}</a></li>" for n, target in enumerate(targets)
        )
        routes["/tin-tuc"] = whole(f"<html><body><ul>{listing}</ul>{lure}</body></html>".encode())
        sitemap = "".join(f"<sitemap><loc>{target}</loc></sitemap>" for target in targets)
        routes["/sitemap.xml"] = whole(f"<sitemapindex>{sitemap}</sitemapindex>".encode(), "text/xml")
        server.routes = routes
        more = 'media = "all"\nsitemaps = ["/sitemap.xml"]'
        world = stack.enter_context(running({"moi": server}, folder / "registry", more))
        names = "".join(row(f"ten_{name[0]}", f"http://{name}") for name in NAMES if name[1:].startswith(".example"))
        (world.registry / "ten.toml").write_text(names, encoding="utf-8")
        archive = folder / "archive.db"
        inwards = crawl(archive, world.registry, "ten_a", "ten_b", "ten_c", "ten_d", "ten_e", delay=None,
                        private=world.places, names=NAMES, settings=QUICK)  # fmt: skip
        run = crawl(archive, world.registry, "moi", private=world.places, names=NAMES, settings=QUICK)
        run = replace(run, connects=(*run.connects, *inwards.connects))
        reached = canary.connections + sum(server.connections for server in six)
        yield Outcome(run, archive, world.places[0], reached, len(targets))


def test_no_target_is_reached(outcome: Outcome) -> None:
    assert outcome.run.code in (0, 1), outcome.run.err[-3000:]
    host, _, port = outcome.portal.rpartition(":")
    allowed = {f"('{host}', {port})"}
    others = {place for place in outcome.run.connects if place not in allowed}
    assert {place for place in others if not any(address in place for address in PUBLIC)} == set()
    assert outcome.canaries == 0


def test_every_redirect_and_refresh_is_a_named_row(outcome: Outcome) -> None:
    rows = dict(query(outcome.archive, "SELECT u.key, c.outcome FROM captures c JOIN urls u ON u.id = c.article_id"))
    named = ("blocked-target", "redirect", "net-error", "no-article", "soft-404")
    for number in range(len(TARGETS)):
        assert rows[f"chuyen-{number}"] in named
        assert rows[f"lam-moi-{number}"] in named
    blocked = sum(outcome_ == "blocked-target" for outcome_ in rows.values())
    assert blocked >= 80
    assert rows["thuong-1"] == "ok"


def test_names_that_lead_inwards_end_their_portal(outcome: Outcome) -> None:
    causes = dict(query(outcome.archive, "SELECT portal, cause FROM crawls WHERE portal LIKE 'ten_%'"))
    assert len(causes) == 5
    assert set(causes.values()) <= {"dns", "blocked", "refused", "error", "robots", "empty"}
