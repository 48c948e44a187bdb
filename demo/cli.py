"""The command `demo`: the whole job on the sample portals, from the crawl to a Datasette."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import click

from cleaning.command import Problem
from demo.world import World

HOST = "127.0.0.1"
_REMOVED = {
    "views": "view counts", "counter": "visitor counters", "related": "related news", "banner": "banners",
    "notice": "notices", "share": "share buttons", "navigation": "menus", "footer": "footers", "other": "other lines",
}  # fmt: skip


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="Where Datasette listens.")
@click.option("--no-serve", is_flag=True, help="End after the release instead of serving it.")
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data/demo"),
    show_default=True,
    help="Where archive.db and its releases go.",
)
def demo(port: int, no_serve: bool, directory: Path) -> None:
    """Crawl the sample portals on loopback, clean, archive and publish them, and serve the release."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the child ends with us
    if not no_serve:
        _check_free(port)
    directory.mkdir(parents=True, exist_ok=True)
    archive = directory / "archive.db"
    with World(directory / "registry") as world:
        click.echo(f"{len(world.sites)} sample portals on loopback, registry in {world.registry}")
        for site in world.sites.values():
            click.echo(f"  {site.base_url}  {site.data.name} ({site.data.family}, {len(site.articles)} articles)")
        run(world, archive)
        release = archive.parent / "releases" / "current" / "tintinh.db"
        click.echo(report(release))
        click.echo(f"archive {archive}, release {release}")
        if not no_serve:
            click.echo(f"Datasette on http://{HOST}:{port}/ until Ctrl-C; the sample portals answer as long")
            _tintinh(archive, "serve", "--port", str(port))


def run(world: World, archive: Path, delay: float = 0.02) -> None:
    """Crawl a world's portals into an archive and publish it: the user's own commands, each a process of its own."""
    _tintinh(
        archive, "crawl", "--registry", str(world.registry), "--allow-private", "--delay", str(delay)
    )  # fmt: skip
    _tintinh(archive, "publish")


def report(release: Path) -> str:
    """Describe a release in a few lines: the articles of each portal, and what was taken out of them."""
    with closing(sqlite3.connect(f"file:{release}?mode=ro", uri=True)) as db:
        portals = db.execute(
            "SELECT name, articles FROM portals WHERE articles > 0 ORDER BY articles DESC, name"
        ).fetchall()
        removed = db.execute("SELECT label, count(*) FROM removed_blocks GROUP BY label ORDER BY 2 DESC").fetchall()
        around = db.execute("SELECT count(*) FROM portal_blocks").fetchone()[0]
    lines = [f"{sum(count for _, count in portals)} articles of {len(portals)} portals:"]
    lines += [f"  {count:5}  {name}" for name, count in portals]
    lines.append(f"{sum(count for _, count in removed)} lines taken out of the articles, all kept and labelled:")
    lines += [f"  {count:5}  {_REMOVED.get(label, label)}" for label, count in removed]
    lines.append(f"{around:7}  lines that stand around every article, kept once per portal")
    return "\n".join(lines)


def _tintinh(archive: Path, *arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "tintinh", "--archive", str(archive), *arguments], check=False)
    if done.returncode == -2 or done.returncode == 130:
        raise KeyboardInterrupt
    if done.returncode:
        raise Problem(f"demo: `tintinh {arguments[0]}` ended with {done.returncode}; see above", done.returncode)


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            reason = error.strerror or str(error)
            raise Problem(f"port {port} on {HOST}: {reason}; choose another with --port", 2) from error
