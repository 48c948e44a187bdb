"""Tables of data are kept as tables; tables that only lay out pictures or prose are read like any other element."""

from __future__ import annotations

from bs4 import Tag
from lxml import etree

from cleaning.document import to_soup
from cleaning.page import Page
from cleaning.vietnamese import squash

_LONG_CELL = 400
_MIN_CELLS = 4


def tables(page: Page) -> None:
    """Label the text of data tables and note their rows as printed."""
    cells = [piece for piece in page.pieces if piece.table is not None]
    if page.container is None or not cells:
        return
    furniture = {piece.table for piece in cells if piece.label == "counter" or piece.furnished}
    data: set[int] = set()
    for number, table in enumerate(page.container.iter("table")):
        if number in furniture or number in page.pictured or _is_frame(table, page.container):
            continue
        rows = _rows(to_soup(table))
        if _is_data(rows):
            page.tables.append(rows)
            data.add(number)
    for piece in cells:
        if piece.free and piece.table in data:
            piece.mark("caption" if piece.tag == "caption" else "table", "data-table")


def _is_frame(table: etree._Element, container: etree._Element) -> bool:
    """Tell whether a table lays out others, or the article itself."""
    return table is container or table.find(".//table") is not None


def _rows(table: Tag) -> tuple[tuple[str, ...], ...]:
    rows = []
    for row in table.descendants:
        if isinstance(row, Tag) and row.name == "tr":
            cells = [cell for cell in row.contents if isinstance(cell, Tag) and cell.name in ("td", "th")]
            texts = tuple([squash(" ".join(map(str, cell.strings))) for cell in cells])
            if any(texts):
                rows.append(texts)
    return tuple(rows)


def _is_data(rows: tuple[tuple[str, ...], ...]) -> bool:
    """Two columns and rows at least, mostly filled with short cells."""
    filled = [cell for row in rows for cell in row if cell]
    wide = sum(sum(map(bool, row)) >= 2 for row in rows)
    if len(rows) < 2 or len(filled) < _MIN_CELLS or wide < 2 or 2 * wide < len(rows):
        return False
    return 2 * sum(len(cell) for cell in filled if len(cell) > _LONG_CELL) < sum(map(len, filled))
