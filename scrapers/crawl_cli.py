"""The commands `crawl` and `nightly`; what they do is loaded only when they are called."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from cleaning.command import NEEDS_A_PERSON, Options


@click.command()
@click.argument("portals", nargs=-1, metavar="[PORTAL…]")
@click.option("--province", metavar="P", help="Only the portals of this province, named as of their time.")
@click.option("--registry", type=click.Path(path_type=Path), metavar="DIR", help="Another registry folder.")
@click.option("--full", is_flag=True, help="Walk every listing to its end and ask for every known article again.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many articles of each portal.")
@click.option("--delay", type=click.FloatRange(min=0), metavar="S", help="Seconds between requests (default 3).")
@click.option(
    "--allow-private",
    multiple=True,
    is_flag=False,
    flag_value="loopback",
    metavar="[HOST:PORT]",
    help="Allow this private target; bare, every loopback address.",
)
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
    bad = [portal_run for portal_run in ended if portal_run.stopped not in ("ok", "partial")]
    logging.shutdown()
    click.echo(f"{len(ended)} portals: {new} new, {changed} changed articles; {len(bad)} portals need a look")
    if bad:
        raise SystemExit(NEEDS_A_PERSON)
