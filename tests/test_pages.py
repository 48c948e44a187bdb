"""The readers' pages: each says what it must, in both languages, small, valid, and never what a portal slipped in."""

from __future__ import annotations

import json
import re
import sqlite3
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import html5lib
import pytest
from lxml import etree

from archive.site import schema
from archive.site.pages import pictures, places, words
from tests import pages_kit
from tests.pages_kit import ORIGIN, PAYLOADS, Site, ask, read

ATOM = "{http://www.w3.org/2005/Atom}"
MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return pages_kit.make(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def pages(site: Site) -> dict[str, str]:
    """Every type of page, Vietnamese and English, as text."""
    paths = pages_kit.page_types(site)
    paths |= {f"{name} (en)": "/en" + path for name, path in paths.items()} | pages_kit.tables(site)
    replies = dict(zip(paths, ask(site, *paths.values()), strict=True))
    assert {name: reply.status_code for name, reply in replies.items() if reply.status_code != 200} == {}
    return {name: reply.text for name, reply in replies.items()}


def test_every_page_is_small_valid_and_in_its_language(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        assert len(text.encode()) < 100_000, name
        html5lib.HTMLParser(strict=True).parse(text)
        tree = read(text)
        assert tree.get("lang") == ("en" if name.endswith("(en)") else "vi"), name
        assert len(tree.xpath("//h1")) == 1 and len(tree.xpath("//main")) == 1, name
        ids = tree.xpath("//@id")
        assert len(ids) == len(set(ids)), name
        assert set(tree.xpath("//@for")) <= set(ids), name
        assert not tree.xpath("//img[not(@alt)]"), name
        headings = [int(heading.tag[1]) for heading in tree.xpath("//h1|//h2|//h3")]
        assert all(after - before <= 1 for before, after in pairwise(headings)), name


def test_no_page_loads_anything_from_elsewhere_or_runs_or_styles_anything_inline(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        tree = read(text)
        assert not tree.xpath("//script[not(@type='application/ld+json')] | //style | //@style | //iframe"), name
        loaded = tree.xpath("//img/@src | //source/@srcset | //link[@rel='stylesheet' or @rel='icon']/@href")
        assert all(address.startswith("/") and not address.startswith("//") for address in loaded), name


def test_policy_stands_on_every_page(site: Site) -> None:
    for reply in ask(
        site, *pages_kit.page_types(site).values(), *pages_kit.tables(site).values(), "/nichts", "/moi.atom"
    ):
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, reply.url
        assert reply.headers["x-content-type-options"] == "nosniff"


def test_both_languages_know_each_other(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        tree = read(text)
        switch = tree.xpath("//a[@class='tongue']")
        assert len(switch) == 1 and switch[0].get("hreflang") == ("vi" if name.endswith("(en)") else "en"), name
        if name in pages and f"{name} (en)" in pages:
            twins = {
                link.get("hreflang"): link.get("href") for link in tree.xpath("//link[@rel='alternate'][@hreflang]")
            }
            english = read(pages[f"{name} (en)"])
            assert tree.xpath("//link[@rel='canonical']/@href") == [twins["vi"]], name
            assert english.xpath("//link[@rel='canonical']/@href") == [twins["en"]], name


def test_a_page_kept_for_all_readers_is_the_same_for_all(site: Site) -> None:
    odd, first, again, english = ask(site, "/tinh?x=1", "/tinh", "/tinh", "/en/tinh")
    assert first.text == again.text and "x=1" not in first.text and "x=1" in odd.text
    assert read(english.text).get("lang") == "en"


def test_links_of_every_page_lead_somewhere(site: Site, pages: dict[str, str]) -> None:
    links = {
        link.partition("#")[0]
        for text in pages.values()
        for link in read(text).xpath("//a/@href | //img/@src | //source/@srcset | //link/@href")
    }
    inside = sorted(link.removeprefix(ORIGIN) for link in links if link.startswith(("/", ORIGIN)) and link != ORIGIN)
    assert len(inside) > 100
    dead = {
        str(reply.url): reply.status_code
        for reply in ask(site, *inside)
        if reply.status_code >= 400 or (300 <= reply.status_code < 400 and "location" not in reply.headers)
    }
    assert dead == {}


def test_stored_markup_never_becomes_markup(site: Site) -> None:
    ids = [site.ids[f"xss{number}"] for number in range(len(PAYLOADS))]
    paths = [path for id_ in ids for path in (f"/bai/{id_}", f"/bai/{id_}/phien-ban", f"/bai/{id_}/phien-ban/1")]
    paths += [f"/tintinh/articles/{id_}" for id_ in ids]
    paths += ["/", "/en/", "/tim?q=tin", "/tim?q=alert", "/thay-doi?small=1", "/tinh/long-an", "/cong/long_an_hcc"]
    paths += [
        f"/tintinh/{table}"
        for table in ("articles?_columns=all", "versions", "removed_blocks", "images", "attachments")
    ]
    paths += [
        "/tim?" + "&".join(f"{name}=%22%3E%3Cscript%3Ealert(1)%3C/script%3E" for name in ("q", "province", "from"))
    ]
    paths += ["/thay-doi?portal=%22%3E%3Cscript%3E", "/tintinh/search_newest?q=%3Cscript%3Ealert(1)%3C/script%3E"]
    for reply in ask(site, *paths):
        assert reply.status_code == 200, reply.url
        tree = html5lib.parse(reply.text, treebuilder="lxml", namespaceHTMLElements=False)
        assert not tree.xpath("//script[not(@type='application/ld+json')] | //iframe | //style | //base | //math"), (
            reply.url
        )
        assert not tree.xpath("//@*[starts-with(name(), 'on')] | //@autofocus | //@srcdoc | //img[@src='x']"), reply.url
        for address in tree.xpath("//@href | //@src | //@action"):
            assert re.match(r"(https?://|mailto:|/|#|\?)", address), f"{reply.url}: {address}"
        for data in tree.xpath("//script/text()"):
            json.loads(data)
    (reply,) = ask(site, f"/bai/{ids[0]}")
    shown = read(reply.text)
    assert pages_kit.SCRIPT in [node.strip() for node in shown.xpath("//main//text()")], "it is shown as the text it is"


def test_feeds_are_xml_whatever_the_portals_print(site: Site) -> None:
    paths = (
        "/moi.atom",
        "/thay-doi.atom?small=1",
        "/cong/long_an_hcc.atom",
        "/tinh/long-an.atom",
        "/tim.atom?q=cho",
        "/en/moi.atom",
    )
    for path, reply in zip(paths, ask(site, *paths), strict=True):
        assert reply.headers["content-type"].startswith("application/atom+xml"), path
        feed = etree.fromstring(reply.content)
        assert (
            feed.tag == f"{ATOM}feed" and feed.find(f"{ATOM}id") is not None and feed.find(f"{ATOM}updated") is not None
        )
        entries = feed.findall(f"{ATOM}entry")
        assert entries, path
        ids = [entry.findtext(f"{ATOM}id") for entry in entries]
        assert len(ids) == len(set(ids)), path
        for entry in entries:
            assert entry.findtext(f"{ATOM}title") and re.fullmatch(
                r"[\dT:-]{19}Z", entry.findtext(f"{ATOM}updated") or ""
            )
        own = feed.find(f"{ATOM}link[@rel='self']")
        assert own is not None and own.get("href") == ORIGIN + path


def test_the_feed_of_changes_carries_the_difference(site: Site) -> None:
    (reply,) = ask(site, "/thay-doi.atom")
    text = etree.fromstring(reply.content)
    spaces = {"h": "http://www.w3.org/1999/xhtml"}
    gone = [node.text for node in text.iterfind(".//h:del", spaces)]
    come = [node.text for node in text.iterfind(".//h:ins", spaces)]
    assert "47.416" in gone and "47.461" in come


def test_an_article_tells_where_it_comes_from(site: Site, pages: dict[str, str]) -> None:
    tree = read(pages["article"])
    text = " ".join(tree.text_content().split())
    for wanted in (
        "Quang cảnh buổi họp ở Đồi Chè", "Đồng Mai", "Hà Thử", "Long An", "nay thuộc Tây Ninh", "07:42 ngày 21/6/2024",
        "in trên trang", "Lượt xem: 214", "kit-views", "Tin liên quan", "phiên bản 1", "Bản chụp trang gốc", "411",
    ):  # fmt: skip
        assert wanted in text, wanted
    assert tree.xpath("//h2[text()='Kết quả']") and tree.xpath("//svg//path"), "headings and the chart of views"
    assert tree.xpath("//a[@href='https://long_an_hcc.example/a.jpg']"), "pictures are linked, not loaded"
    report = tree.xpath("//a[starts-with(@href, 'mailto:')]/@href")[0]
    assert site.ids["congress"] in report and "phi%C3%AAn%20b%E1%BA%A3n%201" in report
    data = json.loads(tree.xpath("//script/text()")[0])
    assert data["datePublished"] == "2024-06-21T07:42:00+07:00" and data["@type"] == "NewsArticle"
    assert tree.xpath("//meta[@property='og:title']/@content") == [
        "Chi đoàn Trung tâm tổ chức Đại hội nhiệm kỳ 2024 - 2027"
    ]
    order = text.index("bầu Ban Chấp hành"), text.index("Quang cảnh"), text.index("Kết quả"), text.index("Đồng Mai")
    assert list(order) == sorted(order)


def test_readers_write_to_the_operator(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINTINH_CONTACT", "https://example.org/tintinh, archive@example.org")
    (reply,) = ask(site, f"/bai/{site.ids['congress']}")
    assert read(reply.text).xpath("//a[starts-with(@href, 'mailto:archive@example.org?')]")


def test_what_is_not_known_is_said_and_not_invented(pages: dict[str, str]) -> None:
    text = " ".join(read(pages["article without title"]).text_content().split())
    assert "(không có tiêu đề)" in text and "trang không in ngày đăng" in text and "ngày lưu" in text


def test_versions_show_the_edit_word_by_word(pages: dict[str, str]) -> None:
    tree = read(pages["versions"])
    assert "47.416" in [node.text for node in tree.xpath("//del")] and "47.461" in [
        node.text for node in tree.xpath("//ins")
    ]
    assert any("Riêng cấp xã" in node.text for node in tree.xpath("//ins"))


def test_small_edits_are_hidden_until_asked_for(site: Site) -> None:
    short, long = ask(site, "/thay-doi?kind=edited&portal=long_an_hcc", "/thay-doi?kind=edited&small=1")
    assert "Lịch tiếp dân" not in short.text and "Kết quả quý II" in short.text
    assert "Lịch tiếp dân" in long.text


def test_identifiers_are_for_ever(site: Site) -> None:
    taken, merged, merged_en, unknown, rest = ask(
        site,
        f"/bai/{site.ids['secret']}",
        f"/bai/{site.ids['old']}",
        f"/en/bai/{site.ids['old']}",
        "/bai/0123456789abcdef",
        f"/bai/{site.ids['secret']}/phien-ban",
    )
    assert taken.status_code == rest.status_code == 410
    assert "Theo yêu cầu của người được nêu tên" in taken.text and re.search(r'<time datetime="20\d\d-', taken.text)
    assert "Nội dung riêng" not in taken.text
    assert (merged.status_code, merged.headers["location"]) == (301, f"/bai/{site.ids['new']}")
    assert merged_en.headers["location"] == f"/en/bai/{site.ids['new']}"
    assert unknown.status_code == 404


def test_the_same_text_elsewhere_is_named(site: Site) -> None:
    (reply,) = ask(site, f"/bai/{site.ids['twin']}")
    assert f'href="/bai/{site.ids["twin2"]}"' in reply.text


def test_odd_arguments_break_nothing(site: Site) -> None:
    odd: tuple[str, ...] = (
        "/tim?from=2024-13-45&to=x&before=abc&page=-1",
        "/tim?q=%00&state=%00",
        "/tim?q=" + "a%20" * 300,
    )
    odd += ("/tim?q=NEAR(&sort=relevance", "/thay-doi?before=1&since=zz&kind=x", "/thay-doi?before=9~0123456789abcdef")
    odd += (
        "/tim?before=99999999999999999999",
        "/tim.atom?q=%22",
        "/tim?q=cho&sort=relevance&page=999",
        "/tim?from=0000",
    )
    assert {str(reply.url): reply.status_code for reply in ask(site, *odd) if reply.status_code != 200} == {}


def test_crawlers_are_shown_the_articles_and_kept_off_queries(site: Site) -> None:
    robots, index = ask(site, "/robots.txt", "/sitemap.xml")
    assert "Disallow: /*?" in robots.text and "Disallow: /bai" not in robots.text
    assert f"Sitemap: {ORIGIN}/sitemap.xml" in robots.text
    parts = [node.text or "" for node in etree.fromstring(index.content).iter(f"{MAPS}loc")]
    replies = ask(site, *(part.removeprefix(ORIGIN) for part in parts))
    listed = {node.text for reply in replies for node in etree.fromstring(reply.content).iter(f"{MAPS}loc")}
    wanted = {f"{ORIGIN}/bai/{id_}" for name, id_ in site.ids.items() if name != "secret"}
    assert wanted <= listed and f"{ORIGIN}/bai/{site.ids['secret']}" not in listed


def test_raw_pages_are_offered_only_beside_the_archive_and_never_shown(site: Site) -> None:
    article = f"/bai/{site.ids['congress']}"
    (without,) = ask(site, article)
    (beside,) = ask(site, article, archive=True)
    links = read(beside.text).xpath("//a[contains(@href, '/trang-goc/')]/@href")
    assert links and "/trang-goc/" not in without.text
    (raw,) = ask(site, links[0], archive=True)
    assert sha256(raw.content).hexdigest() == links[0].rpartition("/")[2]
    assert raw.headers["content-disposition"].startswith("attachment") and "html" not in raw.headers["content-type"]
    other = links[0].replace(site.ids["congress"], site.ids["secret"])
    assert [reply.status_code for reply in ask(site, links[0])] == [404]
    assert [reply.status_code for reply in ask(site, other, archive=True)] == [404]


def test_downloads_of_the_data_page_are_there_and_checksummed(site: Site, pages: dict[str, str]) -> None:
    links = read(pages["data"]).xpath("//a[@download]/@href")
    assert any(link.endswith("tintinh.db") for link in links)
    for reply in ask(site, *links):
        assert reply.status_code == 200 and sha256(reply.content).hexdigest()[:16] in pages["data"], reply.url


def test_a_citation_names_address_version_and_hash(site: Site) -> None:
    bib, csl = ask(site, *(f"/bai/{site.ids['congress']}/trich-dan.{form}" for form in ("bib", "json")))
    assert f"/bai/{site.ids['congress']}" in bib.text and "SHA-256" in bib.text
    assert csl.json()[0]["URL"] == f"{ORIGIN}/bai/{site.ids['congress']}"


def test_pictures_are_kept_for_ever_and_run_nothing(site: Site, pages: dict[str, str]) -> None:
    addresses = read(pages["front"]).xpath("//picture//@src | //picture//@srcset")
    assert len(addresses) == 4
    style = read(pages["front"]).xpath("//link[@rel='stylesheet']/@href")[0]
    for reply in ask(site, style, *addresses):
        assert (
            "immutable" in reply.headers["cache-control"] and "unsafe" not in reply.headers["content-security-policy"]
        )
        if reply.headers["content-type"].startswith("image/svg"):
            assert etree.fromstring(reply.content).tag.endswith("svg")


def test_the_coverage_picture_tells_zero_from_not_crawled() -> None:
    db = sqlite3.connect(":memory:")
    schema.create(db)
    db.execute("INSERT INTO provinces (id, name, folded, sort_key, vintage) VALUES ('n', 'Mới', 'moi', 'moi', 2025)")
    db.execute(
        "INSERT INTO provinces (id, name, folded, sort_key, vintage, becomes) VALUES ('o', 'Cũ', 'cu', 'cu', 2024, 'n')"
    )
    db.execute("INSERT INTO portals (id, name, province, province_now, crawl) VALUES ('p', 'Cổng', 'Cũ', 'Mới', 1)")
    months = [("2025-01", 9, 1), ("2025-02", 0, 1), ("2025-04", 0, None), ("2025-05", 4, 0), ("2025-06", 1, 1)]
    db.executemany("INSERT INTO coverage VALUES ('p', ?, ?, 0, ?)", months)
    drawn = etree.fromstring(pictures.coverage(db, "vi")[0].encode())
    cells = {
        path.get("class"): (path.get("d") or "").count("M") for path in drawn.iter("{http://www.w3.org/2000/svg}path")
    }
    full = sum(count for kind, count in cells.items() if kind and kind.startswith("q"))
    assert (cells["z"], cells["n"], cells["p"], full) == (1, 2, 1, 2)
    strip = places.strip([(month, articles, complete) for month, articles, complete in months if complete is not None])
    assert strip is not None
    shades = [shade for _, boxes in strip["years"] for _, _, shade in boxes]
    assert shades[1:4] == ["zero", "none", "none"]
    assert shades[4].endswith("part") and not shades[0].endswith("part")


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        ("2024-06-21", "21/6/2024", "21 Jun 2024"),
        ("2024-06", "6/2024", "June 2024"),
        (None, "", ""),
        ("rác", "rác", "rác"),
    ],
)
def test_days_are_written_as_precisely_as_they_are_known(value: str | None, vi: str, en: str) -> None:
    assert (words.day(value, "vi"), words.day(value, "en")) == (vi, en)


def test_numbers_and_times_follow_the_language() -> None:
    assert words.number(12345.5, "vi") == "12.345,5" and words.number(12345, "en") == "12,345"
    assert words.local("2026-11-21T20:05:00Z", "vi") == "03:05 ngày 22/11/2026", "Vietnam's time"
    assert words.slug("Bà Rịa - Vũng Tàu") == "ba-ria-vung-tau" and words.slug("Đắk Lắk") == "dak-lak"


def test_templates_speak_both_languages_everywhere() -> None:
    """Vietnamese text in a template stands in `t(…)`, or it would stay Vietnamese on English pages."""
    letters = re.compile(r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)
    allowed = {"Tin Tỉnh", "Tiếng Việt"}
    folder = Path(words.__file__).parents[1] / "templates"
    for file in (*folder.glob("*.html"), *folder.glob("*.atom")):
        text = re.sub(r"\{[%{#].*?[%}#]\}|<pre.*?</pre>", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        left = [line for line in text.splitlines() if letters.search(re.sub("|".join(allowed), "", line))]
        assert left == [], file.name
