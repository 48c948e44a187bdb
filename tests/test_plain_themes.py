"""Plain themes that no layout knows, as real installs print them: the site's name, who posted, leads, times."""

from __future__ import annotations

import pytest

from cleaning import Record, clean
from cleaning.layouts import Layouts
from tests.test_cleaning import PROSE

SITE = "Cổng thông tin điện tử huyện Suối Vàng"


def _bare_page(title: str, head: str, inner: str) -> Record:
    """Clean a page as a CMS's plainest theme prints it: the site's name as a link home, nothing with a telling name."""
    top = f"<div><div><a href='/'>{SITE}</a></div></div>"
    article = f"<div><div><h1>{title}</h1></div>{inner}</div>"
    return clean(f"<html><head><title>{head}</title></head><body>{top}{article}</body></html>", layouts=Layouts())


@pytest.mark.parametrize("title", ["Khoai Nà Kim", "Chuyến khoai đầu tiên của bản Nà Kim đi xa hơn chợ huyện"])
@pytest.mark.parametrize("head", ["{title} | {site}", "{title} - {site}", "{site} » {title}", "{site}"])
def test_the_sites_name_is_no_title_though_the_pages_head_names_it(title: str, head: str) -> None:
    related = "".join(f"<li><a href='/{n}'>Tin số {n} của bản Nà Kim trong tháng vừa rồi</a></li>" for n in range(40))
    prose = "".join(f"<p>{paragraph}</p>" for paragraph in PROSE)
    for inner in (prose, f"<div><ul>{related}</ul></div><div><div>{prose}</div></div>"):
        assert _bare_page(title, head.format(title=title, site=SITE), inner).title == title


@pytest.mark.parametrize(
    ("account", "byline", "author"),
    [
        ("Viết bởi Quản trị viên", "<p style='text-align:right'><b>Lò Thị Sương</b></p>", "Lò Thị Sương"),
        ("Written by: Super User", "<p>Tin, ảnh: Cầm Văn Phủ</p>", "Cầm Văn Phủ"),
        ("Người đăng: vanthu", "<p style='text-align:right'>H.A</p>", "H.A"),
        ("Viết bởi Lò Thị Sương", "", "Lò Thị Sương"),
        ("10/02/2021 bởi Cầm Văn Phủ", "<p style='text-align:right'><b>Lò Thị Sương</b></p>", "Lò Thị Sương"),
        ("10/02/2021 bởi Cầm Văn Phủ", "<p>Tin, ảnh: Lò Thị Sương</p>", "Lò Thị Sương"),
        ("10/02/2021 bởi Cầm Văn Phủ", "", "Cầm Văn Phủ"),
        ("Tác giả: Lò Thị Sương", "<p style='text-align:right'><i>Cầm Văn Phủ</i></p>", "Lò Thị Sương"),
    ],
)
def test_who_posted_a_page_gives_way_to_the_byline_in_its_prose(account: str, byline: str, author: str) -> None:
    prose = "".join(f"<p>{paragraph}</p>" for paragraph in PROSE)
    record = _bare_page(
        "Mùa sen mới",
        f"Mùa sen mới | {SITE}",
        f"<dl><dd class='createdby'>{account}</dd></dl><div>{prose}{byline}</div>",
    )
    assert (record.author, record.body) == (author, PROSE)


def test_a_lead_longer_than_any_paragraph_is_not_taken_for_the_article() -> None:
    """The library scores paragraphs: two lines of a layout table's cell may lose against the lead above."""
    cell = f"<table width='100%'><tbody><tr><td>{'<br><br>'.join(PROSE[1:])}</td></tr></tbody></table>"
    record = _bare_page("Mùa sen mới", f"Mùa sen mới | {SITE}", f"<div><div>{PROSE[0]}</div></div><div>{cell}</div>")
    assert [*filter(None, [record.lead]), *record.body] == list(PROSE)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (
            "<time class='entry-date' datetime='2025-07-15T13:18:18+07:00'>15/07/2025</time>",
            "2025-07-15T13:18:18+07:00",
        ),
        ("<time datetime='2025-07-15T13:18:18+07:00'>ba hôm trước</time>", "2025-07-15T13:18:18+07:00"),
        ("<time datetime='2025-07-19T08:00:00+07:00'>15/07/2025</time>", "2025-07-15"),
        ("<time class='updated' datetime='2025-07-19T08:00:00+07:00'></time><p>15/07/2025</p>", "2025-07-15"),
    ],
)
def test_a_time_element_makes_the_shown_date_finer_and_never_another(line: str, value: str) -> None:
    prose = "".join(f"<p>{paragraph}</p>" for paragraph in PROSE)
    record = _bare_page("Mùa sen mới ở xã", f"Mùa sen mới ở xã | {SITE}", f"<div>{line}</div><div>{prose}</div>")
    assert record.published and record.published.value == value
