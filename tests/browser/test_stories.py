"""What readers come for, done in a browser: found within three clicks, in both languages, on a phone, by keyboard."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import PHONE, Open, Page
from tests.pages_kit import Site


class Clicks:
    """A reader who counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def on(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.count += 1


def text(page: Page) -> str:
    return " ".join(page.inner_text("main").split())


def test_researcher_finds_congresses_under_old_province_names(visit: Open, large: str) -> None:
    reader = Clicks(visit(f"{large}/"))
    reader.on("a:has-text('Trung tâm hành chính công nào đã đại hội')")
    dates = reader.page.locator("ol.articles time").all_inner_texts()
    assert dates and all(date.endswith(("/2022", "/2023", "/2024")) for date in dates)
    assert "nay thuộc" in text(reader.page) and reader.page.locator("mark").count()
    reader.on("ol.articles a.title")
    assert reader.page.locator("h1").count() == 1 and reader.count <= 3


def test_journalist_sees_who_was_elected_and_reads_the_archived_copy(visit: Open, large: str) -> None:
    reader = Clicks(visit(f"{large}/"))
    reader.on("a:has-text('Ai được bầu vào chức vụ gì')")
    assert "Bí thư Chi đoàn" in text(reader.page) and "gone_since" in text(reader.page)
    reader.on("table.rows a[href^='/bai/']")
    assert "Bản chụp trang gốc" in text(reader.page) and "Trang gốc" in text(reader.page) and reader.count <= 3


def test_data_reader_gets_all_figures_of_a_unit_with_their_sentences(visit: Open, large: str) -> None:
    reader = Clicks(visit(f"{large}/"))
    reader.on("a:has-text('Đã tiếp nhận bao nhiêu hồ sơ')")
    assert re.search(r"tiếp nhận \d+ hồ sơ", text(reader.page))
    assert reader.page.locator("a:has-text('CSV')").count()
    reader.on("nav a:has-text('Dữ liệu')")
    assert "Tải về" in text(reader.page) and reader.count <= 3


def test_archivist_sees_what_vanished_since_the_merger_by_portal(visit: Open, large: str) -> None:
    reader = Clicks(visit(f"{large}/"))
    reader.on("a:has-text('Bài nào đã biến mất từ ngày 1/7/2025')")
    assert "Mất theo từng cổng" in text(reader.page) and "Từ 1/7/2025" in text(reader.page)
    reader.on("ol.changes a.title")
    assert "Đã mất khỏi trang gốc" in text(reader.page) and reader.count <= 3


def test_a_reader_searches_without_accents_and_follows_one_article_to_the_bottom(
    visit: Open, small: str, site: Site
) -> None:
    page = visit(f"{small}/")
    page.fill("#q", "dai hoi")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tim?q=dai+hoi")
    assert "Đại hội" in page.locator("mark").all_inner_texts()
    page.click("ol.articles a.title")
    assert page.inner_text("h1").startswith("Chi đoàn Trung tâm tổ chức Đại hội")
    page.click("a:has-text('Đã lược khỏi trang này')")
    assert page.locator("#removed").is_visible()
    related = page.locator("summary:has-text('Tin liên quan')")
    related.click()
    assert page.locator("details[open] >> text=kit-related").is_visible(), "the rule that removed it"
    page.goto(f"{small}/bai/{site.ids['edited']}")
    page.click("a:has-text('2 phiên bản')")
    assert page.locator("del").first.inner_text() == "47.416" and page.locator("ins").first.inner_text() == "47.461"
    page.click("h2 a:has-text('Phiên bản 1')")
    assert "47.416" in text(page)


def test_the_raw_page_is_a_download(visit: Open, small: str, site: Site) -> None:
    page = visit(f"{small}/bai/{site.ids['congress']}")
    with page.expect_download() as waiting:
        page.locator("a:has-text('tải trang gốc')").first.click()
    assert waiting.value.suggested_filename.endswith(".html") and "/bai/" in page.url


def test_the_language_switches_on_the_spot_and_stays(visit: Open, small: str) -> None:
    page = visit(f"{small}/tim?q=cho+phien")
    page.click("a.tongue")
    assert page.url.endswith("/en/tim?q=cho+phien") and page.get_attribute("html", "lang") == "en"
    assert "More" in text(page) or "articles" in text(page)
    page.click("ol.articles a.title")
    assert "/en/bai/" in page.url and "Archive record" in text(page)
    assert page.locator(".text").get_attribute("lang") == "vi", "the article's words stay Vietnamese"
    page.click("a.tongue")
    assert "/en/" not in page.url and page.get_attribute("html", "lang") == "vi"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_is_cut_off_on_a_phone(visit: Open, small: str, large: str, site: Site, dark: bool) -> None:
    from tests.pages_kit import page_types, tables

    page = visit(f"{large}/", size=PHONE, dark=dark)
    paths = [f"{small}{path}" for path in (*page_types(site).values(), *tables(site).values())]
    for address in (f"{large}/", f"{large}/tintinh/articles", *paths):
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, f"{address} is {wide} px wide"
        small_targets = page.evaluate(
            "[...document.querySelectorAll('button, select, nav a')].filter(e => e.getBoundingClientRect().height"
            " && e.getBoundingClientRect().height < 24).length"
        )
        assert small_targets == 0, address


def test_everything_is_reached_by_keyboard_alone(visit: Open, small: str) -> None:
    page = visit(f"{small}/")

    def focused(what: str) -> Page:
        return page.evaluate(f"document.activeElement.{what}")

    page.keyboard.press("Tab")
    assert focused("className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0, "the skip link shows itself"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert focused("id") == "q", "the first thing after the skip link is the search"
    page.keyboard.type("cho phien")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tim?*")
    for _ in range(40):
        page.keyboard.press("Tab")
        if focused("tagName") == "SUMMARY":
            break
    page.keyboard.press("Enter")
    assert page.locator("details.filters").get_attribute("open") is not None
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused("className") == "title":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "one sees where one is"
    page.keyboard.press("Enter")
    page.wait_for_url("**/bai/*")
    assert page.locator("article h1").count() == 1
