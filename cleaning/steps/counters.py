"""The site's visitor counter: a block of labels with numbers (`Hôm nay: 282`), never one such word alone."""

from __future__ import annotations

import re

from cleaning.page import Page
from cleaning.vietnamese import read_number
from cleaning.wording import NUMBER, counter_line, is_heading, names_visits

_BARE = re.compile(rf"^\W*({NUMBER})\W*$")


def counters(page: Page) -> None:
    """Label runs of counter lines with their heading and note their numbers.

    A run is two lines or more, or one that names visits beside its number or heading; label and number may be two
    pieces. Prose never is a whole line of this kind.
    """
    index = 0
    while index < len(page.pieces):
        run, values = _run_from(page, index)
        if run:
            for place in run:
                if page.pieces[place].free:
                    page.pieces[place].mark("counter", "counter-block")
            for key, value in values.items():
                page.counters.setdefault(key, value)
            index = run[-1]
        index += 1
    for place, piece in enumerate(page.pieces):
        if piece.label == "counter" and piece.rule != "counter-block":
            _, values = _run_from(page, place, layout=True)
            for key, value in values.items():
                page.counters.setdefault(key, value)


def _run_from(page: Page, start: int, *, layout: bool = False) -> tuple[list[int], dict[str, int]]:
    """Return the indices of the counter block that begins here and its numbers by key; empty if none begins."""
    pieces = page.pieces
    run: list[int] = []
    values: dict[str, int] = {}
    lines, headed, sure, waiting = 0, False, False, None
    for index in range(start, len(pieces)):
        piece = pieces[index]
        if not piece.short or not (piece.free or (layout and piece.label == "counter")):
            break
        folded = piece.folded
        line = counter_line(folded)
        bare = _BARE.match(folded)
        if bare and waiting:
            values.setdefault(waiting, read_number(bare[1]) or 0)
            waiting = None
        elif line:
            key, number = line
            lines += 1
            sure = sure or (names_visits(folded) and (number is not None or headed))
            if number is None:
                waiting = key
                headed = headed or is_heading(folded, "counter")
            else:
                values.setdefault(key, read_number(number) or 0)
                waiting = None
        elif not run and is_heading(folded, "counter"):
            headed = True
        else:
            break
        run.append(index)
    enough = values and (len(values) >= 2 or (lines >= 1 and (headed or sure)))
    return (run, values) if enough else ([], {})
