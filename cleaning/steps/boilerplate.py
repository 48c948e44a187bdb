"""Lines that are furniture by wording or place: image alts, buttons, related headings and lists, named regions."""

from __future__ import annotations

from cleaning.page import Page, Piece
from cleaning.steps.prose import is_prose
from cleaning.vietnamese import fold
from cleaning.wording import (
    NO_LINE,
    are_hashtags,
    are_word_settings,
    is_rights_notice,
    points_on,
    stands_for_picture,
    tells_of_reuse,
)


def image_alts(page: Page) -> None:
    """Label constant alt texts that a text extractor left in the text; each stands for a picture.

    Below a page's picture the same words are its caption: `Ảnh minh họa`.
    """
    for index, piece in enumerate(page.pieces):
        if piece.line.constant_alt and piece.free and (page.plain or not (piece.inside and piece.images)):
            piece.mark("banner", "image-alt")
            if stands_for_picture(piece.folded) and index + 1 < len(page.pieces):
                page.pieces[index + 1].images += 1


def related(page: Page) -> None:
    """Label headings such as "Tin liên quan" and the links below them, and such a heading with its link on one line."""
    for piece in page.pieces:
        if piece.linked > 0.4 and piece.inside and piece.free and points_on(piece.text):
            piece.mark("related", "related-line")
    for index, piece in enumerate(page.pieces):
        if "related" not in piece.line.heads or not piece.free:
            continue
        below = _list_below(page, index)
        if below is None:
            continue
        piece.mark("related", "related-heading")
        for entry in below:
            entry.mark("related", "below-related-heading")


def _list_below(page: Page, index: int) -> list[Piece] | None:
    """Return the list under a heading; None if prose of the article follows, so that the heading is one of its own."""
    below: list[Piece] = []
    linked = False
    for piece in page.pieces[index + 1 :]:
        if not piece.free:
            continue
        if piece.inside != page.pieces[index].inside or piece.linked > 0.5:
            linked = linked or piece.linked > 0.5
            if piece.inside != page.pieces[index].inside:
                if piece.inside and not linked:
                    return None  # what heads the article itself
                break
        elif is_prose(piece) and piece.prose:
            if not linked:
                return None
            break
        elif linked and not _is_detail(piece):
            break
        below.append(piece)
    while below and below[-1].line.views and not below[-1].linked:
        below.pop()  # the article's own
    return below


def _is_detail(piece: Piece) -> bool:
    return piece.short and (any(letter.isdigit() for letter in piece.text) or piece.tag == "li")


def buttons(page: Page) -> None:
    """Label lines that are nothing but a button, a menu's entry, a notice's heading, or a note on rights."""
    for piece in page.pieces:
        line = piece.line
        if piece.label is not None:
            continue
        if line is NO_LINE:
            if piece.folded:
                _label_signs(piece)
            elif is_rights_notice(piece.text) and not _is_own(page, piece):
                piece.mark("notice", "rights")
        elif line.rights and not _is_own(page, piece):
            piece.mark("notice", "rights")
        elif line.rights or (line.furniture and not page.plain and piece.prose and is_prose(piece)):
            continue  # a sentence that begins alike
        elif line.today:
            piece.mark("other", "today")
        elif line.furniture:
            piece.mark(line.furniture, "button")
        elif "notice" in line.heads and (not piece.prose or page.plain):
            piece.mark("notice", "notice-heading")
        else:
            _label_signs(piece)


def _label_signs(piece: Piece) -> None:
    """Label a line of hashtags, or of what a paste from Word leaves of its settings."""
    if piece.folded[0] == "#" and are_hashtags(piece.folded):
        piece.mark("navigation", "hashtags")
    elif piece.folded[0] == "n" and are_word_settings(piece.folded):
        piece.mark("other", "word-settings")


def _is_own(page: Page, piece: Piece) -> bool:
    """Tell whether a line that begins as a note on rights is the article's: `Giấy phép số 12 cho phép …`."""
    return piece.prose and not page.plain and is_prose(piece) and not tells_of_reuse(fold(piece.text))


def regions(page: Page) -> None:
    """Label what stands in elements whose tag, id or class names furniture; prose of the article is stronger."""
    for piece in page.pieces:
        if piece.region and piece.free and piece.furnished and not (piece.prose and is_prose(piece)):
            piece.mark(piece.region, "element-name")
