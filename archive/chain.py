"""The chain of releases: each SHA256SUMS names the one before it, so no release can be altered unnoticed later.

`releases/chain` has one line `release sha256` per release ever made. An operator may lay an RFC 3161 time-stamp token
of a release's SHA256SUMS beside it as `SHA256SUMS.tsr` (`openssl ts -query -data SHA256SUMS -sha256 -cert`); here it
is only compared with the file, its signature is checked with `openssl ts -verify`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

CHAIN = "chain"
SUMS = "SHA256SUMS"
TOKEN = "SHA256SUMS.tsr"


def broken(releases: Path, *, files: bool) -> Iterator[str]:
    """Yield what is wrong with the releases in a folder: the chain, the tokens and, if `files`, every file's hash."""
    chain = _chain(releases)
    standing = [path for path in sorted(releases.glob("[0-9]*")) if path.is_dir()] if releases.is_dir() else []
    before: dict[str, tuple[str, str] | None] = dict(zip((name for name, _ in chain), [None, *chain], strict=False))
    known = dict(chain)
    for folder in standing:
        sums = folder / SUMS
        if not sums.is_file():
            yield f"{folder} has no {SUMS}"
            continue
        digest = _sha256(sums)
        if known.get(folder.name) != digest:
            yield f"{sums} is not the one that {releases / CHAIN} names"
        elif _previous(sums) != before[folder.name]:
            yield f"{sums} does not name the release before it as {releases / CHAIN} does"
        token = folder / TOKEN
        if token.is_file() and bytes.fromhex(digest) not in token.read_bytes():
            yield f"{token} is a time-stamp of something else"
        if files:
            yield from _altered(folder)


def _altered(folder: Path) -> Iterator[str]:
    for line in (folder / SUMS).read_text("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        if line.startswith("#") or not name:
            continue
        file = folder / name
        if not file.is_file():
            yield f"{file} is missing"
        elif _sha256(file) != digest:
            yield f"{file} does not have its hash"


def _chain(releases: Path) -> list[tuple[str, str]]:
    file = releases / CHAIN
    lines = file.read_text("ascii", "replace").splitlines() if file.is_file() else []
    return [(name, digest) for name, _, digest in (line.partition(" ") for line in lines if line)]


def _previous(sums: Path) -> tuple[str, str] | None:
    with sums.open(encoding="utf-8") as stream:
        words = stream.readline().split()
    return (words[2], words[3]) if len(words) == 4 and words[:2] == ["#", "previous:"] else None


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
