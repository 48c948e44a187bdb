"""Errors, said in the reader's language: what is missing, what makes no sense, what was too much, what broke."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from traceback import walk_tb

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils.asgi import Request, Response
from datasette.views.base import DatasetteError

from archive.site.pages import web

_LOG = logging.getLogger("tintinh.site")
_PAGES = Path(__file__).parent
_MISREAD = (ValueError, LookupError, TypeError, AttributeError, sqlite3.ProgrammingError, sqlite3.IntegrityError)


async def answer(datasette: Datasette, request: Request, exception: Exception) -> Response:
    """Answer a request that raised; only a fault of ours goes to the log with its traceback."""
    status: int = getattr(exception, "status", 500)
    message = str(getattr(exception, "message", None) or (exception.args[0] if exception.args else ""))
    title = getattr(exception, "title", None)
    if isinstance(exception, QueryInterrupted) or (
        isinstance(exception, sqlite3.OperationalError) and "interrupted" in message
    ):
        status, message = 503, ""
    elif status >= 500 and _misread(exception):
        status = 400 if request.query_string else 404
        message = message if isinstance(exception, DatasetteError) else ""
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


def _misread(exception: Exception) -> bool:
    """Tell whether Datasette stumbled over what was asked: over `_next=x` or `_through={}`, with no code of ours in it.

    Its table pages leave such arguments unchecked, or refuse them with an error that has the status 500.
    """
    ours = any(Path(frame.f_code.co_filename).parent == _PAGES for frame, _ in walk_tb(exception.__traceback__))
    return isinstance(exception, DatasetteError) or (isinstance(exception, _MISREAD) and not ours)
