"""RSS, Atom and sitemaps as lists of links. Dates of feeds are handed on as printed, never believed here."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from cleaning.vietnamese import squash
from scrapers.listing import Ask, Link, Page


def feed(page: Page, native: Callable[[str], str | None] = lambda guid: None) -> tuple[Link, ...]:
    """Return the items of an RSS or Atom feed; `native(guid)` reads the CMS's id out of an item's guid."""
    links = []
    for item in _elements(page, "item", "entry"):
        url, title, published, guid = None, None, None, None
        for child in item:
            name = _name(child)
            if name == "link" and (child.get("rel") or "alternate") == "alternate":
                url = url or page.absolute(child.get("href") or child.text or "")
            elif name == "title":
                title = squash("".join(str(text) for text in child.itertext())) or None
            elif name in ("guid", "id"):
                guid = squash(child.text or "")
            elif name in ("pubdate", "published", "date"):
                published = published or squash(child.text or "") or None
        if url:
            links.append(Link(url, title, published, native=(native(guid) if guid else None)))
    return tuple(links)


def sitemap(page: Page) -> tuple[tuple[Link, ...], tuple[Ask, ...]]:
    """Return (links, further sitemaps) of a `urlset` or `sitemapindex`, or of a text file of addresses."""
    if "<" not in page.text[:1000]:
        lines = (page.absolute(line) for line in page.text.splitlines()[:50_000] if "://" in line)
        return tuple(Link(url) for url in lines if url), ()
    links, further = [], []
    for entry in _elements(page, "url", "sitemap"):
        loc, title, changed = None, None, None
        for child in entry.iter():
            name = _name(child)
            if name == "loc" and loc is None:
                loc = page.absolute(child.text or "")
            elif name == "title":
                title = squash(child.text or "") or None
            elif name in ("lastmod", "publication_date"):
                changed = squash(child.text or "") or changed
        if loc is None:
            continue
        if _name(entry) == "sitemap":
            further.append(Ask(loc, "sitemap", listing=page.ask.listing or page.ask.url, page=page.ask.page + 1))
        else:
            links.append(Link(loc, title, changed))
    return tuple(links), tuple(further)


def sitemaps_of_robots(text: str, page: Page) -> tuple[str, ...]:
    """Return the addresses of `Sitemap:` lines."""
    found = (page.absolute(entry) for entry in re.findall(r"(?im)^\s*sitemap:\s*(\S+)", text))
    return tuple(dict.fromkeys(url for url in found if url))


def _elements(page: Page, *names: str) -> list[etree._Element]:
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", page.text).strip()
    if not text:
        return []
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return []
    if root is None:
        return []
    return [element for element in root.iter() if _name(element) in names]


def _name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
