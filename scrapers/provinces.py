"""The provinces before and after 1 July 2025: names, codes with their vintage, and what became of each."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from cleaning.command import Problem
from cleaning.vietnamese import fold

SHIPPED = Path(__file__).with_name("provinces.toml")

CENTRAL = "Trung ương"
"""What a row says for a ministry or another national body: no province at all."""

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


@dataclass(frozen=True)
class Province:
    """One unit of one vintage: Tây Ninh of 2024 and Tây Ninh of 2025 are two.

    `code` is the statistical office's, and means nothing without `vintage`, the year of the list it stands in.
    `becomes` is the id of the unit that took this one over; a unit without `valid_to` is in force.
    """

    id: str
    name: str
    name_en: str
    kind: Literal["province", "city"]
    code: str
    vintage: int
    domain: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    becomes: str | None = None
    aliases: tuple[str, ...] = ()
    note: str | None = None

    @property
    def folded(self) -> str:
        """The name as search compares it: `quang nam`."""
        return fold(self.name)

    @property
    def sort_key(self) -> str:
        """A key whose plain byte order is the Vietnamese alphabet's: Đ after D."""
        return sort_key(self.name)

    def in_force(self, on: date) -> bool:
        """Tell whether the unit existed on that day; an unknown begin is long ago."""
        return (self.valid_from or date.min) <= on <= (self.valid_to or date.max)


@dataclass(frozen=True)
class Provinces:
    """All units by id, in the file's order."""

    units: dict[str, Province]

    def __iter__(self) -> Iterator[Province]:
        return iter(self.units.values())

    def __len__(self) -> int:
        return len(self.units)

    def unit(self, name: str, on: date | None = None) -> Province | None:
        """Return the unit of that name on that day; without a day, the oldest one of the name."""
        named = [unit for unit in self if fold(name) in _names(unit) and (on is None or unit.in_force(on))]
        exact = [unit for unit in named if unit.folded == fold(name)]
        return min(exact or named, key=lambda unit: (unit.valid_from or date.min, unit.vintage), default=None)

    def of(self, name: str, valid_from: date | None, valid_to: date | None) -> Province | None:
        """Return the unit that a registry row means by its province, as of the row's own period."""
        return self.unit(name, valid_from or valid_to)

    def now(self, unit: Province) -> Province:
        """Follow the merger map to the unit that is in force today."""
        while unit.becomes:
            unit = self.units[unit.becomes]
        return unit

    def lineage(self, unit: Province) -> tuple[Province, ...]:
        """Return the unit and everything it became, oldest first."""
        chain = [unit]
        while chain[-1].becomes:
            chain.append(self.units[chain[-1].becomes])
        return tuple(chain)

    def code(self, unit: Province, vintage: int) -> str | None:
        """Return the code of that vintage for the unit or what it became; None where it had none yet."""
        return next((each.code for each in self.lineage(unit) if each.vintage == vintage), None)

    def members(self, unit: Province) -> tuple[Province, ...]:
        """Return the units that became this one directly."""
        return tuple(each for each in self if each.becomes == unit.id)

    def search(self, words: str) -> tuple[Province, ...]:
        """Return the units whose name, old or other, holds the words, accents or not, in alphabetical order."""
        wanted = fold(words)
        found = (unit for unit in self if any(wanted in name for name in _names(unit)))
        return tuple(sorted(found, key=lambda unit: (unit.sort_key, unit.vintage)))


def sort_key(name: str) -> str:
    """Return a key that puts names in Vietnamese order under plain comparison: letters first, then tones."""
    letters, tones = [], []
    for char in unicodedata.normalize("NFC", name).casefold():
        parts = unicodedata.normalize("NFD", char)
        tone = next((_TONES[mark] for mark in parts if mark in _TONES), 0)
        letter = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES))
        if letter in _ALPHABET:
            letters.append(chr(ord("A") + _ALPHABET.index(letter)))
            tones.append(str(tone))
        else:
            letters.append(letter if letter.isdigit() else " ")
    return "".join(letters) + "!" + "".join(tones)


def _names(unit: Province) -> tuple[str, ...]:
    return (unit.folded, fold(unit.name_en), *(fold(alias) for alias in unit.aliases))


@cache
def load_provinces(path: Path = SHIPPED) -> Provinces:
    """Read and check the file of units.

    Raises `Problem` with one line: file, table, field, what was expected.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
        raise Problem(f"{path.name}: {why}; expected a TOML file of provinces") from None
    units = {name: _read(path, name, table) for name, table in tables.items()}
    codes: dict[tuple[str, int], str] = {}
    for unit in units.values():
        if unit.becomes and (unit.becomes not in units or unit.valid_to is None):
            raise _wrong(path, unit.id, "becomes", "the table of another unit, together with valid_to")
        if unit.valid_to and not unit.becomes:
            raise _wrong(path, unit.id, "becomes", "what the unit became, since it has a valid_to")
        twin = codes.setdefault((unit.code, unit.vintage), unit.id)
        if twin != unit.id:
            raise _wrong(path, unit.id, "code", f"a code of its own; {twin} has it in {unit.vintage}")
    for unit in units.values():
        _refuse_circle(path, unit, units)
    return Provinces(units)


_TYPES: dict[str, tuple[type, str]] = {
    "name": (str, "a text"),
    "name_en": (str, "a text"),
    "kind": (str, '"province" or "city"'),
    "code": (str, 'two digits in quotes, such as "49"'),
    "vintage": (int, "the year of the list that the code stands in, such as 2024"),
    "domain": (str, "a host name"),
    "valid_from": (date, "a date"),
    "valid_to": (date, "a date"),
    "becomes": (str, "the name of another table"),
    "aliases": (list, "a list of names"),
    "note": (str, "a text"),
}


def _read(path: Path, name: str, table: object) -> Province:
    if not isinstance(table, dict):
        raise _wrong(path, name, "(the whole)", "a table of its own, [name_vintage]")
    for key, value in table.items():
        if key not in _TYPES:
            raise _wrong(path, name, key, "one of " + ", ".join(_TYPES))
        if type(value) is not _TYPES[key][0]:
            raise _wrong(path, name, key, _TYPES[key][1])
    for field in fields(Province):
        if field.name in ("name", "name_en", "kind", "code", "vintage") and field.name not in table:
            raise _wrong(path, name, field.name, _TYPES[field.name][1])
    if table["kind"] not in ("province", "city"):
        raise _wrong(path, name, "kind", _TYPES["kind"][1])
    if not (len(table["code"]) == 2 and table["code"].isdecimal()):
        raise _wrong(path, name, "code", _TYPES["code"][1])
    return Province(id=name, **{**table, "aliases": tuple(table.get("aliases", ()))})


def _refuse_circle(path: Path, unit: Province, units: dict[str, Province]) -> None:
    seen = {unit.id}
    while unit.becomes:
        unit = units[unit.becomes]
        if unit.id in seen:
            raise _wrong(path, unit.id, "becomes", "a way forward; it leads in a circle")
        seen.add(unit.id)


def _wrong(path: Path, table: str, field: str, expected: str) -> Problem:
    return Problem(f"{path.name}: [{table}] {field}: expected {expected}")
