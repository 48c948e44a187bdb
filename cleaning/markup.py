"""What the markup of one element says: block or inline, style, alignment, hidden, the region its names suggest.

An element is read from its opening tag as lxml writes it, so that a page's walk asks nothing of the tree: a tag seen
before, on this page or another, is one look-up.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from cleaning.wording import ANY_REGION, REGIONS, icon_of

_BLOCKS = """
address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption figure
footer form h1 h2 h3 h4 h5 h6 header hr html label legend li main menu nav noscript ol optgroup option p pre section
select summary table tbody td textarea tfoot th thead title tr ul
"""
BLOCKS = frozenset(_BLOCKS.split())
SKIPPED = frozenset({"script", "style"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
PICTURES = frozenset({"img", "video", "audio", "iframe", "embed", "object", "v:imagedata", "v:shape", "amp-img"})
_UNSHOWN = frozenset({"video", "audio", "iframe", "object", "canvas", "noscript", "template"})
"""Elements whose text only stands in for what a browser shows."""
_BOLD = frozenset({"b", "strong", *HEADINGS, "th"})
_ITALIC = frozenset({"i", "em", "cite"})
_TAG_REGIONS = {
    "nav": "navigation",
    "footer": "footer",
    "select": "navigation",
    "button": "share",
    "figcaption": "caption",
}

CONTAINER, FRAME = "container", "frame"
"""Marks of the article's container and of the elements round it."""

PROSE = "prose"
"""Role of a layout's body: unlabelled text inside it is the article's."""

HIDDEN = "other|hidden"

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ENTRY = frozenset({"hentry", "h-entry", "type-post", "type-page"})
"""Classes of an entry as a whole; WordPress writes its tags and categories beside them: `tag-tre category-tin-moi`."""
_HIDDEN = frozenset(
    {"hidden", "hide", "d-none", "sr-only", "visually-hidden", "screen-reader-text", "ms-hide", "hide-accessible"}
)
_ROWS = frozenset({"flex", "inline-flex", "d-flex", "d-inline-flex", "grid", "d-grid"})
_ICONS = frozenset({"i", "em", "span", "svg"})
_ALIGN_CLASSES = {
    **dict.fromkeys(("text-center", "center", "aligncenter", "has-text-align-center", "text-xs-center"), "center"),
    **dict.fromkeys(("text-right", "text-end", "alignright", "has-text-align-right", "rteright"), "right"),
    **dict.fromkeys(("text-left", "text-justify", "has-text-align-left"), "left"),
}
_ALIGNING = frozenset(_ALIGN_CLASSES)
_ALIGNMENTS = {name: name for name in ("center", "right", "left", "justify")}
_ALIGN = re.compile(r"text-align:(center|right|left|justify)")


class Traits(NamedTuple):
    """What an element adds to what its ancestors say; None and False add nothing."""

    block: bool = False
    bold: bool | None = None
    italic: bool | None = None
    align: str | None = None
    region: str | None = None
    hidden: bool = False
    row: bool = False  # lays its children out side by side, so that each is a block
    icon: str | None = None  # what the text after it is


NOTHING = Traits()


def traits(name: str, classes: str | None, id: str | None, style: str | None, align: str | None) -> Traits:
    """Read an element's tag and its class, id, style and align attributes; `NOTHING` where they say nothing."""
    css = style.replace(" ", "").lower() if style else ""
    aligned = _ALIGN.search(css) if css else None
    words = classes.split() if classes else []
    said = Traits(
        name in BLOCKS or "display:block" in css,
        _weight(css) if "font-weight" in css else (True if name in _BOLD else None),
        "font-style:italic" in css if "font-style" in css else (True if name in _ITALIC else None),
        aligned[1] if aligned else _aligned(name, words, align),
        _region(name, words + id.split() if id else words),
        name in _UNSHOWN or "display:none" in css or not _HIDDEN.isdisjoint(words),
        not _ROWS.isdisjoint(words) or "display:flex" in css or "display:grid" in css,
        next(filter(None, map(icon_of, words)), None) if name in _ICONS else None,
    )
    return NOTHING if said == NOTHING else said


def _weight(css: str) -> bool:
    return re.search(r"font-weight:(?:bold|[6-9]00)", css) is not None


def _aligned(name: str, classes: list[str], align: str | None) -> str | None:
    if align and (said := _ALIGNMENTS.get(align.lower())):
        return said
    if not _ALIGNING.isdisjoint(classes):
        return next(_ALIGN_CLASSES[word] for word in classes if word in _ALIGN_CLASSES)
    return "center" if name == "center" else None


def _region(name: str, names: list[str]) -> str | None:
    if names and _ENTRY.isdisjoint(names):
        rank = min([_rank(word) if len(word) <= _LONG else _rank.__wrapped__(word) for word in names])
        if rank < len(REGIONS):
            return REGIONS[rank][0]
    return _TAG_REGIONS.get(name)


@lru_cache(maxsize=16384)
def _rank(name: str) -> int:
    """Return the place in `REGIONS` of the first row that an id or a class fits; behind the last where none does."""
    flat = _CAMEL.sub("-", name).lower().replace("_", "-")
    if not ANY_REGION.search(flat):
        return len(REGIONS)
    return next((rank for rank, (_, pattern) in enumerate(REGIONS) if pattern.search(flat)), len(REGIONS))


FIELDS = frozenset({"title", "lead", "author", "source", "views", "caption"})
"""Regions that are no furniture: what an element of such a name holds is read if it has the form of one."""


SLIDES = "slides"
"""The region of pictures shown in turn: banners, but among the prose the article's pictures with their captions."""


def region_within(own: str | None, outer: str | None) -> str | None:
    """The innermost name counts, but a "summary" inside a list of related news is still related news."""
    return outer if own is None or (own in FIELDS and outer and outer not in FIELDS) else own


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """What an opening tag says, one object for all tags that say the same."""

    name: str
    traits: Traits
    role: str | None  # a label with its rule, `PROSE` or `HIDDEN`
    mark: str | None  # `CONTAINER` or `FRAME`
    link: bool
    empty: bool  # closed at once
    silent: bool  # adds nothing to what the ancestors say
    breaks: bool  # a line break, a picture or an icon
    rare: bool  # that, a link or marked


LINK = "a[href]"
"""The name of all links."""

NAMED_TAGS = frozenset({"h1", "h2", "h3", "h4", "article", "main", "section", "time", "figcaption", "table"})
"""Tags that are names too: selectors ask for them, and pages have few of them."""


class Tag(NamedTuple):
    """A tag: what it says, and the names by which selectors find its element.

    They are `.class`, `#id`, `LINK`, a tag of `NAMED_TAGS`, and `[data-attribute]`.
    """

    opening: Opening
    names: tuple[str, ...]


_ATTRIBUTE = re.compile(rb"\s(=?[^\s=]*)=\"([^\"]*)\"")
_LONG = 600  # characters; longer tags and names are not remembered


class _Tags(dict[bytes, Tag]):
    """Tags, without `<` and `>`, as lxml writes them: `"` and `>` escaped in values; one that is missing is read."""

    def __missing__(self, tag: bytes) -> Tag:
        short = len(tag) <= _LONG
        read = _CLOSED if tag.startswith(b"/") else _read_tag(tag, _read if short else _read.__wrapped__)
        if short:
            if len(self) >= _MOST_TAGS:
                self.clear()
            self[tag] = read
        return read


TAGS = _Tags()
"""Tags as read before: a site's pages have most of theirs in common."""

_MOST_TAGS = 16384


def _read_tag(tag: bytes, read: Callable[..., Tag]) -> Tag:
    name, _, rest = tag.partition(b" ")
    said = dict(_ATTRIBUTE.findall(tag)) if rest else {}
    get = said.get
    values = get(b"class"), get(b"id"), get(b"style"), get(b"align"), get(b"itemprop")
    link = name == b"a" and b"href" in said
    known = read(name.rstrip(b"/"), values, b"hidden" in said, link, tag.endswith(b"/"))
    if b" data-" not in tag:
        return known
    return Tag(known.opening, (*known.names, *(f"[{name.decode()}]" for name in said if name.startswith(b"data-"))))


@lru_cache(maxsize=16384)
def _read(name: bytes, values: tuple[bytes | None, ...], unseen: bool, link: bool, empty: bool) -> Tag:
    """Read what counts of a tag's attributes: that leaves out where links lead, by which most tags differ."""
    classes, id, style, align, property = (None if value is None else unescape(value.decode()) for value in values)
    said = traits(name.decode(), classes, f"{id or ''} {property}" if property else id, style, align)
    names = tuple([f".{word}" for word in dict.fromkeys(classes.split())] if classes else ())
    if (tag := name.decode()) in NAMED_TAGS:
        names = (*names, tag)
    opening = _opening(name.decode(), said, HIDDEN if said.hidden or unseen else None, None, link, empty)
    if id is not None:
        names = (*names, f"#{id}")
    return Tag(opening, (*names, LINK) if link else names)


@lru_cache(maxsize=4096)
def _opening(name: str, said: Traits, role: str | None, mark: str | None, link: bool, empty: bool) -> Opening:
    silent = said is NOTHING and role is None and mark is None and not link and name not in SKIPPED
    breaks = name == "br" or name in PICTURES or said.icon is not None
    return Opening(name, said, role, mark, link, empty, silent, breaks, breaks or link or mark is not None)


CLOSING = _opening("", NOTHING, None, None, link=False, empty=False)
"""What stands for every closing tag."""

_CLOSED = Tag(CLOSING, ())


def marked(opening: Opening, role: str | None, mark: str | None) -> Opening:
    """Return what an opening tag says whose element has a role or is marked."""
    return _opening(opening.name, opening.traits, role or opening.role, mark, opening.link, opening.empty)


def attribute(tag: bytes, name: str) -> str | None:
    """Return an attribute of a serialised tag; no value holds the `"` that is looked for."""
    sign = f' {name}="'.encode()
    place = tag.find(sign)
    if place < 0:
        return None
    start = place + len(sign)
    return unescape(tag[start : tag.index(b'"', start)].decode())
