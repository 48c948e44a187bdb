"""The files of a release over HTTP: resumable, checksummed, and nothing but what SHA256SUMS lists.

A web server in front does this better (deploy/nginx.conf); this is for those who run none.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from archive.chain import SUMS
from archive.site import release

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PREFIX = "/releases/"
_CHUNK = 256 << 10
_KINDS = {
    ".zst": "application/zstd", ".db": "application/vnd.sqlite3", ".parquet": "application/vnd.apache.parquet",
    ".gz": "application/gzip", ".jsonl": "application/jsonl", ".bib": "application/x-bibtex", "": "text/plain",
}  # fmt: skip


class Downloads:
    """Answers `/releases/<id or current>/<path>`."""

    def __init__(self, releases: Path) -> None:
        self._releases = releases
        self._sums: dict[str, dict[str, str]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a file."""
        name, _, path = scope["path"].removeprefix(PREFIX).partition("/")
        now = release.current(self._releases)
        if name == release.CURRENT and now is not None:
            await _reply(
                send, 302, [(b"location", f"{PREFIX}{now.name}/{path}".encode()), (b"cache-control", b"no-cache")]
            )
            return
        file, digest = self._find(name, path)
        if file is None:
            await _reply(send, 404, [], b"no such file in this release\n")
            return
        await _send_file(scope, send, file, digest)

    def _find(self, name: str, path: str) -> tuple[Path | None, str]:
        """Return the file and its SHA-256, None unless the release's own list of files names it."""
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d{6}Z(-\d+)?", name) or not (self._releases / name / SUMS).is_file():
            self._sums.pop(name, None)
            return None, ""
        if name not in self._sums:
            sums = self._releases / name / SUMS
            self._sums[name] = {**release.sums(sums), SUMS: release.sha256(sums)}
        digest = self._sums[name].get(path)
        file = self._releases / name / path
        return (file, digest) if digest and not Path(path).name.startswith(".") and file.is_file() else (None, "")


async def _send_file(scope: Scope, send: Send, file: Path, digest: str) -> None:
    asked = {key.lower(): value.decode("latin-1") for key, value in scope["headers"]}
    size = file.stat().st_size
    etag = f'"{digest}"'
    headers = [
        (b"content-type", (_KINDS.get(file.suffix) or guess_type(file.name)[0] or "application/octet-stream").encode()),
        (b"etag", etag.encode()),
        (b"accept-ranges", b"bytes"),
        (b"cache-control", b"public, max-age=31536000, immutable"),
        (b"content-disposition", f'attachment; filename="{file.name}"'.encode()),
    ]
    if asked.get(b"if-none-match") == etag:
        await _reply(send, 304, headers)
        return
    wanted = _range(asked.get(b"range"), size) if asked.get(b"if-range", etag) == etag else (0, size)
    if wanted is None:
        await _reply(send, 416, [(b"content-range", f"bytes */{size}".encode())])
        return
    start, end = wanted
    if (start, end) != (0, size):
        headers.append((b"content-range", f"bytes {start}-{end - 1}/{size}".encode()))
    headers.append((b"content-length", str(end - start).encode()))
    await send({"type": "http.response.start", "status": 200 if (start, end) == (0, size) else 206, "headers": headers})
    if scope["method"] != "HEAD":
        with file.open("rb") as source:
            source.seek(start)
            left = end - start
            while left:
                chunk = await asyncio.to_thread(source.read, min(_CHUNK, left))
                if not chunk:
                    break
                left -= len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _range(header: str | None, size: int) -> tuple[int, int] | None:
    """Return start and end of the one range asked for, the whole file for none or several, None where it is outside."""
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", header or "")
    if found is None or not any(found.groups()):
        return 0, size
    first, last = found.groups()
    start, end = (int(first), int(last) + 1 if last else size) if first else (max(size - int(last), 0), size)
    return (start, min(end, size)) if start < min(end, size) else None


async def _reply(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    headers += [(b"content-type", b"text/plain; charset=utf-8")] if body else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
