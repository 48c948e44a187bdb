"""Typed facts in an article's prose, by rule: who holds what, figures, terms, documents, movements, organisations.

Each function takes one paragraph and returns frozen facts whose `snippet` stands in it; `rows` gives them in the shape
of the published fact tables. What no rule is sure of is left out: these tables are for finding and counting, the
article is the source.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cleaning.bylines import is_family_name
from cleaning.dates import read_date
from cleaning.vietnamese import fold, squash

_WORDS: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class PersonRole:
    """A person and one role; `elected` where the sentence tells of an election, with the term it names."""

    snippet: str
    person: str
    role: str
    organisation: str | None = None
    elected: bool = False
    term_start: str | None = None
    term_end: str | None = None


@dataclass(frozen=True)
class Figure:
    """A number with its unit; money in đồng, shares in %; `qualifier`: min, max, about, or `of N` for N/N."""

    snippet: str
    value: float
    unit: str
    qualifier: str | None
    raw: str


@dataclass(frozen=True)
class Term:
    """A term of office (years), or an ordinal: `lần thứ II`, `khóa XII`."""

    snippet: str
    kind: str
    term_start: str | None
    term_end: str | None
    ordinal: int | None
    raw: str


@dataclass(frozen=True)
class Document:
    """A document that the prose names, with number, issuer and date where it gives them."""

    snippet: str
    kind: str
    number: str | None
    issuer: str | None
    date: str | None
    raw: str


@dataclass(frozen=True)
class Movement:
    """A movement, campaign, model or contest by its quoted name."""

    snippet: str
    name: str
    kind: str


@dataclass(frozen=True)
class Organisation:
    """A body by its name; `predecessor` where the sentence says that another came out of it."""

    snippet: str
    name: str
    kind: str
    predecessor: bool = False


Fact = PersonRole | Figure | Term | Document | Movement | Organisation


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


_UPPER = "A-ZÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĐĨŨƠƯẠ-Ỹ"
_NAME_WORD = rf"[{_UPPER}][a-zà-ỹđ]*(?:['’][a-zà-ỹđ]+)?"
_NAME = rf"{_NAME_WORD}(?:\s+{_NAME_WORD}){{1,4}}"
_SMALL = rf"(?:{_any_of(_WORDS['organisations']['words'])})(?![\wà-ỹ])"
_TITLES = _any_of(_WORDS["people"]["titles"])
_GO_ON = (
    rf"(?!\s+(?:và\s+)?(?:{_TITLES})\s)(?:-\s?|\s+)"
    rf"(?:[{_UPPER}\d][\wà-ỹ]*(?:/[\wà-ỹ]+)?|\([A-ZĐ]{{2,12}}\)|(?-i:{_SMALL}))"
)
_LISTED = r"(?:,\s*(?:HĐND|UBND|ĐBQH)(?![\wà-ỹ])(?:\s+và\s+(?:HĐND|UBND)(?![\wà-ỹ]))?)?"


# --- terms ---------------------------------------------------------------------------------------------------------

_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_ORDINAL = r"(?P<{0}>lần\s+thứ|khóa|khoá)\s+(?P<{1}>[IVXLC]{{1,7}}|\d{{1,2}})(?![\wà-ỹ/])"
_YEARS = r"nhiệm\s+kỳ\s*\(?(?P<{0}>(?:19|20)\d\d)\s*[-–—]\s*(?P<{1}>(?:19|20)\d\d)"
_CONGRESS = r"(?:Đại\s+hội\s+đại\s+biểu\s+(?:[^\s,.;:“”()]+\s+){0,8}?)?"
_TERM = re.compile(
    rf"{_CONGRESS}{_ORDINAL.format('kind', 'ordinal')}(?:\s*[,(]?\s*{_YEARS.format('from', 'to')})?"
    rf"|{_YEARS.format('start', 'end')}",
    re.I,
)


def terms(paragraph: str) -> list[Term]:
    """Return terms of office and ordinals; an ordinal directly before the years belongs to them."""
    found = []
    for match in _TERM.finditer(paragraph):
        start, end = match["from"] or match["start"], match["to"] or match["end"]
        if start and not start <= end:
            continue
        kind = "nhiệm kỳ" if start else squash(match["kind"]).lower()
        ordinal = _number_of(match["ordinal"]) if match["ordinal"] else None
        found.append(Term(match[0], kind, start, end, ordinal, squash(match[0])))
    return found


def _number_of(ordinal: str) -> int | None:
    if ordinal.isdigit():
        return int(ordinal)
    values = [_ROMAN[letter] for letter in ordinal.upper()]
    return sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))


# --- figures -------------------------------------------------------------------------------------------------------

_BOUNDS = {word: name for name in ("min", "max", "about") for word in _WORDS["figures"][name]}
_SCALES: dict[str, int] = _WORDS["figures"]["scales"]
_FIGURE = re.compile(
    rf"(?<![\w.,/-])(?:(?P<bound>{_any_of(_BOUNDS)})\s+)?"
    rf"(?P<number>\d{{1,3}}(?:\.\d{{3}})+(?:,\d+)?|\d+(?:,\d+)?)(?:/(?P<of>\d{{1,6}}))?\s*"
    rf"(?:(?P<scale>{_any_of(_SCALES)})\s+)?(?P<unit>{_any_of(_WORDS['figures']['units'])})(?![\wà-ỹ])",
    re.I,
)


def figures(paragraph: str) -> list[Figure]:
    """Return numbers with a unit, read the Vietnamese way: `47.416` is 47416, `47,64%` is 47.64."""
    found: list[Figure] = []
    for match in _FIGURE.finditer(paragraph):
        value = float(match["number"].replace(".", "").replace(",", "."))
        value *= _SCALES[match["scale"].lower()] if match["scale"] else 1
        unit = squash(match["unit"]).lower()
        bound = _BOUNDS.get(squash(match["bound"]).lower()) if match["bound"] else None
        if match["bound"] and found and paragraph[: match.start()].rstrip().endswith(found[-1].snippet):
            bound = None  # `47 hồ sơ trên 99 hồ sơ`: out of
        if match["of"]:
            bound = f"of {match['of']}"
        raw = squash(match[0])
        found.append(Figure(match[0], value, {"phần trăm": "%", "đ/c": "đồng chí"}.get(unit, unit), bound, raw))
    return found


# --- documents -----------------------------------------------------------------------------------------------------

_KINDS = _any_of(_WORDS["documents"]["kinds"])
_ISSUER_WORD = rf"(?:[{_UPPER}][\wà-ỹ]*|(?-i:{_SMALL}))"
_ISSUER = rf"(?P<issuer>{_ISSUER_WORD}(?:(?!\s+và\s+(?:{_KINDS}))\s+{_ISSUER_WORD}){{0,9}})"
_DOCUMENT = re.compile(
    rf"(?P<kind>{_KINDS})\s+(?:"
    rf"(?P<number>(?:số\s*:?\s*)?\d[\w.]*(?:[/-][\w.-]*[\wĐ])*|số\s+[\w./-]*\d[\w./-]*|Trung\s+ương\s+\d+(?:\s*\(?,?\s*kh[óo][aá]\s+[IVXLC]+\)?)?)"
    rf"|(?P<congress>(?:Đại\s+hội|Hội\s+nghị)\s+[{_UPPER}][^.;:“”]{{2,60}}?)(?=[.;:“”]|,\s+(?![{_UPPER}])|$))"
    rf"(?:,?\s+ngày\s+(?P<date>\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{4}}))?(?:,?\s+của\s+{_ISSUER})?"
)


def documents(paragraph: str) -> list[Document]:
    """Return the documents that the prose names by number or by the congress that passed them."""
    found = []
    for match in _DOCUMENT.finditer(paragraph):
        day = read_date(match["date"], "page") if match["date"] else None
        number = squash(re.sub(r"^số\s*:?\s*", "", match["number"])) if match["number"] else None
        issuer = squash(match["issuer"] or match["congress"] or "")
        found.append(
            Document(
                match[0].rstrip(),
                squash(match["kind"]),
                number,
                issuer or None,
                day.value if day else None,
                squash(match[0]),
            )
        )
    return found


# --- movements -----------------------------------------------------------------------------------------------------

_QUOTED = re.compile(r"[“\"«]([^“”\"«»]{3,120})[”\"»]")
_KIND = re.compile(
    rf"(?<![\wà-ỹ])(?P<kind>{_any_of([*_WORDS['movements']['kinds'], *_WORDS['movements']['not_kinds']])})(?![\wà-ỹ])",
    re.I,
)
_BETWEEN = re.compile(r"^\s*(?:,|;|và|hoặc|với|\.\.\.|…)?\s*$")
_REACH = 45


def movements(paragraph: str) -> list[Movement]:
    """Return quoted names that a word such as `phong trào` or `mô hình` introduces; in a list it counts for all."""
    found: list[Movement] = []
    last_end, last_kind = -1, ""
    for match in _QUOTED.finditer(paragraph):
        before = paragraph[max(0, match.start() - _REACH, last_end) : match.start()]
        clause = re.split(r"[.;:“”]", before)[-1]
        kinds = list(_KIND.finditer(clause))
        kinds = [found for found in kinds if not (found["kind"].lower() == "là" and found.end() < len(clause.rstrip()))]
        kind = squash(kinds[-1]["kind"]).lower() if kinds else ""
        if not kinds and last_end >= 0 and _BETWEEN.match(paragraph[last_end : match.start()]):
            kind = last_kind
        begins = _KIND.match(match[1])
        if not kind and begins and match[1][0].isupper():
            kind = squash(begins["kind"]).lower()
        last_end, last_kind = match.end(), kind
        if kind and kind not in _WORDS["movements"]["not_kinds"]:
            found.append(Movement(match[0], squash(match[1]), kind))
    return found


# --- organisations -------------------------------------------------------------------------------------------------

_HEAD = rf"(?<![^\W_])(?P<head>{_any_of(_WORDS['organisations']['heads'])})(?![\wà-ỹ]|\s+viên(?![\wà-ỹ]))"
_ORGANISATION = re.compile(rf"(?i:{_HEAD})(?:{_GO_ON})*{_LISTED}(?:{_GO_ON})*")
_CLAUSE, _SENTENCE = 60, 1000  # letters before a name in which what is said of it is looked for
_PREDECESSOR = re.compile(rf"(?:{_any_of(_WORDS['organisations']['predecessor'])})\s+$", re.I)
_ALONE = frozenset(_WORDS["organisations"]["alone"])


def organisations(paragraph: str) -> list[Organisation]:
    """Return bodies by their full names; a bare `chi đoàn` or `phòng` names none."""
    found: dict[str, Organisation] = {}
    for match in _ORGANISATION.finditer(paragraph):
        name = _trimmed(match[0])
        head = squash(match["head"]).lower()
        if (len(name) <= len(match["head"]) and head not in _ALONE) or (" " not in head and match[0][0].islower()):
            continue
        if (
            head not in _ALONE
            and not re.search(rf"[{_UPPER}\d]", name[len(match["head"]) :])
            and not match[0][0].isupper()
        ):
            continue
        earlier = _PREDECESSOR.search(paragraph[max(0, match.start() - _CLAUSE) : match.start()]) is not None
        found.setdefault(fold(name), Organisation(name, squash(name), head, earlier))
    return list(found.values())


_TAIL = re.compile(r"\s+và\s+(?:các|những)(?:\s+[a-zà-ỹđ]+)*$|(?:[\s,-]+(?:và|các))+$")


def _trimmed(name: str) -> str:
    """Cut small words that begin what comes after a name."""
    return _TAIL.sub("", name.strip())


# --- people --------------------------------------------------------------------------------------------------------

_ROLE = rf"(?i:{_any_of(_WORDS['people']['roles'])})(?![\wà-ỹ])(?:{_GO_ON})*"
_ROLES = rf"(?P<roles>{_ROLE}(?:\s*,\s*{_ROLE})*)"
_TITLE = rf"(?:(?i:{_TITLES})\s+)"
_NAME_FIRST = re.compile(rf"(?<![\wà-ỹ]){_TITLE}?(?P<name>{_NAME})\s*(?:[-–—]\s*|,\s*|\(\s*){_ROLES}")
_ROLE_FIRST = re.compile(rf"(?<![\wà-ỹ]){_ROLES}\s*(?:[-–—:]\s*{_TITLE}?|\s{_TITLE})(?P<name>{_NAME})(?![\wà-ỹ])")
_ROLE_NAME = re.compile(rf"(?<![\wà-ỹ]){_ROLES}")
_INTO = r"(?:giữ\s+chức(?:\s+vụ|\s+danh)?|làm|vào\s+chức)"
_ELECTED = re.compile(
    rf"(?<![\wà-ỹ]){_TITLE}?(?P<name>{_NAME})\s+[^.;“”]{{0,60}}?(?:bầu|tín\s+nhiệm|trúng\s+cử)[^.;“”]{{0,25}}?"
    rf"{_INTO}\s+{_ROLES}"
)
_ELECTS = re.compile(
    rf"(?<![\wà-ỹ])(?:bầu|tín\s+nhiệm)\s+{_TITLE}(?P<name>{_NAME})\s+(?:tiếp\s+tục\s+|tái\s+)?{_INTO}\s+{_ROLES}"
)
_ELECTION = re.compile(rf"(?<![\wà-ỹ])(?:{_any_of(_WORDS['people']['elected'])})(?![\wà-ỹ])", re.I)
_ABBREVIATED = {"đuv": "Đảng ủy viên", "uvbtv": "Ủy viên Ban Thường vụ"}


def people_roles(paragraph: str) -> list[PersonRole]:
    """Return who holds which roles: `role - name`, `name- role`, `name, role`, and who was elected to what."""
    found: dict[tuple[str, str], PersonRole] = {}
    years = next((term for term in terms(paragraph) if term.term_start), None)
    taken: list[tuple[int, int]] = []
    for pattern in (_ELECTS, _ELECTED, _ROLE_FIRST, _NAME_FIRST, _ROLE_NAME):
        for match in pattern.finditer(paragraph):
            name, roles = _parted(match["roles"]) if pattern is _ROLE_NAME else (_name(match["name"]), match["roles"])
            place = match.span("roles" if pattern is _ROLE_NAME else "name")
            if not name or any(start < place[1] and place[0] < end for start, end in taken):
                continue
            taken.append(place)
            begin = max(0, match.start() - _SENTENCE)
            sentence = paragraph[max(paragraph.rfind(". ", begin, match.start()), begin) : match.end()]
            elected = pattern in (_ELECTS, _ELECTED) or _ELECTION.search(sentence) is not None
            for role in re.split(r"\s*,\s*", roles):
                role = _ABBREVIATED.get(role.lower(), _trimmed(role))
                body = _ORGANISATION.search(role)
                fact = PersonRole(
                    snippet=match[0].strip(" ("),
                    person=name,
                    role=squash(role),
                    organisation=squash(_trimmed(body[0])) if body and body.start() else None,
                    elected=elected,
                    term_start=years.term_start if elected and years else None,
                    term_end=years.term_end if elected and years else None,
                )
                found.setdefault((fold(name), fold(role)), fact)
    return sorted(found.values(), key=lambda fact: paragraph.find(fact.snippet))


def _parted(roles: str) -> tuple[str | None, str]:
    """Part `Chủ tịch UBND tỉnh Trần Thị B` into name and role: three capitalised words or more, family name first."""
    words = roles.split()
    for start in range(max(2, len(words) - 5), len(words) - 2):
        name, before = words[start:], words[start - 1]
        is_name = is_family_name(name[0]) and all(word.istitle() for word in name) and name != ["Hồ", "Chí", "Minh"]
        if is_name and (before.islower() or before.isupper()):
            return " ".join(name), " ".join(words[:start])
    return None, roles


def _name(text: str) -> str | None:
    """Return a person's name: a family name and one to four more words; what stands before the family name is cut."""
    words = text.split()
    while words and not is_family_name(words[0]):
        words.pop(0)
    return " ".join(words) if 2 <= len(words) <= 5 else None


# --- tables --------------------------------------------------------------------------------------------------------

_TABLES: dict[str, Callable[[str], Sequence[Fact]]] = {
    "people_roles": people_roles,
    "figures": figures,
    "terms": terms,
    "documents": documents,
    "movements": movements,
    "organisations": organisations,
}


def rows(
    body: Sequence[str], *, title: str | None = None, lead: str | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (table, row) in the shape of the published fact tables, without the article's id.

    `n` counts per table from 0; `paragraph` is the index in `body`, None for title and lead. A fact that comes
    again in the same article with the same values is given once.
    """
    texts: list[tuple[int | None, str]] = [(None, text) for text in (title, lead) if text]
    texts += list(enumerate(body))
    for table, find in _TABLES.items():
        seen: set[tuple[Any, ...]] = set()
        for paragraph, text in texts:
            for fact in find(text):
                values = asdict(fact)
                key = tuple(value for column, value in values.items() if column not in ("snippet", "raw"))
                if key not in seen:
                    seen.add(key)
                    yield table, {"n": len(seen) - 1, "paragraph": paragraph, **values}
