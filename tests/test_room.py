"""How long the disk will last, from what came in lately."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from archive import clock, room
from archive.connect import connect
from archive.store import Store
from cleaning.command import CANNOT_FINISH, Problem
from scrapers.registry import load_portals
from scrapers.run import Run
from tests.archive_kit import at, capture, new_archive, page, rules


def test_growth_is_told_from_the_last_thirty_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = new_archive(tmp_path)
    with Store(path, rules=rules()) as store:
        for day in range(60):
            store.add(capture(page(f"Tin {day}", "Một đoạn."), key=f"bai-{day}", days=day))
    monkeypatch.setattr(room, "free", lambda folder: 10 << 30)
    clock.set_source(partial(at, 60))
    db = connect(path, write=False)
    try:
        growth = room.growth(db, path)
    finally:
        db.close()
        clock.set_source(None)
    assert growth.a_day is not None
    assert growth.a_day == pytest.approx(growth.size / 60, rel=0.01)
    assert growth.months_left == pytest.approx((10 << 30) / growth.a_day / 30.4)
    assert growth.line().startswith("archive: 1 MB, 10 240 MB free, grows 0.0 MB a day: room for")


def test_a_crawl_does_not_begin_without_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "free", lambda folder: 50 << 20)
    with pytest.raises(Problem, match=r"a crawl needs 200 MB free at .*, 50 MB are: free 150 MB more") as refusal:
        Run(tmp_path / "archive.db", load_portals(), [])
    assert refusal.value.exit_code == CANNOT_FINISH
