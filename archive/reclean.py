"""Cleans the whole past again when the rules got better: from the stored raw pages, without asking any portal.

Articles are taken in the order of their ids; each is settled in a transaction of its own portion, so an interrupted
run goes on where it stood. Workers only clean: one process writes, in that order, so the result is the same to the
byte whatever their number.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from archive import history
from archive.cleaner import Cleaned, Cleaner, again, cleaner
from archive.connect import connect, transaction
from archive.raw import Damaged, RawStore
from cleaning.command import Problem

PORTION = 25
"""Articles of one transaction: a few hundred milliseconds of work."""

_STALE = (
    "FROM urls u WHERE u.kind = 'article' AND (? OR u.settled_by <> ?) AND u.settled_by IS NOT NULL"
    " AND u.id NOT IN (SELECT article_id FROM takedowns WHERE erased_at IS NOT NULL)"
)


Pages = dict[int, Cleaned | None]
"""What cleaning made of an article's captures, by their ids."""


@dataclass(frozen=True)
class Recleaned:
    """What a run came to: articles looked at, how many came out otherwise, and the ids of two kinds that need a person.

    `lost` had a text by the old rules and have none by today's (their pages are kept); `damaged` cannot be read.
    """

    articles: int
    changed: int
    lost: tuple[str, ...]
    damaged: tuple[str, ...]


def reclean(
    archive: Path,
    portals: Sequence[str] = (),
    workers: int = 1,
    *,
    everything: bool = False,
    layouts: Path | None = None,
    rules: Cleaner | None = None,
    seen: Callable[[int], None] = lambda articles: None,
) -> Recleaned:
    """Clean the kept pages of the portals named (default: all) that other rules cleaned; `everything`: all of them.

    `seen(n)` is told each time n more articles are done. `rules` replaces the cleaner in tests, with one worker.
    """
    layouts = layouts or archive.parent / "layouts"
    rules = rules or cleaner(layouts)
    with ExitStack() as stack:
        db = connect(archive, create=False)
        stack.callback(db.close)
        _known_portals(db, portals)
        numbers = [
            row[0] for row in db.execute(*_stale("SELECT u.id", portals, rules.name, everything, " ORDER BY u.id"))
        ]
        portions = [numbers[start : start + PORTION] for start in range(0, len(numbers), PORTION)]
        if workers == 1 or len(portions) < 2:
            raw = RawStore(db)
            cleaned: Iterable[dict[str, Pages | None]] = (_clean(db, raw, rules, portion) for portion in portions)
        else:
            context = multiprocessing.get_context("forkserver")  # imports once, and forks before anything is open
            context.set_forkserver_preload(["archive.reclean", "cleaning.pipeline"])
            pool = ProcessPoolExecutor(workers, context, _begin, (archive, layouts))
            stack.callback(pool.shutdown, cancel_futures=True)
            cleaned = _spread(pool, portions, workers)
        changed = 0
        lost: list[str] = []
        damaged: list[str] = []
        for portion in cleaned:
            with transaction(db):
                for number, found in portion.items():
                    if found is None:
                        damaged.append(number)
                        continue
                    had = _has_text(db, number)
                    changed += _settle(db, rules, number, found)
                    if had and not _has_text(db, number):
                        lost.append(number)
            seen(len(portion))
        return Recleaned(len(numbers), changed, tuple(lost), tuple(damaged))


def stale(db: sqlite3.Connection, portals: Sequence[str], name: str, everything: bool = False) -> int:
    """Return how many articles the rules called `name` have not cleaned yet."""
    count: int = db.execute(*_stale("SELECT count(*)", portals, name, everything)).fetchone()[0]
    return count


def _stale(
    select: str, portals: Sequence[str], name: str, everything: bool, order: str = ""
) -> tuple[str, tuple[object, ...]]:
    only = f" AND u.portal IN ({', '.join('?' * len(portals))})" if portals else ""
    return f"{select} {_STALE}{only}{order}", (everything, name, *portals)


def _known_portals(db: sqlite3.Connection, portals: Sequence[str]) -> None:
    for portal in portals:
        if db.execute("SELECT 1 FROM portals WHERE id = ?", (portal,)).fetchone() is None:
            raise Problem(f"the archive has no portal {portal}; `tintinh portals list` shows them")


def _clean(db: sqlite3.Connection, raw: RawStore, rules: Cleaner, portion: list[str]) -> dict[str, Pages | None]:
    """Clean every kept page of the articles; None for an article with a page that cannot be read back."""
    found: dict[str, Pages | None] = {}
    for number in portion:
        try:
            found[number] = {
                row["id"]: again(rules, raw.get(row["kept"]), row) for row in history.kept_captures(db, number)
            }
        except Damaged:
            found[number] = None
    return found


def _settle(db: sqlite3.Connection, rules: Cleaner, number: str, found: Pages) -> bool:
    raw = RawStore(db)

    def clean(row: sqlite3.Row) -> Cleaned | None:  # a crawl may have stored a capture since
        return found[row["id"]] if row["id"] in found else again(rules, raw.get(row["kept"]), row)

    return history.settle(db, number, clean, rules.name) > 0


def _has_text(db: sqlite3.Connection, number: str) -> bool:
    return db.execute("SELECT version FROM urls WHERE id = ?", (number,)).fetchone()[0] is not None


_worker: tuple[sqlite3.Connection, RawStore, Cleaner] | None = None


def _begin(archive: Path, layouts: Path) -> None:
    """Prepare a worker process: its own reading connection and its own copy of the rules."""
    global _worker
    db = connect(archive, write=False)
    _worker = db, RawStore(db), cleaner(layouts)


def _work(portion: list[str]) -> dict[str, Pages | None]:
    assert _worker is not None
    return _clean(*_worker, portion)


def _spread(pool: ProcessPoolExecutor, portions: list[list[str]], workers: int) -> Iterator[dict[str, Pages | None]]:
    """Yield the portions' results in their order, with only a few of them waiting in memory."""
    ahead: deque[Future[dict[str, Pages | None]]] = deque()
    for portion in portions:
        ahead.append(pool.submit(_work, portion))
        if len(ahead) > 2 * workers:
            yield ahead.popleft().result()
    while ahead:
        yield ahead.popleft().result()
