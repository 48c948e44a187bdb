"""Hides phone and identity numbers of private persons in the published copy; the working archive stays true.

Masked: mobile numbers, twelve-digit identity numbers, and nine-digit ones that the text itself calls so. Not masked:
land lines and 1800/1900 numbers, which are offices', and what the text gives as a hotline. Each hidden digit becomes
a dot, so a masked text keeps its length and shows that something stood there.
"""

from __future__ import annotations

import re

DOT = "•"

_GAP = r"[\s.\-]?"
_MOBILE = re.compile(
    rf"(?<![\d/.,\-])(?:\+84|84|0){_GAP}(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9\d)(?:{_GAP}\d){{7}}(?![\d/]|[.,]\d)"
)
_CITIZEN = re.compile(rf"(?<![\d/.,\-])0\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{3}}(?![\d/]|[.,]\d)")
_CALLED = re.compile(
    r"((?:CMND|CMTND|CMT|CCCD|căn cước(?: công dân)?|chứng minh (?:nhân dân|thư)|định danh(?: cá nhân)?)\D{0,25})"
    r"(\d(?:[\s.]?\d){8}(?:(?:[\s.]?\d){3})?)(?!\d)",
    re.IGNORECASE,
)
_OFFICE = re.compile(r"(đường dây nóng|hotline|tổng đài|trực ban|trực chỉ huy)[^.;\n]{0,60}$", re.IGNORECASE)


def mask(text: str) -> str:
    """Return the text with private numbers dotted out, the first three digits left for orientation."""
    text = _CALLED.sub(lambda found: found[1] + _dotted(found[2]), text)
    text = _CITIZEN.sub(lambda found: _dotted(found[0]), text)
    return _MOBILE.sub(lambda found: found[0] if _OFFICE.search(text, 0, found.start()) else _dotted(found[0]), text)


def _dotted(number: str) -> str:
    kept = 0
    dotted = []
    for char in number:
        kept += char.isdigit()
        dotted.append(DOT if char.isdigit() and kept > 3 else char)
    return "".join(dotted)
