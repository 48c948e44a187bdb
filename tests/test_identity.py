"""All addresses of one article are one row; two articles are never one."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.identity import canonical_of, citable, identify
from scrapers.portal import Portal

HOST = "https://cong.example.gov.vn"
WORDS = ("hoi", "nghi", "tong", "ket", "nam", "dai", "doan", "vien", "nong", "thon", "moi", "cong", "bo")
SLUGS = st.lists(st.sampled_from(WORDS), min_size=3, max_size=9)


def portal(family: str = "generic", **more: object) -> Portal:
    values: dict[str, object] = {"base_url": HOST, "province": "Long An", "listings": ("/tin-tuc",), **more}
    return Portal("cong", "Cổng", family, **values)  # type: ignore[arg-type]  # plain test values


def key(url: str, row: Portal, **more: object) -> str:
    identity = identify(url, row, **more)  # type: ignore[arg-type]  # plain test values
    assert identity is not None, url
    return identity.key


def variants(path: str) -> list[str]:
    bare = f"cong.example.gov.vn{path}"
    mark = "&" if "?" in path else "?"
    return [
        f"https://{bare}", f"http://{bare}", f"https://www.{bare}", f"http://cong.example.gov.vn:80{path}",
        f"https://cong.example.gov.vn:443{path}", f"https://{bare}{mark}utm_source=zalo&utm_medium=tin", f"https://{bare}{mark}fbclid=IwAR0x_y",
        f"https://CONG.example.gov.vn{path}", f"https://cong.example.gov.vn{path.upper()}", f"https://{bare}{mark}_afrLoop=3312&_adf.ctrl-state=ab_4",
        f"https://cong.example.gov.vn/(S(4gk2zq55))/{path.lstrip('/')}", f"https://cong.example.gov.vn/{path}",
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(50))
def test_twelve_forms_of_an_address_are_one_article(number: int) -> None:
    path = f"/tin-tuc/hoi-nghi-so-{number}"
    forms = [*variants(path), f"{HOST}{path}/", f"{HOST}{path};jsessionid=9F2A.node1"]
    assert {key(url, portal()) for url in forms} == {path}
    sessions = variants(f"/chi-tiet?tc={number}&gd=4")
    assert {key(url, portal()) for url in sessions} == {f"/chi-tiet?gd=4&tc={number}"}


@given(SLUGS, SLUGS)
def test_other_slugs_are_other_articles(one: list[str], other: list[str]) -> None:
    first, second = (f"{HOST}/tin-tuc/{'-'.join(words)}" for words in (one, other))
    assert (key(first, portal()) == key(second, portal())) == (one == other)


def test_a_portal_that_only_moved_keeps_its_keys() -> None:
    moved = portal(base_url="https://moi.example.gov.vn/cong", aliases=("cong.example.gov.vn",))
    for path in ("/tin-tuc/hoi-nghi-cuoi-nam", "/xem?tc=12"):
        assert (
            key(HOST + path, moved)
            == key("https://moi.example.gov.vn/cong" + path, moved)
            == key(HOST + path, portal())
        )


def test_another_host_is_nobody_of_ours() -> None:
    assert identify("https://khac.example.gov.vn/tin-tuc/a-b-c-d", portal()) is None


@pytest.mark.parametrize(
    ("url", "claimed", "believed"),
    [
        ("/tin/a-b-c-d?print=1", "/tin/a-b-c-d", True),
        ("/danh-muc/a-b-c-d", "/tin/a-b-c-d", True),
        ("/tin/a-b-c-d", "/", False),
        ("/tin/a-b-c-d", "/tin", False),
        ("/tin/a-b-c-d", "/tin-tuc", False),
        ("/tin/a-b-c-d", "https://khac.example.gov.vn/tin/a-b-c-d", False),
        ("/?gd=4&tc=1349", "/", False),
        ("/xem.aspx?ItemID=5", "/xem.aspx", False),
        ("/tin/a-b-c-d?page=2", "/tin/a-b-c-d", True),
    ],
)
def test_a_canonical_link_is_believed_only_where_it_can_be_true(url: str, claimed: str, believed: bool) -> None:
    own, there = key(HOST + url, portal()), urljoin(HOST, claimed)
    found = key(HOST + url, portal(), canonical=claimed)
    assert found == (key(there, portal()) if believed else own)


def test_a_print_view_that_names_the_article_is_a_copy_of_it() -> None:
    row = portal("nukeviet")
    page = b'<link rel="canonical" href="/tin-tuc-su-kien/hoi-nghi-60.html">'
    for path in ("/print/tin-tuc-su-kien/hoi-nghi-60.html", "/savefile/tin-tuc-su-kien/hoi-nghi-60.html"):
        identity = identify(HOST + path, row, page=page)
        assert identity is not None
        assert (identity.key, identity.copy) == ("60", True)
    assert key(HOST + "/en/news/meeting-60.html", row) != "60"
    assert key(HOST + "/thong-bao-moi/chung/meeting-60.html", row) != "60"
    same = (
        "/vi/news/tin/sai-60.html",
        "/tin-tuc/hoi-nghi-60.html",
        "/index.php?language=vi&nv=news&op=tin-tuc/hoi-nghi-60",
    )
    assert {key(HOST + path, row) for path in same} == {"60"}


@pytest.mark.parametrize(
    "address",
    [
        "/TongQuat.aspx?CategoryId=V%25u0103n%20h",
        "/GioiThieu.aspx?CategoryId=%EF%BF%BD%EF%BF%BDn",
        "/tin/%u0103n-qu%E1",
        "/tin/a%20b%zz",
    ],
)
def test_broken_links_stay_as_given(address: str) -> None:
    identity = identify(HOST + address, portal())
    assert identity is not None
    assert identity.canonical == HOST + address


def test_only_what_belongs_to_a_visit_leaves_an_address() -> None:
    assert citable(HOST + "/xem?dDocName=P1&_afrLoop=7&x=a%2Fb&utm_source=z#top") == HOST + "/xem?dDocName=P1&x=a%2Fb"


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (b"<LINK REL='canonical' HREF='/a?b=1&amp;c=2'>", "/a?b=1&c=2"),
        (b'<link href="/a" rel="canonical" />', "/a"),
        (b"<link rel=canonical href=/a>", "/a"),
        (b'<link rel="alternate" href="/b">', None),
        (b"", None),
    ],
)
def test_the_canonical_link_is_read_from_the_bytes(page: bytes, found: str | None) -> None:
    assert canonical_of(page) == found
