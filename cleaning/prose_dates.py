"""Dates among the prose: the day of an event, a document's date, or a line that the CMS has put there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cleaning.dates import FIRST_YEAR, LAST_YEAR, day_of, find_dates, is_date
from cleaning.record import Moment

_BY_CMS = re.compile(
    r"\b(?:đăng|cập\s*nhật|xuất\s*bản|viết\s*bởi|gửi\s*bởi|bởi|gmt|posted|published|updated|lượt\s*xem|đã\s*xem)\b",
    re.I,
)
_CLOCK = re.compile(r"\d\s*:\s*\d")
_OPENING = 60
_CLAUSE = 200
_EVENT_LEAD_IN = re.compile(r"(?:\b(?:sáng|trưa|chiều|tối|đêm)\s+)?(?:\bngày\s+)?$", re.I)
_DOCUMENT = re.compile(
    r"\b(?:quyết định|nghị quyết|nghị định|thông tư|thông báo|kế hoạch|công văn|công điện|chỉ thị|tờ trình|hướng dẫn|"
    r"chương trình|văn bản|giấy mời|báo cáo|luật|quy định|quy chế|kết luận|đề án|hợp đồng|"
    r"pháp lệnh|số\s*\d+)(?!\w)[^,;.]*$",
    re.I,
)
_NOT_THE_DAY = re.compile(
    r"\b(?:thành lập|sinh|mất|ký|ban hành|từ|đến|tới|trước|sau|hết|kể từ|tính đến|hiệu lực|truyền thống|kỷ niệm[^,;.]*|"
    r"giải phóng|khai sinh)\s*(?:ngày|vào ngày|hết ngày)?\s*\(?$",
    re.I,
)


def find_event_date(paragraphs: Sequence[str]) -> Moment | None:
    """Return the day that the opening of the prose gives to its event, or None.

    The opening is the first paragraph (several while they are short). Dates of documents, of foundings, birthdays
    and anniversaries, and the ends of a period are no events.
    """
    for paragraph in _opening(paragraphs):
        dates = find_dates(paragraph)
        for n, match in enumerate(dates):
            if "d" not in match.re.groupindex or match["d"] is None or _is_no_event(paragraph, dates, n):
                continue
            day = day_of(match)
            if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
                continue
            lead_in = _EVENT_LEAD_IN.search(_before(paragraph, match))
            raw = (lead_in[0] if lead_in else "") + match[0]
            return Moment(day.isoformat(), "day", "prose", raw)
    return None


def tells_when_posted(line: str) -> bool:
    """Tell whether a line among the prose is one that a CMS writes: a label or a clock beside its date.

    Prose has lines of documents with their dates, and headings that are dates.
    """
    dates = find_dates(line)
    if not dates or _DOCUMENT.search(_before(line, dates[0])) or (line.endswith((".", ";", ":")) and "lúc" not in line):
        return False
    rest = line[: dates[0].start()] + " " + line[dates[-1].end() :]
    return _BY_CMS.search(rest) is not None or (_CLOCK.search(rest) is not None and is_date(line))


def _opening(paragraphs: Sequence[str]) -> Iterable[str]:
    length = 0
    for paragraph in paragraphs:
        yield paragraph
        length += len(paragraph)
        if length >= _OPENING:
            return


def _before(paragraph: str, match: re.Match[str]) -> str:
    """Return the words of the sentence that can tell what a date is the date of."""
    return paragraph[max(0, match.start() - _CLAUSE) : match.start()]


def _is_no_event(paragraph: str, dates: list[re.Match[str]], n: int) -> bool:
    before, after = _before(paragraph, dates[n]), paragraph[dates[n].end() :]
    if (
        re.match(r"\s*(?:của|về việc)\b", after)
        or re.match(r"\s*[-–—]\s*\d", after)
        or re.search(r"\d\s*[-–—]\s*$", before)
    ):
        return True
    bare = _EVENT_LEAD_IN.sub("", before)
    return bool(_NOT_THE_DAY.search(before) or _NOT_THE_DAY.search(bare) or _DOCUMENT.search(bare))
