"""Decompression that notices a cut: Scrapy hands out what a truncated gzip holds without a word."""

from __future__ import annotations

import zlib

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response


class TooBig(IgnoreRequest):
    """The decoded body passes the limit: a bomb, or no page."""


class CheckedCompressionMiddleware(HttpCompressionMiddleware):
    """Flags `truncated` on a gzip or deflate body whose stream does not end, and names a bomb."""

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Return the decoded reply, with the flag where it applies."""
        names = b",".join(response.headers.getlist("Content-Encoding")).lower()
        packed = response.body
        try:
            decoded = super().process_response(request, response)
        except IgnoreRequest as error:
            raise TooBig(str(error)) from error
        if b"gzip" in names and isinstance(decoded, Response) and not self._is_whole(packed, decoded.body):
            decoded.flags.append("truncated")
        return decoded

    def _is_whole(self, packed: bytes, body: bytes) -> bool:
        """Tell whether the stream ended: its last four bytes are the length of what it holds, or it is read again."""
        if packed[-4:] == (len(body) & 0xFFFFFFFF).to_bytes(4, "little"):
            return True
        return gzip_ends(packed, self._max_size)


def gzip_ends(body: bytes, most: int) -> bool:
    """Tell whether a gzip body is whole; at most `most` bytes are decoded, and a bomb counts as whole."""
    if not body:
        return True
    while body:
        stream = zlib.decompressobj(31)
        try:
            most -= len(stream.decompress(body, max(most, 1)))
        except zlib.error:
            return True
        if most <= 0:
            return True
        if not stream.eof:
            return False
        body = stream.unused_data if stream.unused_data[:2] == b"\x1f\x8b" else b""
    return True
