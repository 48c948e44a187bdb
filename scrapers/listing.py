"""Reading listings: pages, feeds and sitemaps become article links and further requests. Free of Scrapy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Literal
from urllib.parse import urlencode, urljoin, urlsplit

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from cleaning.vietnamese import squash
from scrapers.address import path_key
from scrapers.portal import Portal

Kind = Literal["home", "listing", "feed", "sitemap", "service"]

MAX_HTML = 3_000_000
"""Bytes of a listing that are parsed; more is a trap or a dump."""

MAX_LINKS = 3_000
"""Links of a page that are looked at; home pages have some hundred."""

DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}-\d{2}-\d{2})(?!\d)(?:[T ,|-]{0,4}\(?\d{1,2}[:hg]\d{2})?"
    r"|\d{1,2}:\d{2}[ ,|-]{1,4}(?:ngày )?\d{1,2}[/.-]\d{1,2}[/.-]\d{4}"
    r"|ngày \d{1,2} tháng \d{1,2},? năm \d{4}|\d{1,2} tháng \d{1,2},? (?:năm )?\d{4}",
    re.IGNORECASE,
)
DATE_TEXT = 48
"""A date beside a link stands in a text of at most this many characters; in longer ones it is prose."""

NEVER = re.compile(
    r"^(?!https?:)|nvvithemever|nv_redirect|replytocom|scaptcha|/(?:banners?|ads?)/click|adclick|hitcounter|/counter/"
    r"|[?&](?:theme|skin|template|themever|switch_?theme|device|mobile|like|vote|rating|rate|poll|lang_switch"
    r"|print|add-to-cart|attachment_id|s|q(?==(?!(?:[a-z]{2}/)?(?:node|taxonomy)))|keyword|search|tu-?khoa|filter\w*)="
    r"|[?&]tmpl=component"
    r"|/(?:wp-admin|wp-login\.php|admin|administrator|users?|login|logout|signin|signup|register|dang-nhap|dang-ky"
    r"|dang-xuat|search|tim-kiem|seek|sendmail|savefile|print|contact|lien-he|lienhe|cart|captcha|statistics|install|_layouts"
    r"|calendar|lich)(?:[/?.]|$)|print\.aspx|/c/portal/(?:login|logout|update_language|render_portlet)|p_p_state=(?:exclusive|pop_up)"
    r"|\.(?:jpe?g|png|gif|webp|svg|ico|bmp|tiff?|css|js|pdf|docx?|xlsx?|pptx?|zip|rar|7z|mp[34]|avi|flv|wmv|m4a|exe|apk|odt|txt)(?:$|\?)",
    re.IGNORECASE,
)
"""Links no crawl follows: theme switches, counters and votes, logins, searches, calendars, files, other schemes."""

CALENDAR = re.compile(
    r"[?&](?:month|year|ngay|thang|nam|date|day|from|to|tu-?ngay|den-?ngay)=|/(?:calendar|lich|events?|su-kien)/(?:19|20)\d\d",
    re.IGNORECASE,
)
"""Pages of a calendar: as listings they have no end, and show no article that no other listing shows."""

_NEXT_WORDS = re.compile(
    r"^(?:[›»>→]+|next|next (?:page|posts?)[ ›»→]*|(?:go to )?(?:the )?next page\b.*"
    r"|[«←‹ ]*older (?:posts|entries)[ ›»→]*|older[ ›»→]*"
    r"|(?:đến )?(?:trang )?(?:sau|tiếp(?: theo)?|kế(?: tiếp)?)[ ›»>→]*|(?:bài (?:viết )?)?cũ hơn[ ›»→]*"
    r"|xem tiếp[ ›»→]*)$",
    re.IGNORECASE,
)
_NEXT_CLASS = re.compile(
    r"(?:^|[ _-])(?:next|nav-previous|previous-posts-link)(?:$|[ _-])|next-pages|query-pagination-next", re.IGNORECASE
)
_PAGER, _TRIES = 300, 20  # elements of what may be a pager that are looked at, and links of its number
_POSTBACK = re.compile(
    r"""__doPostBack\(\s*(?:&#39;|['"])(.*?)(?:&#39;|['"])\s*,\s*(?:&#39;|['"])(.*?)(?:&#39;|['"])\s*\)"""
)


@dataclass(frozen=True)
class Ask:
    """One request for links. `page` counts from 1 along one listing; `listing` names where that listing began.

    `memo` is the family's own note for the following pages, `found` marks what a page named and not the row,
    `sweep` what only a full walk asks; `otherwise` are asked only when this one fails.
    """

    url: str
    kind: Kind = "listing"
    method: Literal["GET", "POST"] = "GET"
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    page: int = 1
    listing: str = ""
    memo: str = ""
    found: bool = False
    sweep: bool = False
    otherwise: tuple[Ask, ...] = ()

    def next(self, url: str, *, body: str | None = None) -> Ask:
        """Return the request for the following page of the same listing."""
        return replace(
            self, url=url, page=self.page + 1, listing=self.listing or self.url,
            body=self.body if body is None else body,
        )  # fmt: skip


@dataclass(frozen=True)
class Link:
    """An article as a listing shows it: the address as given (absolute), and what stood beside it.

    `fetch` is the address that gives the text, where the article's own shows an empty shell; `native` the id that
    stood in the markup.
    """

    url: str
    title: str | None = None
    published: str | None = None
    fetch: str | None = None
    native: str | None = None


@dataclass(frozen=True)
class Listing:
    """What one reply held: articles in page order, the listing's next page, and other listings it names."""

    articles: tuple[Link, ...] = ()
    next: tuple[Ask, ...] = ()
    more: tuple[Ask, ...] = ()


_BREAKS = re.compile(r"[\t\r\n]")
_FROM_ROOT = re.compile(r"/(?![/.])(?:[^/.\\]|\.(?!/|\.|$)|/(?![/.]))*$")


@dataclass(frozen=True)
class Page:
    """One reply, decoded: `url` is where it came from, `ask` what was asked."""

    ask: Ask
    url: str
    text: str
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def tree(self) -> HtmlElement | None:
        """The parsed HTML, or None where there is nothing to parse."""
        text = re.sub(r"^\s*<\?xml[^>]*\?>", "", self.text[:MAX_HTML])
        if not text.strip():
            return None
        try:
            return lxml.html.document_fromstring(text.replace("\x00", ""))
        except (etree.ParserError, ValueError):
            return None

    @cached_property
    def base(self) -> str:
        """The address that relative links start from."""
        if self.ask.kind in ("feed", "sitemap") or "<base" not in self.text[:100_000].lower() or self.tree is None:
            return self.url
        base = next((element.get("href") for element in self.tree.iter("base") if element.get("href")), "")
        return str(urljoin(self.url, base or ""))

    @cached_property
    def _origin(self) -> str:
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}"

    def absolute(self, href: str) -> str | None:
        """Return a link's address as given, made absolute, without fragment; None for what is no link to fetch."""
        href = _BREAKS.sub("", href).strip()
        if not href or href.startswith("#"):
            return None
        if _FROM_ROOT.match(href):  # what nearly all links of a menu are, without the cost of urljoin
            return self._origin + href.partition("#")[0]
        try:
            url = urljoin(self.base, href)
            parts = urlsplit(url)
            _ = parts.port
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or not parts.netloc:
            return None
        return url.partition("#")[0]

    @cached_property
    def anchors(self) -> tuple[tuple[HtmlElement, str], ...]:
        """The link elements with their absolute addresses, in page order."""
        if self.tree is None:
            return ()
        found = ((element, element.get("href")) for element in islice(self.tree.iter("a", "area"), MAX_LINKS))
        links = ((element, self.absolute(href)) for element, href in found if href)
        return tuple((element, url) for element, url in links if url is not None)


def gather(
    page: Page,
    anchors: Iterable[tuple[HtmlElement, str]],
    portal: Portal,
    native: Callable[[HtmlElement], str | None] = lambda element: None,
) -> tuple[Link, ...]:
    """Make links of article anchors: one an article, with the longest words and the date printed beside it."""
    chosen: dict[str, list[tuple[HtmlElement, str]]] = {}
    for element, url in anchors:
        chosen.setdefault(path_key(url, portal), []).append((element, url))
    every = {id(element) for found in chosen.values() for element, _ in found}
    links = []
    for found in chosen.values():
        url, elements = found[0][1], [element for element, _ in found]
        texts = [squash(element.text_content()) or squash(element.get("title") or "") for element in elements]
        ids = (native(element) for element in elements)
        links.append(
            Link(
                url,
                max(texts, key=len) or None,
                _date_beside(elements[0], elements, every),
                native=next((entry for entry in ids if entry), None),
            )
        )
    return tuple(links)


def _date_beside(element: HtmlElement, own: list[HtmlElement], every: set[int]) -> str | None:
    mine = {id(entry) for entry in own}
    item: HtmlElement = element
    for parent in element.iterancestors():
        if parent.tag in ("body", "html") or any(id(a) in every and id(a) not in mine for a in parent.iter("a")):
            break
        item = parent
    for entry in item.iter("time"):
        moment = entry.get("datetime")
        if moment and DATE.search(moment):
            return str(moment)
    for text in item.itertext():
        words = squash(str(text))
        if len(words) <= DATE_TEXT and (found := DATE.search(words)):
            return found.group(0) if len(words) > DATE_TEXT // 2 else words
    return None


def next_page(page: Page, *, anchors: Iterable[tuple[HtmlElement, str]] | None = None) -> tuple[Ask, ...]:
    """Find the request for the following page by what pagers have in common.

    In this order: `rel=next`, the number after this page's own, a class that says next, a word that says next;
    also as `__doPostBack`, which becomes the form's POST.
    """
    if page.tree is None:
        return ()
    for link in page.tree.iter("link"):
        if "next" in (link.get("rel") or "").lower().split() and (url := page.absolute(link.get("href") or "")):
            return (page.ask.next(url),)
    number = re.compile(rf"(?:(?:page|trang)\s*)?{page.ask.page + 1}", re.IGNORECASE)
    found: dict[int, HtmlElement] = {}
    tries = 0
    for element in islice(page.tree.iter("a"), MAX_LINKS):
        href = element.get("href")
        if not href or href == "#":
            continue
        words = squash(element.text_content())
        parent = element.getparent()
        names = f"{element.get('class') or ''} {parent.get('class') or '' if parent is not None else ''}"
        if "next" in (element.get("rel") or "").lower().split():
            rank = 0
        elif 1 not in found and tries < _TRIES and number.fullmatch(words) and _in_pager(element):
            rank = 1
        elif names != " " and _NEXT_CLASS.search(names):
            rank = 2
        elif _NEXT_WORDS.match(words) or (
            len(words) < 4 and _NEXT_WORDS.match(squash(element.get("title") or element.get("aria-label") or ""))
        ):
            rank = 3
        else:
            tries += number.fullmatch(words) is not None
            continue
        found.setdefault(rank, element)
    for rank in sorted(found):
        element = found[rank]
        href = element.get("href") or ""
        ask = postback(page, href) if "__doPostBack" in href else None
        if ask is not None:
            return (ask,)
        url = page.absolute(href)
        if url is not None and url != page.url and not _goes_back(page.url, url):
            return (page.ask.next(url),)
    return ()


def _in_pager(element: HtmlElement) -> bool:
    for _, parent in zip(range(5), element.iterancestors(), strict=False):
        if re.search(
            r"pag(?:er|ing|ination|e-?nav)|phan-?trang", f"{parent.get('class')} {parent.get('id')}", re.IGNORECASE
        ):
            return True
        leaves = (entry for entry in islice(parent.iter(), _PAGER) if isinstance(entry.tag, str) and not len(entry))
        if sum(squash(entry.text or "").isdigit() for entry in leaves) >= 2:
            return True
    return False


def _goes_back(here: str, there: str) -> bool:
    """Tell whether both addresses differ in one number only, and the other's is smaller."""
    mine, other = re.split(r"(\d+)", here), re.split(r"(\d+)", there)
    if len(mine) != len(other):
        return False
    differing = [(a, b) for a, b in zip(mine, other, strict=True) if a != b]
    return (
        len(differing) == 1
        and all(part.isdigit() for part in differing[0])
        and int(differing[0][1]) < int(differing[0][0])
    )


def postback(page: Page, href: str) -> Ask | None:
    """Turn a `__doPostBack` link into the POST the browser would send: the form's fields and the event's target."""
    match = _POSTBACK.search(href)
    if match is None or page.tree is None:
        return None
    form = next((entry for entry in page.tree.iter("form") if entry.xpath(".//input[@name='__VIEWSTATE']")), None)
    if form is None:
        return None
    fields: dict[str, str] = {}
    for entry in form.iter("input", "select", "textarea"):
        name, kind = entry.get("name"), (entry.get("type") or "text").lower()
        if not name or kind in ("submit", "image", "button", "file", "reset"):
            continue
        if kind in ("checkbox", "radio") and entry.get("checked") is None:
            continue
        value = entry.value if entry.tag != "input" else entry.get("value")
        fields[name] = str(value or "")
    fields["__EVENTTARGET"], fields["__EVENTARGUMENT"] = match.group(1), match.group(2)
    return replace(
        page.ask.next(page.absolute(form.get("action") or "") or page.url, body=urlencode(fields)),
        method="POST",
        headers=(("Content-Type", "application/x-www-form-urlencoded"),),
    )
