"""Errors, said in the reader's language: what is missing, what was too much, what broke."""

from __future__ import annotations

import logging
import sqlite3

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive.site.pages import web

_LOG = logging.getLogger("tintinh.site")


async def answer(datasette: Datasette, request: Request, exception: Exception) -> Response:
    """Answer a request that raised; only a fault of ours goes to the log with its traceback."""
    status: int = getattr(exception, "status", 500)
    message = str(getattr(exception, "message", None) or (exception.args[0] if exception.args else ""))
    title = getattr(exception, "title", None)
    if isinstance(exception, sqlite3.OperationalError) and "interrupted" in message:
        status, message = 503, ""
    elif status >= 500:
        _LOG.error("%s %s failed", request.method, request.path, exc_info=exception)
        message = ""
    if request.path.endswith(".json"):
        facts = {
            **getattr(exception, "error_dict", {}),
            "ok": False,
            "error": message,
            "status": status,
            "title": title,
        }
        return Response.json(facts, status=status)
    if getattr(exception, "message_is_html", False):
        message = ""  # Datasette's own HTML has inline styles that our policy refuses.
    return await web.page(datasette, request, "error.html", {"status": status, "message": message}, status=status)
