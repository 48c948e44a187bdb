"""Golden pages: what cleaning must make of a page of every family, theme and generation.

A page is a file `pages/FAMILY/THEME.html` in that family's markup, with sentences of our own; beside it lies
`THEME.json`, what is to come out. A new page writes its JSON and fails until a person has read it against the page and
set `reviewed`. Fields that the page lacks must be named in `absent`: an empty field that nobody vouches for is refused.
`THEME-held.html` is a theme that the family's layouts were not written from; it only checks them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cleaning import Record, clean

PAGES = sorted(Path(__file__).with_name("pages").glob("*/*.html"))
FETCHED = datetime(2026, 3, 10, 5, 20, tzinfo=UTC)
FAMILIES = {
    "article-common", "dotnetnuke", "drupal", "hatinh", "joomla", "liferay", "nukeviet", "sharepoint",
    "sharepoint-lacviet", "sharepoint-modern", "sharepoint-portal", "vnpt", "webcenter", "wordpress",
}  # fmt: skip


def summary(record: Record) -> dict[str, Any]:
    """The record without its blocks: what readers and charts rely on."""
    moment = record.published
    return {
        "layout": record.layout,
        "flags": list(record.flags),
        "title": record.title,
        "lead": record.lead,
        "body": list(record.body),
        "captions": list(record.captions),
        "tables": [[list(row) for row in table] for table in record.tables],
        "author": record.author,
        "source": record.source,
        "published": moment and [moment.value, moment.precision, moment.source],
        "event_date": record.event_date and record.event_date.value,
        "views": record.views,
        "site_counters": record.site_counters,
        "attachments": [[file.url, file.text] for file in record.attachments],
        "images": [[image.url, image.caption] for image in record.images],
        "language": record.language,
        "removed": sorted({block.label for block in record.removed if block.inside}),
    }


def cleaned(page: Path, text: str | None = None) -> Record:
    body = page.read_bytes() if text is None else text.encode()
    return clean(body, url=f"https://{page.parent.name}.example.gov.vn/tin-tuc/{page.stem}", fetched_at=FETCHED)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_a_golden_page_comes_out_as_reviewed(page: Path) -> None:
    got = summary(cleaned(page))
    truth = page.with_suffix(".json")
    if not truth.exists():
        absent = sorted(field for field, value in got.items() if value in (None, [], {}) and field != "flags")
        text = json.dumps({"reviewed": False, "absent": absent, **got}, ensure_ascii=False, indent=1)
        truth.write_text(text + "\n", encoding="utf-8")
        pytest.fail(f"{truth.name} is new: read it against the page, then set reviewed to true")
    want = json.loads(truth.read_text("utf-8"))
    assert want.pop("reviewed") is True, f"{truth.name} has not been reviewed"
    absent = want.pop("absent")
    assert sorted(field for field, value in want.items() if value in (None, [], {}) and field != "flags") == absent
    assert {"title", "body", "layout"}.isdisjoint(absent)
    assert got == want


def test_every_family_has_three_pages_and_a_theme_held_back() -> None:
    pages = Counter(page.parent.name for page in PAGES)
    assert set(pages) == FAMILIES
    assert min(pages.values()) >= 3
    assert {page.parent.name for page in PAGES if page.stem.endswith("-held")} == FAMILIES


DISTURBANCES = (
    (r'((?:__VIEWSTATE|__REQUESTDIGEST|javax\.faces\.ViewState)"[^>]* value=")[^"]*', r"\1/wEPDwUKMTI3OTMxODc2Nw9kFgI"),
    (r"(nv_redirect=|_adf\.ctrl-state=)\w+", r"\g<1>1a2b3c4d5e"),
    (r"(ctl00_ctl50_g_)\w+", r"\g<1>0f0e0d0c_0b0a"),
    (r"((?:Hôm nay: |current-time\">)[^,<]+, )\d+/\d+/\d+", r"\g<1>31/12/2025"),
    (r"((?:Đang online|Hôm nay|Trong tuần|Tất cả|Total Views|Số lượt truy cập): (?:<b>)?)[\d.\u00a0 ]*\d", r"\g<1>987"),
    (r"(Đang truy cập|Tổng lượt truy cập)(</span><span>)[\d.]+", r"\g<1>\g<2>987"),
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_counters_tokens_and_todays_date_change_nothing(page: Path) -> None:
    text = other = page.read_text("utf-8")
    for pattern, replacement in DISTURBANCES:
        other = re.sub(pattern, replacement, other)
    first, second = summary(cleaned(page)), summary(cleaned(page, other))
    first.pop("site_counters"), second.pop("site_counters")
    assert first == second
    assert other != text or page.parent.name in ("drupal", "joomla", "liferay", "sharepoint-modern", "wordpress")
