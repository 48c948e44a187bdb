"""Each family reads its CMS's own markup: every article of a listing, its id, and the way to the next page."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from scrapers import families
from scrapers.identity import identify, is_no_article
from scrapers.listing import NEVER, Ask, Kind, Listing, Page
from scrapers.portal import FAMILIES, Portal

HOST = "https://cong.example.gov.vn"


def saved(name: str) -> str:
    return (Path(__file__).with_name("listings") / f"{name}.html").read_text(encoding="utf-8")


def portal(family: str, **more: object) -> Portal:
    return Portal("cong", "Cổng", family, HOST, "Long An", **more)  # type: ignore[arg-type]  # plain test values


def read(family: str, html: str, url: str = HOST + "/tin-tuc/", kind: Kind = "listing", page: int = 1) -> Listing:
    row = portal(family)
    ask = Ask(url, kind, page=page)
    return families.load(family).read(Page(ask, url, html), row)


def keys(family: str, listing: Listing) -> list[str]:
    found = (identify(link.url, portal(family), native=link.native) for link in listing.articles)
    return [identity.key for identity in found if identity]


def test_every_family_of_the_registry_has_its_module() -> None:
    for name in FAMILIES:
        family = families.load(name)
        assert family.start(portal(name)), name
        module = importlib.import_module(f"scrapers.families.{name.replace('-', '_')}")
        assert module.__doc__


@pytest.mark.parametrize(
    ("name", "found", "following"),
    [("wordpress-classic", ["p31", "p30"], "/category/tin/page/2/"), ("wordpress-blocks", ["p9", "p8"], "/page/2/")],
)
def test_wordpress_loops_of_classic_and_block_themes(name: str, found: list[str], following: str) -> None:
    listing = read("wordpress", saved(name), HOST + "/category/tin/")
    assert keys("wordpress", listing) == found
    assert [ask.url for ask in listing.next] == [HOST + following]
    assert listing.articles[0].published and "2024-05-0" in listing.articles[0].published


@pytest.mark.parametrize("name", ["wordpress-classic", "wordpress-blocks"])
def test_a_portal_of_no_known_family_tells_posts_from_menus(name: str) -> None:
    known = read("wordpress", saved(name), HOST + "/category/tin/")
    for kind in ("listing", "home"):
        found = read("generic", saved(name), HOST + "/category/tin/", kind=kind)
        slugs = [link.url for link in known.articles if "?p=" not in link.url]  # an id that only WordPress knows
        assert slugs and [link.url for link in found.articles] == slugs


@pytest.mark.parametrize(
    ("name", "at", "found", "sections"),
    [
        (
            "joomla-blog", "/nong-thon-moi",
            [
                "/nong-thon-moi/31-lang-bun-giu-lua-qua-mua-lu",
                "/nong-thon-moi/30-duong-hoa-ba-cay-so-cua-hoi-phu-nu",
            ],
            {"/nong-thon-moi", "/nong-thon-moi/29-cau-treo-noi-hai-ban-cua-xa-bien-gioi"},
        ),
        (
            "joomla-table", "/thong-bao",
            ["/thong-bao/lich-tiep-cong-dan-quy-bon", "/thong-bao/cat-dien-sua-chua-tram-bien-ap-so-ba"],
            {"/thong-bao", "/hoc-tap-lam-theo-bac"},
        ),
        ("drupal7-sidebar", "/", ["/node/6", "/tin-tuc/trai-giam-mo-thu-vien"], {"/chuyen-muc/kinh-te"}),
    ],
)  # fmt: skip
def test_a_portal_of_no_known_family_is_read_by_where_its_links_stand(
    name: str, at: str, found: list[str], sections: set[str]
) -> None:
    """A body class that says `sidebar`, Bootstrap's `page-header` and a table named `category` hide no article."""
    listing = read("generic", saved(name), HOST + at, kind="home")
    assert [link.url for link in listing.articles] == [HOST + path for path in found]
    assert {ask.url for ask in listing.more} == {HOST + path for path in sections}
    assert len(listing.next) == 1


@pytest.mark.parametrize(
    ("path", "article"),
    [
        ("/the-thao/doi-bong-xa-bac-la-vao-chung-ket.html", True), ("/tin/trang-trai-de-cua-ban-na-kim.html", True),
        ("/tin/lien-ket-trong-khoai-tay-vu-dong", True), ("/tin/hoi-dap-cung-nguoi-cao-tuoi-812.html", True),
        ("/the/khoai-tay-vu-dong-nam-nay", False), ("/trang/bai-viet-ve-mua-le-hoi", False),
        ("/tin-tuc/trang-3.html", False), ("/lien-ket-web.html", False), ("/gioi-thieu-chung.aspx", False),
        ("/van-ban-moi/quyet-dinh-so-125.html", False), ("/chuyen-muc-kinh-te-xa-hoi-c217-1.html", False),
        ("/video-clip/ngay-hoi-cua-ban-lang-8123.html", False),
    ],
)  # fmt: skip
def test_the_words_of_an_address_tell_articles_from_what_is_none(path: str, article: bool) -> None:
    html = f"<html><body><a href='{path}'>Một dòng tiêu đề đủ dài để là tên của một bài viết</a></body></html>"
    assert [link.url for link in read("generic", html, HOST + "/").articles] == ([HOST + path] if article else [])


def test_wordpress_service_lists_the_whole_history_and_falls_back() -> None:
    posts = [
        {"id": n, "link": f"{HOST}/bai-{n}/", "date": "2024-05-01T08:00:00", "title": {"rendered": "Bài"}}
        for n in (3, 2)
    ]
    row = portal("wordpress")
    ask = families.load("wordpress").start(row)[0]
    page = Page(ask, ask.url, json.dumps(posts), headers={"x-wp-totalpages": "2"})
    listing = families.load("wordpress").read(page, row)
    assert keys("wordpress", listing) == ["p3", "p2"]
    assert "page=2" in listing.next[0].url
    assert "per_page=100" in listing.next[0].url
    substitutes = [ask]
    while substitutes[-1].otherwise:
        substitutes.append(substitutes[-1].otherwise[0])
    assert [entry.kind for entry in substitutes] == ["service", "service", "sitemap", "sitemap", "home"]


def test_wordpress_posts_are_told_from_pages_and_archives_by_the_page_itself() -> None:
    row = portal("wordpress")
    single = b'<link rel="shortlink" href="/?p=31"><link rel="canonical" href="/bai/">'
    single += b'<body class="post-template single single-post postid-31">'
    identity = identify(HOST + "/bai/?utm_source=x", row, page=single)
    assert identity is not None
    assert (identity.key, identity.canonical) == ("p31", HOST + "/bai/")
    assert not is_no_article(single, row)
    for name in (b"page-template-default page page-id-2", b"archive category category-tin", b"error404", b"home blog"):
        assert is_no_article(b'<body class="' + name + b'">', row)


@pytest.mark.parametrize(
    ("name", "found", "following"),
    [("drupal-olivero", ["node/12", "node/11"], "/?page=1"), ("drupal7-bartik", ["node/5"], "/node?page=1")],
)
def test_drupal_teasers_carry_the_node_id_behind_any_alias(name: str, found: list[str], following: str) -> None:
    listing = read("drupal", saved(name), HOST + "/")
    assert keys("drupal", listing) == found
    assert [ask.url for ask in listing.next] == [HOST + following]


def test_drupal_pages_declare_their_node() -> None:
    row = portal("drupal")
    settings = b'<body class="path-node"><script>{"path":{"currentPath":"node\\/12","isFront":false}}</script>'
    old = b'<body class="html not-front page-node page-node- page-node-12 node-type-article">'
    short = b'<link rel="shortlink" href="https://cong.example.gov.vn/node/12" /><body class="path-node">'
    for page in (settings, old, short):
        identity = identify(HOST + "/tin/mua-nuoc-noi", row, page=page)
        assert identity is not None
        assert identity.key == "node/12"
        assert not is_no_article(page, row)
    same = identify(HOST + "/node/12", row, page=b'<link rel="canonical" href="/tin/mua-nuoc-noi">' + short)
    assert same is not None
    assert (same.key, same.canonical) == ("node/12", HOST + "/tin/mua-nuoc-noi")
    assert is_no_article(b'<body class="path-taxonomy">', row)
    assert is_no_article(b'<body class="html front not-logged-in page-node">', row)


@pytest.mark.parametrize(
    ("name", "found", "following"),
    [
        ("joomla-cassiopeia", ["14"], "/index.php/tin-tuc?start=4"),
        ("joomla-protostar-list", ["21"], "/thong-bao.html?start=10"),
        ("joomla-blog", ["31", "30", "29"], "/nong-thon-moi?start=3"),
    ],
)
def test_joomla_blogs_and_lists_without_their_subcategories(name: str, found: list[str], following: str) -> None:
    listing = read("joomla", saved(name))
    assert keys("joomla", listing) == found
    assert [ask.url for ask in listing.next] == [HOST + following]
    assert is_no_article(saved(name).encode(), portal("joomla"))


def test_joomla_knows_an_article_by_every_shape_of_its_address() -> None:
    addresses = (
        "/index.php/tin-tuc/14-le-hoi", "/tin-tuc/14-le-hoi.html",
        "/index.php?option=com_content&view=article&id=14:le-hoi&catid=8",
        "/component/content/article/8-tin-tuc/14-le-hoi", "/tin-tuc/14-le-hoi?tmpl=component&print=1",
    )  # fmt: skip
    identities = [identify(HOST + address, portal("joomla")) for address in addresses]
    assert {identity.key for identity in identities if identity} == {"14"}
    assert [bool(identity and identity.copy) for identity in identities] == [False, False, False, False, True]


def test_nukeviet_pages_that_are_no_news_are_told_from_articles() -> None:
    row = portal("nukeviet")
    family = families.load("nukeviet")
    for address in ("/tin-tuc/cho-noi-mua-gio-chuong-4.html", "/index.php/tin-tuc/cho-noi-mua-gio-chuong-4.html"):
        assert family.article_id(HOST + address, row) == "4", address
    for address in ("/about/yeu-cau-su-dung-4.html", "/vi/about/yeu-cau-su-dung-4.html", "/vi/siteterms/muc-4.html"):
        assert family.article_id(HOST + address, row) is None, address
    script = 'var nv_lang_data="vi",nv_module_name="{}",nv_func_name="{}",nv_is_user=0'
    functions = [("about", "main"), ("news", "viewcat"), ("tin-tuc", "detail"), ("news", "topic")]
    told = [is_no_article(f"<script>{script.format(*names)}</script>".encode(), row) for names in functions]
    assert told == [True, True, False, True]


def test_liferay_publishers_page_by_cur_and_slugs_are_keys() -> None:
    listing = read("liferay", saved("liferay-publisher"), HOST + "/web/dng/tin")
    assert keys("liferay", listing) == ["khoi-cong-cau-moi", "hop-bao-thang-sau"]
    assert listing.next[0].url.endswith("cur=2")
    row = portal("liferay")
    for url, key in {
        "/web/dng/-/khoi-cong-cau-moi": "khoi-cong-cau-moi", "/w/Khoi-Cong-Cau-Moi": "khoi-cong-cau-moi",
        "/-/details/188850/khoi-cong": "188850", "/-/asset_publisher/aB3dE/content/id/8288510?plidlayout=3": "8288510",
        "/web/dng/-/khoi-cong-cau-moi;jsessionid=A1B2.node1": "khoi-cong-cau-moi",
    }.items():  # fmt: skip
        identity = identify(HOST + url, row)
        assert identity is not None, url
        assert identity.key == key, url
    rss = identify(HOST + "/-/asset_publisher/aB3dE/rss", row)
    assert rss is not None
    assert not rss.native


def test_dotnetnuke_ids_stand_in_path_or_query() -> None:
    row = portal("dotnetnuke")
    for url in (
        "/Default.aspx?tabid=64&ID=512",
        "/tabid/64/articleType/ArticleView/articleId/512/tin.aspx",
        "/Tin/ArtMID/414/ArticleID/512/mot-tin",
    ):
        identity = identify(HOST + url, row)
        assert identity is not None
        assert identity.key == "512", url


def test_vnpt_reads_its_own_script_for_the_following_pages() -> None:
    listing = read("vnpt", saved("vnpt-script"))
    assert keys("vnpt", listing) == ["950942"]
    ask = listing.next[0]
    sent = json.loads(ask.body)
    assert ask.method == "POST"
    assert (sent["article_category_id"], sent["page_index"], sent["page_size"], sent["show_view_count"]) == (
        "37",
        2,
        5,
        "true",
    )
    reply = json.dumps({"d": '<div><a href="/tin-tuc/tap-huan-chuyen-doi-so-950001">Tập huấn</a></div>'})
    row = portal("vnpt")
    second = families.load("vnpt").read(Page(ask, ask.url, reply), row)
    assert keys("vnpt", second) == ["950001"]
    third = families.load("vnpt").read(Page(second.next[0], ask.url, reply), row)
    assert json.loads(second.next[0].body)["page_index"] == 3
    assert not third.next


def test_postback_paging_sends_the_form_as_a_browser_would() -> None:
    listing = read("sharepoint-portal", saved("sharepoint-postback"), HOST + "/portal/Pages/tin-tuc.aspx")
    assert keys("sharepoint-portal", listing) == ["2024-04-25/tap-huan-cho-doan-vien-dvv348"]
    ask = listing.next[0]
    assert (ask.method, ask.url, ask.page) == ("POST", HOST + "/portal/Pages/tin-tuc.aspx", 2)
    assert ask.body == "__VIEWSTATE=%2FwEP%2Bx%3D&__EVENTVALIDATION=ev&__EVENTTARGET=ctl00%24pager&__EVENTARGUMENT=2"


def test_sitemaps_and_feeds_of_hostile_sites_are_lists_or_nothing() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    bomb += "<urlset><url><loc>/x/&b;</loc></url></urlset>"
    inner = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in (HOST + "/s-1.xml", "http://khac.vn/s.xml"))
    index = f"<sitemapindex>{inner}</sitemapindex>"
    assert [ask.url for ask in read("generic", index, HOST + "/sitemap.xml", "sitemap").more] == [HOST + "/s-1.xml"]
    for text in (bomb, "", "<urlset>", "\x00\x01", "<html><body>404</body></html>", "<urlset><url></url></urlset>"):
        assert isinstance(read("generic", text, HOST + "/sitemap.xml", "sitemap"), Listing)


@pytest.mark.parametrize(
    "url",
    [
        "/?nvvithemever=m&nv_redirect=2BC", "/print/tin/a-60.html", "/savefile/tin/a-60.html", "/users/login/",
        "/bai/?replytocom=7",
        "/banners/click/?id=1&s=58c1", "/portal/pages/print.aspx?p=31310", "/tin?theme=dark",
        "/lich?month=3&year=2041", "/calendar/2031-05",
        "/Search.aspx?key=a", "/wp-login.php", "/tep/bao-cao.pdf", "mailto:a@b.vn",
        "javascript:void(0)", "/hitcounter.aspx",
    ],
)  # fmt: skip
def test_links_that_switch_count_or_trap_are_never_followed(url: str) -> None:
    assert NEVER.search(url if ":" in url.partition("/")[0] else HOST + url)
