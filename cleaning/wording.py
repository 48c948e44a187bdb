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

from cleaning.vietnamese import DIGIT, fold

WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("wording.toml").read_text(encoding="utf-8"))


def any_of(phrases: Iterable[str]) -> str:
    """Return a pattern that matches any of the phrases, the longest first."""
    return "(?:" + "|".join(sorted({re.escape(fold(phrase)) for phrase in phrases}, key=len, reverse=True)) + ")"


def folded_lines(*phrases: str) -> frozenset[str]:
    """Return phrases as lines are compared with them."""
    return frozenset(bare(fold(phrase)) for phrase in phrases)


def bare(folded: str) -> str:
    """Return a folded line without the marks round it."""
    return folded.strip(" \t.,:;|•·*–—-»«›‹>≫()[]\"'…")


NUMBER = r"\d{1,3}(?:[., ]\d{3})+|\d+"

_VIEWS, _UNITS = any_of(WORDS["views"]["labels"]), any_of(WORDS["views"]["units"])
_VIEWS_LINE = re.compile(
    rf"^\W*{_VIEWS}\s*[:–-]?\s*\(?({NUMBER})\)?(?: (?:luot|lan|nguoi|{_UNITS}))?\W*$|^\W*({NUMBER}) {_UNITS}\W*$"
)
_VIEWS_LABELS = folded_lines(*WORDS["views"]["labels"])
_VIEWS_WITHIN = re.compile(
    rf"\b{_VIEWS}\s*(?::|\(|: \()\s*({NUMBER})|\b{_UNITS}\s*:?\s*({NUMBER})"
    rf"|(?<![:/])\b({NUMBER}) (?:total )?{_UNITS}\b(?!\s*:)"  # after a colon stand minutes
    rf"|\b(?:da|duoc) (?:xem|doc) ({NUMBER}) lan"
)

_VIEWS_WORDS = frozenset(map(fold, (*WORDS["views"]["labels"], *WORDS["views"]["units"])))
_VIEWS_TELLING = tuple(
    sorted(word for word in _VIEWS_WORDS if not any(other in word for other in _VIEWS_WORDS - {word}))
)
"""The words of which every wording of views holds one."""
_VIEWS_BESIDE = re.compile(rf"\b{any_of(WORDS['views']['beside'])}\b")

_COUNTERS = {fold(label): key for key, labels in WORDS["counters"].items() for label in labels}
_COUNTER_NUMBER = re.compile(rf"(?P<number>{NUMBER})\s*(?:nguoi|luot|khach)?\W*")
_COUNTER_PAIR = re.compile(rf"\W*([a-z][a-z' ]{{0,40}}?)\s*[:–-]?\s*({NUMBER})\b")
_COUNTER_SURE = re.compile(any_of(WORDS["headings"]["counter_sure"]))

_ERROR = re.compile(rf"\b{any_of(WORDS['errors']['phrases'])}")

_HEADINGS = {name: folded_lines(*WORDS["headings"][name]) for name in ("counter", "related", "notice", "attachment")}
_RELATED = re.compile(
    rf"{any_of(WORDS['headings']['related_what'])} {any_of(WORDS['headings']['related_which'])}(?: \(?\d+\)?)?"
)
_COMMENTS = re.compile(rf"(?:\d+ )?{any_of(WORDS['headings']['comments'])}(?: \(?\d+\)?)?")
_ATTACHMENT = re.compile(rf"^\W*{any_of(WORDS['headings']['attachment'])}\s*:\s*\S")

_LINES = {
    name: folded_lines(*WORDS["lines"][name])
    for name in ("navigation", "share", "image_alts", "picture_alts", "read_on")
}
_BUTTONS = _LINES["navigation"] | _LINES["share"]
_LONGEST_BUTTON = max(len(line.split()) for line in _BUTTONS)
_SHARE = re.compile(rf"^\W*{any_of(WORDS['lines']['share_begins'])}")
_LONGEST_NOTICE = 40
_NOTICE = re.compile(any_of(WORDS["lines"]["notice_begins"]))
_REUSE = re.compile(any_of(WORDS["lines"]["reuse"]))
_TODAY = re.compile(
    r"^\W*(?:hom nay|today)(?: la| is)?\W*(?:(?:thu (?:hai|ba|tu|nam|sau|bay|[2-7])|chu nhat|[a-z]+day)\W*)?(?:ngay )?"
    r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?:\W+\d{1,2}:\d{2}(?::\d{2})?)?\W*$"
)
_FIRST_LETTERS = re.compile(r"[a-z]+")


def first_letters(folded: str) -> str | None:
    """Return the letters with which a folded line begins, signs before them aside."""
    match = _FIRST_LETTERS.search(folded)
    return match[0] if match else None


_OPENINGS = frozenset(
    first_letters(fold(phrase))
    for phrases in (
        ["hôm nay", "today", "img", "dsc", "image", "photo"],  # of `_TODAY` and `_CAMERA_NAME`
        WORDS["views"]["labels"],
        *WORDS["counters"].values(),
        *(WORDS["headings"][name] for name in ("counter", "related", "related_what", "notice", "attachment")),
        *(WORDS["lines"][name] for name in ("navigation", "share", "share_begins", "notice_begins", "image_alts")),
    )
    for phrase in phrases
)
"""The first letters of every wording that a line can begin with: other lines are looked at no further."""
_NOTICE_SIGNS = frozenset(fold(phrase)[0] for phrase in WORDS["lines"]["notice_begins"])
_BUTTON_OPENINGS = frozenset(line.split()[0] for line in _BUTTONS)
_FILE_NAME = re.compile(r"^[\w. ()-]{1,80}\.(?:jpe?g|png|gif|webp|bmp)$")
_CAMERA_NAME = re.compile(r"^(?:img|dsc|image|photo)[_-]?\d[\w-]*$")

_HASHTAGS = re.compile(r"(?:#\w+\W*)+")
_AFTER_BYLINE = re.compile(
    rf"\W*{any_of(WORDS['bylines']['after'])}\W*|{_HASHTAGS.pattern}"
    r"|\W*(?:bai|ky|phan) (?:cuoi|\d+|[ivx]+)\s*:.*|\[\d+\] .*"
)
_WORD_SETTINGS = re.compile(r"normal 0 (?:false ?)+[\w -]*x-none.*")

_POINTS_ON = re.compile(
    rf"^\W*(?:>>|»|➤|►|→|⇒)"
    rf"|^\W*(?:{any_of(WORDS['headings']['related_what'])} {any_of(WORDS['headings']['related_which'])}"
    rf"|{any_of(WORDS['headings']['related'])}|{any_of(WORDS['lines']['read_on'])})\s*:"
)

_LONG_TITLE = 20  # letters
_PARTED = re.compile(r"^\s*[|:·•»›/–—-]\s|\s[|:·•«‹/–—-]\s*$")

_GALLERY = re.compile(rf"^\W*{any_of(WORDS['pictures']['gallery'])}\b")
_PICTURE_LABEL = re.compile(rf"^\W*{any_of(WORDS['pictures']['labels'])}\s*\d{{0,2}}\s*[:.]")
_PICTURE_OPENING = re.compile(rf"^\W*{any_of(WORDS['pictures']['openings'])}\b")
_PICTURE_VERB = re.compile(rf"\b{any_of(WORDS['pictures']['verbs'])}\b")
_PROSE_OPENING = re.compile(rf"^{any_of(WORDS['pictures']['prose'])}\b")


_IMPRINT = re.compile(any_of(WORDS["lines"]["imprint"]))
_CONTACT = re.compile(rf"{any_of(WORDS['lines']['contact'])}[^a-z0-9]{{0,6}}[\d(]|\S@\S+\.\w|\bdia chi\s*:")
_MAX_PHRASES = 20
_IMPRINT_PRINTED = tuple(phrase.lower() for phrase in WORDS["lines"]["imprint"])


def _names(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(patterns)})(?![a-z0-9])")


REGIONS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (label, _names(patterns)) for label, patterns in WORDS["regions"].items()
)
"""Labels with the pattern of the ids and classes that suggest them, for small letters."""

ANY_REGION = _names(pattern for patterns in WORDS["regions"].values() for pattern in patterns)
"""The pattern of all of them: most names suggest none."""


_ICON_FONTS = (
    "fa|fas|far|bi|icon|glyphicon|ion|ti|la|las|icofont|mdi|flaticon|ci|uil|bx|bxs|ri|fi|lni|ph|zmdi|anticon|dashicons|"
    "(?:tie|td|jeg)-icon"
)
_ICONS = tuple(
    (
        kind,
        re.compile(rf"(?:{_ICON_FONTS})-(?:\w+-)??(?:{'|'.join(names)})(?:-\w+)*"),
    )
    for kind, names in WORDS["icons"].items()
)


@lru_cache(maxsize=8192)
def icon_of(name: str) -> str | None:
    """Return what the text after an icon of that class is: `views`, `author` or `other`; None for other classes."""
    small = name.lower()
    return next((kind for kind, pattern in _ICONS if pattern.fullmatch(small)), None) if "-" in small else None


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
    digit = DIGIT.search(folded)
    known = first_letters(folded) in _OPENINGS or "." in folded[-5:]
    if not known and not (digit and _VIEWS_WITHIN.search(folded)):
        return NO_LINE
    words = bare(folded)
    counters = _counters(folded, digit)
    heads = {kind for kind, lines in _HEADINGS.items() if words in lines}
    if _RELATED.fullmatch(words):
        heads.add("related")
    line = Line(
        views=_number(_VIEWS_LINE.match(folded)) if digit else None,
        views_aside=_views_aside(folded) if digit else None,
        views_label=words in _VIEWS_LABELS,
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
    return next(filter(None, match.groups()), None) if match else None


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
    if not (DIGIT.search(folded) and any(word in folded for word in _VIEWS_TELLING)):
        return None
    found = [*_VIEWS_WITHIN.finditer(folded)]
    return _number(next((match for match in found if match[1]), found[0])) if found else None


def _views_aside(folded: str) -> str | None:
    number = views_within(folded)
    rest = _VIEWS_BESIDE.sub(" ", _VIEWS_WITHIN.sub(" ", folded)) if number else ""
    return None if any(letter.isalpha() for letter in rest) and _furniture(rest) is None else number


def _counters(folded: str, digit: re.Match[str] | None) -> tuple[tuple[str, str | None], ...]:
    key = _COUNTERS.get(bare(folded[: digit.start()] if digit else folded))
    if key is None:
        return ()
    number = _COUNTER_NUMBER.fullmatch(folded, digit.start()) if digit else None
    if number or not digit:
        return ((key, number["number"] if number else None),)
    pairs = _COUNTER_PAIR.findall(folded)
    keys = [_COUNTERS.get(bare(label)) for label, _ in pairs]
    if None in keys or _COUNTER_PAIR.sub("", folded).strip(" .|/•"):
        return ()
    return tuple((key, number) for key, (_, number) in zip(keys, pairs, strict=True) if key)


def _furniture(folded: str) -> str | None:
    line = bare(folded)
    if line in _LINES["navigation"]:
        return "navigation"
    return "share" if line in _LINES["share"] or _SHARE.match(folded) or _is_row(line) else None


def _is_row(line: str) -> bool:
    """Tell whether a line is several buttons and menus' entries one after the other: `in trang gui email chia se`."""
    words = [word for word in line.split() if any(map(str.isalpha, word))]
    place = 0 if words and words[0] in _BUTTON_OPENINGS else len(words) + 1
    while place < len(words):
        longest = range(min(len(words) - place, _LONGEST_BUTTON), 0, -1)
        place += next((n for n in longest if " ".join(words[place : place + n]) in _BUTTONS), len(words) + 1)
    return place == len(words) > 0


def heads_comments(folded: str) -> bool:
    """Tell whether a line heads readers' comments: `binh luan (6)`."""
    return _COMMENTS.fullmatch(bare(folded)) is not None


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


def points_on(text: str) -> bool:
    """Tell whether a line, as printed, points to another article: `>> Xem thêm: …`."""
    return _POINTS_ON.match(fold(text[:_LONGEST_NOTICE])) is not None


def is_imprint(folded: str) -> bool:
    """Tell whether a text says both who answers for a site and how to reach them."""
    return _IMPRINT.search(folded) is not None and _CONTACT.search(folded) is not None


@lru_cache(maxsize=8192)
def reads_on(text: str) -> bool:
    """Tell whether a link, as printed, leads from a summary to its article: `Xem chi tiết`."""
    return bare(fold(text)) in _LINES["read_on"]


def is_attachment_line(folded: str) -> bool:
    """Tell whether a line names an attachment after its label: `dinh kem: ke-hoach.pdf`."""
    return _ATTACHMENT.match(folded) is not None


def tells_of_reuse(folded: str) -> bool:
    """Tell whether a note on rights says who may use the text again: none of the article's own sentences does."""
    return _REUSE.search(folded) is not None


@lru_cache(maxsize=1024)
def _opens_notice(sign: str) -> bool:
    return fold(sign) in _NOTICE_SIGNS


def is_rights_notice(text: str) -> bool:
    """Tell whether a line, as printed and of any length, begins as a note on rights does."""
    return _opens_notice(text[:1]) and _NOTICE.match(fold(text[:_LONGEST_NOTICE])) is not None


def are_hashtags(folded: str) -> bool:
    """Tell whether a line is hashtags alone."""
    return folded.startswith("#") and _HASHTAGS.fullmatch(folded) is not None


def are_word_settings(folded: str) -> bool:
    """Tell whether a line is what a paste from Word leaves of its settings: `Normal 0 false EN-US X-NONE X-NONE`."""
    return folded.startswith("normal 0") and _WORD_SETTINGS.fullmatch(folded) is not None


def is_constant_alt(folded: str) -> bool:
    """Tell whether an image's alt says nothing: a CMS's constant or a file's name."""
    return bare(folded) in _LINES["image_alts"] or _is_file(folded)


def stands_for_picture(folded: str) -> bool:
    """Tell whether such an alt is that of an article's picture, not of a banner."""
    return bare(folded) in _LINES["picture_alts"] or _is_file(folded)


def _is_file(folded: str) -> bool:
    named = "." in folded[-5:] and _FILE_NAME.match(folded) is not None
    return named or (folded[-1:].isdigit() and _CAMERA_NAME.match(folded) is not None)


def may_follow_byline(text: str) -> bool:
    """Tell whether a line, as printed, is one of those below a byline: `(Còn nữa)`, hashtags, `Bài cuối: …`, notes."""
    return _AFTER_BYLINE.fullmatch(fold(text)) is not None


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
