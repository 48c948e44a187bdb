"""Raw pages: content-addressed, compressed by zstd against a page that looks the same, read back byte for byte.

A portal's pages share nearly all their markup, so one whole page is as good a dictionary as any trained one. A first
capture leans on the portal's sample page, whose article has been emptied: nobody's text lives on in it. A refetch
leans on the first body of its own article and never deeper, so a page in which only a counter moved costs a few
dozen bytes and an article's bodies can be erased together.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from html import unescape
from unicodedata import normalize
from urllib.parse import unquote

import zstandard

from archive import clock

LEVEL = 9
AGAIN = 8
"""Levels of a first capture and of a refetch: the latter is nearly all repetition, and its base is loaded but once."""

WORTH = 0.5
"""A page whose size against its portal's sample is above this share of its size alone asks for a new sample."""

_PARTS = re.compile(rb"(<!--.*?-->)|(<[^>]*>)|([^<]+)", re.DOTALL)
_QUOTED = re.compile(rb"""("[^"]*"|'[^']*')""")
_WORDS = re.compile(r"\w+")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_OPAQUE = 400
_LEAST, _MOST = 2_000, 500_000
_SERVED = 8
_TRIED = 4
_AT_HAND = 128
_QUICK = zstandard.ZstdCompressor(level=1)
_SMALLEST = zstandard.ZstdCompressor(level=19, write_checksum=True)


class Damaged(Exception):
    """A stored body that cannot be read back as the bytes its hash promises."""


class RawStore:
    """Writes and reads bodies through one connection; keeps the latest dictionaries at hand."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self._loaded: OrderedDict[int, _Sample] = OrderedDict()
        self._numbers: dict[str, list[int]] = {}

    def put(self, body: bytes, portal: str, first_of_article: bytes | None, article: Iterable[str] = ()) -> bytes:
        """Store a body unless it is there, inside the caller's transaction; return its sha256.

        `first_of_article` is the hash of the article's first kept body, None for a first capture; `article` the
        article's texts, to be emptied if this page becomes its portal's sample.
        """
        sha = hashlib.sha256(body).digest()
        if self.db.execute("SELECT 1 FROM bodies WHERE sha256 = ?", (sha,)).fetchone():
            return sha
        dictionary_id, base, data = self._smallest(body, portal, first_of_article, article)
        self.db.execute(
            "INSERT INTO bodies (sha256, dictionary_id, base, raw_size, data) VALUES (?, ?, ?, ?, ?)",
            (sha, dictionary_id, base, len(body), data),
        )
        return sha

    def get(self, sha: bytes) -> bytes:
        """Return the body with this hash, byte for byte; raises `Damaged` when that is not possible."""
        row = self.db.execute(
            "SELECT dictionary_id, base, raw_size, data FROM bodies WHERE sha256 = ?", (sha,)
        ).fetchone()
        if row is None:
            raise Damaged("there is no such body")
        body = self._unpack(row)
        if hashlib.sha256(body).digest() != sha:
            raise Damaged("its bytes do not have its hash")
        return body

    def sample(self, dictionary: int) -> bytes:
        """Return the sample page that is a portal's dictionary; raises `Damaged`."""
        row = self.db.execute("SELECT sha256, raw_size, data FROM dictionaries WHERE id = ?", (dictionary,)).fetchone()
        if row is None:
            raise Damaged(f"dictionary {dictionary} is not there")
        try:
            sample = _unpacked(row["data"], row["raw_size"], None)
        except Damaged as damage:
            raise Damaged(f"dictionary {dictionary}: {damage}") from damage
        if hashlib.sha256(sample).digest() != row["sha256"]:
            raise Damaged(f"dictionary {dictionary} does not have its hash")
        return sample

    def stand_alone(self, sha: bytes) -> None:
        """Keep a body without the one it leans on; erasure, which lowers the guards, asks for it."""
        data = _pack(self.get(sha), None)
        self.db.execute("UPDATE bodies SET dictionary_id = NULL, base = NULL, data = ? WHERE sha256 = ?", (data, sha))

    def without(self, dictionary: int, texts: Iterable[str]) -> bool:
        """Make a dictionary anew if it repeats six words of the texts, and all bodies that lean on it; tell if it did.

        Erasure, which lowers the guards, asks for it.
        """
        sample = self.sample(dictionary)
        clean = emptied(sample, texts, run=6)
        if clean == sample:
            return False
        portal = self.db.execute("SELECT portal FROM dictionaries WHERE id = ?", (dictionary,)).fetchone()[0]
        made = self._insert_dictionary(portal, clean)
        for (sha,) in self.db.execute("SELECT sha256 FROM bodies WHERE dictionary_id = ?", (dictionary,)).fetchall():
            data = self._sample(made).compressor.compress(self.get(sha))
            self.db.execute("UPDATE bodies SET dictionary_id = ?, data = ? WHERE sha256 = ?", (made, data, sha))
        self.db.execute("DELETE FROM dictionaries WHERE id = ?", (dictionary,))
        self.forget()
        return True

    def forget(self) -> None:
        """Forget what was read before a transaction that was rolled back."""
        self._numbers.clear()
        self._loaded.clear()

    def _unpack(self, row: sqlite3.Row) -> bytes:
        dictionary = None
        if row["dictionary_id"] is not None:
            dictionary = self._sample(row["dictionary_id"]).dictionary
        elif row["base"] is not None:
            base = self.db.execute(
                "SELECT dictionary_id, base, raw_size, data FROM bodies WHERE sha256 = ?", (row["base"],)
            )
            first = base.fetchone()
            if first is None or first["base"] is not None:
                raise Damaged("the body it leans on is not there")
            dictionary = _as_dictionary(self._unpack(first))
        return _unpacked(row["data"], row["raw_size"], dictionary)

    def _smallest(
        self, body: bytes, portal: str, first: bytes | None, article: Iterable[str]
    ) -> tuple[int | None, bytes | None, bytes]:
        """Return the dictionary, the base and the bytes of the smallest way to keep a body."""
        ways: list[tuple[int | None, bytes | None, bytes]] = []
        fair = WORTH * len(_QUICK.compress(body))
        with suppress(Damaged):  # a damaged page or sample is verify's to report; new pages do without it
            if first is not None and self._leans_on_nothing(first):
                ways.append((None, first, _pack(body, _as_dictionary(self.get(first)), AGAIN)))
                if len(ways[0][2]) <= fair:
                    return ways[0]
        numbers = self._numbers_of(portal)
        for number in list(numbers):
            with suppress(Damaged):
                ways.append((number, None, self._sample(number).compressor.compress(body)))
                if len(ways[-1][2]) <= fair:
                    numbers.remove(number)
                    numbers.insert(0, number)
                    return min(ways, key=_size)
        made = self._make_dictionary(portal, body, article) if all(map(self._serves, numbers)) else None
        if made is not None:
            ways.append((made, None, self._sample(made).compressor.compress(body)))
        else:
            ways.append((None, None, _pack(body, None)))
        return min(ways, key=_size)

    def _leans_on_nothing(self, sha: bytes) -> bool:
        row = self.db.execute("SELECT base FROM bodies WHERE sha256 = ?", (sha,)).fetchone()
        return row is not None and row["base"] is None

    def _serves(self, dictionary: int) -> bool:
        """Tell whether enough bodies lean on a dictionary to give its portal another one."""
        few = "SELECT count(*) FROM (SELECT 1 FROM bodies WHERE dictionary_id = ? LIMIT ?)"
        return bool(self.db.execute(few, (dictionary, _SERVED)).fetchone()[0] >= _SERVED)

    def _numbers_of(self, portal: str) -> list[int]:
        """Return the portal's newest dictionaries, the one that fitted last first."""
        if portal not in self._numbers:
            newest = "SELECT id FROM dictionaries WHERE portal = ? ORDER BY id DESC LIMIT ?"
            self._numbers[portal] = [row[0] for row in self.db.execute(newest, (portal, _TRIED))]
        return self._numbers[portal]

    def _make_dictionary(self, portal: str, body: bytes, article: Iterable[str]) -> int | None:
        texts = tuple(article)
        if not texts or len(body) > _MOST or not _is_utf8(body):  # only what can be compared with the article …
            return None  # … can be emptied of it, and only in a moment
        sample = emptied(body, texts)
        if len(sample) < _LEAST:
            return None
        if self.db.execute(
            "SELECT 1 FROM dictionaries WHERE sha256 = ?", (hashlib.sha256(sample).digest(),)
        ).fetchone():
            return None
        made = self._insert_dictionary(portal, sample)
        self._numbers[portal] = [made, *self._numbers_of(portal)][:_TRIED]
        return made

    def _insert_dictionary(self, portal: str, sample: bytes) -> int:
        done = self.db.execute(
            "INSERT INTO dictionaries (portal, made_at, sha256, raw_size, data) VALUES (?, ?, ?, ?, ?)",
            (portal, clock.stamp(), hashlib.sha256(sample).digest(), len(sample), _SMALLEST.compress(sample)),
        )
        assert done.lastrowid is not None
        return done.lastrowid

    def _sample(self, number: int) -> _Sample:
        if number in self._loaded:
            self._loaded.move_to_end(number)
            return self._loaded[number]
        loaded = self._loaded[number] = _Sample(self.sample(number))
        if len(self._loaded) > _AT_HAND:
            self._loaded.popitem(last=False)
        return loaded


class _Sample:
    """A dictionary made ready once: loading it for every page would cost more than the page."""

    def __init__(self, sample: bytes) -> None:
        self.dictionary = _as_dictionary(sample)
        self._compressor: zstandard.ZstdCompressor | None = None

    @property
    def compressor(self) -> zstandard.ZstdCompressor:
        if self._compressor is None:
            self.dictionary.precompute_compress(level=LEVEL)
            self._compressor = zstandard.ZstdCompressor(level=LEVEL, dict_data=self.dictionary, write_checksum=True)
        return self._compressor


def emptied(page: bytes, texts: Iterable[str], run: int = 3) -> bytes:
    """Return the page without the words of `texts`: no text, attribute or script that shares `run` words in a row.

    A shorter piece goes when it stands in the texts as it is, and so does a very long attribute (a view state may hold
    anything). Markup stays: it is what other pages of the portal share.
    """
    told = _Told(texts, run)

    def value(match: re.Match[bytes]) -> bytes:
        quoted = match[0]
        return quoted[:1] + quoted[-1:] if len(quoted) > _OPAQUE or told(quoted[1:-1]) else quoted

    def kept(match: re.Match[bytes]) -> bytes:
        comment, tag, text = match.groups()
        if tag is not None:
            return _QUOTED.sub(value, tag)
        piece: bytes = comment if comment is not None else text
        return b"" if told(piece) else piece

    return _PARTS.sub(kept, page)


class _Told:
    """Tells whether a piece of a page repeats the words of some texts."""

    def __init__(self, texts: Iterable[str], run: int) -> None:
        self.run = run
        words = [_words(text) for text in texts]
        self.runs = {each[start : start + run] for each in words for start in range(len(each) - run + 1)}
        self.all = f" {' '.join(word for each in words for word in (*each, '|'))} "

    def __call__(self, piece: bytes) -> bool:
        words = _words(_plain(piece.decode("utf-8", "replace")))
        if len(words) < self.run:
            return bool(words) and f" {' '.join(words)} " in self.all
        return any(words[start : start + self.run] in self.runs for start in range(len(words) - self.run + 1))


def _plain(text: str) -> str:
    """Undo the ways a page may write a letter: entities, the escapes of JSON and of addresses."""
    if "\\u" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return unescape(unquote(text) if "%" in text else text)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORDS.findall(normalize("NFC", text).casefold()))


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _as_dictionary(sample: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(sample, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def _pack(body: bytes, dictionary: zstandard.ZstdCompressionDict | None, level: int = LEVEL) -> bytes:
    return zstandard.ZstdCompressor(level=level, dict_data=dictionary, write_checksum=True).compress(body)


def _size(way: tuple[int | None, bytes | None, bytes]) -> int:
    return len(way[2])


def _unpacked(data: bytes, size: int, dictionary: zstandard.ZstdCompressionDict | None) -> bytes:
    """Return the bytes of one whole frame with nothing after it; raises `Damaged`."""
    reader = zstandard.ZstdDecompressor(dict_data=dictionary).decompressobj()
    try:
        body: bytes = reader.decompress(data)
    except zstandard.ZstdError as error:
        raise Damaged(f"it cannot be unpacked ({error})") from error
    if not reader.eof or reader.unused_data or len(body) != size:
        raise Damaged("it has not the length it came with")
    return body
