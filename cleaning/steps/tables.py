"""Tables of data are kept as tables; tables that only lay out pictures or prose are read like any other element."""

from __future__ import annotations

from bs4 import Tag

from cleaning.page import Page
from cleaning.vietnamese import squash

_LONG_CELL = 400
_MIN_CELLS = 4


def tables(page: Page) -> None:
    """Label the text of data tables and note their rows as printed."""
    if page.fragment is None:
        return
    taken = {id(piece.table) for piece in page.pieces if piece.label == "counter" or piece.region == "counter"}
    found = [table for table in page.fragment.find_all("table") if id(table) not in taken]
    frames = {id(table.find_parent("table")) for table in found}
    data: set[int] = set()
    for table in found:
        rows = () if id(table) in frames else _rows(table)  # a table that holds tables lays them out
        if _is_data(table, rows):
            page.tables.append(rows)
            data.add(id(table))
    for _, piece in page.free(inside=True):
        if piece.table is not None and id(piece.table) in data:
            piece.mark("caption" if piece.tag == "caption" else "table", "data-table")


def _rows(table: Tag) -> tuple[tuple[str, ...], ...]:
    rows = []
    for row in table.find_all("tr"):
        cells = tuple(squash(cell.get_text(" ")) for cell in row.find_all(["td", "th"], recursive=False))
        if any(cells):
            rows.append(cells)
    return tuple(rows)


def _is_data(table: Tag, rows: tuple[tuple[str, ...], ...]) -> bool:
    """Two columns and rows at least, mostly filled with short cells, no pictures."""
    filled = [cell for row in rows for cell in row if cell]
    wide = sum(sum(map(bool, row)) >= 2 for row in rows)
    if len(rows) < 2 or len(filled) < _MIN_CELLS or wide < 2 or 2 * wide < len(rows) or table.find("img"):
        return False
    return 2 * sum(len(cell) for cell in filled if len(cell) > _LONG_CELL) < sum(map(len, filled))
