"""From a request to an answer: language, reading the release, rendering, headers. Every page module goes through it."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import NotFound, Request, Response
from markupsafe import Markup, escape

from archive.site import addresses
from archive.site.addresses import Lang
from archive.site.pages import words

DATABASE = "tintinh"
STATIC = Path(__file__).parents[1] / "static"
READ_MS = 1_500
"""A page may read this long; a page that needs more is refused rather than let it hold up the others."""
CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_KEPT = 100
_FRESH = "public, max-age=300"

T = TypeVar("T")


@dataclass
class Site:
    """What is read once per release and kept while it is served."""

    info: Mapping[str, str]
    origin: str | None
    contact: str | None
    kept: dict[str, Any] = field(default_factory=dict)


_SITES: WeakKeyDictionary[Datasette, Site] = WeakKeyDictionary()


async def read(datasette: Datasette, reader: Callable[[sqlite3.Connection], T]) -> T:
    """Run a reader on a read-only connection in one of Datasette's threads, within `READ_MS`."""

    def bounded(connection: sqlite3.Connection) -> T:
        with sqlite_timelimit(connection, READ_MS):
            return reader(connection)

    result: T = await datasette.get_database(DATABASE).execute_fn(bounded)
    return result


async def site(datasette: Datasette) -> Site:
    """Return the facts of the release this Datasette serves."""
    known = _SITES.get(datasette)
    if known is None:
        settings = datasette.plugin_config(DATABASE) or {}

        def info(db: sqlite3.Connection) -> dict[str, str]:
            return {key: value for key, value in db.execute("SELECT key, value FROM release_info") if value is not None}

        # The crawler's contact (an address of the web, a mail address) is whom readers write to as well.
        mail = re.search(r"[^\s,;<>]+@[^\s,;<>]+", settings.get("contact") or os.environ.get("TINTINH_CONTACT") or "")
        known = Site(await read(datasette, info), settings.get("address"), mail[0] if mail else None)
        _SITES[datasette] = known
    return known


async def keep(datasette: Datasette, name: str, reader: Callable[[sqlite3.Connection], T]) -> T:
    """Return what `reader` makes of the release, made once per release."""
    kept = (await site(datasette)).kept
    if name not in kept:
        kept[name] = await read(datasette, reader)
    value: T = kept[name]
    return value


def language(request: Request | None) -> Lang:
    """Return the language asked for: by `/en/…` on our pages, by `?_lang=en` on Datasette's."""
    if request is None:
        return "vi"
    if request.path == "/en" or request.path.startswith("/en/") or request.args.get("_lang") == "en":
        return "en"
    return "vi"


class Links:
    """The functions of `archive.site.addresses`, answering in one language."""

    def __init__(self, lang: Lang) -> None:
        self._lang = lang

    def __getattr__(self, name: str) -> Callable[..., str]:
        make = getattr(addresses, name)
        return lambda *args, **kwargs: addresses.in_language(make(*args, **kwargs), self._lang)


def vocabulary(lang: Lang) -> dict[str, Any]:
    """Return what templates use to speak a language: `t(vi, en)`, `to.article(id)`, and ways to write values."""
    english = lang == "en"

    def say(kind: str, code: str | None) -> str:
        return words.say(getattr(words, kind), code, lang)

    return {
        "lang": lang,
        "t": lambda vi, en: en if english else vi,
        "to": Links(lang),
        "say": say,
        "named": lambda pairs: [(name, f"{name} ({words.number(count, lang)})") for name, count in pairs],
        "labelled": lambda kind, pairs: [(code, f"{say(kind, code)} ({words.number(n, lang)})") for code, n in pairs],
        "num": lambda value: words.number(value, lang),
        "day": lambda value: words.day(value, lang),
        "when": lambda value: words.local(value, lang),
        "in_bytes": lambda value: words.size(value, lang),
        "verdict": lambda portal: words.verdict(portal["health"], portal["cause"], lang),
        "host": words.host,
        "slug": words.slug,
        "outside": outside,
        "on_the_web": on_the_web,
        "static": static_url,
        "tables_at": f"/{DATABASE}",
        "plain": Links("vi"),
    }


def on_the_web(url: str | None) -> bool:
    """Tell whether an address is one of http or https."""
    return re.match(r"https?://\S", url or "", re.IGNORECASE) is not None


def outside(url: str | None, text: str) -> Markup:
    """Return a link that leaves the site; an address that is not of the web (`javascript:` …) stays plain text."""
    if not on_the_web(url):
        return escape(text)
    return Markup('<a href="{}" rel="noreferrer nofollow">{}</a>').format(url, text)


async def frame(datasette: Datasette, request: Request | None) -> dict[str, Any]:
    """Return what the frame around every page needs: its language, its twin in the other one, the release."""
    lang = language(request)
    known = await site(datasette)
    path = request.full_path if request else "/"
    if request is not None and _own(request.path):
        plain = path.removeprefix("/en") or "/"
        plain = plain if plain.startswith("/") else "/" + plain
        twins = {code: addresses.in_language(plain, code) for code in ("vi", "en")}
    else:
        twins = {"vi": "?", "en": "?_lang=en"}
    here = origin(known, request)
    return {
        **vocabulary(lang),
        "release": known.info,
        "contact": known.contact,
        "twins": twins,
        "own_page": request is not None and _own(request.path),
        "origin": here,
        "canonical": here + twins[lang] if request is not None and _own(request.path) else None,
    }


def origin(known: Site, request: Request | None) -> str:
    """Return the site's own scheme and host: the operator's setting, else what the request came to."""
    if known.origin:
        return known.origin.rstrip("/")
    if request is None:
        return ""
    return f"{request.scheme}://{request.host}"


async def made_once(datasette: Datasette, request: Request, name: str, make: Callable[[], Awaitable[str]]) -> str:
    """Return a text made once per release, language and host; one whose address has a query is always made anew."""
    known = await site(datasette)
    if request.query_string:  # the address stands in the page, for its twin in the other language
        return await make()
    name = f"{name} {language(request)} {origin(known, request)}"
    text: str | None = known.kept.get(name)
    if text is None:
        text = await make()
        if len(known.kept) < _KEPT:  # whoever invents host names must not fill our memory
            known.kept[name] = text
    return text


async def page(
    datasette: Datasette,
    request: Request,
    template: str,
    facts: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    once: bool = False,
) -> Response:
    """Render one of our own pages; `once` for those that are the same for every reader of a release."""

    async def render() -> str:
        text: str = await datasette.render_template(template, dict(facts), request=request, view_name="tintinh")
        return text

    text = await made_once(datasette, request, template, render) if once else await render()
    return answer(text, "text/html; charset=utf-8", status=status, headers=headers)


def answer(
    body: str | bytes, content_type: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a reply with the headers that all of ours carry."""
    return Response(
        body,
        status=status,
        content_type=content_type,
        headers={
            "Content-Security-Policy": CSP,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cache-Control": _FRESH if status < 400 or status == 410 else "no-store",
            **(headers or {}),
        },
    )


def redirect(location: str, *, status: int = 301) -> Response:
    """Send the reader on."""
    return answer("", "text/plain; charset=utf-8", status=status, headers={"Location": location})


def only(value: T | None, vi: str, en: str, request: Request) -> T:
    """Return `value`, or answer 404 in the reader's language."""
    if value is None:
        raise NotFound(en if language(request) == "en" else vi)
    return value


def rows(cursor: sqlite3.Cursor) -> list[dict[str, Any]]:
    """Return a cursor's rows as dictionaries."""
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def row(cursor: sqlite3.Cursor) -> dict[str, Any] | None:
    """Return the first row as a dictionary, or None."""
    return next(iter(rows(cursor)), None)


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    return {
        file.name: (file.read_bytes(), hashlib.sha256(file.read_bytes()).hexdigest()[:10]) for file in STATIC.iterdir()
    }


def static_url(name: str) -> str:
    """Return the address of a static file; it changes with the file's content, so browsers keep it for ever."""
    return f"/static/{_files()[name][1]}/{name}"


async def static(request: Request) -> Response:
    """Answer a static file."""
    file = _files().get(request.url_vars["name"])
    if file is None:
        raise NotFound("Không có tệp này")
    body, digest = file
    suffix = request.url_vars["name"].rpartition(".")[2]
    kind = {"css": "text/css", "svg": "image/svg+xml", "js": "text/javascript"}[suffix] + "; charset=utf-8"
    fresh = "public, max-age=31536000, immutable" if request.url_vars["digest"] == digest else "no-cache"
    return answer(body, kind, headers={"Cache-Control": fresh})


def _own(path: str) -> bool:
    plain = path.removeprefix("/en") if path == "/en" or path.startswith("/en/") else path
    first = plain.split("/")[1].partition(".")[0] if plain else ""
    return first in ("", "bai", "tim", "thay-doi", "tinh", "cong", "tinh-trang", "du-lieu")
