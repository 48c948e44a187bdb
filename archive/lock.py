"""One run at a time per archive: a lock of the operating system, which frees itself when its process dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from cleaning.command import LOCKED, Problem


class Lock:
    """Holds `<archive>.<what>.lock` until closed; a second holder is refused at once with a Problem (exit 75)."""

    def __init__(self, archive: Path, what: str = "crawl") -> None:
        self.path = archive.with_name(f"{archive.name}.{what}.lock")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.seek(0)
            holder = self._file.read().strip() or "another process"
            self._file.close()
            raise Problem(f"{self.path}: {holder} holds the lock; this run ends, wait for that one", LOCKED) from error
        self._file.truncate(0)
        self._file.write(f"process {os.getpid()}")
        self._file.flush()

    def close(self) -> None:
        """Let go; the file stays, empty."""
        if not self._file.closed:
            self._file.truncate(0)
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
