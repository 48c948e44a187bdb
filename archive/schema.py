"""The tables of the archive, as the first migration makes them. Later changes are further migrations, never edits here.

`urls` is the frontier and the list of articles in one: a row of kind `article` is an article from the moment it is
first seen on a listing. Hashes are 32-byte blobs of sha256, times are UTC with Z, lists and records are JSON.
"""

from __future__ import annotations


def _utc(column: str) -> str:
    return f"CHECK ({column} IS strftime('%Y-%m-%dT%H:%M:%SZ', {column}, '+0 days'))"


def _day(column: str) -> str:
    """Return the check of a date that exists (SQLite's own `date()` lets 31 February pass without '+0 days')."""
    return f"CHECK ({column} IS date({column}, '+0 days') AND {column} BETWEEN '1900-01-01' AND '2100-01-01')"


def _moment(column: str) -> str:
    first = f"substr({column} || '-01', 1, 10)"
    return (
        f"CHECK ({column} IS NULL OR (length({column}) IN (7, 10, 25) AND {first} IS date({first}, '+0 days')"
        f" AND {column} BETWEEN '1990' AND '2100'))"
    )


def _flag(column: str) -> str:
    return f"CHECK ({column} IN (0, 1))"


def _json(column: str) -> str:
    return f"CHECK ({column} IS NULL OR json_valid({column}))"


def _sha(column: str) -> str:
    return f"CHECK (length({column}) = 32)"


OUTCOMES = (
    "ok", "no-article", "shrunk", "soft-404", "doubtful", "not-modified", "redirect", "http-error", "net-error",
    "too-big", "truncated", "robots", "blocked-target", "erased",
)  # fmt: skip
"""What one request came to. Only `ok` makes or confirms a version; `doubtful` may make an article's first one."""

CAUSES = (
    "running", "ok", "partial", "dns", "tls", "refused", "timeout", "blocked", "challenge", "robots", "gone",
    "redirected", "layout-changed", "empty", "error", "killed", "stopped",
)  # fmt: skip
"""How one portal's part of a run ended; a row still `running` without a live run is a killed one."""

STATES = ("live", "suspect", "gone", "moved", "taken_down")

TABLES = (
    f"""
    CREATE TABLE provinces (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      name_en TEXT,
      folded TEXT NOT NULL,
      sort_key TEXT NOT NULL,
      kind TEXT,
      code TEXT CHECK (code GLOB '[0-9][0-9]'),
      vintage INTEGER CHECK (vintage BETWEEN 1997 AND 2100),
      domain TEXT,
      valid_from TEXT {_day("valid_from")},
      valid_to TEXT {_day("valid_to")},
      becomes TEXT REFERENCES provinces DEFERRABLE INITIALLY DEFERRED,
      aliases TEXT NOT NULL DEFAULT '[]' {_json("aliases")},
      note TEXT,
      CHECK (code IS NULL OR vintage IS NOT NULL),
      UNIQUE (code, vintage)
    ) STRICT
    """,
    f"""
    CREATE TABLE portals (
      id TEXT PRIMARY KEY CHECK (id = lower(id) AND id NOT GLOB '*[^a-z0-9_-]*' AND length(id) > 0),
      name TEXT NOT NULL,
      level TEXT,
      family TEXT,
      base_url TEXT CHECK (base_url GLOB 'http*://*'),
      platform TEXT,
      province TEXT,
      province_id TEXT REFERENCES provinces,
      valid_from TEXT {_day("valid_from")},
      valid_to TEXT {_day("valid_to")},
      successor TEXT REFERENCES portals DEFERRABLE INITIALLY DEFERRED,
      crawl INTEGER NOT NULL DEFAULT 1 {_flag("crawl")},
      quiet_days INTEGER NOT NULL DEFAULT 30 CHECK (quiet_days > 0),
      media TEXT NOT NULL DEFAULT 'none' CHECK (media IN ('none', 'attachments', 'all')),
      verified TEXT {_day("verified")},
      evidence TEXT,
      more TEXT NOT NULL DEFAULT '{{}}' {_json("more")},
      registered INTEGER NOT NULL DEFAULT 1 {_flag("registered")},
      CHECK (valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from)
    ) STRICT
    """,
    f"""
    CREATE TABLE crawls (
      id INTEGER PRIMARY KEY,
      run TEXT NOT NULL,
      portal TEXT NOT NULL REFERENCES portals,
      started_at TEXT NOT NULL {_utc("started_at")},
      finished_at TEXT {_utc("finished_at")},
      cause TEXT NOT NULL DEFAULT 'running' CHECK (cause IN {CAUSES}),
      message TEXT,
      vantage TEXT,
      code_version TEXT NOT NULL,
      full INTEGER NOT NULL DEFAULT 0 {_flag("full")},
      requests INTEGER NOT NULL DEFAULT 0,
      listed INTEGER NOT NULL DEFAULT 0,
      new INTEGER NOT NULL DEFAULT 0,
      changed INTEGER NOT NULL DEFAULT 0,
      unchanged INTEGER NOT NULL DEFAULT 0,
      failed INTEGER NOT NULL DEFAULT 0,
      null_rates TEXT {_json("null_rates")},
      stats TEXT {_json("stats")},
      UNIQUE (run, portal)
    ) STRICT
    """,
    "CREATE INDEX crawls_by_portal ON crawls (portal, started_at)",
    f"""
    CREATE TABLE urls (
      id TEXT PRIMARY KEY CHECK (length(id) = 16 AND id NOT GLOB '*[^0-9a-f]*'),
      portal TEXT NOT NULL REFERENCES portals,
      key TEXT NOT NULL CHECK (length(key) > 0),
      kind TEXT NOT NULL DEFAULT 'article' CHECK (kind IN ('article', 'listing')),
      canonical TEXT NOT NULL,
      state TEXT NOT NULL DEFAULT 'live' CHECK (state IN {STATES}),
      first_seen TEXT NOT NULL {_utc("first_seen")},
      listed_title TEXT,
      listed_published TEXT,
      etag TEXT,
      last_modified TEXT,
      last_checked TEXT {_utc("last_checked")},
      last_ok TEXT {_utc("last_ok")},
      last_changed TEXT {_utc("last_changed")},
      next_check TEXT {_utc("next_check")},
      interval INTEGER CHECK (interval > 0),
      miss_streak INTEGER NOT NULL DEFAULT 0 CHECK (miss_streak >= 0),
      miss_cause TEXT,
      first_miss TEXT {_utc("first_miss")},
      gone_since TEXT {_utc("gone_since")},
      moved_to TEXT REFERENCES urls DEFERRABLE INITIALLY DEFERRED,
      version INTEGER CHECK (version >= 1),
      settled_by TEXT,
      UNIQUE (portal, key)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX urls_due ON urls (portal, next_check) WHERE state IN ('live', 'suspect')",
    "CREATE INDEX urls_by_cleaner ON urls (settled_by) WHERE settled_by IS NOT NULL",
    "CREATE INDEX urls_by_canonical ON urls (canonical)",
    """
    CREATE TABLE url_aliases (
      seen_as TEXT NOT NULL,
      portal TEXT NOT NULL REFERENCES portals,
      url_id TEXT NOT NULL REFERENCES urls,
      PRIMARY KEY (seen_as, portal)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX url_aliases_by_url ON url_aliases (url_id)",
    f"""
    CREATE TABLE dictionaries (
      id INTEGER PRIMARY KEY,
      portal TEXT NOT NULL REFERENCES portals,
      made_at TEXT NOT NULL {_utc("made_at")},
      sha256 BLOB NOT NULL UNIQUE {_sha("sha256")},
      raw_size INTEGER NOT NULL,
      data BLOB NOT NULL
    ) STRICT
    """,
    f"""
    CREATE TABLE bodies (
      sha256 BLOB PRIMARY KEY {_sha("sha256")},
      dictionary_id INTEGER REFERENCES dictionaries,
      base BLOB REFERENCES bodies,
      raw_size INTEGER NOT NULL CHECK (raw_size >= 0),
      data BLOB NOT NULL,
      CHECK (dictionary_id IS NULL OR base IS NULL)
    ) STRICT
    """,
    "CREATE INDEX bodies_by_base ON bodies (base) WHERE base IS NOT NULL",
    "CREATE INDEX bodies_by_dictionary ON bodies (dictionary_id) WHERE dictionary_id IS NOT NULL",
    f"""
    CREATE TABLE captures (
      id INTEGER PRIMARY KEY,
      article_id TEXT NOT NULL REFERENCES urls,
      crawl_id INTEGER REFERENCES crawls,
      fetched_at TEXT NOT NULL {_utc("fetched_at")},
      ordered_at TEXT NOT NULL {_utc("ordered_at")},
      origin TEXT NOT NULL CHECK (origin IN ('crawl', 'import', 'wayback')),
      outcome TEXT NOT NULL CHECK (outcome IN {OUTCOMES}),
      url TEXT NOT NULL,
      final_url TEXT,
      status INTEGER CHECK (status BETWEEN 100 AND 599),
      headers TEXT NOT NULL {_json("headers")},
      sha256 BLOB {_sha("sha256")},
      bytes INTEGER,
      kept BLOB REFERENCES bodies,
      ip TEXT,
      tls_verified INTEGER {_flag("tls_verified")},
      listed_published TEXT,
      flags TEXT NOT NULL DEFAULT '[]' {_json("flags")},
      version INTEGER,
      CHECK ((outcome = 'ok') <= (sha256 IS NOT NULL AND version IS NOT NULL)),
      FOREIGN KEY (article_id, version) REFERENCES versions (article_id, n) DEFERRABLE INITIALLY DEFERRED
    ) STRICT
    """,
    "CREATE INDEX captures_by_article ON captures (article_id, ordered_at, id)",
    "CREATE INDEX captures_by_body ON captures (kept) WHERE kept IS NOT NULL",
    f"""
    CREATE TABLE versions (
      article_id TEXT NOT NULL REFERENCES urls,
      n INTEGER NOT NULL CHECK (n >= 1),
      capture_id INTEGER NOT NULL UNIQUE REFERENCES captures,
      repeats INTEGER,
      cleaner TEXT NOT NULL,
      content_hash BLOB NOT NULL {_sha("content_hash")},
      record_hash BLOB NOT NULL {_sha("record_hash")},
      text_hash BLOB {_sha("text_hash")},
      title TEXT,
      author TEXT,
      category TEXT,
      language TEXT,
      date TEXT {_day("date")},
      date_basis TEXT CHECK (date_basis IN ('published', 'published-month', 'event', 'fetched')),
      published TEXT {_moment("published")},
      published_precision TEXT CHECK (published_precision IN ('minute', 'day', 'month')),
      published_source TEXT,
      published_raw TEXT,
      event_date TEXT {_moment("event_date")},
      layout TEXT,
      chars INTEGER NOT NULL CHECK (chars >= 0),
      flags TEXT NOT NULL DEFAULT '[]' {_json("flags")},
      record TEXT NOT NULL {_json("record")},
      erased INTEGER NOT NULL DEFAULT 0 {_flag("erased")},
      PRIMARY KEY (article_id, n)
    ) STRICT
    """,
    "CREATE INDEX versions_by_text ON versions (text_hash) WHERE text_hash IS NOT NULL",
    f"""
    CREATE TABLE recleanings (
      id INTEGER PRIMARY KEY,
      article_id TEXT NOT NULL,
      n INTEGER NOT NULL,
      at TEXT NOT NULL {_utc("at")},
      old_cleaner TEXT,
      new_cleaner TEXT NOT NULL,
      old_content_hash BLOB {_sha("old_content_hash")},
      new_content_hash BLOB NOT NULL {_sha("new_content_hash")},
      FOREIGN KEY (article_id, n) REFERENCES versions
    ) STRICT
    """,
    f"""
    CREATE TABLE surroundings (
      portal TEXT NOT NULL REFERENCES portals,
      hash BLOB NOT NULL {_sha("hash")},
      label TEXT NOT NULL,
      rule TEXT NOT NULL,
      text TEXT NOT NULL,
      first_seen TEXT NOT NULL {_utc("first_seen")},
      PRIMARY KEY (portal, hash)
    ) STRICT, WITHOUT ROWID
    """,
    f"""
    CREATE TABLE view_counts (
      article_id TEXT NOT NULL REFERENCES urls,
      capture_id INTEGER NOT NULL REFERENCES captures,
      at TEXT NOT NULL {_utc("at")},
      views INTEGER NOT NULL CHECK (views >= 0),
      PRIMARY KEY (article_id, capture_id)
    ) STRICT, WITHOUT ROWID
    """,
    f"""
    CREATE TABLE site_counters (
      portal TEXT NOT NULL REFERENCES portals,
      capture_id INTEGER NOT NULL REFERENCES captures,
      at TEXT NOT NULL {_utc("at")},
      online INTEGER CHECK (online >= 0),
      today INTEGER CHECK (today >= 0),
      yesterday INTEGER CHECK (yesterday >= 0),
      week INTEGER CHECK (week >= 0),
      month INTEGER CHECK (month >= 0),
      year INTEGER CHECK (year >= 0),
      total INTEGER CHECK (total >= 0),
      PRIMARY KEY (portal, at, capture_id)
    ) STRICT, WITHOUT ROWID
    """,
    f"""
    CREATE TABLE media (
      sha256 BLOB PRIMARY KEY {_sha("sha256")},
      bytes INTEGER NOT NULL CHECK (bytes >= 0),
      content_type TEXT,
      first_fetched_at TEXT NOT NULL {_utc("first_fetched_at")}
    ) STRICT
    """,
    f"""
    CREATE TABLE media_links (
      article_id TEXT NOT NULL REFERENCES urls,
      url TEXT NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('attachment', 'image')),
      sha256 BLOB REFERENCES media,
      tried_at TEXT {_utc("tried_at")},
      status INTEGER,
      flags TEXT NOT NULL DEFAULT '[]' {_json("flags")},
      PRIMARY KEY (article_id, url)
    ) STRICT, WITHOUT ROWID
    """,
    f"""
    CREATE TABLE takedowns (
      article_id TEXT PRIMARY KEY REFERENCES urls,
      at TEXT NOT NULL {_utc("at")},
      reason TEXT NOT NULL CHECK (length(reason) > 0),
      by_whom TEXT,
      erased_at TEXT {_utc("erased_at")},
      bodies INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
    f"""
    CREATE TABLE swept (
      portal TEXT NOT NULL REFERENCES portals,
      month TEXT NOT NULL CHECK (month GLOB '[12][0-9][0-9][0-9]-[01][0-9]'),
      at TEXT NOT NULL {_utc("at")},
      PRIMARY KEY (portal, month)
    ) STRICT, WITHOUT ROWID
    """,
    f"""
    CREATE TABLE acknowledgements (
      portal TEXT PRIMARY KEY REFERENCES portals,
      at TEXT NOT NULL {_utc("at")},
      until TEXT NOT NULL {_day("until")},
      reason TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE VIEW articles AS
      SELECT u.id, u.portal, u.key, u.canonical AS url, u.state, u.gone_since, u.moved_to, u.first_seen, u.last_ok,
        v.n AS version, v.title, json_extract(v.record, '$.lead') AS lead,
        (SELECT group_concat(value, char(10) || char(10)) FROM json_each(v.record, '$.body')) AS body,
        v.author, v.category, v.language, v.date, v.date_basis, v.published, v.published_precision,
        v.published_source, v.published_raw, v.event_date, v.layout, v.flags, v.text_hash
      FROM urls u JOIN versions v ON v.article_id = u.id AND v.n = u.version
      WHERE u.kind = 'article'
    """,
    """
    CREATE VIEW view_series AS
      SELECT article_id, capture_id, at, views,
        CASE WHEN views < lag(views) OVER (PARTITION BY article_id ORDER BY at, capture_id) THEN 'falls' END AS doubt
      FROM view_counts
    """,
    """
    CREATE VIEW counter_series AS
      SELECT portal, capture_id, at, online, today, yesterday, week, month, year, total,
        CASE
          WHEN total <= 1 AND coalesce(today, total) = total AND coalesce(online, total) = total THEN 'constant'
          WHEN today > total OR week > total OR month > total OR year > total THEN 'part-above-total'
          WHEN today > week OR today > month OR today > year THEN 'day-above-period'
          WHEN total < lag(total) OVER (PARTITION BY portal ORDER BY at, capture_id) THEN 'falls'
        END AS doubt
      FROM site_counters
    """,
)
