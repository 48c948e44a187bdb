"""Cuts a page into pieces: at block elements and, in the container, at line breaks and pictures.

Every character outside script and style ends up in exactly one piece, in order (white space aside).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape

from cleaning.markup import (
    CLOSING,
    CONTAINER,
    FIELDS,
    HIDDEN,
    PROSE,
    SKIPPED,
    SLIDES,
    Opening,
    attribute,
    region_within,
)
from cleaning.page import LABEL, MAX_PIECES, TOO_MANY, Picture, Piece
from cleaning.scan import Scan, restore
from cleaning.vietnamese import squash

_SPACE = " \t\r\n\f"
_SOURCES = ("data-src", "data-original", "data-lazy-src", "src")
_ICON_PIXELS = 40
_PARTED = frozenset({"author", "source", "views"})
_COUNTED, _TABULAR = frozenset({"table", "tr"}), frozenset({b"/table", b"/tr"})
_MOST_AROUND = MAX_PIECES // 2  # so that a page's surroundings leave room for its article


_Form = tuple[
    str, bool, bool, bool, bool, bool, bool, float, int, None, None, str | None, int, int, int, str | None, str
]
"""A piece's values from `tag` to `rule`."""


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Where text stands: what its ancestors say."""

    tag: str = "body"
    bold: bool = False
    italic: bool = False
    align: str | None = None
    link: bool = False
    region: str | None = None
    role: str | None = None
    prose: bool = False
    inside: bool = False
    skipped: bool = False
    cuts: bool = False  # its borders end a piece
    row: bool = False  # so do those of the elements in it
    form: _Form = field(init=False)

    def __post_init__(self) -> None:
        """Put together what a piece that begins here is apart from its text."""
        label, _, rule = self.role.partition("|") if self.role else (None, "", "")
        centred, right = (self.inside and self.align == side for side in ("center", "right"))
        linked = 1.0 if self.link else 0.0
        stands = (self.tag, self.inside, self.prose, self.bold, self.italic, centred, right, linked)
        object.__setattr__(self, "form", (*stands, 0, None, None, self.region, 1, 1, 0, label, rule))


_squashed = lru_cache(maxsize=8192)(squash)
_place = lru_cache(maxsize=8192)(_Place)
_BODY = _place()


@lru_cache(maxsize=16384)
def _within(outer: _Place, opening: Opening) -> _Place:
    """Return the place within an element.

    Pages have few different places, so the walk soon only looks up the way from one to the next.
    """
    name, said, role = opening.name, opening.traits, opening.role
    own = said.region
    if own == SLIDES:
        own = None if outer.prose else "banner"
    region = region_within(own, None if role == PROSE else outer.region)
    if opening.mark:
        region = own if opening.mark == CONTAINER else None
    if role == HIDDEN and outer.role is not None:
        role = None
    return _place(
        name if said.block else outer.tag,
        outer.bold if said.bold is None else said.bold,
        outer.italic if said.italic is None else said.italic,
        said.align or outer.align,
        outer.link or opening.link,
        region,
        outer.role if role is None or role == PROSE else role,
        outer.prose or role == PROSE,
        outer.inside,
        outer.skipped or name in SKIPPED,
        said.block or role is not None or opening.mark == CONTAINER or outer.row or _is_field(said.region, outer),
        said.row,
    )


def _is_field(region: str | None, outer: _Place) -> bool:
    """Tell whether an element in a line of small print holds a byline, a source or views: beside them others stand."""
    return region in _PARTED and region != outer.region and not outer.prose


@dataclass(slots=True)
class Walked:
    """A page's pieces, the container's pictures, and the numbers of its tables that hold pictures."""

    pieces: list[Piece] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    pictured: set[int] = field(default_factory=set)


def walk(scan: Scan, *, prose: bool) -> Walked:
    """Return what the page holds; `prose`: all of the container is the article's body."""
    walker = _Walker()
    walker.read(scan, _place("div", prose=prose, inside=True))
    for piece in walker.walked.pieces if scan.stood_in else ():
        piece.reword(restore(piece.text))
    return walker.walked


class _Walker:
    """Collects text and cuts it into pieces, in page order."""

    def __init__(self) -> None:
        self.walked = Walked()
        self._run: list[tuple[str, _Place]] = []
        self._tables: list[int] = []  # the container's open tables and rows, by their number in page order
        self._rows: list[int] = []
        self._table_count = self._row_count = 0
        self._images = 0
        self._breaks = 2
        self._icon: str | None = None  # that of the icon right before

    def read(self, scan: Scan, container: _Place) -> None:
        """Take a whole page; `container`: the place at which its mark begins anew."""
        run, place, cut, closing = self._run, _BODY, self._cut, CLOSING
        outer: list[_Place | None] = []  # to come back to; None where an element says nothing
        parted = False
        for tag, opening, text in zip(scan.tags, scan.openings, scan.texts, strict=True):
            if opening is closing:
                if (back := outer.pop()) is not None:
                    if place.cuts:
                        if run:
                            cut(whole=place.inside is not back.inside)
                        self._breaks = 2
                        if place.inside and (tag in _TABULAR or not back.inside):
                            self._leave(back, tag)
                    place = back
            elif opening.silent and not place.row:
                if opening.breaks:
                    self._break(place, opening, tag)
                if not opening.empty:
                    outer.append(None)
            else:
                around = place
                if opening.rare:
                    if opening.breaks:
                        self._break(place, opening, tag)
                    elif opening.mark == CONTAINER:
                        around = container
                    elif opening.link and run and run[-1][1].link:  # two links are two words
                        parted = True
                inner = _within(around, opening)
                if inner.cuts:
                    if run:
                        cut(whole=inner.inside is not place.inside)
                    self._breaks = 2
                    if inner.inside and (opening.name in _COUNTED or not place.inside):
                        self._enter(place, opening)
                if not opening.empty:
                    outer.append(place)
                    place = inner
            if text:
                if text.isspace():
                    parted = True
                elif not place.skipped:
                    words = text.decode()
                    if "&" in words:
                        words = unescape(words)
                    run.append((f" {words}" if parted and run else words, place))
                    parted = False
        self._cut(whole=True)

    def _enter(self, outer: _Place, opening: Opening) -> None:
        """Come to a table or row of the container, or to the container."""
        if not outer.inside:
            self._images = 0
        if opening.name == "table":
            if not opening.empty:
                self._tables.append(self._table_count)
            self._table_count += 1
        elif opening.name == "tr" and not opening.empty:
            self._rows.append(self._row_count)
            self._row_count += 1

    def _leave(self, outer: _Place, tag: bytes) -> None:
        """Leave a table or row of the container, or the container."""
        if tag == b"/table":
            self._tables.pop()
        elif tag == b"/tr":
            self._rows.pop()
        if not outer.inside:
            self._images = 0

    def _break(self, place: _Place, opening: Opening, tag: bytes) -> None:
        """Come to a line break, or to a picture, which parts the container's text alone."""
        if opening.name == "br":
            self._cut()
            self._breaks += 1
        elif opening.traits.icon:
            self._cut()
            self._icon = opening.traits.icon
        elif place.inside:
            self._picture(opening.name, tag)

    def _cut(self, *, whole: bool = False) -> None:
        """End the piece that is being collected; `whole`: even if there are too many."""
        run, pieces = self._run, self.walked.pieces
        if not run:
            return
        raw, place = run[0]
        too_many = len(pieces) >= (MAX_PIECES if place.inside else _MOST_AROUND)
        if too_many and not whole:
            run.append((" ", run[-1][1]))
            return
        told = _common(run) if len(run) > 1 else None
        if told:
            raw, place = _joined([text for text, _ in run]), told[0]
        run.clear()
        words = _squashed(raw) if len(raw) <= LABEL else squash(raw)
        if not words:
            return
        piece = Piece(words, *place.form)
        if told:
            _, piece.bold, piece.italic, piece.linked = told
        if self._icon:
            if self._icon in FIELDS:
                piece.region = region_within(self._icon, place.region)
            self._icon = None
        if too_many:
            piece.label, piece.rule = "other", TOO_MANY
        if place.inside:
            piece.images = self._images
            if self._tables:
                piece.table = self._tables[-1]
            if self._rows:
                piece.row = self._rows[-1]
            if self._breaks == 1 and not self._images:
                piece.gap = 0
            if raw[0] != words[0]:
                piece.indent = len(raw.lstrip(_SPACE)) - len(raw.lstrip())
        pieces.append(piece)
        self._images = self._breaks = 0

    def _picture(self, name: str, tag: bytes) -> None:
        if name == "img":
            self.walked.pictured.update(self._tables)
        if _is_icon(tag):
            return
        self._cut()
        self._images += 1
        self._breaks = 2
        address = next((value for key in _SOURCES if (value := attribute(tag, key))), "") if name == "img" else ""
        if address and not address.startswith("data:"):
            picture = Picture(address.strip(), squash(attribute(tag, "alt") or ""), len(self.walked.pieces))
            self.walked.pictures.append(picture)


def _joined(texts: list[str]) -> str:
    """Return texts put together; a figure and a capital that only markup parts are two words: `07:56Lượt xem`."""
    for place in range(1, len(texts)):
        if texts[place][0].isupper() and texts[place - 1][-1].isdigit():
            texts[place] = f" {texts[place]}"
    return "".join(texts)


def _common(run: list[tuple[str, _Place]]) -> tuple[_Place, bool, bool, float]:
    """Return where a piece of several texts begins, whether all is bold, all italic, and the share of links."""
    first, bold, italic, linked, letters = None, True, True, 0, 0
    for text, place in run:
        if count := len(text.strip()):
            first = first or place
            bold, italic = bold and place.bold, italic and place.italic
            letters += count
            linked += count if place.link else 0
    return first or run[0][1], bold, italic, linked / letters if letters else 0.0


def _is_icon(tag: bytes) -> bool:
    sizes = [attribute(tag, side) or "" for side in ("width", "height")]
    return any(size.isdecimal() and int(size[:9]) <= _ICON_PIXELS for size in sizes)
