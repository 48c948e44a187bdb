"""The page of a search: narrowed, linked and followed, and honest about how far back it has read."""

from __future__ import annotations

import pytest

from archive.site.pages import hits
from tests import pages_kit
from tests.pages_kit import Site, ask, read


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return pages_kit.make(tmp_path_factory.mktemp("search"))


def test_a_search_can_be_narrowed_linked_and_followed(site: Site) -> None:
    def found(query: str) -> list[str]:
        (reply,) = ask(site, f"/tim?{query}")
        assert reply.status_code == 200
        links: list[str] = read(reply.text).xpath("//ol[@class='articles']//a[@class='title']/@href")
        return links

    assert len(found("q=cho+phien")) == 20
    (first,) = ask(site, "/tim?q=cho+phien")
    following = read(first.text).xpath("//a[@rel='next']/@href")[0]
    (second,) = ask(site, following)
    seen = found("q=cho+phien") + read(second.text).xpath("//a[@class='title']/@href")
    assert len(seen) == len(set(seen)) == 25
    assert len(found("q=cho+phien&from=2026-06-24&to=2026-06-30")) == 2
    assert len(found("from=2026-06-24&to=2026-06")) == 2
    assert found("state=gone") == [f"/bai/{site.ids['gone']}"]
    assert found("province=Long+An&now=T%C3%A2y+Ninh&q=dai+hoi") == [f"/bai/{site.ids['congress']}"]
    assert found("q=%C4%91%E1%BA%A1i+h%E1%BB%99i&exact=1") == [f"/bai/{site.ids['congress']}"]
    assert found("q=dai+hoi&exact=1") == []
    assert found("q=dai+hoi&office=h%C3%A0nh+ch%C3%ADnh+c%C3%B4ng&from=2024&to=2024") == [
        f"/bai/{site.ids['congress']}"
    ]
    assert found("q=dai+hoi&office=tay+ninh") == []
    assert found("q=hoi+dai") == [f"/bai/{site.ids['congress']}"], "apart, where nothing has them together"
    assert found("q=cho+phien&sort=relevance")


def test_a_search_with_exact_accents_reads_so_many_texts_and_says_how_far_it_got(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hits, "LOOKED_AT", 10)
    wanted = 25  # articles of the kit that hold "chợ phiên"; none holds "chờ phiên"
    for typed, exact in (("chợ+phiên", wanted), ("chờ+phiên", 0)):
        found: list[str] = []
        path = f"/tim?q={typed}&exact=1"
        for _ in range(9):
            (reply,) = ask(site, path)
            page = read(reply.text)
            found += page.xpath("//ol[@class='articles']//a[@class='title']/@href")
            if not (following := page.xpath("//a[@rel='next']/@href")):
                break
            assert "Tìm tiếp trong các bài cũ hơn" in reply.text and "mới đọc lại đến ngày" in reply.text
            path = following[0]
        assert len(found) == len(set(found)) == exact and not following
    (ranked,) = ask(site, "/tim?q=chợ+phiên&exact=1&sort=relevance")
    assert "chỉ xếp 10 bài mới nhất" in ranked.text
    monkeypatch.setattr(hits, "LOOKED_AT", 1000)
    (ranked, rest) = ask(
        site, "/tim?q=chợ+phiên&exact=1&sort=relevance", "/tim?q=chợ+phiên&exact=1&sort=relevance&page=1"
    )
    assert "chỉ xếp" not in ranked.text
    links = [read(reply.text).xpath("//ol[@class='articles']//a[@class='title']/@href") for reply in (ranked, rest)]
    assert [len(page) for page in links] == [20, 5] and len({*links[0], *links[1]}) == 25


def test_relevance_ranks_the_newest_and_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(monkeyed: int) -> tuple[str, list[str]]:
        monkeypatch.setattr(hits, "RANKED", monkeyed)
        (reply,) = ask(site, "/tim?q=chợ+phiên&sort=relevance")
        return reply.text, read(reply.text).xpath("//ol[@class='articles']//a[@class='title']/@href")

    (newest,) = ask(site, "/tim?q=chợ+phiên")
    in_time = read(newest.text).xpath("//ol[@class='articles']//a[@class='title']/@href")
    text, some = found(7)
    assert "chỉ xếp 7 bài mới nhất" in text and set(some) == set(in_time[:7]) and len(some) == 7
    text, everything = found(1000)
    assert "chỉ xếp" not in text and len(everything) == 20
