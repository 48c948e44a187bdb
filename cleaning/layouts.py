"""Layouts: where the article and its parts stand on the pages of a CMS family or a host, as reviewable TOML.

`cleaning/layouts/README.md` describes a row. Selectors are CSS, or XPath if they begin with `/`, `./` or `(`;
`selector@attribute` takes an attribute's value instead of the element's text (dates and titles only).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from cleaning.command import Problem
from cleaning.record import LABELS
from cleaning.selectors import Selector

SHIPPED = Path(__file__).parent / "layouts"

EVIDENCE = ("measured", "source", "guess")
FIELDS = ("title", "lead", "date", "views", "author", "source", "category", "counters", "attachments", "captions")
_SELECTOR_KEYS = ("signature", "container", "body", *FIELDS)
_KEYS = frozenset(("evidence", "note", "hosts", "noise", *_SELECTOR_KEYS))


class Part(NamedTuple):
    """One selector of a row's fields or noise, in their order: noise first, a later field's role being stronger."""

    selector: Selector
    name: str  # a field, or the label of noise
    is_noise: bool = False


@dataclass(frozen=True)
class Layout:
    """One row: how pages of one generation of a family (or of one host) are built.

    Fits a page of `hosts` (a name, or `.suffix`), or any page that carries the whole `signature`. `container` holds
    the article; `body`, if given, the prose inside it. `noise` names sub-paths with the label they get.
    """

    name: str
    evidence: str
    hosts: tuple[str, ...] = ()
    signature: tuple[Selector, ...] = ()
    container: tuple[Selector, ...] = ()
    body: tuple[Selector, ...] = ()
    fields: tuple[tuple[str, tuple[Selector, ...]], ...] = ()
    noise: tuple[tuple[str, tuple[Selector, ...]], ...] = ()
    note: str = ""

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the ids and classes without which a page does not carry the signature."""
        return frozenset().union(*(selector.names for selector in self.signature))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Return the selectors of noise and fields."""
        noise = [Part(selector, label, is_noise=True) for label, selectors in self.noise for selector in selectors]
        return (*noise, *[Part(selector, name) for name, selectors in self.fields for selector in selectors])

    def names_host(self, host: str | None) -> bool:
        """Tell whether one of its hosts is this one."""
        return host is not None and any(
            host == name or (name.startswith(".") and host.endswith(name)) for name in self.hosts
        )


@dataclass(frozen=True)
class Layouts:
    """All layouts at hand, learnt ones first."""

    rows: tuple[Layout, ...] = field(default=())

    def of_host(self, url: str | None) -> tuple[Layout, ...]:
        """Return the layouts that name the address's host."""
        if not url or not self._hosted:
            return ()
        try:
            host = urlsplit(url).hostname
        except ValueError:  # a broken address names no host
            return ()
        return tuple(row for row in self._hosted if row.names_host(host))

    def of_names(self, names: Set[str], joined: str) -> list[Layout]:
        """Return the families' layouts whose signature a page with those names may have; `joined`: one per line."""
        found = {place for name in names & self._telling.keys() for place in self._telling[name]}
        found.update([place for text, place in self._telling_texts if text in joined])
        return [self._families[place] for place in sorted(found)]

    @cached_property
    def _hosted(self) -> tuple[Layout, ...]:
        return tuple(row for row in self.rows if row.hosts)

    @cached_property
    def _families(self) -> tuple[Layout, ...]:
        return tuple(row for row in self.rows if not row.hosts)

    @cached_property
    def _telling(self) -> dict[str, list[int]]:
        """The families' places by one name that their signature needs."""
        telling: dict[str, list[int]] = {}
        for place, row in enumerate(self._families):
            if row.names:
                telling.setdefault(max(row.names, key=len), []).append(place)
        return telling

    @cached_property
    def _telling_texts(self) -> list[tuple[str, int]]:
        """The other families' places with each text that one of the page's names then holds; empty where none must."""
        return [
            (text, place)
            for place, row in enumerate(self._families)
            if not row.names
            for text in max((selector.texts for selector in row.signature), key=lambda texts: min(map(len, texts)))
        ]

    def __iter__(self) -> Iterator[Layout]:
        return iter(self.rows)


def load_layouts(*directories: Path | str) -> Layouts:
    """Return the layouts of those folders' `*.toml` (a missing folder has none), then the shipped ones.

    Raises `Problem` naming file, table, field and what was expected.
    """
    rows = [row for directory in directories for row in _load_folder(Path(directory))]
    return Layouts((*rows, *shipped().rows)) if rows else shipped()


@lru_cache(maxsize=1)
def shipped() -> Layouts:
    """Return the layouts of the package."""
    return Layouts(tuple(_load_folder(SHIPPED)))


def _load_folder(folder: Path) -> Iterable[Layout]:
    for path in sorted(folder.glob("*.toml")):
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise Problem(f"{path}: no readable TOML: {error}") from error
        for name, table in tables.items():
            yield _read_row(f"{path}, [{name}]", name, table)


def _read_row(where: str, name: str, table: object) -> Layout:
    if not isinstance(table, dict):
        raise Problem(f"{where}: expected a table of selectors, found {type(table).__name__}")
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        raise Problem(f"{where}, {unknown[0]}: unknown field; expected one of {', '.join(sorted(_KEYS))}")
    if table.get("evidence") not in EVIDENCE:
        raise Problem(f"{where}, evidence: expected one of {', '.join(EVIDENCE)}")
    selectors = {key: _selectors(f"{where}, {key}", table.get(key, [])) for key in _SELECTOR_KEYS}
    if not selectors["container"]:
        raise Problem(f"{where}, container: expected at least one selector")
    hosts = _strings(f"{where}, hosts", table.get("hosts", []))
    if not hosts and not selectors["signature"]:
        raise Problem(f"{where}, signature: expected selectors, because the row names no hosts")
    noise = table.get("noise", {})
    if not isinstance(noise, dict) or set(noise) - set(LABELS):
        raise Problem(f"{where}, noise: expected lists of selectors by label ({', '.join(LABELS)})")
    return Layout(
        name=name,
        evidence=table["evidence"],
        hosts=tuple(host.lower() for host in hosts),
        signature=selectors["signature"],
        container=selectors["container"],
        body=selectors["body"],
        fields=tuple((key, selectors[key]) for key in FIELDS if selectors[key]),
        noise=tuple((label, _selectors(f"{where}, noise.{label}", value)) for label, value in noise.items()),
        note=_strings(f"{where}, note", table.get("note", ""))[0],
    )


def _selectors(where: str, value: object) -> tuple[Selector, ...]:
    try:
        return tuple(Selector.parse(text) for text in _strings(where, value))
    except ValueError as error:
        raise Problem(f"{where}: {error}") from None


def _strings(where: str, value: object) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Problem(f"{where}: expected a string or a list of strings")
    return tuple(texts)
