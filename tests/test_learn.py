"""From eight pages of a site it has never seen, `learn` proposes layouts that clean the site's other pages."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive import clock, frontier, health
from archive.connect import connect
from archive.store import Store
from cleaning import Record, clean, load_layouts
from cleaning.layouts import Layouts
from cleaning.learn import RECENT, Proposal, learn, relearn_reason
from cleaning.vietnamese import nfc
from demo.articles import Article, SiteData, load_sites
from demo.server import Request
from demo.world import Site
from tests.archive_kit import at, capture, new_archive

SITES = {data.manners: data for data in load_sites() if data.manners != "sharepoint_modern"}  # that one is JSON
NAMES = re.compile(r'\b(class|id)="([^"]*)"')


@dataclass(frozen=True)
class Sample:
    url: str
    body: bytes
    truth: Article


def samples(data: SiteData, scrambled: str = "", host: str = "tinh.example.vn") -> list[Sample]:
    site, pages = Site(data), []
    for article in site.articles.values():
        target = site.path_of(article)
        reply = site.respond(Request("GET", target, {}))
        text = reply.body if isinstance(reply.body, str) else reply.body.decode()
        pages.append(Sample(f"http://{host}{target}", scramble(text, scrambled, article.id).encode(), article))
    return pages


def scramble(page: str, how: str, salt: str) -> str:
    """Give every class and id a generated name: one per site, or another on each page."""
    if not how:
        return page

    def generated(name: str) -> str:
        return "c" + hashlib.sha256(f"{name}{salt if how == 'page' else ''}".encode()).hexdigest()[:7]

    return NAMES.sub(lambda match: f'{match[1]}="{" ".join(map(generated, match[2].split()))}"', page)


def shingles(paragraphs: Sequence[str]) -> Counter[tuple[str, ...]]:
    words = " ".join(paragraphs).split()
    return Counter(tuple(words[start : start + 4]) for start in range(max(1, len(words) - 3)))


def check(records: Sequence[tuple[Record, Article]]) -> None:
    """Hold the figures of the issue over all pages together."""
    got, wanted, shared = Counter[str](), Counter[str](), 0
    exact = kept = printed = 0
    for record, truth in records:
        have = [*([record.lead] if record.lead else []), *record.body]
        want = [*([truth.lead] if truth.lead else []), *truth.body]
        a, b = shingles(have), shingles(want)
        shared += sum((a & b).values())
        got["shingles"] += sum(a.values())
        wanted["shingles"] += sum(b.values())
        exact += len([text for text in have if text in want])
        kept += len([text for text in want if text in have])
        got["paragraphs"] += len(have)
        wanted["paragraphs"] += len(want)
        printed += 1
        assert set(truth.captions) <= set(record.captions), record.url
        assert record.title == nfc(truth.title)
        assert truth.author is None or record.author == truth.author, record.url
        assert record.published is None or truth.published is None or record.published.value == truth.published
    assert printed
    assert 2 * shared / (got["shingles"] + wanted["shingles"]) >= 0.995
    assert exact >= 0.98 * got["paragraphs"]
    assert kept >= 0.98 * wanted["paragraphs"]


def learnt(proposal: Proposal) -> Layouts:
    return Layouts(tuple(found.layout() for found in proposal.layouts))


def cleaned(pages: Sequence[Sample], layouts: Layouts) -> list[tuple[Record, Article]]:
    return [(clean(page.body, url=page.url, layouts=layouts), page.truth) for page in pages]


@pytest.mark.parametrize(
    ("manners", "scrambled"),
    [
        *((manners, how) for manners in SITES for how in ("", "site")),
        *((manners, "page") for manners in SITES),
    ],
)
def test_eight_pages_of_a_site_suffice(manners: str, scrambled: str) -> None:
    pages = samples(SITES[manners], scrambled)
    proposal = learn([(page.url, page.body) for page in pages[::2][:8]])
    assert len(proposal.layouts) == 1
    records = cleaned(pages, learnt(proposal))
    used = {record.layout for record, _ in records}
    assert used == {proposal.layouts[0].name} or (scrambled == "page" and not proposal.sure)
    check(records)


@pytest.mark.parametrize("scrambled", ["", "site"])
@pytest.mark.parametrize(("one", "other"), [("vnpt", "webcenter"), ("single_block", "sharepoint_portal")])
def test_two_layouts_of_one_site_both_come_out(one: str, other: str, scrambled: str) -> None:
    first, second = samples(SITES[one], scrambled), samples(SITES[other], scrambled)
    proposal = learn([(page.url, page.body) for pages in (first, second) for page in pages[::2][:8]])
    assert len(proposal.layouts) == 2
    layouts = learnt(proposal)
    used = []
    for pages in (first, second):
        records = cleaned(pages, layouts)
        used.append({record.layout for record, _ in records})
        check(records)
    assert len(used[0]) == len(used[1]) == 1
    assert used[0] != used[1]


def test_the_same_pages_give_the_same_file_and_a_person_can_load_it(tmp_path: Path) -> None:
    pages = [(page.url, page.body) for page in samples(SITES["vnpt"])]
    text = learn(pages).toml()
    assert learn(pages[::-1]).toml() == text
    (tmp_path / "learnt.toml").write_text(text, encoding="utf-8")
    rows = load_layouts(tmp_path).rows
    assert rows[0].names_host("tinh.example.vn")
    assert not re.search(r"^[^#].*\d{5,}", text, re.M), "an address of one article is no rule"


def page_of(number: int, sentence: str) -> str:
    links = "".join(
        f'<li><a href="/bai-{number}{n}.html">Bản tin số {number}{n} của xã vùng cao</a></li>' for n in range(4)
    )
    return f"""<html><head><title>Bản tin thứ {number} về con đường mới {number}</title></head><body>
<div class="menu"><a href="/">Trang chủ</a><a href="/lien-he">Liên hệ</a></div>
<div class="khung"><h1>Bản tin thứ {number} về con đường mới {number}</h1>
<span class="luc">0{number}/0{number}/2024 08:1{number}</span>
<div class="bai"><p>Trang tin xã Bản Mòn trân trọng gửi tới bạn đọc bản tin của tuần này.</p>
<div class="nut"><a href="#">Chia sẻ</a> <a href="#">Gửi bạn bè</a></div>
<p>{sentence}</p><p style="text-align:center"><img src="/anh-{number}.jpg"></p>
<p style="text-align:center"><em>Toàn cảnh con đường mới của bản</em></p>
<p>{sentence.replace("Đoạn", "Chặng")}</p><p style="text-align:right"><b>Lò Thị Mai</b></p>
<div class="cung"><b>Bài cùng mục</b><ul>{links}</ul></div></div></div>
<div class="chan">Địa chỉ: bản Mòn. Số lượt truy cập: 10{number}.20{number}</div></body></html>"""


SENTENCES = [
    "Đoạn qua suối vừa được đổ bê tông, xe máy đi lại dễ dàng kể cả khi trời mưa to.",
    "Đoạn lên đỉnh đèo phải phá đá thủ công vì máy móc chưa thể vào được tới nơi.",
    "Đoạn cuối nối với đường tỉnh dự kiến hoàn thành trước mùa gặt sang năm.",
    "Đoạn qua nương chè do các hộ tự hiến đất, tổng cộng hơn hai nghìn mét vuông.",
    "Đoạn gần trường học được làm vỉa hè để học sinh đi bộ an toàn hơn trước.",
    "Đoạn sạt lở được kè bằng rọ đá, có rãnh thoát nước ở cả hai phía đường.",
    "Đoạn qua chợ sẽ lắp đèn dùng năng lượng mặt trời do một doanh nghiệp tặng.",
    "Đoạn ven hồ trồng hai hàng cây bóng mát, mỗi gia đình nhận chăm sóc ba cây.",
]


def test_what_recurs_in_the_prose_stays_and_what_recurs_as_links_goes() -> None:
    pages = [(f"http://xa.example.vn/bai-{n}.html", page_of(n, text).encode()) for n, text in enumerate(SENTENCES, 1)]
    layouts = learnt(learn(pages))
    for number, (url, body) in enumerate(pages, 1):
        record = clean(body, url=url, layouts=layouts)
        assert record.body[0] == "Trang tin xã Bản Mòn trân trọng gửi tới bạn đọc bản tin của tuần này."
        assert len(record.body) == 3
        assert record.captions == ("Toàn cảnh con đường mới của bản",)
        assert record.author == "Lò Thị Mai"
        assert record.published and record.published.value == f"2024-0{number}-0{number}T08:1{number}:00+07:00"


def test_it_says_when_it_is_not_sure() -> None:
    pages = [(page.url, page.body) for page in samples(SITES["vnpt"])]
    assert learn(pages[:8]).sure
    few = learn(pages[:3])
    assert not few.sure
    assert "# doubtful: " in few.toml()
    assert not learn([]).layouts
    assert learn([("http://x.vn/1", b""), ("http://x.vn/2", b"\x00\xff"), ("http://x.vn/3", b"<p>a</p>")]).layouts == ()
    unnamed = learn([(page.url, page.body) for page in samples(SITES["webcenter"], "page")[:8]])
    assert any("position" in doubt for found in unnamed.layouts for doubt in found.doubts)


def test_relearning_is_suggested_when_a_layout_stops_fitting_or_bodies_shrink() -> None:
    fits, lost = ["vnpt"] * RECENT, ["fallback"] * RECENT
    assert relearn_reason(fits, fits) is None
    assert "fit no layout" in (relearn_reason(fits, lost) or "")
    assert relearn_reason(fits, [*lost[2:], None, "vnpt"])
    assert relearn_reason(fits, [*fits[4:], *lost[4:]]) is None, "some pages never fit"
    assert relearn_reason(lost, lost) is None, "a site that never fitted a layout is no news"
    assert relearn_reason(fits, lost[:2]) is None, "two pages say nothing"
    assert "shrunk" in (relearn_reason(fits, fits, [True] * RECENT) or "")
    assert relearn_reason(fits, fits, [True, False] * RECENT) is None


@pytest.mark.parametrize(
    ("theme", "shrunk", "told"),
    [("", False, None), ("site", False, "fit no layout"), ("", True, "bodies have shrunk")],
)
def test_health_tells_of_a_portal_whose_theme_has_switched(
    tmp_path: Path, theme: str, shrunk: bool, told: str | None
) -> None:
    before, after = samples(SITES["vnpt"])[:RECENT], samples(SITES["vnpt"], theme)[:RECENT]
    path = new_archive(tmp_path)
    now = at(5)
    clock.set_source(lambda: now)
    try:
        with Store(path) as store:
            for number, page in enumerate(before):
                store.add(capture(page.body, key=f"cu-{number}", url=page.url, days=0))
            for number, page in enumerate(after):
                store.add(capture(page.body, key=f"moi-{number}", url=page.url, days=4))
        with closing(connect(path)) as db:
            for (ident,) in db.execute("SELECT id FROM urls").fetchall() if shrunk else ():
                frontier.miss(db, ident, "shrunk")
            (verdict,) = health.judge(db, ["thu_nghiem"])
    finally:
        clock.set_source(None)
    assert [alarm.kind for alarm in verdict.alarms] == (["layout"] if told else [])
    assert told is None or (told in verdict.line() and "tintinh learn" in verdict.line())
