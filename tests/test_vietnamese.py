"""Letters, numbers and languages."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaning.vietnamese import fold, is_syllable, language, read_number, spelling, squash


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("185 664", 185664), ("185\u00a0664", 185664), ("47.416", 47416), ("1.232.000", 1232000), ("185,665", 185665),
        ("214", 214), ("08", 8), (" 7 ", 7), ("47,64", None), ("1.23", None), ("1.234,567", None), ("", None),
        ("12 34", None), ("1234 567", None), ("một", None),
    ],
)  # fmt: skip
def test_a_counted_number_is_read_with_its_separators(text: str, number: int | None) -> None:
    assert read_number(text) == number


def test_variants_of_one_spelling_fold_alike() -> None:
    assert fold("Đảng  uỷ") == fold("đảng\u00a0ủy") == fold("ĐẢNG ỦY") == fold("dang uy") == "dang uy"
    assert fold("khoá") == fold("khóa")
    assert squash(" lần\u00a0thứ \n XII ") == "lần thứ XII"


def test_spelling_tells_vietnamese_words_from_what_a_wrong_table_leaves() -> None:
    words = "nghiêng khuya quyển giếng thoắt quốc gì Đắk Lắk xoong ngoằn ngoèo yêu nước uỷ ủy lũy luỹ thuở khuỷu tay"
    assert [word for word in words.split() if not is_syllable(word)] == []
    assert [word for word in ("tétt", "cắb", "hóc̃", "kách", "µ", "ch¬i", "bàc", "señor") if is_syllable(word)] == [
        "kách"
    ]
    assert spelling("Hội đồng nhân dân huyện Long An") == (5, 5)
    assert spelling("Héi ®ång nh©n d©n huyÖn")[0] <= 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Sáng nay, bà con xã vùng cao xuống chợ phiên từ rất sớm để bán chè và mật ong rừng.", "vi"),
        ("The people of the highland commune came to the market early in the morning to sell tea and honey.", "en"),
        ("Les habitants de la commune sont venus au marché de bonne heure pour vendre du thé et du miel.", "fr"),
        ("今天早上，山区的人们很早就来到集市上卖茶叶和蜂蜜。", "zh"),
        ("오늘 아침 산간 마을 사람들이 일찍 시장에 나와 차와 꿀을 팔았습니다.", "ko"),
        ("UBND huyen thuc hien cong tac cho cac xa trong tinh va khong de nguoi dan cua huyen bi thieu nuoc", "vi"),
        ("Lễ hội", None),
        ("", None),
        ("12/3/2024 10:00 214 185 664", None),
    ],
)
def test_language_is_told_by_rule_and_null_when_too_short(text: str, code: str | None) -> None:
    assert language(text) == code


@given(st.text(st.sampled_from("aĐđÀẠỹơ ƯÔ“”…–\u00a0\t\n\0\x1c\u0301\u0323ßﬁ中İ²")))
def test_folding_takes_every_mark_off_and_squashes_white_space(text: str) -> None:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).casefold().replace("đ", "d"))
    assert fold(text) == " ".join("".join(letter for letter in apart if not unicodedata.combining(letter)).split())


def test_letters_that_only_vietnamese_has_decide_for_long_texts() -> None:
    vietnamese = "Ủy ban nhân dân huyện vừa tổ chức lễ ra quân hưởng ứng Tết trồng cây đời đời nhớ ơn Bác Hồ. "
    english = (
        "The People's Committee of Ứng Hòa held a ceremony on the day of trees and thanked all who have been in it. "
    )
    assert (language(vietnamese * 2), language(english * 2)) == ("vi", "en")
