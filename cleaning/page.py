"""A page on its way to a record: its pieces in order, and what the steps find out about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from urllib.parse import urljoin

from lxml import etree

from cleaning.markup import FIELDS
from cleaning.record import LABELS, Attachment, Moment
from cleaning.vietnamese import fold
from cleaning.wording import NO_LINE, Line, read_line

SHORT = 160  # letters; longer pieces are prose or at least no byline
MAX_PIECES = 15_000  # of a page; what follows is kept as one piece, so that a hostile page costs bounded time
TOO_MANY = "too-many-pieces"
LABEL = 90  # letters; longer pieces are never a label, a counter or a button


_LABELS = frozenset(LABELS)


@dataclass(slots=True, eq=False)
class Piece:
    """Paragraph-sized text with where it stood; becomes one block once a step has labelled it.

    A line of a plain text has the same shape as a paragraph of a page: what only markup tells stays at its default.
    """

    text: str
    tag: str = "p"  # the innermost block element; "line" in a plain text
    inside: bool = False  # in the article's container
    prose: bool = False  # in the container's body, where unlabelled text is the article's
    bold: bool = False
    italic: bool = False
    centred: bool = False
    right: bool = False
    linked: float = 0.0  # share of its letters that are links
    images: int = 0  # pictures between the piece before and this one
    table: int | None = None  # the innermost table, where it is a cell's text: its number in the container
    row: int | None = None
    region: str | None = None  # the label that the names of its ancestors suggest
    gap: int = 1  # 0: only a line break parts it from the piece before
    lines: int = 1  # lines of the source that were joined
    indent: int = 0  # white space before its first letter, in characters
    label: str | None = None
    rule: str = ""
    folded: str = field(init=False)  # for comparison with wordings; empty for pieces too long for one
    line: Line = field(init=False)  # what it is by its wording; nothing for pieces too long for one

    def __post_init__(self) -> None:
        """Read the text's wording."""
        self.folded, self.line = ("", NO_LINE) if len(self.text) > LABEL else _read(self.text)

    @property
    def free(self) -> bool:
        """Tell whether no step has labelled it yet."""
        return self.label is None

    @property
    def furnished(self) -> bool:
        """Tell whether the names of the elements round it call it furniture."""
        return self.region is not None and self.region not in FIELDS

    @property
    def short(self) -> bool:
        """Tell whether it is short enough for a label, a counter, a button."""
        return len(self.text) <= SHORT

    def reword(self, text: str) -> None:
        """Give the piece another text."""
        self.text = text
        self.__post_init__()

    def mark(self, label: str, rule: str) -> None:
        """Give the piece its one label."""
        assert label in _LABELS, label
        self.label, self.rule = label, rule


@lru_cache(maxsize=8192)  # a portal's pages have their menus and boxes in common
def _read(text: str) -> tuple[str, Line]:
    folded = fold(text)
    return folded, read_line(folded)


@dataclass(slots=True, eq=False)
class Picture:
    """An image of the container: its address and alt as served, and the index of the piece that follows it."""

    url: str
    alt: str
    before: int


@dataclass
class Page:
    """What the steps work on. They label pieces and note values; they never take a piece away."""

    pieces: list[Piece]
    url: str | None = None
    fetched_at: datetime | None = None
    plain: bool = False  # a text dump: no markup
    container: etree._Element | None = None  # unless it is too large to be read element by element
    pictures: list[Picture] = field(default_factory=list)
    pictured: set[int] = field(default_factory=set)  # numbers of the container's tables that hold pictures
    head_titles: tuple[str, ...] = ()  # og:title, <title>: to recognise the title by
    hints: dict[str, list[str]] = field(default_factory=dict)  # attribute values that a layout's selectors took
    layout: str | None = None
    flags: list[str] = field(default_factory=list)

    title: str | None = None
    category: str | None = None
    author: str | None = None
    source: str | None = None
    published: Moment | None = None
    views: int | None = None
    counters: dict[str, int] = field(default_factory=dict)
    tables: list[tuple[tuple[str, ...], ...]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)

    @property
    def last_inside(self) -> int:
        """The index of the last piece of the container; -1 without one."""
        return next((index for index in range(len(self.pieces) - 1, -1, -1) if self.pieces[index].inside), -1)

    def labelled(self, label: str) -> list[Piece]:
        """Return the pieces with that label, in page order."""
        return [piece for piece in self.pieces if piece.label == label]

    def absolute(self, address: str) -> str:
        """Return an address of the page made absolute; as given where that cannot be done."""
        if not self.url or address.startswith(("https://", "http://")):
            return address
        try:
            return urljoin(self.url, address)
        except ValueError:
            return address

    def flag(self, name: str) -> None:
        """Note a doubt, once."""
        if name not in self.flags:
            self.flags.append(name)
