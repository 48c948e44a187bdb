"""Captions: by their place after a picture, by the cell or style they share with it; in a text by how lines differ.

On these portals a caption is hardly ever a `<figcaption>`: it is the next paragraph, centred or italic, a cell under
the photo, a bold line, or a plain line without a full stop.
"""

from __future__ import annotations

import re
from functools import cached_property
from statistics import median

from cleaning.bylines import is_initials
from cleaning.markup import HEADINGS
from cleaning.page import Page, Piece
from cleaning.punctuation import ITEM, ends_sentence, has_full_stop
from cleaning.steps.prose import first_prose, last_prose, layout_rows
from cleaning.vietnamese import fold
from cleaning.wording import heads_gallery, is_picture_label, opens_like_caption, opens_like_prose, tells_a_picture

_LONGEST = 300
_LONGEST_NAMED = 600
_BOLD_LONGEST = 120
_PLAIN_LONGEST = 220
_CREDITED = re.compile(r"(?:[.(]|\s[-–]) ?Ảnh ?: ?[^.:]{2,40}\.?\)?$")  # its end says whose picture it is
_QUOTES = re.compile(r"[:“”\"]")
_SENTENCE_LONGEST = 170
_HEAVY_INDENT = 20  # characters: a line centred by hand
_SENTENCES = (". ", "! ", "? ")


def captions(page: Page) -> None:
    """Label captions, and the heading of a gallery, which heads pictures and no prose."""
    gallery = False
    rows = _PictureRows(page)
    previous: Piece | None = None
    text_lines = _TextLines(page) if page.plain else None
    for index, piece in enumerate(page.pieces):
        if not piece.inside:
            continue
        if piece.free and (piece.prose or _is_named(piece)):
            rule = _rule(piece, previous, rows) or (
                text_lines.rule(index, piece, gallery=gallery) if text_lines else None
            )
            if piece.short and heads_gallery(piece.folded) and (page.plain or not piece.images):
                piece.mark("heading", "gallery-heading")
                gallery = True
            elif rule:
                piece.mark("caption", rule)
            else:
                gallery = False
        elif piece.label != "banner":
            gallery = False
        previous = piece


def _rule(piece: Piece, previous: Piece | None, rows: _PictureRows) -> str | None:
    """Return the name of the rule by which a page's piece is a caption, or None."""
    if _is_named(piece):
        return "caption-element"
    if piece.tag == "figure" and piece.images:
        return "in-figure"
    if piece.right or len(piece.text) > _LONGEST or piece.tag == "li" or is_initials(piece.text):
        return None
    if piece.images:
        if rows.hold_caption(piece) and not _runs_on(piece):
            return "cell-under-picture"
        if (piece.italic or piece.centred or (piece.bold and not _is_bold_prose(piece))) and not _runs_on(piece):
            return "style-after-picture"
        if _is_plain_caption(piece) or (len(piece.text) <= _PLAIN_LONGEST and _CREDITED.search(piece.text)):
            return "after-picture"
    elif previous is not None and previous.label == "caption":
        if piece.row is not None and piece.row == previous.row and rows.hold_caption(piece):
            return "cell-beside-caption"
        if piece.italic and piece.centred and previous.italic and previous.centred and not _runs_on(piece):
            return "style-after-caption"
    if (
        rows.pictured
        and piece.centred
        and piece.italic
        and piece.short
        and not ITEM.match(piece.text)
        and not _runs_on(piece)
    ):
        return "centred-italic"
    return None


def _is_named(piece: Piece) -> bool:
    """Tell whether an element for captions holds a piece, and no list of other articles."""
    return piece.region == "caption" and piece.linked <= 0.5 and len(piece.text) <= _LONGEST_NAMED


def _is_plain_caption(piece: Piece) -> bool:
    if piece.tag in HEADINGS or ITEM.match(piece.text) or piece.text.endswith((":", ";")) or piece.text.isupper():
        return False
    if not ends_sentence(piece.text):
        return len(piece.text) <= _PLAIN_LONGEST
    folded = fold(piece.text)
    if is_picture_label(folded):
        return len(piece.text) <= _PLAIN_LONGEST
    return (
        len(piece.text) <= _SENTENCE_LONGEST
        and not _QUOTES.search(piece.text)
        and not _runs_on(piece)
        and not opens_like_prose(folded)
        and opens_like_caption(folded)
    )


def _is_bold_prose(piece: Piece) -> bool:
    """Tell whether a bold line is a lead or heading rather than a caption: a long sentence, or a heading's tag."""
    folded = fold(piece.text)
    if piece.tag in HEADINGS:
        return True
    sentence = has_full_stop(piece.text) and not is_picture_label(folded)
    return sentence and (len(piece.text) > _BOLD_LONGEST or opens_like_prose(folded))


def _runs_on(piece: Piece) -> bool:
    """Tell whether it holds more than one sentence."""
    return any(mark in piece.text for mark in _SENTENCES) and len(piece.text) > _SENTENCE_LONGEST


class _PictureRows:
    """Tables that hold pictures: the rows in them that are no prose hold captions."""

    def __init__(self, page: Page) -> None:
        self._page = page

    @cached_property
    def pictured(self) -> bool:
        """Whether the page has pictures at all."""
        return self._page.plain or any(piece.images for piece in self._page.pieces)

    @cached_property
    def _prose(self) -> frozenset[int]:
        return layout_rows(self._page)

    def hold_caption(self, piece: Piece) -> bool:
        """Tell whether a piece stands in such a table and row."""
        return piece.table in self._page.pictured and piece.row not in self._prose


class _TextLines:
    """How the lines of a text look: what is usual for its prose, so that a caption's line can stand out."""

    def __init__(self, page: Page) -> None:
        self.first, self.last = first_prose(page), last_prose(page)
        prose = [piece for piece in page.pieces if piece.free and len(piece.text) > _SENTENCE_LONGEST]
        self.length = median(len(piece.text) for piece in prose) if prose else 0
        self.indent = median(piece.indent for piece in prose) if prose else 0
        self.lines = median(piece.lines for piece in prose) if prose else 1

    def rule(self, index: int, piece: Piece, *, gallery: bool) -> str | None:
        """Return the name of the rule by which a text's line is a caption, or None."""
        if self.first is None or self.last is None or index <= self.first:
            return None
        text = piece.text
        if len(text) > _PLAIN_LONGEST or ITEM.match(text) or text.endswith((":", ";")) or text.isupper():
            return None
        if gallery:
            return "below-gallery-heading"
        if piece.lines > 1 and self.lines == 1 and index < self.last:
            return "split-over-lines"
        if index >= self.last:
            return None
        folded = fold(text)
        pictured = opens_like_caption(folded) and tells_a_picture(folded)
        if not ends_sentence(text):
            if piece.indent >= _HEAVY_INDENT > self.indent:
                return "centred-by-hand"
            if self.indent >= 2 and piece.indent < 2:
                return "not-indented-like-prose"
            return "line-without-full-stop" if pictured or len(text.split()) >= 8 else None
        stands_out = len(text) < 0.5 * self.length and len(text) <= _SENTENCE_LONGEST and has_full_stop(text)
        if stands_out and pictured and not opens_like_prose(folded) and not any(mark in text for mark in _SENTENCES):
            return "picture-wording"
        return None
