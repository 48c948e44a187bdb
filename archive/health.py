"""Which portals are silent, shrinking or failing, and why: read from what the crawls wrote down, never from the net."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from archive import clock
from cleaning.command import Problem
from cleaning.learn import RECENT, relearn_reason

Kind = Literal["never", "failing", "silent", "shrinking", "fields", "layout", "vanishing", "overdue", "ended"]

FINE_CAUSES = ("ok", "partial")
OVERDUE = timedelta(days=8)
"""A portal that was crawled and has not been for so long has fallen out of the schedule."""

SHRUNK = 0.5
"""A full walk that lists less than this share of the one before has lost part of the portal."""

NULLS = 0.5
"""A field missing on more than this share of a run's pages is an alarm …"""

NULLS_TIMES = 2.0
"""… when that is so many times what it used to be."""

LEAST_PAGES = 5
VANISHING = 0.2
"""So large a share of a portal's articles gone within a week is an alarm."""

ADVICE = {
    "dns": "the name does not resolve: moved or switched off; look for its successor",
    "tls": "the certificate is refused: ship the missing intermediate or set tls in its row",
    "refused": "the server refuses connections",
    "timeout": "no answer; it may answer only from inside Vietnam (see vantage)",
    "blocked": "the server answers us with 403 or 429: write to its web master",
    "challenge": "the server wants a browser (a challenge page)",
    "robots": "robots.txt forbids it or cannot be had",
    "gone": "the listing is gone: correct its row",
    "redirected": "the portal leads to another host: correct its row, or end it",
    "layout-changed": "the pages have changed: run `tintinh learn`",
    "empty": "the listings show no article: correct its row",
    "error": "the server fails, or we do; the log says more",
    "killed": "the run was killed before it ended",
    "stopped": "the run was stopped before it ended",
}


@dataclass(frozen=True)
class Alarm:
    """One thing that needs a person: what kind, since when (UTC), and one sentence."""

    kind: Kind
    cause: str | None
    since: str | None
    message: str


@dataclass(frozen=True)
class Health:
    """One portal's verdict. `usual` is the number of articles a month, over the last half year."""

    portal: str
    name: str
    state: Literal["fine", "alarm", "acknowledged"]
    alarms: tuple[Alarm, ...]
    last_run: str | None
    last_cause: str | None
    last_success: str | None
    last_new: str | None
    usual: float
    null_rates: dict[str, float]
    vantage: str | None
    acknowledged_until: str | None = None
    acknowledged_reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def line(self) -> str:
        """Return the verdict in one line."""
        what = "; ".join(alarm.message for alarm in self.alarms) or "fine"
        note = f" (acknowledged until {self.acknowledged_until}: {self.acknowledged_reason})"
        return f"{self.portal}: {what}{note if self.state == 'acknowledged' else ''}"


def judge(db: sqlite3.Connection, portals: Sequence[str] | None = None) -> list[Health]:
    """Return the verdict on every portal that is to be crawled (or on those named), alarms first."""
    rows = db.execute("SELECT * FROM portals WHERE registered ORDER BY id").fetchall()
    chosen = [row for row in rows if (row["id"] in portals if portals is not None else row["crawl"])]
    found = [_acknowledged(db, _judge(db, row)) for row in chosen]
    order = {"alarm": 0, "acknowledged": 1, "fine": 2}
    return sorted(found, key=lambda health: (order[health.state], health.portal))


def acknowledge(db: sqlite3.Connection, portal: str, until: str, reason: str) -> None:
    """Note that somebody knows of a portal's alarm: it is listed, not raised, until it recovers or the day passes."""
    if db.execute("SELECT 1 FROM portals WHERE id = ?", (portal,)).fetchone() is None:
        raise Problem(f"unknown portal {portal!r}; `tintinh portals list` shows them")
    try:
        last = date.fromisoformat(until)
    except ValueError as error:
        raise Problem(f"--until {until}: expected a day such as 2026-12-31") from error
    if last < clock.now().date():
        raise Problem(f"--until {until}: that day has passed")
    if not reason.strip():
        raise Problem("--reason: say why, so that the next person knows")
    db.execute(
        "INSERT INTO acknowledgements (portal, at, until, reason) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (portal) DO UPDATE SET at = excluded.at, until = excluded.until, reason = excluded.reason",
        (portal, clock.stamp(), last.isoformat(), reason.strip()),
    )


def forget_recovered(db: sqlite3.Connection) -> None:
    """Drop the acknowledgement of every portal that has succeeded since: its next alarm is a new one."""
    db.execute(
        "DELETE FROM acknowledgements WHERE EXISTS (SELECT 1 FROM crawls c WHERE c.portal = acknowledgements.portal"
        " AND c.cause = 'ok' AND c.started_at > acknowledgements.at)"
        " OR until < ?",
        (clock.now().date().isoformat(),),
    )


def _judge(db: sqlite3.Connection, row: sqlite3.Row) -> Health:
    portal = row["id"]
    runs = db.execute(
        "SELECT * FROM crawls WHERE portal = ? AND cause <> 'running' ORDER BY started_at DESC, id DESC LIMIT 60",
        (portal,),
    ).fetchall()
    runs = [run for run in runs if run["cause"] != "stopped"] or runs  # a stop of ours says nothing about the portal
    last = runs[0] if runs else None
    success = db.execute(
        "SELECT max(started_at) FROM crawls WHERE portal = ? AND cause IN ('ok', 'partial')", (portal,)
    ).fetchone()[0]
    newest = db.execute(
        "SELECT max(first_seen) FROM urls WHERE portal = ? AND version IS NOT NULL", (portal,)
    ).fetchone()[0]
    alarms = [
        *_failing(row, runs, success),
        *_silent(row, last, newest),
        *_shrinking(runs),
        *(_fields(runs) or _layout(db, portal)),
        *_vanishing(db, portal),
        *_overdue(last),
    ]
    return Health(
        portal, row["name"], "alarm" if alarms else "fine", tuple(alarms), last["started_at"] if last else None,
        last["cause"] if last else None, success, newest, _usual(db, portal), _rates(last),
        last["vantage"] if last else None,
    )  # fmt: skip


def _acknowledged(db: sqlite3.Connection, health: Health) -> Health:
    row = db.execute("SELECT * FROM acknowledgements WHERE portal = ?", (health.portal,)).fetchone()
    if row is None or health.state == "fine" or row["until"] < clock.now().date().isoformat():
        return health
    return replace(health, state="acknowledged", acknowledged_until=row["until"], acknowledged_reason=row["reason"])


def _failing(row: sqlite3.Row, runs: list[sqlite3.Row], success: str | None) -> list[Alarm]:
    if not runs:
        return []
    last = runs[0]
    if last["cause"] in FINE_CAUSES:
        return []
    streak = next((n for n, run in enumerate(runs) if run["cause"] in FINE_CAUSES), len(runs))
    since = runs[streak - 1]["started_at"]
    told = f"{last['cause']} for {streak} run{'s' if streak > 1 else ''}, since {since[:10]}"
    told += f", last good {success[:10]}" if success else ", never a good one"
    advice = ADVICE.get(last["cause"], "")
    ended = row["valid_to"] is not None and row["valid_to"] < clock.now().date().isoformat()
    if ended and last["cause"] in ("dns", "refused", "timeout", "gone", "redirected"):
        told += f"; the office ended on {row['valid_to']}: when it stays so, set crawl = false"
        return [Alarm("ended", last["cause"], since, told)]
    return [Alarm("failing" if success else "never", last["cause"], since, f"{told}: {advice}" if advice else told)]


def _silent(row: sqlite3.Row, last: sqlite3.Row | None, newest: str | None) -> list[Alarm]:
    if last is None or last["cause"] not in FINE_CAUSES or newest is None:
        return []
    days = (clock.now() - datetime.fromisoformat(newest)).days
    ended = row["valid_to"] is not None and row["valid_to"] < clock.now().date().isoformat()
    if days <= row["quiet_days"] or ended:
        return []
    return [Alarm("silent", None, newest, f"no new article for {days} days (allowed: {row['quiet_days']})")]


def _shrinking(runs: list[sqlite3.Row]) -> list[Alarm]:
    full = [run for run in runs if run["full"] and run["cause"] == "ok"]
    if len(full) < 2 or full[1]["listed"] < 20 or full[0]["listed"] >= SHRUNK * full[1]["listed"]:
        return []
    told = f"the listings show {full[0]['listed']} articles, {full[1]['listed']} a walk before"
    return [Alarm("shrinking", None, full[0]["started_at"], told)]


def _fields(runs: list[sqlite3.Row]) -> list[Alarm]:
    rated = [(run, _rates(run)) for run in runs if run["new"] + run["changed"] + run["unchanged"] >= LEAST_PAGES]
    rated = [entry for entry in rated if entry[1]]
    if not rated:
        return []
    last, rates = rated[0]
    alarms = []
    for name, rate in rates.items():
        before = sorted(entry[1].get(name, 0.0) for entry in rated[1:])
        usual = before[len(before) // 2] if before else 0.0
        if rate > NULLS and (rate >= NULLS_TIMES * usual if before else name in ("title", "body")):
            told = f"{name} is missing on {rate:.0%} of the pages (usually {usual:.0%}): {ADVICE['layout-changed']}"
            alarms.append(Alarm("fields", "layout-changed", last["started_at"], told))
    return alarms


def _layout(db: sqlite3.Connection, portal: str) -> list[Alarm]:
    """Suggest to learn a portal again whose new articles fit no layout any more, or whose known ones lose their text.

    Earlier articles are those first seen a day or more before: one run says nothing about a change.
    """
    rows = db.execute(
        "SELECT u.first_seen, v.layout FROM (SELECT id, version, first_seen FROM urls"
        " WHERE portal = ? AND kind = 'article' AND version IS NOT NULL ORDER BY first_seen DESC, id LIMIT ?) u"
        " JOIN versions v ON v.article_id = u.id AND v.n = u.version ORDER BY u.first_seen DESC, u.id",
        (portal, 8 * RECENT),
    ).fetchall()
    recent = rows[:RECENT]
    if not recent:
        return []
    since = recent[-1]["first_seen"]
    day_before = clock.stamp(datetime.fromisoformat(since) - timedelta(days=1))
    earlier = [row["layout"] for row in rows[RECENT:] if row["first_seen"] <= day_before]
    again = db.execute(
        "SELECT coalesce(miss_cause IN ('shrunk', 'no-article'), 0) FROM urls WHERE id IN (SELECT id FROM urls"
        " WHERE portal = ? AND kind = 'article' AND version IS NOT NULL AND last_checked IS NOT NULL"
        " ORDER BY last_checked DESC, id LIMIT ?)",
        (portal, RECENT),
    ).fetchall()
    reason = relearn_reason(earlier, [row["layout"] for row in recent], [bool(row[0]) for row in again])
    return [Alarm("layout", "layout-changed", since, f"{reason}: {ADVICE['layout-changed']}")] if reason else []


def _vanishing(db: sqlite3.Connection, portal: str) -> list[Alarm]:
    since = clock.stamp(clock.now() - timedelta(days=14))
    row = db.execute(
        "SELECT count(*), coalesce(sum(state = 'gone' AND last_checked >= ?), 0), max(gone_since) FROM urls"
        " WHERE portal = ? AND kind = 'article' AND version IS NOT NULL",
        (since, portal),
    ).fetchone()
    if row[0] < 20 or row[1] < VANISHING * row[0]:
        return []
    return [
        Alarm("vanishing", None, row[2], f"{row[1]} of {row[0]} articles are gone within two weeks; the text is kept")
    ]


def _overdue(last: sqlite3.Row | None) -> list[Alarm]:
    if last is None or clock.now() - datetime.fromisoformat(last["started_at"]) <= OVERDUE:
        return []
    return [
        Alarm("overdue", None, last["started_at"], f"not crawled since {last['started_at'][:10]}: is cron running?")
    ]


def _usual(db: sqlite3.Connection, portal: str) -> float:
    since = (clock.now() - timedelta(days=182)).date().isoformat()
    count: int = db.execute(
        "SELECT count(*) FROM urls u JOIN versions v ON v.article_id = u.id AND v.n = u.version"
        " WHERE u.portal = ? AND v.date >= ?",
        (portal, since),
    ).fetchone()[0]
    return round(count / 6, 1)


def _rates(run: sqlite3.Row | None) -> dict[str, float]:
    rates: dict[str, float] = json.loads(run["null_rates"] or "{}") if run is not None else {}
    return rates
