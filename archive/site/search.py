"""Vietnamese full-text search: one folded FTS5 index over `articles`, and the one fold of both its sides.

SQLite's tokenizer `unicode61 remove_diacritics 2` takes off every tone and vowel mark (so NFD, hoà/hòa and uỷ/ủy
come out alike) but keeps đ, a letter of its own. So đ is folded before the text reaches the index and before a
query reaches MATCH, by `fold` and `folded_sql`, which share one table of letters. Folding changes no token's place, so
`snippet()` and `highlight()` print the original from `articles`.

In a downloaded file, with nothing but sqlite3, one line searches, newest first:

    SELECT id, date, title FROM articles WHERE rowid IN
      (SELECT rowid FROM articles_fts WHERE articles_fts MATCH replace(replace('"đại hội"', 'đ', 'd'), 'Đ', 'D'))
    ORDER BY rowid DESC LIMIT 20;
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

COLUMNS = ("title", "lead", "body", "captions", "table_text")
"""What is searched, in the order of `articles_fts`'s columns."""

WEIGHTS = (10.0, 4.0, 1.0, 2.0, 1.0)
"""How much a hit in each column counts when a reader asks for relevance."""

MAX_WORDS = 32
"""Words of a query that count; a longer one is cut (FTS5 refuses deep expressions)."""

# ð and Ð (eth) are what đ and Đ became in pages that went through a Latin-1 encoding.
_LETTERS = {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D"}
_TABLE = str.maketrans(_LETTERS)

_PHRASES = re.compile(r'"([^"]*)"|([^\s"]+)')

TOKENIZER = "unicode61 remove_diacritics 2"

# content="articles" in double quotes: with single ones neither Datasette nor sqlite-utils sees the index.
DDL = f"""CREATE VIRTUAL TABLE articles_fts USING fts5(
  {", ".join(COLUMNS)}, content="articles", tokenize='{TOKENIZER}')"""


def fold(text: str) -> str:
    """Return `text` with đ made d; the tokenizer folds the rest."""
    return text.translate(_TABLE)


def folded_sql(expression: str) -> str:
    """Return the SQL expression that folds `expression` as `fold` does, in any SQLite."""
    for letter, folded in _LETTERS.items():
        expression = f"replace({expression}, '{letter}', '{folded}')"
    return expression


def match(query: str) -> str:
    """Return an FTS5 expression for what a person typed: every word must occur, "words in quotes" stand together.

    Never a syntax error, whatever was typed; a query without a letter or digit gives `""`, which matches nothing.
    """
    phrases = [a or b for a, b in _PHRASES.findall(fold(query.replace("\0", " ")))]
    return " ".join(f'"{phrase}"' for phrase in phrases[:MAX_WORDS] if re.search(r"\w", phrase)) or '""'


def has_accents(text: str | None, query: str | None) -> bool:
    """Tell whether `text` holds the words of `query` with exactly these accents, in any case and either tone placement.

    For readers who choose "đúng dấu": the folded index finds the candidates, this keeps the exact ones.
    """
    text = unicodedata.normalize("NFC", text or "").lower()
    return all(any(word in text for word in words) and pattern.search(text) for words, pattern in _exactly(query or ""))


@lru_cache(maxsize=256)
def _exactly(query: str) -> tuple[tuple[set[str], re.Pattern[str]], ...]:
    """Return, per word or quoted phrase of a query, how its first word is written, and its pattern.

    Looking for the bare word first is ten times as quick as the pattern, whose start is a look behind.
    """
    patterns = []
    for a, b in _PHRASES.findall(unicodedata.normalize("NFC", query)[:1000].lower()):
        if words := [_placements(word) for word in re.findall(r"\w+", a or b)]:
            alike = r"\W+".join(f"(?:{'|'.join(sorted(word))})" for word in words)
            patterns.append((words[0], re.compile(rf"(?<!\w){alike}(?!\w)")))
    return tuple(patterns)


# hòa and hoà, khỏe and khoẻ, thủy and thuỷ; "qu" is one consonant, a closed syllable (hoàn) is written one way only.
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_OPEN = re.compile(
    rf"(?<!q)(?:(?P<o>o)(?P<o1>[{_TONES}])?(?P<ae>[ae])|(?P<u>u)(?P<u1>[{_TONES}])?(?P<y>y))(?P<late>[{_TONES}])?$"
)


def _placements(word: str) -> set[str]:
    """Return a syllable as it is written in the old and in the new orthography."""
    apart = unicodedata.normalize("NFD", word)
    found = _OPEN.search(apart)
    tone = found and (found["o1"] or found["u1"] or found["late"])
    if not found or not tone:
        return {word}
    stem, first, second = apart[: found.start()], found["o"] or found["u"], found["ae"] or found["y"]
    return {unicodedata.normalize("NFC", stem + pair) for pair in (first + tone + second, first + second + tone)}


def create(db: sqlite3.Connection) -> None:
    """Create the empty index."""
    db.execute(DDL)


def build(db: sqlite3.Connection) -> None:
    """Fill the empty index from `articles` and merge it into one piece. Never `'rebuild'`, which unfolds đ."""
    db.execute(f"{_INSERT} {_SELECT}")
    db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('optimize')")


def add(db: sqlite3.Connection, rowids: Iterable[int]) -> None:
    """Index articles that have just been inserted."""
    db.executemany(f"{_INSERT} {_SELECT} WHERE rowid = ?", ((rowid,) for rowid in rowids))


def forget(db: sqlite3.Connection, rowids: Iterable[int]) -> None:
    """Take articles out of the index; call before their rows change or go."""
    db.executemany(f"{_DELETE} {_SELECT_DELETE} WHERE rowid = ?", ((rowid,) for rowid in rowids))


def unfolded(db: sqlite3.Connection) -> bool:
    """Tell whether somebody rebuilt the index without the fold: then it holds words with đ and loses their readers."""
    db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.articles_words USING fts5vocab('main', 'articles_fts', 'row')")
    return bool(
        db.execute("SELECT EXISTS (SELECT 1 FROM temp.articles_words WHERE term >= 'đ' AND term < 'Ē')").fetchone()[0]
    )


_FOLDED = ", ".join(folded_sql(f"[{column}]") for column in COLUMNS)
_NAMES = ", ".join(COLUMNS)
_INSERT = f"INSERT INTO articles_fts(rowid, {_NAMES})"
_SELECT = f"SELECT rowid, {_FOLDED} FROM articles"
_DELETE = f"INSERT INTO articles_fts(articles_fts, rowid, {_NAMES})"
_SELECT_DELETE = f"SELECT 'delete', rowid, {_FOLDED} FROM articles"
