"""NukeViet 3 to 5: `/[vi/][news/]<category>/<slug>-<id>.html`, categories paged as `/page-N/`.

The id counts per module and language, so a module or language other than the default one stands before it. RSS holds
30 items and its dates are wrong (minutes = month); the sitemap holds the newest 1,000 with right ones.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from scrapers.families import generic
from scrapers.families.generic import declared_id
from scrapers.listing import Ask, Listing, Page
from scrapers.portal import Portal

__all__ = ["HIDES_IDS", "article_id", "declared_id", "is_no_article", "read", "start"]

HIDES_IDS = False

_ARTICLE = re.compile(
    r"^(?:/(?P<lang>[a-z]{2}))?(?:/(?P<copy>print|savefile|sendmail))?(?:/(?P<module>[^/]+))?/(?P<cat>[^/]+)/[^/]*?-(?P<id>\d+)(?:\.html?|/)?$",
    re.IGNORECASE,
)
_SCRIPT = re.compile(r"^(?:/[^/]+)?/index\.php(?=/)", re.IGNORECASE)
"""What stands before every address of a site whose server does not rewrite."""
_NOT_NEWS = re.compile(
    r"^(?:/[a-z]{2})?/(?:about|siteterms|page|laws?|van-ban|download|videos?|photos?|users|voting|contact|tag|rss|uploads"
    r"|banners)/",
    re.I,
)


_OTHER_PAGE = re.compile(
    rb"""nv_func_name\s*=\s*["'](?:main|viewcat|topic|tag|groups|author|search|rss|content|feed)["']"""
)


def is_no_article(page: bytes) -> bool:
    """Tell whether the page's scripts name another function than an article's: a category, a static page, a search."""
    return _OTHER_PAGE.search(page) is not None


def article_id(url: str, portal: Portal) -> str | None:
    """Return the id, after `lang:` or `module:` where they are not Vietnamese and `news`."""
    parts = urlsplit(url)
    path = parts.path
    if path.lower().endswith("/index.php") or "nv=" in parts.query:
        query = parse_qs(parts.query)
        if "nv" not in query or "op" not in query:
            return None
        path = f"/{query.get('language', ['vi'])[0]}/{query['nv'][0]}/{query['op'][0]}"
    path = _SCRIPT.sub("", path)
    path = path[len(portal.prefix) :] if path.lower().startswith(portal.prefix) else path
    match = _ARTICLE.match(path)
    if match is None or _NOT_NEWS.match(path) or re.match(r"^page-\d+$", path.rstrip("/").rpartition("/")[2]):
        return None
    lang, module = (match["lang"] or "vi").lower(), (match["module"] or "news").lower()
    if module in ("print", "savefile", "sendmail"):
        module = "news"
    return ":".join([*([lang] if lang != "vi" else []), *([module] if module != "news" else []), match["id"]])


def start(portal: Portal) -> tuple[Ask, ...]:
    """Begin with the row's listings or the home page's categories, and the news sitemap."""
    return generic.standard(portal, services=(Ask(portal.base_url + "/sitemap-vi.news.xml", "sitemap"),))


def read(page: Page, portal: Portal) -> Listing:
    """Read a category, the home page, a feed or the sitemap."""
    return generic.read_with(page, portal, generic.by_id(article_id, portal))
