"""Cuts the container, a BeautifulSoup fragment, into pieces: at block elements, line breaks and pictures.

Every character outside script and style ends up in exactly one piece, in order (white space aside).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

from bs4 import Tag
from bs4.element import NavigableString

from cleaning.document import ROLE
from cleaning.markup import NOTHING, PICTURES, SKIPPED, region_within, traits
from cleaning.page import Picture, Piece
from cleaning.vietnamese import squash

PROSE = "prose"
"""Role of a layout's body: unlabelled text inside it is the article's."""

HIDDEN = "other|hidden"

_SPACE = " \t\r\n\f"
_SOURCES = ("data-src", "data-original", "data-lazy-src", "src")
_ICON_PIXELS = 40

_Getter = Callable[[str], str | None]


class _Place(NamedTuple):
    """Where text stands: what its ancestors say."""

    tag: str = "div"
    bold: bool = False
    italic: bool = False
    align: str | None = None
    link: bool = False
    table: Tag | None = None
    row: Tag | None = None
    region: str | None = None
    role: str | None = None
    prose: bool = False


def cut_fragment(fragment: Tag, *, prose: bool) -> tuple[list[Piece], list[Picture]]:
    """Return the fragment's pieces and pictures; `prose`: all of it is the article's body."""
    cutter = _Cutter(_Place(prose=prose))
    cutter.open(fragment)
    levels = [iter(fragment.contents)]
    while levels:
        node = next(levels[-1], None)
        if node is None:
            levels.pop()
            cutter.close()
        elif isinstance(node, NavigableString):
            cutter.text(node)
        elif isinstance(node, Tag) and node.name not in SKIPPED:
            cutter.open(node)
            levels.append(iter(node.contents))
    cutter.cut()
    return cutter.pieces, cutter.pictures


class _Cutter:
    """Collects text and cuts it into pieces, driven in document order."""

    def __init__(self, place: _Place) -> None:
        self.pieces: list[Piece] = []
        self.pictures: list[Picture] = []
        self._places = [place]
        self._cuts: list[bool] = []
        self._run: list[tuple[str, _Place]] = []
        self._images = 0
        self._breaks = 2

    def open(self, tag: Tag) -> None:
        """Enter an element."""
        name, get, place = tag.name, cast("_Getter", tag.attrs.get), self._places[-1]
        if name == "br":
            self.cut()
            self._breaks += 1
        elif name in PICTURES:
            self._picture(name, get)
        said = traits(name, get("class"), get("id"), get("style"), get("align"))
        role = get(ROLE)
        if role is None and place.role is None and (said.hidden or get("hidden") is not None):
            role = HIDDEN
        if said is NOTHING and role is None and name != "a":
            self._places.append(place)
            self._cuts.append(False)
            return
        cuts = said.block or role is not None
        if cuts:
            self.cut()
            self._breaks = 2
        self._cuts.append(cuts)
        self._places.append(
            _Place(
                name if said.block else place.tag,
                place.bold if said.bold is None else said.bold,
                place.italic if said.italic is None else said.italic,
                said.align or place.align,
                place.link or name == "a",
                tag if name == "table" else place.table,
                tag if name == "tr" else place.row,
                region_within(said.region, None if role == PROSE else place.region),
                place.role if role is None or role == PROSE else role,
                place.prose or role == PROSE,
            )
        )

    def close(self) -> None:
        """Leave the element entered last."""
        self._places.pop()
        if self._cuts.pop():
            self.cut()
            self._breaks = 2

    def text(self, text: str) -> None:
        """Take text of the element entered last."""
        if self._run or text.strip(_SPACE):
            self._run.append((text, self._places[-1]))

    def cut(self) -> None:
        """End the piece that is being collected."""
        if not self._run:
            return
        run, self._run = self._run, []
        raw = "".join([text for text, _ in run])
        words = squash(raw)
        if not words:
            return
        spans = [(letters, place) for text, place in run if (letters := len(text.strip()))]
        place = spans[0][1]
        label, _, rule = place.role.partition("|") if place.role else (None, "", "")
        self.pieces.append(
            Piece(
                text=words,
                tag=place.tag,
                inside=True,
                prose=place.prose,
                bold=all(place.bold for _, place in spans),
                italic=all(place.italic for _, place in spans),
                centred=place.align == "center",
                right=place.align == "right",
                linked=_share_of_links(spans),
                images=self._images,
                table=place.table,
                row=place.row,
                region=place.region,
                gap=0 if self._breaks == 1 and not self._images else 1,
                indent=len(raw.lstrip(_SPACE)) - len(raw.lstrip()),
                label=label,
                rule=rule,
            )
        )
        self._images = 0
        self._breaks = 0

    def _picture(self, name: str, get: _Getter) -> None:
        if _is_icon(get):
            return
        self.cut()
        self._images += 1
        self._breaks = 2
        address = next((value for key in _SOURCES if (value := get(key))), "")
        if name == "img" and address and not address.startswith("data:"):
            self.pictures.append(Picture(address.strip(), squash(get("alt") or ""), len(self.pieces)))


def _share_of_links(spans: list[tuple[int, _Place]]) -> float:
    linked = sum(letters for letters, place in spans if place.link)
    return linked / sum(letters for letters, _ in spans) if linked else 0.0


def _is_icon(get: _Getter) -> bool:
    sizes = [get("width") or "", get("height") or ""]
    return any(size.isdecimal() and int(size[:9]) <= _ICON_PIXELS for size in sizes)
