"""Which CMS family a page comes from, told by signs that stand as data in `signs.toml`."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from scrapers.portal import FAMILIES

SIGNS = Path(__file__).with_name("signs.toml")

ENOUGH = 3
"""Weight from which a family is believed; less is `generic`."""

_HEAD_BYTES = 1_000_000
_ADDRESS = re.compile(rb"""(?:href|src|action)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)


@dataclass(frozen=True)
class Sign:
    """One sign of one family: where to look, what for, how much it proves, and what to tell a person."""

    family: str
    place: Literal["page", "address", "header"]
    like: re.Pattern[str]
    weight: int
    means: str


@dataclass(frozen=True)
class Reply:
    """What is looked at: the address asked, the headers, the page's bytes."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Guess:
    """A family with the weight of its signs and their meanings; `generic` has none."""

    family: str
    weight: int
    reasons: tuple[str, ...]


@cache
def load_signs() -> tuple[Sign, ...]:
    """Read `signs.toml`."""
    tables = tomllib.loads(SIGNS.read_text("utf-8"))
    return tuple(
        Sign(family, row["in"], re.compile(row["like"], re.IGNORECASE | re.MULTILINE), row["weight"], row["means"])
        for name, rows in tables.items()
        if (family := name.replace("_", "-")) in FAMILIES
        for row in rows
    )


def guesses(replies: Iterable[Reply]) -> tuple[Guess, ...]:
    """Return every family that shows a sign on any of the pages, the strongest first; each sign counts once."""
    weight: dict[str, int] = defaultdict(int)
    reasons: dict[str, list[str]] = defaultdict(list)
    left = list(load_signs())
    for reply in replies:
        texts = {
            "page": reply.body[:_HEAD_BYTES].decode("utf-8", "replace"),
            "address": "\n".join([reply.url, *(raw.decode("utf-8", "replace") for raw in _addresses(reply.body))]),
            "header": "\n".join(f"{name}: {value}" for name, value in reply.headers),
        }
        for sign in [sign for sign in left if sign.like.search(texts[sign.place])]:
            left.remove(sign)
            weight[sign.family] += sign.weight
            reasons[sign.family].append(sign.means)
    ranked = sorted(weight, key=lambda family: (-weight[family], family))
    return tuple(Guess(family, weight[family], tuple(reasons[family])) for family in ranked)


def family_of(replies: Iterable[Reply]) -> Guess:
    """Return the strongest family if its signs are enough, else `generic`."""
    found = guesses(replies)
    return found[0] if found and found[0].weight >= ENOUGH else Guess("generic", 0, ())


def _addresses(page: bytes) -> list[bytes]:
    return [address.replace(b"&amp;", b"&") for address in _ADDRESS.findall(page[:_HEAD_BYTES])]
