"""Author and source: with their label anywhere round the prose, without one as the last line's form."""

from __future__ import annotations

import re

from cleaning.bylines import (
    NOBODY,
    Said,
    followed,
    has_name_form,
    is_account,
    is_family_name,
    is_initials,
    is_label,
    is_unit,
    kept_name,
    name_after_date,
    name_words,
    names_picture_source,
    names_poster,
    read_labelled,
    read_signature,
    source_in,
    tells_who_posted,
    unwrapped,
)
from cleaning.page import Page, Piece
from cleaning.punctuation import ends_sentence, has_full_stop
from cleaning.steps.prose import is_prose, last_prose
from cleaning.wording import is_picture_label, may_follow_byline

_LONGEST = 100
_NEAR = 4  # pieces after the container in which a labelled byline still belongs to the article
_FEW_CELLS = 2
_THANKS = 20  # letters: interviews end in few words
_FEW_AFTER = 3  # lines that may stand below the byline
_CLOSED = re.compile(r"\s*(?:\./\.|[./])+$")


def labelled_bylines(page: Page) -> None:
    """Read `Tác giả: …`, `Tin, ảnh: …`, `Nguồn: …`: lines that are the label with a name, not sentences."""
    first = len(page.pieces)
    for index, piece in enumerate(page.pieces):
        if piece.label is None:
            continue
        if piece.label == "author" and not is_label(piece.text):
            said = read_labelled(piece.text)
            if said.source is None or said.author is not None:
                _note(page, Said(said.author or kept_name(piece.text), said.source))
            else:
                _note(page, said)
        elif piece.label in ("date", "views") and page.author is None:
            page.author = name_after_date(piece.text)
        elif piece.label == "source" and page.source is None and not is_label(piece.text):
            page.source = source_in(piece.text) or unwrapped(piece.text)
        elif piece.label == "title":
            first = min(first, index)
    last = page.last_inside
    posted = _posted_so_far(page)
    signed = page.author is not None and not posted
    for index, piece in enumerate(page.pieces[: last + _NEAR + 1]):
        if piece.label is not None or not (piece.inside or first <= index) or not piece.short:
            continue
        said = _said(piece)
        if said is NOBODY:
            if names_picture_source(piece.text):
                piece.mark("source", "picture-source")
            elif piece.region == "author" and is_account(kept_name(piece.text)):
                piece.mark("other", "account")
        elif not said.author or piece.inside or has_name_form(said.author, styled=True):
            label = "author" if said.author else "source"
            if said.author:
                by_poster = tells_who_posted(piece.text)
                if posted and not by_poster:
                    page.author = None
                signed = signed or not by_poster
                posted = not signed
            piece.mark(label, f"{label}-label")
            _note(page, said)
    if page.author is not None and is_account(page.author):
        page.author = None


def _said(piece: Piece) -> Said:
    """Return whom a line names by its label or by its element's name; `NOBODY` for most."""
    said = read_labelled(piece.text, piece.folded)
    if said.author and piece.images and is_picture_label(piece.folded):
        return NOBODY
    if said == NOBODY and piece.region == "author" and not piece.linked > 0.5:
        said = Said(_named(piece))
    elif said == NOBODY and piece.region == "source" and not piece.prose:
        said = Said(source=source_in(piece.text))
    return NOBODY if said == NOBODY else said


def _note(page: Page, said: Said) -> None:
    author = None if said.author and is_account(said.author) else said.author
    page.author, page.source = page.author or author, page.source or said.source


def _named(piece: Piece) -> str | None:
    """Return the name in an element that is called a byline."""
    name = kept_name(piece.text)
    if is_account(name):
        return None
    if piece.prose and not tells_who_posted(piece.text) and is_prose(piece):
        return None
    return name if name and has_name_form(name, styled=True) else None


def last_line_byline(page: Page) -> None:
    """Read the prose's last line as the byline if it has the form of one: initials, a name, with role or unit."""
    free = [piece for piece in page.pieces if piece.prose and piece.inside and piece.free]
    if page.plain:  # furniture that no wording betrays may follow: the byline is the first line after the prose
        end = max((place for place, piece in enumerate(free) if is_prose(piece)), default=len(free))
        free = free[: end + 2]
    lines: list[Piece] = []
    after = 0
    while len(free) > 1 and after < _FEW_AFTER and (may_follow_byline(free[-1].text) or _heads_table(page, free[-1])):
        free.pop()
        after += 1
    if free and (source := _followed_in_style(free[-1])):
        free.pop().mark("source", "last-line")
        page.source = page.source or source
    while free and len(lines) < 2:
        if lines and (source := followed(free[-1].text)):
            free.pop().mark("source", "above-last-line")
            page.source = page.source or source
            break
        if free[-1].table is not None and _is_of_data(page, free[-1].table):
            break
        if not _is_byline(free[-1], free[-2] if len(free) > 1 else None, again=bool(lines)):
            break
        lines.insert(0, free.pop())
    if not lines and not page.plain:
        lines += _below_prose(page)
    if lines and (source := followed(lines[-1].text)):
        lines.pop().mark("source", "last-line")
        page.source = page.source or source
        if not lines and free and _is_byline(free[-1], free[-2] if len(free) > 1 else None, again=False):
            lines.append(free.pop())
    wanted = page.author is None or _posted_so_far(page)
    for piece in lines:
        piece.mark("author", "last-line")
    if lines and wanted:
        said = read_labelled(lines[-1].text)
        said = said if said.author else read_signature(lines[-1].text)
        names = [*(kept_name(piece.text) for piece in lines[:-1]), said.author or ""]
        page.author, page.source = ", ".join(names), page.source or said.source
    if page.author is None and (beside := _beside_date(page)):
        beside.mark("author", "beside-date")
        page.author = beside.text


def _is_of_data(page: Page, table: int) -> bool:
    """Tell whether a table is more than a frame for prose or for a byline."""
    cells = [piece for piece in page.pieces if piece.table == table]
    return len(cells) > _FEW_CELLS and not any(map(is_prose, cells))


def _heads_table(page: Page, piece: Piece) -> bool:
    """Tell whether a line is the heading of a table of data, which may stand below the byline."""
    below = page.pieces[page.pieces.index(piece) + 1 :][:1]
    return bool(below) and below[0].label == "table" and (piece.bold or piece.centred)


def _followed_in_style(piece: Piece) -> str | None:
    """Return whom a last line says the article follows, where it is set apart: `Theo Sở Nội vụ` is how titles begin."""
    return followed(piece.text) if piece.short and (piece.italic or piece.bold or piece.right) else None


def _below_prose(page: Page) -> list[Piece]:
    """Return the line right below the prose, outside its element, if it is a name and nothing else."""
    end = last_prose(page)
    below = [] if end is None else page.pieces[end + 1 : end + 2]
    return [
        piece
        for piece in below
        if piece.free and piece.inside and not piece.prose and piece.linked == 0 and piece.region in (None, "author")
        if has_name_form(piece.text, styled=False) and not piece.images
    ]


def _beside_date(page: Page) -> Piece | None:
    """Return the line right beside the date above the prose, if it is a person's name and no link."""
    for index, piece in enumerate(page.pieces):
        if piece.label != "date" or piece.prose:
            continue
        for other in page.pieces[max(0, index - 1) : index + 2]:
            words = other.text.split()
            free = other.free and not other.prose and other.linked == 0 and other.region in (None, "author")
            if free and name_words(other.text) and is_family_name(words[0]) and not is_unit(other.text):
                return other
    return None


def _posted_so_far(page: Page) -> bool:
    """Tell whether the author so far is the account that posted (`Đăng bởi: …`): a byline in the prose knows better."""
    bylines = page.labelled("author")
    if bylines:
        return all(tells_who_posted(piece.text) for piece in bylines)
    small = [*page.labelled("date"), *page.labelled("views")] if page.author else []
    return any(names_poster(piece.text) for piece in small)


def _is_byline(piece: Piece, before: Piece | None, *, again: bool) -> bool:
    text = unwrapped(piece.text)
    if len(text) > _LONGEST or not text or piece.tag == "li" or piece.linked > 0.5:
        return False
    if again:  # a second line above the last one: only in the same right-aligned style
        return piece.right and not ends_sentence(text) and has_name_form(text, styled=True)
    named = piece.bold or piece.italic
    if not piece.right and (piece.images or (piece.centred and not (named and has_name_form(text, styled=False)))):
        return False
    ended = before is None or piece.right or before.label == "caption" or ends_sentence(before.text)
    if is_initials(text):
        return ended
    if piece.right:
        return not has_full_stop(_CLOSED.sub("", text)) and not text.endswith((":", ";"))
    if ends_sentence(text):
        return False
    if not ended or before is None or not has_name_form(text, styled=named):
        return False
    return is_prose(before) or (named and len(before.text) >= _THANKS and has_full_stop(before.text))
