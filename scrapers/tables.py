"""Writes the registry into the archive's tables, which is all of it that `archive` ever reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from archive import portals
from scrapers.portal import Portal
from scrapers.provinces import CENTRAL, Province, load_provinces


def enter(db: sqlite3.Connection, rows: Iterable[Portal]) -> None:
    """Bring `portals` and `provinces` up to the registry; rows that left it stay."""
    portals.sync(db, [portal_row(portal) for portal in rows], [province_row(unit) for unit in load_provinces()])


def portal_row(portal: Portal) -> dict[str, Any]:
    """Return a portal as the archive's columns; its `province_id` names the unit of its own time."""
    unit = load_provinces().of(portal.province, portal.valid_from, portal.valid_to) if portal.province else None
    evidence = portal.evidence
    if evidence and portal.evidence_date:
        evidence = f"{evidence} ({portal.evidence_date})"
    return {
        **portal.as_row(),
        "base_url": portal.base_url or None,
        "province": None if portal.province in ("", CENTRAL) else portal.province,
        "province_id": unit.id if unit else None,
        "evidence": evidence,
    }


def province_row(unit: Province) -> dict[str, Any]:
    """Return a unit as the archive's columns."""
    return {**asdict(unit), "folded": unit.folded, "sort_key": unit.sort_key}
