"""What a short line says of who wrote an article and where it was taken from: names, initials, units, labels.

Lines come as printed; `wording.toml` lists the words.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cleaning.punctuation import has_full_stop
from cleaning.vietnamese import fold
from cleaning.wording import WORDS, any_of, bare, first_letters, folded_lines

_LONGEST = 100
_LONGEST_SOURCE = 90
_BYLINES = WORDS["bylines"]
_LABELS = _BYLINES["author"] + _BYLINES["credits"]
_AUTHOR_OPENINGS = frozenset(first_letters(fold(label)) for label in (*_LABELS, *_BYLINES["by"], *_BYLINES["posted"]))
_SOURCE_OPENINGS = frozenset(first_letters(fold(label)) for label in _BYLINES["source"])
_AUTHOR = re.compile(rf"^\W*{any_of(_LABELS)}\s*:\s*(?=\S)")
_CREDIT = re.compile(rf"^\W*{any_of(_BYLINES['credits'])}\s*(?::|\s[-–])\s*(?=\S)")
_POSTED = re.compile(rf"^\W*{any_of([*_BYLINES['by'], *_BYLINES['posted']])}\W+(?=\w)")
_BY = re.compile(rf"^\W*{any_of(_BYLINES['by'])} (?=\S)")
_BY_WITHIN = re.compile(rf"\b{any_of(_BYLINES['by'])} (?=\S)")
_SOURCE = re.compile(rf"^\W*{any_of(_BYLINES['source'])}\s*:\s*\S")
_PICTURE_SOURCE = re.compile(rf"^\W*{any_of(_BYLINES['picture_source'])}\s*:\s*\S")
_SOURCE_WITHIN = re.compile(rf"\W+{any_of(_BYLINES['source'])}\s*:\s*(?=\S)")
_AUTHOR_WITHIN = re.compile(rf"\W+{any_of(_BYLINES['author'])}\s*:\s*(?=\S)")
_PREFIX = re.compile(rf"^{any_of(_BYLINES['prefixes'])}\b[\s.:–-]*")
_TITLES = re.compile(rf"^(?:{any_of(_BYLINES['titles'])}[. ]\s*)+(?=\w)")
_ROLE = re.compile(rf"\b{any_of(_BYLINES['roles'])}\b")
_UNIT_FIRST = re.compile(rf"{any_of(_BYLINES['units'])}\b")
_ACTS = re.compile(rf"{any_of(_BYLINES['acts'])}(?:\b.*)?")
_ACCOUNTS = folded_lines(*_BYLINES["accounts"])
_PREFIXES = folded_lines(*_BYLINES["prefixes"])  # `PV` alone is a byline
_LABEL_ALONE = folded_lines(*_LABELS, *_BYLINES["by"], *_BYLINES["posted"], *_BYLINES["source"])
_INITIALS = re.compile(r"^(?:[^\W\d_]\w{0,2}\.\s?){1,4}[^\W\d_]?\w{0,8}\.?$|^[^\W\d_]{2,5}$")
_FAMILY = frozenset(map(fold, WORDS["names"]["family"]))
_PARTS = re.compile(r"\s*(?:[,;&+|/]|\s[-–—]\s|(?<!\w)và(?!\w))\s*")
_UNIT = re.compile(r"\s*[,_(/|–—-]\s*")
_FOLLOWS = re.compile(r"Theo\s*:?\s*([^\W\d_].*)")  # "Theo Sở Nội vụ": whom the article follows, not who wrote it
_FOLLOWS_AFTER = re.compile(r"\s*\(\s*(?:Theo|Nguồn)\s*:?\s*([^()]+)\)\W*$", re.I)
_ROUND = " *[]\u200b"


class Said(NamedTuple):
    """Author and source that one line names."""

    author: str | None = None
    source: str | None = None


NOBODY = Said()


def read_labelled(text: str, folded: str = "") -> Said:
    """Read `Tác giả: …`, `Tin, ảnh: …`, `Nguồn: …`, alone or one after the other, and a name after `Viết bởi`."""
    folded = folded or fold(text)
    opening = first_letters(folded)
    names_author, names_source = opening in _AUTHOR_OPENINGS, opening in _SOURCE_OPENINGS
    if not names_author and not names_source:
        return NOBODY
    if ":" not in text and "–" not in text and "-" not in text:
        return Said(_after_by(text))
    if len(folded) == len(text):  # then places in the folded text are the text's
        for within, first, second in ((_SOURCE_WITHIN, author_of, source_of), (_AUTHOR_WITHIN, source_of, author_of)):
            parting = within.search(folded)
            if parting and parting.start() and (said := first(text[: parting.start()].strip(" |;,–-"))):
                other = second(text[parting.start() :].lstrip(" |;,–-"))
                return Said(said, other) if first is author_of else Said(other, said)
    author = author_of(text) if names_author else None
    source = source_of(text) if names_source else None
    if author and (after := _FOLLOWS_AFTER.search(author)):
        author, source = author[: after.start()], after[1].strip()
    return Said(author, source)


def author_of(text: str) -> str | None:
    """Return the name after `Tác giả:` and the like in a line as printed, or a person's name after `Viết bởi`."""
    folded = fold(text)
    if credit := _CREDIT.match(folded):
        name = _after(text, folded, credit.end())
        return name if signs(name) else None
    if label := _AUTHOR.match(folded):
        name = _after(text, folded, label.end())
        return author_of(name) or name if _is_name(name) else None
    return _after_by(text)


def source_of(text: str) -> str | None:
    """Return what stands after `Nguồn:` in a line as printed."""
    text = unwrapped(text)
    if ":" not in text or not _SOURCE.match(fold(text)):
        return None
    source = unwrapped(text.partition(":")[2])
    return source if _is_source(source) else None


def names_picture_source(text: str) -> bool:
    """Tell whether a line says where its pictures are from: `Nguồn ảnh: Internet`."""
    return ":" in text and _PICTURE_SOURCE.match(fold(text)) is not None


def source_in(text: str) -> str | None:
    """Return the source that an element for it names, with or without `Nguồn` or `Theo` before it."""
    source = source_of(text) or followed(text) or unwrapped(re.sub(r"^\W*Nguồn\s*:?\s*", "", text))
    return source if source and _is_source(source) else None


def followed(text: str) -> str | None:
    """Return whom a line says the article follows: `(Theo baochinhphu.vn)`."""
    said = _FOLLOWS.fullmatch(unwrapped(text))
    return said[1].rstrip(" ./") if said and _is_source(said[1]) else None


def unwrapped(text: str) -> str:
    """Return a line without brackets and stars round all of it; those within it stay."""
    text = text.strip(_ROUND)
    while text.startswith("(") and text.endswith(")") and text.find(")") == len(text) - 1:
        text = text[1:-1].strip(_ROUND)
    return text


def kept_name(text: str) -> str:
    """Return a name as it is kept: without title marks, label of who posted, or a full stop that ends the line."""
    name = unwrapped(name_in_byline(text))
    return name if is_initials(name) else re.sub(r"\s*(?:\./\.|[./])+$", "", name)


def read_signature(text: str) -> Said:
    """Read a byline without a label: the name, and whom it says the article follows, `Kim Chi (Theo chinhphu.vn)`."""
    after = _FOLLOWS_AFTER.search(text)
    if after is None or not after.start():
        return Said(kept_name(text))
    return Said(kept_name(text[: after.start()]), after[1].strip())


def name_in_byline(text: str) -> str:
    """Return the name of an element that holds a byline, without `Viết bởi` before it."""
    by = _BY.match(fold(text))
    return text[by.end() :] if by else text


def _after_by(text: str) -> str | None:
    name = name_in_byline(text)
    return unwrapped(name) if name is not text and name_words(unwrapped(name)) else None


def name_after_date(text: str) -> str | None:
    """Return the name that a line of small print ends with: `10/02/2021 bởi Nguyễn Văn A`, `… - Tác giả: H.A`."""
    folded = fold(text)
    if len(folded) != len(text):
        return None
    if label := _AUTHOR_WITHIN.search(folded):
        name = unwrapped(re.split(r"\s*\|\s*", text[label.end() :])[0])
        return name if signs(name) else None
    by = _BY_WITHIN.search(folded)
    name = unwrapped(text[by.end() :]) if by else ""
    return name if name_words(name) else None


def names_poster(text: str) -> bool:
    """Tell whether the name in such a line is that of who posted the page: after `bởi`, not after `Tác giả:`."""
    folded = fold(text)
    return _AUTHOR_WITHIN.search(folded) is None and _BY_WITHIN.search(folded) is not None


def tells_who_posted(text: str) -> bool:
    """Tell whether a printed line names who posted the page, `Đăng bởi …`, which may be an account of the CMS."""
    return _POSTED.match(fold(text)) is not None


def is_account(name: str) -> bool:
    """Tell whether a name is one that CMSs give their users: `Super User`, `admin`."""
    return bare(fold(name)) in _ACCOUNTS


def is_label(text: str) -> bool:
    """Tell whether a line is nothing but a byline's label, its name being another line."""
    line = bare(fold(text))
    return line in _LABEL_ALONE and (line not in _PREFIXES or ":" in text)


def _after(text: str, folded: str, end: int) -> str:
    """Return what a line says after its label, which ends there in the folded text."""
    if len(folded) == len(text):
        return unwrapped(text[end:])
    return unwrapped(text.partition(":")[2] or re.split(r"\s[-–]\s", text, maxsplit=1)[-1])


def _is_name(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and (not has_full_stop(text) or len(text) <= 12) and not text[:1].islower()


def _is_source(text: str) -> bool:
    if len(text) > _LONGEST_SOURCE or (has_full_stop(text) and not text.endswith("./.")):
        return False
    return text[:1].isupper() or text.startswith(("http", "www.")) or "." in text.split()[0]


def signs(text: str) -> bool:
    """Tell whether a line is made of nothing but names, initials, units and what they did: a signature."""
    if not _is_name(text):
        return False
    text = re.sub(r"\s*\(([^()]*)\)", r", \1", text)
    parts = [part for part in _PARTS.split(text) if part]
    return bool(parts) and all(
        name_words(part, least=1) or is_initials(part) or is_unit(part) or _ACTS.fullmatch(fold(part)) for part in parts
    )


def has_name_form(text: str, *, styled: bool) -> bool:
    """A name alone, in capitals, with a role or unit after a comma, dash or underscore, or after CTV, PV."""
    if all(is_initials(part) for part in _PARTS.split(text)):
        return True
    prefix = _PREFIX.match(fold(text))
    rest = text[prefix.end() :] if prefix else text
    if prefix and not rest:
        return True
    name, *units = _UNIT.split(rest, maxsplit=1)
    words = name_words(name)
    if not words:
        return is_unit(text)
    if units and units[0]:
        unit = units[0].rstrip(" )")
        return bool(_ACTS.fullmatch(fold(unit))) or names_role(unit) or unit[:1].isupper()
    return bool(prefix) or styled or words <= 4 or is_family_name(name.split()[0])


def is_unit(text: str) -> bool:
    """Tell whether a line is the name of an office: `Đài Truyền thanh xã`."""
    return len(text.split()) <= 8 and _UNIT_FIRST.match(fold(text)) is not None and text[:1].isupper()


def names_role(text: str) -> bool:
    """Tell whether a printed line names an office or unit."""
    return _ROLE.search(fold(text)) is not None


def is_initials(text: str) -> bool:
    """Tell whether a printed line is initials (`H.A`, `T.Thảo`, `BBT`)."""
    return _INITIALS.match(text) is not None and text[0].isupper() and (("." in text.strip(".")) or text.isupper())


def is_family_name(word: str) -> bool:
    """Tell whether a printed word is a usual Vietnamese family name."""
    return fold(word) in _FAMILY


def name_words(text: str, least: int = 2) -> int:
    """Return how many words the printed line has if it is a person's name, up to five capitalised words; else 0.

    A title before the name (`ThS.`, `BS.`) does not count.
    """
    title = _TITLES.match(fold(text))
    words = (text[title.end() :] if title and len(fold(text)) == len(text) else text).split()
    is_name = all(word[0].isupper() and all(letter.isalpha() or letter in "'’" for letter in word) for word in words)
    return len(words) if is_name and least <= len(words) <= 5 else 0
