"""A portal of no known family: article links, next pages, sections, sitemaps and feeds found by what all sites share.

The other families fall back on this one for what their CMS does like everybody else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import islice
from urllib.parse import parse_qsl, urljoin, urlsplit

from lxml.html import HtmlElement

from cleaning.vietnamese import squash
from scrapers import feeds
from scrapers.listing import CALENDAR, DATE, NEVER, Ask, Listing, Page, gather, next_page
from scrapers.portal import Portal

_ID_QUERY = re.compile(
    r"(?:article|news|post|item|content|detail|baiviet|tin|ma)[_-]?(?:id|detail)?|id|nid|aid|bid|tc|idtin|newsdetail|ddocname",
    re.I,
)
_ID_PATH = re.compile(
    r"(?:[-_/](?:[a-z]{1,3})?(\d{3,})(?:\.(?:html?|aspx|php|vnp|htm))?/?$)|(?:/(\d{3,})[/-][^/]*[a-z][^/]*/?$)|-(?:t|n|i|d|p|a)(\d+)\.(?:html?|aspx)$",
    re.I,
)
_DATED = re.compile(r"/(?:19|20)\d\d[/-]\d{1,2}(?:[/-]\d{1,2})?/[^/]+")
_NO_ARTICLE = re.compile(
    r"/(?:categor(?:y|ies)|tags?|the|topic|author|tac-gia|page|trang|archives?|rss|feeds?|gioi-thieu(?:-chung)?|about"
    r"|lien-ket(?:-web(?:site)?)?|videos?(?:-clips?)?|albums?(?:-anh)?|thu-vien-(?:anh|hinh-anh|video)|galler(?:y|ies)"
    r"|hoi-dap|van-?ban|download|uploads|poll|english|comments?|embed|wp-json|api|siteterms|terms|privacy(?:-policy)?)"
    r"(?:[/?]|\.[a-z]{2,5}(?:\?|$)|$)|/(?:chuyen-?muc|danh-?muc|sitemap|so-do|dieu-khoan)(?:[/.?-]|$)|/van-?ban-[^/]*/"
    r"|/page[-/]\d+|trang-\d+|[?&](?:page|p|cat|tag|paged|start|limitstart)=\d*$",
    re.IGNORECASE,
)
"""Whole names of folders and pages: `/the-thao/…` and `/trang-trai-…` are what articles are about."""
_PAGED = re.compile(r"/(?:page|trang)[-/]\d+|[?&](?:page|paged|trang|start|limitstart|pageindex)=\d+", re.I)
"""Further pages of a listing, which its first page leads to."""
_SLUG_WORDS = 4
_NAVIGATION = re.compile(
    r"(?:\S+[-_])?(?:nav(?:bar|igation)?|(?:main|top|left|right)-?(?:nav|menu)|menu|sidebar)(?:[-_]\S+)?"
    r"|(?:(?:site|main|top)[-_])?header(?:[-_](?:top|main|menu|nav|bar)\S*)?",
    re.I,
)
_CATEGORIES = re.compile(r"(?:categor(?:y|ies)|chuyen-?muc|danh-?muc)(?:[-_](?:list|menu|nav|tree|box)\S*)?", re.I)
_HEADLINE = 35
"""Letters of a link's words from which they are a headline rather than a category's name."""
"""A class or id of what holds a site's own links: not `entry-header`, nor Bootstrap's `page-header` of every item."""
_ITEM = frozenset(("hentry", "type-post"))


def article_id(url: str, portal: Portal) -> str | None:
    """Return the named group `id` of the row's `article` pattern; no id is guessed for a site of its own kind."""
    if portal.article is None:
        return None
    match = re.search(portal.article, url, re.IGNORECASE)
    return match.groupdict().get("id") if match else None


HIDES_IDS = True


def declared_id(page: bytes) -> str | None:
    """Return None: an unknown engine declares nothing."""
    return None


def is_no_article(page: bytes) -> bool:
    """Return False: an unknown engine's page is judged by its text."""
    return False


def start(portal: Portal) -> tuple[Ask, ...]:
    """Return the row's own listings, feeds and sitemaps, or else the home page with the usual addresses."""
    return standard(portal)


def standard(portal: Portal, *, services: tuple[Ask, ...] = ()) -> tuple[Ask, ...]:
    """Return what a crawl of any family begins with: the row's addresses, the family's services, else the home page."""
    root = portal.base_url + "/"
    asks = [Ask(urljoin(root, entry), "listing") for entry in portal.listings]
    asks += [Ask(urljoin(root, entry), "sitemap") for entry in portal.sitemaps]
    asks += [Ask(urljoin(root, entry), "feed") for entry in portal.feeds]
    if not portal.listings:
        asks.append(Ask(root, "home"))
    return (*asks, *services)


def read(page: Page, portal: Portal) -> Listing:
    """Read any listing, feed, sitemap or home page; a link that others lie under is a section, not an article."""
    above = _folders(page)
    return read_with(
        page, portal, lambda element, url: _path(url) not in above and looks_like_article(element, url, portal)
    )


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/").lower()


def _folders(page: Page) -> set[str]:
    """Return the paths under which several other links of the page lie."""
    if page.ask.kind in ("feed", "sitemap"):
        return set()
    counts = Counter(path.rpartition("/")[0] for path in {_path(url) for _, url in page.anchors})
    return {path for path, count in counts.items() if path and count >= 2}


def read_with(
    page: Page,
    portal: Portal,
    is_article: Callable[[HtmlElement | None, str], bool],
    native: Callable[[HtmlElement], str | None] = lambda element: None,
) -> Listing:
    """Read a reply whose article links `is_article(element, url)` tells; `element` is None for feeds and sitemaps.

    `native(element)` reads the CMS's id out of the markup around a link.
    """
    if page.ask.kind == "feed":
        found = feeds.feed(page)
        return Listing(tuple(link for link in found if portal.covers(link.url) and not NEVER.search(link.url)))
    if page.ask.kind == "sitemap":
        links, further = feeds.sitemap(page)
        kept = tuple(link for link in links if _wanted(link.url, portal) and is_article(None, link.url))
        return Listing(kept, more=tuple(ask for ask in further if portal.covers(ask.url)))
    wanted = {url for url in {url for _, url in page.anchors} if _wanted(url, portal)}
    inside = [(element, url) for element, url in page.anchors if url in wanted]
    articles = gather(page, [(element, url) for element, url in inside if is_article(element, url)], portal, native)
    more: list[Ask] = []
    if page.ask.kind == "home":
        own = {link.url for link in articles}
        more = [Ask(url, "listing") for url in sections(page, inside, portal) if url not in own]
        more += announced_feeds(page, portal)[:1]
    return Listing(articles, _following(page, portal), tuple(more))


def _following(page: Page, portal: Portal) -> tuple[Ask, ...]:
    return tuple(
        ask
        for ask in next_page(page)
        if ask.method == "POST" or (_wanted(ask.url, portal) and not CALENDAR.search(ask.url))
    )


def _wanted(url: str, portal: Portal) -> bool:
    return portal.covers(url) and not NEVER.search(url) and not any(re.search(entry, url) for entry in portal.deny)


def sections(page: Page, inside: list[tuple[HtmlElement, str]], portal: Portal) -> tuple[str, ...]:
    """Return the addresses that a home page's menus name: short words, inside the portal, no article."""
    found: dict[str, None] = {}
    above = _folders(page)
    home = portal.base_url.rstrip("/").lower()
    for element, url in inside:
        words = squash(element.text_content())
        path = urlsplit(url).path
        if not words or len(words) > 60 or url.rstrip("/").lower() == home or path.count("/") > 6:
            continue
        if CALENDAR.search(url) or _PAGED.search(url):
            continue
        if re.search(r"/(?:rss|feeds?|gioi-thieu|about|lien-ket|wp-json|api)(?:[/.?]|$)|/so-do[/.?-]", path, re.I):
            continue
        if (_in_menu(element) or _path(url) in above) and not _shows_id(url):
            found.setdefault(url)
    return tuple(found)


def _in_menu(element: HtmlElement) -> bool:
    for parent in element.iterancestors():
        if parent.tag in ("body", "main"):  # a body's class tells what the page has: `one-sidebar`
            return False
        if parent.tag in ("nav", "menu") or parent.get("role") in ("navigation", "menu", "menubar"):
            return True
        names = f"{parent.get('class') or ''} {parent.get('id') or ''}".split()
        if parent.tag == "article" or not _ITEM.isdisjoint(names):
            return False
        if any(_NAVIGATION.fullmatch(name) for name in names):
            return next(parent.iter("h1", "main", "article"), None) is None
        if any(_CATEGORIES.fullmatch(name) for name in names):
            return not _lists_articles(parent)
    return False


def _lists_articles(element: HtmlElement) -> bool:
    """Tell whether an element named for categories lists one's articles: headlines, with dates, pictures or cells."""
    lengths = [len(squash(link.text_content())) for link in islice(element.iter("a"), 40)]
    headlines = sum(length for length in lengths if length > _HEADLINE)
    marks = next(element.iter("table", "time", "img", "h2", "h3", "h4"), None) is not None
    return 2 * headlines >= sum(lengths) and (marks or DATE.search(squash(element.text_content())) is not None)


def announced_feeds(page: Page, portal: Portal) -> list[Ask]:
    """Return the feeds of `<link rel=alternate>`, comments' feeds apart."""
    asks = []
    for link in page.tree.iter("link") if page.tree is not None else ():
        if (link.get("type") or "").lower() in ("application/rss+xml", "application/atom+xml"):
            url = page.absolute(link.get("href") or "")
            if url and portal.covers(url) and not re.search(r"comment|binh-luan", url, re.I):
                asks.append(Ask(url, "feed"))
    return asks


def looks_like_article(element: HtmlElement | None, url: str, portal: Portal) -> bool:
    """Tell whether a link leads to an article: the row's pattern, an id or date in the address, a headline.

    Without an element (a sitemap's address) only the address speaks.
    """
    if portal.article is not None:
        return re.search(portal.article, url, re.IGNORECASE) is not None
    parts = urlsplit(url)
    if _NO_ARTICLE.search(f"{parts.path}{'?' + parts.query if parts.query else ''}"):
        return False
    if _shows_id(url):
        return True
    path = parts.path.rstrip("/")
    slug = re.sub(r"\.\w{3,5}$", "", path.rpartition("/")[2])
    words = len([word for word in re.split(r"[-_]", slug) if word])
    if element is None:
        return words >= _SLUG_WORDS + 1 or (words >= _SLUG_WORDS and path.count("/") >= 2)
    if _in_menu(element):
        return False
    shown = len(squash(element.text_content()))
    headline = in_heading(element) or shown >= 40
    return (shown >= 20 and (words >= _SLUG_WORDS or (headline and slug.isdigit()))) or (headline and len(slug) >= 12)


def _shows_id(url: str) -> bool:
    parts = urlsplit(url)
    if _ID_PATH.search(parts.path) or _DATED.search(parts.path):
        return True
    return any(_ID_QUERY.fullmatch(name) and re.search(r"\d", value) for name, value in parse_qsl(parts.query))


def in_heading(element: HtmlElement) -> bool:
    """Tell whether a link stands in a heading, or has one inside."""
    names = ("h1", "h2", "h3", "h4", "h5", "h6")
    return (
        any(parent.tag in names for parent in element.iterancestors()) or next(element.iter(*names), None) is not None
    )


def by_id(family_id: Callable[[str, Portal], str | None], portal: Portal) -> Callable[[HtmlElement | None, str], bool]:
    """Return the test for a CMS whose article addresses always carry their id."""
    return lambda _element, url: family_id(url, portal) is not None
