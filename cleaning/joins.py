"""Joins lines that are one: a line break inside a sentence, a caption or a heading is no end of a paragraph."""

from __future__ import annotations

from bisect import bisect_right

from cleaning.lines import wrapped_width
from cleaning.markup import HEADINGS
from cleaning.page import SHORT, Page, Piece
from cleaning.punctuation import ITEM, ends_sentence

_FULL_LINE = 0.75  # of the width at which a program wrapped the text

_ONE_TEXT = ("title", "caption")  # what a layout names as a whole: a line break in it parts nothing


def join(page: Page) -> None:
    """Join neighbouring pieces of one sentence; the text stays in its order."""
    width = wrapped_width(page.pieces) if page.plain else None
    joined: list[Piece] = []
    lines: list[str] = []  # of the last of these: put together in the end, for there may be thousands
    gone: list[int] = []  # what is now part of the piece before it
    full = False
    for index, piece in enumerate(page.pieces):
        before = joined[-1] if joined and (not piece.gap or piece.text[0].islower()) else None
        if before is not None and _continues(before, lines or [before.text], piece, wrapped=full):
            if not lines:
                lines.append(before.text)
            lines.append(piece.text)
            before.lines += 1
            before.bold, before.italic = before.bold and piece.bold, before.italic and piece.italic
            before.linked = min(before.linked, piece.linked)
            gone.append(index)
        else:
            if lines:
                joined[-1].reword(" ".join(lines))
                lines = []
            joined.append(piece)
        if width is not None:
            full = len(piece.text) + piece.indent >= _FULL_LINE * width
    if lines:
        joined[-1].reword(" ".join(lines))
    for picture in page.pictures if gone else ():
        picture.before -= bisect_right(gone, picture.before)
    page.pieces = joined


def _continues(before: Piece, lines: list[str], piece: Piece, *, wrapped: bool) -> bool:
    """Tell whether a piece goes on where the one before ends, whose `lines` so far are not put together yet."""
    if (before.label, before.rule, before.inside) != (piece.label, piece.rule, piece.inside) or piece.images:
        return False
    if piece.tag != before.tag or (piece.gap and piece.table is not None):
        return False
    if piece.gap == 0 and (piece.tag in HEADINGS or before.label in _ONE_TEXT):
        return True
    if before.label is not None or ITEM.match(piece.text):
        return False
    if wrapped and piece.gap == 0:
        return True
    if ends_sentence(lines[-1]):
        return False
    small = piece.text[0].islower()  # without it only a line break is bridged
    if piece.gap == 0:
        return small or lines[-1].endswith(",") or _one_caption(before, lines, piece)
    return small and before.inside and _short(lines) and len(piece.text) <= SHORT and piece.tag != "li"


def _short(lines: list[str]) -> bool:
    return len(lines) <= SHORT and sum(map(len, lines)) + len(lines) - 1 <= SHORT


def _one_caption(before: Piece, lines: list[str], piece: Piece) -> bool:
    """Two lines of the style that captions have, the first below a picture or both centred and italic."""
    same = (before.centred, before.italic) == (piece.centred, piece.italic)
    return same and _short(lines) and piece.short and (before.images > 0 or (piece.italic and piece.centred))
