"""The site's visitor counter: a block of labels with numbers (`Hôm nay: 282`), never one such word alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cleaning.page import Page, Piece
from cleaning.vietnamese import read_number
from cleaning.wording import NO_LINE, NUMBER

_BARE = re.compile(rf"^\W*({NUMBER})\W*$")


@dataclass
class _Run:
    """Neighbouring pieces that could be a counter: heading, labels, numbers."""

    pieces: list[Piece] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)
    waiting: str | None = None  # a label whose number is the next piece
    headed: bool = False
    sure: bool = False

    def take(self, piece: Piece) -> bool:
        """Add the piece if it continues the block."""
        line = piece.line
        bare = _BARE.match(piece.folded) if self.waiting else None
        if bare and self.waiting:
            self._note(self.waiting, bare[1])
            self.waiting = None
        elif line.counters:
            for key, number in line.counters:
                if number:
                    self._note(key, number)
                self.sure = self.sure or (line.visits and number is not None)
                self.waiting = None if number else key
            self.headed = self.headed or "counter" in line.heads
        elif "counter" in line.heads:
            self.headed = True
        else:
            return False
        self.pieces.append(piece)
        return True

    def _note(self, key: str, number: str) -> None:
        value = read_number(number)
        if value is not None:
            self.values.setdefault(key, value)

    @property
    def counts(self) -> bool:
        """Two numbers with their labels, or one under a heading or a label that names visits."""
        return len(self.values) >= 2 or (bool(self.values) and (self.sure or self.headed))


def counters(page: Page) -> None:
    """Label blocks of counter lines with their heading and note their numbers.

    Label and number may be two pieces. Prose is never a whole line of this kind, so `Hôm nay …` in a sentence stays.
    """
    run = _Run()
    for piece in [*page.pieces, None]:
        if piece is not None and piece.line is NO_LINE and not run.waiting and not run.pieces:
            continue
        eligible = piece is not None and piece.short and (piece.free or piece.label == "counter")
        if piece is not None and eligible and run.take(piece):
            continue
        if run.pieces:
            _settle(page, run)
            run = _Run()
            if piece is not None and eligible:
                run.take(piece)


def _settle(page: Page, run: _Run) -> None:
    if not run.counts and not any(piece.label == "counter" for piece in run.pieces):
        return
    for piece in run.pieces:
        if piece.free:
            piece.mark("counter", "counter-block")
    for key, value in run.values.items():
        page.counters.setdefault(key, value)
