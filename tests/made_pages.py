"""Article pages made by script, with their truth: frames in portals' manner crossed with ways of writing a body.

No frame follows a layout of the package, so these pages show what the rules reach on a site that nobody has described.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).with_name("made")
WORDS: dict[str, Any] = tomllib.loads((_FOLDER / "words.toml").read_text(encoding="utf-8"))
BODIES: dict[str, dict[str, str]] = tomllib.loads((_FOLDER / "bodies.toml").read_text(encoding="utf-8"))
_MENU = ("Giới thiệu chung", "Bộ máy tổ chức", "Văn bản chỉ đạo", "Dịch vụ công")
_COUNTERS = ("Đang online:", "Hôm nay:", "Trong tuần:", "Tất cả:")
_SIDE = ("Thống kê truy cập", "Đăng nhập", "Chia sẻ", "Liên kết website")


@dataclass
class MadePage:
    """A page and what is true about it; `lines` are the article's own lines in order, title and date apart."""

    name: str
    html: str
    title: str
    lead: str | None
    paragraphs: list[str]
    captions: list[str]
    author: str | None
    lines: list[str]
    furniture: list[str]
    published: str
    views: int


@dataclass
class Story:
    chance: random.Random
    title: str = ""
    lead: str | None = None
    parts: list[tuple[str, str]] = field(default_factory=list)  # (kind, text); kinds: p, h, caption
    byline: str = ""
    author: str | None = None


def made_pages(seed: int = 20260701) -> Iterator[MadePage]:
    """Yield every frame with every way of writing a body."""
    number = 0
    for frame in sorted(_FOLDER.glob("frames/*.html")):
        for style in BODIES:
            number += 1
            name = f"{frame.stem}-{style}"
            story = make_story(random.Random(f"{seed} {name}"), number)
            yield _page(name, frame.read_text(encoding="utf-8"), style, story)


def make_story(chance: random.Random, number: int) -> Story:
    def sentence() -> str:
        words = (
            f"{chance.choice(WORDS['subjects'])} {chance.choice(WORDS['deeds'])}, {chance.choice(WORDS['reasons'])}."
        )
        return words.format(a=chance.randint(101, 999), b=chance.randint(3, 30))

    title = f"{chance.choice(WORDS['subjects'])} và câu chuyện thứ {number} về một miền quê đổi thay"
    story = Story(chance, title, lead=sentence() if number % 3 else None)
    captions = chance.sample(WORDS["captions"], 3)
    if number % 4 == 0:
        captions[2] = chance.choice(WORDS["caption_sentences"])
    for index in range(chance.randint(4, 8)):
        story.parts.append(("p", " ".join(sentence() for _ in range(chance.randint(1, 3)))))
        if index in (0, 2):
            story.parts.append(("caption", captions[index]))
        if index == 1:
            story.parts.append(("p", chance.choice(WORDS["traps"])))
        if index == 3 and number % 2:
            story.parts.append(("h", chance.choice(WORDS["headings"])))
    if number % 5 == 0:
        story.parts.append(story.parts[0])  # a source that repeats itself stays repeated
    story.parts.append(("p", sentence()[:-1] + "./."))
    byline, author = WORDS["bylines"][number % len(WORDS["bylines"])]
    story.byline, story.author = byline, author or None
    return story


def _page(name: str, frame: str, style: str, story: Story) -> MadePage:
    chance = story.chance
    day, month, year = chance.randint(13, 28), chance.randint(1, 12), chance.randint(2018, 2025)
    hour, minute, views = chance.randint(6, 19), chance.randint(10, 59), chance.randint(20, 9000)
    related = [f"{text} đợt {chance.randint(2, 9)}" for text in WORDS["related"]]
    counters = [f"{label} {chance.randint(2, 90000)}" for label in _COUNTERS]
    values = {
        "TITLE": story.title,
        "LEAD": story.lead or "",
        "DATE": f"{day:02}/{month:02}/{year} {hour:02}:{minute:02}",
        "VIEWS": str(views),
        "BODY": make_body(BODIES[style], story, two_lines=style == "two-lines"),
        "MENU": "".join(f'<li><a href="/m{index}">{text}</a></li>' for index, text in enumerate(_MENU)),
        "RELATED": "".join(f'<li><a href="/t{text[-1]}">{text}</a> (12/01/2024)</li>' for text in related),
        "COUNTERS": "".join(f"<li>{text}</li>" for text in counters),
    }
    for key, value in values.items():
        frame = frame.replace(f"%{key}%", value)
    lead, byline = [story.lead] if story.lead else [], [story.byline] if story.byline else []
    return MadePage(
        name=name,
        html=frame,
        title=story.title,
        lead=story.lead,
        paragraphs=[text for kind, text in story.parts if kind != "caption"],
        captions=[text for kind, text in story.parts if kind == "caption"],
        author=story.author,
        lines=[*lead, *(text for _, text in story.parts), *byline],
        furniture=[*_MENU, *related, *counters, *_SIDE],
        published=f"{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:00+07:00",
        views=views,
    )


def make_body(style: dict[str, str], story: Story, *, two_lines: bool = False) -> str:
    parts = []
    for kind, text in story.parts:
        words = text.split()
        middle = len(words) // 2 + 1
        halves = f"{' '.join(words[:middle])}<br>\n{' '.join(words[middle:])}"
        parts.append(style[kind].replace("{}", halves if two_lines and kind == "caption" else text))
    if story.byline:
        parts.append(style["byline"].replace("{}", story.byline))
    return style.get("wrap", "{}").replace("{}", "\n".join(parts))
