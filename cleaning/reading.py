"""The labelled page as a record: fields from labels, dates with their basis, doubts as flags."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from cleaning.dates import VIETNAM
from cleaning.page import TOO_MANY, Page
from cleaning.prose_dates import find_event_date
from cleaning.record import ARTICLE_LABELS, Block, DateBasis, Image, Moment, Record
from cleaning.vietnamese import fold, language
from cleaning.wording import is_constant_alt, tells_error

_BODY = frozenset({"paragraph", "heading"})
_TOLD = _BODY | {"lead", "caption"}
_ARTICLE = frozenset(ARTICLE_LABELS)
_SHRUNK_SHARE = 0.1
_FULL_PAGE = 500
_SAMPLE = 800  # characters that tell the language
_FEW_WORDS = 400
_MOST_IMAGES = 3_000  # of a page; an album of more is cut, and flagged


def read_record(page: Page, encoding: str | None) -> Record:
    """Return the record of a page whose pieces are all labelled."""
    told = [piece for piece in page.pieces if piece.label in _TOLD]
    lead = " ".join([piece.text for piece in told if piece.label == "lead"]) or None
    captions = tuple([piece.text for piece in told if piece.label == "caption"])
    body = tuple([piece.text for piece in told if piece.label in _BODY and piece.rule != "gallery-heading"])
    prose = [lead, *body] if lead else list(body)
    event = (find_event_date([lead]) if lead else None) or find_event_date(body)
    day, basis = _date(page.published, event, page.fetched_at)
    _flag(page, bool(prose))
    return Record(
        url=page.url,
        title=page.title,
        lead=lead,
        body=body,
        captions=captions,
        tables=tuple(page.tables),
        author=page.author,
        source=page.source,
        category=page.category,
        published=page.published,
        event_date=event,
        date=day,
        date_basis=basis,
        views=page.views,
        site_counters=page.counters or None,
        attachments=tuple(page.attachments),
        images=_images(page),
        language=language(" ".join(prose)[:_SAMPLE] or page.title or ""),
        encoding=encoding,
        layout=page.layout,
        flags=tuple(page.flags),
        blocks=tuple([Block(piece.text, piece.label or "other", piece.rule, piece.inside) for piece in page.pieces]),
    )


def _date(
    published: Moment | None, event: Moment | None, fetched_at: datetime | None
) -> tuple[str | None, DateBasis | None]:
    """Return the day to sort by and what it rests on."""
    if published:
        if published.precision == "month":
            return f"{published.value}-01", "published-month"
        return published.value[:10], "published"
    if event and event.precision != "month":
        return event.value[:10], "event"
    if fetched_at:
        return fetched_at.astimezone(VIETNAM).date().isoformat(), "fetched"
    return None, None


def _flag(page: Page, has_prose: bool) -> None:
    inside = [piece for piece in page.pieces if piece.inside]
    letters = sum([len(piece.text) for piece in inside])
    kept = sum([len(piece.text) for piece in inside if piece.label in _ARTICLE])
    if TOO_MANY in [piece.rule for piece in page.pieces]:
        page.flag("oversized")
    if page.title is None:
        page.flag("no-title")
    if not has_prose:
        page.flag("empty-body")
    elif page.published is None and not page.plain and _is_error(page):
        page.flag("error-page")
    elif letters >= _FULL_PAGE and kept < _SHRUNK_SHARE * letters:
        page.flag("body-shrunk")


def _is_error(page: Page) -> bool:
    """Tell whether a page without a date says, in few words, that there is no article: some CMSs do so with 200."""
    prose = [piece.text for piece in page.pieces if piece.label in ("title", "lead", "heading", "paragraph")]
    return sum(map(len, prose)) <= _FEW_WORDS and tells_error(fold(" ".join(prose)))


def _images(page: Page) -> tuple[Image, ...]:
    images: list[Image] = []
    if not page.pictures:
        return ()
    if len(page.pictures) > _MOST_IMAGES:
        page.flag("oversized")
        del page.pictures[_MOST_IMAGES:]
    for before, together in groupby(page.pictures, key=lambda picture: picture.before):
        pictures = list(together)
        captions = _captions_from(page, before, len(pictures))
        for place, picture in enumerate(pictures):
            caption = captions[min(place, len(captions) - 1)] if captions else None
            alt = picture.alt if picture.alt and not is_constant_alt(fold(picture.alt)) else None
            images.append(Image(page.absolute(picture.url), caption, alt))
    return tuple(images)


def _captions_from(page: Page, index: int, most: int) -> list[str]:
    captions: list[str] = []
    for piece in page.pieces[index : index + most]:
        if piece.label != "caption":
            break
        captions.append(piece.text)
    return captions
