"""Recognises the words of Vietnamese portals: `wording.toml` lists them, this module says how a line may hold them.

A wording decides only for a line that is nothing but the wording; sentences that begin alike are prose. Lines come
folded (`Piece.folded`: no marks, small letters) unless a function says otherwise.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from cleaning.vietnamese import fold

_WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("wording.toml").read_text(encoding="utf-8"))


def _any_of(phrases: Iterable[str]) -> str:
    """Return a pattern that matches any of the phrases, the longest first."""
    return "(?:" + "|".join(sorted({re.escape(fold(phrase)) for phrase in phrases}, key=len, reverse=True)) + ")"


def _lines(*phrases: str) -> frozenset[str]:
    return frozenset(_bare(fold(phrase)) for phrase in phrases)


def _bare(folded: str) -> str:
    return folded.strip(" \t.,:;|•·*–—-»«›‹>≫()[]\"'…")


# Marks that are the same in every language; these match the text as printed.
SENTENCE_END = re.compile(r"[.!?…;:][\"'”’»)\]]*$|\./\.?$")
FULL_STOP = re.compile(r"[.!?…][\"'”’»)\]]*$|\./\.?$")
ITEM = re.compile(r"^(?:[-–—+*•●▪]|\(?\d{1,2}[.)/](?!\d)|\(?[a-zđ][.)]|[IVX]{1,5}[.)/])\s*(?=\S)")
NUMBER = r"\d{1,3}(?:[., ]\d{3})+|\d+"

_VIEWS, _UNITS = _any_of(_WORDS["views"]["labels"]), _any_of(_WORDS["views"]["units"])
_VIEWS_LINE = re.compile(
    rf"^\W*{_VIEWS}\s*[:–-]?\s*\(?({NUMBER})\)?(?: (?:luot|lan|nguoi|{_UNITS}))?\W*$|^\W*({NUMBER}) {_UNITS}\W*$"
)
_VIEWS_LABELS = _lines(*_WORDS["views"]["labels"])
_VIEWS_WITHIN = re.compile(rf"\b{_any_of(_WORDS['views']['units'])}\s*:?\s*({NUMBER})|\b({NUMBER}) {_UNITS}")

_COUNTERS = {fold(label): key for key, labels in _WORDS["counters"].items() for label in labels}
_COUNTER_NUMBER = re.compile(rf"(?P<number>{NUMBER})\s*(?:nguoi|luot|khach)?\W*")
_DIGIT = re.compile(r"\d")
_COUNTER_PAIR = re.compile(rf"\W*([a-z][a-z' ]{{0,40}}?)\s*[:–-]?\s*({NUMBER})\b")
_COUNTER_SURE = re.compile(_any_of(_WORDS["headings"]["counter_sure"]))

_ERROR = re.compile(rf"\b{_any_of(_WORDS['errors']['phrases'])}")

_HEADINGS = {name: _lines(*_WORDS["headings"][name]) for name in ("counter", "related", "notice", "attachment")}
_RELATED = re.compile(
    rf"{_any_of(_WORDS['headings']['related_what'])} {_any_of(_WORDS['headings']['related_which'])}(?: \(?\d+\)?)?"
)
_COMMENTS = re.compile(rf"(?:\d+ )?{_any_of(_WORDS['headings']['comments'])}(?: \(?\d+\)?)?")
_ATTACHMENT = re.compile(rf"^\W*{_any_of(_WORDS['headings']['attachment'])}\s*:\s*\S")

_LINES = {
    name: _lines(*_WORDS["lines"][name]) for name in ("navigation", "share", "image_alts", "picture_alts", "read_on")
}
_BUTTONS = _LINES["navigation"] | _LINES["share"]
_LONGEST_BUTTON = max(len(line.split()) for line in _BUTTONS)
_SHARE = re.compile(rf"^\W*{_any_of(_WORDS['lines']['share_begins'])}")
_LONGEST_NOTICE = 40
_NOTICE = re.compile(_any_of(_WORDS["lines"]["notice_begins"]))
_TODAY = re.compile(
    r"^\W*(?:hom nay|today)(?: la| is)?\W*(?:(?:thu (?:hai|ba|tu|nam|sau|bay|[2-7])|chu nhat|[a-z]+day)\W*)?(?:ngay )?"
    r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?:\W+\d{1,2}:\d{2}(?::\d{2})?)?\W*$"
)
_FIRST_LETTERS = re.compile(r"[a-z]+")


def _opening(folded: str) -> str | None:
    match = _FIRST_LETTERS.search(folded)
    return match[0] if match else None


_OPENINGS = frozenset(
    _opening(fold(phrase))
    for phrases in (
        ["hôm nay", "today", "img", "dsc", "image", "photo"],  # of `_TODAY` and `_CAMERA_NAME`
        _WORDS["views"]["labels"],
        *_WORDS["counters"].values(),
        *(_WORDS["headings"][name] for name in ("counter", "related", "related_what", "notice", "attachment")),
        *(_WORDS["lines"][name] for name in ("navigation", "share", "share_begins", "notice_begins", "image_alts")),
    )
    for phrase in phrases
)
"""The first letters of every wording that a line can begin with: other lines are looked at no further."""
_BUTTON_OPENINGS = frozenset(line.split()[0] for line in _BUTTONS)
_FILE_NAME = re.compile(r"^[\w. ()-]{1,80}\.(?:jpe?g|png|gif|webp|bmp)$")
_CAMERA_NAME = re.compile(r"^(?:img|dsc|image|photo)[_-]?\d[\w-]*$")

_AUTHOR = re.compile(rf"^\W*{_any_of(_WORDS['bylines']['author'])}\s*:\s*\S")
_BY_LETTERS = frozenset(phrase[0] for phrase in _WORDS["bylines"]["by"])
_POSTED = re.compile(rf"^\W*{_any_of([*_WORDS['bylines']['by'], *_WORDS['bylines']['posted']])}\W+(?=\w)")
_BY = re.compile(rf"^\W*{_any_of(_WORDS['bylines']['by'])} (?=\S)")
_SOURCE = re.compile(rf"^\W*{_any_of(_WORDS['bylines']['source'])}\s*:\s*\S")
_PREFIX = re.compile(rf"^{_any_of(_WORDS['bylines']['prefixes'])}\b[\s.:–-]*")
_ROLE = re.compile(rf"\b{_any_of(_WORDS['bylines']['roles'])}\b")
_INITIALS = re.compile(r"^(?:[^\W\d_]\w{0,2}\.\s?){1,4}[^\W\d_]?\w{0,8}\.?$|^[^\W\d_]{2,5}$")
_FAMILY = frozenset(map(fold, _WORDS["names"]["family"]))

_LONG_TITLE = 20  # letters
_PARTED = re.compile(r"^\s*[|:·•»›/–—-]\s|\s[|:·•«‹/–—-]\s*$")

_GALLERY = re.compile(rf"^\W*{_any_of(_WORDS['pictures']['gallery'])}\b")
_PICTURE_LABEL = re.compile(rf"^\W*{_any_of(_WORDS['pictures']['labels'])}\s*\d{{0,2}}\s*[:.]")
_PICTURE_OPENING = re.compile(rf"^\W*{_any_of(_WORDS['pictures']['openings'])}\b")
_PICTURE_VERB = re.compile(rf"\b{_any_of(_WORDS['pictures']['verbs'])}\b")
_PROSE_OPENING = re.compile(rf"^{_any_of(_WORDS['pictures']['prose'])}\b")


_IMPRINT = re.compile(_any_of(_WORDS["lines"]["imprint"]))
_CONTACT = re.compile(_any_of(_WORDS["lines"]["contact"]))
_MAX_PHRASES = 20
_IMPRINT_PRINTED = tuple(phrase.lower() for phrase in _WORDS["lines"]["imprint"])


def _names(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(patterns)})(?![a-z0-9])")


REGIONS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (label, _names(patterns)) for label, patterns in _WORDS["regions"].items()
)
"""Labels with the pattern of the ids and classes that suggest them, for small letters."""

ANY_REGION = _names(pattern for patterns in _WORDS["regions"].values() for pattern in patterns)
"""The pattern of all of them: most names suggest none."""


class Line(NamedTuple):
    """What a short line is by its wording alone; most lines are nothing in particular."""

    views: str | None = None  # the number of `luot xem: 214` or `214 luot xem`
    views_aside: str | None = None  # the number in a line that holds besides only what furniture says
    views_label: bool = False  # the label alone, its number being another line
    counters: tuple[tuple[str, str | None], ...] = ()  # key and number for each of the counter's labels it is made of
    visits: bool = False  # such a label says by itself that it counts visits
    heads: frozenset[str] = frozenset()  # of counter, related, notice, attachment: the furniture that it heads
    furniture: str | None = None  # the label of a button, a menu's entry
    today: bool = False  # the date of the visit: `hom nay la thu hai, 01/07/2024`
    rights: bool = False  # begins as a note on rights does
    constant_alt: bool = False  # an image's alt that says nothing: a CMS's constant or a file's name


NO_LINE = Line()


def read_line(folded: str) -> Line:
    """Read a folded line; one that is nothing in particular is `NO_LINE` itself."""
    digit = _DIGIT.search(folded)
    if _opening(folded) not in _OPENINGS and "." not in folded[-5:] and not (digit and _VIEWS_WITHIN.search(folded)):
        return NO_LINE
    bare = _bare(folded)
    counters = _counters(folded, digit)
    heads = {kind for kind, lines in _HEADINGS.items() if bare in lines}
    if _RELATED.fullmatch(bare):
        heads.add("related")
    line = Line(
        views=_number(_VIEWS_LINE.match(folded)) if digit else None,
        views_aside=_views_aside(folded) if digit else None,
        views_label=bare in _VIEWS_LABELS,
        counters=counters,
        visits=bool(counters) and _COUNTER_SURE.search(folded) is not None,
        heads=frozenset(heads),
        furniture=_furniture(folded),
        today=_TODAY.match(folded) is not None,
        rights=_NOTICE.match(folded) is not None,
        constant_alt=is_constant_alt(folded),
    )
    return NO_LINE if line == NO_LINE else line


def _number(match: re.Match[str] | None) -> str | None:
    return (match[1] or match[2]) if match else None


def names_title(head: str, text: str) -> bool:
    """Tell whether the title of a page's head is this text, alone or with the site's name before or after it.

    Both as printed or both folded. A short text needs a sign between it and the name: it may be part of any title.
    """
    if head == text:
        return True
    rest = head[len(text) :] if head.startswith(text) else head[: -len(text)] if head.endswith(text) else ""
    return bool(text and rest) and (len(text) >= _LONG_TITLE or _PARTED.search(rest) is not None)


def views_within(folded: str) -> str | None:
    """Return the number of views in a line that holds other things too (a date)."""
    return _number(_VIEWS_WITHIN.search(folded))


def _views_aside(folded: str) -> str | None:
    number = views_within(folded)
    rest = _VIEWS_WITHIN.sub(" ", folded) if number else ""
    return None if any(letter.isalpha() for letter in rest) and _furniture(rest) is None else number


def _counters(folded: str, digit: re.Match[str] | None) -> tuple[tuple[str, str | None], ...]:
    key = _COUNTERS.get(_bare(folded[: digit.start()] if digit else folded))
    if key is None:
        return ()
    number = _COUNTER_NUMBER.fullmatch(folded, digit.start()) if digit else None
    if number or not digit:
        return ((key, number["number"] if number else None),)
    pairs = _COUNTER_PAIR.findall(folded)
    keys = [_COUNTERS.get(_bare(label)) for label, _ in pairs]
    if None in keys or _COUNTER_PAIR.sub("", folded).strip(" .|/•"):
        return ()
    return tuple((key, number) for key, (_, number) in zip(keys, pairs, strict=True) if key)


def _furniture(folded: str) -> str | None:
    bare = _bare(folded)
    if bare in _LINES["navigation"]:
        return "navigation"
    return "share" if bare in _LINES["share"] or _SHARE.match(folded) or _is_row(bare) else None


def _is_row(bare: str) -> bool:
    """Tell whether a line is several buttons and menus' entries one after the other: `in trang gui email chia se`."""
    words = [word for word in bare.split() if any(map(str.isalpha, word))]
    place = 0 if words and words[0] in _BUTTON_OPENINGS else len(words) + 1
    while place < len(words):
        longest = range(min(len(words) - place, _LONGEST_BUTTON), 0, -1)
        place += next((n for n in longest if " ".join(words[place : place + n]) in _BUTTONS), len(words) + 1)
    return place == len(words) > 0


def heads_comments(folded: str) -> bool:
    """Tell whether a line heads readers' comments: `binh luan (6)`."""
    return _COMMENTS.fullmatch(_bare(folded)) is not None


def imprint_phrases_in(text: str) -> set[str]:
    """Return the phrases of an imprint that a text holds, as printed there."""
    small = text.lower()
    found: set[str] = set()
    for phrase in _IMPRINT_PRINTED:
        place = small.find(phrase)
        while place >= 0 and len(found) < _MAX_PHRASES:
            found.add(text[place : place + len(phrase)])
            place = small.find(phrase, place + 1)
    return found


def is_imprint(folded: str) -> bool:
    """Tell whether a text says both who answers for a site and how to reach them."""
    return _IMPRINT.search(folded) is not None and _CONTACT.search(folded) is not None


@lru_cache(maxsize=8192)
def reads_on(text: str) -> bool:
    """Tell whether a link, as printed, leads from a summary to its article: `Xem chi tiết`."""
    return _bare(fold(text)) in _LINES["read_on"]


def is_attachment_line(folded: str) -> bool:
    """Tell whether a line names an attachment after its label: `dinh kem: ke-hoach.pdf`."""
    return _ATTACHMENT.match(folded) is not None


def is_rights_notice(text: str) -> bool:
    """Tell whether a line, as printed and of any length, begins as a note on rights does."""
    return _NOTICE.match(fold(text[:_LONGEST_NOTICE])) is not None


def is_constant_alt(folded: str) -> bool:
    """Tell whether an image's alt says nothing: a CMS's constant or a file's name."""
    return _bare(folded) in _LINES["image_alts"] or _is_file(folded)


def stands_for_picture(folded: str) -> bool:
    """Tell whether such an alt is that of an article's picture, not of a banner."""
    return _bare(folded) in _LINES["picture_alts"] or _is_file(folded)


def _is_file(folded: str) -> bool:
    named = "." in folded[-5:] and _FILE_NAME.match(folded) is not None
    return named or (folded[-1:].isdigit() and _CAMERA_NAME.match(folded) is not None)


def author_of(text: str) -> str | None:
    """Return what stands after `Tác giả:` and the like in a line as printed, or a person's name after `Viết bởi`."""
    if ":" in text and _AUTHOR.match(fold(text)):
        return _after_colon(text)
    name = name_in_byline(text) if text[:1] in _BY_LETTERS else text
    return name if name is not text and name_words(name) else None


def name_in_byline(text: str) -> str:
    """Return the name of an element that holds a byline, without `Viết bởi` before it."""
    by = _BY.match(fold(text))
    return text[by.end() :] if by else text


def tells_who_posted(text: str) -> bool:
    """Tell whether a printed line names who posted the page, `Đăng bởi …`, which may be an account of the CMS."""
    return _POSTED.match(fold(text)) is not None


def source_of(text: str) -> str | None:
    """Return what stands after `Nguồn:` in a line as printed."""
    return _after_colon(text) if ":" in text and _SOURCE.match(fold(text)) else None


def _after_colon(text: str) -> str:
    return text.partition(":")[2].strip(" ()*[]")


def byline_prefix(text: str) -> int:
    """Return the length of `CTV`, `Phóng viên` and the like that a printed line begins with; 0 without."""
    match = _PREFIX.match(fold(text))
    return match.end() if match else 0


def names_role(text: str) -> bool:
    """Tell whether a printed line names an office or unit."""
    return _ROLE.search(fold(text)) is not None


def is_initials(text: str) -> bool:
    """Tell whether a printed line is initials (`H.A`, `T.Thảo`, `BBT`)."""
    return _INITIALS.match(text) is not None and text[0].isupper() and (("." in text.strip(".")) or text.isupper())


def is_family_name(word: str) -> bool:
    """Tell whether a printed word is a usual Vietnamese family name."""
    return fold(word) in _FAMILY


def name_words(text: str) -> int:
    """Return how many words the printed line has if it is a person's name: two to five capitalised words; else 0."""
    words = text.split()
    is_name = all(word[0].isupper() and all(letter.isalpha() or letter in "'’" for letter in word) for word in words)
    return len(words) if is_name and 2 <= len(words) <= 5 else 0


def heads_gallery(folded: str) -> bool:
    """Tell whether a line heads a gallery: `mot so hinh anh tai hoi nghi`."""
    return _GALLERY.match(folded) is not None


def is_picture_label(folded: str) -> bool:
    """Tell whether a line begins as `anh:` or `anh 1:`."""
    return _PICTURE_LABEL.match(folded) is not None


def opens_like_caption(folded: str) -> bool:
    """Tell whether a line begins with who or what a picture shows."""
    return _PICTURE_OPENING.match(folded) is not None or is_picture_label(folded)


def tells_a_picture(folded: str) -> bool:
    """Tell whether a line says what people on pictures do: hand over, speak, pose, visit."""
    return _PICTURE_VERB.search(folded) is not None


def opens_like_prose(folded: str) -> bool:
    """Tell whether a line begins as sentences of an article do: a time, a place, a connective."""
    return _PROSE_OPENING.match(folded) is not None


def tells_error(folded: str) -> bool:
    """Tell whether a folded text is the words of a CMS that has no article to show."""
    return _ERROR.search(folded) is not None
