"""Joins lines that are one: a line break inside a sentence, a caption or a heading is no end of a paragraph."""

from __future__ import annotations

from cleaning.lines import wrapped_width
from cleaning.markup import HEADINGS
from cleaning.page import SHORT, Page, Piece
from cleaning.wording import ITEM, SENTENCE_END

_FULL_LINE = 0.75  # of the width at which a program wrapped the text

_ONE_TEXT = ("title", "caption")  # what a layout names as a whole: a line break in it parts nothing


def join(page: Page) -> None:
    """Join neighbouring pieces of one sentence; the text stays in its order."""
    width = wrapped_width(page.pieces) if page.plain else None
    joined: list[Piece] = []
    places: list[int] = []
    full = False
    for piece in page.pieces:
        is_full, full = full, width is not None and len(piece.text) + piece.indent >= _FULL_LINE * width
        if joined and (piece.gap == 0 or piece.text[0].islower()) and _continues(joined[-1], piece, wrapped=is_full):
            before = joined[-1]
            before.append(piece.text)
            before.lines += 1
            before.bold, before.italic = before.bold and piece.bold, before.italic and piece.italic
            before.linked = min(before.linked, piece.linked)
        else:
            joined.append(piece)
        places.append(len(joined) - 1)
    for picture in page.pictures:
        picture.before = places[picture.before] if picture.before < len(places) else len(joined)
    page.pieces = joined


def _continues(before: Piece, piece: Piece, *, wrapped: bool) -> bool:
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
    if SENTENCE_END.search(before.text):
        return False
    small = piece.text[0].islower()  # without it only a line break is bridged
    if piece.gap == 0:
        return small or before.text.endswith(",") or _one_caption(before, piece)
    return small and before.inside and len(before.text) <= SHORT >= len(piece.text) and piece.tag != "li"


def _one_caption(before: Piece, piece: Piece) -> bool:
    """Two lines of the style that captions have, the first below a picture or both centred and italic."""
    same = (before.centred, before.italic) == (piece.centred, piece.italic)
    return same and before.short and piece.short and (before.images > 0 or (piece.italic and piece.centred))
