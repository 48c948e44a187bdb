"""What reads as prose: the yardstick that several steps share."""

from __future__ import annotations

from collections import Counter

from cleaning.page import SHORT, Page, Piece
from cleaning.punctuation import has_full_stop

_SENTENCE = 60  # letters that make a line with a full stop a sentence


def is_prose(piece: Piece) -> bool:
    """Tell whether a piece reads as running text: long, or a sentence with its full stop; links are not prose."""
    if piece.linked > 0.5:
        return False
    return len(piece.text) > SHORT or (len(piece.text) >= _SENTENCE and has_full_stop(piece.text))


def first_prose(page: Page) -> int | None:
    """Return the index of the first piece of prose where the article's prose stands, or None.

    In a text the title may end with a full stop, so there the first line counts only if it is long or runs over
    several sentences.
    """
    seen_line = False
    for index, piece in enumerate(page.pieces):
        if not piece.prose or piece.label is not None:
            continue
        if is_prose(piece) and (not page.plain or seen_line or len(piece.text) > SHORT):
            return index
        seen_line = True
    return None


def last_prose(page: Page) -> int | None:
    """Return the index of the last piece of prose of the article, or None."""
    return next(
        (
            index
            for index in range(len(page.pieces) - 1, -1, -1)
            if page.pieces[index].prose
            and page.pieces[index].label in (None, "paragraph")
            and is_prose(page.pieces[index])
        ),
        None,
    )


def layout_rows(page: Page) -> frozenset[int]:
    """Return the numbers of table rows that hold an article rather than data or a picture's words: much prose."""
    prose = Counter(piece.row for piece in page.pieces if piece.row is not None and is_prose(piece))
    return frozenset(row for row, pieces in prose.items() if pieces > 1)
