"""Cuts a whole page into pieces: what surrounds the container from the lxml tree, the container from its fragment.

Round the container only the text nodes are visited, and each ancestor once: on a portal's page that is most of the
markup, and of its text only regions, links and block borders matter.
"""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple, cast

from bs4 import Tag
from lxml import etree

from cleaning.document import ROLE, attributes
from cleaning.fragment import HIDDEN, PROSE, cut_fragment
from cleaning.markup import BLOCKS, NOTHING, SKIPPED, region_within, traits
from cleaning.page import MAX_PIECES, TOO_MANY, Picture, Piece
from cleaning.vietnamese import squash

_TEXTS = etree.XPath(".//text()[normalize-space()]")
_BORDERS = BLOCKS | {"br"}


class _Spot(NamedTuple):
    """Where text stands: its block element, and what its ancestors say."""

    block: etree._Element | None = None
    tag: str = "body"
    link: bool = False
    region: str | None = None
    role: str | None = None
    inside: bool = False
    prose: bool = False
    skipped: bool = False


def walk(
    body: etree._Element, container: etree._Element | None, fragment: Tag | None, *, prose: bool
) -> tuple[list[Piece], list[Picture]]:
    """Return the page's pieces and the container's pictures.

    Without a `fragment` the container is cut like its surroundings; `prose`: all of it is the article's body.
    """
    around = _Around(container, prose=prose)
    pictures: list[Picture] = []
    texts = iter(cast("list[etree._ElementUnicodeResult]", _TEXTS(body)))
    held = len(cast("list[str]", _TEXTS(container))) if container is not None else 0
    for text in texts:
        owner = text.getparent()
        if owner is None:
            continue
        element = owner.getparent() if text.is_tail else owner
        spot = around.spot(body if element is None else element)
        held -= spot.inside
        if spot.skipped:
            continue
        if spot.inside and fragment is not None:
            pictures = around.insert(fragment, prose=prose)
            next(islice(texts, held, held), None)  # the fragment has read the container's other texts
            continue
        around.take(text, spot, border=text.is_tail and owner.tag in _BORDERS)
    around.finish()
    return around.pieces, pictures


class _Around:
    """Collects the text round the container into pieces."""

    def __init__(self, container: etree._Element | None, *, prose: bool) -> None:
        self.pieces: list[Piece] = []
        self._container = container
        self._prose = prose
        self._frames = frozenset(container.iterancestors()) if container is not None else frozenset()
        self._spots: dict[etree._Element, _Spot] = {}
        self._run: list[str] = []
        self._linked = 0
        self._last = _Spot()

    def spot(self, element: etree._Element) -> _Spot:
        """Return what an element and its ancestors say; each element is read once."""
        if (known := self._spots.get(element)) is not None:
            return known
        path = []
        outer: _Spot | None = None
        node: etree._Element | None = element
        while node is not None and (outer := self._spots.get(node)) is None:
            path.append(node)
            node = node.getparent()
        spot = outer or _Spot()
        for node in reversed(path):
            spot = self._spots[node] = self._enter(node, spot)
        return spot

    def _enter(self, element: etree._Element, outer: _Spot) -> _Spot:
        name, get = element.tag, attributes(element).get
        said = traits(name, get("class"), get("id"), get("style"), get("align"))
        role = get(ROLE)
        if role is None and outer.role is None and (said.hidden or get("hidden") is not None):
            role = HIDDEN
        here = element is self._container
        if said is NOTHING and role is None and name != "a" and not here and name not in SKIPPED:
            return outer
        return _Spot(
            element if said.block or role else outer.block,
            name if said.block else outer.tag,
            outer.link or name == "a",
            None if here or element in self._frames else region_within(said.region, outer.region),
            outer.role if role is None or role == PROSE else role,
            outer.inside or here,
            outer.prose or role == PROSE or (here and self._prose),
            outer.skipped or name in SKIPPED,
        )

    def take(self, text: str, spot: _Spot, *, border: bool) -> None:
        """Add text; `border`: a block element or line break parts it from what came before."""
        if (border or spot.block is not self._last.block) and len(self.pieces) < MAX_PIECES:
            self._cut()
        self._last = spot
        self._run.append(text)
        if spot.link:
            self._linked += len(text)

    def insert(self, fragment: Tag, *, prose: bool) -> list[Picture]:
        """Add the container's pieces and return its pictures."""
        self._cut()
        pieces, pictures = cut_fragment(fragment, prose=prose)
        for picture in pictures:
            picture.before += len(self.pieces)
        self.pieces += pieces
        self._last = _Spot()
        return pictures

    def finish(self) -> None:
        """Cut what is left; what lies beyond the most pieces becomes one."""
        if len(self.pieces) >= MAX_PIECES and self._run:
            self._last = _Spot(role=f"other|{TOO_MANY}")
        self._cut()

    def _cut(self) -> None:
        run, linked = "".join(self._run), self._linked
        self._run, self._linked = [], 0
        words = squash(run)
        if not words:
            return
        spot = self._last
        label, _, rule = spot.role.partition("|") if spot.role else (None, "", "")
        self.pieces.append(
            Piece(
                text=words,
                tag=spot.tag,
                inside=spot.inside,
                prose=spot.prose,
                linked=linked / len(run),
                region=spot.region,
                label=label,
                rule=rule,
            )
        )
