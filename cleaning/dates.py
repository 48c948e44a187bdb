"""Dates as Vietnamese portals print them: one table of patterns, day first; what is not sure is no date.

`published` is read only from strings that are a date and little else (an element, a meta, an address), never from
prose (`prose_dates.py`). Values are as precise as printed: minute (seconds kept), day or month.
Local time is Vietnam's, +07:00 the whole year.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from cleaning.record import DateSource, Moment, Precision
from cleaning.vietnamese import DIGIT, fold, squash

FLAGS = {
    "impossible-date": "the page prints a date that cannot be (31 February, the Buddhist year 2567); none is kept",
    "future-date": "the printed date lies after the fetch",
}
FIRST_YEAR = 1997  # Vietnam's first year on the Internet
LAST_YEAR = 2040  # where the time of the fetch, which bounds it better, is unknown
VIETNAM = timezone(timedelta(hours=7))


@dataclass(frozen=True)
class Reading:
    """A date, if the text holds one, and what is wrong with it (keys of `FLAGS`)."""

    moment: Moment | None
    flags: tuple[str, ...] = ()


_MONTH_WORDS = {
    "giêng": 1, "một": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8,
    "chín": 9, "mười một": 11, "mười hai": 12, "mười": 10, "chạp": 12,
}  # fmt: skip
_ENGLISH_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORD = rf"(?P<word>{'|'.join(sorted(_MONTH_WORDS, key=len, reverse=True))})\b"
_ENGLISH = rf"(?P<english>{'|'.join(_ENGLISH_MONTHS)})[a-z]*"
_D, _M, _Y, _YY = r"(?P<d>\d{1,2})", r"(?P<m>\d{1,2})", r"(?P<y>[12]\d{3})(?!\d)", r"(?P<yy>\d{2})"


def _shapes(*shapes: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"(?<![\d/.,-])(?:{shape})", re.I) for shape in shapes)


# Every shape of a day or month, by what a line must hold for it; where two fit the same place, the upper one counts.
_IN_FIGURES = _shapes(
    r"(?P<y>[12]\d{3})(?P<iso>[-/])(?P<m>\d{1,2})(?P=iso)(?P<d>\d{1,2})(?![\d/])",
    r"(?P<y>[12]\d{3})(?P<m>[01]\d)(?P<d>[0-3]\d)(?=T\d{4}|(?![\d./-]))",
    rf"{_D}\s*(?P<sep>[/.-])\s*{_M}\s*(?P=sep)\s*(?:{_Y}|{_YY}(?![\d/.-]|,\d))",
)
_IN_VIETNAMESE = _shapes(
    rf"{_D}\s*(?:tháng|thg|th)\.?\s*(?:{_M}|{_WORD})\s*[,/.-]?\s*(?:năm\s*)?{_Y}",
    rf"\btháng\s+{_WORD}\s+{_D},\s*{_Y}",  # WordPress in Vietnamese with the English order
    rf"\b(?:tháng|thg)\s*(?:{_M}|{_WORD})\s*(?:[/.-]|,?\s*năm)\s*{_Y}",
)
_IN_ENGLISH = _shapes(rf"{_D}\s+{_ENGLISH}\.?,?\s+{_Y}", rf"{_ENGLISH}\.?\s+{_D},?\s+{_Y}")
_OF_A_DUMP = _shapes(r"date (?P<y>[12]\d{3})-(?P<m>\d{1,2})(?![\d-])")
_ENGLISH_MONTH = re.compile("|".join(_ENGLISH_MONTHS))
_DATE = 50  # characters; no date is longer
_MAY_HOLD_DATE = re.compile(r"[12]\d{3}|\d\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{2}")  # what every shape has: a year
_WEEKDAY = r"(?:thứ\s*(?:hai|ba|tư|năm|sáu|bảy|bẩy|[2-7])|chủ\s*nhật|cn|t[2-7]|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)"
_WEEKDAY_BEFORE = re.compile(rf"(?<!\w)({_WEEKDAY})[\s,.-]*(?:ngày\s*)?$", re.I)
_WEEKDAYS = {
    "hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5, "chu": 6, "cn": 6,
    **{f"{prefix}{number}": number - 2 for number in range(2, 8) for prefix in ("", "t")},
    "mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
_HALF = r"(?:\s*(?P<half>SA|CH|AM|PM|sáng|trưa|chiều|tối)\b)?"
_ZONE = (
    r"(?:\s*\(?(?:(?P<utc>Z\b|(?:GMT|UTC)\b(?!\s*[+-]))|"
    r"(?:(?:GMT|UTC)\s*)?(?P<zone>[+-]\s*\d{1,2}(?::?\d{2})?)(?![\d/.-]))\)?)?"
)
_TIMES = tuple(
    re.compile(rf"(?<![\d/.:-])(?:{shape}){_HALF}{_ZONE}", re.I)
    for shape in (
        r"(?P<H>\d{1,2})\s*:\s*(?P<M>\d{1,2})(?:\s*:\s*(?P<S>\d{1,2})(?:[.,]\d+)?)?(?!\d|/\d)",
        r"(?P<H>\d{1,2})\s*(?:h|g|giờ)\s*(?P<M>\d{1,2})(?!\d)(?:\s*phút|')?(?:\s*(?P<S>\d{1,2})\s*giây)?",
        r"(?P<H>\d{1,2})\s*(?:h|giờ)\b",
    )
)
_ISO_TIMES = tuple(
    re.compile(shape + _ZONE)
    for shape in (
        r"\s*T\s*(?P<H>\d{2}):?(?P<M>\d{2})(?::?(?P<S>\d{2})(?:[.,]\d+)?)?",
        r"(?P<early>[+-]\d{2})(?P<H>\d{2}):(?P<M>\d{2}):(?P<S>\d{2})",  # PHP's `T` is the zone: 2025-11-05+0714:23:00
    )
)
# What may stand between a date and its time.
_GAP = re.compile(rf"(?:[\s,;:|()\[\]–—·•-]|\b(?:lúc|vào|hồi|at|ngày|GMT\s*\+\s*\d+|{_WEEKDAY})(?!\w))*", re.I)

_AGO = re.compile(r"\b(\d{1,3})\s*(phút|giờ|tiếng|ngày|tuần|minute|hour|day|week)s?\s*(?:trước|ago)\b", re.I)
_MINUTES = {
    "phút": 1, "minute": 1, "giờ": 60, "tiếng": 60, "hour": 60, "ngày": 1440, "day": 1440, "tuần": 10080, "week": 10080,
}  # fmt: skip

_UPDATED = re.compile(r"cập\s*nhật|chỉnh\s*sửa|sửa\s*đổi|updated?\b|modified|changed", re.I)
_POSTED = re.compile(r"đăng|xuất\s*bản|phát\s*hành|post|publish", re.I)
_NOON = re.compile(r"T12:00:00(?:Z|\+00:00)$")  # how Drupal writes a day without a time
_LABEL = re.compile(
    rf"\b(?:{_WEEKDAY}|ngày|giờ|phút|lúc|vào|hồi|sáng|trưa|chiều|tối|từ|"
    r"được (?:đăng|gửi|viết|tạo|cập nhật)|bởi|gửi|viết|đăng|tải|xuất bản|cập nhật|sửa đổi|chỉnh sửa|ban hành|"
    r"đã (?:được )?(?:đăng|gửi|viết|tạo|cập nhật|xuất bản|sửa đổi|chỉnh sửa)"
    r"(?=\s*(?:vào|lúc|ngày|hồi|bởi|đã|[^\w\s]|\d|$))|"
    r"thời gian|post(?:ed)?|publish(?:ed)?|updated|created|date|print|gốc|gmt|utc|lượt xem|lượt đọc|số lần đọc|"
    r"đã xem|đã đọc|phản hồi|bình luận|tạo lúc|phát hành|views?|hits?|tác giả|nguồn)(?!\w)",
    re.I,
)
_PROSE = re.compile(
    r"\b(?:đã|sẽ|đang|được|những|nhằm|khi|này|có|là|bị|do|để|tổ chức|diễn ra|tham dự|tham gia|nhân dịp|kỷ niệm|"
    r"nhiệm kỳ|thành lập|sinh ngày|hiệu lực|has|was|were|will|held)(?!\w)",
    re.I,
)
_MAX_OTHER_LETTERS = 60

_PATHS = (
    re.compile(r"/(?P<y>(?:19|20)\d\d)([-/_.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?=[/?#]|$)"),
    re.compile(r"/(?P<y>(?:19|20)\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?=/)"),
    re.compile(r"/(?P<y>(?:19|20)\d\d)[-/_](?P<m>\d{1,2})(?=/)"),
)


def read_date(text: str, source: DateSource, *, fetched_at: datetime | None = None) -> Moment | None:
    """Return the publication date that a string of the page holds, or None; `read` also says what is wrong with it."""
    return read(text, source, fetched_at=fetched_at).moment


def read(text: str, source: DateSource, *, fetched_at: datetime | None = None) -> Reading:
    """Read a date string: an element's text, a meta's content, an address (`source="url"`), a feed's field.

    Of several dates the one labelled as posted counts, then one without a label, then one labelled as an update.
    `3 giờ trước` counts back from `fetched_at` and is a day; without the fetch's time it is nothing. In a feed a
    minute that equals the month is no minute: NukeViet formats `H:m:s`, and then only the day is right.
    """
    line = _NOON.sub("", squash(text[:2000]))
    if source == "url":
        return _read_path(line, fetched_at)
    dates = find_dates(line)
    if source != "dump":
        dates = [match for match in dates if not match[0].startswith("date ")]
    if not dates:
        return _read_ago(line, source, fetched_at)
    if _is_prose(line, dates):
        return Reading(None)
    return _read_moment(line, dates, _best(line, dates), source, fetched_at)


def _best(line: str, dates: list[re.Match[str]]) -> int:
    if len(dates) == 1:
        return 0
    ends = [0, *(match.end() for match in dates)]
    labels = [line[end : match.start()] for end, match in zip(ends, dates, strict=False)]
    return min(range(len(dates)), key=lambda n: (_rank(labels[n]), n))


def is_date(line: str) -> bool:
    """Tell whether a line is a date, its weekday and clock and nothing else."""
    dates = find_dates(line)
    rest = line[: dates[0].start()] + " " + line[dates[0].end() :] if len(dates) == 1 else "x"
    return not any(map(str.isalpha, _LABEL.sub("", rest)))


def begins_with_date(line: str) -> bool:
    """Tell whether a line has nothing before its date but a weekday, a clock and the date's label."""
    dates = find_dates(line)
    return bool(dates) and not any(map(str.isalpha, _LABEL.sub("", line[: dates[0].start()])))


def find_dates(line: str) -> list[re.Match[str]]:
    """Return the dates of a line in order, none inside another."""
    stretches = _near_years(line)
    if not stretches:
        return []
    small = line.lower()
    shapes = (
        *_IN_FIGURES,
        *(_IN_VIETNAMESE if "th" in small.replace("thứ", "") else ()),  # a weekday is no month
        *(_IN_ENGLISH if _ENGLISH_MONTH.search(small) else ()),
        *(_OF_A_DUMP if "date" in small else ()),
    )
    found: list[re.Match[str]] = []
    for start, end in stretches:
        for shape in shapes:
            for match in shape.finditer(line, start, end):
                if all(match.end() <= other.start() or match.start() >= other.end() for other in found):
                    found.append(match)
    return sorted(found, key=lambda match: match.start())


def _near_years(line: str) -> list[tuple[int, int]]:
    """Return the stretches of a line that can hold dates, apart from each other."""
    stretches: list[tuple[int, int]] = []
    for year in _MAY_HOLD_DATE.finditer(line):
        start, end = max(0, year.start() - _DATE), year.end() + _DATE
        if stretches and start <= stretches[-1][1]:
            start = stretches.pop()[0]
        stretches.append((start, end))
    return stretches


def _is_prose(line: str, dates: list[re.Match[str]]) -> bool:
    rest = line
    for match in reversed(dates):
        rest = rest[: match.start()] + " | " + rest[match.end() :]
    rest = _LABEL.sub(" ", rest)
    if len(rest) > _MAX_OTHER_LETTERS and sum(map(str.isalpha, rest)) > _MAX_OTHER_LETTERS:
        return True
    return _PROSE.search(rest) is not None


def _rank(label: str) -> int:
    if _POSTED.search(label):
        return 0
    return 2 if _UPDATED.search(label) else 1


def day_of(match: re.Match[str]) -> date | None:
    """Return the date of a match (a month's first day where it has no day), or None if the calendar lacks it."""
    parts = match.groupdict()
    if parts.get("yy"):
        year = int(parts["yy"]) + (1900 if int(parts["yy"]) >= FIRST_YEAR % 100 else 2000)
    else:
        year = int(parts["y"])
    if parts.get("word"):
        month = _MONTH_WORDS[" ".join(parts["word"].lower().split())]
    elif parts.get("english"):
        month = _ENGLISH_MONTHS.index(parts["english"].lower()) + 1
    else:
        month = int(parts["m"])
    try:
        return date(year, month, int(parts.get("d") or 1))
    except ValueError:
        return None


def _by_weekday(before: str, match: re.Match[str], day: date | None) -> date | None:
    """Return the day, month first where only that agrees with the weekday printed before it.

    Drupal prints `Fri, 09/08/2023` for 8 September unless somebody changes its setting.
    """
    named = _WEEKDAY_BEFORE.search(before)
    if not named or not match.groupdict().get("sep") or not match.groupdict().get("y"):
        return day
    word = fold(named[1])
    weekday = _WEEKDAYS.get(word.removeprefix("thu").strip()[:3] or word, _WEEKDAYS.get(word[:3]))
    try:
        swapped = date(int(match["y"]), int(match["d"]), int(match["m"]))
    except ValueError:
        return day
    fits = swapped.weekday() == weekday and (day is None or day.weekday() != weekday)
    return swapped if fits else day


def _read_moment(
    line: str, dates: list[re.Match[str]], n: int, source: DateSource, fetched_at: datetime | None
) -> Reading:
    match = dates[n]
    day = _by_weekday(line[: match.start()], match, day_of(match))
    if day is None or not FIRST_YEAR <= day.year <= _last_year(fetched_at):
        return Reading(None, ("impossible-date",))
    if match.groupdict().get("d") is None:
        return _bounded(f"{day:%Y-%m}", "month", source, match[0], day, fetched_at)
    start = dates[n - 1].end() if n else 0
    end = dates[n + 1].start() if n + 1 < len(dates) else len(line)
    time = _time_after(line[match.end() : end]) or _time_before(line[start : match.start()])
    clock = _clock(day, time) if time else None
    if clock is None or time is None:
        return _bounded(day.isoformat(), "day", source, match[0], day, fetched_at)
    local = clock.astimezone(VIETNAM)
    if source == "feed" and int(time["M"] or 0) == day.month:
        return _bounded(local.date().isoformat(), "day", source, line, local.date(), fetched_at)
    return _bounded(local.isoformat(), "minute", source, line, local.date(), fetched_at)


def _bounded(
    value: str, precision: Precision, source: DateSource, raw: str, day: date, fetched_at: datetime | None
) -> Reading:
    late = fetched_at is not None and day > (fetched_at + timedelta(days=1)).date()
    return Reading(Moment(value, precision, source, raw), ("future-date",) if late else ())


def _last_year(fetched_at: datetime | None) -> int:
    return fetched_at.year + 1 if fetched_at else LAST_YEAR


def _time_after(text: str) -> re.Match[str] | None:
    if not DIGIT.search(text):
        return None
    for shape in _ISO_TIMES:
        match = shape.match(text)
        if match:
            return match
    gap = _GAP.match(text)
    for shape in _TIMES:
        match = shape.match(text, gap.end() if gap else 0)
        if match:
            return match
    return None


def _time_before(text: str) -> re.Match[str] | None:
    """Return the last time in the text, if nothing but a gap parts it from the text's end."""
    if not DIGIT.search(text):
        return None
    times = [match for shape in _TIMES for match in shape.finditer(text)]
    near = [match for match in times if _GAP.fullmatch(text, match.end())]
    return max(near, key=lambda match: match.end() - match.start(), default=None)


def _clock(day: date, match: re.Match[str]) -> datetime | None:
    parts = match.groupdict()
    hour, minute, second = (int(parts.get(unit) or 0) for unit in "HMS")
    half = (parts.get("half") or "").lower()
    if half in ("ch", "pm", "chiều", "tối") and hour < 12:
        hour += 12
    elif half in ("sa", "am") and hour == 12:
        hour = 0
    try:
        return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=_zone(parts))
    except ValueError:
        return None


def _zone(parts: dict[str, str | None]) -> timezone:
    if parts.get("utc"):
        return UTC
    named = (parts.get("zone") or parts.get("early") or "").replace(" ", "").replace(":", "")
    if not named:
        return VIETNAM
    hours, minutes = (int(named[1:3]), int(named[3:5] or 0)) if len(named) != 4 else (int(named[1]), int(named[2:]))
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if named[0] == "-" else 1)
    return timezone(offset) if abs(offset) <= timedelta(hours=14) else VIETNAM


def _read_ago(line: str, source: DateSource, fetched_at: datetime | None) -> Reading:
    ago = _AGO.search(line)
    if not ago or fetched_at is None or _is_prose(line, [ago]):
        return Reading(None)
    unit = _MINUTES[ago[2].lower()]
    fetched = fetched_at if fetched_at.tzinfo else fetched_at.replace(tzinfo=UTC)
    then = (fetched - timedelta(minutes=unit * int(ago[1]))).astimezone(VIETNAM)
    if unit == 1:
        return Reading(Moment(then.replace(second=0, microsecond=0).isoformat(), "minute", source, ago[0]))
    return Reading(Moment(then.date().isoformat(), "day", source, ago[0]))


def _read_path(address: str, fetched_at: datetime | None) -> Reading:
    """Read the date of an address's path; a month where the path names no day."""
    for shape in _PATHS:
        match = shape.search(address.split("?")[0])
        if match:
            day = day_of(match)
            if day is None or not FIRST_YEAR <= day.year <= _last_year(fetched_at):
                return Reading(None)
            if "d" in match.groupdict():
                return _bounded(day.isoformat(), "day", "url", match[0].strip("/"), day, fetched_at)
            return _bounded(f"{day:%Y-%m}", "month", "url", match[0].strip("/"), day, fetched_at)
    return Reading(None)
