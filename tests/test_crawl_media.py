"""Attachments are fetched where a portal's row asks for them, under the crawl's manners, and kept by their sha256."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

from demo.world import World
from tests.hostile.proof import crawl

PORTAL = "demo_long_an"


def test_the_files_of_a_portal_that_wants_them_are_kept_once(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with World(tmp_path / "registry") as world:
        row = world.registry / "long_an.toml"
        row.write_text(row.read_text(encoding="utf-8") + 'media = "attachments"\n', encoding="utf-8")
        site = world.sites["long_an"]
        first = crawl(archive, world.registry, PORTAL, "demo_quang_nam")
        assert first.code == 0, first.err
        files = [hit.target for hit in site.log if hit.target.endswith((".pdf", ".docx", ".xlsx"))]
        again = crawl(archive, world.registry, PORTAL)
        assert again.code == 0, again.err
        assert [hit.target for hit in site.log if hit.target.endswith((".pdf", ".docx", ".xlsx"))] == files
        assert not [hit for hit in world.sites["quang_nam"].log if hit.target.endswith((".pdf", ".docx"))]
        wanted = sum(len(article.files) for article in site.articles.values())
    with closing(sqlite3.connect(archive)) as db:
        links = db.execute("SELECT url, sha256, status, flags FROM media_links").fetchall()
    assert len(links) == len(files) == wanted > 0
    for url, sha, status, flags in links:
        name = sha.hex()
        kept = tmp_path / "media" / name[:2] / name
        assert hashlib.sha256(kept.read_bytes()).hexdigest() == name, url
        assert (status, json.loads(flags)) == (200, [])
