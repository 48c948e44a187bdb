"""The one clock. Everything that needs the time asks here, so that a test can make days pass."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime

SHIFT = "TINTINH_NOW"
"""Environment variable of a fixed time (`2026-07-01T00:00:00Z`), for processes that a test starts."""


def _system() -> datetime:
    fixed = os.environ.get(SHIFT)
    return datetime.fromisoformat(fixed).astimezone(UTC) if fixed else datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """Return the time, aware, UTC, whole seconds."""
    return _source().replace(microsecond=0)


def set_source(source: Callable[[], datetime] | None) -> None:
    """Take the time from `source` instead; `None` gives the system's clock back."""
    global _source
    _source = source or _system


def stamp(moment: datetime | None = None) -> str:
    """Return `moment` (default: now) as the archive writes it: `2026-07-01T00:00:00Z`."""
    return (moment or now()).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
