"""Reads WARC, WARC.gz and ARC files and WACZ packages: every whole reply, then what was wrong, if anything.

Gzip members are taken apart here and not by the library, because a damaged record must cost itself only: reading
goes on at the next member. What a record holds, the library reads.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

import brotli
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeadersParserException

from archive import warc
from scrapers.sources.found import MAX_BODY, Damaged, Found, is_address

_MEMBER = b"\x1f\x8b\x08"
_MAX_MEMBER = 4 * MAX_BODY
_CHUNK = 1 << 18
_ENCODINGS = ("content-encoding", "transfer-encoding")
_DAMAGE = (
    ArchiveLoadFailed, StatusAndHeadersParserException, zlib.error, brotli.error, EOFError, OSError, ValueError,
    KeyError, TypeError, AttributeError,  # the last three: what the library runs into on headers that are missing
)  # fmt: skip


def read(path: Path) -> Iterator[Found]:
    """Yield the replies of one WARC or ARC file; raises `Damaged` after the last whole one."""
    with path.open("rb") as stream:
        yield from _read(cast(IO[bytes], stream), str(path))


def read_package(path: Path) -> Iterator[Found]:
    """Yield the replies of a WACZ package, WARC after WARC; nothing is unpacked to disk."""
    wrong: list[str] = []
    try:
        with zipfile.ZipFile(path) as package:
            names = [name for name in package.namelist() if name.endswith((".warc", ".warc.gz", ".arc.gz"))]
            if not names:
                raise Damaged(f"{path}: a zip file without a WARC in it; expected WACZ")
            for name in names:
                with package.open(name) as stream:
                    try:
                        yield from _read(stream, f"{path}:{name}")
                    except Damaged as damage:
                        wrong.append(str(damage))
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Damaged(f"{path}: a damaged zip file ({_told(error)})") from None
    if wrong:
        raise Damaged("; ".join(wrong))


def _read(stream: IO[bytes], name: str) -> Iterator[Found]:
    count, wrong = 0, list[str]()
    payloads: dict[str, int] = {}
    held: tuple[str, Found] | None = None
    for offset, record in _records(stream, wrong):
        count += 1
        try:
            if held is not None and record.rec_type == "metadata":
                held = (held[0], _completed(held[1], record, held[0]))
                continue
            found = _found(record, f"{name}, record {count}")
            digest = record.rec_headers.get_header("WARC-Payload-Digest") or ""
            if record.rec_type == "revisit":
                found = _repeated(stream, payloads.get(digest), record, f"{name}, record {count}")
            elif found is not None and digest:
                payloads[digest] = offset
        except _DAMAGE as error:
            wrong.append(f"record {count}: {_told(error)}")
            continue
        if held is not None:
            yield held[1]
        held = (record.rec_headers.get_header("WARC-Record-ID") or "", found) if found is not None else None
    if held is not None:
        yield held[1]
    if wrong:
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise Damaged(f"{name}: broken off or damaged; {count} records were read ({wrong[0]}{more})")
    if not count:
        raise Damaged(f"{name}: no WARC record in it")


def _records(stream: IO[bytes], wrong: list[str]) -> Iterator[tuple[int, ArcWarcRecord]]:
    """Yield (offset, record), however the file is packed: a gzip member each, as the format asks, all in one, plain."""
    head = stream.read(_CHUNK)
    stream.seek(0)
    if head[:2] != b"\x1f\x8b":
        yield from _unpacked(stream, wrong)
    elif _holds_many(head):
        yield from _unpacked(cast(IO[bytes], gzip.GzipFile(fileobj=stream)), wrong)
    else:
        loader = ArcWarcRecordLoader()
        for offset, member in _members(stream, wrong):
            try:
                yield offset, loader.parse_record_stream(io.BytesIO(member))
            except _DAMAGE as error:
                wrong.append(_told(error))


def _unpacked(stream: IO[bytes], wrong: list[str]) -> Iterator[tuple[int, ArcWarcRecord]]:
    """Yield records that follow each other without compression; after a damaged one, go on where the next begins."""
    loader, lost = ArcWarcRecordLoader(), False
    while True:
        offset = stream.tell()
        line = stream.readline(_CHUNK)
        if not line:
            return
        if not line.strip():
            continue
        if not line.startswith(b"WARC/") and (lost or b"://" not in line):  # the latter begins a record of an ARC
            if not lost:
                wrong.append(f"at byte {offset}: no record begins here")
            lost = True
            continue
        try:
            record = loader.parse_record_stream(stream, statusline=line.decode("latin-1").rstrip("\r\n"))
            lost = False
            yield offset, record
            _drain(record)
        except _DAMAGE as error:
            wrong.append(f"at byte {offset}: {_told(error)}")
            stream.seek(offset + len(line))
            lost = True


def _members(stream: IO[bytes], wrong: list[str]) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, content) of each gzip member; a damaged one is noted, and the next one looked for."""
    start, pending = 0, b""
    while True:
        pending = pending or stream.read(_CHUNK)
        if not pending:
            return
        member, parts, size, at = zlib.decompressobj(31), list[bytes](), 0, start
        raw = b""
        try:
            while True:
                raw += pending
                parts.append(member.decompress(pending))
                size += len(parts[-1])
                if member.eof:
                    break
                if size > _MAX_MEMBER:
                    parts.clear()
                pending = stream.read(_CHUNK)
                if not pending:
                    raise EOFError("the file ends within a record")
        except (zlib.error, EOFError) as error:
            wrong.append(f"at byte {at}: {_told(error)}")
            raw, skipped = _next_member(stream, raw)
            start, pending = at + skipped, raw
            if not raw:
                return
            continue
        start, pending = at + len(raw) - len(member.unused_data), member.unused_data
        if size > _MAX_MEMBER:
            wrong.append(f"at byte {at}: a record of more than {_MAX_MEMBER} bytes, left out")
        elif parts and any(parts):
            yield at, b"".join(parts)


def _next_member(stream: IO[bytes], raw: bytes) -> tuple[bytes, int]:
    """Return (the bytes from the next gzip member on, how many were passed over)."""
    passed = 0
    while True:
        at = raw.find(_MEMBER, 1)
        if at > 0:
            return raw[at:], passed + at
        more = stream.read(_CHUNK)
        passed += max(len(raw) - 2, 0)
        if not more:
            return b"", passed
        raw = raw[-2:] + more


def _holds_many(head: bytes) -> bool:
    try:
        return zlib.decompressobj(31).decompress(head).count(b"\r\nWARC-Type: ") > 1
    except zlib.error:
        return False


def _found(record: ArcWarcRecord, where: str, like: ArcWarcRecord | None = None) -> Found | None:
    """Make a reply of a record; `like` is the revisit record whose address and time count instead."""
    about = (like or record).rec_headers
    url = (about.get_header("WARC-Target-URI") or "").strip("<>")
    if record.rec_type not in ("response", "resource") or not url:
        _drain(record)
        return None
    if not is_address(url):
        _drain(record)
        return Found(where, b"", "", 0, flags=("an address that is none",))
    http = record.http_headers
    if http is None and record.rec_type == "response":  # the library reads HTTP only below http addresses
        http = ArcWarcRecordLoader().http_parser.parse(record.raw_stream)
    status, headers = 200, [("Content-Type", str(record.rec_headers.get_header("Content-Type") or ""))]
    if http is not None:
        code = str(http.get_statuscode() or "")
        status, headers = int(code) if code.isdecimal() else 0, list(http.headers)
    named = {name.lower(): value.lower() for name, value in headers}
    body = _body(record, named)
    if body is None:
        return Found(where, b"", url, 0, flags=("too big",))
    return Found(
        where=where,
        body=body,
        url=url,
        status=status,
        headers=tuple((name, value) for name, value in headers if name.lower() not in _ENCODINGS),
        fetched_at=_moment(about.get_header("WARC-Date")),
        ip=about.get_header("WARC-IP-Address"),
        flags=_cut_short(record, named, body),
    )


def _cut_short(record: ArcWarcRecord, headers: dict[str, str], body: bytes) -> tuple[str, ...]:
    """Return the flag of a reply that its recorder did not get, or did not keep, to the end."""
    if record.rec_headers.get_header("WARC-Truncated"):
        return ("truncated",)
    length = headers.get("content-length", "")
    encoded = any(name in headers for name in _ENCODINGS)
    return ("short-body",) if not encoded and length.isdecimal() and len(body) < int(length) else ()


def _completed(found: Found, record: ArcWarcRecord, about: str) -> Found:
    """Add what our own export notes beside a reply; any other metadata record changes nothing."""
    headers = record.rec_headers
    payload = record.raw_stream.read(MAX_BODY)
    _drain(record)
    noted = warc.noted(payload)
    if noted is None or headers.get_header("WARC-Concurrent-To") != about:
        return found
    return replace(
        found,
        url=str(noted["url"]),
        headers=tuple((str(name), str(value)) for name, value in noted["headers"]),
        portal=str(noted["portal"]),
        key=str(noted["key"]),
        canonical=noted["canonical"],
        final_url=noted["final_url"],
        origin="wayback" if noted["origin"] == "wayback" else "import",
        tls_verified=None if noted["tls_verified"] is None else bool(noted["tls_verified"]),
        listed_published=noted["listed_published"],
        flags=tuple(str(flag) for flag in noted["flags"]),
        aliases=tuple(str(alias) for alias in noted.get("aliases", ())),
    )


def _repeated(stream: IO[bytes], offset: int | None, record: ArcWarcRecord, where: str) -> Found | None:
    """Return the reply that a revisit record repeats: the same bytes, seen again at another time."""
    if offset is None:
        return Found(where, b"", record.rec_headers.get_header("WARC-Target-URI"), 0, flags=("repeats another file",))
    here = stream.tell()
    stream.seek(offset)
    try:
        return _found(next(_records(stream, []))[1], where, record)
    finally:
        stream.seek(here)


def _body(record: ArcWarcRecord, headers: dict[str, str]) -> bytes | None:
    """Return the payload without transfer and content encodings; None if it is too big."""
    chunked = headers.get("transfer-encoding") == "chunked"
    stream = ChunkedDataReader(record.raw_stream) if chunked else record.raw_stream
    parts, size = list[bytes](), 0
    while part := stream.read(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > MAX_BODY:
            return None
    _drain(record)
    return _decoded(b"".join(parts), headers.get("content-encoding", ""))


def _decoded(body: bytes, encoding: str) -> bytes | None:
    """Undo a content encoding; a body that is not so encoded, as some recorders store it, stays as it is."""
    if encoding in ("gzip", "x-gzip") and body[:2] == b"\x1f\x8b":
        unpacker = zlib.decompressobj(31)
    elif encoding == "deflate":
        unpacker = zlib.decompressobj(15 if body[:1] == b"\x78" else -15)
    elif encoding == "br":
        try:
            return cast(bytes, brotli.decompress(body))
        except brotli.error:
            return body
    else:
        return body
    text = unpacker.decompress(body, MAX_BODY + 1)
    if len(text) > MAX_BODY:
        return None
    if not unpacker.eof:
        raise EOFError("a gzip-encoded reply is broken off")
    return text


def _drain(record: ArcWarcRecord) -> None:
    """Read a record to its end, and refuse one that is shorter than it says."""
    raw = record.raw_stream
    while raw.read(_CHUNK):
        pass
    if getattr(raw, "limit", 0) > 0:
        raise EOFError(f"{raw.limit} bytes are missing")


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment.replace(microsecond=0, tzinfo=moment.tzinfo or UTC) if moment else None


def _told(error: BaseException) -> str:
    words = "".join(letter if letter.isprintable() and ord(letter) < 128 else "?" for letter in str(error))
    return " ".join(words.split())[:120] or type(error).__name__
