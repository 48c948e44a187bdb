"""The provinces before and after 1 July 2025 are complete, agree with the source table, and stay in order."""

from __future__ import annotations

import csv
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from archive.connect import connect
from cleaning.command import Problem
from scrapers import tables
from scrapers.provinces import SHIPPED, load_provinces, sort_key
from scrapers.registry import load_portals

TABLE = Path(__file__).parents[1].parent / "shared" / "data" / "provinces.tsv"
BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


def test_63_provinces_became_34() -> None:
    provinces = load_provinces()
    old = [unit for unit in provinces if unit.in_force(BEFORE)]
    new = [unit for unit in provinces if unit.in_force(AFTER)]
    assert (len(old), len(new)) == (63, 34)
    assert {provinces.now(unit).id for unit in old} == {unit.id for unit in new}
    assert len([unit for unit in new if len(provinces.members(unit)) == 1]) == 11


@pytest.mark.skipif(not TABLE.exists(), reason="the source table is not part of the repository")
def test_every_unit_and_merger_equals_the_source_table() -> None:
    provinces = load_provinces()
    rows = list(csv.DictReader(TABLE.open(encoding="utf-8"), delimiter="\t"))
    ours = {
        (unit.name, unit.code, unit.domain, now.name, now.code, now.domain)
        for unit in provinces
        if unit.vintage == 2024
        for now in [provinces.now(unit)]
    }
    theirs = {
        (row["old_name"].partition(" (")[0], row["old_gso_code"], row["old_domain"], row["new_name"], row["new_code"],
         row["new_domain"])
        for row in rows
    }  # fmt: skip
    assert ours == theirs


def test_a_code_is_told_apart_by_its_vintage() -> None:
    provinces = load_provinces()
    long_an, tay_ninh = provinces.unit("Long An"), provinces.unit("Tây Ninh")
    assert long_an and tay_ninh
    assert (provinces.code(long_an, 2024), provinces.code(long_an, 2025)) == ("80", "80")
    assert (provinces.code(tay_ninh, 2024), provinces.code(tay_ninh, 2025)) == ("72", "80")
    after = provinces.unit("Tây Ninh", AFTER)
    assert after and provinces.code(after, 2024) is None


def test_search_finds_old_names_and_other_spellings() -> None:
    provinces = load_provinces()
    assert [unit.id for unit in provinces.search("quang nam")] == ["quang_nam_2024"]
    assert {unit.id for unit in provinces.search("Huế")} == {"thua_thien_hue_2024", "hue_2025"}
    assert {unit.id for unit in provinces.search("sai gon")} == {"ho_chi_minh_2024", "ho_chi_minh_2025"}
    hoa = provinces.unit("Hòa Bình")
    assert hoa and provinces.now(hoa).name == "Phú Thọ"


def test_names_sort_as_vietnamese_does() -> None:
    names = [
        "Đồng Nai",
        "Hà Nội",
        "Đà Nẵng",
        "Điện Biên",
        "Bình Định",
        "Cần Thơ",
        "Cà Mau",
        "Đắk Lắk",
        "Bến Tre",
        "An Giang",
    ]
    assert sorted(names, key=sort_key) == [
        "An Giang", "Bến Tre", "Bình Định", "Cà Mau", "Cần Thơ",
        "Đà Nẵng", "Đắk Lắk", "Điện Biên", "Đồng Nai", "Hà Nội",
    ]  # fmt: skip
    assert sorted(["Đa", "Da", "Dạ", "Dã", "Dá", "Dà", "Dả", "E"], key=sort_key) == [
        "Da", "Dà", "Dả", "Dã", "Dá", "Dạ", "Đa", "E",
    ]  # fmt: skip
    assert max(sort_key(unit.name) for unit in load_provinces()).isascii()


def test_a_later_change_is_a_further_vintage(tmp_path: Path) -> None:
    text = SHIPPED.read_text("utf-8")
    ended = text.replace("[dong_nai_2025]\n", '[dong_nai_2025]\nvalid_to = 2026-04-30\nbecomes = "dong_nai_2026"\n')
    file = tmp_path / "provinces.toml"
    file.write_text(
        ended + '\n[dong_nai_2026]\nname = "Đồng Nai"\nname_en = "Dong Nai"\nkind = "city"\ncode = "75"\n'
        "vintage = 2026\nvalid_from = 2026-05-01\n", "utf-8",
    )  # fmt: skip
    provinces = load_provinces(file)
    binh_phuoc = provinces.unit("Bình Phước")
    assert binh_phuoc and [unit.vintage for unit in provinces.lineage(binh_phuoc)] == [2024, 2025, 2026]
    assert provinces.now(binh_phuoc).kind == "city"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("vintage = 2024\n", "", 1), "[ha_noi_2024] vintage: expected the year of the list"),
        (('code = "01"', 'code = "1"', 1), "[ha_noi_2024] code: expected two digits"),
        (('code = "02"', 'code = "01"', 1), "[ha_giang_2024] code: expected a code of its own; ha_noi_2024 has"),
        (('becomes = "ha_noi_2025"', 'becomes = "ha_noi"', 1), "[ha_noi_2024] becomes: expected the table of another"),
        (('kind = "city"', 'kind = "town"', 1), '[ha_noi_2024] kind: expected "province" or "city"'),
    ],
)  # fmt: skip
def test_a_mistake_is_one_clear_line(tmp_path: Path, change: tuple[str, str, int], told: str) -> None:
    file = tmp_path / "provinces.toml"
    file.write_text(SHIPPED.read_text("utf-8").replace(*change), "utf-8")
    with pytest.raises(Problem) as problem:
        load_provinces(file)
    assert told in str(problem.value)
    assert "\n" not in str(problem.value)


def test_the_archive_refuses_a_code_without_its_vintage(tmp_path: Path) -> None:
    db = connect(tmp_path / "archive.db")
    tables.enter(db, load_portals().values())
    assert db.execute("SELECT count(*), count(becomes) FROM provinces").fetchone()[:] == (97, 63)
    assert (
        db.execute("SELECT count(*) FROM portals WHERE province_id IS NULL AND level <> 'ministry'").fetchone()[0] == 3
    )
    row = "INSERT INTO provinces (id, name, folded, sort_key, code, vintage) VALUES ('x', 'X', 'x', 'x', '80', ?)"
    for vintage in (None, 2024):  # no vintage at all; and a code that Long An has in that vintage
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(row, (vintage,))
    db.close()
