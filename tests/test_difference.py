"""Promise: a comparison hides nothing, invents nothing, and counts words as a reader would."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.difference import compare, words_changed

WORDS = st.sampled_from(["xã", "họp", "ngày", "21/6/2024", "thu", "ngân", "sách", "đạt", "47,6%", "–", "hội", "nghị."])
TEXT = st.lists(st.lists(WORDS, min_size=1, max_size=12).map(" ".join), max_size=5).map("\n\n".join)


@given(TEXT, TEXT)
def test_both_texts_can_be_read_back(old: str, new: str) -> None:
    paragraphs = compare(old, new)
    for text, hidden in ((old, "added"), (new, "dropped")):
        sides = ("".join(p.text for p in paragraph.pieces if p.kind != hidden) for paragraph in paragraphs)
        assert "\n\n".join(side for side in sides if side) == text
    assert words_changed(compare(old, old)) == 0
    assert any(paragraph.changed for paragraph in paragraphs) == (old != new)


def test_one_corrected_figure_is_one_word() -> None:
    old = "Toàn tỉnh tiếp nhận 47.416 hồ sơ.\n\nĐoạn sau giữ nguyên."
    paragraphs = compare(old, old.replace("47.416", "47.461"))
    assert words_changed(paragraphs) == 1
    assert [(p.kind, p.text) for p in paragraphs[0].pieces] == [
        ("same", "Toàn tỉnh tiếp nhận "), ("dropped", "47.416"), ("added", "47.461"), ("same", " hồ sơ."),
    ]  # fmt: skip
    assert not paragraphs[1].changed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a b " * 100_000, "b a " * 100_000),
        ("một hai\n\n" * 9_000, "một hai\n\n" * 9_000 + "hai ba"),
        ("\n\n".join(f"đoạn {n} x" for n in range(9_000)), "\n\n".join(f"{n} khác hẳn" for n in range(9_000))),
        (" ".join(map(str, range(14_000))), " ".join(map(str, range(14_000, 0, -1)))),
    ],
    ids=["one huge paragraph", "many equal ones", "many different ones", "long, all moved"],
)
def test_no_two_texts_take_long(old: str, new: str) -> None:
    began = time.process_time()
    words_changed(compare(old, new))
    assert time.process_time() - began < 4


def test_a_replaced_phrase_stays_one_phrase() -> None:
    paragraphs = compare("Chủ trì là ông Trần Văn Bình, Giám đốc.", "Chủ trì là bà Lê Thị Hoa, Giám đốc.")
    assert [p.text for p in paragraphs[0].pieces if p.kind == "dropped"] == ["ông Trần Văn Bình"]
    assert words_changed(paragraphs) == 4
