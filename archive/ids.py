"""Identifiers that never depend on a row's number: they survive re-import, re-clean, merge and rebuild."""

from __future__ import annotations

import hashlib


def article_id(portal: str, key: str) -> str:
    """Return the id of the article with this native key in this portal: 16 hexadecimal digits."""
    return hashlib.sha256(f"{portal}\n{key}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def listing_id(portal: str, url: str) -> str:
    """Return the id of a listing, feed or sitemap address in the frontier; never that of an article."""
    return article_id(portal, f"listing\n{url}")
