"""`tintinh clean`: one file cleaned and shown; nothing is written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from cleaning.command import Options, Problem
from cleaning.layouts import load_layouts
from cleaning.pipeline import clean as clean_page
from cleaning.record import Record

_TEXT_SUFFIXES = {".txt": "text/plain", ".text": "text/plain"}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--url", help="The page's address: chooses host layouts, makes links absolute.")
@click.option("--content-type", help="The Content-Type header it was served with.")
@click.option("--fetched-at", help="When it was fetched (2026-07-01T00:00:00Z): the last basis for its date.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole record as JSON.")
@click.pass_obj
def clean(
    options: Options, file: Path, url: str | None, content_type: str | None, fetched_at: str | None, as_json: bool
) -> None:
    """Clean one saved page or text and print what is in it; writes nothing."""
    page = _read(file)
    kind = content_type or _TEXT_SUFFIXES.get(file.suffix.lower())
    layouts = load_layouts(options.layouts)
    record = clean_page(page, url=url, content_type=kind, fetched_at=_moment(fetched_at), layouts=layouts)
    if "binary" in record.flags:
        raise Problem(f"{file}: a binary file, no page; expected HTML or plain text")
    if as_json:
        click.echo(json.dumps(record.as_json(), ensure_ascii=False, indent=1))
    else:
        click.echo(_describe(record))


def _read(file: Path) -> bytes:
    if not file.exists():
        raise Problem(f"{file}: no such file")
    if file.is_dir():
        raise Problem(f"{file}: a directory; expected one HTML or text file")
    try:
        page = file.read_bytes()
    except OSError as error:
        raise Problem(f"{file}: cannot be read ({error.strerror})") from error
    if not page.strip():
        raise Problem(f"{file}: empty file; expected HTML or plain text")
    return page


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Problem(f"--fetched-at {text!r}: expected a time such as 2026-07-01T00:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _describe(record: Record) -> str:
    """Return the record for a person: fields, then the article, then what was taken out and why."""
    published = (
        f"{record.published.value} ({record.published.precision}, {record.published.source})"
        if record.published
        else None
    )
    fields = {
        "title": record.title,
        "published": published,
        "event": record.event_date.value if record.event_date else None,
        "author": record.author,
        "source": record.source,
        "category": record.category,
        "views": record.views,
        "counters": ", ".join(f"{key} {value}" for key, value in (record.site_counters or {}).items()) or None,
        "layout": record.layout,
        "flags": ", ".join(record.flags) or None,
    }
    lines = [f"{name:>9}  {value if value is not None else '–'}" for name, value in fields.items()]
    for block in record.blocks:
        if block.label in ("lead", "heading", "paragraph", "caption", "table"):
            lines += ["", block.text if block.label == "paragraph" else f"[{block.label}] {block.text}"]
    lines += ["", f"removed: {len(record.removed)}"]
    lines += [f"  {block.label:<10} {block.rule:<22} {block.text[:80]}" for block in record.removed if block.inside]
    outside = sum(not block.inside for block in record.removed)
    return "\n".join([*lines, *([f"  … and {outside} outside the article's container"] if outside else [])])
