"""Views of the article: `Lượt xem: 214`, label and number together or apart, or a bare number beside an eye."""

from __future__ import annotations

import re

from cleaning.page import Page, Piece
from cleaning.record import REMOVED_LABELS
from cleaning.vietnamese import fold, read_number
from cleaning.wording import NO_LINE, NUMBER, views_within

_NUMBER = re.compile(NUMBER)
_ROUND = " :()|"
_NEAR = 8  # pieces round the article in which a views line is the article's


def views(page: Page) -> None:
    """Label lines of views; note the number of those in or near the article."""
    for piece in page.pieces:
        if piece.label == "views":
            _note(page, next(iter(_NUMBER.findall(piece.text)), None))
        elif piece.label == "date":
            _note(page, views_within(fold(piece.text)))
    first = next((index for index, piece in enumerate(page.pieces) if piece.label == "title" or piece.inside), 0)
    last = max(page.last_inside, 0)
    for index, piece in enumerate(page.pieces):
        if first <= index <= last + 1:
            if page.views is None and index <= last and _is_small_print(piece):
                _note(page, views_within(piece.folded))
            if piece.region == "views" and _is_number(piece):
                piece.mark("views", "views-element")
                _note(page, piece.text)
                continue
        line = piece.line
        if line is NO_LINE or piece.label is not None:
            continue
        number = line.views or line.views_aside
        follower = page.pieces[index + 1] if index + 1 < len(page.pieces) else None
        if number is None and line.views_label:
            before = page.pieces[index - 1] if index else None
            beside = next((other for other in (follower, before) if other and _is_number(other)), None)
            if beside:
                number = beside.text
                beside.mark("views", "views-number")
        if number is None:
            continue
        piece.mark("views", "views-line")
        if first - _NEAR <= index <= last + _NEAR:
            _note(page, number)


def _is_small_print(piece: Piece) -> bool:
    """Tell whether a line of the article or between it and its title is none of its sentences."""
    if piece.free:
        return piece.short and not piece.prose
    return piece.label in REMOVED_LABELS and piece.label != "related"


def _note(page: Page, number: str | None) -> None:
    if page.views is None and number:
        page.views = read_number(number.strip(_ROUND))


def _is_number(piece: Piece) -> bool:
    return piece.free and _NUMBER.fullmatch(piece.text.strip(_ROUND)) is not None
