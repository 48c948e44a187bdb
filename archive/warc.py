"""Writes captures as WARC 1.1, for pywb, for other archives and for our own import.

The archive keeps bodies as decoded and headers as parsed, not the bytes of the wire; each file says so in its
`warcinfo`. What a `response` record has no field for (portal, key, origin, flags) stands in a `metadata` record
after it, so that export followed by import gives the same articles and versions.
"""

from __future__ import annotations

import io
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import clock
from archive.raw import RawStore

METADATA_TYPE = "application/warc-fields"
"""Content type of the `metadata` records; pywb would offer one of any other type for replay, in the page's place."""

FIELD = b"tintinh-capture: "
"""The one field of our `metadata` records: JSON on one line, with the names of `METADATA`."""

METADATA = (
    "portal", "key", "canonical", "url", "final_url", "origin", "tls_verified", "listed_published", "headers", "flags",
    "aliases",
)  # fmt: skip
"""`portal` and `key` identify the article; `url` was asked for, `final_url` answered; the rest is as in `captures`.

`aliases` are the other addresses that led to the article. `headers` is the whole list of (name, value): the
`response` record lacks some, and WARC's are ASCII only.
"""

HEADERS_NOTE = (
    "Payloads are decoded: Content-Encoding and Transfer-Encoding were undone and are left out, Content-Length is"
    " that of the decoded payload. HTTP headers are as parsed, in order, not byte for byte as sent."
)

_LEFT_OUT = frozenset({"content-encoding", "transfer-encoding", "content-length", "connection", "keep-alive"})

_CAPTURES = (
    "SELECT c.*, u.portal, u.key, u.canonical,"
    " (SELECT json_group_array(seen_as) FROM url_aliases a WHERE a.url_id = u.id) AS aliases"
    " FROM captures c JOIN urls u ON u.id = c.article_id"
    " WHERE c.kept IS NOT NULL AND u.id NOT IN (SELECT article_id FROM takedowns)"
)


def noted(payload: bytes) -> dict[str, Any] | None:
    """Return what a `metadata` record of ours says of its capture (`METADATA`); None for anyone else's record."""
    if not payload.startswith(FIELD):
        return None
    values: dict[str, Any] = json.loads(payload[len(FIELD) :])
    return values


def captures(db: sqlite3.Connection, portals: Iterable[str] = (), only: int | None = None) -> Iterator[sqlite3.Row]:
    """Yield the captures an export holds, as they came in: those with a raw page and not taken down.

    `only` is the id of a single capture.
    """
    names = tuple(portals)
    query = _CAPTURES
    values: list[str | int] = []
    if names:
        query += f" AND u.portal IN ({', '.join('?' * len(names))})"
        values += names
    if only is not None:
        query += " AND c.id = ?"
        values.append(only)
    yield from db.execute(f"{query} ORDER BY c.id", values)


def write(db: sqlite3.Connection, rows: Iterable[sqlite3.Row], to: Path, info: dict[str, str] | None = None) -> int:
    """Write captures to the gzipped WARC file `to` (each record its own gzip member); return how many.

    The file appears under its name only when it is whole.
    """
    part = to.with_name(to.name + ".part")
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("wb") as out:
            count = write_to(db, rows, out, to.name, info)
            out.flush()
            os.fsync(out.fileno())
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return count


def write_to(
    db: sqlite3.Connection, rows: Iterable[sqlite3.Row], out: BinaryIO, name: str, info: dict[str, str] | None = None
) -> int:
    """Write captures to an open stream as a WARC named `name`; return how many."""
    raw = RawStore(db)
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    writer.write_record(
        writer.create_warcinfo_record(
            name,
            {
                "software": "Tin Tỉnh",
                "format": "WARC File Format 1.1",
                "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
                "description": HEADERS_NOTE,
                "created": clock.stamp(),
                **(info or {}),
            },
        )
    )
    count = 0
    for row in rows:
        body = raw.get(row["kept"])
        response = _response(writer, row, body)
        writer.write_record(response)
        writer.write_record(_metadata(writer, row, response.rec_headers.get_header("WARC-Record-ID")))
        count += 1
    return count


def _response(writer: WARCWriter, row: sqlite3.Row, body: bytes) -> ArcWarcRecord:
    headers = [(name, value) for name, value in json.loads(row["headers"]) if _fits(name)]
    headers.append(("Content-Length", str(len(body))))
    reason = next((status.phrase for status in HTTPStatus if status == row["status"]), "Unknown")
    warc_headers = {"WARC-Date": row["fetched_at"]}
    if row["ip"]:
        warc_headers["WARC-IP-Address"] = row["ip"]
    return writer.create_warc_record(
        row["final_url"] or row["url"],
        "response",
        payload=io.BytesIO(body),
        length=len(body),
        http_headers=StatusAndHeaders(f"{row['status']} {reason}", headers, protocol="HTTP/1.1"),
        warc_headers_dict=warc_headers,
    )


def _metadata(writer: WARCWriter, row: sqlite3.Row, about: str) -> ArcWarcRecord:
    values = {name: row[name] for name in METADATA}
    values |= {name: json.loads(row[name]) for name in ("headers", "flags", "aliases")}
    payload = FIELD + json.dumps(values, ensure_ascii=False).encode() + b"\r\n"
    return writer.create_warc_record(
        about,  # not the page's address, under which a replay would find this instead of the page
        "metadata",
        payload=io.BytesIO(payload),
        length=len(payload),
        warc_content_type=METADATA_TYPE,
        warc_headers_dict={"WARC-Date": row["fetched_at"], "WARC-Concurrent-To": about},
    )


def _fits(header: str) -> bool:
    return header.isascii() and header.lower() not in _LEFT_OUT
