"""Lines of small print round an article: who, when, how often read, in every form that portals give them."""

from __future__ import annotations

import pytest

from cleaning import Record, clean
from cleaning.bylines import Said, has_name_form, read_labelled
from tests.test_cleaning import PROSE

HEAD = "Hợp tác xã trồng sen họp mặt đầu năm"


def _page(meta: str, body: str = "") -> Record:
    prose = body or "".join(f"<p>{text}</p>" for text in PROSE)
    article = f"<div class='trang'><h1>{HEAD}</h1>{meta}<div class='bai'>{prose}</div></div>"
    return clean(f"<html><head><title>{HEAD}</title></head><body>{article}")


@pytest.mark.parametrize(
    "meta",
    [
        "<div class='d-flex'><span>08/09/2023 07:42</span><span>Lượt xem: 1.760</span></div>",
        "<p><i class='fa fa-clock-o'></i> 08/09/2023 07:42 <i class='fa fa-user'></i> Lò Thị Sương "
        "<i class='fa fa-eye'></i> 1.760</p>",
        "<p><span class='ngay'>08/09/2023 07:42</span> <span class='tac-gia'>Lò Thị Sương</span> "
        "<b class='luot-xem'>1.760</b></p>",
        "<p>(Cập nhật: 07:42 ngày 08/09/2023 - Đã xem 1760 lần)</p>",
        "<p>08/09/2023 07:42 | Đã đọc: 1760</p>",
    ],
)
def test_a_line_of_small_print_is_read_part_by_part(meta: str) -> None:
    record = _page(meta)
    assert record.published and record.published.value == "2023-09-08T07:42:00+07:00"
    assert record.views == 1760
    assert record.author == ("Lò Thị Sương" if "Sương" in meta else None)
    assert record.body == PROSE


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Tác giả: Lò Thị Sương (tổng hợp)", Said("Lò Thị Sương (tổng hợp)")),
        ("(Theo: Báo Nhân Dân)", Said(None, "Báo Nhân Dân")),
        ("Tin, ảnh - Lò Sương", Said("Lò Sương")),
        ("Tác giả: Lò Sương | Nguồn: vidu.gov.vn", Said("Lò Sương", "vidu.gov.vn")),
        ("Video: Trận chung kết bóng chuyền nam của xã", Said()),
        ("Bài cuối: Gỡ những nút thắt ở cơ sở", Said()),
        ("Nguồn ảnh: Internet", Said()),
    ],
)
def test_a_label_is_followed_by_names_or_it_is_none(line: str, said: Said) -> None:
    assert read_labelled(line) == said


@pytest.mark.parametrize(
    "name", ["BS. Lò Thị Sương", "T.Hương - X.Bách", "Lò Sương (thực hiện)", "Đài Truyền thanh xã"]
)
def test_titles_initials_acts_and_units_sign(name: str) -> None:
    assert has_name_form(name, styled=False)


def test_a_date_in_the_prose_is_no_publication_date() -> None:
    opening = "Căn cứ văn bản đề nghị ngày 11/4/2023, xã Vĩnh An thông báo lịch thu gom."
    record = _page("", f"<p>{opening}</p>" + "".join(f"<p>{text}</p>" for text in PROSE))
    assert record.published is None
    assert record.body == (opening, *PROSE)


def test_signs_without_width_and_texts_that_browsers_do_not_show_are_left_out() -> None:
    body = "<video src=a.mp4>Trình duyệt không hỗ trợ.</video>" + "".join(f"<p>\u200b{text}</p>" for text in PROSE)
    record = _page("", body + "<p>\u200b</p>")
    assert record.body == PROSE


def test_a_wrapper_named_like_furniture_is_none_if_the_article_is_in_it() -> None:
    body = "".join(f"<p>{text}</p>" for text in PROSE)
    picture = "<p style='text-align:center'><img src=a.jpg></p><p><em>Bà con ra đồng</em></p>"
    frame = f"<div class='news_column'><h1 class='title'>{HEAD}</h1><div id='news-bodyhtml'>"
    html = f"<body>{frame}<div class='print-content'>{picture}{body}<p><b>Lò Thị Sương</b></p></div></div></div>"
    record = clean(html)
    assert (record.captions, record.body, record.author) == (("Bà con ra đồng",), PROSE, "Lò Thị Sương")


def test_a_layout_whose_container_holds_no_sentence_does_not_fit() -> None:
    box = "<div class='journal-content-article'><ul><li><a href=/a>Công văn số 12</a></li></ul></div>"
    body = "".join(f"<p>{text}</p>" for text in PROSE)
    html = f"<head><title>{HEAD}</title></head><body>{box}<div class='bai'><h1>{HEAD}</h1><div>{body}</div></div>"
    record = clean(html)
    assert (record.layout, record.title, record.body) == ("fallback", HEAD, PROSE)


def test_the_dates_of_a_list_below_the_article_are_not_its_own() -> None:
    body = "".join(f"<p>{text}</p>" for text in PROSE)
    others = "".join(
        f"<li><a href=/{n}>Chuyện số {n}</a> <span class='PostDate'>0{n}/08/2024</span></li>" for n in (1, 2)
    )
    head = f"<h1 class='ArticleHeader'>{HEAD}</h1><div class='ArticleSummary'>{PROSE[0]}</div>"
    article = f"<div class='ArticleDetailControl'>{head}<div class='ArticleContent'>{body}</div></div>"
    record = clean(f"<body>{article}<ul>{others}</ul>")
    assert (record.layout, record.published) == ("vnpt-portal", None)
