"""Sites whose pages give little help: the same head title everywhere, no element round the prose, notices of a line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cleaning import Layouts, Record, clean
from cleaning.learn import learn

HAMLETS = (
    *("Nà Lầu", "Bản Pheo", "Khuổi Lịa", "Pác Bó Hạ", "Tân Hòa", "Vĩnh Lợi"),
    *("Gò Sao", "Cây Dừa", "Suối Cát", "Đồng Quan", "Bàu Trắng", "Hòn Khói"),
)
SITE = "Cổng thông tin điện tử xã Vĩnh An"


def _title(n: int) -> str:
    return f"Thôn {HAMLETS[n]} đón điện lưới sau {n + 3} năm chờ đợi"


def _prose(n: int) -> list[str]:
    hamlet = HAMLETS[n]
    long = [
        f"Bà con thôn {hamlet} quây quần bên nhà văn hóa từ chiều để chờ giờ đóng điện, ai cũng có quà quê.",
        f"Đường dây dài {n + 4} cây số được kéo qua ba quả đồi, có đoạn công nhân ở {hamlet} phải gùi sứ bằng vai.",
        f"Trưởng thôn {hamlet} cho biết mỗi hộ góp {n + 2} ngày công phát tuyến, không ai nhận đền bù.",
        f"Từ nay lớp học xóa mù của {hamlet} mở vào buổi tối, máy xát lúa thay cối giã đã dùng {n + 20} năm.",
    ]
    return long[:1] if n % 4 == 3 else long


def _unwrapped(n: int) -> str:
    prose = "".join(f"<p>{text}</p>" for text in _prose(n))
    small = f"<p class=nho>Ngày đăng: {n + 1:02}/08/2024 | Đã xem: {n + 90}</p>"
    return f"<div class=khung><h3>{_title(n)}</h3>{small}{prose}</div>"


def _spans(n: int) -> str:
    prose = "<br><br>".join(_prose(n))
    small = f"<span class=TieuDe>{_title(n)}</span><br><span>{n + 1:02}/08/2024 07:30</span>"
    return f"<div id=pnl>{small}<div id=nd>{prose}</div></div>"


def _page(article: str, n: int) -> bytes:
    menu = "".join(f"<li><a href='/m{k}'>Mục số {k} của cổng</a></li>" for k in range(12))
    others = "".join(f"<li><a href='/b{k}'>{_title(k)}</a> (0{k + 1}/07/2024)</li>" for k in range(5) if k != n)
    head = f"<head><title>{SITE}</title><meta property='og:title' content='{SITE}'></head>"
    foot = f"<div id=chan>{SITE}. Điện thoại: 0205.123.456</div>"
    clock = f"<div id=dau>Hôm nay, {n + 2:02}/11/2024<ul>{menu}</ul></div>"
    return (
        f"<html>{head}<body>{clock}{article}<div id=khac><b>Tin khác</b><ul>{others}</ul></div>{foot}</body>".encode()
    )


@pytest.mark.parametrize("article", [_unwrapped, _spans])
def test_a_site_without_head_titles_and_wrappers_is_learnt(article: Callable[[int], str]) -> None:
    pages = [(f"http://xa.vidu.gov.vn/bai-{n}", _page(article(n), n)) for n in range(len(HAMLETS))]
    layouts = Layouts(tuple(found.layout() for found in learn(pages[:8]).layouts))
    for n, (url, body) in enumerate(pages):
        record: Record = clean(body, url=url, layouts=layouts)
        assert record.layout and record.layout.startswith("learnt-"), url
        assert (record.title, [*filter(None, [record.lead]), *record.body]) == (_title(n), _prose(n)), url
        assert record.published and record.published.value.startswith(f"2024-08-{n + 1:02}"), url
