"""The commands `crawl` and `nightly`; what they do is loaded only when they are called."""

from __future__ import annotations

import logging
from contextlib import closing
from pathlib import Path

import click

from cleaning.command import NEEDS_A_PERSON, Options, Problem


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
@click.option("--registry", type=click.Path(path_type=Path), metavar="DIR", help="Another registry folder.")
@click.option("--delay", type=click.FloatRange(min=0), metavar="S", help="Seconds between requests (default 3).")
@click.option("--allow-private", multiple=True, is_flag=False, flag_value="loopback", metavar="[HOST:PORT]")
@click.option("--share", default="1/30", show_default=True, help="The part of the archive to verify.")
@click.option("--backup-to", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Back up there.")
@click.option("--digest", type=click.Path(path_type=Path, dir_okay=False), help="File of the digest.")
@click.option("--webhook", envvar="TINTINH_WEBHOOK", metavar="URL", help="Where the digest is posted.")
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
