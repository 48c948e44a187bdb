"""The tables of a published `tintinh.db`: names and columns other people's scripts rely on.

Plain (not STRICT) tables, so that the file opens in any SQLite with FTS5 of 2019 or later. Every `…_at` is UTC
with Z; dates are `YYYY-MM-DD`; JSON columns hold JSON text. What each column means stands in `metadata.yml`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from archive.site.derive import FACETS

VERSION = 1
"""`PRAGMA user_version` of the published file; goes up with every change of a name, with a migration note."""

APPLICATION_ID = 0x54695450
"""`PRAGMA application_id` of the published file: the bytes "TiTP" (the working archive has "TinT")."""

_ARTICLE = "article_id TEXT NOT NULL REFERENCES articles(id)"
_PLACE = f"{_ARTICLE}, n INTEGER NOT NULL, paragraph INTEGER, snippet TEXT NOT NULL"

TABLES: dict[str, str] = {
    "articles": """
        id TEXT PRIMARY KEY, portal TEXT NOT NULL REFERENCES portals(id), publisher TEXT, level TEXT,
        province TEXT, province_now TEXT, province_code_2024 TEXT, province_code_2025 TEXT,
        url TEXT NOT NULL, title TEXT, lead TEXT, author TEXT, source TEXT, category TEXT, language TEXT,
        date TEXT NOT NULL, date_basis TEXT NOT NULL,
        published TEXT, published_precision TEXT, published_source TEXT, published_raw TEXT,
        event_date TEXT, event_date_precision TEXT, event_date_raw TEXT,
        views INTEGER, state TEXT NOT NULL, gone_since TEXT, moved_to TEXT,
        first_fetched_at TEXT NOT NULL, last_ok_at TEXT NOT NULL, changed_at TEXT NOT NULL,
        version INTEGER NOT NULL, version_count INTEGER NOT NULL, text_group TEXT, origin TEXT NOT NULL, layout TEXT,
        encoding TEXT, flags TEXT NOT NULL DEFAULT '[]', words INTEGER NOT NULL, content_hash TEXT NOT NULL,
        fingerprint TEXT NOT NULL, headings TEXT NOT NULL DEFAULT '[]', captions TEXT, table_text TEXT,
        body TEXT NOT NULL""",
    "versions": f"""
        {_ARTICLE}, version INTEGER NOT NULL, kind TEXT NOT NULL, fetched_at TEXT NOT NULL, capture_id INTEGER,
        content_hash TEXT NOT NULL, words_changed INTEGER, cleaner TEXT NOT NULL, layout TEXT,
        published TEXT, published_precision TEXT, title TEXT, author TEXT, lead TEXT, captions TEXT, body TEXT,
        PRIMARY KEY (article_id, version)""",
    "captures": f"""
        id INTEGER PRIMARY KEY, {_ARTICLE}, version INTEGER, fetched_at TEXT NOT NULL, url TEXT NOT NULL,
        final_url TEXT, status INTEGER, headers TEXT, sha256 TEXT, bytes INTEGER, tls_verified INTEGER,
        origin TEXT NOT NULL, masked INTEGER NOT NULL DEFAULT 0, flags TEXT NOT NULL DEFAULT '[]'""",
    "removed_blocks": f"""
        {_ARTICLE}, n INTEGER NOT NULL, label TEXT NOT NULL, rule TEXT NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY (article_id, n)""",
    "portal_blocks": """
        portal TEXT NOT NULL REFERENCES portals(id), n INTEGER NOT NULL, label TEXT NOT NULL, rule TEXT NOT NULL,
        text TEXT NOT NULL, PRIMARY KEY (portal, n)""",
    "images": f"""
        {_ARTICLE}, n INTEGER NOT NULL, url TEXT NOT NULL, caption TEXT, alt TEXT, after_paragraph INTEGER,
        sha256 TEXT, bytes INTEGER, media_type TEXT, PRIMARY KEY (article_id, n)""",
    "attachments": f"""
        {_ARTICLE}, n INTEGER NOT NULL, url TEXT NOT NULL, text TEXT, sha256 TEXT, bytes INTEGER, media_type TEXT,
        PRIMARY KEY (article_id, n)""",
    "article_tables": f"""
        {_ARTICLE}, n INTEGER NOT NULL, after_paragraph INTEGER, rows INTEGER NOT NULL, columns INTEGER NOT NULL,
        cells TEXT NOT NULL, PRIMARY KEY (article_id, n)""",
    "view_counts": f"""
        {_ARTICLE}, fetched_at TEXT NOT NULL, views INTEGER NOT NULL, flag TEXT,
        PRIMARY KEY (article_id, fetched_at)""",
    "site_counters": """
        portal TEXT NOT NULL REFERENCES portals(id), fetched_at TEXT NOT NULL,
        online INTEGER, today INTEGER, yesterday INTEGER, week INTEGER, month INTEGER, year INTEGER, total INTEGER,
        flag TEXT, PRIMARY KEY (portal, fetched_at)""",
    "portals": """
        id TEXT PRIMARY KEY, name TEXT NOT NULL, level TEXT, family TEXT, base_url TEXT, platform TEXT,
        province TEXT, province_now TEXT, province_id TEXT REFERENCES provinces(id),
        valid_from TEXT, valid_to TEXT, successor TEXT, crawl INTEGER NOT NULL,
        quiet_days INTEGER, media TEXT, verified TEXT, evidence TEXT, articles INTEGER NOT NULL DEFAULT 0,
        gone INTEGER NOT NULL DEFAULT 0, first_date TEXT, last_date TEXT, last_ok_at TEXT,
        health TEXT, health_reason TEXT, silent_since TEXT""",
    "provinces": """
        id TEXT PRIMARY KEY, name TEXT NOT NULL, name_en TEXT, folded TEXT NOT NULL, sort_key TEXT NOT NULL, kind TEXT,
        code TEXT, vintage INTEGER, domain TEXT, valid_from TEXT, valid_to TEXT,
        becomes TEXT REFERENCES provinces(id), aliases TEXT NOT NULL DEFAULT '[]', note TEXT,
        articles INTEGER NOT NULL DEFAULT 0, gone INTEGER NOT NULL DEFAULT 0, portals INTEGER NOT NULL DEFAULT 0""",
    "crawls": """
        id INTEGER PRIMARY KEY, portal TEXT NOT NULL REFERENCES portals(id), started_at TEXT NOT NULL,
        finished_at TEXT, cause TEXT NOT NULL, message TEXT, full INTEGER NOT NULL DEFAULT 0,
        requests INTEGER NOT NULL DEFAULT 0, listed INTEGER NOT NULL DEFAULT 0, new INTEGER NOT NULL DEFAULT 0,
        changed INTEGER NOT NULL DEFAULT 0, unchanged INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
        code_version TEXT""",
    "coverage": """
        portal TEXT NOT NULL REFERENCES portals(id), month TEXT NOT NULL, articles INTEGER NOT NULL,
        failed INTEGER NOT NULL, listing_complete INTEGER, PRIMARY KEY (portal, month)""",
    "takedowns": "article_id TEXT PRIMARY KEY, at TEXT NOT NULL, reason TEXT NOT NULL",
    "flag_meanings": "flag TEXT PRIMARY KEY, vi TEXT NOT NULL, en TEXT NOT NULL",
    "people_roles": f"""
        {_PLACE}, person TEXT NOT NULL, role TEXT, organisation TEXT, elected INTEGER NOT NULL DEFAULT 0,
        term_start TEXT, term_end TEXT, PRIMARY KEY (article_id, n)""",
    "figures": f"""
        {_PLACE}, value REAL NOT NULL, unit TEXT, qualifier TEXT, raw TEXT NOT NULL, PRIMARY KEY (article_id, n)""",
    "terms": f"""
        {_PLACE}, kind TEXT NOT NULL, term_start TEXT, term_end TEXT, ordinal INTEGER, raw TEXT NOT NULL,
        PRIMARY KEY (article_id, n)""",
    "documents": f"""
        {_PLACE}, kind TEXT NOT NULL, number TEXT, issuer TEXT, date TEXT, raw TEXT NOT NULL,
        PRIMARY KEY (article_id, n)""",
    "movements": f"{_PLACE}, name TEXT NOT NULL, kind TEXT, PRIMARY KEY (article_id, n)",
    "organisations": f"{_PLACE}, name TEXT NOT NULL, kind TEXT, predecessor INTEGER, PRIMARY KEY (article_id, n)",
    "article_counts": """
        facet TEXT NOT NULL, value TEXT NOT NULL, articles INTEGER NOT NULL, PRIMARY KEY (facet, value)""",
    "release_info": "key TEXT PRIMARY KEY, value TEXT",
}
"""Table name to the inside of its CREATE TABLE, in the order of creation.

`articles` keeps an integer rowid beside its text key: rowids grow with `date` (see `rowid_floor`), the search
index refers to them, and "newest first" is `ORDER BY rowid DESC`. Long texts stand last in their rows: SQLite reads a
row's overflow pages only up to the column that is asked for.
"""

FACTS = ("people_roles", "figures", "terms", "documents", "movements", "organisations")
"""Facts found in the prose by rule, each with its sentence."""

PER_ARTICLE = (
    "versions", "captures", "removed_blocks", "images", "attachments", "article_tables", "view_counts", *FACTS,
)  # fmt: skip
"""Tables whose rows belong to one article by `article_id`."""

VIEWS: dict[str, str] = {
    # The newest version's text stands in `articles` only: most articles have one version, and twice is too much.
    "version_texts": """
        SELECT v.article_id, v.version, v.kind, v.fetched_at,
          iif(v.version = a.version, a.title, v.title) AS title,
          iif(v.version = a.version, a.lead, v.lead) AS lead,
          iif(v.version = a.version, a.body, v.body) AS body,
          iif(v.version = a.version, a.captions, v.captions) AS captions,
          iif(v.version = a.version, a.author, v.author) AS author,
          iif(v.version = a.version, a.published, v.published) AS published,
          v.content_hash, v.words_changed
        FROM versions v JOIN articles a ON a.id = v.article_id""",
    "changes": """
        SELECT v.fetched_at AS at, v.kind, v.article_id, v.version, v.words_changed, a.title, a.portal, a.url
        FROM versions v JOIN articles a ON a.id = v.article_id WHERE v.kind = 'edited'
        UNION ALL
        SELECT gone_since, iif(moved_to IS NULL, 'gone', 'moved'), id, version, NULL, title, portal, url
        FROM articles WHERE gone_since IS NOT NULL""",
}

INDEXES: dict[str, str] = {
    "articles_date": "articles(date)",
    **{f"articles_{facet}": f"articles({facet}, date)" for facet in FACETS},
    "articles_url": "articles(url)",
    "articles_fingerprint": "articles(id, fingerprint)",
    "articles_gone": "articles(gone_since) WHERE gone_since IS NOT NULL",
    "articles_text_group": "articles(text_group) WHERE text_group IS NOT NULL",
    "versions_edited": "versions(fetched_at) WHERE kind = 'edited'",
    "captures_article": "captures(article_id, fetched_at)",
    "captures_sha256": "captures(sha256)",
    "people_roles_person": "people_roles(person)",
    "figures_unit": "figures(unit)",
    "documents_number": "documents(number)",
    "organisations_name": "organisations(name)",
    "movements_name": "movements(name)",
    "crawls_portal": "crawls(portal, started_at)",
}

DAY = 1 << 20
"""Row ids one day has room for."""

_EPOCH = 719163  # date(1970, 1, 1).toordinal()


def rowid_floor(ordinal: int) -> int:
    """Return the smallest row id of the articles of one day (`date.toordinal()`); a day has room for 2**20.

    Days before 1970 share its first day's room. Ids grow with the date, so a new article of an old day needs no
    renumbering, and stay below 2**53, so JSON readers keep them exact.
    """
    return max(ordinal - _EPOCH, 1) * DAY


def create(db: sqlite3.Connection) -> None:
    """Create all public tables and views (no indexes yet: they are cheaper after the rows)."""
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {VERSION}")
    for name, columns in TABLES.items():
        db.execute(f"CREATE TABLE [{name}] ({_one_column_a_line(columns)}\n)")
    for name, select in VIEWS.items():
        db.execute(f"CREATE VIEW [{name}] AS {' '.join(select.split())}")


def create_indexes(db: sqlite3.Connection) -> None:
    """Create the indexes; call after the rows stand."""
    for name, on in INDEXES.items():
        db.execute(f"CREATE INDEX [{name}] ON {on}")


def columns(db: sqlite3.Connection, table: str) -> list[str]:
    """Return the column names of a table or view, in order."""
    return [name for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))]


def _one_column_a_line(columns: str) -> str:
    return ",".join(f"\n  {part}" for part in _parts(columns))


def _parts(columns: str) -> Iterator[str]:
    """Split at the commas outside brackets."""
    depth, start = 0, 0
    for at, letter in enumerate(columns):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            yield " ".join(columns[start:at].split())
            start = at + 1
    yield " ".join(columns[start:].split())
