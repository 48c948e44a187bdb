"""Posts the night's digest to a webhook or a healthcheck: once, within a bounded time, and with one line on failure."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage
from threading import Thread
from typing import IO
from urllib.parse import urlsplit

from cleaning.command import Problem

SECONDS = 15.0
"""All the time it may take, look-up of the name included."""

CODE = "{code}"
"""Stands in an address for the night's exit code, as healthchecks want it: `https://hc-ping.com/<uuid>/{code}`."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """urllib turns a redirected POST into a GET: the receiver would answer 200 and never see the digest."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def check(url: str) -> None:
    """Raise a Problem for what is no address to post to; a night should not end with that news."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise Problem(f"--webhook {url}: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Problem(f"--webhook {url}: expected http(s)://host/…")


def send(url: str, text: str, exit_code: int, seconds: float = SECONDS) -> str | None:
    """Post the text to an address that `check` passed; return what went wrong, in one line, or None."""
    ended: list[str | None] = []

    def post() -> None:
        try:
            ended.append(_post(url.replace(CODE, str(exit_code)), text.encode(), seconds))
        except Exception as error:
            ended.append(f"{type(error).__name__}: {error}")

    thread = Thread(target=post, daemon=True)  # a receiver that drips would outlast any time-out of a socket
    thread.start()
    thread.join(seconds)
    problem = ended[0] if ended else f"no reply within {seconds:g} s"
    return " ".join(problem.split()) if problem else None


def _post(url: str, body: bytes, seconds: float) -> str | None:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "text/plain; charset=utf-8"})
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=seconds) as reply:
            reply.read(1000)
    except urllib.error.HTTPError as error:
        aside = f", which leads to {error.headers['Location']}" if error.headers.get("Location") else ""
        return f"it answers {error.code} {error.reason}{aside}"
    except urllib.error.URLError as error:
        return str(error.reason)
    except (OSError, HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    return None
