"""The commands that work on the archive; each body lies in the module that does the work, loaded when called."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from cleaning.command import NEEDS_A_PERSON, Options, Problem

_options = click.make_pass_decorator(Options)
_folder = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("portal")
@click.option("--write", is_flag=True, help="Write the layout to layouts/ beside the archive.")
@_options
def learn(options: Options, portal: str, write: bool) -> None:
    """Propose a layout for PORTAL from its pages in the archive."""
    from archive.learning import learn_portal

    lesson = learn_portal(options.archive, portal, options.layouts, write=write)
    click.echo(lesson.proposal.toml(), nl=False)
    if write:
        click.echo(f"written to {lesson.file}; review it, then run `tintinh reclean {portal}`", err=True)
    if not lesson.proposal.sure:
        raise Problem(f"learn {portal}: doubtful, from {lesson.pages} pages; see the comments", NEEDS_A_PERSON)


@click.command()
@click.option("--to", type=_folder, help="Folder of the releases.  [default: releases/ beside the archive]")
@click.option("--mask", "masked", is_flag=True, envvar="TINTINH_MASK", help="Hide private phone and identity numbers.")
@_options
def publish(options: Options, to: Path | None, masked: bool) -> None:
    """Write a dated release, then move `current` to it."""
    from archive.masking import mask
    from archive.site.release import publish as publish_release

    release = publish_release(options.archive, to or options.releases, mask=mask if masked else None)
    click.echo(release.report())


@click.command()
@click.option("--public", is_flag=True, help="The profile for a site open to the world.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; others need --public.")
@_options
def serve(options: Options, public: bool, port: int, host: str) -> None:
    """Serve the current release with Datasette; picks up a new one by itself."""
    from archive.site.serve import serve as serve_releases

    serve_releases(options.releases, port=port, public=public, host=host, archive=options.archive)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--ack", metavar="PORTAL", help="Acknowledge a portal's problem.")
@click.option("--until", metavar="D", help="The acknowledgement's last day.")
@click.option("--reason", metavar="R")
@_options
def health(options: Options, as_json: bool, ack: str | None, until: str | None, reason: str | None) -> None:
    """Tell which portals are silent, shrinking or failing, and why."""
    from archive import health as work
    from archive import room
    from archive.connect import connect

    db = connect(options.archive, create=False)
    try:
        if ack is not None:
            if until is None or reason is None:
                raise Problem("--ack needs --until D and --reason R")
            work.acknowledge(db, ack, until, reason)
        work.forget_recovered(db)
        found = work.judge(db)
        growth = room.growth(db, options.archive)
    finally:
        db.close()
    alarms = [entry for entry in found if entry.state == "alarm"]
    known = [entry for entry in found if entry.state == "acknowledged"]
    if as_json:
        click.echo(json.dumps([entry.as_json() for entry in found], ensure_ascii=False, indent=1))
    else:
        for entry in (*alarms, *known):
            click.echo(entry.line())
        waiting = sum(entry.last_run is None for entry in found)
        fine = len(found) - len(alarms) - len(known) - waiting
        click.echo(
            f"{len(alarms)} portals need a person, {len(known)} acknowledged, {fine} fine, {waiting} not crawled yet"
        )
        click.echo(growth.line())
    if alarms:
        raise SystemExit(NEEDS_A_PERSON)


@click.command()
@_options
def migrate(options: Options) -> None:
    """Bring an archive of an older version to today's schema; take a backup first."""
    from archive import migrations
    from archive.connect import connect, explained
    from archive.lock import Lock

    db = connect(options.archive, create=False, check=False)
    try:
        with Lock(options.archive), explained(options.archive):
            applied = migrations.migrate(db)
    finally:
        db.close()
    click.echo(f"{options.archive}: {', '.join(applied) or 'the schema is the newest'}; every guard stands")


@click.command()
@click.argument("portals", nargs=-1, metavar="[PORTAL]...")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes that clean.")
@click.option("--all", "everything", is_flag=True, help="Also what today's rules cleaned already.")
@_options
def reclean(options: Options, portals: tuple[str, ...], workers: int, everything: bool) -> None:
    """Clean the stored raw pages again by today's rules; goes on where an interrupted run stood."""
    from archive.cleaner import cleaner
    from archive.connect import connect
    from archive.progress import bar
    from archive.reclean import reclean as run
    from archive.reclean import stale

    db = connect(options.archive, create=False)
    try:
        total = stale(db, portals, cleaner(options.layouts).name, everything)
    finally:
        db.close()
    with bar("cleaning again", total) as seen:
        done = run(options.archive, portals, workers, everything=everything, layouts=options.layouts, seen=seen)
    click.echo(f"{done.articles} articles cleaned again, {done.changed} came out otherwise; none counts as an edit")
    troubles = [
        (done.damaged, "have a raw page that cannot be read; run `tintinh verify`"),
        (done.lost, "had a text and have none by today's rules; see what `tintinh clean` makes of their pages"),
    ]
    for articles, trouble in troubles:
        if articles:
            raise Problem(f"{len(articles)} articles {trouble} (first: {articles[0]})", NEEDS_A_PERSON)


@click.command()
@click.option("--share", metavar="1/N", help="Only the part whose turn it is today, for example 1/30.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@_options
def verify(options: Options, share: str | None, as_json: bool) -> None:
    """Look whether the archive, its media and its releases still are what was put into them."""
    from archive.fixity import WHOLE, Share
    from archive.fixity import verify as run

    findings = run(options, Share.parse(share) if share else WHOLE)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            click.echo(str(finding))
    if findings:
        raise Problem(f"{options.archive}: {len(findings)} things are not as they should be", NEEDS_A_PERSON)
    if not as_json:
        click.echo(f"{options.archive}: everything is as it was put in" + (f" (share {share})" if share else ""))


@click.command()
@click.argument("url")
@click.option("--reason", required=True, help="Why; readers see it in place of the article.")
@click.option("--by", "by_whom", help="Who asked for it; only the archive keeps this.")
@click.option("--erase", is_flag=True, help="Also remove every page and text of it for good. Cannot be undone.")
@_options
def takedown(options: Options, url: str, reason: str, by_whom: str | None, erase: bool) -> None:
    """Hide the article at URL (or with that id) from the next release on; with --erase, remove it for good."""
    from archive import takedown as work
    from archive.connect import connect

    db = connect(options.archive, create=False)
    try:
        article = work.find(db, url)
        if not erase:
            work.hide(db, article, reason, by_whom)
            click.echo(f"article {article} is hidden from the next release on; run `tintinh publish`")
            return
        gone = work.erase(db, article, reason, by_whom, options.media)
    finally:
        db.close()
    click.echo(
        f"article {article} is erased: {gone.bodies} raw pages, {gone.versions} versions, {gone.files} files; run"
        " `tintinh publish` now, and remember that older backups still hold it"
    )


@click.group()
def export() -> None:
    """Write parts of the archive for other tools and other people."""


@export.command()
@click.argument("article", metavar="ID")
@click.option("--version", type=click.IntRange(1), help="Which version.  [default: the current one]")
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), help="The file.  [default: evidence-ID-vN.zip]")
@click.option("--mask", "masked", is_flag=True, help="Mask private numbers; leaves the raw page out.")
@_options
def evidence(options: Options, article: str, version: int | None, to: Path | None, masked: bool) -> None:
    """Write one file with everything that proves what the page with this ID said."""
    from archive.connect import connect
    from archive.evidence import export as run

    db = connect(options.archive, write=False)
    try:
        target = run(db, options, article, version, to, masked=masked)
    finally:
        db.close()
    click.echo(str(target))


@export.command()
@click.argument("portals", nargs=-1, metavar="[PORTAL]...")
@click.option(
    "--to", type=click.Path(path_type=Path, dir_okay=False), help="The file.  [default: tintinh-STAMP.warc.gz]"
)
@_options
def warc(options: Options, portals: tuple[str, ...], to: Path | None) -> None:
    """Write all kept captures (of the portals named) as WARC, for pywb and other archives."""
    from archive import clock
    from archive import warc as work
    from archive.connect import connect

    target = to or Path(f"tintinh-{clock.stamp().replace(':', '')}.warc.gz")
    db = connect(options.archive, write=False)
    try:
        count = work.write(db, work.captures(db, portals), target)
    finally:
        db.close()
    click.echo(f"{target}: {count} captures")


@click.command()
@click.option("--to", type=_folder, required=True, help="Folder of the backups, best on another disk.")
@click.option("--keep", type=click.IntRange(1), default=7, show_default=True, help="Backups that stay.")
@_options
def backup(options: Options, to: Path, keep: int) -> None:
    """Copy the archive, its layouts and media; safe while a crawl runs."""
    from archive.backup import backup as run

    made = run(options, to, keep)
    click.echo(f"{made.folder}: {made.bytes >> 20} MB, {made.media} new media files")


@click.command()
@click.argument("source", type=_folder)
@click.option("--replace", is_flag=True, help="Put an archive that is there aside.")
@_options
def restore(options: Options, source: Path, replace: bool) -> None:
    """Put the newest backup in SOURCE (or the one that SOURCE is) in the archive's place."""
    from archive.backup import restore as run

    folder = run(options, source, replace=replace)
    click.echo(f"{options.archive}: restored from {folder}; every file had its hash")


@click.command()
@click.argument("shards", nargs=-1, required=True, type=click.Path(path_type=Path))
@_options
def merge(options: Options, shards: tuple[Path, ...]) -> None:
    """Take other archives into this one; identifiers stay what they are."""
    from archive.merge import merge as run

    for shard in shards:
        done = run(options, shard)
        click.echo(
            f"{shard}: {done.copied} addresses copied, {done.settled} settled with ours, {done.files} media files"
        )
