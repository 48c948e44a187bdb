"""Attachments and pictures of a portal whose row asks for them: after its pages, same manners, size-capped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive import media
from archive.media import LARGEST, Wanted

if TYPE_CHECKING:
    from scrapers.portal_run import MediaJob, PortalRun

PER_RUN = 1000
"""Files that one run fetches for a portal; the rest waits for the next night."""

FINAL = ("robots", "too-big", "blocked-target")
"""Failures that another night would not mend; every other one is tried again."""


def queue(portal_run: PortalRun) -> None:
    """Queue the files that the portal's articles link to and nobody has tried yet, newest articles first."""
    from scrapers.portal_run import MEDIA, MediaJob

    run = portal_run.run
    run.store.flush()
    for wish in media.wanted(run.store.db, portal_run.portal.id, PER_RUN):
        portal_run.put(MEDIA, MediaJob(wish.article_id, wish.url, wish.kind))


def keep(portal_run: PortalRun, job: MediaJob, status: int, body: bytes, content_type: str | None) -> None:
    """Store a file by its sha256, or note why there is none; a page in its place (a login, an error) is no file."""
    flags: list[str] = []
    sha = None
    if status == 200 and body and not _is_page(body, content_type, job.url):
        sha = media.keep(portal_run.run.media, body)
        portal_run.tally["media"] += 1
    elif status == 200:
        flags.append("no-file")
    if status >= 500:
        return
    wish = Wanted(portal_run.portal.id, job.article_id, job.url, job.kind)
    portal_run.run.store.write(
        lambda db: media.link(
            db, wish, sha256=sha, size=len(body), content_type=content_type, status=status, flags=flags
        )
    )


def note_failure(portal_run: PortalRun, job: MediaJob, cause: str) -> None:
    """Note a file that cannot be had at all; one that failed for the host's reasons stays wanted."""
    if cause in FINAL:
        wish = Wanted(portal_run.portal.id, job.article_id, job.url, job.kind)
        portal_run.run.store.write(lambda db: media.link(db, wish, sha256=None, flags=[cause]))


def _is_page(body: bytes, content_type: str | None, url: str) -> bool:
    if url.lower().partition("?")[0].endswith((".htm", ".html", ".mht")):
        return False
    start = body[:512].lstrip().lower()
    says = (content_type or "").partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml")
    return start.startswith((b"<!doctype html", b"<html")) or (says and b"<" in start[:1])


__all__ = ["LARGEST", "keep", "note_failure", "queue"]
