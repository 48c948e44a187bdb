"""WordPress: the REST service lists the whole history, else the sitemap, else archives and the feed.

Permalinks take any shape, so where a link stands decides on an HTML page: the title of a post in a loop.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from lxml.html import HtmlElement

from cleaning.vietnamese import squash
from scrapers import feeds
from scrapers.families import generic
from scrapers.listing import NEVER, Ask, Link, Listing, Page
from scrapers.portal import Portal

_POST = re.compile(r"(?:^|\s)(?:type-post|hentry|wp-block-post|post-\d+|post|blog-post|entry)(?:\s|$)")
_PAGE = re.compile(r"(?:^|\s)(?:type-page|type-attachment)(?:\s|$)")
_TITLE = re.compile(
    r"(?:^|\s)(?:entry-title|post-title|wp-block-post-title|wp-block-latest-posts__post-title|more-link|read-more|wp-block-read-more|post-thumbnail|wp-block-post-featured-image)(?:\s|$|-)"
)
_RECENT = re.compile(r"widget_recent_entries|wp-block-latest-posts")
_OTHER_SITEMAPS = re.compile(
    r"(?:taxonomies|users|author|category|post_tag|tag|page|posts-page|attachment)[-_\w]*-?sitemap|wp-sitemap-(?:taxonomies|users|posts-page)",
    re.I,
)
_PER_PAGE = 100
_FIELDS = "id,link,date,title"


HIDES_IDS = True

_DECLARED = re.compile(
    rb"""rel=["']?shortlink["']?[^>]*[?&]p=(\d+)|[?&]p=(\d+)["']?[^>]*rel=["']?shortlink|<body[^>]*[\s"']postid-(\d+)""",
    re.I,
)
_OTHER_PAGE = re.compile(
    rb"""<body[^>]*class=["'][^"']*(?<![\w-])(?:page-id-\d+|archive|category|tag|author|search|blog|home|error404|attachment)(?![\w-])"""
)

_LATER_PART = re.compile(rb"""<body[^>]*class=["'][^"']*(?<![\w-])(?:single-)?paged-(?!1(?!\d))\d""")
_NUMBERED = re.compile(rb"post-page-numbers current[^>]*>\s*(?:<[^>]*>\s*)*(?!1(?!\d))\d")


def article_id(url: str, portal: Portal) -> str | None:
    """Return `p<id>` of a plain permalink (`?p=17`); the others show none, their pages declare it."""
    for name, value in parse_qsl(urlsplit(url).query):
        if name == "p" and value.isdigit():
            return f"p{value}"
    return None


def declared_id(page: bytes) -> str | None:
    """Return `p<id>` from the shortlink or the body's class."""
    match = _DECLARED.search(page, 0, 256_000)
    return f"p{next(group for group in match.groups() if group).decode()}" if match else None


def is_no_article(page: bytes) -> bool:
    """Tell whether the body's class names an archive, a page or an error, and no single post.

    A post cut by `<!--nextpage-->` has an address for every part, all with the post's own id: its second part and the
    further ones are left out, for they would pass for edits of the first.
    """
    if _OTHER_PAGE.search(page, 0, 256_000) is not None and b"single-post" not in page[:256_000]:
        return True
    return (b"paged-" in page and _LATER_PART.search(page, 0, 256_000) is not None) or (
        b"post-page-numbers current" in page and _NUMBERED.search(page) is not None
    )


def start(portal: Portal) -> tuple[Ask, ...]:
    """Begin with the row's listings and the REST service; without that, the sitemap, then home page and feed.

    A full walk reads archives as well: services and sitemaps are often cut down.
    """
    root = portal.base_url
    home = (Ask(root + "/", "home"), Ask(root + "/feed/", "feed"))
    sitemap = Ask(
        root + "/wp-sitemap.xml", "sitemap", otherwise=(Ask(root + "/sitemap.xml", "sitemap", otherwise=home),)
    )
    query = f"per_page={_PER_PAGE}&page=1&_fields={_FIELDS}"
    plain = Ask(f"{root}/?rest_route=/wp/v2/posts&{query}", "service", otherwise=(sitemap,))
    service = Ask(f"{root}/wp-json/wp/v2/posts?{query}", "service", otherwise=(plain,))
    own = generic.standard(portal) if portal.listings else ()
    return (*own, service, Ask(root + "/", "home", sweep=True))


def read(page: Page, portal: Portal) -> Listing:
    """Read a service reply, an archive page, a feed or a sitemap."""
    if page.ask.kind == "service":
        return _service(page, portal)
    if page.ask.kind == "feed":
        links = feeds.feed(page, lambda guid: article_id(guid, portal))
        found = Listing(tuple(link for link in links if portal.covers(link.url) and not NEVER.search(link.url)))
        return replace(found, next=(page.ask.next(_paged(page.ask.url, page.ask.page + 1)),) if found.articles else ())
    if page.ask.kind == "sitemap":
        found = generic.read_with(page, portal, lambda element, url: urlsplit(url).path not in ("", "/"))
        if re.search(_OTHER_SITEMAPS, page.url):
            return Listing()
        return replace(found, more=tuple(ask for ask in found.more if not _OTHER_SITEMAPS.search(ask.url)))
    return generic.read_with(page, portal, lambda element, url: element is not None and _is_post(element), _native)


def _native(element: HtmlElement) -> str | None:
    for parent in element.iterancestors():
        match = re.search(r"(?:^|\s)post-(\d+)(?:\s|$)", f"{parent.get('class') or ''} {parent.get('id') or ''}")
        if match:
            return f"p{match.group(1)}"
        if parent.tag in ("body", "main"):
            return None
    return None


def _service(page: Page, portal: Portal) -> Listing:
    try:
        posts = json.loads(page.text)
    except ValueError:
        return Listing()
    if not isinstance(posts, list):
        return Listing()
    links = []
    for post in posts:
        if not isinstance(post, dict) or not isinstance(post.get("link"), str):
            continue
        url = _as_asked(post["link"], portal)
        if url is None or NEVER.search(url):
            continue
        title = post.get("title")
        words = title.get("rendered") if isinstance(title, dict) else title
        number = post.get("id")
        native = f"p{number}" if isinstance(number, int) else None
        links.append(
            Link(url, squash(str(words)) if words else None, str(post.get("date") or "") or None, native=native)
        )
    last = int(page.headers.get("x-wp-totalpages", "0") or 0)
    further = page.ask.page < last if last else len(posts) >= _PER_PAGE
    return Listing(tuple(links), (page.ask.next(_page_parameter(page.ask.url, page.ask.page + 1)),) if further else ())


def _as_asked(link: str, portal: Portal) -> str | None:
    """Return a permalink on the host we asked: sites behind a proxy or on a port name themselves wrongly."""
    if portal.covers(link):
        return link
    parts, own = urlsplit(link), urlsplit(portal.base_url)
    if parts.hostname == own.hostname:
        return urlunsplit((own.scheme, own.netloc, parts.path, parts.query, ""))
    return None


def _page_parameter(url: str, number: int) -> str:
    parts = urlsplit(url)
    query = [(name, str(number) if name == "page" else value) for name, value in parse_qsl(parts.query)]
    return urlunsplit(parts._replace(query=urlencode(query, safe=",/")))


def _paged(url: str, number: int) -> str:
    return urljoin(url, f"?paged={number}")


def _is_post(element: HtmlElement) -> bool:
    if element.get("rel") == "bookmark" and not _in(element, _PAGE):
        return True
    titled = (
        generic.in_heading(element) or _in(element, _TITLE, depth=3) or bool(_TITLE.search(element.get("class") or ""))
    )
    if _in(element, _RECENT):
        return not re.search(r"author|avatar|category", element.get("class") or "")
    return titled and _in(element, _POST) and not _in(element, _PAGE)


def _in(element: HtmlElement, names: re.Pattern[str], depth: int = 40) -> bool:
    for step, parent in enumerate(element.iterancestors()):
        if step >= depth or parent.tag == "body":
            return False
        if names.search(parent.get("class") or ""):
            return True
    return False
