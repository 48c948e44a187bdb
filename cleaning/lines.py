"""A plain text, saved from a page without its tags, as pieces: one per line that is not blank."""

from __future__ import annotations

import re

from cleaning.page import MAX_PIECES, TOO_MANY, Piece
from cleaning.vietnamese import squash

_TAGS = "!doctype|html|head|body|div|p|br|span|table|a|meta|title|article|section|ul|h[1-6]"
_MARKUP = re.compile(rf"<(?:{_TAGS})\b[^<>]*>", re.I)
_SNIFFED = 200_000
_DUMP_DATE = re.compile(r"^\s*(date \d{4}-\d{2}(?:-\d{2})?)\s+(?=\S)")
_MIN_WRAPPED, _MAX_WRAPPED = 40, 110


def is_plain(text: str, content_type: str | None) -> bool:
    """Tell whether a page is a text dump: served as `text/plain`, or without any of HTML's usual tags."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        return False
    return kind == "text/plain" or not _MARKUP.search(text, 0, _SNIFFED)


def read_lines(text: str) -> list[Piece]:
    """Return the lines as pieces of one container; an extractor's `date 2022-02` in front is a piece of its own."""
    pieces: list[Piece] = []
    gap = 1
    lines = text.splitlines()
    for number, line in enumerate(lines):
        words = squash(line)
        if not words:
            gap = 1
            continue
        prefix = _DUMP_DATE.match(line) if not pieces else None
        if prefix:
            pieces.append(Piece(prefix[1], tag="line", inside=True, prose=True, label="date", rule="dump-date"))
            words = squash(line[prefix.end() :])
        if len(pieces) == MAX_PIECES:
            rest = squash(" ".join(lines[number:]))
            return [*pieces, Piece(rest, tag="line", inside=True, label="other", rule=TOO_MANY)]
        indent = len(line) - len(line.lstrip())
        pieces.append(Piece(words, tag="line", inside=True, prose=True, gap=gap, indent=indent))
        gap = 0
    return pieces


def wrapped_width(pieces: list[Piece]) -> int | None:
    """Return the width at which a program has wrapped the lines, or None where lines are whole paragraphs."""
    lengths = sorted(len(piece.text) + piece.indent for piece in pieces)
    if len(lengths) < 8 or not _MIN_WRAPPED <= lengths[-1] <= _MAX_WRAPPED:
        return None
    full = sum(length >= 0.8 * lengths[-1] for length in lengths)
    return lengths[-1] if full >= 0.5 * len(lengths) else None
