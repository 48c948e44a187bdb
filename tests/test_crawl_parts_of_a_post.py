"""A post cut into several pages is one article: its second page is neither an edit of it nor another article."""

from __future__ import annotations

from pathlib import Path

from scrapers import families
from tests.hostile.cases import SENTENCES, page
from tests.hostile.portals import running, site
from tests.hostile.proof import crawl, query
from tests.hostile.raw import Answer, whole

SECOND = tuple(sentence.replace("xóm", "bản").replace("Người dân", "Bà con") for sentence in reversed(SENTENCES))


def wordpress(part: int, modern: bool) -> Answer:
    """A post's page as WordPress writes it; `modern` themes number the parts, others say it in the body's class."""
    says = "" if modern or part == 1 else f" paged-{part} single-paged-{part}"
    head = (
        f"<link rel='shortlink' href='/?p=31'><link rel='canonical' href='/tin/bai/{'' if part == 1 else f'{part}/'}'>"
    )
    numbers = (
        f'<p>Trang <span class="post-page-numbers current" aria-current="page">{part}</span></p>' if modern else ""
    )
    text = page("bai", SENTENCES if part == 1 else SECOND, head=head, extra=numbers)
    return whole(text.replace("<body>", f'<body class="single single-post postid-31{says}">').encode())


def listing(item: str, *addresses: str) -> Answer:
    items = "".join(
        f"<div class='{item}'><h2 class='entry-title item-title'><a href='{address}'>Khơi mương dẫn nước về đồng"
        f" {'và còn nữa' * number}</a></h2></div>"
        for number, address in enumerate(addresses)
    )
    return whole(f"<html><body>{items}</body></html>".encode())


def test_the_second_page_of_a_post_is_no_version_of_the_first(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    portals = {}
    for name, modern in (("moi", True), ("cu", False)):
        parts = {f"/tin/bai/{'' if part == 1 else f'{part}/'}": wordpress(part, modern) for part in (1, 2)}
        portals[name] = site({}, {"/tin-tuc": listing("hentry", *parts), **parts}, good=0)
    with running(portals, tmp_path / "registry") as world:
        file = world.registry / "xau.toml"
        rows = [line for line in file.read_text().splitlines() if not line.startswith("article")]
        file.write_text("\n".join(rows).replace('family = "generic"', 'family = "wordpress"'))
        run = crawl(archive, world.registry)
        asked = {name: {entry.target for entry in server.log} for name, server in world.servers.items()}
    assert all("/tin/bai/2/" in targets for targets in asked.values()), "it was never asked for: nothing is proved"
    versions = "SELECT u.portal, u.canonical, v.record FROM versions v JOIN urls u ON u.id = v.article_id ORDER BY 1"
    found = query(archive, versions)
    assert [row[0] for row in found] == ["cu", "moi"], run.err[-3000:]
    assert all(canonical.endswith("/tin/bai/") and SENTENCES[2] in record for _, canonical, record in found)
    assert query(archive, "SELECT count(*) FROM urls WHERE state <> 'live'") == [(0,)]


def test_joomla_numbers_the_parts_of_an_article() -> None:
    family = families.load("joomla")
    for counter, later in (("Page 1 of 2", False), ("Trang 2 / 12", True), ("Trang 10 / 12", True), ("1/2", False)):
        told = f'<body class="site view-article"><div class="pagenavcounter">{counter}</div>'.encode()
        assert family.is_no_article(told) is later
