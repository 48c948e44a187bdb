"""Redirects, followed only where they can lead to the article; one to the home page or a listing is the answer."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Response

from scrapers.portal import Portal
from scrapers.portal_run import ArticleJob, PortalRun

_HOME = re.compile(r"^/?(?:(?:index|default|home|trang-?chu)\.(?:html?|php|aspx?|jsp))?/?$", re.IGNORECASE)
_DEAD = re.compile(
    r"notactive\.htm|/(?:404|error|notfound|not-found|page-not-found|khong-tim-thay|expired|login|dang-?nhap|signin)(?:[./?]|$)",
    re.IGNORECASE,
)


def is_dead_end(url: str, portal: Portal) -> bool:
    """Tell whether an address is where portals send readers of what is gone: home, listing, error page, login."""
    if _DEAD.search(url):
        return True
    parts = urlsplit(url)
    path = parts.path.lower()
    if not parts.query and any(_HOME.match(path.removeprefix(prefix)) for _, prefix in portal.places):
        return True
    here = _bare(url)
    return any(here == _bare(urljoin(portal.base_url + "/", entry)) for entry in portal.listings)


def _bare(url: str) -> str:
    return re.sub(r"^https?://(?:www\.)?", "", url).rstrip("/").lower()


class ArticleRedirectMiddleware(RedirectMiddleware):
    """Scrapy's middleware; an article's redirect to a dead end goes to the spider as it is. No Referer is sent."""

    def _engine_started(self) -> None:
        """There is no referer middleware to look for."""

    def process_response(self, request: Request, response: Response, spider: object = None) -> Request | Response:
        """Return the request to follow, or the reply."""
        job, location = request.meta.get("job"), response.headers.get("Location")
        if isinstance(job, ArticleJob) and 300 <= response.status < 400 and location:
            portal_run: PortalRun = request.meta["portal_run"]
            target = urljoin(request.url, location.decode("utf-8", "replace"))
            if target != request.url and is_dead_end(target, portal_run.portal):
                return response
        return super().process_response(request, response)
