"""What is left: the lead, the prose and its headings, the tail of a text, and everything beside the article."""

from __future__ import annotations

from cleaning.markup import HEADINGS
from cleaning.page import Page, Piece
from cleaning.punctuation import ITEM, ends_sentence
from cleaning.steps.prose import first_prose, is_prose

_MAX_HEADING = 120
_TOOLS = 40  # letters of a line of buttons


def lead(page: Page) -> None:
    """Label the lead where the page sets it apart: by an element's name, or as prose between title and body."""
    if page.labelled("lead") or _is_all_lead(page):
        return
    titled = False
    for piece in page.pieces[: page.last_inside + 1]:
        titled = titled or piece.label == "title"
        if not piece.free:
            continue
        if piece.region == "lead" and (piece.inside or titled):
            piece.mark("lead", "lead-element")
        elif piece.prose and is_prose(piece):
            return
        elif titled and not piece.prose and is_prose(piece):
            piece.mark("lead", "between-title-and-body")


def _is_all_lead(page: Page) -> bool:
    """Tell whether an element that is called a lead holds the whole article."""
    if not any(piece.region == "lead" for piece in page.pieces):
        return False
    prose = [piece for piece in page.pieces if piece.prose and piece.inside and piece.free and is_prose(piece)]
    return len(prose) > 1 and all(piece.region == "lead" for piece in prose)


def tail(page: Page) -> None:
    """Label what follows the end of a plain text's article: after byline or last sentence only furniture comes."""
    if not page.plain:
        return
    end = max(
        (
            index
            for index, piece in enumerate(page.pieces)
            if piece.label in ("author", "caption", "source") or (piece.free and is_prose(piece))
        ),
        default=None,
    )
    for piece in page.pieces[end + 1 :] if end is not None else ():
        if piece.free:
            piece.mark("navigation", "after-the-end")


def prose(page: Page) -> None:
    """Label the article's own text: headings by tag or by how they stand, the rest as paragraphs."""
    start = first_prose(page) or 0
    for index, piece in enumerate(page.pieces):
        if not (piece.prose and piece.inside and piece.free):
            continue
        tools = piece.linked == 1.0 and len(piece.text) <= _TOOLS and piece.tag not in HEADINGS
        if index < start and tools:
            piece.mark("navigation", "links-above-prose")
        else:
            piece.mark("heading" if _is_heading(piece) else "paragraph", "in-body")


def _is_heading(piece: Piece) -> bool:
    if piece.tag in HEADINGS:
        return True
    short = len(piece.text) <= _MAX_HEADING and not ends_sentence(piece.text)
    return short and piece.tag != "li" and (piece.bold or (piece.tag == "line" and not ITEM.match(piece.text)))


def beside(page: Page) -> None:
    """Label what is not the article: by its links, else as other."""
    for piece in page.pieces:
        if piece.label is not None:
            continue
        if piece.linked > 0.5:
            piece.mark("navigation", "links")
        else:
            piece.mark("other", "beside-the-body" if piece.inside else "outside")
