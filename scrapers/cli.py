"""The commands of `scrapers`; what they do is loaded only when they are called."""

from __future__ import annotations

import json
import logging
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

import click

from cleaning.command import NEEDS_A_PERSON, Options, Problem

_registry = click.option(
    "--registry", type=click.Path(path_type=Path), metavar="DIR", help="Another registry folder than the shipped one."
)
_delay = click.option(
    "--delay",
    type=click.FloatRange(0),
    metavar="S",
    help="Seconds between requests; less than usual for private hosts only.",
)
_private = click.option(
    "--allow-private", multiple=True, metavar="HOST:PORT", is_flag=False, flag_value="loopback",
    help="Let a private address be asked; bare, every loopback address.",
)  # fmt: skip
_json = click.option("--json", "as_json", is_flag=True, help="Report as JSON.")


@click.command()
@click.argument("portals", nargs=-1, metavar="[PORTAL…]")
@click.option("--province", metavar="P", help="Only the portals of this province, named as of their time.")
@_registry
@click.option("--full", is_flag=True, help="Walk every listing to its end and ask for every known article again.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many articles of each portal.")
@_delay
@_private
@click.pass_obj
def crawl(
    options: Options,
    portals: tuple[str, ...],
    province: str | None,
    registry: Path | None,
    full: bool,
    limit: int | None,
    delay: float | None,
    allow_private: tuple[str, ...],
) -> None:
    """Crawl the portals of the registry once, politely; only what is new or due is asked for."""
    for target in allow_private:
        if target != "loopback" and not target.rpartition(":")[2].isdigit():
            raise Problem(f"--allow-private {target}: expected HOST:PORT, or nothing for loopback (put it last)")
    from archive import health
    from archive.connect import connect
    from scrapers.crawling import crawl as run

    ended = run(
        options,
        portals,
        province=province,
        registry=registry,
        full=full,
        limit=limit,
        delay=delay,
        allow_private=allow_private,
    )
    new = sum(portal_run.tally["new"] for portal_run in ended)
    changed = sum(portal_run.tally["changed"] for portal_run in ended)
    with closing(connect(options.archive)) as db:
        health.forget_recovered(db)
        verdicts = health.judge(db, [portal_run.portal.id for portal_run in ended])
    alarms = [verdict for verdict in verdicts if verdict.state == "alarm"]
    logging.shutdown()
    for verdict in alarms:
        click.echo(verdict.line())
    click.echo(f"{len(ended)} portals: {new} new, {changed} changed articles; {len(alarms)} portals need a person")
    if alarms:
        raise SystemExit(NEEDS_A_PERSON)


@click.command()
@_registry
@_delay
@_private
@click.option("--share", default="1/30", show_default=True, help="The part of the archive to verify.")
@click.option("--backup-to", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Back up there.")
@click.option("--digest", type=click.Path(path_type=Path, dir_okay=False), help="File of the digest.")
@click.option(
    "--webhook",
    envvar="TINTINH_WEBHOOK",
    metavar="URL",
    help="Where the digest is posted; {code} in it becomes the exit code.",
)
@click.pass_obj
def nightly(
    options: Options,
    registry: Path | None,
    delay: float | None,
    allow_private: tuple[str, ...],
    share: str,
    backup_to: Path | None,
    digest: Path | None,
    webhook: str | None,
) -> None:
    """Crawl, verify a share, back up, publish and tell, under one lock; a failing crawl never stops publishing."""
    from scrapers.nightly import nightly as run

    arguments = ["--registry", str(registry)] if registry else []
    arguments += ["--delay", str(delay)] if delay is not None else []
    for target in allow_private:
        arguments += ["--allow-private", target]
    code = run(options, crawl=arguments, share=share, backup_to=backup_to, digest=digest, webhook=webhook)
    if code:
        raise SystemExit(code)


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
@click.option("--portal", metavar="P", help="The portal whose pages these are; an unknown one gets a minimal row.")
@click.option("--url", metavar="U", help="The page's address, for a single saved page or text.")
@click.option("--fetched-at", metavar="T", help="When it was saved (2024-05-01 or 2024-05-01T08:00:00Z).")
@_registry
@_json
@click.pass_obj
def import_(
    options: Options,
    paths: tuple[Path, ...],
    portal: str | None,
    url: str | None,
    fetched_at: str | None,
    registry: Path | None,
    as_json: bool,
) -> None:
    """Take in WARC, WACZ, saved pages (HTML, MHTML) and plain text, as if they had been crawled."""
    from scrapers.sources import importing

    importing.run(
        options,
        paths,
        portal=portal,
        url=url,
        fetched_at=_moment(fetched_at),
        registry=registry,
        as_json=as_json,
    )


@click.command()
@click.argument("portal")
@click.option("--cdx", required=True, metavar="URL", help="The index, such as https://web.archive.org/cdx/search/cdx.")
@click.option("--from", "begins", metavar="D", help="First day of capture (default: the row's valid_from).")
@click.option("--to", "ends", metavar="D", help="Last day of capture.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Ask for at most N captures now.")
@_registry
@_delay
@_private
@_json
@click.pass_obj
def backfill(
    options: Options,
    portal: str,
    cdx: str,
    begins: str | None,
    ends: str | None,
    limit: int | None,
    registry: Path | None,
    delay: float | None,
    allow_private: tuple[str, ...],
    as_json: bool,
) -> None:
    """Take in what a Wayback-compatible index still has of PORTAL; run it again to go on."""
    from scrapers.sources import backfill as work

    work.backfill(
        options,
        portal,
        cdx,
        begins=_day(begins),
        ends=_day(ends),
        registry=registry,
        delay=delay,
        allow_private=allow_private,
        limit=limit,
        as_json=as_json,
    )


@click.group()
def portals() -> None:
    """The registry: list and show portals, probe an address, try a portal out, add one."""


@portals.command("list")
@click.argument("words", required=False)
@click.option("--province", metavar="P", help="Old or new name, with or without accents.")
@click.option("--level", metavar="L", help="province, department, district …")
@click.option("--family", metavar="F", help="nukeviet, vnpt, liferay …")
@click.option("--ended/--in-office", default=None, help="Only portals whose office ended, or only the others.")
@_registry
@_json
def list_(
    words: str | None,
    province: str | None,
    level: str | None,
    family: str | None,
    ended: bool | None,
    registry: Path | None,
    as_json: bool,
) -> None:
    """List portals; WORDS are looked for in id, name and address."""
    from scrapers import overview
    from scrapers.registry import load_portals

    rows = load_portals(registry)
    chosen = overview.select(rows, words=words, province=province, level=level, family=family, ended=ended)
    overview.print_list(chosen, as_json=as_json)


@portals.command()
@click.argument("portal")
@_registry
@_json
def show(portal: str, registry: Path | None, as_json: bool) -> None:
    """Show everything the registry says about one portal."""
    from scrapers import overview
    from scrapers.registry import load_portals

    rows = load_portals(registry)
    overview.print_one(rows.get_known(portal), rows, as_json=as_json)


@portals.command()
@click.argument("url")
@_registry
@_delay
@_private
@_json
@click.pass_obj
def probe(
    options: Options,
    url: str,
    registry: Path | None,
    delay: float | None,
    allow_private: tuple[str, ...],
    as_json: bool,
) -> None:
    """Look at URL as a polite stranger: its family and why, listings, feed, sitemap; prints a row for `add`."""
    from scrapers import probe as work
    from scrapers import visit
    from scrapers.registry import load_portals

    rows, address = load_portals(registry), _address(url)
    visit.check(address, delay, allow_private)
    found: list[work.Probed] = []

    async def errand(ask: visit.Asking) -> None:
        found.append(await work.probe(ask, address, rows))

    visit.run(errand, delay=delay, allow_private=allow_private, verbose=options.verbose)
    click.echo(json.dumps(work.as_json(found[0]), ensure_ascii=False, indent=1) if as_json else work.told(found[0]))
    if found[0].cause:
        raise Problem(f"{address}: {found[0].cause}", NEEDS_A_PERSON)


@portals.command("try")
@click.argument("portal")
@click.option("--count", type=click.IntRange(1, 50), default=5, show_default=True, help="How many articles.")
@_registry
@_delay
@_private
@_json
@click.pass_obj
def try_(
    options: Options,
    portal: str,
    count: int,
    registry: Path | None,
    delay: float | None,
    allow_private: tuple[str, ...],
    as_json: bool,
) -> None:
    """Fetch a few articles of PORTAL (an id, or any address) into a throw-away archive and show what came of them."""
    from scrapers import trying, visit
    from scrapers.registry import load_portals

    rows = load_portals(registry)
    wanted = _address(portal) if "/" in portal or "." in portal else rows.get_known(portal)
    address = wanted if isinstance(wanted, str) else wanted.base_url
    if not address:
        raise Problem(f"{portal}: the row has no address to try")
    visit.check(address, delay, allow_private)
    tried: list[trying.Tried] = []

    async def errand(ask: visit.Asking) -> None:
        tried.append(await trying.try_out(ask, wanted, rows, options.layouts, count))

    visited = [] if isinstance(wanted, str) else [wanted]
    visit.run(errand, delay=delay, allow_private=allow_private, verbose=options.verbose, rows=visited)
    click.echo(json.dumps(trying.as_json(tried[0]), ensure_ascii=False, indent=1) if as_json else trying.told(tried[0]))
    if tried[0].cause:
        raise Problem(f"{portal}: {tried[0].cause}", NEEDS_A_PERSON)


@portals.command()
@click.argument("row", type=click.File(encoding="utf-8"), default="-")
@_registry
def add(row: TextIO, registry: Path | None) -> None:
    """Check a ROW (a TOML file, or - for what `probe` printed) and write it into its province's file."""
    from scrapers import overview

    for file in overview.add(row.read(), registry):
        click.echo(f"written to {file}")


def _address(text: str) -> str:
    """Read an address given on the command line; https where it names no scheme."""
    url = text if "://" in text else f"https://{text}"
    if not urlsplit(url).hostname:
        raise Problem(f"{text!r}: expected an address such as https://xa.tinh.gov.vn")
    return url


def _moment(text: str | None) -> datetime | None:
    """Read a time given on the command line: UTC where it names no zone."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Problem(f"{text!r}: expected a time such as 2024-05-01T08:00:00Z") from None
    return moment.replace(tzinfo=moment.tzinfo or UTC, microsecond=0).astimezone(UTC)


def _day(text: str | None) -> date | None:
    """Read a day given on the command line."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(f"{text!r}: expected a day such as 2024-05-01") from None
