"""What cleaning makes of a page: labelled blocks and the fields read from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Precision = Literal["minute", "day", "month"]
DateSource = Literal["page", "url", "listing", "meta", "feed", "dump", "prose"]
DateBasis = Literal["published", "published-month", "event", "fetched"]

ARTICLE_LABELS = ("title", "lead", "heading", "paragraph", "caption", "table", "author", "source", "date")
REMOVED_LABELS = (
    "views", "counter", "related", "banner", "notice", "share", "navigation", "footer", "other",
)  # fmt: skip
LABELS = ARTICLE_LABELS + REMOVED_LABELS


@dataclass(frozen=True)
class Moment:
    """A date as precise as it was printed.

    `value`: `2023-09-08T07:42:00+07:00`, `2023-09-08` or `2023-09`, by `precision`; `raw` the words of the page.
    """

    value: str
    precision: Precision
    source: DateSource
    raw: str


class Block(NamedTuple):
    """Paragraph-sized text of the page, its one label, and the rule that gave it.

    `inside` tells whether it stood in the article's container; `text` is as served, NFC, white space collapsed.
    """

    text: str
    label: str
    rule: str
    inside: bool


@dataclass(frozen=True)
class Attachment:
    """A file that the article links to: absolute address where the page's own is known, and the link's words."""

    url: str
    text: str


@dataclass(frozen=True)
class Image:
    """A picture of the article; `alt` as served, None where it is a constant of the CMS or absent."""

    url: str
    caption: str | None
    alt: str | None


@dataclass(frozen=True)
class Record:
    """One cleaned page. Absent fields are None or empty; nothing is guessed."""

    url: str | None
    title: str | None
    lead: str | None
    body: tuple[str, ...]
    captions: tuple[str, ...]
    tables: tuple[tuple[tuple[str, ...], ...], ...]
    author: str | None
    source: str | None
    category: str | None
    published: Moment | None
    event_date: Moment | None
    date: str | None
    date_basis: DateBasis | None
    views: int | None
    site_counters: dict[str, int] | None
    attachments: tuple[Attachment, ...]
    images: tuple[Image, ...]
    language: str | None
    encoding: str | None
    layout: str | None
    flags: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def removed(self) -> tuple[Block, ...]:
        """The blocks that are no part of the article, in page order."""
        return tuple(block for block in self.blocks if block.label in REMOVED_LABELS)

    def as_json(self) -> dict[str, Any]:
        """Return the JSON shape of `tintinh clean --json`: every field, `removed` instead of all the blocks."""
        return {**self.fields(), "removed": [{"text": b.text, "label": b.label, "rule": b.rule} for b in self.removed]}

    def fields(self) -> dict[str, Any]:
        """Return every field but the blocks, as what JSON knows."""
        return {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__ if name != "blocks"}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Moment | Attachment | Image):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    return value
