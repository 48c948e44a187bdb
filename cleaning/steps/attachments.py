"""Files that the article links to: documents by their address or `download`; lines that only name them are no prose."""

from __future__ import annotations

import re
from collections.abc import Collection

from cleaning.page import Page, Piece
from cleaning.punctuation import has_full_stop
from cleaning.record import Attachment
from cleaning.steps.prose import is_prose, last_prose
from cleaning.vietnamese import squash
from cleaning.wording import is_attachment_line

_DOCUMENT = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|rtf|zip|rar|7z|csv)(?:$|[?#&])|[?&](?:download|file(?:name|path)?)=", re.I
)
_FILE = re.compile(r"\.[a-z0-9]{2,4}\b(?!\.)", re.I)
_FULL_NAME, _SENTENCE = 40, 30  # letters
_FEW = 200  # attachments


def attachments(page: Page) -> None:
    """Note linked documents and label the lines that are only their links or the heading above."""
    names: set[str] = set()
    seen: set[str] = set()
    for link in page.container.iterdescendants("a") if page.container is not None else ():
        address = link.get("href", "").strip()
        if (
            "href" not in link.attrib
            or address.startswith(("javascript:", "mailto:", "#"))
            or not (_DOCUMENT.search(address) or "download" in link.attrib)
        ):
            continue
        words = squash(" ".join(map(str, link.itertext())))
        linked = Attachment(page.absolute(address), words)
        if linked.url not in seen:
            page.attachments.append(linked)
        seen.add(linked.url)
        names.add(words)
    several = [name for name in names if name] if len(names) <= _FEW else []  # a line may hold more than one
    found = [
        index
        for index, piece in enumerate(page.pieces)
        if piece.inside and piece.free and piece.short and _is_attachment(page, piece, names, several)
    ]
    end = last_prose(page) if found else None
    for index in found:
        piece = page.pieces[index]
        if not _tells_of_document(piece, among_prose=end is not None and index <= end):
            piece.mark("other", "attachment")


def _is_attachment(page: Page, piece: Piece, names: Collection[str], several: list[str]) -> bool:
    """Tell whether a line has the form of an attachment: its link alone, the heading above, or its label."""
    if piece.linked == 1.0 and (piece.text in names or any(name in piece.text for name in several)):
        return True
    if "attachment" in piece.line.heads and (names or page.plain):
        return True
    labelled = ":" in piece.folded and is_attachment_line(piece.folded)
    return labelled and not (piece.linked == 0 and piece.prose and is_prose(piece))


def _tells_of_document(piece: Piece, *, among_prose: bool) -> bool:
    """Tell whether a link is read as prose: a sentence, or a document's full name with prose after it."""
    if not piece.prose or _FILE.search(piece.text) or is_attachment_line(piece.folded):
        return False
    if len(piece.text) >= _FULL_NAME and among_prose:
        return True
    return len(piece.text) >= _SENTENCE and has_full_stop(piece.text)
