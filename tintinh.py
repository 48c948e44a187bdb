"""The command `tintinh`: composes the parts' commands, each loaded only when called."""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path
from typing import NoReturn

import click

from cleaning.command import CANNOT_FINISH, FINE, USAGE, Options, Problem

COMMANDS = {
    "demo": "demo.cli:demo",
    "crawl": "scrapers.cli:crawl",
    "import": "scrapers.cli:import_",
    "backfill": "scrapers.cli:backfill",
    "portals": "scrapers.cli:portals",
    "nightly": "scrapers.cli:nightly",
    "clean": "cleaning.cli:clean",
    "learn": "archive.cli:learn",
    "migrate": "archive.cli:migrate",
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
        sys.exit(cli.main(args=arguments, prog_name="tintinh", standalone_mode=False))
    except Problem as problem:
        _end(str(problem), problem.exit_code, verbose)
    except click.exceptions.NoArgsIsHelpError as help_:
        click.echo(help_.format_message(), err=True)
        sys.exit(USAGE)
    except click.ClickException as wrong:
        where = wrong.ctx.command_path if isinstance(wrong, click.UsageError) and wrong.ctx else "tintinh"
        _end(f"{wrong.format_message()} Try '{where} --help'.", USAGE, verbose)
    except (KeyboardInterrupt, click.Abort):
        _end("interrupted; what was acknowledged is stored", 130, verbose)
    except BrokenPipeError:
        sys.exit(FINE)
    except Exception as bug:
        _end(f"{type(bug).__name__}: {bug} (a bug or a damaged file; -v shows where)", CANNOT_FINISH, verbose)


def _wants_traceback(arguments: list[str]) -> bool:
    return bool({"-v", "--verbose"} & set(arguments))


def _end(line: str, exit_code: int, verbose: bool) -> NoReturn:
    if verbose:
        traceback.print_exc()
    click.echo("tintinh: " + " ".join(line.split()), err=True)
    sys.exit(exit_code)


if __name__ == "__main__":
    main()
