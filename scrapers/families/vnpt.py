"""VNPT Portal: `/<category>/<slug>-<number>`; page 2 and on come as fragments from a POST to a page method.

The listing's own script names the method, its parameters and `maxPage = parseInt(N)`; they are read from there, since
they differ from site to site (category, site and page size are numbers of the site).
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from urllib.parse import urlencode, urljoin, urlsplit

from scrapers.families import generic
from scrapers.families.generic import declared_id, is_no_article
from scrapers.listing import Ask, Listing, Page
from scrapers.portal import Portal

__all__ = ["HIDES_IDS", "article_id", "declared_id", "is_no_article", "read", "start"]

HIDES_IDS = False

_ARTICLE = re.compile(r"/[^/]*[a-z][^/]*-(\d{3,})/?$", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_METHOD = re.compile(
    r"""["']([^"'\s]*?\.(?:aspx|asmx|ashx)/\w*(?:Load|Get)\w*|[^"'\s]*?Pagination\.aspx/\w+)["']""", re.IGNORECASE
)
_VARIABLE = re.compile(
    r"""(?:\bvar|\blet|\bconst|[,;{\s])\s*(\w+)\s*[=:]\s*(?:parseInt\(\s*["']?)?("[^"\n]*"|'[^'\n]*'|-?\d+|true|false)"""
)
_DATA = re.compile(r"\bdata\s*:\s*(?:JSON\.stringify\s*\(\s*)?\{([^{}]*)\}", re.IGNORECASE)
_PAIR = re.compile(r"""["']?(\w+)["']?\s*:\s*("[^"]*"|'[^']*'|[\w.$]+)""")
_PAGE_NAME = re.compile(r"^(?:current_?)?page_?(?:index|number|num|no)?$|^pageindex$|^trang$", re.IGNORECASE)
_MAX = re.compile(r"max_?page\s*=\s*(?:parseInt\(\s*)?[\"']?(\d+)", re.IGNORECASE)


def article_id(url: str, portal: Portal) -> str | None:
    """Return the trailing number of an article's address; a lone year at the end of a slug is none."""
    match = _ARTICLE.search(urlsplit(url).path)
    return match.group(1) if match and not _YEAR.fullmatch(match.group(1)) else None


def start(portal: Portal) -> tuple[Ask, ...]:
    """Begin with the row's categories, or the home page's menus."""
    return generic.standard(portal)


def read(page: Page, portal: Portal) -> Listing:
    """Read a category page or one of the fragments that follow it."""
    if page.ask.method == "POST":
        fragment = replace(page, text=_unwrapped(page.text))
        found = generic.read_with(fragment, portal, generic.by_id(article_id, portal))
        return Listing(found.articles, _following(page.ask) if found.articles else ())
    found = generic.read_with(page, portal, generic.by_id(article_id, portal))
    first = _first_fragment(page)
    return replace(found, next=(first,) if first is not None else found.next)


def _unwrapped(text: str) -> str:
    """Return the fragment inside a page method's `{"d": "<html>"}`, or the text itself."""
    try:
        reply = json.loads(text)
    except ValueError:
        return text
    while isinstance(reply, dict):
        reply = next((reply[name] for name in ("d", "html", "Html", "data", "Data") if name in reply), "")
    return reply if isinstance(reply, str) else ""


def _first_fragment(page: Page) -> Ask | None:
    """Return the request for page 2 that the page's script would send, or None where it names no method."""
    method = _METHOD.search(page.text)
    if method is None:
        return None
    last = _MAX.search(page.text)
    if last and int(last.group(1)) < 2:
        return None
    variables = {name: _literal(value) for name, value in _VARIABLE.findall(page.text)}
    near = page.text[max(0, method.start() - 2000) : method.end() + 4000]
    data = _DATA.search(near)
    pairs = _PAIR.findall(data.group(1)) if data else [(name, name) for name in variables if name in _USUAL]
    fields: dict[str, object] = {}
    for name, value in pairs:
        fields[name] = variables.get(value, value) if re.fullmatch(r"[A-Za-z_$][\w.$]*", value) else _literal(value)
    paged = next((name for name in fields if _PAGE_NAME.match(name)), "page")
    fields[paged] = 2
    cap = int(last.group(1)) if last else 0
    as_json = "application/json" in near or "JSON.stringify" in near
    kind = "application/json; charset=utf-8" if as_json else "application/x-www-form-urlencoded; charset=UTF-8"
    memo = json.dumps({"page": paged, "last": cap, "json": as_json, "fields": fields})
    return replace(
        page.ask.next(urljoin(page.url, method.group(1)), body=_packed(fields, as_json)),
        method="POST",
        headers=(("Content-Type", kind), ("X-Requested-With", "XMLHttpRequest")),
        memo=memo,
    )


def _packed(fields: dict[str, object], as_json: bool) -> str:
    return json.dumps(fields, ensure_ascii=False) if as_json else urlencode(fields)


_USUAL = {"article_category_id", "categoryIds", "site_id", "page_size", "show_view_count", "show_post_date"}


def _following(ask: Ask) -> tuple[Ask, ...]:
    memo = json.loads(ask.memo)
    if memo["last"] and ask.page >= memo["last"]:
        return ()
    fields = {**memo["fields"], memo["page"]: ask.page + 1}
    return (ask.next(ask.url, body=_packed(fields, memo["json"])),)


def _literal(value: str) -> object:
    if value[:1] in "\"'":
        return value[1:-1]
    if value in ("true", "false"):
        return value == "true"
    return int(value) if re.fullmatch(r"-?\d+", value) else value
