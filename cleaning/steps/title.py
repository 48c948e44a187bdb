"""The title: the layout's element, the heading that the page's head names, or a text's line above the prose."""

from __future__ import annotations

import re

from cleaning.dates import begins_with_date, read
from cleaning.markup import HEADINGS
from cleaning.page import Page, Piece
from cleaning.punctuation import ITEM, ends_sentence
from cleaning.steps.prose import first_prose, is_prose
from cleaning.vietnamese import fold
from cleaning.wording import names_title, views_within

_MIN_TITLE = 8
_LONG_TITLE = 15
_DATE_LETTERS = 18  # "Print Thứ Bảy", "Cập nhật ngày"
_NAME = re.compile(r"[^\W\d_][\w\s,.–-]*")
_MAX_TITLE = 400
_ABOVE_PROSE = 6  # pieces


def title(page: Page) -> None:
    """Label the title; a section's name above it becomes the category."""
    named = page.labelled("title")
    if named and all(_is_sites_name(page, piece) for piece in named):
        for piece in named:
            piece.label = None
        named = []
    if named and (better := _named_by_head(page, named)):
        for piece in named:
            piece.mark("navigation", "not-the-title")
        better.mark("title", "head-title")
        named = [better]
    if named:
        page.title = named[0].text
        for again in named[1:]:
            if again.text != page.title:
                page.title += " " + again.text
    elif page.plain:
        _title_of_text(page)
    else:
        _title_of_markup(page)
    for piece in page.pieces[: first_prose(page) or 0]:
        if piece.free and piece.prose and piece.text == page.title:
            piece.mark("title", "title-again")
    if page.category is None:
        page.category = next((piece.text for piece in page.pieces if piece.rule.endswith(" category")), None)


def _is_sites_name(page: Page, piece: Piece) -> bool:
    """Tell whether a title is the site's: a link in a banner, or outside the article what the page's head ends with."""
    if piece.linked <= 0.5:
        return False
    return piece.furnished or (not piece.inside and _ends_head(page, piece))


def _ends_head(page: Page, piece: Piece) -> bool:
    """Tell whether the page's head names a line behind something else, as it names the site."""
    text = fold(piece.text)
    return any(head != text and head.endswith(text) for head in map(fold, page.head_titles))


def _named_by_head(page: Page, named: list[Piece]) -> Piece | None:
    """Return the line of the article that the page's head names, if what the layout says is named nowhere there."""
    heads = [fold(text) for text in page.head_titles]
    if any(head.startswith(fold(piece.text)) for head in heads for piece in named):
        return None
    start = first_prose(page)
    below = page.pieces.index(named[-1]) + 1 if named[-1].inside else 0  # above it the head's other name may stand
    before = page.pieces[below : start if start is not None else len(page.pieces)]
    free = [piece for piece in before if _can_be(piece) and len(piece.text) >= _LONG_TITLE and piece.linked <= 0.5]
    return next((piece for piece in free if any(names_title(head, fold(piece.text)) for head in heads)), None)


def _title_of_text(page: Page) -> None:
    """Of the lines above the prose the longest is the title, those before it name the section.

    A text that begins with prose has lost its title.
    """
    start = first_prose(page)
    if start is None:
        return
    lines = [
        piece
        for piece in page.pieces[:start]
        if piece.free and (piece.short or not is_prose(piece)) and not _is_date_line(piece)
    ]
    if not lines:
        return
    chosen = max(lines, key=lambda piece: len(piece.text))
    if len(chosen.text) < _MIN_TITLE:
        return
    chosen.mark("title", "line-above-prose")
    page.title = chosen.text
    above = lines[: lines.index(chosen)]
    for piece in above:
        piece.mark("navigation", "section-name")
    names = {piece.text for piece in above}
    if len(names) == 1 and _NAME.fullmatch(name := names.pop()):  # several are a menu
        page.category = name


def _is_date_line(piece: Piece) -> bool:
    letters = sum(letter.isalpha() for letter in piece.text)
    return letters <= _DATE_LETTERS and read(piece.text, "page").moment is not None


def _title_of_markup(page: Page) -> None:
    start = first_prose(page)
    before = [piece for piece in page.pieces[: start if start is not None else len(page.pieces)] if _can_be(piece)]
    heads = [fold(text) for text in page.head_titles]
    matching = [piece for piece in before if any(names_title(head, fold(piece.text)) for head in heads)]
    headings = [
        piece
        for piece in before
        if piece.tag in HEADINGS and piece.linked < 0.5 and piece.region in (None, "title") and not is_prose(piece)
    ]
    named = [piece for piece in before if piece.region == "title" and piece.linked <= 0.5]
    if named:  # then a section's short name is none
        matching = [piece for piece in matching if piece in named or len(piece.text) >= _LONG_TITLE]
    if headings or named:  # then a link that the head names leads home: it is the site's name
        matching = [piece for piece in matching if piece.linked <= 0.5 or piece.tag in HEADINGS]
    nearer = named[-1] if named else _above_small_print(page, start)
    if nearer:
        headings = [
            piece
            for piece in headings
            if piece.tag == "h1" or (len(piece.text) >= _LONG_TITLE and not piece.line.heads)
        ]
    of_site = [piece for piece in matching if not piece.inside and _ends_head(page, piece)]
    if matching and of_site == matching and nearer and nearer not in matching:
        matching, headings = [], [piece for piece in headings if piece.inside]
    chosen = (
        min(matching, key=_unlike_a_title)
        if matching
        else next((piece for piece in reversed(headings) if piece.tag == "h1" and (piece.inside or not named)), None)
        or (nearer if named or not headings else None)
        or next((piece for piece in headings if piece.inside), None)
        or (headings[-1] if headings else nearer)
    )
    if chosen:
        chosen.mark("title", "head-title" if matching else "heading")
        page.title = chosen.text


def _above_small_print(page: Page, start: int | None) -> Piece | None:
    """Return the line right above the date or the views that stand right above the prose."""
    for index in range((start or 0) - 1, max(0, (start or 0) - _ABOVE_PROSE) - 1, -1):
        piece, above = page.pieces[index], page.pieces[index - 1] if index else None
        if above is None or not piece.short or not (begins_with_date(piece.text) or views_within(piece.folded)):
            continue
        if _can_be(above) and above.linked == 0 and above.region is None and len(above.text) >= _LONG_TITLE:
            return None if ends_sentence(above.text) or begins_with_date(above.text) else above
    return None


def _unlike_a_title(piece: Piece) -> tuple[bool, bool, bool, str, int]:
    """Order what the head names: it names the site too, whose name is a link to the home page or no heading."""
    heading = piece.tag in HEADINGS
    return not piece.inside, piece.linked > 0.5, not heading, piece.tag if heading else "", -len(piece.text)


def _can_be(piece: Piece) -> bool:
    return piece.free and _MIN_TITLE <= len(piece.text) <= _MAX_TITLE and not ITEM.match(piece.text)
