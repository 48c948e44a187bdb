"""Cuts a page into pieces: at block elements and, in the container, at line breaks and pictures.

The walk reads the page as lxml writes it, tag by tag: that is much quicker than to visit elements one by one. Every
character outside script and style ends up in exactly one piece, in order (white space aside).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from lxml import etree

from cleaning.document import restore, serialise
from cleaning.markup import (
    CONTAINER,
    FRAME,
    HIDDEN,
    MARK,
    PICTURES,
    PROSE,
    SKIPPED,
    Opening,
    attributes,
    read_opening,
    region_within,
)
from cleaning.page import MAX_PIECES, TOO_MANY, Picture, Piece
from cleaning.vietnamese import squash

_TAG = re.compile(r"(<[^>]*>)")
_SPACE = " \t\r\n\f"
_SOURCES = ("data-src", "data-original", "data-lazy-src", "src")
_ICON_PIXELS = 40
_MOST_AROUND = MAX_PIECES // 2  # so that a page's surroundings leave room for its article


@dataclass(slots=True, eq=False)
class _Place:
    """Where text stands: what its ancestors say."""

    tag: str = "body"
    bold: bool = False
    italic: bool = False
    align: str | None = None
    link: bool = False
    tables: tuple[int, ...] = ()  # the container's tables round it, by their number in page order
    row: int | None = None
    region: str | None = None
    role: str | None = None
    prose: bool = False
    inside: bool = False
    skipped: bool = False
    cuts: bool = False  # its borders end a piece
    inner: dict[Opening, _Place] = field(default_factory=dict)  # what its elements say, by their tags


@dataclass(slots=True)
class Walked:
    """A page's pieces, the container's pictures, and the numbers of its tables that hold pictures."""

    pieces: list[Piece] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    pictured: set[int] = field(default_factory=set)


def walk(body: etree._Element, container: etree._Element | None, *, prose: bool) -> Walked:
    """Return what the page holds; `prose`: all of the container is the article's body. Marks the tree."""
    if container is not None:
        container.set(MARK, CONTAINER)
        for frame in container.iterancestors():
            frame.set(MARK, FRAME)
    walker = _Walker(prose=prose)
    markup, stood_in = serialise(body)
    walker.read(markup)
    for piece in walker.walked.pieces if stood_in else ():
        piece.text = restore(piece.text)
    return walker.walked


class _Walker:
    """Collects text and cuts it into pieces, in page order."""

    def __init__(self, *, prose: bool) -> None:
        self.walked = Walked()
        self._prose = prose
        self._run: list[tuple[str, _Place]] = []
        self._tables = self._rows = 0  # of the container, as yet
        self._images = 0
        self._breaks = 2

    def read(self, markup: str) -> None:
        """Take a whole serialised page."""
        place, run = _Place(), self._run
        outer: list[_Place] = []
        parts = _TAG.split(markup)
        for text, tag in zip(parts[::2], parts[1::2], strict=False):
            if text and (run or text.strip(_SPACE)) and not place.skipped:
                run.append((unescape(text) if "&" in text else text, place))
            if tag[1] == "/":
                if place.cuts and outer[-1] is not place:
                    self._border(place, outer[-1])
                place = outer.pop()
                continue
            opening = read_opening(tag)
            if opening.breaks:
                self._break(place, opening, tag)
            if opening.silent:
                if not opening.empty:
                    outer.append(place)
                continue
            inner = place.inner.get(opening) or self._enter(place, opening)
            if inner.cuts:
                self._border(place, inner)
            if not opening.empty:
                outer.append(place)
                place = inner
        self._cut(whole=True)

    def _enter(self, outer: _Place, opening: Opening) -> _Place:
        """Return the place within an element; those that say the same share it."""
        name, said, role = opening.name, opening.traits, opening.role
        region = region_within(said.region, None if role == PROSE else outer.region)
        if opening.mark == CONTAINER:
            outer, region = _Place("div", prose=self._prose, inside=True), said.region
        elif opening.mark == FRAME:
            region = None
        if role is HIDDEN and outer.role is not None:
            role = None
        place = _Place(
            name if said.block else outer.tag,
            outer.bold if said.bold is None else said.bold,
            outer.italic if said.italic is None else said.italic,
            said.align or outer.align,
            outer.link or name == "a",
            outer.tables,
            outer.row,
            region,
            outer.role if role is None or role == PROSE else role,
            outer.prose or role == PROSE,
            outer.inside,
            outer.skipped or name in SKIPPED,
            said.block or role is not None or opening.mark == CONTAINER,
        )
        if outer.inside and name == "table":
            place.tables, self._tables = (*outer.tables, self._tables), self._tables + 1
        elif outer.inside and name == "tr":
            place.row, self._rows = self._rows, self._rows + 1
        else:
            outer.inner[opening] = place
        return place

    def _border(self, one: _Place, other: _Place) -> None:
        """Come from one block into another."""
        self._cut(whole=one.inside != other.inside)
        self._breaks = 2
        if one.inside != other.inside:
            self._images = 0

    def _break(self, place: _Place, opening: Opening, tag: str) -> None:
        """Come to a line break or a picture, which parts only the container's text."""
        if opening.name == "br":
            self._cut()
            self._breaks += 1
        elif place.inside:
            self._picture(place, opening.name, attributes(tag))

    def _cut(self, *, whole: bool = False) -> None:
        """End the piece that is being collected; `whole`: even if there are too many."""
        run = self._run
        if not run:
            return
        pieces = self.walked.pieces
        raw, place = run[0]
        too_many = len(pieces) >= (MAX_PIECES if place.inside else _MOST_AROUND)
        if too_many and not whole:
            return
        if len(run) > 1:
            raw = "".join([text for text, _ in run])
        spans = [(letters, place) for text, place in run if (letters := len(text.strip()))]
        run.clear()
        words = squash(raw)
        if not words:
            return
        place = spans[0][1]
        inside = place.inside
        label, _, rule = place.role.partition("|") if place.role else (None, "", "")
        if too_many:
            label, rule = "other", TOO_MANY
        pieces.append(
            Piece(
                text=words,
                tag=place.tag,
                inside=inside,
                prose=place.prose,
                bold=all([place.bold for _, place in spans]),
                italic=all([place.italic for _, place in spans]),
                centred=place.align == "center",
                right=place.align == "right",
                linked=_share_of_links(spans),
                images=self._images,
                table=place.tables[-1] if place.tables else None,
                row=place.row,
                region=place.region,
                gap=0 if inside and self._breaks == 1 and not self._images else 1,
                indent=len(raw.lstrip(_SPACE)) - len(raw.lstrip()),
                label=label,
                rule=rule,
            )
        )
        self._images = 0
        self._breaks = 0

    def _picture(self, place: _Place, name: str, said: dict[str, str]) -> None:
        if name == "img":
            self.walked.pictured.update(place.tables)
        if _is_icon(said):
            return
        self._cut()
        self._images += 1
        self._breaks = 2
        address = next((value for key in _SOURCES if (value := said.get(key))), "")
        if name == "img" and address and not address.startswith("data:"):
            picture = Picture(address.strip(), squash(said.get("alt", "")), len(self.walked.pieces))
            self.walked.pictures.append(picture)


def _share_of_links(spans: list[tuple[int, _Place]]) -> float:
    linked = sum([letters for letters, place in spans if place.link])
    return linked / sum([letters for letters, _ in spans]) if linked else 0.0


def _is_icon(said: dict[str, str]) -> bool:
    sizes = [said.get("width", ""), said.get("height", "")]
    return any(size.isdecimal() and int(size[:9]) <= _ICON_PIXELS for size in sizes)
