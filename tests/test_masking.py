"""Private numbers go, public ones stay, and no other number is touched."""

from __future__ import annotations

import pytest

from archive.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Liên hệ anh Mẫu, điện thoại 0912345678.", "Liên hệ anh Mẫu, điện thoại 091•••••••."),
        ("ĐT: 0912 345 678 (gặp chị Thử)", "ĐT: 091• ••• ••• (gặp chị Thử)"),
        ("gọi +84 38.123.4567 hoặc", "gọi +84 3•.•••.•••• hoặc"),
        ("số căn cước 079085012345 cấp ngày", "số căn cước 079••••••••• cấp ngày"),
        ("CMND số 285 123 456, trú tại", "CMND số 285 ••• •••, trú tại"),
        ("mã 001 085 012 345 của ông", "mã 001 ••• ••• ••• của ông"),
    ],
)
def test_private_numbers_are_dotted_out(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert len(mask(text)) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "Điện thoại cơ quan: (0272) 3826 262, 02963.852.575",
        "Tổng đài 1900 1234 và 18001091",
        "Đường dây nóng của Sở: 0912 345 678",
        "Tổng thu ngân sách 12.345.678.901 đồng, 285123456 lượt",
        "Quyết định số 0912345678/QĐ-UBND ngày 08/09/2023",
        "kinh phí 0,912345678 tỷ đồng; mã hồ sơ 912345678",
        "ngày 20230908 lúc 07:42, 99.537 hồ sơ, 2022-2027",
    ],
)
def test_public_and_other_numbers_stay(text: str) -> None:
    assert mask(text) == text
