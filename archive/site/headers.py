"""Security headers of every reply; the Content-Security-Policy knows Datasette's own inline scripts by their hash."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import datasette

_TEMPLATES = ("_close_open_menus.html", "_codemirror_foot.html")
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


@cache
def script_hashes() -> tuple[str, ...]:
    """Return the CSP hashes of the scripts written into Datasette's templates; they are the same on every page."""
    folder = Path(datasette.__file__).parent / "templates"
    scripts = ["DATASETTE_ALLOW_FACET = true;", "DATASETTE_ALLOW_FACET = false;"]
    for name in _TEMPLATES:
        scripts += re.findall(r"<script>(.*?)</script>", (folder / name).read_text(encoding="utf-8"), re.DOTALL)
    return tuple(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts)


@cache
def policy() -> bytes:
    """Return the policy of Datasette's pages. Their styles name columns, so they differ from page to page."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {' '.join(script_hashes())}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ).encode()


def secured(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers with the security headers they lack; a page's own, stricter policy stays."""
    have = {name.lower() for name, _ in headers}
    wanted = (*_ALWAYS, (b"content-security-policy", policy()))
    kept = [(name, value) for name, value in headers if name.lower() != b"referrer-policy"]
    return kept + [(name, value) for name, value in wanted if name == b"referrer-policy" or name not in have]
