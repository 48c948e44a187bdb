"""`tintinh portals probe`: looks at an unknown portal as a polite stranger and proposes its registry row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from cleaning.decoding import decode
from cleaning.vietnamese import fold, squash
from scrapers import families
from scrapers.address import TRACKING
from scrapers.families.generic import announced_feeds
from scrapers.feeds import sitemaps_of_robots
from scrapers.listing import NEVER, Ask, Link, Listing, Page
from scrapers.portal import Portal, place
from scrapers.provinces import load_provinces
from scrapers.registry import Registry
from scrapers.signs import Guess, Reply, family_of, guesses
from scrapers.visit import Answer, Asking

LISTINGS = 12
"""Sections of a home page that are looked at."""

ENOUGH = 3
"""Articles that make a page a listing."""

SURE = 4
"""Weight of signs under which an article is looked at too."""

_NEWS = re.compile(
    r"tin-?(?:tuc|moi|hoat|noi|chi)|su-?kien|news|hoat-?dong|thoi-?su|thong-?bao|bai-?viet|article", re.I
)
_NO_NEWS = re.compile(
    r"lich-?(?:hop|cong|tiep|lam)|calendar|van-?ban|thu-?tuc|hoi-?dap|gop-?y|lien-he|gioi-?thieu|so-do|album|video|/hinh-?anh"
    r"|download|\.(?:pdf|docx?|xml)$",
    re.I,
)
_REFRESH = re.compile(rb"""http-equiv\s*=\s*["']?refresh[^>]*?url\s*=\s*['"]?([^"'>\s]+)""", re.IGNORECASE)
_SITE_NAME = re.compile(r"""<meta\b(?=[^>]*\bog:site_name)[^>]*?\bcontent\s*=\s*["']([^"']+)""", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>([^<]+)", re.IGNORECASE)
_LEVELS = (
    (r"^(?:uy ban nhan dan |ubnd )?(?:xa|phuong|thi tran)\b", "commune"),
    (r"\b(?:tinh uy|thanh uy|dang bo|tuyen giao|ban to chuc)\b", "party"),
    (r"\b(?:hdnd|hoi dong nhan dan|dai bieu quoc hoi)\b", "assembly"),
    (r"\b(?:tinh doan|doan thanh nien|doan khoi)\b", "youth-union"),
    (r"\bhoi lien hiep phu nu\b", "women-union"),
    (r"\b(?:mat tran|mttq)\b", "front"),
    (r"\bcong an\b", "police"),
    (r"\bbenh vien\b", "hospital"),
    (r"^(?:so|ban quan ly|chi cuc|van phong)\b", "department"),
    (r"^trung tam\b", "centre"),
    (r"\bcong thong tin dien tu (?:tinh|thanh pho)\b", "province"),
    (r"\b(?:huyen|thi xa)\b", "district"),
)


@dataclass
class Section:
    """One listing that was looked at: how many articles it showed, how many of them with a date, whether it pages."""

    path: str
    articles: int
    dated: int
    pages: bool


@dataclass
class Probed:
    """What a probe found. `cause` is set where it could go no further."""

    url: str
    base_url: str
    robots: str = ""
    guess: Guess = field(default_factory=lambda: Guess("generic", 0, ()))
    others: tuple[Guess, ...] = ()
    listings: list[Section] = field(default_factory=list)
    feeds: list[tuple[str, int]] = field(default_factory=list)
    sitemaps: list[tuple[str, int]] = field(default_factory=list)
    articles: list[Link] = field(default_factory=list)
    name: str = ""
    notes: list[str] = field(default_factory=list)
    cause: str | None = None
    known: str | None = None

    def portal(self, name: str) -> Portal:
        """Return the provisional row that the rest of a visit works with."""
        return Portal(
            id=name,
            name=self.name or name,
            family=self.guess.family,
            base_url=self.base_url,
            province="",
            listings=tuple(section.path for section in self.listings),
        )


@dataclass
class _Look:
    """One page of the visit, kept so that it can be read again when the family becomes clear."""

    asked: Ask
    answer: Answer
    text: str

    def read(self, portal: Portal) -> Listing:
        return families.load(portal.family).read(Page(self.asked, self.answer.url, self.text), portal)

    @property
    def reply(self) -> Reply:
        return Reply(self.answer.url, self.answer.headers, self.answer.body)


async def probe(ask: Asking, url: str, rows: Registry | None = None) -> Probed:
    """Visit a portal: robots.txt, home page, some sections, an article where signs are few, feed and sitemap."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    found = Probed(url=url, base_url=url.rstrip("/"))
    robots = await ask(root + "/robots.txt")
    found.robots = _robots(robots)
    if robots.cause is not None and robots.status not in (401, 403, 404, 410):
        found.cause = f"{robots.cause}: {robots.message}"
        return found
    answer = await _home(ask, found)
    if found.cause is not None:
        return found
    home = _Look(Ask(answer.url, "home"), answer, _text(answer))
    looks = [home]
    found.name = _name_of(home.text)
    found.guess = family_of([home.reply])
    asks = _candidates(home, found.portal("probe"))
    for asked in asks[:LISTINGS]:
        await _look(ask, asked, looks)
    if asks[LISTINGS:]:
        found.notes.append(
            f"{len(asks) - LISTINGS} more sections were not looked at; without listings all are followed"
        )
    found.guess = family_of(look.reply for look in looks)
    links = _links(looks, found.portal("probe"))
    if links and found.guess.weight < SURE:
        await _look(ask, Ask(links[0].fetch or links[0].url, "home"), looks)
        found.guess = family_of(look.reply for look in looks)
    portal = found.portal("probe")
    found.listings = _sections(looks, portal)
    found.articles = _links([*looks[1:], home], portal)
    await _feeds_and_sitemaps(ask, found, portal, Page(home.asked, home.answer.url, home.text), robots)
    found.others = tuple(
        guess for guess in guesses(look.reply for look in looks) if guess.family != found.guess.family
    )  # fmt: skip
    known = rows.find(found.base_url) if rows is not None else None
    found.known = known.id if known is not None else None
    return found


async def _home(ask: Asking, found: Probed) -> Answer:
    home = await ask(found.base_url + "/")
    if home.ok and len(home.body) < 5000 and (moved := _REFRESH.search(home.body)):
        home = await ask(urljoin(home.url, moved[1].decode("utf-8", "replace")))
    if not home.ok:
        found.cause = f"{home.cause or 'empty'}: {home.message or f'the home page answers {home.status}'}"
    elif place(home.url)[0] != place(found.base_url)[0]:
        parts = urlsplit(home.url)
        found.notes.append(f"{found.base_url} leads to {home.url}: the portal has moved")
        found.base_url = f"{parts.scheme}://{parts.netloc}"
    return home


async def _look(ask: Asking, asked: Ask, looks: list[_Look]) -> None:
    answer = await ask(asked)
    if answer.ok and answer.url not in {look.answer.url for look in looks}:
        looks.append(_Look(asked, answer, _text(answer)))


def _candidates(home: _Look, portal: Portal) -> list[Ask]:
    """Return the sections to look at: what the family's menus and services name, and links that say news."""
    page = Page(home.asked, home.answer.url, home.text)
    named = [more for more in home.read(portal).more if more.kind in ("listing", "service")]
    family = families.load(portal.family)
    named += [
        Ask(url, "listing")
        for element, url in page.anchors
        if portal.covers(url) and not NEVER.search(url) and family.article_id(url, portal) is None
        and _NEWS.search(fold(squash(element.text_content()))[:60].replace(" ", "-"))
    ]  # fmt: skip
    unique = {f"{more.method} {more.url} {more.body}": more for more in reversed(named)}
    asks = [more for more in reversed(unique.values()) if not _NO_NEWS.search(urlsplit(more.url).path)]
    return sorted(asks, key=lambda more: (more.kind != "service", not _NEWS.search(urlsplit(more.url).path)))


def _sections(looks: list[_Look], portal: Portal) -> list[Section]:
    """Return the pages that are listings: those that page on, or else those with articles the home page lacks."""
    seen = {link.url for link in looks[0].read(portal).articles}
    sections: list[Section] = []
    for look in looks[1:]:
        listing = look.read(portal)
        fresh = {link.url for link in listing.articles} - seen
        if look.asked.kind != "listing" or len(listing.articles) < ENOUGH or not (fresh or listing.next):
            continue
        seen |= fresh
        dated = sum(link.published is not None for link in listing.articles)
        sections.append(Section(_path(look.asked.url, portal), len(listing.articles), dated, bool(listing.next)))
    paging = [section for section in sections if section.pages]
    return paging or sections


def _links(looks: list[_Look], portal: Portal) -> list[Link]:
    links: dict[str, Link] = {}
    for look in looks:
        for link in look.read(portal).articles:
            links.setdefault(link.url, link)
    return list(links.values())


async def _feeds_and_sitemaps(ask: Asking, found: Probed, portal: Portal, home: Page, robots: Answer) -> None:
    family = families.load(portal.family)
    for feed in announced_feeds(home, portal)[:1]:
        answer = await ask(feed)
        if answer.ok:
            items = family.read(Page(feed, answer.url, _text(answer)), portal).articles
            found.feeds.append((_path(feed.url, portal), len(items)))
    root = urljoin(portal.base_url, "/")
    named = (
        sitemaps_of_robots(_text(robots), Page(Ask(root + "robots.txt"), root + "robots.txt", "")) if robots.ok else ()
    )
    for url in (named or (root + "sitemap.xml",))[:1]:
        asked = Ask(url, "sitemap")
        answer = await ask(asked)
        if not answer.ok or not portal.covers(answer.url):
            continue
        listing = family.read(Page(asked, answer.url, _text(answer)), portal)
        if listing.more and not listing.articles:
            asked = listing.more[0]
            answer = await ask(asked)
            listing = family.read(Page(asked, answer.url, _text(answer)), portal)
        if listing.articles:
            found.sitemaps.append((_path(asked.url, portal), len(listing.articles)))


def row(found: Probed) -> str:
    """Return a registry row ready for `portals add`, with what the probe could only guess marked as such."""
    host = place(found.base_url)[0]
    unit = next((unit for unit in load_provinces() if unit.domain and _below(host, unit.domain)), None)
    lines = [
        f"[{_id_of(host)}]",
        f"name = {_quoted(found.name or host)}",
        f'level = "{_level(found.name, host, unit.domain if unit else None)}"  # a guess from its name',
        f'family = "{found.guess.family}"',
        f'base_url = "{found.base_url}"',
    ]
    if unit is not None and unit.domain:
        lines.append(f'platform = "{unit.domain.partition(".")[0]}"')
    if found.listings:
        lines.append("listings = [" + ", ".join(_quoted(section.path) for section in found.listings) + "]")
    if found.feeds and found.guess.family != "nukeviet":  # its feeds' dates are wrong
        lines.append("feeds = [" + ", ".join(_quoted(path) for path, _ in found.feeds) + "]")
    if found.sitemaps:
        lines.append("sitemaps = [" + ", ".join(_quoted(path) for path, _ in found.sitemaps) + "]")
    lines.append(
        f'province = "{unit.name}"  # from its domain' if unit else 'province = "?"  # say which, as of its time'
    )
    if unit is not None and unit.valid_to and load_provinces().now(unit).domain != unit.domain:
        lines.append(f"valid_to = {unit.valid_to}  # the province ended; take it out if the office did not")
    evidence = "; ".join(found.guess.reasons) or "no sign of a known CMS"
    lines.append(f"evidence = {_quoted('probed: ' + evidence)}")
    return "\n".join(lines) + "\n"


def as_json(found: Probed) -> dict[str, Any]:
    """Return what a program wants of a probe."""
    return {
        "url": found.url,
        "base_url": found.base_url,
        "cause": found.cause,
        "robots": found.robots,
        "family": found.guess.family,
        "reasons": list(found.guess.reasons),
        "others": [{"family": guess.family, "reasons": list(guess.reasons)} for guess in found.others],
        "listings": [vars(section) for section in found.listings],
        "feeds": [{"path": path, "items": items} for path, items in found.feeds],
        "sitemaps": [{"path": path, "articles": items} for path, items in found.sitemaps],
        "articles": [link.url for link in found.articles],
        "notes": found.notes,
        "registered_as": found.known,
        "row": None if found.cause else row(found),
    }


def told(found: Probed) -> str:
    """Return what a person reads: the findings, then the row."""
    lines = [f"# {found.url}", f"# robots.txt: {found.robots}"]
    if found.cause:
        return "\n".join([*lines, f"# cannot be read: {found.cause}"])
    why = "; ".join(found.guess.reasons) or "no sign of a known CMS; links are told by their shape"
    lines.append(f"# family: {found.guess.family} ({why})")
    lines += [f"#   also possible: {guess.family} ({'; '.join(guess.reasons)})" for guess in found.others]
    for section in found.listings:
        paging = "pages on" if section.pages else "no next page seen"
        lines.append(f"# listing {section.path}: {section.articles} articles, {section.dated} with a date, {paging}")
    if not found.listings:
        lines.append(f"# no listing found; the home page shows {len(found.articles)} articles")
    lines += [f"# feed {path}: {items} items" for path, items in found.feeds]
    lines += [f"# sitemap {path}: {items} articles" for path, items in found.sitemaps]
    lines += [f"# {note}" for note in found.notes]
    if found.known:
        lines.append(f"# already in the registry as {found.known}; `tintinh portals show {found.known}`")
    return "\n".join([*lines, "", row(found)])


def _robots(answer: Answer) -> str:
    if answer.ok:
        text = answer.body.decode("utf-8", "replace")
        rules = len(re.findall(r"(?im)^\s*disallow:\s*\S", text))
        delay = re.search(r"(?im)^\s*crawl-delay:\s*(\S+)", text)
        return f"{rules} rules" + (f", asks for {delay[1]} s between requests" if delay else "")
    if answer.status in (404, 410):
        return "none"
    return answer.message or f"answers {answer.status}"


def _text(answer: Answer) -> str:
    kind = next((value for name, value in answer.headers if name.lower() == "content-type"), None)
    return decode(answer.body, kind).text


def _path(url: str, portal: Portal) -> str:
    """Return an address as a row says it: a path of the portal's own host, without the state of a session."""
    if place(url)[0] != portal.host:
        return url
    parts = urlsplit(url)
    query = "&".join(each for each in parts.query.split("&") if each and not TRACKING.fullmatch(each.partition("=")[0]))
    return (parts.path or "/") + (f"?{query}" if query else "")


def _name_of(text: str) -> str:
    match = _SITE_NAME.search(text) or _TITLE.search(text)
    name = squash(match[1]) if match else ""
    parts = [part for part in re.split(r"\s+[-–|»:]\s+", name) if fold(part) not in ("trang chu", "home", "trang nhat")]
    return max(parts, key=len, default="")


def _level(name: str, host: str, domain: str | None) -> str:
    if domain is not None and host == domain:
        return "province"
    return next((level for pattern, level in _LEVELS if re.search(pattern, fold(name))), "other")


def _below(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)


def _id_of(host: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", host.removesuffix(".gov.vn").removesuffix(".vn").lower()).strip("_")
    return name if name[:1].isalpha() else f"host_{name}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
