"""What strangers may send to a public site: queries that eat time or memory, and markup that wants to run."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

_BOMBS = (
    "select hex(zeroblob({big}))",
    "select zeroblob({big})",
    "select randomblob({big})",
    "select replace(hex(zeroblob({mid})), '0', hex(zeroblob({mid})))",
    "select printf('%.{big}c', 'x')",
    "select format('%{big}d', 1)",
    "select printf('%*d', {big}, 1)",
    "select group_concat(body, body) from articles",
    "select group_concat(hex(body)) from articles, versions",
    "select json_group_array(body) from articles",
    "select json_group_object(id, body) from articles",
    "select body || body || body || body || body || body from articles, versions limit {rows}",
    "select " + ", ".join(["hex(zeroblob(49999))"] * 60) + " from articles limit {rows}",
    "select quote(zeroblob(49999)) from articles a, articles b limit {rows}",
    "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
    "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n",
    "with recursive s(t) as (select 'x' union all select t || t from s) select max(length(t)) from s",
    "with recursive s(t) as (select 'xxxxxxxx' union all select t || hex(randomblob(8)) from s) select t from s",
    "select count(*) from articles a, articles b, articles c, articles d",
    "select a.body from articles a, articles b order by a.body || b.body limit 5",
    "select distinct a.body || b.id from articles a, articles b",
    "select 1 where '{aaaa}' like '{likes}b'",
    "select count(*) from articles where body like '{likes}zz'",
    "select count(*) from articles where body glob '{globs}zz'",
    "select count(*) from articles where body like '%' || char(97, 37) || '%' || title || '%'",
    "select " + "(" * 300 + "1" + ")" * 300,
    "select " + " + ".join(["1"] * 5000),
    " union all ".join(["select 1"] * 600),
    "select * from articles, pragma_table_info('articles')",
    "select load_extension('/tmp/x')",
    "select writefile('/tmp/x', 'x')",
    "select readfile('/etc/passwd')",
    "attach database '/etc/passwd' as p",
    "pragma writable_schema = 1",
    "pragma hard_heap_limit = 0",
    "delete from articles",
    "update articles set title = 'x'",
    "insert into articles_fts(articles_fts) values ('rebuild')",
    "insert into articles_fts(articles_fts, rank) values ('integrity-check', 1)",
    "drop table articles",
    "vacuum into '/tmp/x'",
    "create temp table t as select * from articles",
    "select highlight(articles_fts, 2, hex(zeroblob(40000)), 'x') from articles_fts where articles_fts match 'hoi'",
    "select snippet(articles_fts, 2, body, body, body, 64) from articles_fts where articles_fts match 'hoi'",
    "select * from articles_fts where articles_fts match 'hoi' order by rank",
    "select * from articles_fts where articles_fts match 'a* OR b* OR c* OR d* OR e* OR t* OR h* OR n*' order by rank",
    "select * from articles_fts where articles_fts match '{deep}'",
    "select has_accents(hex(zeroblob(49999)), body) from articles",
    "select escape_fts(hex(zeroblob(49999))) from articles",
    "select json_extract('{nest}', '$')",
    "select * from json_tree('{nest}')",
    "select value from json_each('[' || substr(replace(hex(zeroblob(20000)), '0', '1,'), 1, 79999) || '1]'), articles",
    "select strftime('%Y' || hex(zeroblob(40000)), 'now') from articles",
    "select sum(length(a.body) * length(b.body)) from articles a, articles b",
    "select max(instr(a.body, b.body)) from articles a, articles b",
    "select char({chars})",
    "select trim(hex(zeroblob(49999)), hex(zeroblob(49999))) from articles",
    "select ltrim(a.body, b.body) from articles a, articles b",
    "select id from articles order by random() limit {rows}",
)
_FILTERS = (
    "body__contains=zzzz", "body__glob=*z*z*z*z*z*z*", "body__like=%25z%25z%25z%25z%25", "_size=max",
    "_facet=body&_facet=title&_facet=id", "_facet_array=flags&_facet_date=date", "_sort=body", "_where=1=1",
    "_where=(select+count(*)+from+articles+a,articles+b)>0", "_search=a+b+c+d+e+f+g+h", "_search=" + "x+" * 3000,
    "_searchmode=raw&_search=" + "(" * 500, "_next=%00%00", "_col=nothing", "_shape=arrays&_size=max&_labels=on",
    "_stream=1&_size=max", "_timelimit=100000", "_trace=1", "body__in=" + ",".join("abc" for _ in range(2000)),
    "_through=%7B%22table%22%3A%22versions%22%2C%22column%22%3A%22article_id%22%2C%22value%22%3A%221%22%7D",
)  # fmt: skip
_PATHS = (
    "/-/databases.json", "/-/threads.json", "/-/metadata.json", "/-/settings.json", "/-/plugins.json", "/-/versions",
    "/-/auth-token?token=x", "/-/permissions", "/-/patterns", "/_internal", "/_internal/databases", "/_memory",
    "/tintinh.db", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/-/static/../../../etc/passwd",
    "/-/static/%2e%2e/%2e%2e/app.py", "/releases/current/../../archive.db", "/releases/..%2farchive.db",
    "/releases/2026-11-22T000000Z/../../../etc/passwd", "/releases/.lock", "/releases/current/.csv-members.json",
    "/bai/0000000000000000", "/bai/" + "f" * 4000, "/tim?q=" + "%F0%9F%92%A3" * 1000, "/tim?q=%ED%A0%80", "/tim?q=%00",
    "/tintinh/articles/~00", "/tintinh/%00", "/tintinh/articles.csv?_stream=1&_size=max",
)  # fmt: skip


def requests() -> Iterator[str]:
    """Yield 300 paths and queries, none of which may cost more than its share."""
    numbers = {
        "aaaa": "a" * 9_000, "likes": "%a" * 90, "globs": "*a" * 90, "deep": "(" * 400 + "a" + ")" * 400,
        "nest": "[" * 1500 + "]" * 1500, "chars": ",".join(["97"] * 100),
    }  # fmt: skip
    made = 0
    sizes = ((400_000_000, 60_000, 1_000_000), (900_000_000, 99_000, 500), (50_000, 40_000, 100_000))
    for big, mid, rows in sizes:
        for sql in _BOMBS:
            for key, value in {**numbers, "big": str(big), "mid": str(mid), "rows": str(rows)}.items():
                sql = sql.replace("{" + key + "}", value)
            yield "/tintinh.json?" + urlencode({"sql": sql, "_size": "max"})
            made += 1
    for table in ("articles", "versions", "version_texts"):
        for query in _FILTERS:
            yield f"/tintinh/{table}.json?{query}"
            made += 1
    yield from _PATHS
    made += len(_PATHS)
    for n in range(300 - made):
        sql = _BOMBS[n % len(_BOMBS)].replace("{rows}", "7").replace("{big}", "99999").replace("{mid}", "99")
        yield "/tintinh?" + urlencode({"sql": sql})


MARK = "xss7"
_PLAIN = (
    "<script>alert('{m}')</script>", "<img src=x onerror=alert('{m}')>", "<svg onload=alert('{m}')>",
    "<svg><script>alert('{m}')</script></svg>", "</script><script>alert('{m}')</script>",
    "</title><script>alert('{m}')</script>", "</textarea><script>alert('{m}')</script>",
    "</style><script>alert('{m}')</script>", "--><script>alert('{m}')</script>",
    "<!--<img src='--><img src=x onerror={m}>'>",
    "\"><script>alert('{m}')</script>", "'><script>alert('{m}')</script>", '" onmouseover="{m}',
    "' onfocus='{m}' autofocus='",
    "` onclick=`{m}", "<iframe srcdoc=\"<script>{m}</script>\">", "<a href=\"javascript:{m}\">x</a>",
    "<form action=javascript:{m}><button>x", "<details open ontoggle={m}>", "<math><mi xlink:href=\"javascript:{m}\">x",
    "<body onload={m}>", "<base href=\"//{m}.example/\">", "<meta http-equiv=refresh content=\"0;url=javascript:{m}\">",
    "<link rel=stylesheet href=//{m}.example/x.css>", "<object data=\"data:text/html,<script>{m}</script>\">",
    "{{{{ 7 * 7 }}}}{m}{{% raw %}}", "]]><script>{m}</script>", "\u2028<script>{m}</script>", "&lt;script&gt;{m}",
    "javascript:alert('{m}')//https://x.example/", "jAvAsCrIpT&colon;alert({m})", "data:text/html,<script>{m}</script>",
)  # fmt: skip
PAYLOADS = tuple(each.format(m=MARK) for each in _PLAIN)
"""Stored markup that would run if any page printed it as it is."""
