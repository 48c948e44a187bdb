"""`tintinh portals list`, `show` and `add`: the registry as people read and extend it."""

from __future__ import annotations

import json
import tempfile
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from archive import clock
from cleaning.command import Problem
from cleaning.vietnamese import fold
from scrapers.portal import FAMILIES, LEVELS, Portal
from scrapers.provinces import CENTRAL, Province, load_provinces, sort_key
from scrapers.registry import SHIPPED, Registry, load_portals


def select(
    rows: Registry,
    *,
    words: str | None,
    province: str | None,
    level: str | None,
    family: str | None,
    ended: bool | None,
) -> list[Portal]:
    """Return the rows that fit every filter, by today's province, then level, then name.

    `province` fits the unit of the row's time and the one it has become; accents do not count.
    """
    for given, known, what in ((level, LEVELS, "level"), (family, FAMILIES, "family")):
        if given is not None and given not in known:
            raise Problem(f"--{what} {given}: expected one of {', '.join(known)}")
    today = clock.now().date()
    if province is not None and not load_provinces().search(province) and fold(province) != fold(CENTRAL):
        raise Problem(f"--province {province}: no province, old or new, of that name")
    chosen = [
        portal
        for portal in rows.values()
        if (words is None or fold(words) in fold(" ".join((portal.id, portal.name, portal.base_url))))
        and (province is None or fold(province) in _places(portal))
        and level in (None, portal.level)
        and family in (None, portal.family)
        and (ended is None or portal.retiring(today) == ended)
    ]
    return sorted(chosen, key=lambda portal: (_order(portal), LEVELS.index(portal.level), sort_key(portal.name)))


def print_list(portals: list[Portal], *, as_json: bool) -> None:
    """Print the rows as a table, or as JSON."""
    if as_json:
        click.echo(json.dumps([described(portal) for portal in portals], ensure_ascii=False, indent=1, default=str))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("portal", "province then", "now", "level", "family", "from", "to", "address"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "portal")
    for portal in portals:
        unit = unit_of(portal)
        now = load_provinces().now(unit).name if unit else ""
        table.add_row(
            portal.id,
            portal.province,
            "" if now == portal.province else now,
            portal.level,
            portal.family,
            str(portal.valid_from or ""),
            str(portal.valid_to or ""),
            portal.base_url or "(unknown)",
        )
    console = Console(width=None if Console().is_terminal else 200, highlight=False)
    console.print(table)
    ended = sum(portal.retiring(clock.now().date()) for portal in portals)
    live = sum(portal.verified is not None for portal in portals)
    click.echo(f"{len(portals)} portals, {ended} of them of offices that ended, {live} seen live")


def print_one(portal: Portal, rows: Registry, *, as_json: bool) -> None:
    """Print everything a row says, and what follows from it."""
    values = described(portal)
    if as_json:
        click.echo(json.dumps(values, ensure_ascii=False, indent=1, default=str))
        return
    console = Console(highlight=False)
    console.print(f"[bold]{portal.id}[/bold]  {portal.name}")
    for name, value in values.items():
        if name not in ("id", "name") and value not in (None, [], ()):
            shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            console.print(f"  {name:<16} {shown}")
    others = [other for other in rows.values() if other.id != portal.id and set(other.places) & set(portal.places)]
    for other in others:
        period = f"{other.valid_from or '…'} to {other.valid_to or 'now'}"
        console.print(f"  {'same address':<16} {other.id} ({period})")
    before = [other.id for other in rows.values() if other.successor == portal.id]
    if before:
        console.print(f"  {'succeeds':<16} {', '.join(before)}")


def described(portal: Portal) -> dict[str, Any]:
    """Return a row with its province then and now, the codes by vintage, and the file it stands in."""
    unit = unit_of(portal)
    provinces = load_provinces()
    row = {name: list(value) if isinstance(value, tuple) else value for name, value in portal.as_row().items()}
    return {
        **row,
        "base_url": portal.base_url or None,
        "province_now": provinces.now(unit).name if unit else None,
        "province_code_2024": provinces.code(unit, 2024) if unit else None,
        "province_code_2025": provinces.code(unit, 2025) if unit else None,
        "file": portal.file,
    }


def add(text: str, folder: Path | None) -> list[Path]:
    """Write rows (TOML, as `portals probe` prints them) into the files of their provinces; return these files.

    The whole registry is checked with the new rows in it before anything is written: a wrong row changes nothing.
    """
    target = folder or SHIPPED
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"the row: not TOML: {error}") from None
    if not tables:
        raise Problem("the row: nothing to add; expected a table [id] with name, family, base_url …")
    known = load_portals(target) if target.is_dir() else {}
    for name in tables:
        if name in known:
            raise Problem(f"[{name}]: the id already stands in {target / known[name].file}; ids are for ever")
    files: dict[str, str] = {}
    for name, (table, piece) in zip(tables, _pieces(text, list(tables)), strict=True):
        file = target / f"{_file_of(table, tables[name])}.toml"
        old = files.get(file.name) or (file.read_text("utf-8") if file.exists() else "")
        files[file.name] = (old.rstrip() + "\n\n" if old.strip() else "") + piece.strip() + "\n"
    with tempfile.TemporaryDirectory() as scratch:
        for file in [*target.glob("*.toml"), *target.glob("*.pem")]:
            (Path(scratch) / file.name).write_bytes(file.read_bytes())
        for file_name, content in files.items():
            (Path(scratch) / file_name).write_text(content, "utf-8")
        try:
            load_portals(Path(scratch))
        except Problem as problem:
            raise Problem(str(problem).replace(scratch, str(target))) from None
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for file_name, content in files.items():
        part = target / f"{file_name}.part"
        part.write_text(content, "utf-8")
        written.append(part.replace(target / file_name))
    return written


def unit_of(portal: Portal) -> Province | None:
    """Return the province unit of a row's own time; None for national bodies and unknown places."""
    if portal.province in ("", CENTRAL):
        return None
    return load_provinces().of(portal.province, portal.valid_from, portal.valid_to)


def _pieces(text: str, names: list[str]) -> list[tuple[str, str]]:
    """Part the text of several tables, so that comments and the order of fields stay as written."""
    starts = [
        next(i for i, line in enumerate(text.splitlines()) if line.strip().startswith(f"[{name}]")) for name in names
    ]
    lines = text.splitlines()
    bounds = [0, *starts[1:], len(lines)]
    return [(name, "\n".join(lines[bounds[i] : bounds[i + 1]])) for i, name in enumerate(names)]


def _file_of(table: str, row: object) -> str:
    """Return the name of the file a row belongs in: that of the province as it is now."""
    values = row if isinstance(row, dict) else {}
    province, begins, ends = (values.get(name) for name in ("province", "valid_from", "valid_to"))
    if province == CENTRAL:
        return "trung_uong"
    unit = load_provinces().of(str(province), *(day if isinstance(day, date) else None for day in (begins, ends)))
    if unit is None:
        raise Problem(f"[{table}]: province: expected a province's name of then, or {CENTRAL}; found {province!r}")
    return load_provinces().now(unit).id.rpartition("_")[0]


def _places(portal: Portal) -> str:
    unit = unit_of(portal)
    lineage = load_provinces().lineage(unit) if unit else ()
    return "\n".join([fold(portal.province), *(each.folded for each in lineage)])


def _order(portal: Portal) -> str:
    unit = unit_of(portal)
    return load_provinces().now(unit).sort_key if unit else ""
