"""The Datasette plugin of the site: our own pages beside Datasette's tables, one frame and one style around both."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from datasette.utils.asgi import Request
from jinja2 import Environment
from markupsafe import Markup

from archive.site.pages import (
    article,
    changes,
    crawlers,
    data,
    errors,
    feeds,
    front,
    health,
    pictures,
    places,
    raw,
    search,
    tables,
    versions,
    web,
)

ASGI = Callable[..., Any]

_EN = r"(?P<en>/en)?"
_ARTICLE = _EN + r"/bai/(?P<id>[0-9a-f]{16})"


@hookimpl
def register_routes(datasette: Datasette) -> list[tuple[str, Callable[..., Any]]]:
    """Route our pages; whatever they leave is Datasette's."""
    return [
        (r"(?P<en>/en)?/?$", front.front),
        (_EN + r"/tim$", search.search),
        (_ARTICLE + r"$", article.article),
        (_ARTICLE + r"/phien-ban$", versions.versions),
        (_ARTICLE + r"/phien-ban/(?P<version>[1-9]\d{0,5})$", versions.version),
        (_ARTICLE + r"/trich-dan\.(?P<format>bib|json)$", data.cite),
        (_ARTICLE + r"/trang-goc/(?P<sha256>[0-9a-f]{64})$", raw.page),
        (_EN + r"/thay-doi$", changes.changes),
        (_EN + r"/du-lieu$", data.data),
        (_EN + r"/moi\.atom$", feeds.newest),
        (_EN + r"/thay-doi\.atom$", feeds.changed),
        (_EN + r"/tim\.atom$", feeds.search),
        (_EN + r"/tinh/(?P<slug>[a-z0-9-]+)\.atom$", feeds.province),
        (_EN + r"/cong/(?P<portal>[a-z0-9_-]+)\.atom$", feeds.portal),
        (r"/robots\.txt$", crawlers.robots),
        (r"/sitemap\.xml$", crawlers.sitemap),
        (r"/sitemap/(?P<name>pages|\d{4}-\d\d)\.xml$", crawlers.sitemap_part),
        (_EN + r"/tinh$", places.provinces),
        (_EN + r"/tinh/(?P<slug>[a-z0-9-]+)$", places.province),
        (_EN + r"/cong$", places.portals),
        (_EN + r"/cong/(?P<portal>[a-z0-9_-]+)$", places.portal),
        (_EN + r"/tinh-trang$", health.health),
        (r"/anh/(?P<release>[^/]+)/(?P<name>\w+)\.(?P<lang>vi|en)\.svg$", pictures.picture),
        (r"/static/(?P<digest>[0-9a-f]+)/(?P<name>[a-z.]+)$", web.static),
    ]


@hookimpl
def extra_template_vars(datasette: Datasette, request: Request | None, table: str | None) -> Callable[[], Any]:
    """Give every template, Datasette's too, the language, the release and the addresses."""

    async def facts() -> dict[str, Any]:
        known = await web.frame(datasette, request)
        if table == "articles" and request is not None and not known["own_page"]:
            known["counted_facets"] = await tables.counted_facets(datasette, request, known["lang"])
        return {**known, **tables.vocabulary(known["lang"])}

    return facts


@hookimpl
def asgi_wrapper(datasette: Datasette) -> Callable[[ASGI], ASGI]:
    """Give Datasette's own table pages, whose templates are ours, the strict policy of our pages."""

    def wrap(app: ASGI) -> ASGI:
        async def strict(scope: dict[str, Any], receive: Any, send: Any) -> None:
            async def with_policy(message: dict[str, Any]) -> None:
                if message["type"] == "http.response.start" and not scope["path"].startswith("/-/"):
                    names = {name.lower() for name, _ in message["headers"]}
                    if b"content-security-policy" not in names:
                        policy = (b"content-security-policy", web.CSP.encode())
                        message = {**message, "headers": [*message["headers"], policy]}
                await send(message)

            await app(scope, receive, with_policy if scope["type"] == "http" else send)

        return strict

    return wrap


@hookimpl
def render_cell(value: object, column: str, table: str | None) -> Markup | None:
    """Link ids to pages and shorten hashes in Datasette's tables."""
    return tables.cell(value, column, table)


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """Let templates that Datasette renders without a request (its last error page) speak Vietnamese."""
    env.globals.update(web.vocabulary("vi"), **tables.vocabulary("vi"), twins={"vi": "?", "en": "?_lang=en"})


@hookimpl(hookwrapper=True)
def handle_exception(datasette: Datasette, request: Request, exception: Exception) -> Generator[None, Any, None]:
    """Answer errors in our own frame and language, instead of Datasette's handler.

    That one prints a page of local variables to the log for every mistyped address.
    """
    outcome = yield
    outcome.force_result([lambda: errors.answer(datasette, request, exception)])
