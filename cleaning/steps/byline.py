"""Author and source: with their label anywhere round the prose, without one as the last line's form."""

from __future__ import annotations

import re

from cleaning.page import Page, Piece
from cleaning.steps.prose import is_prose, layout_rows
from cleaning.wording import (
    FULL_STOP,
    SENTENCE_END,
    author_of,
    byline_prefix,
    is_family_name,
    is_initials,
    is_picture_label,
    name_in_byline,
    name_words,
    names_role,
    source_of,
    tells_who_posted,
)

_LONGEST = 100
_LONGEST_SOURCE = 90
_NEAR = 4  # pieces after the container in which a labelled byline still belongs to the article
_UNIT = re.compile(r"\s*[,_(/|–—-]\s*")
_QUOTES = " ()*[]"
_FOLLOWS = re.compile(r"Theo\s+([^\W\d_].*)")  # "Theo Sở Nội vụ": whom the article follows, not who wrote it


def labelled_bylines(page: Page) -> None:
    """Read `Tác giả: …`, `Tin, ảnh: …`, `Nguồn: …`: lines that are the label with a name, not sentences."""
    for piece in page.pieces:
        if piece.label == "author" and page.author is None:
            page.author = author_of(piece.text) or name_in_byline(piece.text).strip(_QUOTES)
        elif piece.label == "source" and page.source is None:
            page.source = source_of(piece.text) or piece.text.strip(_QUOTES)
    first = next((index for index, piece in enumerate(page.pieces) if piece.label == "title"), len(page.pieces))
    last = max((index for index, piece in enumerate(page.pieces) if piece.inside), default=-1)
    for index, piece in page.free():
        if not piece.short or not (piece.inside or first <= index <= last + _NEAR):
            continue
        author, source = author_of(piece.text), source_of(piece.text)
        if author is None and piece.region == "author" and (not piece.prose or tells_who_posted(piece.text)):
            name = name_in_byline(piece.text).strip(_QUOTES)
            author = name if _has_name_form(name, styled=True) else None
        if author and _is_name(author) and not (piece.images and is_picture_label(piece.folded)):
            if page.author is None or (not tells_who_posted(piece.text) and _names_only_who_posted(page)):
                page.author = author
            piece.mark("author", "author-label")
        elif source and _is_source(source):
            piece.mark("source", "source-label")
            page.source = page.source or source


def last_line_byline(page: Page) -> None:
    """Read the prose's last line as the byline if it has the form of one: initials, a name, with role or unit."""
    free = [piece for _, piece in page.free(inside=True) if piece.prose]
    if page.plain:  # furniture that no wording betrays may follow: the byline is the first line after the prose
        end = max((place for place, piece in enumerate(free) if is_prose(piece)), default=len(free))
        free = free[: end + 2]
    lines: list[Piece] = []
    layout = layout_rows(page)
    while free and len(lines) < 2 and (free[-1].table is None or free[-1].row in layout):
        if not _is_byline(free[-1], free[-2] if len(free) > 1 else None, again=bool(lines)):
            break
        lines.insert(0, free.pop())
    if lines and (said := _FOLLOWS.match(lines[-1].text.strip(_QUOTES))):
        lines.pop().mark("source", "last-line")
        page.source = page.source or said[1]
    wanted = page.author is None or _names_only_who_posted(page)
    for piece in lines:
        piece.mark("author", "last-line")
    if lines and wanted:
        page.author = " ".join(piece.text for piece in lines).strip(_QUOTES)


def _names_only_who_posted(page: Page) -> bool:
    """Tell whether the author so far is the account that posted (`Đăng bởi: …`): a byline in the prose knows better."""
    bylines = [piece for piece in page.pieces if piece.label == "author"]
    return bool(bylines) and all(tells_who_posted(piece.text) for piece in bylines)


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST and (not FULL_STOP.search(text) or len(text) <= 12) and not text[:1].islower()


def _is_source(text: str) -> bool:
    if len(text) > _LONGEST_SOURCE or FULL_STOP.search(text):
        return False
    return text[:1].isupper() or text.startswith(("http", "www.")) or "." in text.split()[0]


def _is_byline(piece: Piece, before: Piece | None, *, again: bool) -> bool:
    text = piece.text.strip(_QUOTES)
    if len(text) > _LONGEST or not text or piece.tag == "li" or piece.linked > 0.5:
        return False
    if again:  # a second line above the last one: only in the same right-aligned style
        return piece.right and not SENTENCE_END.search(text)
    if not piece.right and (piece.images or piece.centred):
        return False
    ended = before is None or piece.right or before.label == "caption" or SENTENCE_END.search(before.text) is not None
    if is_initials(text):
        return ended
    if SENTENCE_END.search(text):
        return False
    if piece.right:
        return True
    return ended and before is not None and is_prose(before) and _has_name_form(text, styled=piece.bold or piece.italic)


def _has_name_form(text: str, *, styled: bool) -> bool:
    """A name alone, in capitals, with a role or unit after a comma, dash or underscore, or after CTV, PV."""
    prefix = byline_prefix(text)
    rest = text[prefix:]
    if prefix and not rest:
        return True
    name, *units = _UNIT.split(rest, maxsplit=1)
    words = name_words(name)
    if not words:
        return False
    if units and units[0]:
        return names_role(units[0]) or units[0][0].isupper()
    return bool(prefix) or styled or words <= 4 or is_family_name(name.split()[0])
