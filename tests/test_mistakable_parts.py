"""Parts of a page that are easily taken for something else: each is read as a person who sees the page reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaning import Record, clean
from cleaning.layouts import Layouts, load_layouts
from tests.test_cleaning import PROSE

HEAD = "Hợp tác xã trồng sen họp mặt đầu năm"
PROSE_HTML = "".join(f"<p>{text}</p>" for text in PROSE)
WORDPRESS = "<link href='/wp-content/themes/nha/style.css' rel=stylesheet>"


def _page(meta: str, body: str, *, below: str = "", layouts: Layouts | None = None) -> Record:
    """Clean a page of one NukeViet article."""
    article = f"<div class='news_column'><h1 class='title'>{HEAD}</h1>{meta}<div id='news-bodyhtml'>{body}</div>{below}"
    return clean(f"<html><head><title>{HEAD}</title></head><body>{article}</div></body></html>", layouts=layouts)


@pytest.mark.parametrize(
    ("meta", "value"),
    [
        ("<p>bởi <a href=/u>hnd</a> | <span>27/04/2022</span> | <a href=/c>Tin</a> | <a href=/b>0 Lời bình</a></p>",
         "2022-04-27"),
        ("<ul><li><a href=/d>27/04/2022</a></li><li>10:23</li></ul>", "2022-04-27T10:23:00+07:00"),
        ("<div>Thứ tư, 27/04/2022, 10:24 <a href=#>Tăng cỡ chữ</a> | <a href=#>Đọc bài viết</a></div>",
         "2022-04-27T10:24:00+07:00"),
        ("<div><a href=/x>27/04/2022 10:24</a></div>", "2022-04-27T10:24:00+07:00"),
        ("<div>Thứ Tư, 27/04/2022 20:35<span>/</span>Số lần xem (8803)<span>/</span>Phản hồi (0)</div>",
         "2022-04-27T20:35:00+07:00"),
        ("<div><a href=/x>Xã bên họp mặt ngày 27/04/2022</a></div>", None),
    ],
)  # fmt: skip
def test_a_date_below_the_title_is_read_beside_links_and_with_its_clock(meta: str, value: str | None) -> None:
    published = _page(meta, PROSE_HTML, layouts=Layouts()).published
    assert (published.value if published else None) == value


@pytest.mark.parametrize(
    ("below", "author", "source"),
    [
        ("<p align=right>Lò Sương</p><p align=right>Bài cuối: Gỡ những nút thắt</p>", "Lò Sương", None),
        ("<p><b>Lò Sương</b></p><p>[1] Nghị quyết số 12 của Huyện ủy.</p>", "Lò Sương", None),
        ("<p><b>Lò Sương</b></p><p>#trongsen #nongthonmoi</p>", "Lò Sương", None),
        ("<p align=right>Lò Sương (Theo vidu.gov.vn)</p>", "Lò Sương", "vidu.gov.vn"),
        ("<p align=right><b>Lò Sương</b></p><p><i>Theo Sở Nông nghiệp</i></p>", "Lò Sương", "Sở Nông nghiệp"),
        ("<p><b>PV: Trân trọng cảm ơn bà!</b></p><p><b>Lò Sương (thực hiện)</b></p>", "Lò Sương (thực hiện)", None),
        ("<table><tr><td></td><td align=center><b>Lò Sương</b></td></tr></table>", "Lò Sương", None),
        ("<p align=right><b>Lò Sương</b></p><p><b>DANH SÁCH HỘ ĐẠT GIẢI</b></p><table>"
         "<tr><td>Giải</td><td>Hộ</td></tr><tr><td>Nhất</td><td>Cầm Văn Phủ</td></tr></table>", "Lò Sương", None),
    ],
)  # fmt: skip
def test_the_byline_is_found_above_what_may_stand_below_it(below: str, author: str, source: str | None) -> None:
    record = _page("", PROSE_HTML + below)
    assert (record.author, record.source) == (author, source)
    assert not any("Lò Sương" in text for text in record.body)


def test_an_account_and_a_label_without_a_name_sign_nothing_but_a_reporter_does() -> None:
    for name, author in (("Super User", None), ("PV", "PV"), ("Tác giả:", None)):
        page = f"<html><head>{WORDPRESS}<title>{HEAD}</title></head><body><article class='post'><h1>{HEAD}</h1>"
        page += f"<span class='author'>{name}</span><div class='entry-content'>{PROSE_HTML}</div></article>"
        assert clean(page).author == author


@pytest.mark.parametrize(
    "body",
    [
        "<div class='carousel'><img src=a.jpg><div class='carousel-caption'>Bà con ra đồng</div></div>",
        "<p><img src=a.jpg></p><p style='text-align:center'>Ảnh minh họa</p>",
        "<p class='Image'><img src=a.jpg></p><p class='Image'>Bà con ra đồng thu sen. Ảnh: Báo Vùng cao.</p>",
        "<div class='AdsBox'>{prose}<p style='text-align:center'><img src=a.jpg></p><p><i>Bà con ra đồng</i></p></div>",
    ],
)  # fmt: skip
def test_a_caption_stays_one_in_slides_after_a_picture_and_in_wrappers(body: str) -> None:
    record = _page("", body.format(prose=PROSE_HTML) if "{prose}" in body else PROSE_HTML + body)
    assert len(record.captions) == 1
    assert record.body == PROSE


def test_initials_in_a_pictures_table_are_no_caption() -> None:
    rows = ("<img src=a.jpg>", "Bà con ra đồng", f"{PROSE_HTML}<p><b>Q.T</b></p>")
    record = _page("", f"<table>{''.join(f'<tr><td>{row}</td></tr>' for row in rows)}</table>")
    assert (record.captions, record.author, record.body) == (("Bà con ra đồng",), "Q.T", PROSE)


@pytest.mark.parametrize("stray", ["</div>", "</div></div>"])
def test_a_stray_end_tag_does_not_cut_the_article(stray: str) -> None:
    first, *rest = PROSE
    prose = f"<p>{first}</p>{stray}" + "".join(f"<p>{text}</p>" for text in rest)
    record = _page("", f"{'<div>' if stray.count('div') > 1 else ''}{prose}")
    assert record.body == PROSE


def test_a_paragraph_that_the_parser_closed_before_its_text_is_no_body() -> None:
    detail = f"<p class='tandan-p-article-news-title'>{HEAD}</p><p class='tandan-p-article-main'><div><p>Một.</p>"
    page = f"<body><div class='tandan-article-detail'>{detail}<p>Ngắn thôi.</p></div></p></div></body>"
    assert clean(page).body == ("Một.", "Ngắn thôi.")


def test_a_list_of_documents_in_the_text_is_text_and_one_below_it_is_attached() -> None:
    name = "Quyết định số 27/QĐ-UBND ban hành quy định về hạn mức giao đất trồng sen"
    links = f"<ul><li><a href=/vb/27.pdf>{name}</a></li></ul>"
    within, below = _page("", links + PROSE_HTML), _page("", PROSE_HTML + links)
    assert (within.body, below.body) == ((name, *PROSE), PROSE)
    assert [file.text for file in (*within.attachments, *below.attachments)] == [name, name]


def test_a_box_without_a_sentence_is_not_the_article_though_its_names_say_so() -> None:
    box = (
        "<div class='journal-content-article' id='article_1'>Thời tiết<br><b>35°C</b><p>Độ ẩm: 64%, gió nhẹ.</p></div>"
    )
    article = f"<div class='khung'><p class='title01'>{HEAD} tại xã Nậm Sen</p><div>{PROSE_HTML}</div></div>"
    page = (
        f"<html><head><title>Huyện Nậm Sen - Huyện Nậm Sen</title></head><body>{article}<div>{box}</div></body></html>"
    )
    record = clean(page, layouts=Layouts())
    assert (record.title, record.body) == (f"{HEAD} tại xã Nậm Sen", PROSE)
    assert clean(page).body == PROSE


def test_settings_that_word_left_and_a_second_title_or_date_are_not_the_article() -> None:
    paste = f"<p>{HEAD}</p><p>12/04/2024 08:30</p><p>Normal 0 false false false EN-US X-NONE X-NONE</p>"
    assert _page("", paste + PROSE_HTML).body == PROSE


def test_of_several_elements_above_the_article_the_first_below_the_title_is_meant(tmp_path: Path) -> None:
    row = """[sen]
evidence = "measured"
hosts = ["sen.vidu.gov.vn"]
container = [".bai"]
title = ["h1"]
date = [".nho"]
"""
    (tmp_path / "sen.toml").write_text(row, encoding="utf-8")
    small = "<b class='nho'>11/02/2024</b><h1>{}</h1><b class='nho'>12/03/2024 07:30</b><i class='fa fa-eye'></i>"
    page = f"<body>{small.format(HEAD)}<b class='nho'>2723</b><div class='bai'>{PROSE_HTML}</div></body>"
    record = clean(page, url="https://sen.vidu.gov.vn/1", layouts=load_layouts(tmp_path))
    assert record.published and record.published.value == "2024-03-12T07:30:00+07:00"
    assert (record.views, record.body) == (2723, PROSE)


@pytest.mark.parametrize(
    "sentence",
    [
        "Giấy phép số 12/GP-UBND do UBND tỉnh cấp ngày 05/4/2023 cho phép hợp tác xã khai thác cát tại bến Sen.",
        "Bản quyền thuộc về tác giả của bộ ảnh, ban tổ chức chỉ giữ quyền trưng bày trong hai năm.",
        "Ghi rõ nguồn gốc sản phẩm là điều kiện bắt buộc để được dán tem của huyện.",
        "Đánh giá bài viết của các thí sinh, ban giám khảo chọn ra 12 bài xuất sắc nhất vòng này.",
        "Đính kèm: mỗi hồ sơ phải có hai ảnh và bản sao căn cước công dân của chủ hộ.",
        "Chịu trách nhiệm nội dung chương trình văn nghệ là nghệ nhân Lò Thị Sương ở bản Nậm Sen.",
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_a_sentence_that_begins_like_furniture_is_prose(sentence: str, known: bool) -> None:
    record = _page("", f"<p>{sentence}</p>{PROSE_HTML}<p>{sentence}</p>", layouts=None if known else Layouts())
    assert record.body == (sentence, *PROSE, sentence)
    notice = "Ghi rõ nguồn Cổng thông tin điện tử huyện khi phát hành lại thông tin từ website này."
    assert _page("", f"{PROSE_HTML}<p>{notice}</p>").body == PROSE


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_sites_imprint_is_no_article_however_short_the_article_is(count: int) -> None:
    prose = tuple(f"Sáng {number + 3}/5, bà con bản Nậm Sen ra đồng cấy lúa." for number in range(count))
    lines = ("Cơ quan chủ quản: UBND xã Nậm Sen", "Chịu trách nhiệm: Ông Lò Văn Phủ", "Địa chỉ: Bản Nậm Sen")
    imprint = "".join(f"<p>{line}</p>" for line in (*lines, "Điện thoại: 0201.3307.336 - Fax: 0201.3307.337"))
    body = "".join(f"<p>{text}</p>" for text in prose)
    page = f"<h1>{HEAD}</h1><div class='noi_dung'>{body}</div><div id='chan'>{imprint}</div>"
    record = clean(f"<html><head><title>{HEAD}</title></head><body>{page}</body></html>", layouts=Layouts())
    assert (*filter(None, [record.lead]), *record.body) == prose


@pytest.mark.parametrize(
    "line",
    [
        "12/03/2024 08:42 Lượt xem: 4730",
        "12/03/2024 08:30 4.730 lượt xem",
        "<span>12/03/2024 08:42</span><span>Lượt xem: 4730</span><span>Tác giả: Lò Sương</span>",
        "Lượt đọc: 4730 <span>Cỡ chữ: A- A+</span>",
        "<i class='ci-eye'></i> 4.730",
    ],
)
def test_views_are_never_the_minutes_before_them(line: str) -> None:
    record = _page(f"<div class='nho'>{line}</div>", PROSE_HTML, layouts=Layouts())
    assert record.views == 4730
    assert record.author == ("Lò Sương" if "Sương" in line else None)
    assert record.body == PROSE


@pytest.mark.parametrize("title", ["V/v tăng cường phòng, chống dịch tả lợn", "Bản Nậm Sen vào vụ cấy mới năm nay"])
@pytest.mark.parametrize(
    "top",
    [
        "<div class='_c4'>{}</div><div><span>12/03/2024 08:42</span></div>",
        "<div class='tieude_tin'>{}</div><h2 class='mo'>Sáng nay, bà con bản Nậm Sen đã ra đồng cấy thửa đầu.</h2>",
        "<div><a href='/t'>Tin xã</a></div><div class='title-news'><span>{}</span></div>",
        "<h1>HUYỆN NẬM SEN</h1><div class='tieude_tin'>{}</div><div>12/03/2024 08:42</div>",
    ],
)
def test_a_title_in_no_heading_is_found_by_its_name_or_above_the_date(title: str, top: str) -> None:
    page = f"<div class='khung'>{top.format(title)}<div>{PROSE_HTML}<p><b>I. KẾ HOẠCH</b></p></div></div>"
    record = clean(f"<html><head><title>Tin xã - Chi tiết</title></head><body>{page}</body></html>", layouts=Layouts())
    assert record.title == title


def test_a_source_above_the_byline_and_lines_of_a_poem_are_told_apart() -> None:
    poem = "<p style='text-align:center'><em>Nậm Sen mùa nước lên xanh<br>Thuyền ai chở nắng qua ghềnh</em></p>"
    below = "<p align=right><i>Theo TTXVN</i></p><p align=right><b>Trạm Y tế xã</b></p>"
    record = _page("", PROSE_HTML + poem + below)
    assert (record.author, record.source, record.captions) == ("Trạm Y tế xã", "TTXVN", ())


@pytest.mark.parametrize(
    ("top", "foot"),
    [
        ("<div class='tren'><h1>HUYỆN NẬM SEN</h1><h2>Đoàn kết - Kỷ cương - Phát triển</h2></div>", ""),
        ("<h1 class='site-title'><a class='logo' href='/'>Huyện Nậm Sen</a></h1>", ""),
        ("<h3 class='muc'>Tin nổi bật</h3>", ""),
        ("", "<table><tr><td colspan=3 align=center><b>Tin tức - Huyện Nậm Sen</b></td></tr></table>"),
    ],
)
@pytest.mark.parametrize(
    "lead", ["", "<p class='trich'>Bà con bản Nậm Sen ra đồng cấy vụ mới từ sáng sớm hôm nay.</p>"]
)
def test_the_sites_name_motto_and_boxes_are_no_title(top: str, foot: str, lead: str) -> None:
    small = f"<p class='td_tin'>{HEAD}</p><p class='gio'>Đăng ngày 27-12-2022</p>{lead}"
    page = f"{top}<div class='khung'>{small}<div class='nd'>{PROSE_HTML}</div></div>{foot}"
    head = "<head><title>Tin tức - Huyện Nậm Sen</title></head>"
    record = clean(f"<html>{head}<body>{page}</body></html>", layouts=Layouts())
    assert (record.title, record.body) == (HEAD, PROSE)
    assert record.published and record.published.value == "2022-12-27"
    assert bool(record.lead) == bool(lead)


def test_a_layouts_title_is_not_the_sites_linked_name() -> None:
    site = "<header id='banner'><h1 class='site-title'><a class='logo' href='/'>Huyện Nậm Sen</a></h1></header>"
    tools = "<div class='box-tools'><a href='#'>Xem cỡ chữ</a> <a href='#'>Đọc bài viết</a></div>"
    inner = f"<h2 class='titleNews'>{HEAD}</h2><div class='time-news'>02/08/2022 10:15</div>{tools}{PROSE_HTML}"
    page = f"{site}<div class='journal-content-article'>{inner}</div>"
    record = clean(f"<html><head><title>Chi tiết tin - Huyện Nậm Sen</title></head><body>{page}</body></html>")
    assert (record.layout, record.title, record.body) == ("liferay-journal", HEAD, PROSE)


def test_a_label_alone_is_no_source() -> None:
    field = (
        "<div class='field-name-field-nguon'><div class='field-label'>Nguồn:&nbsp;</div><div>vidu.gov.vn</div></div>"
    )
    body = f"<div class='field-name-body'>{PROSE_HTML}</div>"
    page = f"<body class='node-type-tin'><h1 class='page-title'>{HEAD}</h1><div class='node'>{body}{field}</div></body>"
    assert clean(page).source == "vidu.gov.vn"
