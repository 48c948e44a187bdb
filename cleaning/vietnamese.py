"""Vietnamese letters and numbers: NFC, folding, syllables, counted numbers, and which language a text is in."""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import lru_cache

TONES = "\u0300\u0301\u0303\u0309\u0323"
_STOPPED_TONES = frozenset("\u0301\u0323")  # a syllable ending in c, ch, p, t carries only sắc or nặng

_ONSETS = (
    "b c ch d đ g gh gi h k kh kr l m n ng ngh nh p ph q qu r s t th tr v x",
    "bl br dr gl gr h' hl kl ml mn pl pr sr",  # place and people names of the highlands
)
_RHYMES = (
    "a ac ach ai ak am an ang anh ao ap at au ay ăc ăk ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây",
    "e ec ek em en eng eo ep et ê êch êk êm ên êng ênh êp êt êu",
    "i ia ich iêc iêm iên iêng iêp iêt iêu ik im in inh ip it iu",
    "o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi ok om on ong",
    "ooc oong op ot ô ôc ôi ôk ôm ôn ông ôông ôp ôt ơ ơi ơm ơn ơp ơt ơu",
    "u ua uân uâng uât uây uc uê uêch uên uênh ui uk um un ung uơ uôc uôi uôm uôn uông uôt up ut",
    "uy uya uych uyên uyêt uyn uynh uyp uyt uyu",
    "ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y ych yên yêm yêng yêt yêu yn ynh yt",
)
_SYLLABLES = frozenset(
    onset + rhyme for onset in [*" ".join(_ONSETS).split(), ""] for rhyme in " ".join(_RHYMES).split()
)
_STOPS = ("c", "ch", "p", "t", "k")

_MOST_MARKS = 30
_LONG = 1000
_UNBROKEN = re.compile(r"(?<![^\x00-\xff\s])[^\x00-\xff\s]{500}")  # no Latin word is so long; Latin-1 has no mark
_TOKEN = re.compile(r"[^\s\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e“”‘’‹›…–—•·«»]+")
DIGIT = re.compile(r"\d")
_COUNTED = re.compile(r"\d{1,3}(?:([., \u00a0\u2009\u202f])\d{3})(?:\1\d{3})*|\d+")
_SEPARATORS = re.compile(r"[., \u00a0\u2009\u202f]")


def nfc(text: str) -> str:
    """Return the text composed (Unicode NFC); of more than 30 marks on one letter the rest is dropped.

    Thirty is what Unicode's Stream-Safe Text Format (UAX 15) allows; sorting thousands takes minutes.
    """
    if len(text) > _LONG and _UNBROKEN.search(text):
        text = _stream_safe(text)
    return unicodedata.normalize("NFC", text)


def _stream_safe(text: str) -> str:
    kept, marks = [], 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= _MOST_MARKS:
            kept.append(letter)
    return "".join(kept)


def squash(text: str) -> str:
    """Return the text in NFC with every run of white space (U+00A0 included) made one space, stripped.

    Signs without width that SharePoint and text from Word are full of (U+200B, U+FEFF) are left out.
    """
    if not text.isascii():
        text = text.replace("\u200b", "").replace("\ufeff", "")
    return nfc(" ".join(text.split()))


def fold(text: str) -> str:
    """Return a form to search and compare with: small letters, đ as d, all marks off, white space made one space.

    Variants of where the tone is placed (`uỷ`, `ủy`) fold to the same letters because the marks are gone.
    """
    try:
        printed, _ = codecs.charmap_encode(text, "strict", _USUAL)
    except UnicodeEncodeError:
        return _fold_any(text)
    folded = codecs.charmap_decode(printed, "strict", _FOLDED)[0].replace("…", "...")
    if "  " in folded or folded[:1] == " " or folded[-1:] == " ":
        return " ".join(folded.split())
    return folded


def _fold_any(text: str) -> str:
    folded = nfc(text).casefold().replace("đ", "d")
    if not folded.isascii():
        apart = unicodedata.normalize("NFKD", folded)
        folded = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(folded.split())


_MARKED = "àáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"
_SIGNS = "“”‘’–—…•·«»°²×\xa0"
_LETTERS = "\0\t\n\r" + "".join(map(chr, range(32, 127))) + _MARKED + _MARKED.upper() + _SIGNS
_USUAL = codecs.charmap_build(_LETTERS)  # one byte for each letter that Vietnamese text usually has
_FOLDED = "".join("…" if letter == "…" else (_fold_any(letter) or " ") for letter in _LETTERS)
"""What each of those bytes folds to: by way of them the C library folds ten times as fast as a loop over letters."""


def read_number(text: str) -> int | None:
    """Return a counted number written the Vietnamese way: `185 664`, `47.416`, `1.232.000`; None for anything else.

    One separator (point, comma, space) between groups of three; `47,64` is a decimal and therefore None.
    """
    stripped = text.strip()
    if not _COUNTED.fullmatch(stripped) or len(stripped) > 30:
        return None
    return int(_SEPARATORS.sub("", stripped))


@lru_cache(maxsize=1 << 15)
def is_syllable(word: str) -> bool:
    """Tell whether a word is spelled as a Vietnamese syllable can be: onset, rhyme, at most one tone that fits."""
    apart = unicodedata.normalize("NFD", word.lower())
    tones = [letter for letter in apart if letter in TONES]
    plain = nfc("".join(letter for letter in apart if letter not in TONES))
    if len(tones) > 1 or plain not in _SYLLABLES:
        return False
    return not (tones and plain.endswith(_STOPS) and tones[0] not in _STOPPED_TONES)


def spelling(text: str) -> tuple[int, int]:
    """Return (words with letters beyond ASCII that are Vietnamese syllables, words with anything beyond ASCII).

    Text that was decoded by the wrong table has few of the former and many of the latter.
    """
    good = marked = 0
    for word in _TOKEN.findall(nfc(text)):
        if not word.isascii():
            marked += 1
            good += is_syllable(word)
    return good, marked


_MIN_WORDS = 8
_MIN_LETTERS = 30
_FEW_LETTERS = 100
_MOSTLY = 300
_VIETNAMESE_LETTER = re.compile("[ƠơƯưĐđ\u1ea0-\u1ef9]")
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")),
    ("km", re.compile(r"[\u1780-\u17ff]")),
    ("lo", re.compile(r"[\u0e80-\u0eff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_OTHER_SCRIPT = re.compile("|".join(script.pattern for _, script in _SCRIPTS))
_COMMON_WORDS = {
    "en": "the of and to in is for on that with was by are from at as be has have this will were an it its their",
    "fr": "le la les des du de et en un une dans pour est que qui sur par au aux avec ce cette sont plus",
    "es": "el la los las de del y en un una que por con para es se su al como más fue ha sus",
    "de": "der die das und in den von zu mit ist des für auf dem eine ein im nicht wird auch sich als",
    "vi": "va cua cho cac trong duoc nguoi khong voi nhung mot la co den tai thuc hien cong tac tinh huyen",
}
_COMMON = {language: frozenset(words.split()) for language, words in _COMMON_WORDS.items()}


def language(text: str) -> str | None:
    """Return `vi`, `en`, `fr`, `es`, `de`, `zh`, `ja`, `ko`, `km`, `lo`, `th` or `ru`; None if too short or unsure.

    By rule: a script of its own decides alone, and so do letters that only Vietnamese has, one in twenty; other
    Latin text is Vietnamese when a fair share of its words are marked Vietnamese syllables, else the language whose
    commonest words it uses most (Vietnamese typed without marks included), if these make up a tenth of the words.
    """
    if len(text) >= _FEW_LETTERS and (
        20 * len(_VIETNAMESE_LETTER.findall(text, 0, _MOSTLY)) >= len(text)  # soon sure
        or 20 * len(_VIETNAMESE_LETTER.findall(text)) >= len(text)
    ):
        return "vi"
    if _OTHER_SCRIPT.search(text):
        letters = sum(map(str.isalpha, text))
        for code, script in _SCRIPTS:
            if letters >= _MIN_WORDS and 3 * len(script.findall(text)) > letters:
                return code
    words = [word for word in _TOKEN.findall(nfc(text).lower()) if word.isalpha()]
    if len(words) < _MIN_WORDS or sum(map(len, words)) < _MIN_LETTERS:
        return None
    marked = sum([is_syllable(word) for word in words if not word.isascii()])
    if marked >= 0.2 * len(words):
        return "vi"
    shares = {code: sum(word in common for word in words) for code, common in _COMMON.items()}
    best = max(sorted(shares), key=lambda code: shares[code])
    return best if shares[best] >= 0.1 * len(words) else None
