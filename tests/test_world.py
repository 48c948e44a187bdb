"""The sample portals behave like portals, and their levers move what they say."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from demo.articles import invent, load_sites
from demo.world import Site, World


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as running:
        yield running


def fetch(site: Site, url: str, method: str = "GET", body: str | None = None) -> tuple[int, str, dict[str, str]]:
    connection = HTTPConnection(urlsplit(site.base_url).netloc, timeout=5)
    parts = urlsplit(url)
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
    connection.request(method, parts.path + ("?" + parts.query if parts.query else ""), body, kind)
    reply = connection.getresponse()
    text = reply.read().decode()
    connection.close()
    return reply.status, text, dict(reply.getheaders())


def test_every_site_has_twelve_articles_of_its_own() -> None:
    titles = [article.title for data in load_sites() for article in data.articles]
    sentences = [line for data in load_sites() for article in data.articles for line in (*article.body, article.lead)]
    assert min(len(data.articles) for data in load_sites()) >= 12
    assert len(titles) == len(set(titles))
    assert len(list(filter(None, sentences))) == len(set(filter(None, sentences)))


@pytest.mark.parametrize("name", ["long_an", "lang_son", "ninh_thuan", "lam_dong", "quang_nam"])
def test_levers_change_what_an_article_answers(world: World, name: str) -> None:
    site = world.sites[name]
    ident = next(iter(site.articles))
    url = site.url(ident)
    if name == "lam_dong":
        url = f"{site.base_url}/_api/web/lists/getByTitle('Site%20Pages')/items({ident})"
    site.edit(ident, "Câu này được thêm sau khi đăng.")
    assert "Câu này được thêm sau khi đăng." in fetch(site, url)[1]
    site.break_(ident)
    status, text, _ = fetch(site, url)
    assert status == 200
    assert "Câu này được thêm sau khi đăng." not in text
    site.remove(ident)
    assert ident not in site.articles
    assert fetch(site, url)[0] == 404
    site.remove(ident, "home")
    assert fetch(site, site.url(ident))[2]["Location"] == "/"
    site.restore(ident)
    assert "Câu này được thêm sau khi đăng." in fetch(site, url)[1]


def test_counters_move_at_each_request(world: World) -> None:
    site = world.sites["long_an"]
    url = site.url("680867")
    first, second = fetch(site, url)[1], fetch(site, url)[1]
    assert first != second
    moving = re.compile(r"nv_redirect=\w+|\d")
    assert moving.sub("", first) == moving.sub("", second)


def test_paging_needs_the_engine_s_own_manners(world: World) -> None:
    vnpt, portal, modern = world.sites["long_an"], world.sites["ninh_thuan"], world.sites["lam_dong"]
    load = vnpt.base_url + "/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle"
    _, fragment, _ = fetch(vnpt, load, "POST", "article_category_id=3701&pageIndex=3&page_size=5")
    assert "<html" not in fragment
    assert fragment.count("ArticleItem") == len(vnpt.articles) - 10
    listing = portal.base_url + "/portal/Pages/tin-tuc.aspx"
    assert fetch(portal, listing, "POST", "__EVENTTARGET=x&__EVENTARGUMENT=2&__VIEWSTATE=made-up")[0] == 500
    items = modern.base_url + "/_api/web/lists/getByTitle('Site%20Pages')/items?$skip=10&$top=5"
    _, text, _ = fetch(modern, items)
    assert [item["Id"] for item in json.loads(text)["d"]["results"]] == [1207, 1201]


def test_a_site_grows_goes_down_and_writes_it_all_down(world: World) -> None:
    site = world.sites["quang_nam"]
    before = len(site.articles)
    site.add(invent(200, seed=7))
    assert len(site.articles) == before + 200
    assert len({article.body for article in site.articles.values()}) == before + 200
    site.down, site.retry_after = 503, 2
    status, _, headers = fetch(site, site.base_url + "/robots.txt")
    assert (status, headers["Retry-After"]) == (503, "2")
    site.down = None
    times = [hit.at for hit in site.log]
    assert times == sorted(times)
    assert site.log[-1].status == 503


def test_registry_carries_the_ports(world: World) -> None:
    row = tomllib.loads((world.registry / "long_an.toml").read_text())["demo_long_an"]
    assert row["base_url"] == world.sites["long_an"].base_url
