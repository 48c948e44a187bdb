"""Walks a tree and cuts its text into pieces: at block elements, line breaks and pictures, text for text.

Outside the container the walk runs over the lxml tree, inside over the BeautifulSoup fragment; both drive one `Cutter`.
Every character outside script and style ends up in exactly one piece, in order (white space aside).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

from bs4 import NavigableString, Tag
from lxml import etree

from cleaning.document import ROLE
from cleaning.markup import NOTHING, PICTURES, SKIPPED, traits
from cleaning.page import MAX_PIECES, TOO_MANY, Picture, Piece
from cleaning.vietnamese import squash

PROSE = "prose"
"""Role of a layout's body: unlabelled text inside it is the article's."""

_SPACE = " \t\r\n\f"
_SOURCES = ("data-src", "data-original", "data-lazy-src", "src")
_ICON_PIXELS = 40


_Getter = Callable[[str], str | None]


class _Place(NamedTuple):
    """Where text stands: what its ancestors say."""

    tag: str = "body"
    bold: bool = False
    italic: bool = False
    align: str | None = None
    link: bool = False
    table: Tag | None = None
    row: Tag | None = None
    region: str | None = None
    role: str | None = None
    prose: bool = False


class Cutter:
    """Collects text and cuts it into pieces. Drive it with `open`, `text` and `close` in document order."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.pictures: list[Picture] = []
        self.inside = False
        self._places = [_Place()]
        self._outer = self._places[0]
        self._cuts: list[bool] = []
        self._run: list[tuple[str, _Place]] = []
        self._images = 0
        self._breaks = 2

    def open(self, name: str, get: _Getter, node: Tag | None = None, *, frames: bool = False) -> None:
        """Enter an element; `get` reads its attributes. What `frames` the article is called says nothing."""
        place = self._places[-1]
        if name == "br":
            self.cut()
            self._breaks += 1
        elif name in PICTURES:
            self._picture(name, get)
        said = traits(name, get("class"), get("id"), get("style"), get("align"))
        role = get(ROLE)
        if role is None and place.role is None and (said.hidden or get("hidden") is not None):
            role = "other|hidden"
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
                node if name == "table" else place.table,
                node if name == "tr" else place.row,
                None if frames else _region(said.region, None if role == PROSE else place.region),
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

    def finish(self) -> None:
        """Cut what is left; what lies beyond the most pieces becomes one."""
        self.cut()
        if len(self.pieces) >= MAX_PIECES and (words := squash("".join(text for text, _ in self._run))):
            self.pieces.append(Piece(words, label="other", rule=TOO_MANY))

    def enter_container(self) -> None:
        """Read what follows as the article's container: what its ancestors are called says nothing about it."""
        self.inside = True
        self._outer = self._places[-1]
        self._places[-1] = self._outer._replace(region=None)

    def leave_container(self) -> None:
        """Read what follows as standing around the article."""
        self.inside = False
        self._places[-1] = self._outer

    def set_prose(self) -> None:
        """Read everything inside the element entered last as the article's prose."""
        self._places[-1] = self._places[-1]._replace(prose=True)

    def cut(self) -> None:
        """End the piece that is being collected."""
        if not self._run or len(self.pieces) >= MAX_PIECES:
            return
        run, self._run = self._run, []
        raw = "".join([text for text, _ in run])
        words = squash(raw)
        if not words:
            return
        spans = [(letters, place) for text, place in run if (letters := len(text.strip()))]
        place = spans[0][1]
        role = place.role
        label, _, rule = role.partition("|") if role else (None, "", "")
        self.pieces.append(
            Piece(
                text=words,
                tag=place.tag,
                inside=self.inside,
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
        if self.inside and name == "img" and address and not address.startswith("data:"):
            self.pictures.append(Picture(address.strip(), squash(get("alt") or ""), len(self.pieces)))


def walk(
    body: etree._Element, container: etree._Element | None, fragment: Tag | None, *, prose: bool
) -> tuple[list[Piece], list[Picture]]:
    """Cut a page: its body from the tree, the container from the fragment (from the tree too if there is none)."""
    cutter = Cutter()
    frames = frozenset(container.iterancestors()) if container is not None else frozenset()
    events = etree.iterwalk(body, events=("start", "end"))
    for event, element in events:
        name = element.tag
        if event == "start":
            if name in SKIPPED:
                events.skip_subtree()
                continue
            if element is container:
                cutter.cut()
                cutter.enter_container()
                if fragment is not None:
                    _walk_fragment(cutter, fragment, prose=prose)
                    events.skip_subtree()
                    continue
            cutter.open(name, element.get, frames=element in frames)
            if element is container and prose:
                cutter.set_prose()
            if element.text:
                cutter.text(element.text)
        else:
            if name not in SKIPPED and not (element is container and fragment is not None):
                cutter.close()
            if element is container:
                cutter.cut()
                cutter.leave_container()
            if element.tail and element is not body:
                cutter.text(element.tail)
    cutter.finish()
    return cutter.pieces, cutter.pictures


def _walk_fragment(cutter: Cutter, fragment: Tag, *, prose: bool) -> None:
    cutter.open(fragment.name, cast("_Getter", fragment.attrs.get), fragment)
    if prose:
        cutter.set_prose()
    levels = [iter(fragment.contents)]
    while levels:
        node = next(levels[-1], None)
        if node is None:
            levels.pop()
            cutter.close()
        elif isinstance(node, NavigableString):
            cutter.text(node)
        elif isinstance(node, Tag) and node.name not in SKIPPED:
            cutter.open(node.name, cast("_Getter", node.attrs.get), node)
            levels.append(iter(node.contents))


def _region(own: str | None, outer: str | None) -> str | None:
    """The innermost name counts, but a "summary" inside a list of related news is still related news."""
    return outer if own is None or (own == "lead" and outer) else own


def _share_of_links(spans: list[tuple[int, _Place]]) -> float:
    linked = sum([letters for letters, place in spans if place.link])
    return linked / sum([letters for letters, _ in spans]) if linked else 0.0


def _is_icon(get: _Getter) -> bool:
    sizes = [get("width") or "", get("height") or ""]
    return any(size.isdecimal() and int(size[:9]) <= _ICON_PIXELS for size in sizes)
