"""The commands that work on the archive; each body lies in the module that does the work, loaded when called."""

from __future__ import annotations

from pathlib import Path

import click

from cleaning.command import Options, Problem

_options = click.make_pass_decorator(Options)
_folder = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("portal")
@click.option("--write", is_flag=True, help="Write the layout to layouts/ beside the archive.")
@_options
def learn(options: Options, portal: str, write: bool) -> None:
    """Propose a layout for PORTAL from its pages in the archive."""
    raise Problem(f"learn {portal}: not built yet")


@click.command()
@click.option("--to", type=_folder, help="Folder of the releases.  [default: releases/ beside the archive]")
@_options
def publish(options: Options, to: Path | None) -> None:
    """Write a dated release, then move `current` to it."""
    from archive.site.release import publish as publish_release

    release = publish_release(options.archive, to or options.releases)
    click.echo(release.report())


@click.command()
@click.option("--public", is_flag=True, help="The profile for a site open to the world.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True)
@_options
def serve(options: Options, public: bool, port: int) -> None:
    """Serve the current release with Datasette; picks up a new one by itself."""
    raise Problem(f"serve on {port}: not built yet")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--ack", metavar="PORTAL", help="Acknowledge a portal's problem.")
@click.option("--until", metavar="D", help="The acknowledgement's last day.")
@click.option("--reason", metavar="R")
@_options
def health(options: Options, as_json: bool, ack: str | None, until: str | None, reason: str | None) -> None:
    """Tell which portals are silent, shrinking or failing, and why."""
    raise Problem("health: not built yet")


@click.command()
@_options
def migrate(options: Options) -> None:
    """Bring an archive of an older version to today's schema; take a backup first."""
    from archive import migrations
    from archive.connect import connect, explained

    db = connect(options.archive, create=False, check=False)
    try:
        with explained(options.archive):
            applied = migrations.migrate(db)
    finally:
        db.close()
    click.echo(f"{options.archive}: {', '.join(applied) or 'the schema is the newest'}; every guard stands")
