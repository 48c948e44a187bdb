"""What changed between two texts, word by word: for readers' pages, the changes feed and the size of an edit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "added", "dropped"]

_TOKEN = re.compile(r"\s+|[^\W_]+(?:[.,/:-][^\W_]+)*|[^\s]", re.UNICODE)
_SIMILAR = 0.35
_LONG = 4_000
_TOO_LONG = 30_000
"""Words and signs of two paragraphs together above which they are not compared: one went, the other came."""
_MANY = 1_000
"""Paragraphs of both texts above which those that recur all over are not looked up one by one."""
_WINDOW = 40
"""Paragraphs among which the one that resembles another is looked for."""


@dataclass(frozen=True)
class Piece:
    """A run of words that stayed, came or went."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of a comparison; `changed` tells whether anything in it came or went."""

    pieces: tuple[Piece, ...]

    @property
    def changed(self) -> bool:
        """Whether this paragraph differs between the two texts."""
        return any(piece.kind != "same" for piece in self.pieces)


def compare(old: str, new: str) -> tuple[Paragraph, ...]:
    """Compare two texts whose paragraphs are parted by a blank line; paragraphs come in reading order.

    Joining every piece that is not `added` gives `old`'s paragraphs back, every piece that is not `dropped` `new`'s.
    """
    return tuple(_paragraphs(_split(old), _split(new)))


def words_changed(paragraphs: Sequence[Paragraph]) -> int:
    """Return how many words differ: a replaced word counts once, not as one gone and one come."""
    total = 0
    for paragraph in paragraphs:
        gone = come = 0
        for piece in (*paragraph.pieces, Piece("same", "")):
            if piece.kind == "same":
                total += max(gone, come)
                gone = come = 0
            elif piece.kind == "dropped":
                gone += _words(piece.text)
            else:
                come += _words(piece.text)
    return total


def _split(text: str) -> list[str]:
    return [part for part in (part.strip() for part in re.split(r"\n\s*\n", text)) if part]


def _words(text: str) -> int:
    return sum(1 for token in _TOKEN.findall(text) if token[0].isalnum())


def _paragraphs(old: list[str], new: list[str]) -> Iterator[Paragraph]:
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > _MANY)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            for text in old[i1:i2]:
                yield Paragraph((Piece("same", text),))
        else:
            yield from _replaced(old[i1:i2], new[j1:j2])


def _replaced(old: list[str], new: list[str]) -> Iterator[Paragraph]:
    """Pair the paragraphs that resemble each other, in order; the others went or came as a whole."""
    start = 0
    theirs = [set(text.split()) for text in new]
    for gone in old:
        ours = set(gone.split())
        near = range(start, min(start + _WINDOW, len(new)))
        match = next((at for at in near if _alike(ours, theirs[at])), None)
        if match is None:
            yield Paragraph((Piece("dropped", gone),))
            continue
        for come in new[start:match]:
            yield Paragraph((Piece("added", come),))
        yield Paragraph(tuple(_pieces(gone, new[match])))
        start = match + 1
    for come in new[start:]:
        yield Paragraph((Piece("added", come),))


def _alike(ours: set[str], theirs: set[str]) -> bool:
    return len(ours & theirs) >= _SIMILAR * min(len(ours), len(theirs))


def _pieces(old: str, new: str) -> Iterator[Piece]:
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if len(before) + len(after) > _TOO_LONG:
        yield from _flush([old], [new])
        return
    matcher = SequenceMatcher(None, before, after, autojunk=len(before) + len(after) > _LONG)
    gone: list[str] = []
    come: list[str] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        text = "".join(before[i1:i2])
        if tag == "equal" and not (text.isspace() and gone and come and i2 < len(before)):
            yield from _flush(gone, come)
            gone, come = [], []
            yield Piece("same", text)
        else:
            gone.append(text)
            come.append("".join(after[j1:j2]))
    yield from _flush(gone, come)


def _flush(gone: list[str], come: list[str]) -> Iterator[Piece]:
    if text := "".join(gone):
        yield Piece("dropped", text)
    if text := "".join(come):
        yield Piece("added", text)
