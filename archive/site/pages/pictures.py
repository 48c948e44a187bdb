"""Pictures as SVG files: coverage by province and month, articles per month, views over time.

Drawn once per release from `coverage`; colours follow the reader's light or dark screen. Zero and "not crawled" never
look alike: a month that was crawled without an article is an empty box, one that nobody crawled is no box at all.
"""

from __future__ import annotations

import base64
import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response

from archive.site.addresses import Lang
from archive.site.pages import web, words

MERGER = "2025-07"
STEPS = 4
_STYLE = """
text{font:11px "Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;fill:#4d555b}
.g{font-weight:600;fill:#1c2227}.l{stroke:#d7dad8;fill:none}.m{stroke:#a3261c;fill:none}.n{fill:#cdd1cf}
.z{fill:none;stroke:#9aa3a7;stroke-width:.8}.p{fill:#7fa8bd}
.q1{fill:#c3d9e3}.q2{fill:#85b0c6}.q3{fill:#3f7f9f}.q4{fill:#0f4460}
@media(prefers-color-scheme:dark){text{fill:#a9b0b3}.g{fill:#e8e6e1}.l{stroke:#363c40}.m{stroke:#f08a7e}.n{fill:#43494d}
.z{stroke:#6d767b}.p{fill:#4b7890}.q1{fill:#23404f}.q2{fill:#33657f}.q3{fill:#559bbd}.q4{fill:#b4dcee}}
""".replace("\n", "")
_CSP = (
    "default-src 'none'; style-src 'sha256-" + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode() + "'"
)


@dataclass(frozen=True)
class Cell:
    """One month of one row: how many articles, and whether the listing was read to its end."""

    articles: int
    complete: bool


@dataclass(frozen=True)
class Row:
    """One old province (or portal): its label, the group it stands in, its months."""

    label: str
    group: str
    cells: dict[str, Cell]


async def addresses_of(datasette: Datasette, lang: Lang) -> dict[str, Any]:
    """Return the addresses of the front page's pictures, which change with the release, and their sizes."""
    release = (await web.site(datasette)).info.get("release", "0")
    out: dict[str, Any] = {}
    for name in ("coverage", "months"):
        for suffix in ("", "_narrow"):
            out[name + suffix] = f"/anh/{release}/{name}{suffix}.{lang}.svg"
        drawn = await _drawn(datasette, name, lang)
        out[name + "_size"] = drawn[1:]
    return out


async def picture(datasette: Datasette, request: Request) -> Response:
    """Answer one picture."""
    name, lang = request.url_vars["name"], request.url_vars["lang"]
    if name not in _PICTURES:
        raise NotFound("Không có hình này")
    text, *_ = await _drawn(datasette, name, lang)
    release = (await web.site(datasette)).info.get("release", "0")
    fresh = "public, max-age=31536000, immutable" if request.url_vars["release"] == release else "no-cache"
    return web.answer(
        text, "image/svg+xml; charset=utf-8", headers={"Content-Security-Policy": _CSP, "Cache-Control": fresh}
    )


async def _drawn(datasette: Datasette, name: str, lang: Lang) -> tuple[str, int, int]:
    return await web.keep(datasette, f"picture {name} {lang}", lambda db: _PICTURES[name](db, lang))


def coverage_rows(db: sqlite3.Connection) -> list[Row]:
    """Return a row for every old province that has a portal, grouped and ordered by the province it became."""
    cells: dict[str, dict[str, Cell]] = defaultdict(dict)
    for province, month, articles, complete in db.execute("""
        SELECT p.province, c.month, sum(c.articles), min(coalesce(c.listing_complete, 0))
        FROM coverage c JOIN portals p ON p.id = c.portal
        WHERE p.province IS NOT NULL AND NOT (c.articles = 0 AND c.listing_complete IS NULL)
        GROUP BY 1, 2"""):
        cells[province][month] = Cell(articles, bool(complete))
    places = db.execute("""
        SELECT o.name, n.name FROM provinces o LEFT JOIN provinces n ON n.id = o.becomes
        WHERE o.vintage = 2024 ORDER BY n.sort_key, o.name <> n.name, o.sort_key""").fetchall()
    return [Row(old, new or old, cells.get(old, {})) for old, new in places]


def coverage(db: sqlite3.Connection, lang: Lang, *, width: int = 1040, most: int = 120) -> tuple[str, int, int]:
    """Draw months × provinces; at most the newest `most` months."""
    rows = coverage_rows(db)
    seen = [month for row in rows for month in row.cells]
    if not seen:
        return _svg(width, 40, [_text(0, 20, _t(lang, "Chưa có số liệu độ phủ", "No coverage yet"))])
    months = words.months(max(min(seen), "1997-01"), max(seen))[-most:]
    gutter = 130 if width > 600 else 108
    step = min((width - gutter) / len(months), 22)
    box, line, top = max(step - 1, step * 0.8), 12.0, 22.0
    marks = limits([cell.articles for row in rows for cell in row.cells.values() if cell.articles])
    paths: dict[str, list[str]] = defaultdict(list)
    parts: list[str] = []
    y, group = top, ""
    for row in rows:
        if row.group != group:
            y += 5 if group else 0
            group = row.group
        parts.append(_text(gutter - 8, y + 9, row.label, kind="g" if row.label == row.group else "", anchor="end"))
        for at, month in enumerate(months):
            x = gutter + at * step
            cell = row.cells.get(month)
            if cell is None:
                paths["n"].append(f"M{_n(x + box / 2 - 0.6)} {_n(y + 4.4)}h1.2v1.2h-1.2z")
            elif not cell.articles:
                paths["z"].append(f"M{_n(x + 0.9)} {_n(y + 1)}h{_n(box - 1.8)}v8h{_n(1.8 - box)}z")
            elif cell.complete:
                kind = f"q{1 + sum(cell.articles > limit for limit in marks)}"
                paths[kind].append(f"M{_n(x)} {_n(y)}h{_n(box)}v10h-{_n(box)}z")
            else:
                paths["p"].append(f"M{_n(x)} {_n(y + 10)}v-10h{_n(box)}z")
        y += line
    for at, month in enumerate(months):
        if month.endswith("-01") or len(months) < 6:
            x = gutter + at * step
            parts.append(f'<path class="l" d="M{_n(x)} 16V{_n(y)}"/>')
            parts.append(_text(x + 2, 12, month[:4]))
    if MERGER in months:
        x = gutter + months.index(MERGER) * step - 0.5
        parts.append(f'<path class="m" d="M{_n(x)} 14V{_n(y)}"/>')
    drawn = [f'<path class="{kind}" d="{"".join(commands)}"/>' for kind, commands in sorted(paths.items())]
    return _svg(width, int(y + 6), [*drawn, *parts])


def monthly(db: sqlite3.Connection, lang: Lang, *, width: int = 1040, most: int = 180) -> tuple[str, int, int]:
    """Draw the archived articles per month of their date."""
    counted = dict(db.execute("SELECT month, sum(articles) FROM coverage GROUP BY month").fetchall())
    if not counted:
        return _svg(width, 40, [_text(0, 20, _t(lang, "Chưa có số liệu", "No figures yet"))])
    months = words.months(max(min(counted), "1997-01"), max(counted))[-most:]
    return bars([(month, counted.get(month, 0)) for month in months], lang, width=width)


def bars(values: Sequence[tuple[str, int]], lang: Lang, *, width: int, height: int = 150) -> tuple[str, int, int]:
    """Draw one bar a month, with years below and two round lines behind."""
    gutter, top, bottom = 44, 8, 20
    high = _round_up(max(value for _, value in values) or 1)
    step = min((width - gutter) / len(values), 40)
    tall = height - top - bottom
    parts = []
    for share in (0, 0.5, 1):
        y = top + tall * (1 - share)
        parts.append(f'<path class="l" d="M{gutter} {_n(y)}H{width}"/>')
        parts.append(_text(gutter - 6, y + 4, words.number(high * share, lang), anchor="end"))
    path = []
    for at, (month, value) in enumerate(values):
        x, bar = gutter + at * step, tall * value / high
        if value:
            path.append(f"M{_n(x)} {top + tall}v-{_n(max(bar, 0.8))}h{_n(max(step - 1.2, step * 0.7))}V{top + tall}z")
        if month.endswith("-01") or len(values) < 6:
            parts.append(_text(x, height - 5, month[:4] if month.endswith("-01") else words.day(month, lang)))
    return _svg(width, height, [*parts, f'<path class="q3" d="{"".join(path)}"/>'])


def line(points: Sequence[tuple[str, int]], *, width: int = 300, height: int = 64) -> dict[str, Any] | None:
    """Return a small line chart as numbers for an inline drawing: a path and its dots. None under two points."""
    if len(points) < 2:
        return None
    start, end = points[0][0], points[-1][0]
    span = max(words.days_between(start, end), 1)
    low, high = min(value for _, value in points), max(value for _, value in points)
    rise = max(high - low, 1)
    dots = [
        (
            round(4 + (width - 8) * words.days_between(start, at) / span, 1),
            round(height - 6 - (height - 12) * (value - low) / rise, 1),
        )
        for at, value in points
    ]
    return {"width": width, "height": height, "path": "M" + "L".join(f"{x} {y}" for x, y in dots), "dots": dots}


_PICTURES: dict[str, Callable[[sqlite3.Connection, Lang], tuple[str, int, int]]] = {
    "coverage": coverage,
    "coverage_narrow": lambda db, lang: coverage(db, lang, width=380, most=24),
    "months": monthly,
    "months_narrow": lambda db, lang: monthly(db, lang, width=380, most=48),
}


def limits(values: Iterable[int]) -> list[int]:
    """Return the counts above which a cell is one step darker: quarters of the months that have articles."""
    ordered = sorted(values)
    return [ordered[len(ordered) * step // STEPS] for step in range(1, STEPS)] if ordered else []


def _round_up(value: int) -> int:
    """Return the next of 2, 4, 10, 20, 40, 100 … so that its half is round too."""
    scale = 1
    while True:
        for step in (2, 4, 6, 10):
            if value <= step * scale:
                return step * scale
        scale *= 10


def _svg(width: int, height: int, parts: Iterable[str]) -> tuple[str, int, int]:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    return f"{head}<style>{_STYLE}</style>{''.join(parts)}</svg>", width, height


def _text(x: float, y: float, text: str, *, kind: str = "", anchor: str = "") -> str:
    mark = (f' class="{kind}"' if kind else "") + (f' text-anchor="{anchor}"' if anchor else "")
    return f'<text x="{_n(x)}" y="{_n(y)}"{mark}>{escape(text)}</text>'


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _t(lang: Lang, vi: str, en: str) -> str:
    return en if lang == "en" else vi
