"""The registry: which portals there are, read from TOML and validated once.

One file per province of today, one table per portal; the table's name is the portal's id for ever. Rows are never
deleted; `crawl = false` stops one.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from cleaning.command import Problem
from scrapers.portal import Portal, is_under, place, validated

SHIPPED = Path(__file__).with_name("portals")


class Registry(Mapping[str, Portal]):
    """All portals by id, in the order of the files."""

    def __init__(self, portals: Mapping[str, Portal], directory: Path) -> None:
        self._portals = dict(portals)
        self.directory = directory

    def __getitem__(self, key: str) -> Portal:
        return self._portals[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._portals)

    def __len__(self) -> int:
        return len(self._portals)

    def get_known(self, portal: str) -> Portal:
        """Return the portal of that id, or raise a Problem that names the nearest one."""
        if portal in self._portals:
            return self._portals[portal]
        near = difflib.get_close_matches(portal, self._portals, n=1)
        hint = f"; did you mean {near[0]}?" if near else "; `tintinh portals list` shows them"
        raise Problem(f"unknown portal {portal!r} in {self.directory}{hint}")

    def find(self, url: str, on: date | None = None) -> Portal | None:
        """Return the portal an address belonged to on a day (default: the newest period).

        The longest path prefix on the host wins. A day in no period falls to the latest row begun before it, else
        to the earliest: an office that ended is archived under its own name while its host still answers.
        """
        host, path = place(url)
        found: list[tuple[int, date, Portal]] = []
        for portal in self._portals.values():
            for own, prefix in portal.places:
                if own == host and is_under(path, prefix):
                    found.append((len(prefix), portal.valid_from or date.min, portal))
        if not found:
            return None
        longest = max(length for length, _, _ in found)
        rows = sorted((entry for entry in found if entry[0] == longest), key=lambda entry: entry[1])
        day = on or date.max
        within = [row for _, begins, row in rows if begins <= day <= (row.valid_to or date.max)]
        before = [row for _, begins, row in rows if begins <= day]
        return (within or before or [rows[0][2]])[-1]

    def to_crawl(self, today: date) -> list[Portal]:
        """Return the rows that a crawl of everything asks: those switched on, whose addresses no later row holds.

        A surviving host changed hands with the merger: its row of before is for captures of then, not for a crawl.
        """
        begun = [portal for portal in self._portals.values() if (portal.valid_from or date.min) <= today]
        latest: dict[tuple[str, str], date] = {}
        for portal in begun:
            for spot in portal.places:
                latest[spot] = max(latest.get(spot, date.min), portal.valid_from or date.min)

        def superseded(portal: Portal) -> bool:
            ends = portal.valid_to
            return ends is not None and all(latest[spot] > ends for spot in portal.places)

        return [portal for portal in begun if portal.crawl and not superseded(portal)]

    def of_province(self, province: str) -> list[Portal]:
        """Return the portals of a province named as of then, without regard to case."""
        wanted = province.casefold()
        return [portal for portal in self._portals.values() if portal.province.casefold() == wanted]


def load_portals(directory: Path | None = None) -> Registry:
    """Read and validate every row of a registry folder (default: the shipped one).

    A malformed row raises a Problem (exit 2): one line with file, table, field and what was expected.
    """
    folder = directory or SHIPPED
    if not folder.is_dir():
        raise Problem(f"registry {folder}: no such folder; give --registry a folder of TOML files")
    portals: dict[str, Portal] = {}
    for file in sorted(folder.glob("*.toml")):
        for table, row in _read(file).items():
            if table in portals:
                raise Problem(f"{file}: [{table}]: the id already stands in {portals[table].file}; ids are for ever")
            portals[table] = validated(file, table, row)
    _check_periods(portals)
    return Registry(_with_excludes(portals), folder)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise Problem(f"{file}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"{file}: not TOML: {error}") from error


def _check_periods(portals: Mapping[str, Portal]) -> None:
    seen: dict[tuple[str, str], list[Portal]] = {}
    for portal in portals.values():
        for spot in dict.fromkeys(portal.places):
            for other in seen.setdefault(spot, []):
                begins = max(portal.valid_from or date.min, other.valid_from or date.min)
                if begins <= min(portal.valid_to or date.max, other.valid_to or date.max):
                    raise Problem(
                        f"{portal.file}: [{portal.id}]: base_url: expected one row per host, prefix and period; "
                        f"[{other.id}] in {other.file} has {'/'.join(spot).rstrip('/')} in the same period "
                        "(set valid_from and valid_to)"
                    )
            seen[spot].append(portal)
        if portal.successor is not None and portal.successor not in portals:
            raise Problem(
                f"{portal.file}: [{portal.id}]: successor: expected the id of a row; found no [{portal.successor}]"
            )


def _with_excludes(portals: Mapping[str, Portal]) -> dict[str, Portal]:
    by_host: dict[str, set[str]] = {}
    for portal in portals.values():
        for host, prefix in portal.places:
            by_host.setdefault(host, set()).add(prefix)
    result = {}
    for portal in portals.values():
        longer = {
            f"{host}{other}"
            for host, prefix in portal.places
            for other in by_host[host]
            if other != prefix and is_under(other, prefix) and (host, other) not in portal.places
        }
        values = {entry.name: getattr(portal, entry.name) for entry in fields(portal)}
        result[portal.id] = Portal(**{**values, "excludes": tuple(sorted(longer))})
    return result
