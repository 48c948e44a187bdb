"""Joomla 1.5 to 5: `/<menu>/<id>-<slug>[.html]`, `?option=com_content&view=article&id=<id>:<slug>`, `?start=N`.

Category addresses look the same (`/<menu>/<id>-<category>`), so where a link stands decides: in an item of a blog or
the title column of a list. With "remove IDs" the address shows none and the path is the key.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from lxml.html import HtmlElement

from scrapers.families import generic
from scrapers.families.generic import declared_id
from scrapers.listing import Ask, Listing, Page
from scrapers.portal import Portal

_SEF = re.compile(r"/(\d+)(?:-|:)[^/]+?(?:\.html?)?/?$")
_ITEM = re.compile(
    r"(?:^|\s)(?:item-title|list-title|page-header|items?-(?:row|leading|more|content)|blog-items?|item|leading-\d+"
    r"|readmore|contentheading|latestnews|mod-articles\w*|category-module|newsflash[\w-]*|mod-list|tag-category)(?:\s|$)",
    re.IGNORECASE,
)
_NOT_ITEM = re.compile(
    r"(?:^|\s)(?:cat-children|subcategor(?:y|ies)|com-content-category\w*__children|categories-list|breadcrumb"
    r"|mod-breadcrumbs|pagination|(?:mod-)?menu|article-info|tags?)(?:\s|$)",
    re.IGNORECASE,
)


HIDES_IDS = True

__all__ = ["HIDES_IDS", "article_id", "declared_id", "is_no_article", "read", "start"]

_OTHER_PAGE = re.compile(
    rb"""<body[^>]*class=["'][^"']*(?<![\w-])view-(?:category|categories|featured|form|login|search|tags?)(?![\w-])"""
)

_LATER_PART = re.compile(rb"pagenavcounter[^>]*>[^<\d]*(?!1(?!\d))\d")


def is_no_article(page: bytes) -> bool:
    """Tell whether the body's class names a category, the featured articles or a form.

    The second part of an article cut by page breaks (`?start=1`), and the further ones, are left out: they carry the
    article's id and would pass for edits of the first.
    """
    return _OTHER_PAGE.search(page, 0, 256_000) is not None or (
        b"pagenavcounter" in page and _LATER_PART.search(page) is not None
    )


def article_id(url: str, portal: Portal) -> str | None:
    """Return the article's number where the address says that it is an article's."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if query.get("view") == ["article"] and "id" in query:
        return query["id"][0].partition(":")[0] or None
    if "view" in query or "option" in query:
        return None
    match = _SEF.search(parts.path)
    return match.group(1) if match else None


def start(portal: Portal) -> tuple[Ask, ...]:
    """Begin with the row's listings, or the home page and its menus."""
    return generic.standard(portal)


def read(page: Page, portal: Portal) -> Listing:
    """Read a category as blog or list, the featured articles, a feed."""

    def is_article(element: HtmlElement | None, url: str) -> bool:
        if element is None:
            return article_id(url, portal) is not None or generic.looks_like_article(None, url, portal)
        if urlsplit(url).path in ("", "/"):
            return False
        return _listed(element)

    return generic.read_with(page, portal, is_article)


def _listed(element: HtmlElement) -> bool:
    inside = False
    for parent in element.iterancestors():
        names = parent.get("class") or ""
        if _NOT_ITEM.search(names):
            return False
        inside = inside or bool(_ITEM.search(names)) or (parent.get("itemprop") in ("blogPost", "itemListElement"))
    return inside and (generic.in_heading(element) or element.get("itemprop") == "url" or _titled(element))


def _titled(element: HtmlElement) -> bool:
    for depth, parent in enumerate(element.iterancestors()):
        if depth > 2:
            break
        if re.search(
            r"title|readmore|items-more|latestnews|mod-articles|newsflash|contentheading|category-module|mod-list",
            parent.get("class") or "",
            re.I,
        ):
            return True
    return "title" in (element.get("class") or "")
