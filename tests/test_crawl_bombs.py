"""Bodies that swell when unpacked: none costs more memory than an honest crawl has, whatever its coding."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import brotli
import pytest
import zstandard

from tests.hostile.portals import running, site
from tests.hostile.proof import crawl, query
from tests.hostile.raw import Answer, whole

MB = 1 << 20
SIZE = 1500
"""Megabytes that each holds."""

PEAK = 250 * MB


def endless(window: int) -> bytes:
    """One deflate stream of 1.5 GB, made quickly: after a full flush its blocks may be repeated."""
    stream = zlib.compressobj(9, zlib.DEFLATED, window)
    head = stream.compress(b"") + stream.flush(zlib.Z_FULL_FLUSH)
    block = stream.compress(b"0" * MB) + stream.flush(zlib.Z_FULL_FLUSH)
    return head + block * SIZE + stream.flush()


def zstd() -> bytes:
    """One zstd frame after the other."""
    return zstandard.ZstdCompressor().compress(b"0" * MB) * SIZE


BOMBS: dict[str, tuple[bytes, str]] = {
    "gzip": (endless(31), "gzip"),
    "gzip-nhieu": (gzip.compress(b"0" * MB, mtime=0) * SIZE, "gzip"),
    "deflate": (endless(15), "deflate"),
    "deflate-tho": (endless(-15), "deflate"),
    "brotli": (brotli.compress(b"0" * (SIZE // 5 * MB), quality=1), "br"),
    "zstd": (zstd(), "zstd"),
    "hai-lop": (gzip.compress(endless(31), mtime=0), "gzip, gzip"),
}
NOTHING = {"too-big", "net-error", "truncated", "no-article", "doubtful"}


def packed(body: bytes, coding: str, kind: str = "text/html") -> Answer:
    return whole(body, kind, headers={"Content-Encoding": coding})


@pytest.mark.slow
def test_no_bomb_costs_memory(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    bomb = BOMBS["gzip"][0]
    others = {"/tin-tuc": packed(bomb, "gzip")}
    portals = {
        "bai": site({name: packed(*made) for name, made in BOMBS.items()}),
        "danh_sach": site({}, others),
        "so_do": site({}, {"/sitemap.xml": whole(bomb, "application/x-gzip")}),
        "robots": site({}, {"/robots.txt": packed(bomb, "gzip", "text/plain")}),
    }
    with running(portals, tmp_path / "registry", 'sitemaps = ["/sitemap.xml"]') as world:
        run = crawl(archive, world.registry, settings={"RETRY_TIMES": 0})
    assert run.code in (0, 1), run.err[-2000:]
    assert run.peak < PEAK, f"{run.peak // MB} MB"
    outcomes = dict(
        query(
            archive,
            "SELECT u.key, c.outcome FROM captures c JOIN urls u ON u.id = c.article_id"
            " WHERE u.portal = 'bai' AND u.kind = 'article'",
        )
    )
    assert {name: outcomes[name] for name in BOMBS if outcomes[name] not in NOTHING} == {}
    assert (outcomes["thuong-1"], outcomes["thuong-2"]) == ("ok", "ok")
