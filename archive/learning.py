"""Hands a portal's stored pages to `cleaning.learn` and keeps the layout file that a person is to review."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from archive.connect import connect
from archive.raw import Damaged, RawStore
from cleaning.command import Problem
from cleaning.learn import Proposal, learn

PAGES = 24
"""Pages to learn from: half of them the latest, half spread over the archive's years, which may hold older layouts."""


@dataclass(frozen=True)
class Lesson:
    """A proposal and the file it goes to (not written unless asked for)."""

    proposal: Proposal
    file: Path
    pages: int


def learn_portal(archive: Path, portal: str, layouts: Path, *, write: bool = False) -> Lesson:
    """Propose layouts for a portal from its pages; with `write`, keep them as `layouts/PORTAL.toml`.

    Raises `Problem` for an unknown portal, for one without pages, and where nothing sure enough to write was learnt.
    """
    db = connect(archive, write=False)
    try:
        if db.execute("SELECT 1 FROM portals WHERE id = ?", (portal,)).fetchone() is None:
            raise Problem(f"the archive has no portal {portal}; `tintinh portals list` shows them")
        pages = _pages(db, portal)
    finally:
        db.close()
    if not pages:
        raise Problem(f"the archive has no page of {portal} yet; crawl or import some first")
    proposal = learn(pages, portal)
    lesson = Lesson(proposal, layouts / f"{portal}.toml", len(pages))
    if write:
        if not proposal.layouts:
            raise Problem(f"learn {portal}: {'; '.join(proposal.doubts)}; nothing was written")
        layouts.mkdir(parents=True, exist_ok=True)
        lesson.file.write_text(proposal.toml(), encoding="utf-8")
    return lesson


def _pages(db: sqlite3.Connection, portal: str) -> list[tuple[str, bytes]]:
    rows = db.execute(
        "SELECT coalesce(c.final_url, c.url), c.kept, max(c.ordered_at)"
        " FROM captures c JOIN urls u ON u.id = c.article_id"
        " WHERE u.portal = ? AND u.kind = 'article' AND c.outcome = 'ok' AND c.kept IS NOT NULL"
        " GROUP BY c.article_id ORDER BY 3, 1",
        (portal,),
    ).fetchall()
    latest, earlier = rows[-PAGES // 2 :], rows[: -PAGES // 2]
    step = max(1, -(-len(earlier) // (PAGES // 2)))
    raw = RawStore(db)
    pages = []
    for url, kept, _ in [*earlier[::step], *latest]:
        try:
            pages.append((str(url), raw.get(kept)))
        except Damaged:
            continue
    return pages
