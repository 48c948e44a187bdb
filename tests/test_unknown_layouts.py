"""Pages that no layout fits, where other prose than the article's is longer, nearer the top or all there is."""

from __future__ import annotations

import random
from itertools import product

import pytest

from cleaning import clean
from cleaning.layouts import Layouts
from cleaning.record import Record
from tests.made_pages import BODIES, WORDS, Story, make_body, make_story

_HEAD = "<html><head><title>{title} - Cổng thông tin</title></head><body>"
_MENU = (
    "<ul>"
    + "".join(f"<li><a href='/m{n}'>{name}</a></li>" for n, name in enumerate(("Giới thiệu", "Bộ máy")))
    + "</ul>"
)
_FOOT = (
    "<div class='z9'><p>Cơ quan chủ quản: Ủy ban nhân dân xã Bình Hòa Đông. Chịu trách nhiệm: ông Lê Văn Tám.</p>"
    "<p>Địa chỉ: số 12, đường 30 tháng 4, xã Bình Hòa Đông; điện thoại: 0272 000 000; thư điện tử: xa@vidu.vn.</p>"
    "<p>Ghi rõ nguồn khi phát hành lại thông tin từ trang này.</p></div></body></html>"
)
_COMMENT = (
    "<div><b>Bạn đọc {n}</b><p>Tôi đồng tình với cách làm này, mong xã sớm nhân rộng, bà con ấp tôi đang chờ.</p></div>"
)

_TOP = "<h1>{title}</h1><i>{date}</i><p><b>{lead}</b></p>"
FRAMES = {
    "column right of it": f"{{menu}}<div><div class='a'>{_TOP}<div>{{body}}</div></div>"
    "<div class='b'><h2>Tin nổi bật</h2>{teasers}</div></div>",
    "column left of it": "<div><div class='l'>{menu}{teasers}</div><div class='c'><div>{title}</div><div>{date}</div>"
    "<div>{lead}</div><div>{body}</div></div></div>",
    "below it in one column": "{menu}<div class='a'><h2>{title}</h2><div>{date}</div><p>{lead}</p>{body}"
    "<div><h4>Tin khác</h4>{teasers}</div></div>",
    "body without an element": "{menu}<h1>{title}</h1><p>{date}</p><p><em>{lead}</em></p>{body}<hr>{teasers}",
    "one main element": f"<header>{{menu}}</header><main><article>{_TOP}{{body}}</article>"
    "<section><h2>Đọc nhiều</h2>{teasers}</section></main>",
    "an anchor never closed": f"{{menu}}<div>{_TOP}<div><a name='top'>{{body}}</div></div>{{teasers}}",
    "tables, one title for all pages": "<html><head><title>Trang thông tin xã</title></head><body><table>"
    "<tr><td>{menu}</td><td><table><tr><td><b>{title}</b></td></tr><tr><td>{date}</td></tr><tr><td><b>{lead}</b></td></tr>"
    "<tr><td>{body}</td></tr></table></td><td>{teasers}</td></tr></table>",
    "readers' comments": f"{{menu}}<div>{_TOP}<div>{{body}}</div><div><h3>Ý kiến (9)</h3>{{comments}}</div></div>",
}
TEASERS = {
    "headings": "<div class='k{n}'><h3><a href='/t{n}'>{title}</a></h3><p>{summary}</p></div>",
    "dated": "<div><span>0{n}/03/2024</span><div><a href='/t{n}'>{title}</a></div><div>{summary}</div></div>",
    "cards": "<a href='/t{n}'><div><h4>{title}</h4><p>{summary}</p></div></a>",
    "read on": "<div><h4>{title}</h4><p>{summary} <a href='/t{n}'>[Chi tiết]</a></p></div>",
    "flat": "<h5><a href='/t{n}'>{title}</a></h5><p>{summary}</p>",
    "rows": "<table><tr><td><a href='/t{n}'>{title}</a><div>{n}/3/2024</div>{summary}</td></tr></table>",
}
ALL = product(list(FRAMES)[:3], TEASERS, ["p", "two sentences", "nothing"])
PAGES = [
    *product(FRAMES, ["headings"], ["p", "br", "div"]),
    *product(list(FRAMES)[:3], TEASERS, ["p", "two sentences", "nothing"]),
]


def _sentence(chance: random.Random) -> str:
    words = f"{chance.choice(WORDS['subjects'])} {chance.choice(WORDS['deeds'])}, {chance.choice(WORDS['reasons'])}."
    return words.format(a=chance.randint(101, 999), b=chance.randint(3, 30))


def _clean(markup: str) -> Record:
    record = clean(markup, layouts=Layouts(()))
    assert "layout-unknown" in record.flags
    return record


def _article(record: Record) -> list[str]:
    labels = ("lead", "heading", "paragraph", "caption", "author", "source", "table")
    return [block.text for block in record.blocks if block.label in labels]


def _story(chance: random.Random, body: str) -> Story:
    story = make_story(chance, 1)
    story.lead = story.lead or _sentence(chance)
    if body in ("two sentences", "nothing"):
        story.byline = ""
        two = ("Điểm bán lưu động mở cửa từ sáng thứ bảy.", "Bà con đến trước được hướng dẫn tận nơi, không mất phí.")
        story.parts = [("p", text) for text in two] if body == "two sentences" else []
    return story


@pytest.mark.parametrize(("frame", "teaser", "body"), PAGES)
def test_other_prose_is_never_taken_for_the_article(frame: str, teaser: str, body: str) -> None:
    chance = random.Random(f"{frame} {teaser} {body}")
    story = _story(chance, body)
    teasers = "".join(
        TEASERS[teaser].format(
            n=n,
            title=f"{chance.choice(WORDS['subjects'])} đón vụ mới thứ {n}",
            summary=_sentence(chance) + " " + _sentence(chance),
        )
        for n in range(1, 8)
    )
    head = "" if FRAMES[frame].startswith("<html") else _HEAD
    markup = (head + FRAMES[frame] + _FOOT).format(
        menu=_MENU,
        title=story.title,
        date="14/03/2024 08:15",
        lead=story.lead,
        body=make_body(BODIES.get(body, BODIES["p"]), story),
        teasers=teasers,
        comments="".join(_COMMENT.format(n=n) for n in range(9)),
    )
    record = _clean(markup)
    assert record.title == story.title
    assert _article(record) == [story.lead, *(text for _, text in story.parts), *filter(None, [story.byline])]


_PROSE = [
    "Tổ hợp tác vừa gieo xong sáu mươi công lúa, bà con tranh thủ dặm lại những khoảnh bị ốc cắn trong tuần qua.",
    "Nước về sớm hơn mọi năm, nên trạm bơm đầu kênh chạy suốt đêm, và phí bơm được hợp tác xã ứng trước cho các hộ.",
    "Theo kế hoạch, tổ sẽ họp vào cuối tháng để chia công, chốt giá phân bón và chọn ngày xuống giống vụ sau.",
    "Mấy hôm nay trời dịu, ông Tư Lành mang ghe ra vàm thả lưới, trưa về đủ cá cho cả xóm nấu nồi canh chua.",
]
_LINK = "<p><a href='/d{n}'>Trung tâm khuyến nông liên xã</a> cho biết: {text}</p>"
_RULES = [
    "Theo quy chế, tổng biên tập là người chịu trách nhiệm trước pháp luật về mọi nội dung đăng trên trang của xã.",
    "Việc phát hành lại phải ghi rõ nguồn và được cơ quan chủ quản đồng ý bằng văn bản, trừ khi trích dẫn ngắn.",
]
LIKE_FOREIGN = {
    "links open its paragraphs": (
        "<h1>{title}</h1><div>" + "".join(_LINK.format(n=n, text=text) for n, text in enumerate(_PROSE)) + "</div>",
        [f"Trung tâm khuyến nông liên xã cho biết: {text}" for text in _PROSE],
    ),
    "its sections are linked to": (
        "<h1>{title}</h1>"
        + "".join(f"<h3><a href='#s{n}'>Chuyện ở ấp số {n}</a></h3><p>{t}</p>" for n, t in enumerate(_PROSE)),
        [line for n, text in enumerate(_PROSE) for line in (f"Chuyện ở ấp số {n}", text)],
    ),
    "a heading reads like that of comments": (
        "<h1>{title}</h1><h3>Ý kiến</h3>" + "".join(f"<p>{text}</p>" for text in _PROSE),
        _PROSE,
    ),
    "it tells of imprints": ("<h1>{title}</h1><div>" + "".join(f"<p>{text}</p>" for text in _RULES) + "</div>", _RULES),
    "its title links to itself": (
        "<div><h2><a href='/chuyen-mua-vu'>{title}</a></h2>"
        + "".join(f"<p>{text}</p>" for text in _PROSE[:1])
        + "</div>",
        _PROSE[:1],
    ),
}


@pytest.mark.parametrize("trap", LIKE_FOREIGN)
def test_an_article_that_looks_like_other_prose_stays(trap: str) -> None:
    inner, lines = LIKE_FOREIGN[trap]
    markup = (_HEAD + "{menu}<div>" + inner + "</div>" + _FOOT).format(
        title="Chuyện mùa vụ ở một miền kênh rạch", menu=_MENU
    )
    got = _article(_clean(markup))
    assert [line for line in got if line != "Ý kiến"] == lines


@pytest.mark.parametrize("heading", ["<h1>Tin hoạt động</h1>", ""])
def test_a_list_of_articles_is_no_article(heading: str) -> None:
    teasers = "".join(
        TEASERS["headings"].format(n=n, title=f"Chuyện thứ {n} của làng", summary=_PROSE[n % 4]) for n in range(9)
    )
    record = _clean(_HEAD.format(title="Tin hoạt động") + _MENU + heading + f"<div>{teasers}</div>" + _FOOT)
    assert "no-article" in record.flags
    assert not _article(record)
