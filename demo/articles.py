"""The sample portals' articles: data read from TOML, and at once the truth that a crawl of them must find."""

from __future__ import annotations

import random
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).with_name("portals")

Kind = Literal["paragraph", "heading", "photo", "table", "list", "quote"]


@dataclass(frozen=True)
class Piece:
    """One piece of a body in page order.

    `lines`: a paragraph's one text, a list's items, a photo's caption lines (none when it has no caption);
    `rows` a table's cells; `cell` puts a photo and its caption in table cells; `nbsp` indents a caption.
    """

    kind: Kind
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    cell: bool = False
    nbsp: int = 0


@dataclass(frozen=True)
class File:
    """An attachment: its file name on the portal and the words of the link."""

    name: str
    text: str


@dataclass(frozen=True)
class Article:
    """One article as its portal holds it; what cleaning must get back out of the page.

    `shown` is the date as printed, None where the page prints none; `published` the moment it stands for;
    `published_from` says where a reader can learn it when the page is silent (`url`, `listing`).
    """

    id: str
    title: str
    lead: str | None = None
    pieces: tuple[Piece, ...] = ()
    shown: str | None = None
    published: str | None = None
    published_from: str = "page"
    event: str | None = None
    byline: str | None = None
    author: str | None = None
    source: str | None = None
    views: int | None = None
    files: tuple[File, ...] = ()
    body_as: str | None = None
    folder: str | None = None

    @property
    def slug(self) -> str:
        """The title in lower-case ASCII words joined by hyphens."""
        return slugify(self.title)

    @property
    def body(self) -> tuple[str, ...]:
        """The prose in order, headings and list items included."""
        prose = ("paragraph", "heading", "list", "quote")
        return tuple(line for piece in self.pieces if piece.kind in prose for line in piece.lines)

    @property
    def captions(self) -> tuple[str, ...]:
        """The captions; two lines of one caption are one."""
        return tuple(" ".join(piece.lines) for piece in self.pieces if piece.kind == "photo" and piece.lines)

    @property
    def tables(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """The tables of data, row by row."""
        return tuple(piece.rows for piece in self.pieces if piece.kind == "table")

    @property
    def day(self) -> str:
        """The publication day, for listings; empty where unknown."""
        return (self.published or "")[:10]

    def edited(self, sentence: str) -> Article:
        """Return the article with one more paragraph."""
        return replace(self, pieces=(*self.pieces, Piece("paragraph", (sentence,))))


@dataclass(frozen=True)
class SiteData:
    """One sample portal: its registry fields, its engine's manners, and its articles from old to new."""

    name: str
    portal: str
    manners: str
    family: str
    level: str
    province: str
    section: str
    listings: tuple[str, ...]
    articles: tuple[Article, ...] = field(repr=False)
    sitemaps: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()


def load_sites() -> Iterator[SiteData]:
    """Read every shipped sample portal."""
    for file in sorted(FOLDER.glob("*.toml")):
        with file.open("rb") as stream:
            data = tomllib.load(stream)
        site: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data["site"].items()
        }
        yield SiteData(**site, articles=tuple(_article(row) for row in data["article"]))


def slugify(text: str) -> str:
    """Return the text in lower-case ASCII letters and digits, words joined by single hyphens."""
    folded = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    letters = "".join(c if c.isascii() and c.isalnum() else " " for c in folded if not unicodedata.combining(c))
    return "-".join(letters.split())


def invent(count: int, seed: int = 1) -> Iterator[Article]:
    """Make plain articles, each with its own words, for sites that need hundreds of pages."""
    chance = random.Random(seed)
    for number in range(count):
        place, matter, people = (chance.choice(words) for words in (_PLACES, _MATTERS, _PEOPLE))
        ident = f"{seed * 100_000 + number}"
        minute = f"{chance.randrange(7, 18):02}:{chance.randrange(60):02}"
        day, month = chance.randrange(1, 29), chance.randrange(1, 13)
        lines = [
            f"Theo {people.lower()} {place}, đợt {number + 1} của công việc {matter} có {chance.randrange(20, 900)} "
            f"hộ tham gia, cao hơn dự kiến {chance.randrange(2, 40)} phần trăm.",
            f"{people} cho biết phần khó nhất của {matter} ở {place} là thiếu người trông coi vào mùa mưa, nên mỗi tổ "
            f"phải tự cắt cử {chance.randrange(2, 12)} người thay nhau trực.",
            f"Hồ sơ số {ident} ghi rõ kinh phí {chance.randrange(20, 990)} triệu đồng, chia làm "
            f"{chance.randrange(2, 6)} đợt và được niêm yết tại nhà văn hóa.",
        ]
        chance.shuffle(lines)
        yield Article(
            id=ident,
            title=f"{place}: {matter} đợt {number + 1}, hồ sơ {ident}",
            lead=f"Công việc {matter} tại {place} được {people.lower()} sơ kết sau {chance.randrange(3, 24)} tháng.",
            pieces=tuple(Piece("paragraph", (line,)) for line in lines),
            shown=f"{day:02}/{month:02}/2024 {minute}",
            published=f"2024-{month:02}-{day:02}T{minute}:00+07:00",
            folder=f"2024-{month}-{day}",
        )


def _article(row: dict[str, Any]) -> Article:
    event = row.get("event")
    return Article(
        id=row["id"],
        title=row["title"],
        lead=row.get("lead"),
        pieces=tuple(_piece(item) for item in row["body"]),
        shown=row.get("shown"),
        published=row.get("published"),
        published_from=row.get("published_from", "page"),
        event=event,
        byline=row.get("byline"),
        author=row.get("author"),
        source=row.get("source"),
        views=row.get("views"),
        files=tuple(File(entry["file"], entry["text"]) for entry in row.get("attachments", [])),
        body_as=row.get("body_as"),
        folder=row.get("folder"),
    )


def _piece(item: str | dict[str, Any]) -> Piece:
    if isinstance(item, str):
        return Piece("paragraph", (item,))
    if "h" in item:
        return Piece("heading", (item["h"],))
    if "quote" in item:
        return Piece("quote", (item["quote"],))
    if "list" in item:
        return Piece("list", tuple(item["list"]))
    if "table" in item:
        return Piece("table", rows=tuple(tuple(row) for row in item["table"]))
    caption = item["photo"]
    lines = (caption,) if isinstance(caption, str) else tuple(caption)
    return Piece("photo", tuple(filter(None, lines)), cell=item.get("as") == "cell", nbsp=item.get("nbsp", 0))


_PLACES = (
    "Thôn Suối Giữa", "Ấp Bình Lợi", "Khu phố Chợ Cũ", "Xã Tân Hòa", "Bản Nà Lốc", "Phường Phú Thọ", "Làng Cổ Chiên",
    "Xóm Bãi Trên", "Thị trấn Mường Sơn", "Cù lao Giêng Nhỏ", "Tổ dân phố Hòa Bình", "Buôn Ea Rin",
)  # fmt: skip
_MATTERS = (
    "cứng hóa đường nội đồng", "thay bóng đèn đường", "trồng dừa chắn sóng", "nạo vét kênh nội đồng",
    "phân loại rác tại nhà", "dạy bơi cho thiếu nhi", "làm thẻ bảo hiểm y tế", "sửa nhà cho hộ nghèo",
    "số hóa sổ hộ tịch", "khoan giếng chống hạn", "ghép giống cà phê", "xây nhà văn hóa",
)  # fmt: skip
_PEOPLE = (
    "Tổ trưởng",
    "Trưởng ban công tác mặt trận",
    "Bí thư chi đoàn",
    "Chi hội trưởng phụ nữ",
    "Cán bộ nông nghiệp",
)
