"""The command `tintinh`: composes the parts' commands, each loaded only when called."""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path

import click

from cleaning.command import CANNOT_FINISH, Options, Problem

COMMANDS = {
    "demo": "demo.cli:demo",
    "crawl": "scrapers.cli:crawl",
    "import": "scrapers.cli:import_",
    "backfill": "scrapers.cli:backfill",
    "portals": "scrapers.cli:portals",
    "nightly": "scrapers.cli:nightly",
    "clean": "cleaning.cli:clean",
    "learn": "archive.cli:learn",
    "reclean": "archive.cli:reclean",
    "health": "archive.cli:health",
    "verify": "archive.cli:verify",
    "publish": "archive.cli:publish",
    "serve": "archive.cli:serve",
    "export": "archive.cli:export",
    "takedown": "archive.cli:takedown",
    "backup": "archive.cli:backup",
    "restore": "archive.cli:restore",
    "merge": "archive.cli:merge",
}


class _Parts(click.Group):
    """A group that imports a command's module only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Parts, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--archive",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Options.archive,
    envvar="TINTINH_ARCHIVE",
    show_default=True,
    help="The archive file.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show the traceback of a problem.")
@click.version_option(package_name="tintinh")
@click.pass_context
def cli(ctx: click.Context, archive: Path, verbose: bool) -> None:
    """Keep and publish the news pages of Vietnam's provincial government portals."""
    ctx.obj = Options(archive, verbose)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit: 0 fine, 1 needs a person, 2 usage, 70 could not finish, 75 locked."""
    verbose = _wants_traceback(sys.argv[1:] if arguments is None else arguments)
    try:
        cli.main(args=arguments, prog_name="tintinh")
    except Problem as problem:
        _report(str(problem), verbose)
        sys.exit(problem.exit_code)
    except KeyboardInterrupt:
        _report("interrupted; what was acknowledged is stored", verbose)
        sys.exit(130)
    except Exception as bug:
        _report(f"{type(bug).__name__}: {bug} (this is a bug or a damaged file; -v shows where)", verbose)
        sys.exit(CANNOT_FINISH)


def _wants_traceback(arguments: list[str]) -> bool:
    return bool({"-v", "--verbose"} & set(arguments))


def _report(line: str, verbose: bool) -> None:
    if verbose:
        traceback.print_exc()
    click.echo("tintinh: " + " ".join(line.split()), err=True)


if __name__ == "__main__":
    main()
