"""What the markup of one element says: block or inline, style, alignment, hidden, the region its names suggest.

An element is read from its opening tag as lxml writes it, so that a page's walk asks nothing of the tree: a tag seen
before, on this page or another, is one look-up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from cleaning.wording import REGIONS

_BLOCKS = """
address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption figure
footer form h1 h2 h3 h4 h5 h6 header hr html label legend li main menu nav noscript ol optgroup option p pre section
select summary table tbody td textarea tfoot th thead title tr ul
"""
BLOCKS = frozenset(_BLOCKS.split())
SKIPPED = frozenset({"script", "style"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
PICTURES = frozenset({"img", "video", "audio", "iframe", "embed", "object", "v:imagedata", "v:shape", "amp-img"})
_BOLD = frozenset({"b", "strong", *HEADINGS, "th"})
_ITALIC = frozenset({"i", "em", "cite"})
_TAG_REGIONS = {
    "nav": "navigation",
    "footer": "footer",
    "select": "navigation",
    "button": "share",
}

ROLE = "TINTINH-ROLE"
"""Attribute that carries a layout's label and rule; no page can forge it, for the parser makes names small."""

MARK = "TINTINH-MARK"
"""Attribute that tells the container (`CONTAINER`) from the elements round it (`FRAME`)."""

CONTAINER, FRAME = "container", "frame"

PROSE = "prose"
"""Role of a layout's body: unlabelled text inside it is the article's."""

HIDDEN = "other|hidden"

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ENTRY = frozenset({"hentry", "h-entry", "type-post", "type-page"})
"""Classes of an entry as a whole; WordPress writes its tags and categories beside them: `tag-tre category-tin-moi`."""
_HIDDEN = frozenset({"hidden", "hide", "d-none", "sr-only", "visually-hidden", "screen-reader-text", "ms-hide"})
_ALIGN_CLASSES = {
    **dict.fromkeys(("text-center", "center", "aligncenter", "has-text-align-center", "text-xs-center"), "center"),
    **dict.fromkeys(("text-right", "text-end", "alignright", "has-text-align-right", "rteright"), "right"),
    **dict.fromkeys(("text-left", "text-justify", "has-text-align-left"), "left"),
}
_CENTERED = {"center": "center"}
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


NOTHING = Traits()


@lru_cache(maxsize=16384)
def traits(name: str, classes: str | None, id: str | None, style: str | None, align: str | None) -> Traits:
    """Read an element's tag and its class, id, style and align attributes; `NOTHING` where they say nothing."""
    css = style.replace(" ", "").lower() if style else ""
    words = classes.split() if classes else []
    aligned = _ALIGN.search(css) if css else None
    by_class = next((_ALIGN_CLASSES[word] for word in words if word in _ALIGN_CLASSES), None)
    said = Traits(
        block=name in BLOCKS or "display:block" in css,
        bold=_weight(css) if "font-weight" in css else (True if name in _BOLD else None),
        italic="font-style:italic" in css if "font-style" in css else (True if name in _ITALIC else None),
        align=(aligned[1] if aligned else _ALIGNMENTS.get((align or "").lower())) or by_class or _CENTERED.get(name),
        region=_region(name, f"{classes or ''} {id or ''}" if classes or id else ""),
        hidden="display:none" in css or not _HIDDEN.isdisjoint(words),
    )
    return NOTHING if said == NOTHING else said


def _weight(css: str) -> bool:
    return re.search(r"font-weight:(?:bold|[6-9]00)", css) is not None


def _region(name: str, names: str) -> str | None:
    if names and _ENTRY.isdisjoint(names.split()):
        flat = _CAMEL.sub("-", names).lower()
        for label, pattern in REGIONS:
            if pattern.search(flat):
                return label
    return _TAG_REGIONS.get(name)


FIELDS = frozenset({"lead", "author"})
"""Regions that are no furniture: what an element of such a name holds is read if it has the form of one."""


def region_within(own: str | None, outer: str | None) -> str | None:
    """The innermost name counts, but a "summary" inside a list of related news is still related news."""
    return outer if own is None or (own in FIELDS and outer) else own


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """What an opening tag says, one object for all tags that say the same."""

    name: str
    traits: Traits
    role: str | None  # a layout's, or `HIDDEN`
    mark: str | None
    link: bool
    empty: bool  # closed at once
    silent: bool  # adds nothing to what the ancestors say
    breaks: bool  # a line break or picture


_NAME = re.compile(r"\S+?(?=\s|/?$)")
_ATTRIBUTE = re.compile(r"\s(=?[^\s=]*)=\"([^\"]*)\"")
_LONG = 600  # characters; longer tags are not remembered


SEEN: dict[bytes, Opening] = {}
"""Opening tags as read before: a site's pages have most of theirs in common."""

_MOST_SEEN = 16384


def read_tag(tag: bytes) -> Opening:
    """Read an opening tag, without `<` and `>`, as lxml serialises it: `"` and `>` escaped in values."""
    opening = _read_tag(tag.decode())
    if len(tag) <= _LONG:
        if len(SEEN) >= _MOST_SEEN:
            SEEN.clear()
        SEEN[tag] = opening
    return opening


def _read_tag(tag: str) -> Opening:
    match = _NAME.match(tag)
    assert match is not None, tag
    name, get = match[0], attributes(tag).get
    said = traits(name, get("class"), get("id"), get("style"), get("align"))
    role = get(ROLE) or (HIDDEN if said.hidden or get("hidden") is not None else None)
    link = name == "a" and get("href") is not None
    return _opening(name, said, role, get(MARK), link, tag.endswith("/"))


@lru_cache(maxsize=4096)
def _opening(name: str, said: Traits, role: str | None, mark: str | None, link: bool, empty: bool) -> Opening:
    silent = said is NOTHING and role is None and mark is None and not link and name not in SKIPPED
    return Opening(name, said, role, mark, link, empty, silent, name == "br" or name in PICTURES)


def attributes(tag: str) -> dict[str, str]:
    """Return a serialised tag's attributes."""
    return {name: unescape(value) if "&" in value else value for name, value in _ATTRIBUTE.findall(tag)}
