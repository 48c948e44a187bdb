"""The Datasette plugin of the site: our own pages beside Datasette's tables, one frame and one style around both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from datasette import hookimpl
from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive.site.pages import article, front, pictures, search, web

_EN = r"(?P<en>/en)?"
_ARTICLE = _EN + r"/bai/(?P<id>[0-9a-f]{16})"


@hookimpl
def register_routes(datasette: Datasette) -> list[tuple[str, Callable[..., Any]]]:
    """Route our pages; whatever they leave is Datasette's."""
    return [
        (r"(?P<en>/en)?/?$", front.front),
        (_EN + r"/tim$", search.search),
        (_ARTICLE + r"$", article.article),
        (r"/anh/(?P<release>[^/]+)/(?P<name>\w+)\.(?P<lang>vi|en)\.svg$", pictures.picture),
        (r"/static/(?P<digest>[0-9a-f]+)/(?P<name>[a-z.]+)$", web.static),
    ]


@hookimpl
def extra_template_vars(datasette: Datasette, request: Request | None) -> Callable[[], Any]:
    """Give every template, Datasette's too, the language, the release and the addresses."""
    return lambda: web.frame(datasette, request)


@hookimpl(tryfirst=True)
def handle_exception(datasette: Datasette, request: Request, exception: Exception) -> Callable[[], Any] | None:
    """Answer errors of pages in our own frame and language; JSON stays Datasette's."""
    if request.path.endswith(".json") or not hasattr(exception, "status"):
        return None

    async def explained() -> Response:
        return await web.page(
            datasette,
            request,
            "error.html",
            {"status": exception.status, "message": str(exception) or None},
            status=exception.status,
        )

    return explained
