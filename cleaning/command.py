"""What every command of `tintinh` shares: the global options, and problems that end a command in one line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FINE = 0
NEEDS_A_PERSON = 1
USAGE = 2
CANNOT_FINISH = 70
LOCKED = 75


class Problem(Exception):
    """One clear line for stderr (what, where, what to do) and the exit code that goes with it.

    Raise it with `CANNOT_FINISH` for a full disk or a damaged archive, with `LOCKED` when another run
    holds the lock; the default is wrong usage or bad input.
    """

    def __init__(self, line: str, exit_code: int = USAGE) -> None:
        super().__init__(line)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Options:
    """The options that stand before the command's name; click hands them on as `ctx.obj`.

    Beside the archive file lie `layouts/`, `media/` and `releases/`.
    """

    archive: Path = Path("data/archive.db")
    verbose: bool = False

    @property
    def layouts(self) -> Path:
        """The folder of learnt layouts, reviewed by a person."""
        return self.archive.parent / "layouts"

    @property
    def media(self) -> Path:
        """The folder of attachments and pictures, named by sha256."""
        return self.archive.parent / "media"

    @property
    def releases(self) -> Path:
        """The folder of dated releases and their `current` link."""
        return self.archive.parent / "releases"
