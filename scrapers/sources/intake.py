"""Decides what a found reply is (whose, which article, or no article at all) and hands it to the archive.

The rule is one for every source. An address that is a copy of an article (print, download) names it and is not
stored. Where every article's address carries the CMS's own id, one without is no article. Elsewhere the page decides:
by what the CMS says of it (its id, or that it is a category), else by whether cleaning finds prose under a title.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import unquote

from archive import clock
from archive.capture import Capture
from archive.store import Store
from scrapers import families
from scrapers.families.generic import looks_like_article
from scrapers.identity import identify, is_no_article
from scrapers.listing import NEVER, Link
from scrapers.portal import Portal
from scrapers.sources.found import Found
from scrapers.sources.pages import is_article, is_page


@dataclass
class Tally:
    """What one source came to: how many replies, which articles, and why the rest is none."""

    replies: int = 0
    articles: set[str] = field(default_factory=set)
    outcomes: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Take another source's figures in."""
        self.replies += other.replies
        self.articles |= other.articles
        self.outcomes += other.outcomes
        self.flagged += other.flagged
        self.left += other.left


class Intake:
    """Takes found replies into one store.

    `redirects` maps an address to where it led: the addresses that lead to an article become its aliases. `texts`
    maps the address of a service's reply to the article whose text it is, where the article's own page is a shell.
    `site_names` are what the front pages at hand call themselves: no article is titled so.
    """

    def __init__(
        self,
        store: Store,
        redirects: dict[str, str] | None = None,
        texts: dict[str, Link] | None = None,
        site_names: Collection[str] = (),
    ) -> None:
        self._store = store
        self._site_names = site_names
        self._texts = texts or {}
        self._leads_here: dict[str, list[str]] = {}
        for start in redirects or {}:
            end = follow(start, redirects or {})
            if end != start:
                self._leads_here.setdefault(end, []).append(start)

    def take(self, found: Found, portal: Portal | None, tally: Tally) -> None:
        """Store the reply if it is an article of `portal` (None: of no portal at hand); count it either way."""
        tally.replies += 1
        why_not = self._store_article(found, portal, tally)
        if why_not:
            tally.left[why_not] += 1

    def _store_article(self, found: Found, portal: Portal | None, tally: Tally) -> str | None:
        if found.portal and found.key:
            return self._keep(found, found.portal, found.key, found.canonical or found.url or "", tally)
        if found.status == 0:
            return found.flags[0] if found.flags else "no reply"
        if portal is None:
            return "of another host"
        if 300 <= found.status < 400:
            return "redirect"
        if found.status != 200:
            return f"status {found.status}"
        if found.url is not None and (article := self._texts.get(unquote(found.url))) is not None:
            identity = identify(article.url, portal)
            if identity is not None:
                listed = replace(found, listed_published=article.published)
                return self._keep(listed, portal.id, identity.key, identity.canonical, tally)
        if not is_page(found):
            return "no page"
        if found.url is None:
            digest = hashlib.sha256(found.body).hexdigest()
            urn = f"urn:sha256:{digest}"
            return self._judge(found, portal) or self._keep(found, portal.id, urn[4:], urn, tally)
        identity = identify(found.url, portal, page=found.body)
        if identity is None:
            return "of another host"
        if identity.copy:
            return "copy of an article"
        if is_no_article(found.body, portal):
            return "no article by its own word"
        if identity.native:
            return self._keep(found, portal.id, identity.key, identity.canonical, tally)
        if not families.load(portal.family).HIDES_IDS:
            return "no article's address"
        if NEVER.search(found.url):
            return "search, login or the like"
        return self._judge(found, portal) or self._keep(found, portal.id, identity.key, identity.canonical, tally)

    def _judge(self, found: Found, portal: Portal) -> str | None:
        """Return why a page whose identity says nothing is no article, or None."""
        record = self._store.rules.clean(
            found.body,
            url=found.url,
            content_type=_content_type(found),
            fetched_at=found.fetched_at or clock.now(),
        )
        if not is_article(record, found, self._site_names):
            return "no article on the page"
        addressed = found.chosen or found.url is None or looks_like_article(None, found.url, portal)
        return None if addressed or record.published is not None else "neither a date nor an article's address"

    def _keep(self, found: Found, portal: str, key: str, canonical: str, tally: Tally) -> str | None:
        """Hand the reply to the store; return None, because nothing speaks against it."""
        address = found.url or canonical
        capture = Capture(
            portal=portal,
            key=key,
            url=address,
            status=found.status,
            headers=found.headers,
            body=found.body,
            fetched_at=_when(found),
            source=found.origin,
            canonical=canonical,
            aliases=(*found.aliases, *self._leads_here.get(found.url or "", ())),
            final_url=found.final_url,
            listed_published=found.listed_published,
            tls_verified=found.tls_verified,
            ip=found.ip,
            flags=found.flags,
        )
        stored = self._store.add(capture)
        tally.articles.add(stored.article_id)
        tally.outcomes[stored.outcome] += 1
        tally.flagged.update(stored.flags)
        return None


def follow(url: str, redirects: dict[str, str]) -> str:
    """Return where a chain of redirects ends; a circle ends where it closes."""
    seen = {url}
    while (target := redirects.get(url)) is not None and target not in seen:
        seen.add(target)
        url = target
    return url


def _when(found: Found) -> datetime:
    """Return the reply's time; one in the future is a wrong clock's, and counts as now."""
    now = clock.now()
    return min(found.fetched_at or now, now)


def _content_type(found: Found) -> str | None:
    return next((value for name, value in found.headers if name.lower() == "content-type"), None)
