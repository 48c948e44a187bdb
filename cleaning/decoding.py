"""Bytes of a page to text: BOM, strict UTF-8, header, meta, then the old Vietnamese encodings by spelling.

Pages of provincial portals lie about their encoding, and old ones carry font encodings (TCVN3, VNI) that no
header can name. Which reading is right is therefore decided by Vietnamese spelling: read with the wrong table,
words are no syllables. A page that stays doubtful is flagged, never silently wrong.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice

from cleaning.vietnamese import language, nfc, spelling

FLAGS = {
    "encoding-repaired": "the text was encoded twice or in a font's own table; it was read back by rule",
    "encoding-guessed": "neither the bytes nor header and meta say the encoding; the best fitting one was taken",
    "encoding-doubtful": "no encoding gives wholly Vietnamese words; some letters may be wrong",
    "capitals-uncertain": "read from TCVN3, which has no capital letters with tone marks; some may have been capitals",
    "undecodable-characters": "some characters were already lost (U+FFFD, ?) or could not be decoded",
    "binary": "the bytes are no text",
}

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(rb"<(?:meta|\?xml)\b[^>]{0,300}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.I)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.I)
_MARKUP = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^<>]*>|&[#\w]{1,30};", re.I | re.S)
_PYTHONS_OWN = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
_SAMPLE = 200_000  # characters that a reading is judged by
_GOOD = 0.95  # share of marked words that must be syllables: names of the highlands and foreign names are not
_FAIR = 0.75
_ENOUGH = 3  # marked words that make a verdict
_DENSE = 0.1  # share of words that are marked in any Vietnamese text; an English page has some © and ×

_SYMBOLS = "\u00a1-\u00ac\u00ae-\u00bf\u0080-\u009f"  # without the soft hyphen, which stands in words by right
# What a 1252 reader makes of bytes 80–9F; the five undefined ones pass as control characters, as in browsers.
_C1 = {
    byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0xA0) if byte not in b"\x81\x8d\x8f\x90\x9d"
}
_SLOPPY = {letter: byte for byte, letter in _C1.items()}
_TWICE_RUN = re.compile(f"(?:[\u00c2-\u00f4][\u0080-\u00bf{re.escape(''.join(_SLOPPY))}]{{1,3}})+")
# Latin-1 characters that are no Vietnamese letters: the first sign of a wrong reading.
_SUSPECT = re.compile("[\u0080-\u009f\u00a1-\u00bfÄÅÆÇËÎÏÐÑÖ×ØÛÜÞßäåæçëîïðñö÷øûüþÿ]")
_VIETNAMESE = re.compile("[\u1ea0-\u1ef9]")
_HOLE = re.compile(r"[^\W\d_]\?+[^\W\d_]")
_BROKEN_WORD = re.compile(f"[^\\W\\d_][{_SYMBOLS}]+[^\\W\\d_]")


@dataclass(frozen=True)
class Decoded:
    """The text, the name of the encoding it was read with, and what is doubtful about it (keys of `FLAGS`)."""

    text: str
    encoding: str
    flags: tuple[str, ...]


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Return a page's text; never raises.

    `content_type` is the header's whole value. The text stays as served (no Unicode normalisation) except where
    it had to be read from an old Vietnamese table, which gives NFC.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return _checked(body[len(bom) :].decode(name, "replace"), name)
    wide = _wide(body)
    if wide:
        return _checked(body.decode(wide, "replace"), wide)
    if _is_binary(body):
        return Decoded(body.decode("latin-1"), "latin-1", ("binary",))
    try:
        return _checked(body.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    if _is_damaged_utf8(body):
        return _checked(body.decode("utf-8", "replace"), "utf-8")
    return _by_spelling(body, _declared(body, content_type))


def _wide(body: bytes) -> str | None:
    """Return UTF-16 without a byte order mark, told by where the zero bytes of its ASCII characters stand."""
    sample = body[:4096]
    if len(sample) < 4:
        return None
    for order, (letters, zeros) in (
        ("utf-16-le", (sample[::2], sample[1::2])),
        ("utf-16-be", (sample[1::2], sample[::2])),
    ):
        if zeros.count(0) > 0.3 * len(zeros) and letters.count(0) < 0.05 * len(letters):
            return order if sum(32 <= byte < 127 for byte in letters) > 0.5 * len(letters) else None
    return None


def _is_binary(body: bytes) -> bool:
    """Tell bytes that no reader shows as text: NULs, or control characters beyond what VISCII's letters need."""
    sample = body[:4096]
    controls = sum(sample.count(byte) for byte in range(32) if byte not in b"\t\n\x0b\x0c\r\x1b")
    return controls > 0.02 * len(sample)


def _is_damaged_utf8(body: bytes) -> bool:
    """Tell UTF-8 with a few broken places (a text cut in the middle of a letter) from another encoding."""
    wide = len(re.findall(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", body))
    lost = body.decode("utf-8", "replace").count("\ufffd")
    return wide >= 10 * lost


def _declared(body: bytes, content_type: str | None) -> list[str]:
    """Return the codecs that header and meta name, header first, known ones only."""
    named = []
    header = _HEADER.search(content_type or "")
    if header:
        named.append(header[1])
    meta = _META.search(body[:4096])
    if meta:
        named.append(meta[1].decode("ascii", "replace"))
    codes = []
    for name in named:
        try:
            code = codecs.lookup(name).name
            body[:16].decode(code, "replace")
        except (LookupError, ValueError, TypeError):
            continue
        # UTF-8 was tried strictly, UTF-16 shows by its zero bytes.
        if not code.startswith("utf") and code not in _PYTHONS_OWN:
            codes.append("cp1252" if code == "iso8859-1" else code)  # as browsers do
    return codes


def _by_spelling(body: bytes, declared: list[str]) -> Decoded:
    """Return the reading whose words are best spelled Vietnamese, else the declared one; a declared one wins a tie."""
    scored = []
    for order, name in enumerate(dict.fromkeys([*declared, *_READERS])):
        text = _read(body, name)
        good, marked = spelling(_words(text))
        scored.append((good / marked if marked else 0.0, -order, good, name, text))
    share, _, good, name, text = max(scored)
    if good >= _ENOUGH and share >= _FAIR:
        return _counted(text, name, () if share >= _GOOD else ("encoding-doubtful",))
    name = declared[0] if declared else "cp1252"
    text = _read(body, name)
    if language(_words(text)) in (None, "vi"):
        return _counted(text, name, ("encoding-doubtful",))
    return _counted(text, name, () if declared else ("encoding-guessed",))


def _words(text: str) -> str:
    """Return a sample of the text outside markup."""
    return _MARKUP.sub(" ", text[: 4 * _SAMPLE])[:_SAMPLE]


@cache
def _tables() -> dict[str, Callable[[str], str]]:
    """Return the font tables: text as Latin letters in, Vietnamese out. Loaded late: most pages never need them."""
    from viparse.normalize.encodings import CHARMAPS
    from viparse.normalize.tables import build_charmap, convert

    tables: dict[str, Callable[[str], str]] = {}
    for name in _FONTS:
        pairs = dict(CHARMAPS[name].pairs)
        if name == "vni":  # the library leaves out what its own documents did not hold
            pairs = {"aú": "ẳ", "AÚ": "Ẳ", "Aú": "Ẳ"} | pairs
        tables[name] = partial(convert, charmap=build_charmap(f"{name}-complete", pairs.items()))
    return tables


_FONTS = ("tcvn3", "vni", "viscii", "vps")
_READERS = ("cp1258", *_FONTS, "cp1252")


def _read(body: bytes, name: str) -> str:
    if name in _FONTS:
        return _from_font(body.decode("latin-1"), name)
    text = body.decode(name, "replace")
    return nfc(text) if name == "cp1258" else text


def _from_font(text: str, name: str) -> str:
    """Return text whose Latin letters stand for a font's, read by its table; signs outside the table as in 1252."""
    converted = _tables()[name](text).translate(_C1)
    if name == "viscii":  # its Õ is everybody else's no-break space
        return re.sub(r"(?<![^\W\d_])Õ(?![^\W\d_])|(?<=[a-zà-ỹđ])Õ", "\u00a0", converted)
    if name == "tcvn3":  # capitals with tones come from a second font, which the text does not name
        return re.sub(r"[^\W\d_]+", lambda word: _all_capital(word[0]), converted)
    return converted


def _all_capital(word: str) -> str:
    plain = [letter for letter in word if letter.isascii()]
    return word.upper() if len(plain) > 1 and all(letter.isupper() for letter in plain) else word


def _checked(text: str, name: str) -> Decoded:
    """Look for text that decodes well and is wrong all the same: encoded twice, or a font's table inside Unicode."""
    if not _is_suspect(text):
        return _counted(text, name, ())
    repaired = _undoubled(text)
    if repaired != text:
        return _counted(repaired, name, ("encoding-repaired", *_doubt(repaired)))
    words = _words(text)
    good, marked = spelling(words)
    if good < _FAIR * marked and marked >= _DENSE * len(words.split()):
        for font in _FONTS:
            fixed_good, fixed_marked = spelling(_tables()[font](words))
            if fixed_good >= max(_ENOUGH, good + 1, _GOOD * fixed_marked):
                return _counted(_from_font(text, font), font, ("encoding-repaired",))
    return _counted(text, name, _doubt(text))


def _is_suspect(text: str) -> bool:
    """Tell whether signs that are no Vietnamese letters stand at letters: a © or » of its own is only a sign."""
    places = (found.start() for found in _SUSPECT.finditer(text))
    at_letters = (
        place for place in places if any(map(str.isalpha, text[place - 1 : place] + text[place + 1 : place + 2]))
    )
    return sum(1 for _ in islice(at_letters, _ENOUGH)) == _ENOUGH


def _doubt(text: str) -> tuple[str, ...]:
    """Flag text in which signs stand inside words, as wrong tables leave them."""
    words = _words(text)
    broken = len(_BROKEN_WORD.findall(words))
    return ("encoding-doubtful",) if broken >= _ENOUGH and broken >= 0.02 * len(words.split()) else ()


def _undoubled(text: str) -> str:
    """Return the text read back from UTF-8 that was taken for Windows-1252 or Latin-1, once or several times."""
    for _ in range(3):
        fixed = _TWICE_RUN.sub(_read_back, text)
        if not _is_better(text, fixed):
            break
        text = fixed
    return text


def _read_back(run: re.Match[str]) -> str:
    data = bytes(_SLOPPY.get(letter, ord(letter) & 0xFF) for letter in run[0])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return run[0]


def _is_better(text: str, fixed: str) -> bool:
    """Fewer misspelled words, and not fewer letters to judge by than a chance hit gives."""
    if fixed == text:
        return False
    (good, marked), (fixed_good, fixed_marked) = spelling(_words(text)), spelling(_words(fixed))
    return fixed_marked - fixed_good + _ENOUGH <= marked - good


def _counted(text: str, name: str, flags: tuple[str, ...]) -> Decoded:
    """Add the flags of lost characters and of lost capitals."""
    certain = name.startswith("utf") and _VIETNAMESE.search(text)
    if "\ufffd" in text or (not certain and _has_lost_letters(text)):
        flags += ("undecodable-characters",)
    if name == "tcvn3":
        flags += ("capitals-uncertain",)
    return Decoded(text, name, flags)


def _has_lost_letters(text: str) -> bool:
    """Tell text in which question marks stand for letters, as a wrong save leaves them."""
    if sum(1 for _ in islice(_HOLE.finditer(text), _ENOUGH)) < _ENOUGH:
        return False
    words = _words(text)
    return len(_HOLE.findall(words)) >= max(_ENOUGH, 0.05 * len(words.split()))
