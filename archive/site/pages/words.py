"""The words of the site for coded values, and how numbers, days and times are written in each language."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from urllib.parse import urlsplit

from archive.site.addresses import Lang

VIETNAM = timezone(timedelta(hours=7))

Pair = tuple[str, str]

STATES: dict[str, Pair] = {
    "live": ("còn trên trang gốc", "still on the portal"),
    "suspect": ("có dấu hiệu bị gỡ", "seems to be vanishing"),
    "gone": ("đã mất khỏi trang gốc", "gone from the portal"),
    "moved": ("đã chuyển địa chỉ", "moved"),
}
CHANGES: dict[str, Pair] = {
    "edited": ("sửa nội dung", "edited"),
    "gone": ("mất khỏi trang gốc", "vanished"),
    "moved": ("chuyển địa chỉ", "moved"),
}
VERSION_KINDS: dict[str, Pair] = {
    "first": ("bản đầu tiên", "first version"),
    "new": ("bản đầu tiên", "first version"),
    "edited": ("trang gốc sửa bài", "edited by the portal"),
    "recleaned": ("kho lưu trữ bóc tách lại, trang gốc không đổi", "cleaned again by the archive; page unchanged"),
}
LEVELS: dict[str, Pair] = {
    "province": ("cấp tỉnh", "province"),
    "party": ("cơ quan Đảng", "Party body"),
    "department": ("sở, ban, ngành", "department"),
    "district": ("cấp huyện", "district"),
    "commune": ("cấp xã", "commune"),
    "youth-union": ("Đoàn Thanh niên", "Youth Union"),
    "council": ("HĐND, đoàn ĐBQH", "people's council"),
    "union": ("công đoàn, đoàn thể", "unions and mass organisations"),
    "office": ("văn phòng", "office"),
}
DATE_BASES: dict[str, Pair] = {
    "published": ("ngày đăng", "published"),
    "published-month": ("tháng đăng", "month of publication"),
    "event": ("ngày diễn ra", "date of the event"),
    "fetched": ("ngày lưu", "date archived"),
}
DATE_SOURCES: dict[str, Pair] = {
    "page": ("in trên trang", "printed on the page"),
    "url": ("đọc từ địa chỉ trang", "read from the address"),
    "listing": ("in ở trang danh mục", "printed on the listing"),
    "meta": ("khai trong mã trang", "declared in the page's metadata"),
    "feed": ("theo nguồn cấp tin", "from the feed"),
    "dump": ("theo bản chép văn bản", "from a text dump"),
    "prose": ("nêu trong bài", "mentioned in the text"),
}
REMOVED: dict[str, Pair] = {
    "views": ("Số lượt xem", "View counter"),
    "counter": ("Bộ đếm truy cập", "Visitor counter"),
    "related": ("Tin liên quan", "Related news"),
    "banner": ("Biểu ngữ, quảng cáo", "Banners"),
    "notice": ("Khung thông báo", "Notices"),
    "share": ("Nút chia sẻ, in, cỡ chữ", "Share and print buttons"),
    "navigation": ("Thanh điều hướng", "Navigation"),
    "footer": ("Chân trang", "Page footer"),
    "other": ("Phần khác", "Other"),
}
ORIGINS: dict[str, Pair] = {
    "crawl": ("thu thập trực tiếp", "crawled"),
    "import": ("nạp từ tệp", "imported from a file"),
    "wayback": ("lấy từ kho web khác", "taken from another web archive"),
}
CAUSES: dict[str, Pair] = {
    "ok": ("bình thường", "fine"),
    "dns": ("tên miền không còn phân giải", "the host name no longer resolves"),
    "tls": ("chứng chỉ bảo mật hỏng", "broken TLS certificate"),
    "refused": ("máy chủ từ chối kết nối", "connection refused"),
    "timeout": ("máy chủ không trả lời", "the server does not answer"),
    "blocked": ("máy chủ chặn truy cập", "access is blocked"),
    "challenge": ("trang đòi xác minh người dùng", "a browser challenge stands in the way"),
    "robots": ("robots.txt không cho phép", "forbidden by robots.txt"),
    "gone": ("trang đã bị gỡ", "the site is gone"),
    "redirected": ("bị chuyển hướng sang nơi khác", "redirected elsewhere"),
    "partial": ("mới lấy được một phần", "taken in part"),
    "error": ("máy chủ báo lỗi", "the server fails"),
    "killed": ("lượt thu thập bị ngắt", "the crawl was cut off"),
    "stopped": ("lượt thu thập bị dừng", "the crawl was stopped"),
    "layout-changed": ("giao diện trang đã đổi", "the page layout changed"),
    "empty": ("danh mục trống", "the listings are empty"),
    "running": ("đang chạy hoặc bị ngắt", "running or interrupted"),
}
HEALTH: dict[str, Pair] = {
    "fine": ("bình thường", "fine"),
    "silent": ("im lặng", "silent"),
    "failing": ("không lấy được", "failing"),
    "shrinking": ("danh mục ngắn đi bất thường", "the listings shrink"),
    "never": ("chưa lần nào lấy được", "never reached"),
    "fields": ("trang mất tiêu đề hoặc nội dung", "fields are missing"),
    "layout": ("giao diện trang đã đổi", "the page layout changed"),
    "vanishing": ("nhiều bài biến mất", "many articles vanish"),
    "overdue": ("quá hạn thu thập", "overdue"),
    "ended": ("cơ quan đã kết thúc", "the office has ended"),
    "acknowledged": ("đã biết", "known"),
}
WELL = (None, "fine", "acknowledged")
"""Verdicts that need nobody's attention."""
LANGUAGES: dict[str, Pair] = {
    "vi": ("tiếng Việt", "Vietnamese"),
    "en": ("tiếng Anh", "English"),
    "zh": ("tiếng Trung", "Chinese"),
    "km": ("tiếng Khmer", "Khmer"),
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def say(pairs: dict[str, Pair], code: str | None, lang: Lang) -> str:
    """Return the words for a code; an unknown code is shown as it is, no code as nothing."""
    if not code:
        return ""
    pair = pairs.get(code)
    return code if pair is None else pair[lang == "en"]


def verdict(health: str | None, cause: str | None, lang: Lang) -> str:
    """Return what is wrong with a portal and why, in a few words; nothing for one that is well or acknowledged."""
    if health in WELL:
        return ""
    told = say(HEALTH, health, lang)
    return told if cause in (None, "ok", "partial") else f"{told}: {say(CAUSES, cause, lang)}"


def number(value: float | None, lang: Lang) -> str:
    """Write a number: `12.345,5` in Vietnamese, `12,345.5` in English."""
    if value is None:
        return ""
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,}"
    return text if lang == "en" else text.translate(str.maketrans(",.", ".,"))


def day(value: str | None, lang: Lang) -> str:
    """Write `2024-06-21` as `21/6/2024` or `21 Jun 2024`, and `2024-06` as `6/2024` or `June 2024`."""
    if not value:
        return ""
    try:
        year, month, *rest = (int(part) for part in value[:10].split("-"))
        name = _MONTHS[month - 1]
    except (ValueError, IndexError):
        return value
    if not rest:
        return f"{month}/{year}" if lang == "vi" else f"{name} {year}"
    return f"{rest[0]}/{month}/{year}" if lang == "vi" else f"{rest[0]} {name[:3]} {year}"


def local(value: str | None, lang: Lang) -> str:
    """Write a time with its minute in Vietnam's time; a bare day stays a day."""
    if not value or len(value) <= 10:
        return day(value, lang)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    if moment.tzinfo is not None:
        moment = moment.astimezone(VIETNAM)
    clock = moment.strftime("%H:%M")
    return (
        f"{clock} ngày {day(str(moment.date()), lang)}" if lang == "vi" else f"{day(str(moment.date()), lang)}, {clock}"
    )


def size(value: int | None, lang: Lang) -> str:
    """Write a number of bytes for people: `12,3 MB`."""
    if value is None:
        return ""
    amount, unit = float(value), "B"
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{number(round(amount, 1) if amount < 100 and unit != 'B' else round(amount), lang)} {unit}"


def host(url: str | None) -> str:
    """Return the host an address names, for showing."""
    return urlsplit(url or "").netloc


def slug(name: str) -> str:
    """Return a province's name as it stands in addresses: `Bà Rịa - Vũng Tàu` is `ba-ria-vung-tau`."""
    plain = unicodedata.normalize("NFD", name.translate(str.maketrans("đĐ", "dD"))).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))


def months(first: str, last: str) -> list[str]:
    """Return every month from `first` to `last`, both `YYYY-MM`, both included."""
    year, month = int(first[:4]), int(first[5:7])
    out = []
    while (text := f"{year:04}-{month:02}") <= last:
        out.append(text)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return out


def days_between(earlier: str, later: str) -> int:
    """Return the days from one stamp to another."""
    return (date.fromisoformat(later[:10]) - date.fromisoformat(earlier[:10])).days


def atom_time(value: str) -> str:
    """Return a day or time as RFC 3339 wants it in Atom; a bare day begins in Vietnam's midnight."""
    moment = datetime.fromisoformat(value[:10] if len(value) <= 10 else value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=VIETNAM)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
