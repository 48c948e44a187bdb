"""The table `urls` as the frontier: what is known, what is due, and when to look again. No JOBDIR, no cache.

The recheck ladder follows Heritrix: by age, shorter after a change, longer after none, within bounds of the rung. A
jitter made of the address's hash spreads what was found in one night, and is the same in every run.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from archive import clock
from archive.ids import article_id, listing_id
from archive.vanish import Standing, missed, next_look
from cleaning.dates import read_date

DAY = timedelta(days=1)
LADDER = ((7 * DAY, 1 * DAY), (30 * DAY, 7 * DAY), (365 * DAY, 60 * DAY))
"""(age up to, time between two looks); an older article is looked at yearly."""

YEARLY = 365 * DAY
UNKNOWN_AGE = 60 * DAY
"""The rung of an article whose age nothing tells."""

JITTER = 0.1
SWEEP = 30 * DAY
"""Listings are walked to their end so often, because back-dated items appear deep."""


@dataclass(frozen=True)
class Entry:
    """One row of the frontier.

    `fetch` is the address that last gave the text, or that a listing named for it, else `canonical`.
    """

    id: str
    portal: str
    key: str
    canonical: str
    fetch: str
    state: str
    etag: str | None
    last_modified: str | None
    last_checked: str | None
    next_check: str | None
    version: int | None
    listed_published: str | None


class Frontier:
    """Reads the frontier of one archive; its writes are returned as changes for the store's transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def entry(self, portal: str, key: str) -> Entry | None:
        """Return the row of a native key, following a moved one to the row that took its place in this portal."""
        return self._entry(article_id(portal, key))

    def by_address(self, portal: str, *urls: str) -> Entry | None:
        """Return the row that one of these addresses led to, also by http for https, with or without www."""
        spelt = dict.fromkeys(spelling for url in urls for spelling in _spellings(url))
        marks = ", ".join("?" * len(spelt))
        row = self.db.execute(
            f"SELECT url_id FROM url_aliases WHERE portal = ? AND seen_as IN ({marks})"
            f" UNION SELECT id FROM urls WHERE portal = ? AND kind = 'article' AND canonical IN ({marks}) LIMIT 1",
            (portal, *spelt, portal, *spelt),
        ).fetchone()
        return None if row is None else self._entry(row[0])

    def due(self, portal: str, *, everything: bool = False) -> Iterator[Entry]:
        """Yield the articles to look at now, the longest waiting first; `everything` ignores the ladder."""
        wanted = (
            "SELECT id FROM urls WHERE portal = ? AND kind = 'article' AND state IN ('live', 'suspect')"
            " AND (? OR next_check IS NULL OR next_check <= ?) ORDER BY coalesce(next_check, first_seen), id"
        )
        for row in self.db.execute(wanted, (portal, everything, clock.stamp())).fetchall():
            entry = self._entry(row[0])
            if entry is not None:
                yield entry

    def listing(self, portal: str, url: str) -> tuple[str | None, str | None]:
        """Return (etag, last_modified) that a listing, feed or sitemap last sent."""
        row = self.db.execute(
            "SELECT etag, last_modified FROM urls WHERE id = ?", (listing_id(portal, url),)
        ).fetchone()
        return (None, None) if row is None else (row[0], row[1])

    def is_barren(self, portal: str, url: str) -> bool:
        """Tell whether an address that a menu names has lately shown no article: it waits for the next sweep."""
        row = self.db.execute("SELECT next_check FROM urls WHERE id = ?", (listing_id(portal, url),)).fetchone()
        return row is not None and row[0] is not None and row[0] > clock.stamp()

    def last_sweep(self, portal: str) -> datetime | None:
        """Return when the last run that walked all listings to their end began."""
        return self._last(portal, "AND full")

    def last_success(self, portal: str) -> datetime | None:
        """Return when the last run in which every listing answered began."""
        return self._last(portal, "")

    def _last(self, portal: str, also: str) -> datetime | None:
        wanted = f"SELECT max(started_at) FROM crawls WHERE portal = ? AND cause = 'ok' {also}"
        row = self.db.execute(wanted, (portal,)).fetchone()
        return None if row[0] is None else datetime.fromisoformat(row[0])

    def _entry(self, number: str) -> Entry | None:
        row = self.db.execute(
            "SELECT u.*, coalesce((SELECT c.url FROM captures c WHERE c.article_id = u.id AND c.outcome = 'ok'"
            " AND c.origin = 'crawl' ORDER BY c.id DESC LIMIT 1), (SELECT a.seen_as FROM url_aliases a"
            " WHERE a.url_id = u.id AND u.version IS NULL LIMIT 1)) AS fetch FROM urls u WHERE u.id = ?",
            (number,),
        ).fetchone()
        if row is None:
            return None
        return Entry(
            row["id"], row["portal"], row["key"], row["canonical"], row["fetch"] or row["canonical"], row["state"],
            row["etag"], row["last_modified"], row["last_checked"], row["next_check"], row["version"],
            row["listed_published"],
        )  # fmt: skip


def enter(
    db: sqlite3.Connection,
    portal: str,
    key: str,
    canonical: str,
    *,
    title: str | None,
    published: str | None,
    fetch: str | None = None,
) -> None:
    """Enter an article seen on a listing, due at once; of a known one only what its listing says is filled in.

    `fetch` is the address that gives the text, where that is not the page's own.
    """
    now = clock.stamp()
    db.execute(
        "INSERT INTO urls (id, portal, key, canonical, first_seen, listed_title, listed_published, next_check)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (portal, key) DO UPDATE SET"
        " listed_title = coalesce(listed_title, excluded.listed_title),"
        " listed_published = coalesce(listed_published, excluded.listed_published)",
        (article_id(portal, key), portal, key, canonical, now, title, published, now),
    )
    if fetch is not None:
        db.execute(
            "INSERT INTO url_aliases (seen_as, portal, url_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (fetch, portal, article_id(portal, key)),
        )


def looked(db: sqlite3.Connection, article: str, *, changed: bool, etag: str | None, last_modified: str | None) -> None:
    """Note that an article answered: alive again, its validators, and when to look next."""
    row = db.execute(
        "SELECT u.interval, u.canonical, u.listed_published, v.published, u.first_seen, u.last_checked FROM urls u"
        " LEFT JOIN versions v ON v.article_id = u.id AND v.n = u.version WHERE u.id = ?",
        (article,),
    ).fetchone()
    if row is None:
        return
    now = clock.now()
    born = _born(row["published"] or row["listed_published"])
    rung = rung_of(now - born) if born else UNKNOWN_AGE
    before = timedelta(seconds=row["interval"]) if row["interval"] and row["last_checked"] else None
    wait = interval(rung, before, changed=changed)
    db.execute(
        "UPDATE urls SET state = iif(state IN ('suspect', 'gone'), 'live', state), miss_streak = 0, miss_cause = NULL,"
        " first_miss = NULL, gone_since = NULL, etag = ?, last_modified = ?, last_checked = ?, interval = ?,"
        " next_check = ? WHERE id = ?",
        (
            etag,
            last_modified,
            clock.stamp(now),
            int(wait.total_seconds()),
            clock.stamp(now + jittered(wait, article)),
            article,
        ),
    )


def rename(db: sqlite3.Connection, article: str, canonical: str | None) -> None:
    """Take over the address that an article now gives itself; the one before stays as an alias."""
    row = db.execute("SELECT portal, canonical FROM urls WHERE id = ?", (article,)).fetchone()
    if row is None or canonical is None or row["canonical"] == canonical:
        return
    db.execute("UPDATE urls SET canonical = ? WHERE id = ?", (canonical, article))
    db.execute(
        "INSERT INTO url_aliases (seen_as, portal, url_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (row["canonical"], row["portal"], article),
    )


def rung_of(age: timedelta) -> timedelta:
    """Return the ladder's time between two looks for an age."""
    return next((every for upto, every in LADDER if age <= upto), YEARLY)


def interval(rung: timedelta, before: timedelta | None, *, changed: bool) -> timedelta:
    """Return the time until the next look: half the last one after a change, half as long again after none.

    It stays between half the rung and three times the rung, so that an article climbs as it ages.
    """
    if before is None:
        return rung
    wanted = before / 2 if changed else before * 1.5
    return min(max(wanted, rung / 2, DAY / 2), rung * 3)


def jittered(wait: timedelta, article: str) -> timedelta:
    """Return a time a little shorter or longer, always by the same share for one article."""
    share = int(hashlib.sha256(article.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
    return wait * (1 + JITTER * (2 * share - 1))


def miss(db: sqlite3.Connection, article: str, cause: str) -> Standing:
    """Note that an article was asked for and was not there; return what that makes it."""
    row = db.execute("SELECT state, miss_streak, first_miss, gone_since FROM urls WHERE id = ?", (article,)).fetchone()
    now = clock.now()
    before = Standing(row["state"], row["miss_streak"], _time(row["first_miss"]), _time(row["gone_since"]))
    after = missed(before, now)
    db.execute(
        "UPDATE urls SET state = ?, miss_streak = ?, miss_cause = ?, first_miss = ?, gone_since = ?, last_checked = ?,"
        " next_check = ? WHERE id = ?",
        (
            after.state, after.misses, cause, _stamp(after.first_miss), _stamp(after.gone_since), clock.stamp(now),
            clock.stamp(next_look(after, now)), article,
        ),
    )  # fmt: skip
    if after.state in ("suspect", "gone"):
        other = same_text_elsewhere(db, article)
        if other is not None:
            move(db, article, other)
    return after


def same_text_elsewhere(db: sqlite3.Connection, article: str) -> str | None:
    """Return a living article with the very same text at another address, or None."""
    row = db.execute(
        "SELECT u.id FROM urls mine JOIN versions v ON v.article_id = mine.id AND v.n = mine.version"
        " JOIN versions w ON w.text_hash = v.text_hash AND w.article_id <> v.article_id"
        " JOIN urls u ON u.id = w.article_id AND u.version = w.n"
        " WHERE mine.id = ? AND u.state = 'live' AND v.text_hash IS NOT NULL ORDER BY u.first_seen DESC LIMIT 1",
        (article,),
    ).fetchone()
    return None if row is None else str(row[0])


def move(db: sqlite3.Connection, article: str, to: str) -> None:
    """Note that an article lives on under another id."""
    db.execute(
        "UPDATE urls SET state = 'moved', moved_to = ?, next_check = NULL, last_checked = ? WHERE id = ? AND id <> ?",
        (to, clock.stamp(), article, to),
    )


def postpone(db: sqlite3.Connection, article: str, days: float) -> None:
    """Look at an address later without judging it: it failed for the host's reasons, or is no article."""
    now = clock.now()
    db.execute(
        "UPDATE urls SET last_checked = ?, next_check = ? WHERE id = ?",
        (clock.stamp(now), clock.stamp(now + jittered(timedelta(days=days), article)), article),
    )


def note_failure(
    db: sqlite3.Connection, portal: str, article: str | None, crawl_id: int, url: str, outcome: str, flags: list[str]
) -> None:
    """Log a request that brought no page; one that belongs to no article is logged with its address's own row."""
    now = clock.stamp()
    if article is None:
        article = listing_id(portal, url)
        db.execute(
            "INSERT INTO urls (id, portal, key, kind, canonical, first_seen) VALUES (?, ?, ?, 'listing', ?, ?)"
            " ON CONFLICT DO NOTHING",
            (article, portal, f"listing\n{url}", url, now),
        )
    db.execute(
        "INSERT INTO captures (article_id, crawl_id, fetched_at, ordered_at, origin, outcome, url, headers, flags)"
        " VALUES (?, ?, ?, ?, 'crawl', ?, ?, '[]', ?)",
        (article, crawl_id, now, now, outcome, url, json.dumps(flags, ensure_ascii=False)),
    )


def note_listing(
    db: sqlite3.Connection, portal: str, url: str, *, etag: str | None, last_modified: str | None, barren: bool
) -> None:
    """Keep a listing's validators for the next conditional request; a barren one is not asked until the next sweep."""
    now = clock.stamp()
    again = clock.stamp(clock.now() + SWEEP) if barren else None
    db.execute(
        "INSERT INTO urls (id, portal, key, kind, canonical, first_seen, etag, last_modified, last_checked, last_ok,"
        " next_check) VALUES (?, ?, ?, 'listing', ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (portal, key) DO UPDATE SET"
        " etag = excluded.etag, last_modified = excluded.last_modified, last_checked = excluded.last_checked,"
        " last_ok = excluded.last_ok, next_check = excluded.next_check",
        (listing_id(portal, url), portal, f"listing\n{url}", url, now, etag, last_modified, now, now, again),
    )


def note_sweep(db: sqlite3.Connection, portal: str, months: Iterable[str]) -> None:
    """Note the months (YYYY-MM) whose listings have been walked to their end."""
    now = clock.stamp()
    db.executemany(
        "INSERT INTO swept (portal, month, at) VALUES (?, ?, ?)"
        " ON CONFLICT (portal, month) DO UPDATE SET at = excluded.at",
        [(portal, month, now) for month in months],
    )


def _spellings(url: str) -> tuple[str, ...]:
    scheme, _, rest = url.partition("://")
    bare = rest.removeprefix("www.")
    schemes = ("https", "http") if scheme in ("http", "https") else (scheme,)
    return tuple(f"{name}://{host}{bare}" for name in schemes for host in ("", "www."))


def _born(value: str | None) -> datetime | None:
    printed = read_date(value, "listing") if value else None
    if printed is None:
        return None
    moment = datetime.fromisoformat(printed.value if len(printed.value) > 7 else f"{printed.value}-01")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _stamp(value: datetime | None) -> str | None:
    return None if value is None else clock.stamp(value)
