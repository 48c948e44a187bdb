"""What cleaning promises on pages that nobody described, on text dumps, and on real input where it is at hand."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cleaning import Record, clean
from cleaning.layouts import Layouts
from cleaning.vietnamese import squash
from tests.made_pages import MadePage, made_pages

SHARED = Path(__file__).parents[1].parent / "shared"
SEEDS = sorted((SHARED / "data/seeds").glob("*.txt"))
RECORDING = SHARED / "recordings/nukeviet-default.warc.gz"
ARTICLE = ("lead", "heading", "paragraph", "caption", "author", "source", "table")
PROSE = (
    "Sáng 12/3/2024, hợp tác xã trồng sen họp mặt đầu năm với sự có mặt của hơn một trăm hộ dân trong vùng và đại "
    "diện chính quyền địa phương.",
    "Theo ban quản trị, sản lượng năm qua tăng gần một phần ba nhờ chuyển sang giống mới, dù thời tiết có lúc không "
    "thuận lợi và giá vật tư lên cao.",
    "Trong năm nay, các hộ sẽ thử nghiệm sấy hạt bằng năng lượng mặt trời, trước hết ở ba tổ sản xuất gần trục đường "
    "lớn của xã./.",
)


@pytest.mark.parametrize("page", list(made_pages()), ids=lambda page: page.name)
def test_a_page_without_any_layout_keeps_its_article_and_nothing_else(page: MadePage) -> None:
    record = clean(page.html)
    assert (record.title, record.author, record.views) == (page.title, page.author, page.views)
    assert record.published and record.published.value == page.published
    assert [*filter(None, [record.lead]), *record.body] == [*filter(None, [page.lead]), *page.paragraphs]
    assert list(record.captions) == page.captions
    assert record.site_counters and "layout-unknown" in record.flags
    kept = {block.text for block in record.blocks if block.label in ARTICLE}
    assert not kept & set(page.furniture)


@pytest.mark.parametrize("about", ["tag-doan-vien", "category-tin-moi", "category-thong-ke tag-quang-cao"])
def test_what_an_entry_is_about_is_no_name_of_furniture(about: str) -> None:
    """WordPress writes an entry's tags and categories into its class, on themes that no layout knows too."""
    prose = "".join(f"<p>{paragraph}</p>" for paragraph in PROSE)
    photo = "<p style='text-align:center'><img src='a.jpg'></p><p style='text-align:center'><em>Bà con ra đồng</em></p>"
    byline = "<p style='text-align:right'><b>Lò Thị Sương</b></p>"
    inner = f"<h1>Mùa sen mới ở xã</h1>{prose}{photo}{byline}"
    page = f"<main><article class='post-7 post type-post hentry {about}'>{inner}</article></main>"
    record = clean(f"<html><head><title>Mùa sen mới ở xã</title></head><body>{page}</body></html>")
    assert (record.body, record.captions, record.author) == (PROSE, ("Bà con ra đồng",), "Lò Thị Sương")


def _text(*lines: str) -> Record:
    return clean("\n\n".join(lines).encode(), content_type="text/plain")


def test_a_text_dump_parts_into_fields_by_the_form_of_its_lines() -> None:
    record = _text(
        "image banner",
        "Tin hợp tác xã",
        "Hợp tác xã trồng sen họp mặt đầu năm",
        "13-03-2024 08:15\nĐã xem: 1.204",
        PROSE[0],
        "Anh-tin-bai",
        "Bà con tham quan khu sấy hạt",
        PROSE[1],
        "Ông Lý Văn Sáu, tổ trưởng tổ sản xuất số hai, cùng các thành viên trong tổ",
        "giới thiệu giống sen mới với đoàn khách.",
        PROSE[2],
        "Tin, ảnh: Mỹ Hạnh",
        "Hệ thống một cửa liên xã",
        "Thống kê truy cập\n  • Đang online: 7\n  • Hôm nay: 61\n  • Tất cả: 90 318",
        "Tin liên quan",
    )
    assert record.title == "Hợp tác xã trồng sen họp mặt đầu năm" and record.category == "Tin hợp tác xã"
    assert record.published and record.published.value == "2024-03-13T08:15:00+07:00"
    assert record.event_date and record.event_date.value == "2024-03-12"
    assert (record.author, record.views, record.lead) == ("Mỹ Hạnh", 1204, None)
    assert record.body == PROSE
    assert record.captions == (
        "Bà con tham quan khu sấy hạt",
        "Ông Lý Văn Sáu, tổ trưởng tổ sản xuất số hai, cùng các thành viên trong tổ "
        "giới thiệu giống sen mới với đoàn khách.",
    )
    assert record.site_counters == {"online": 7, "today": 61, "total": 90318}
    removed = {block.text: block.label for block in record.removed}
    assert removed["image banner"] == removed["Anh-tin-bai"] == "banner"
    assert removed["Hệ thống một cửa liên xã"] == "navigation" and removed["Tin liên quan"] == "related"


@pytest.mark.parametrize(
    ("byline", "author"),
    [
        ("T.H", "T.H"),
        ("MỸ HẠNH", "MỸ HẠNH"),
        ("Tác giả: Mỹ Hạnh_Phòng Kinh tế", "Mỹ Hạnh_Phòng Kinh tế"),
        ("Đỗ Thị Mỹ Hạnh, Chủ tịch Hội Nông dân xã", "Đỗ Thị Mỹ Hạnh, Chủ tịch Hội Nông dân xã"),
        ("CTV Mỹ Hạnh", "CTV Mỹ Hạnh"),
        ("Viết bởi Đỗ Thị Mỹ Hạnh", "Đỗ Thị Mỹ Hạnh"),
        ("Bài, ảnh: Mỹ Hạnh - Quốc Việt", "Mỹ Hạnh - Quốc Việt"),
        ("Bà con rất phấn khởi và mong mô hình sớm được nhân rộng ra các xã bên", None),
    ],
)
def test_bylines_are_known_by_their_form_in_texts_and_pages(byline: str, author: str | None) -> None:
    assert _text("Hợp tác xã trồng sen họp mặt", *PROSE, byline).author == author
    body = "".join(f"<p>{text}</p>" for text in (*PROSE, byline))
    assert clean(f"<html><body><h1>Hợp tác xã họp mặt</h1><div>{body}</div></body></html>").author == author


@pytest.mark.parametrize(
    "trap",
    [
        "Hôm nay bà con đi chợ sớm hơn mọi ngày vì trời trở lạnh từ nửa đêm.",
        "Lượt xem của chuyên mục nông nghiệp tăng gấp ba so với cùng kỳ năm ngoái.",
        "Nguồn: số liệu do phòng thống kê huyện cung cấp, chưa qua kiểm toán.",
        "Theo thống kê truy cập của cổng thông tin, hôm nay có 214 người online.",
        "Thông báo mới nhất của ngành điện khiến nhiều hộ phải đổi giờ tưới.",
    ],
)
def test_sentences_that_begin_like_furniture_stay(trap: str) -> None:
    lines = (PROSE[0], trap, *PROSE[1:])
    assert trap in _text("Hợp tác xã trồng sen họp mặt", *lines).body
    body = "".join(f"<p>{text}</p>" for text in lines)
    assert clean(f"<html><body><h1>Hợp tác xã họp mặt</h1><div>{body}</div></body></html>").body == lines


def test_a_source_that_repeats_itself_stays_repeated() -> None:
    lines = (PROSE[0], PROSE[1], PROSE[0], PROSE[1])
    body = "".join(f"<p>{text}</p>" for text in lines)
    assert clean(f"<html><body><h1>Hợp tác xã họp mặt</h1><div>{body}</div></body></html>").body == lines


def test_counter_date_and_token_make_no_other_article() -> None:
    page = (
        "<html><body><form><input name='__VIEWSTATE' value='{token}'><h1>Hợp tác xã trồng sen họp mặt</h1><div>{body}"
        "</div><div>Lượt xem: {views}</div></form><p>Hôm nay là {today}</p><ul><li>Hôm nay: {views}</li>"
        "<li>Tất cả: {views}</li></ul>"
    )
    body = "".join(f"<p>{text}</p>" for text in PROSE)
    first = clean(page.format(token="aa", body=body, views=214, today="Thứ hai, 01/07/2024"))
    second = clean(page.format(token="zz", body=body, views=1215, today="Thứ ba, 02/07/2024"))
    fields = ("title", "lead", "body", "captions", "author", "published", "event_date", "tables", "attachments")
    assert all(getattr(first, name) == getattr(second, name) for name in fields)
    assert (first.views, second.views) == (214, 1215)


def test_a_page_without_an_article_is_flagged_not_empty_in_silence() -> None:
    record = clean(
        "<html><body><ul><li><a href='/a'>Tin thứ nhất</a></li></ul></body></html>", content_type="text/html"
    )
    assert not record.body and "empty-body" in record.flags and record.blocks


@pytest.mark.skipif(not SEEDS, reason="needs ../shared/data/seeds")
@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_the_seed_texts_equal_their_hand_made_truth(seed: Path) -> None:
    truth: dict[str, Any] = json.loads(seed.with_suffix(".truth.json").read_text(encoding="utf-8"))
    record = clean(seed.read_bytes(), content_type="text/plain")
    published, event = record.published, record.event_date
    author = truth["author"] and truth["author"]["raw"].removeprefix("Tác giả: ")
    counters = truth["site_counters"] and {key: value for key, value in truth["site_counters"].items() if key != "note"}
    assert (record.title, record.category, record.lead) == (truth["title"], truth["category"], None)
    assert (published and published.value) == truth["published"]["value"]
    assert (published and published.precision) == truth["published"]["precision"]
    assert (event and event.value, event and event.raw) == (truth["event_date"]["value"], truth["event_date"]["raw"])
    assert (record.author, record.views, record.site_counters) == (author, truth["view_count"], counters)
    assert list(record.body) == truth["body"]
    assert list(record.captions) == [caption["text"] for caption in truth["captions"]]
    removed = Counter(block.text for block in record.removed)
    assert not Counter(squash(line["text"]) for line in truth["boilerplate"]) - removed


@pytest.mark.skipif(not RECORDING.exists(), reason="needs ../shared/recordings")
@pytest.mark.parametrize("layouts", [None, Layouts(())], ids=["layout", "no layout"])
def test_the_recorded_portal_comes_out_whole(layouts: Layouts | None) -> None:
    from warcio.archiveiterator import ArchiveIterator

    rows = [json.loads(line) for line in (SHARED / "data/nukeviet-truth.jsonl").read_text("utf-8").splitlines()]
    truth = {row["url"]: row for row in rows}
    with RECORDING.open("rb") as stream:
        for entry in ArchiveIterator(stream):
            row = truth.get(entry.rec_headers.get_header("WARC-Target-URI"))
            if row is None or entry.rec_type != "response" or entry.http_headers.get_statuscode() != "200":
                continue
            del truth[row["url"]]
            record = clean(entry.content_stream().read(), url=row["url"], layouts=layouts)
            assert record.title == squash(row["title"])
            assert record.published and record.published.value == row["published"]
            assert (record.author, record.source) == (squash(row["author"]) or None, squash(row["source"]) or None)
            assert list(record.body) == [squash(text) for text in row["body_paragraphs"]]
            assert [text for text in record.captions if text != squash(row["home_caption"])] == row["captions"]
            assert [[list(cells) for cells in table] for table in record.tables] == row["table_rows"]
            assert bool(record.attachments) == bool(row["attachment"])
            assert layouts is not None or record.lead == squash(row["lead"])
    assert not truth


def test_prose_after_the_container_is_no_lead() -> None:
    other = "Sáng nay, đoàn công tác của xã đã đi thăm các hộ trồng sen ở ba ấp ven sông và trao giống mới cho bà con."
    page = f"""<html><body><div class="news_column"><h1 class="title">Thông báo lịch tiếp dân tháng Tám</h1>
      <div id="news-bodyhtml"><p>Xem tệp đính kèm</p></div></div><div class="other"><p>{other}</p></div>"""
    record = clean(page)
    assert record.lead is None and other in [block.text for block in record.removed]


def test_an_anchor_without_address_is_no_link() -> None:
    page = "".join(f"<p>{text}</p>" for text in PROSE)
    record = clean(f'<div id="news-bodyhtml"><a name="top">{page}</div>', content_type="text/html")
    assert record.body == PROSE
