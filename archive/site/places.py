"""Which province an article belongs to, then and now: by its portal, its date and the archive's merger map."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """The province's name when the article was dated and today's, and each one's statistical code by its vintage."""

    province: str | None = None
    province_now: str | None = None
    province_code_2024: str | None = None
    province_code_2025: str | None = None


class Places:
    """The merger map of an archive, read once."""

    def __init__(self, archive: sqlite3.Connection) -> None:
        self._units = {row["id"]: row for row in archive.execute("SELECT * FROM provinces ORDER BY vintage, id")}

    def of(self, name: str | None, unit_id: str | None, date: str) -> Place:
        """Return the place of something dated `date` (YYYY-MM-DD) by a portal of province `name`.

        A name may belong to two units, one after the other (Tây Ninh); the date decides, `unit_id` where it cannot.
        """
        named = [unit for unit in self._units.values() if unit["name"] == name]
        in_force = [unit for unit in named if (unit["valid_from"] or "") <= date <= (unit["valid_to"] or "9999")]
        then = in_force[0] if in_force else self._units.get(unit_id) or (named[0] if named else None)
        if then is None:
            return Place(province=name)
        now = self._now(then)
        return Place(
            province=then["name"],
            province_now=now["name"],
            province_code_2024=then["code"] if then["vintage"] == 2024 else None,
            province_code_2025=now["code"] if now["vintage"] == 2025 else None,
        )

    def _now(self, unit: sqlite3.Row) -> sqlite3.Row:
        seen = {unit["id"]}
        while unit["becomes"] in self._units and unit["becomes"] not in seen:
            unit = self._units[unit["becomes"]]
            seen.add(unit["id"])
        return unit
