"""The publication date: where the layout says, or a line that is a date near the title; never a date in the prose."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice, takewhile

from cleaning.dates import begins_with_date, is_date, read
from cleaning.markup import HEADINGS
from cleaning.page import Page, Piece
from cleaning.prose_dates import tells_when_posted
from cleaning.record import DateSource, Moment
from cleaning.steps.prose import first_prose, last_prose
from cleaning.vietnamese import DIGIT

_CLOCK = re.compile(r"\d{1,2}\s*[:h]\s*\d{2}(?:\s*(?:SA|CH|AM|PM))?", re.I)
_FINENESS = {"month": 0, "day": 1, "minute": 2}
_BELOW_TITLE = 4  # pieces
_AFTER = 6  # pieces after the prose that may still print its date


def published(page: Page) -> None:
    """Label date lines and note the most precise one, the page's own words before its address."""
    found: list[Moment] = []
    for value in page.hints.get("date", ()):  # attributes that a layout names before the words it would also take
        found += _read(page, value, "page")
    for piece in page.labelled("author"):
        if moments := _read(page, piece.text, "page"):
            piece.mark("date", "date-for-byline")
    for piece in page.labelled("date"):
        if piece.line.today:
            continue
        found += _read(page, piece.text, "dump" if piece.rule == "dump-date" else "page")
    if not found:
        below = dict(zip(map(id, page.pieces), page.pieces[1:], strict=False))
        for piece in _near(page):
            moments = (
                _read(page, _with_clock(piece, below.get(id(piece))), "page") if _may_be_posted(page, piece) else []
            )
            if moments:
                piece.mark("date", "date-line")
                found += moments
                break
    for value in page.hints.get("time", ()):  # of the same day it is finer; alone it must do
        found += _read(page, value, "page")
    if not found and page.url:
        found = _read(page, page.url, "url")
    if not found:
        for value in page.hints.get("meta-date", ()):
            found += _read(page, value, "meta")
    for piece in page.pieces[: first_prose(page) or 0]:
        if piece.prose and piece.free and piece.short and ":" in piece.text and is_date(piece.text):
            piece.mark("date", "date-above-prose")
    if found:
        page.published = max(found, key=lambda moment: (_same_day(moment, found[0]), _FINENESS[moment.precision]))


def _same_day(moment: Moment, first: Moment) -> bool:
    return moment.value.startswith(first.value[:10])


def _read(page: Page, text: str, source: DateSource) -> list[Moment]:
    reading = read(text, source, fetched_at=page.fetched_at)
    for flag in reading.flags:
        page.flag(flag)
    return [reading.moment] if reading.moment else []


def _with_clock(piece: Piece, below: Piece | None) -> str:
    """Return a date line, with the clock that is the next line."""
    if below is None or not _CLOCK.fullmatch(below.text) or not is_date(piece.text):
        return piece.text
    if below.free:
        below.mark("date", "clock-after-date")
    return f"{piece.text} {below.text}"


def _may_be_posted(page: Page, piece: Piece) -> bool:
    """Tell whether a line can be the page's date: among the prose only if it says so or stands below the title."""
    if not piece.prose or tells_when_posted(piece.text):
        return True
    if piece.tag in HEADINGS or piece.bold or not is_date(piece.text):
        return False
    first = next((index for index, other in enumerate(page.pieces) if other.prose and other.free), 0)
    above = page.pieces[max(0, first - _BELOW_TITLE) : first]
    return page.pieces[first] is piece and any(other.label == "title" for other in above)


def _near(page: Page) -> Iterable[Piece]:
    """Yield the short lines between title and prose, then those of the container's head, then those after the prose."""
    title = next((index for index, piece in enumerate(page.pieces) if piece.label == "title"), None)
    start, end = first_prose(page), last_prose(page)
    stop = start if start is not None else len(page.pieces)
    if title is not None:
        yield from _lines(page.pieces[title + 1 : max(stop, title + 8)], linked=True)
    yield from (piece for piece in _lines(page.pieces[:stop]) if piece.inside)
    if end is not None:
        below = takewhile(lambda piece: piece.label != "related" and piece.tag not in HEADINGS, page.pieces[end + 1 :])
        dated = [piece for piece in _lines(islice(below, _AFTER)) if read(piece.text, "page").moment]
        yield from dated if len(dated) == 1 else ()  # several are those of other articles


def _lines(pieces: Iterable[Piece], *, linked: bool = False) -> Iterable[Piece]:
    """Yield short lines with figures; of links, if asked for, those that begin with a date or say when it was posted.

    Beside its date a line of small print has links to category, author and buttons.
    """
    return (
        piece
        for piece in pieces
        if piece.free and piece.short and DIGIT.search(piece.text)
        if piece.linked < 0.5 or (linked and (begins_with_date(piece.text) or tells_when_posted(piece.text)))
    )
