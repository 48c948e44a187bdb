"""However a page is encoded, its letters come out right, or the page is flagged: never silently wrong."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaning.decoding import FLAGS, Decoded, decode

SEEDS = sorted((Path(__file__).parents[1].parent / "shared" / "data" / "seeds").glob("*.txt"))
TEXTS = (
    "Sáng nay, thị trấn Đồi Chè khai trương chợ phiên đầu năm. Bà con các bản vùng cao gùi măng khô, mật ong và vải "
    "thổ cẩm xuống núi từ lúc trời còn mờ sương; đến trưa, gần như gian hàng nào cũng đã vãn. Ông Lò Văn Ủng bảo: chợ "
    "đông vui hơn hẳn mọi năm, ai nấy đều phấn khởi.",
    "<html><head><title>Xã Bến Nứa tập huấn kỹ thuật trồng nấm</title></head><body><p>Lớp học mở ba buổi, có bốn mươi "
    "lăm hộ ghi danh; giảng viên hướng dẫn cách ủ rơm, giữ ẩm, phòng bệnh và bảo quản sau thu hoạch.</p><p>Kết thúc "
    "khóa học, mỗi học viên nhận một bịch phôi giống để thử nghiệm tại nhà.</p></body></html>",
    "Trường Trung học cơ sở Suối Lội tổ chức ngày hội đọc sách. Học sinh kể chuyện, vẽ bìa sách, đổi sách cũ lấy cây "
    "xanh. Cô hiệu trưởng cho biết thư viện nhà trường vừa được bổ sung hơn một nghìn đầu sách thiếu nhi.",
    "Đội thanh niên xung kích phường Cầu Gỗ ra quân dọn rác ven kênh, phát quang bụi rậm, sửa lại những đoạn lan can "
    "gãy. Chỉ trong một buổi, hàng tấn rác đã được gom lại và chở đi; dòng nước chảy thông, mùi hôi giảm hẳn.",
    "Hợp tác xã Rừng Tràm ký kết bao tiêu sản phẩm với doanh nghiệp chế biến. Nông dân yên tâm mở rộng diện tích, bởi "
    "giá thu mua được ấn định từ đầu vụ, còn phân bón và thuốc bảo vệ thực vật được ứng trước không tính lãi.",
)


def windows_1258(text: str) -> bytes:
    """Encode as Windows does: marked vowel where the table has it, else base letter and tone."""
    out = b""
    for letter in text:
        apart = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in apart if mark in "\u0300\u0301\u0303\u0309\u0323")
        base = unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in tone))
        try:
            out += letter.encode("cp1258")
        except UnicodeEncodeError:
            out += base.encode("cp1258") + tone.encode("cp1258")
    return out


def in_font(name: str) -> Callable[[str], str]:
    """Return an encoder to a font's table, written as the Latin letters that its bytes show as."""
    from viparse.normalize.encodings import CHARMAPS

    table = {letter: latin for latin, letter in reversed(CHARMAPS[name].pairs)}
    table |= {"ẳ": "aú", "Ẳ": "AÚ"} if name == "vni" else {}

    def encode(text: str) -> str:
        small = {letter: letter.lower() for letter in text if letter not in table and letter.lower() in table}
        return "".join(table.get(small.get(letter, letter), letter) for letter in text)

    return encode


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with BOM": lambda text: text.encode("utf-8-sig"),
    "utf-8, letters and marks apart": lambda text: unicodedata.normalize("NFD", text).encode(),
    "utf-16 with BOM": lambda text: text.encode("utf-16"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "windows-1258": windows_1258,
    "tcvn3": lambda text: in_font("tcvn3")(text).encode("latin-1"),
    "vni": lambda text: in_font("vni")(text).encode("latin-1"),
    "viscii": lambda text: in_font("viscii")(text).encode("latin-1"),
    "tcvn3 inside utf-8": lambda text: in_font("tcvn3")(text).encode(),
    "vni inside utf-8": lambda text: in_font("vni")(text).encode(),
    "utf-8 taken for latin-1": lambda text: text.encode().decode("latin-1").encode(),
    "utf-8 taken for latin-1 twice": lambda text: text.encode().decode("latin-1").encode().decode("latin-1").encode(),
    "utf-8 taken for windows-1252": lambda text: text.encode().decode("cp1252", "replace").encode(),
    "marked letters saved as question marks": lambda text: text.encode("latin-1", "replace"),
    "cut in the middle of a letter": lambda text: (text + " kết thúc tại đó ạ").encode()[:-2],
}
CERTAIN = [name for name in ENCODINGS if name not in ("utf-8 taken for windows-1252", "tcvn3", "tcvn3 inside utf-8")][
    :-2
]
HEADERS = (
    None,
    "text/html",
    "text/html; charset=utf-8",
    "text/html; charset=iso-8859-1",
    'text/html; charset="x-sjis2"',
)


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_encoding_is_right_or_flagged(name: str) -> None:
    for text in TEXTS:
        for header in HEADERS:
            decoded = decode(ENCODINGS[name](text), header)
            right = unicodedata.normalize("NFC", decoded.text) == text
            assert right or decoded.flags, (header, decoded.text[:80])
            assert right or name not in CERTAIN, (header, decoded.text[:80])
            assert set(decoded.flags) <= FLAGS.keys()
            if name.startswith("utf-") and "taken" not in name:
                assert decoded.flags == ()


@pytest.mark.skipif(not SEEDS, reason="the seed texts are not at hand")
@pytest.mark.parametrize("name", CERTAIN)
def test_the_seeds_are_right_or_flagged(name: str) -> None:
    for path in SEEDS:
        text = unicodedata.normalize("NFC", path.read_text("utf-8")).replace("\u00a0", " ")
        for fancy, plain in zip("“”–…•", ('"', '"', "-", "...", "*"), strict=True):
            text = text.replace(fancy, plain)  # the old tables lack them
        decoded = decode(ENCODINGS[name](text))
        assert unicodedata.normalize("NFC", decoded.text) == text


def test_utf8_wins_over_header_and_meta_that_say_otherwise() -> None:
    page = f'<html><head><meta charset="windows-1252"></head><body>{TEXTS[0]}</body></html>'
    assert decode(page.encode(), "text/html; charset=iso-8859-1").text == page


def test_signs_of_an_english_page_are_no_letters_of_a_font() -> None:
    prose = "The commune opened a reading room last week and two hundred pupils came on the first day. "
    page = f"<p>{prose * 3}</p>{'<button>×</button>' * 3}<p>© 2024</p>"
    assert decode(page.encode()) == Decoded(page, "utf-8", ())


def test_other_languages_are_left_as_declared() -> None:
    chinese = "今天早上，山区的人们很早就来到集市上卖茶叶和蜂蜜。天气晴朗，人来人往。"
    assert decode(chinese.encode("gb18030"), "text/html; charset=gb18030").text == chinese
    french = "Les élèves de l'école ont été reçus à la mairie de la commune, où le président des élèves les a salués."
    assert decode(french.encode("cp1252"), "text/html; charset=iso-8859-1") == decode(
        french.encode("cp1252"), "x; charset=cp1252"
    )
    assert decode(french.encode("cp1252"), "text/html; charset=iso-8859-1").text == french
    assert decode(french.encode(), None).flags == ()


@pytest.mark.parametrize(
    "body", [b"", b"\x00" * 50, bytes(range(256)) * 9, b"\x89PNG\r\n\x1a\n" + b"\0\x01" * 90, b"\xff\xfe", b"\xe1"]
)
def test_no_bytes_make_it_fail(body: bytes) -> None:
    decoded = decode(body, "text/html; charset=")
    assert decoded.flags or not body or body == b"\xff\xfe"


DECLARED = st.sampled_from(
    (
        None,
        "",
        "text/html; charset=utf-8",
        "x; charset=gb2312",
        "x; charset=punycode",
        "x; charset=unicode_escape",
        "x; charset=hex",
    )
)


@given(st.binary(max_size=200), DECLARED)
@settings(max_examples=200, deadline=None)
def test_any_bytes_with_any_header_decode(body: bytes, declared: str | None) -> None:
    assert set(decode(body, declared).flags) <= FLAGS.keys()
