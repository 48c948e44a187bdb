"""Drupal 7 to 11: `/node/<nid>` behind path aliases; listings are views paged by `?page=N`, counting from 0."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from lxml.html import HtmlElement

from scrapers.families import generic
from scrapers.listing import NEVER, Ask, Listing, Page
from scrapers.portal import Portal

_NODE = re.compile(r"(?:^|/)node/(\d+)/?$", re.IGNORECASE)
_LISTED = re.compile(
    r"(?:^|\s)(?:node(?:__|-|$|\s)|views-row|views-field-title|field--name-title|field-content|view-content)", re.I
)
_NOT_CONTENT = re.compile(
    r"/(?:user|comment|taxonomy|node/add|contact|search|filter|rss\.xml|admin)(?:/|$)", re.IGNORECASE
)


HIDES_IDS = True

_DECLARED = re.compile(
    rb"""rel=["']?shortlink["']?[^>]*/node/(\d+)|/node/(\d+)["'][^>]*rel=["']?shortlink|"currentPath"\s*:\s*"node\\?/(\d+)\""""
    rb"""|<body[^>]*[\s"']page-node-(\d+)""",
    re.IGNORECASE,
)
_OTHER_PAGE = re.compile(
    rb"""<body[^>]*class=["'][^"']*(?<![\w-])(?:path-(?:frontpage|taxonomy|user|search)|page-taxonomy|page-user|front|node-type-page|page-node-type-page)(?![\w-])"""
    rb"""|"currentPath"\s*:\s*"(?:taxonomy|user|search|contact)"""
)


def declared_id(page: bytes) -> str | None:
    """Return `node/<nid>` from the shortlink, the settings for scripts, or the body's class (Drupal 7)."""
    match = _DECLARED.search(page)
    return f"node/{next(group for group in match.groups() if group).decode()}" if match else None


def is_no_article(page: bytes) -> bool:
    """Tell whether the page says that it is a term, a user, the front page or a static page."""
    return _OTHER_PAGE.search(page) is not None


def article_id(url: str, portal: Portal) -> str | None:
    """Return `node/<nid>` of an address without alias."""
    parts = urlsplit(url)
    path = next((value for name, value in parse_qsl(parts.query) if name == "q"), parts.path)
    match = _NODE.search(path)
    return f"node/{match.group(1)}" if match else None


def start(portal: Portal) -> tuple[Ask, ...]:
    """Begin with the row's listings, or the front page, which is a paged listing of promoted nodes by default."""
    root = portal.base_url
    return generic.standard(
        portal,
        services=(Ask(root + "/rss.xml", "feed"), Ask(root + "/sitemap.xml", "sitemap")),
    )


def read(page: Page, portal: Portal) -> Listing:
    """Read a view, a taxonomy term or the front page."""

    def is_article(element: HtmlElement | None, url: str) -> bool:
        path = urlsplit(url).path
        if _NOT_CONTENT.search(path) or NEVER.search(url) or path in ("", "/"):
            return False
        if article_id(url, portal) is not None:
            return True
        if element is None:
            return generic.looks_like_article(None, url, portal)
        return _is_node_title(element, path)

    return generic.read_with(page, portal, is_article, _native)


def _native(element: HtmlElement) -> str | None:
    for parent in element.iterancestors():
        match = re.fullmatch(r"node-(\d+)", parent.get("id") or "")
        number = parent.get("data-history-node-id") or (match.group(1) if match else None)
        if number:
            return f"node/{number}"
        if parent.tag in ("body", "main"):
            return None
    return None


def _is_node_title(element: HtmlElement, path: str) -> bool:
    """Tell whether a link is a node's title or its read-more in a teaser or a row of a view."""
    inside = False
    for parent in element.iterancestors():
        names = parent.get("class") or ""
        about = parent.get("about") or parent.get("data-history-node-id")
        if about is not None and urlsplit(about).path == path:
            return True
        if _LISTED.search(names) and (generic.in_heading(element) or "title" in names or "readmore" in names):
            inside = True
        if re.search(r"(?:^|\s)(?:block-menu|menu|breadcrumb|field--name-field-tags|links--inline-tags)", names):
            return False
    return inside
