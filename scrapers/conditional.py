"""Conditional requests: the validators of the last reply, for the very address that gave them."""

from __future__ import annotations

from scrapy import Request


class ConditionalMiddleware:
    """Sends If-None-Match and If-Modified-Since; a redirect's target never inherits them."""

    def process_request(self, request: Request) -> None:
        """Set or remove the two headers by `meta["validators"]`: (address, etag, last_modified)."""
        address, etag, last_modified = request.meta.get("validators") or ("", None, None)
        for name, value in ((b"If-None-Match", etag), (b"If-Modified-Since", last_modified)):
            if value and request.url == address:
                request.headers[name] = value
            else:
                request.headers.pop(name, None)
