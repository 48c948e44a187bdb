"""Tells by its first bytes what a file is, and reads it: WARC, WACZ, saved page, MHTML or text."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from scrapers.sources import saved, warc
from scrapers.sources.found import MAX_BODY, Damaged, Found

_BINARY = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"\xd0\xcf\x11\xe0",
    b"SQLite format 3\x00",
    b"\x7fELF",
    b"BZh",
    b"Rar!",
)
_MHTML = re.compile(
    rb"\A(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?(?:MIME-Version|Content-Type:\s*multipart/related)", re.I
)
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|head|body|div|article|table|p|meta|!--)\b", re.IGNORECASE)
_SUFFIXES = (".warc", ".warc.gz", ".arc.gz", ".wacz", ".html", ".htm", ".mhtml", ".mht", ".txt", ".html.gz")


def expand(paths: tuple[Path, ...]) -> Iterator[Path]:
    """Yield files; a folder gives its readable files in order, without the `…_files` folders that browsers save."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for file in sorted(path.rglob("*")):
            beside = any(part.endswith(("_files", ".files")) for part in file.relative_to(path).parts[:-1])
            if file.is_file() and not beside and file.name.lower().endswith(_SUFFIXES):
                yield file


def read(path: Path) -> Iterator[Found]:
    """Yield what a file holds. Raises `Damaged` with one line that names the file."""
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        raise Damaged(f"{path}: {error.strerror or error}") from None
    if not head.strip():
        raise Damaged(f"{path}: the file is empty")
    if head[:2] == b"\x1f\x8b":
        inside = _peek(head)
        if inside.startswith((b"WARC/", b"filedesc:")):
            yield from warc.read(path)
        elif inside:
            yield _saved(path, _unzipped(path))
        else:
            raise Damaged(f"{path}: a gzip file that cannot be read")
    elif head.startswith((b"WARC/", b"filedesc:")):
        yield from warc.read(path)
    elif head.startswith(b"PK\x03\x04"):
        yield from warc.read_package(path)
    else:
        if path.stat().st_size > MAX_BODY:
            raise Damaged(f"{path}: larger than {MAX_BODY // 1_000_000} MB, no page")
        yield _saved(path, path.read_bytes())


def _saved(path: Path, body: bytes) -> Found:
    head = body[:4096]
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if head.startswith(_BINARY) or (b"\x00" in head and not wide):
        raise Damaged(f"{path}: a binary file, neither page, text, WARC nor WACZ")
    if _MHTML.match(body[:20_000]) and b"multipart/related" in body[:20_000].lower():
        return saved.read_mhtml(path, body)
    if _MARKUP.search(head.replace(b"\x00", b"")):
        return saved.read_page(path, body)
    return saved.read_text(path, body)


def _peek(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(head, 512)
    except zlib.error:
        return b""


def _unzipped(path: Path) -> bytes:
    try:
        with gzip.open(path) as stream:
            body = stream.read(MAX_BODY + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Damaged(f"{path}: a gzip file that is broken off or damaged ({error})") from None
    if len(body) > MAX_BODY:
        raise Damaged(f"{path}: larger than {MAX_BODY // 1_000_000} MB, no page")
    return body
