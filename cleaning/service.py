"""A reply of a portal's JSON service as a page: SharePoint draws its modern pages in the browser from one list item.

The item's fields become the elements that the layout `sharepoint-canvas` names; the text is its `CanvasContent1`.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

TEXT = "CanvasContent1"


def page_of(reply: str) -> str | None:
    """Return the page that a list item's JSON stands for, or None where the reply is something else."""
    if reply.lstrip()[:1] != "{" or TEXT not in reply:
        return None
    try:
        item = _item(json.loads(reply))
    except (ValueError, RecursionError):
        return None
    if item is None:
        return None
    parts = [
        _element("h1", "canvas-title", item.get("Title")),
        _element("p", "canvas-lead", item.get("Description")),
        _element("div", "canvas-date", item.get("FirstPublishedDate")),
        _element(
            "div", "canvas-author", item.get("AuthorByline") if isinstance(item.get("AuthorByline"), str) else None
        ),
    ]
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><div class="canvas-item">'
        f'{"".join(parts)}<div class="canvas-text">{item[TEXT] or ""}</div></div></body></html>'
    )


def _item(reply: object) -> dict[str, Any] | None:
    """Return the one list item of an OData reply: `{…}`, `{"d": {…}}`, or a list of one."""
    inner = reply.get("d", reply) if isinstance(reply, dict) else None
    if isinstance(inner, dict):
        rows = inner.get("results", inner.get("value"))
        inner = rows[0] if isinstance(rows, list) and len(rows) == 1 else inner
    if not isinstance(inner, dict) or not isinstance(inner.get(TEXT, 0), str | None):
        return None
    return inner


def _element(tag: str, name: str, text: object) -> str:
    return f'<{tag} class="{name}">{escape(text)}</{tag}>' if isinstance(text, str) and text.strip() else ""
