"""The registry is data that people edit: every mistake is one line with file, table, field and what was expected."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from cleaning.command import USAGE, Problem
from scrapers import families
from scrapers.identity import identify
from scrapers.provinces import load_provinces
from scrapers.registry import load_portals

ROW = """
[{id}]
name = "Cổng thông tin"
family = "generic"
base_url = "{url}"
province = "Long An"
"""


def registry(tmp_path: Path, text: str) -> Path:
    (tmp_path / "tinh.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_every_shipped_row_loads() -> None:
    portals = load_portals()
    assert portals
    assert all(portal.slot and portal.base_url.startswith("http") for portal in portals.values() if portal.crawl)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('famly = "generic"', "famly: expected a field of the registry; did you mean family?"),
        ('valid_from = "2020-01-01"', "valid_from: expected a date"),
        ("quiet_days = 0", "quiet_days: expected a whole number of at least 1"),
        ('listings = "/tin-tuc"', "listings: expected a list"),
        ('listings = ["tin-tuc"]', "listings: expected paths beginning with /"),
        ("crawl = 1", "crawl: expected true or false"),
        ('media = "some"', "media: expected one of none, attachments, all"),
        ('level = "tinh"', "level: expected one of province"),
        ('deny = ["("]', "deny: expected a regular expression"),
        ("verified = true", "verified: expected false, or the date"),
        ("valid_from = 2025-01-01\nvalid_to = 2024-01-01", "valid_to: expected a day not before"),
        ('intermediates = "missing.pem"', "intermediates: expected a PEM file"),
        ('aliases = ["http://a.vn"]', "aliases: expected host"),
    ],
)
def test_a_malformed_row_is_one_clear_line(tmp_path: Path, line: str, told: str) -> None:
    folder = registry(tmp_path, ROW.format(id="cong", url="https://tinh.gov.vn") + line + "\n")
    with pytest.raises(Problem) as problem:
        load_portals(folder)
    assert "tinh.toml: [cong]: " + told in str(problem.value)
    assert problem.value.exit_code == USAGE
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize(
    "text", ["[cong\n", "cong = 3\n", "[Cong]\n", "[cong]\nname = 'x'\n", ROW.format(id="a", url="x.vn")]
)
def test_a_broken_file_is_one_clear_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(Problem, match=r"tinh\.toml"):
        load_portals(registry(tmp_path, text))


def test_the_longest_prefix_on_a_host_wins_and_shadows_the_shorter(tmp_path: Path) -> None:
    rows = ROW.format(id="tinh", url="https://tinh.gov.vn") + ROW.format(
        id="so_y_te", url="https://www.tinh.gov.vn/SoYTe"
    )
    portals = load_portals(registry(tmp_path, rows))
    assert portals.find("http://tinh.gov.vn:80/soyte/tin-1.html") == portals["so_y_te"]
    assert portals.find("https://www.tinh.gov.vn/soyte2/tin-1.html") == portals["tinh"]
    assert portals.find("https://khac.gov.vn/") is None
    assert portals["tinh"].covers("https://tinh.gov.vn/tin")
    assert not portals["tinh"].covers("https://tinh.gov.vn/SoYTe/tin")


def test_a_host_that_changes_hands_is_two_rows_with_periods(tmp_path: Path) -> None:
    rows = (
        ROW.format(id="cu", url="https://tinh.gov.vn")
        + "valid_to = 2025-06-30\n"
        + ROW.format(id="moi", url="https://tinh.gov.vn").replace("Long An", "Tây Ninh")
        + "valid_from = 2025-07-01\n"
    )
    portals = load_portals(registry(tmp_path, rows))
    found = [portals.find("https://tinh.gov.vn/x", day) for day in (date(2025, 6, 30), date(2025, 7, 1), None)]
    assert [portal.id for portal in found if portal] == ["cu", "moi", "moi"]
    with pytest.raises(Problem, match="one row per host, prefix and period"):
        load_portals(registry(tmp_path, rows.replace("2025-07-01", "2025-06-01")))


@pytest.mark.parametrize(
    ("province", "told"),
    [
        ("Long Ann", "expected a province's name of then, or Trung ương; found 'Long Ann'; did you mean Long An?"),
        ("Long An", "expected a province that existed on 2025-07-01; 'Long An' did so until 2025-06-30"),
    ],
)
def test_a_province_is_one_of_the_rows_own_time(tmp_path: Path, province: str, told: str) -> None:
    row = ROW.format(id="moi", url="https://a.vn").replace("Long An", province) + "valid_from = 2025-07-01\n"
    with pytest.raises(Problem, match=re.escape(f"[moi]: province: {told}")):
        load_portals(registry(tmp_path, row))


def test_a_crawl_of_everything_asks_a_surviving_host_once() -> None:
    asked = load_portals().to_crawl(date(2026, 1, 1))
    assert len({place for portal in asked for place in portal.places}) == sum(len(portal.places) for portal in asked)
    ids = {portal.id for portal in asked}
    assert {"da_nang_2025", "quang_nam"} <= ids
    assert not {"da_nang", "quang_nam_hcc"} & ids
    before = {portal.id for portal in load_portals().to_crawl(date(2025, 6, 1))}
    assert "da_nang" in before
    assert "da_nang_2025" not in before


def test_every_portal_yields_its_first_request() -> None:
    for portal in load_portals().values():
        asks = families.load(portal.family).start(portal) if portal.base_url else ()
        assert bool(asks) == bool(portal.base_url)
        for ask in asks:
            assert portal.covers(ask.url), (portal.id, ask.url)
            assert identify(ask.url + "x-1.html", portal) is not None


def test_the_registry_covers_every_province_then_and_now() -> None:
    portals = [portal for portal in load_portals().values() if portal.level == "province"]
    hosts = {portal.host for portal in portals}
    assert {unit.domain for unit in load_provinces()} <= hosts
    then = {portal.province for portal in portals if portal.valid_from is None}
    now = {portal.province for portal in portals if portal.valid_to is None}
    assert then >= {unit.name for unit in load_provinces() if unit.vintage == 2024}
    assert now == {unit.name for unit in load_provinces() if unit.vintage == 2025}
    assert len(load_portals()) >= 120
    assert all(portal.evidence and portal.evidence_date for portal in load_portals().values())


def test_an_unknown_portal_names_the_nearest(tmp_path: Path) -> None:
    portals = load_portals(registry(tmp_path, ROW.format(id="long_an_hcc", url="https://a.vn")))
    with pytest.raises(Problem, match="did you mean long_an_hcc"):
        portals.get_known("longan_hcc")
