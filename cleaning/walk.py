"""Walks a tree and cuts its text into pieces: at block elements, line breaks and pictures, text for text.

Outside the container the walk runs over the lxml tree, inside over the BeautifulSoup fragment; both drive one `Cutter`.
Every character outside script and style ends up in exactly one piece, in order (white space aside).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

from bs4 import NavigableString, Tag
from lxml import etree

from cleaning.document import ROLE
from cleaning.markup import PICTURES, SKIPPED, traits
from cleaning.page import Picture, Piece
from cleaning.vietnamese import squash

PROSE = "prose"
"""Role of a layout's body: unlabelled text inside it is the article's."""

_SOURCES = ("data-src", "data-original", "data-lazy-src", "src")
_ICON_PIXELS = 40


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

    def open(self, name: str, attributes: Mapping[str, str], node: Tag | None = None) -> None:
        """Enter an element."""
        place = self._places[-1]
        if name == "br":
            self._cut()
            self._breaks += 1
        elif name in PICTURES:
            self._picture(name, attributes)
        if not attributes and name == "span":
            self._places.append(place)
            self._cuts.append(False)
            return
        get = attributes.get
        names = f"{get('class', '')} {get('id', '')}" if "class" in attributes or "id" in attributes else ""
        said = traits(name, names, get("style", ""), get("align", ""))
        role = get(ROLE)
        if role is None and place.role is None and (said.hidden or "hidden" in attributes):
            role = "other|hidden"
        cuts = said.block or role is not None
        if cuts:
            self._cut()
            self._breaks = 2
        self._cuts.append(cuts)
        self._places.append(
            _Place(
                tag=name if said.block else place.tag,
                bold=place.bold if said.bold is None else said.bold,
                italic=place.italic if said.italic is None else said.italic,
                align=said.align or place.align,
                link=place.link or name == "a",
                table=node if name == "table" else place.table,
                row=node if name == "tr" else place.row,
                region=said.region or (None if role == PROSE else place.region),
                role=place.role if role is None or role == PROSE else role,
                prose=place.prose or role == PROSE,
            )
        )

    def close(self) -> None:
        """Leave the element entered last."""
        self._places.pop()
        if self._cuts.pop():
            self._cut()
            self._breaks = 2

    def text(self, text: str) -> None:
        """Take text of the element entered last."""
        self._run.append((text, self._places[-1]))

    def finish(self) -> None:
        """Cut what is left."""
        self._cut()

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

    def _cut(self) -> None:
        run, self._run = self._run, []
        raw = "".join(text for text, _ in run) if run else ""
        words = squash(raw)
        if not words:
            return
        spans = [(len(text.strip()), place) for text, place in run]
        spans = [(letters, place) for letters, place in spans if letters]
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
                linked=sum(letters for letters, place in spans if place.link) / sum(letters for letters, _ in spans),
                images=self._images,
                table=place.table,
                row=place.row,
                region=place.region,
                gap=0 if self._breaks == 1 and not self._images else 1,
                indent=len(raw) - len(raw.lstrip()) - (len(raw) - len(raw.lstrip("\r\n\t "))),
                label=label,
                rule=rule,
            )
        )
        self._images = 0
        self._breaks = 0

    def _picture(self, name: str, attributes: Mapping[str, str]) -> None:
        if _is_icon(attributes):
            return
        self._cut()
        self._images += 1
        self._breaks = 2
        address = next((attributes[key] for key in _SOURCES if attributes.get(key)), "")
        if self.inside and name == "img" and address and not address.startswith("data:"):
            self.pictures.append(Picture(address.strip(), squash(attributes.get("alt", "")), len(self.pieces)))


def walk(
    body: etree._Element, container: etree._Element | None, fragment: Tag | None, *, prose: bool
) -> tuple[list[Piece], list[Picture]]:
    """Cut a page: its body from the tree, the container from the fragment (from the tree too if there is none)."""
    cutter = Cutter()
    events = etree.iterwalk(body, events=("start", "end"))
    for event, element in events:
        name = element.tag
        if event == "start":
            if name in SKIPPED:
                events.skip_subtree()
                continue
            if element is container:
                cutter.finish()
                cutter.enter_container()
                if fragment is not None:
                    _walk_fragment(cutter, fragment, prose=prose)
                    events.skip_subtree()
                    continue
            cutter.open(name, cast("Mapping[str, str]", element.attrib))
            if element is container and prose:
                cutter.set_prose()
            if element.text:
                cutter.text(element.text)
        else:
            if name not in SKIPPED and not (element is container and fragment is not None):
                cutter.close()
            if element is container:
                cutter.finish()
                cutter.leave_container()
            if element.tail and element is not body:
                cutter.text(element.tail)
    cutter.finish()
    return cutter.pieces, cutter.pictures


def _walk_fragment(cutter: Cutter, fragment: Tag, *, prose: bool) -> None:
    cutter.open(fragment.name, cast("Mapping[str, str]", fragment.attrs), fragment)
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
            cutter.open(node.name, cast("Mapping[str, str]", node.attrs), node)
            levels.append(iter(node.contents))


def _is_icon(attributes: Mapping[str, str]) -> bool:
    sizes = [attributes.get("width", ""), attributes.get("height", "")]
    return any(size.isdigit() and int(size) <= _ICON_PIXELS for size in sizes)
