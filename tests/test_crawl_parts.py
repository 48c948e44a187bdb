"""The crawl's small parts, each held to its rule: settings, frontier, vanishing, health, lock, night, digest."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from scrapy.settings import default_settings

from archive import clock, frontier, health, vanish
from archive.connect import connect
from archive.lock import Lock
from archive.vanish import Standing
from cleaning.command import CANNOT_FINISH, LOCKED, NEEDS_A_PERSON, Options, Problem
from scrapers import settings
from scrapers.nightly import Step, gravest, write_digest
from scrapers.operation import in_window, window_of
from scrapers.registry import load_portals
from scrapers.retry_after import seconds_of
from scrapers.tables import enter

START = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def now() -> Iterator[list[datetime]]:
    time = [START]
    clock.set_source(lambda: time[0])
    yield time
    clock.set_source(None)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = connect(tmp_path / "archive.db")
    enter(connection, load_portals().values())
    yield connection
    connection.close()


HURTING = {
    "ROBOTSTXT_OBEY": True, "DOWNLOAD_VERIFY_CERTIFICATES": True, "COOKIES_ENABLED": False,
    "HTTPPROXY_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False, "METAREFRESH_ENABLED": False,
    "REFERER_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_MAXSIZE": 10_000_000, "URLLENGTH_LIMIT": 0,
    "HTTPERROR_ALLOW_ALL": True,
    "DOWNLOAD_FAIL_ON_DATALOSS": False, "STATS_DUMP": False, "WARN_ON_GENERATOR_RETURN_VALUE": False,
    "DOWNLOAD_DELAY_JITTER": 0.0, "TWISTED_DNS_RESOLVER": "scrapers.guard.GuardedResolver",
}  # fmt: skip


@pytest.mark.parametrize("name", HURTING)
def test_every_default_that_would_hurt_is_changed(name: str) -> None:
    assert getattr(settings, name) == HURTING[name]
    assert getattr(default_settings, name) != HURTING[name], f"{name} is Scrapy's default now; say so in settings.py"


def test_the_crawl_is_slow_contactable_and_ends_in_half_a_minute() -> None:
    assert settings.DOWNLOAD_DELAY >= 3
    assert "contact" in settings.USER_AGENT
    assert settings.DOWNLOAD_TIMEOUT < 30
    assert not {429, 503} & set(settings.RETRY_HTTP_CODES)
    assert not any(settings.DOWNLOAD_HANDLERS[name] for name in ("file", "data", "ftp", "s3"))
    assert not settings.ALLOW_PRIVATE


def test_settings_name_nothing_that_scrapy_does_not_know() -> None:
    ours = {"BUSY_PAUSE", "BUSY_LONGEST", "NIGHT_WINDOW", "ALLOW_PRIVATE", "CONTACT", "VANTAGE"}
    named = {name for name in vars(settings) if name.isupper()}
    assert {name for name in named if not hasattr(default_settings, name)} <= ours


def test_the_ladder_climbs_with_age_and_follows_changes() -> None:
    ages = [timedelta(days=days) for days in (0, 6, 8, 29, 31, 364, 366, 4000)]
    rungs = [frontier.rung_of(age) for age in ages]
    assert [rung.days for rung in rungs] == [1, 1, 7, 7, 60, 60, 365, 365]
    week = 7 * DAY
    assert frontier.interval(week, None, changed=False) == week
    assert frontier.interval(week, week, changed=True) == week / 2
    assert frontier.interval(week, week, changed=False) == week * 1.5
    climbing = [week]
    for _ in range(9):
        climbing.append(frontier.interval(week, climbing[-1], changed=False))
    assert all(before <= after <= 3 * week for before, after in pairwise(climbing))


def test_jitter_spreads_and_never_changes() -> None:
    waits = [frontier.jittered(60 * DAY, f"{number:016x}") for number in range(500)]
    assert waits == [frontier.jittered(60 * DAY, f"{number:016x}") for number in range(500)]
    assert min(waits) >= 54 * DAY
    assert max(waits) <= 66 * DAY
    assert len({wait.days for wait in waits}) >= 11


def test_gone_needs_three_misses_over_a_week() -> None:
    often = Standing()
    for hour in range(20):
        often = vanish.missed(often, START + timedelta(hours=hour))
    assert often.state == "suspect"
    slow = Standing()
    for days in (0, 4, 8):
        slow = vanish.missed(slow, START + days * DAY)
    assert (slow.state, slow.gone_since) == ("gone", START)
    at, standing = START, Standing()
    while standing.state != "gone":
        standing = vanish.missed(standing, at)
        at = vanish.next_look(standing, at)
    assert standing.misses == vanish.MISSES


@pytest.mark.parametrize(
    ("requests", "failures", "listing_ok", "ill"),
    [(100, 0, True, False), (100, 20, True, False), (100, 21, True, True), (4, 2, True, False), (1, 0, False, True)],
)
def test_an_outage_is_the_hosts_own_failure(requests: int, failures: int, listing_ok: bool, ill: bool) -> None:
    assert vanish.is_outage(requests, failures, listing_ok=listing_ok) is ill


def crawled(db: sqlite3.Connection, portal: str, cause: str, days: float, **more: object) -> None:
    at = clock.stamp(START + days * DAY)
    row = {"run": at, "portal": portal, "started_at": at, "finished_at": at, "cause": cause, "code_version": "t",
           "null_rates": "{}", "stats": "{}", **more}  # fmt: skip
    names = ", ".join(row)
    db.execute(f"INSERT INTO crawls ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))


PORTAL = "long_an_hcc"


def verdict(db: sqlite3.Connection) -> health.Health:
    return health.judge(db, [PORTAL])[0]


def test_health_tells_what_fails_since_when_and_what_to_do(db: sqlite3.Connection, now: list[datetime]) -> None:
    crawled(db, PORTAL, "ok", -3)
    crawled(db, PORTAL, "tls", -2)
    crawled(db, PORTAL, "tls", -1)
    found = verdict(db)
    assert found.state == "alarm"
    alarm = found.alarms[0]
    assert (alarm.kind, alarm.cause, alarm.since) == ("failing", "tls", "2026-06-29T01:00:00Z")
    assert "tls for 2 runs, since 2026-06-29, last good 2026-06-28" in alarm.message
    assert "certificate" in alarm.message


def test_an_acknowledged_alarm_is_listed_until_it_recovers_or_the_day_passes(
    db: sqlite3.Connection, now: list[datetime]
) -> None:
    crawled(db, PORTAL, "dns", -1)
    health.acknowledge(db, PORTAL, "2026-07-10", "máy chủ đang bảo trì")
    assert verdict(db).state == "acknowledged"
    now[0] = START + 11 * DAY
    crawled(db, PORTAL, "dns", 11)
    assert verdict(db).state == "alarm"
    health.acknowledge(db, PORTAL, "2026-12-31", "vẫn bảo trì")
    crawled(db, PORTAL, "ok", 11.5)
    now[0] = START + 12 * DAY
    health.forget_recovered(db)
    assert verdict(db).state == "fine"
    crawled(db, PORTAL, "dns", 12)
    assert verdict(db).state == "alarm", "a new failure after a recovery is new"
    for until, reason in (("2026-01-01", "x"), ("mai", "x"), ("2026-12-31", " ")):
        with pytest.raises(Problem):
            health.acknowledge(db, PORTAL, until, reason)
    with pytest.raises(Problem, match="unknown portal"):
        health.acknowledge(db, "khong_co", "2026-12-31", "x")


def test_a_crawl_of_zero_items_is_never_a_quiet_success(db: sqlite3.Connection, now: list[datetime]) -> None:
    crawled(db, PORTAL, "ok", -9)
    crawled(db, PORTAL, "empty", -1)
    assert [alarm.kind for alarm in verdict(db).alarms] == ["failing"]


def test_a_stop_of_ours_is_no_news_of_the_portal(db: sqlite3.Connection, now: list[datetime]) -> None:
    crawled(db, PORTAL, "ok", -2)
    crawled(db, PORTAL, "stopped", -1)
    assert verdict(db).state == "fine"
    now[0] = START + 9 * DAY
    assert [alarm.kind for alarm in verdict(db).alarms] == ["overdue"]


def test_fields_that_go_missing_are_an_alarm(db: sqlite3.Connection, now: list[datetime]) -> None:
    usual, now_missing = ({"title": 0.0, "author": 0.8}, {"title": 0.8, "author": 0.85})
    for days in (-4, -3, -2):
        crawled(db, PORTAL, "ok", days, new=10, null_rates=json.dumps(usual))
    crawled(db, PORTAL, "ok", -1, new=10, null_rates=json.dumps(now_missing))
    alarms = verdict(db).alarms
    assert [alarm.kind for alarm in alarms] == ["fields"]
    assert "title is missing on 80%" in alarms[0].message


def test_shrinking_listings_and_forgotten_crons_are_alarms(db: sqlite3.Connection, now: list[datetime]) -> None:
    crawled(db, PORTAL, "ok", -40, full=1, listed=900)
    crawled(db, PORTAL, "ok", -10, full=1, listed=300)
    assert [alarm.kind for alarm in verdict(db).alarms] == ["shrinking", "overdue"]


def test_an_ended_office_that_falls_silent_is_told_as_such(db: sqlite3.Connection, now: list[datetime]) -> None:
    db.execute("UPDATE portals SET valid_to = '2025-06-30' WHERE id = ?", (PORTAL,))
    crawled(db, PORTAL, "ok", -3)
    crawled(db, PORTAL, "dns", -1)
    alarm = verdict(db).alarms[0]
    assert alarm.kind == "ended"
    assert "crawl = false" in alarm.message


def test_a_second_holder_of_the_lock_is_refused_and_a_dead_one_frees_it(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Lock(archive), pytest.raises(Problem) as refused:
        Lock(archive)
    assert refused.value.exit_code == LOCKED
    hold = "import sys, time; from pathlib import Path; from archive.lock import Lock;"
    hold += f"lock = Lock(Path({str(archive)!r})); print('held', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Problem):
            Lock(archive)
        holder.kill()
    Lock(archive).close()


@pytest.mark.parametrize(
    ("hour_utc", "open_"), [(14, False), (15, True), (17, True), (21, True), (22, False), (4, False)]
)
def test_the_night_is_vietnams(now: list[datetime], hour_utc: int, open_: bool) -> None:
    now[0] = datetime(2026, 7, 1, hour_utc, 30, tzinfo=UTC)
    assert in_window(window_of("22:00-05:00")) is open_
    assert in_window(window_of(""))
    with pytest.raises(Problem, match="NIGHT_WINDOW"):
        window_of("22h-5h")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(b"120", 120), (b"0", 0), (b"Wed, 01 Jul 2026 01:02:00 GMT", 120), (b"Wed, 01 Jul 2020 01:02:00 GMT", 0),
     (b"soon", None),
     (b"-5", None), (b"", None), (None, None), (b"9" * 40, 10**9)],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(now: list[datetime], header: bytes | None, seconds: float | None) -> None:
    assert seconds_of(header) == seconds


def test_the_nights_exit_code_is_its_gravest(db: sqlite3.Connection, tmp_path: Path) -> None:
    assert gravest([0, 0]) == 0
    assert gravest([1, 0]) == NEEDS_A_PERSON
    assert gravest([1, CANNOT_FINISH, 0]) == CANNOT_FINISH
    assert gravest([LOCKED, 1]) == LOCKED
    assert gravest([-9, 0]) == CANNOT_FINISH, "a killed step could not finish"


def test_the_digest_says_what_each_step_and_portal_came_to(
    db: sqlite3.Connection, tmp_path: Path, now: list[datetime]
) -> None:
    db.execute("UPDATE portals SET crawl = 1, valid_to = NULL WHERE id = ?", (PORTAL,))
    crawled(db, PORTAL, "timeout", 0, failed=3)
    steps = [Step("crawl", 1, "1 portals"), Step("publish", 0, "release r1"), Step("backup", 70, "")]
    text = write_digest(Options(tmp_path / "archive.db"), steps, clock.stamp())
    assert "Needs a person: 1" in text
    assert "only from inside Vietnam" in text
    assert "publish  ok" in text
    assert "FAILED (exit 70)" in text
    assert any(line.startswith(PORTAL) for line in text.splitlines())
