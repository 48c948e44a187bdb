"""One row of the registry: what it says of a portal, and how a table of TOML becomes one.

A row is data: a host and path prefix, the family that says how its listings page, and the period in which that is
true, because a host can change hands or engine.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from cleaning.command import Problem
from scrapers.provinces import CENTRAL, load_provinces

LEVELS = (
    "province", "party", "assembly", "front", "department", "district", "commune", "youth-union", "women-union",
    "union", "association", "centre", "hospital", "school", "press", "police", "court", "ministry", "other",
)  # fmt: skip
FAMILIES = (
    "vnpt", "sharepoint-portal", "sharepoint-modern", "webcenter", "nukeviet", "liferay", "wordpress", "drupal",
    "joomla", "dotnetnuke", "generic",
)  # fmt: skip
"""What a row's `family` may name: the modules of `scrapers/families`, `-` for `_`."""
MEDIA = ("none", "attachments", "all")
TLS = ("verify", "unverified")

_PARTIAL_DAY = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_ID = re.compile(r"[a-z][a-z0-9_]*")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?::\d{1,5})?")


@dataclass(frozen=True)
class Portal:
    """One row of the registry: one publisher's news on one host and path prefix in one period.

    `base_url` has no trailing slash; "" is an address nobody knows yet, and such a row is not crawled. `listings`
    are paths under the host or whole addresses; the family finds the rest. `aliases` are the `host[/prefix]` the same
    portal answered at before or answers at besides. `engine` is the CMS that was seen, in words; `evidence` what the
    row rests on, gathered at `evidence_date` (year, month or day). `intermediates` is a file of PEM certificates,
    beside the row's own file, that the host forgets to send.
    """

    id: str
    name: str
    family: str
    base_url: str
    province: str
    level: str = "other"
    platform: str | None = None
    listings: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    article: str | None = None
    deny: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    crawl: bool = True
    quiet_days: int = 30
    media: Literal["none", "attachments", "all"] = "none"
    delay: float | None = None
    page_cap: int = 500
    tls: Literal["verify", "unverified"] = "verify"
    intermediates: str | None = None
    verified: date | None = None
    note: str | None = None
    successor: str | None = None
    engine: str | None = None
    evidence: str | None = None
    evidence_date: str | None = None
    file: str = field(default="", compare=False)
    excludes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def host(self) -> str:
        """`host` or `host:port` of `base_url`, without `www.`."""
        return place(self.base_url)[0]

    @property
    def prefix(self) -> str:
        """The path prefix under which the portal lives, lower case, `""` for the whole host."""
        return place(self.base_url)[1]

    @property
    def slot(self) -> str:
        """The name under which the portal's requests wait for each other: its platform, or its host."""
        return self.platform or self.host or self.id

    @cached_property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Every (host, prefix) the portal answers at, its own first."""
        addresses = ([self.base_url] if self.base_url else []) + ["http://" + alias for alias in self.aliases]
        return tuple(place(address) for address in addresses)

    def retiring(self, today: date) -> bool:
        """Tell whether the office has ended: while it still answers it is crawled first and in full."""
        return self.valid_to is not None and self.valid_to < today

    def covers(self, url: str) -> bool:
        """Tell whether an address belongs to this row and not to one with a longer prefix."""
        host, path = place(url)
        if not _holds(self.places, host, path):
            return False
        return not self.excludes or not _holds(map(_parted, self.excludes), host, path)

    def as_row(self) -> dict[str, Any]:
        """Return the row's fields as plain values (tuples, dates and None kept), without what loading added."""
        hidden = {"file", "excludes"}
        return {entry.name: getattr(self, entry.name) for entry in fields(self) if entry.name not in hidden}


@lru_cache(maxsize=16384)
def place(url: str) -> tuple[str, str]:
    """Return (host without `www.` and default port, path in lower case without trailing slash) of an address."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    host = host.removesuffix(":80").removesuffix(":443").removeprefix("www.")
    return host, parts.path.rstrip("/").lower()


def validated(file: Path, table: str, row: object) -> Portal:
    """Return the row that a table of a registry file is, or raise a Problem that says which field expects what."""

    def wrong(name: str, expected: str) -> Problem:
        return Problem(f"{file}: [{table}]: {name}: expected {expected}")

    if not _ID.fullmatch(table):
        raise wrong("table name", "lower-case letters, digits and _, beginning with a letter")
    if not isinstance(row, dict):
        raise wrong("table", f"a table [{table}] with name, family, base_url …")
    names = {entry.name for entry in fields(Portal)} - {"id", "file", "excludes"}
    for key in row:
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1)
            raise wrong(key, f"a field of the registry{f'; did you mean {near[0]}?' if near else ''}")

    def text(name: str, *, needed: bool = False) -> str | None:
        value = row.get(name)
        if value is None and not needed:
            return None
        if not isinstance(value, str) or not value.strip():
            raise wrong(name, "a text that is not empty" + (" (the field is required)" if value is None else ""))
        return value

    def choice(name: str, choices: tuple[str, ...], default: str | None) -> str:
        value = row.get(name, default)
        if value not in choices:
            raise wrong(name, f"one of {', '.join(choices)}; found {value!r}")
        return cast(str, value)

    def texts(name: str) -> tuple[str, ...]:
        value = row.get(name, [])
        if not isinstance(value, list) or not all(isinstance(entry, str) and entry for entry in value):
            raise wrong(name, f"a list of texts; found {value!r}")
        return tuple(value)

    def day(name: str) -> date | None:
        value = row.get(name)
        if value is not None and type(value) is not date:
            raise wrong(name, f"a date such as 2025-06-30 (without quotes); found {value!r}")
        return value

    def flag(name: str, default: bool) -> bool:
        value = row.get(name, default)
        if not isinstance(value, bool):
            raise wrong(name, f"true or false; found {value!r}")
        return value

    def number(name: str, default: int, least: int) -> int:
        value = row.get(name, default)
        if type(value) is not int or value < least:
            raise wrong(name, f"a whole number of at least {least}; found {value!r}")
        return value

    crawl = flag("crawl", True)
    base_url = text("base_url", needed=crawl) or ""
    parts = urlsplit(base_url)
    if base_url and (parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.netloc.lower()) or parts.query):
        raise wrong("base_url", f"http(s)://host[:port][/prefix]; found {base_url!r}")
    aliases = texts("aliases")
    for alias in aliases:
        if "://" in alias or not _HOST.fullmatch(alias.partition("/")[0].lower()):
            raise wrong("aliases", f"host or host/prefix, without http://; found {alias!r}")
    for name in ("listings", "sitemaps", "feeds"):
        for entry in texts(name):
            if not entry.startswith(("/", "http://", "https://")):
                raise wrong(name, f"paths beginning with / or whole addresses; found {entry!r}")
    for name, pattern in [("article", text("article")), *(("deny", entry) for entry in texts("deny"))]:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise wrong(name, f"a regular expression ({error}); found {pattern!r}") from error
    verified = row.get("verified", False)
    if verified is not False and type(verified) is not date:
        raise wrong("verified", f"false, or the date the portal was seen live; found {verified!r}")
    delay = row.get("delay")
    if delay is not None and (isinstance(delay, bool) or not isinstance(delay, int | float) or delay < 0):
        raise wrong("delay", f"seconds between two requests; found {delay!r}")
    intermediates = text("intermediates")
    if intermediates is not None:
        if not (file.parent / intermediates).is_file():
            raise wrong("intermediates", f"a PEM file beside {file.name}; {intermediates} is not there")
        intermediates = str(file.parent / intermediates)
    evidence_date = text("evidence_date")
    if evidence_date and not _PARTIAL_DAY.fullmatch(evidence_date):
        raise wrong("evidence_date", f'"2026", "2026-11" or "2026-11-22", in quotes; found {evidence_date!r}')
    valid_from, valid_to = day("valid_from"), day("valid_to")
    if valid_from and valid_to and valid_to < valid_from:
        raise wrong("valid_to", f"a day not before valid_from {valid_from}; found {valid_to}")
    province = cast(str, text("province", needed=True))
    if province != CENTRAL and load_provinces().of(province, valid_from, valid_to) is None:
        raise wrong("province", _known_province(province, valid_from or valid_to))
    return Portal(
        id=table,
        name=cast(str, text("name", needed=True)),
        family=choice("family", FAMILIES, None),
        base_url=base_url.rstrip("/"),
        province=province,
        level=choice("level", LEVELS, "other"),
        platform=text("platform"),
        listings=texts("listings"),
        sitemaps=texts("sitemaps"),
        feeds=texts("feeds"),
        aliases=aliases,
        article=text("article"),
        deny=texts("deny"),
        valid_from=valid_from,
        valid_to=valid_to,
        crawl=crawl,
        quiet_days=number("quiet_days", 30, 1),
        media=cast(Literal["none", "attachments", "all"], choice("media", MEDIA, "none")),
        delay=None if delay is None else float(delay),
        page_cap=number("page_cap", 500, 1),
        tls=cast(Literal["verify", "unverified"], choice("tls", TLS, "verify")),
        intermediates=intermediates,
        verified=verified or None,
        note=text("note"),
        successor=text("successor"),
        engine=text("engine"),
        evidence=text("evidence"),
        evidence_date=evidence_date,
        file=file.name,
    )


def _known_province(found: str, on: date | None) -> str:
    """Return what a row's `province` should be instead."""
    provinces = load_provinces()
    other = provinces.unit(found)
    if other is not None:
        when = f"until {other.valid_to}" if other.valid_to else f"from {other.valid_from}"
        return f"a province that existed on {on}; {found!r} did so {when}"
    near = difflib.get_close_matches(found, {unit.name for unit in provinces} | {CENTRAL}, n=1)
    return f"a province's name of then, or {CENTRAL}; found {found!r}" + (f"; did you mean {near[0]}?" if near else "")


def is_under(path: str, prefix: str) -> bool:
    """Tell whether a path lies under a prefix; every path lies under an empty one."""
    return not prefix or path == prefix or path.startswith(prefix + "/")


def _holds(places: Iterable[tuple[str, str]], host: str, path: str) -> bool:
    return any(host == own and is_under(path, prefix) for own, prefix in places)


def _parted(spot: str) -> tuple[str, str]:
    host, slash, path = spot.partition("/")
    return host, slash + path
