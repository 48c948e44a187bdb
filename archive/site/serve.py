"""`tintinh serve`: Datasette over the current release, on this machine for its owner or, bounded, for the world."""

from __future__ import annotations

import copy
import importlib
import socket
import sqlite3
from pathlib import Path
from typing import Any

import click
import uvicorn
from datasette.plugins import pm

from archive.site import connection, describe, exports, plugin, release
from archive.site.dispatch import Dispatcher
from cleaning.command import Problem

LOOPBACK = "127.0.0.1"

LOCAL: dict[str, Any] = {
    "default_page_size": 20,
    "sql_time_limit_ms": 5_000,
    "facet_time_limit_ms": 1_000,
    "suggest_facets": False,
    "max_returned_rows": 5_000,
    "num_sql_threads": 3,
    "truncate_cells_html": 300,
}
"""Settings of Datasette for the archive's owner: everything on."""

PUBLIC: dict[str, Any] = LOCAL | {
    "sql_time_limit_ms": 1_000,
    "facet_time_limit_ms": 200,
    "max_returned_rows": 500,
    "allow_facet": False,
    "allow_csv_stream": False,
    "allow_download": False,
    "max_csv_mb": 8,
    "cache_size_kb": 8_000,
}
"""Settings for strangers; `archive.site.connection` bounds what settings cannot."""


def serve(releases: Path, *, port: int, public: bool, host: str = LOOPBACK, archive: Path | None = None) -> None:
    """Serve until interrupted; with `archive`, readers may take its raw pages.

    Raises `Problem` (exit 2) when nothing is published or the address is taken.
    """
    if host != LOOPBACK and not public:
        raise Problem(f"the local profile listens on {LOOPBACK} only; add --public to listen on {host}")
    folder = release.current(releases)
    if folder is None:
        raise Problem(f"nothing is published in {releases}; run `tintinh publish` first")
    listening = _listen(host, port)
    address = f"http://{host}:{listening.getsockname()[1]}/"
    click.echo(f"{release_count(folder)} in release {folder.name} at {address} (stop with Ctrl-C)")
    config = uvicorn.Config(
        application(releases, public=public, archive=archive),
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run(sockets=[listening])


def application(releases: Path, *, public: bool, archive: Path | None = None) -> Dispatcher:
    """Return the ASGI application over `releases`, with our plugins in Datasette."""
    for name, module in (("tintinh_connection", connection), ("tintinh_site", plugin)):
        if not pm.is_registered(module):
            pm.register(module, name)
    # Datasette prints every refused query's whole stack with all its locals through rich: seconds and megabytes each.
    vars(importlib.import_module("datasette.handle_exception"))["rich"] = None
    sqlite3.enable_callback_tracebacks(False)
    metadata = copy.deepcopy(describe.metadata())
    settings = metadata.setdefault("plugins", {}).setdefault(describe.DATABASE, {})
    settings["public"] = public
    if archive is not None:
        settings["archive"] = str(archive)
    templates = Path(__file__).with_name("templates")
    return Dispatcher(
        releases,
        metadata,
        PUBLIC if public else LOCAL,
        public=public,
        templates=templates if templates.is_dir() else None,
    )


def release_count(folder: Path) -> str:
    """Return how many articles a release holds, in words."""
    with exports.open_public(folder / release.DATABASE) as db:
        count = db.execute("SELECT count(*) FROM articles").fetchone()[0]
    return f"{count} article{'s' if count != 1 else ''}"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Problem(f"cannot listen on {host} port {port} ({error.strerror}); give another with --port") from error
    listening.listen(128)
    return listening
