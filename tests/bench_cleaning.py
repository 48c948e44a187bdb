"""`make bench-cleaning`: our cleaning beside general extractors on one set of pages, interleaved in one run.

Pages: the golden pages of the families, the sample portals, the recorded NukeViet portal where it is at hand (all with
a layout), and pages made by script that no layout describes. Every extractor gets the same markup; what it returns is
cut into lines. A peer's title line does not count against it.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from cleaning import clean
from cleaning.layouts import Layouts, shipped
from cleaning.vietnamese import fold, squash
from tests.made_pages import made_pages

SHARED = Path(__file__).parents[1].parent / "shared"
NO_LAYOUTS = Layouts(())
LARGE = 32_000  # characters: what a portal's page has at least, menus and all
_FURNITURE = (
    *(
        "Thống kê truy cập",
        "Tin liên quan",
        "Các tin khác",
        "Tin khác",
        "Bài viết liên quan",
        "Tin mới nhất",
        "Chia sẻ",
    ),
    *("In trang", "In bài viết", "Gửi email", "Đăng nhập", "Trang chủ", "Bình luận", "Xem thêm", "Liên kết website"),
)
_ARTICLE = ("lead", "heading", "paragraph", "caption", "author", "source", "table")


@dataclass
class Sample:
    """A page with its truth: the article's lines, which of them are captions and byline, and what must not remain."""

    name: str
    html: str
    title: str
    lines: list[str]
    captions: list[str]
    byline: str | None
    furniture: list[str] = field(default_factory=list)
    url: str | None = None
    allowed: tuple[str, ...] = ()  # lines that are the article's but not asked for


def from_made() -> Iterable[Sample]:
    """Pages that no layout describes."""
    for page in made_pages():
        byline = page.lines[-1] if page.author else None
        yield Sample(page.name, page.html, page.title, page.lines, page.captions, byline, page.furniture)


def from_golden() -> Iterable[Sample]:
    """The families' golden pages: truth is what a person has reviewed."""
    for path in sorted((Path(__file__).parent / "pages").rglob("*.json")):
        page = path.with_suffix(".html")
        record = json.loads(path.read_text(encoding="utf-8"))
        if not page.exists() or "body" not in record:
            continue
        lines = [*filter(None, [record.get("lead")]), *record["body"], *record["captions"]]
        lines += [cell for table in record["tables"] for row in table for cell in row if cell]
        html = page.read_bytes().decode("utf-8", "replace")
        title, captions, author = record["title"] or "", record["captions"], record["author"]
        yield Sample(path.stem, html, title, lines, captions, author, list(_FURNITURE))


def from_demo() -> Iterable[Sample]:
    """The sample portals' articles, with the truth they were made from."""
    from urllib.request import urlopen

    from demo.world import World

    with World() as world:
        for site in world.sites.values():
            for article in site.articles.values():
                url = site.url(article)
                with urlopen(url) as reply:
                    html = reply.read().decode("utf-8", "replace")
                if not article.body or squash(article.body[0])[:30] not in squash(html):
                    continue  # drawn in the browser: no text in the page
                lines = [*filter(None, [article.lead]), *article.body, *article.captions]
                lines += [cell for table in article.tables for row in table for cell in row if cell]
                captions, furniture = list(article.captions), list(_FURNITURE)
                yield Sample(site.data.name, html, article.title, lines, captions, article.author, furniture, url)


def from_recording() -> Iterable[Sample]:
    """The recorded NukeViet portal, where it lies beside the repository."""
    recording = SHARED / "recordings/nukeviet-default.warc.gz"
    if not recording.exists():
        return
    from warcio.archiveiterator import ArchiveIterator

    rows = [json.loads(line) for line in (SHARED / "data/nukeviet-truth.jsonl").read_text("utf-8").splitlines()]
    truth = {row["url"]: row for row in rows}
    with recording.open("rb") as stream:
        for entry in ArchiveIterator(stream):
            row = truth.pop(entry.rec_headers.get_header("WARC-Target-URI"), None)
            if row is None or entry.rec_type != "response" or entry.http_headers.get_statuscode() != "200":
                continue
            html = entry.content_stream().read().decode("utf-8")
            lines = [*filter(None, [row["lead"]]), *row["body_paragraphs"], *row["captions"]]
            lines += [cell for table in row["table_rows"] for cells in table for cell in cells]
            furniture = [
                "Đang truy cập",
                "Tổng lượt truy cập",
                "Những tin cũ hơn",
                "Những tin mới hơn",
                "Ý kiến bạn đọc",
            ]
            url, allowed = row["url"], (row["home_caption"],)
            yield Sample("nukeviet", html, row["title"], lines, row["captions"], row["author"], furniture, url, allowed)


def ours(layouts: Layouts | None) -> Callable[[Sample], list[str]]:
    """Our whole record; the lines are the article's blocks."""

    def run(sample: Sample) -> list[str]:
        record = clean(sample.html, url=sample.url, layouts=layouts)
        return [block.text for block in record.blocks if block.label in _ARTICLE]

    return run


def peers() -> dict[str, Callable[[Sample], list[str]]]:
    """Return the general extractors that are installed, each as a function from a page to lines."""
    found: dict[str, Callable[[Sample], list[str]]] = {}
    try:
        import trafilatura

        found["trafilatura"] = lambda sample: _lines(trafilatura.extract(sample.html, include_comments=False))

        def with_metadata(sample: Sample) -> list[str]:
            record = trafilatura.bare_extraction(sample.html, include_comments=False, with_metadata=True)
            return _lines(getattr(record, "text", None))

        found["trafilatura, with metadata"] = with_metadata
    except ImportError:
        pass
    try:
        import lxml.html
        from readability import Document

        def by_readability(sample: Sample) -> list[str]:
            tree = lxml.html.fromstring(Document(sample.html).summary())
            for element in tree.iter("p", "div", "br", "li", "td", "tr", "h1", "h2", "h3", "h4", "figcaption"):
                element.tail = "\n" + (element.tail or "")
            return _lines("".join(map(str, tree.itertext())))

        found["readability-lxml"] = by_readability
    except ImportError:
        pass
    try:
        from resiliparse.extract.html2text import extract_plain_text

        def by_resiliparse(sample: Sample) -> list[str]:
            return _lines(extract_plain_text(sample.html, main_content=True, alt_texts=False))

        found["resiliparse"] = by_resiliparse
    except ImportError:
        pass
    try:
        import justext

        words = justext.get_stoplist("Vietnamese")

        def by_justext(sample: Sample) -> list[str]:
            paragraphs = justext.justext(sample.html.encode(), words)
            return [squash(paragraph.text) for paragraph in paragraphs if not paragraph.is_boilerplate]

        found["justext"] = by_justext
    except ImportError:
        pass
    try:
        from newspaper import Article

        def by_newspaper(sample: Sample) -> list[str]:
            article = Article("http://127.0.0.1/", language="vi", fetch_images=False)
            article.download(input_html=sample.html)
            article.parse()
            return _lines(article.text)

        found["newspaper4k"] = by_newspaper
    except ImportError:
        pass
    return found


def _lines(text: str | None) -> list[str]:
    return [words for line in (text or "").splitlines() if (words := squash(line).lstrip("-• "))]


@dataclass
class Score:
    """Sums over pages."""

    pages: int = 0
    f1: float = 0.0
    given: int = 0
    wanted: int = 0
    exact: int = 0
    captions: list[int] = field(default_factory=lambda: [0, 0])
    bylines: list[int] = field(default_factory=lambda: [0, 0])
    leaks: int = 0
    seconds: float = 0.0
    seconds_large: float = 0.0

    def add(self, sample: Sample, lines: list[str], seconds: float) -> None:
        """Count one page."""
        title = squash(sample.title)
        lines = [squash(line) for line in lines if squash(line) != title]
        wanted = [squash(line) for line in sample.lines]
        allowed = {squash(line) for line in sample.allowed} - set(wanted)
        bylines = [line for line in lines if sample.byline and squash(sample.byline) in line and len(line) < 120]
        wanted += [line for line in bylines[-1:] if line not in wanted]
        wanted += [
            line
            for line in lines
            if line in allowed or (line.startswith("Nguồn") and len(line) < 120 and line not in wanted)
        ]
        text = " \n".join(lines)
        self.pages += 1
        self.seconds += seconds
        self.seconds_large += seconds if len(sample.html) >= LARGE else 0.0
        self.f1 += _f1(lines, wanted)
        self.given += len(lines)
        self.wanted += len(wanted)
        self.exact += (Counter(lines) & Counter(wanted)).total()
        self.captions[0] += sum(squash(caption) in text for caption in sample.captions)
        self.captions[1] += len(sample.captions)
        self.bylines[0] += bool(bylines)
        self.bylines[1] += bool(sample.byline)
        own = set(wanted)
        self.leaks += sum(squash(line) in lines and squash(line) not in own for line in sample.furniture)

    def row(self, name: str, unit: Score) -> list[str]:
        """Return the table's cells; speed is in multiples of the unit's."""
        return [
            name,
            f"{self.f1 / self.pages:.4f}",
            f"{self.exact / max(self.given, 1):.3f}",
            f"{self.exact / max(self.wanted, 1):.3f}",
            _share(self.captions),
            _share(self.bylines),
            str(self.leaks),
            f"{unit.seconds / self.seconds:.1f}",
            f"{unit.seconds_large / self.seconds_large:.1f}" if self.seconds_large else "–",
        ]


def _share(pair: list[int]) -> str:
    return f"{pair[0] / pair[1]:.2f}" if pair[1] else "–"


def _f1(lines: list[str], wanted: list[str]) -> float:
    got, want = _shingles(lines), _shingles(wanted)
    shared = (got & want).total()
    if not shared:
        return float(not got.total() and not want.total())
    precision, recall = shared / got.total(), shared / want.total()
    return 2 * precision * recall / (precision + recall)


def _shingles(lines: list[str]) -> Counter[tuple[str, ...]]:
    shingles: Counter[tuple[str, ...]] = Counter()
    for line in lines:
        words = re.findall(r"\w+", fold(line))
        shingles.update(tuple(words[place : place + 4]) for place in range(max(len(words) - 3, 1)))
    return shingles


@click.command()
@click.option(
    "--rounds",
    default=3,
    show_default=True,
    help="Turns of each extractor on each page, of two runs each; the fastest counts.",
)
def bench(rounds: int) -> None:
    """Print one table for pages with a layout and one for pages without."""
    with_layout = [*from_golden(), *from_demo(), *from_recording()]
    tools = peers()
    _table(
        "pages with a layout",
        with_layout,
        {"tintinh": ours(shipped()), "tintinh, layouts off": ours(NO_LAYOUTS), **tools},
        rounds,
    )
    _table("pages that no layout describes", [*from_made()], {"tintinh": ours(shipped()), **tools}, rounds)


def _table(title: str, samples: list[Sample], tools: dict[str, Any], rounds: int) -> None:
    scores = {name: Score() for name in tools}
    for sample in samples:
        fastest = dict.fromkeys(tools, float("inf"))
        lines: dict[str, list[str]] = {}
        for _ in range(rounds):  # by turns, so that a machine's slow seconds meet all of them
            for name, run in tools.items():
                for _ in range(2):  # the first run clears the processor's caches of the others
                    start = time.process_time()
                    try:
                        lines[name] = run(sample)
                    except Exception:  # a peer that fails on a page returns nothing for it
                        lines[name] = []
                    fastest[name] = min(fastest[name], time.process_time() - start)
        for name, score in scores.items():
            score.add(sample, lines[name], fastest[name])
    unit = scores.get("trafilatura", scores["tintinh"])
    click.echo(f"\n{title}: {len(samples)}, {time.strftime('%Y-%m-%d')}\n")
    heads = ("", "F1", "exact P", "exact R", "captions", "bylines", "leaks", "× trafilatura", "pages ≥ 32 KB")
    click.echo("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for name, score in scores.items():
        click.echo("| " + " | ".join(score.row(name, unit)) + " |")


if __name__ == "__main__":
    bench()
