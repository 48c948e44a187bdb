"""Measures the whole pipeline against bare Scrapy on the same pages, in one interleaved run: `make bench-crawl`.

Ours fetches, cleans and stores; bare Scrapy is a spider with Scrapy's own settings that asks for exactly what ours
asked for (read from the portals' log) and does nothing with it. CPU seconds are those of each crawler's own process,
start and imports included; the portals run in this one. Pages: the sample portals, grown, or recorded portals (WARC).
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from demo.articles import invent, load_sites
from demo.server import Hit
from demo.world import World

ROOT = Path(__file__).parents[1]
LEAVE_OUT = ("host", "user-agent", "accept-encoding", "content-length", "connection")


def main() -> None:
    """Run the rounds and print a line for each, then the ratio of the best ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000, help="articles in all, over the five sample portals")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--padding", type=int, default=30_000, help="bytes of menus, styles and scripts in every page")
    options = parser.parse_args()
    with sample_portals(options.articles, options.padding) as world, tempfile.TemporaryDirectory() as folder:
        best = {"ours": float("inf"), "bare": float("inf")}
        pages = 0
        for number in range(options.rounds):
            starts = {name: len(site.log) for name, site in world.sites.items()}
            ours = child("ours", str(Path(folder) / f"{number}.db"), str(world.registry))
            asked = [
                request(site.base_url, hit) for name, site in world.sites.items() for hit in site.log[starts[name] :]
            ]
            bare = child("bare", json.dumps(asked))
            pages = len(asked)
            best = {"ours": min(best["ours"], ours), "bare": min(best["bare"], bare)}
            per_page = [f"{1000 * seconds / pages:.1f} ms" for seconds in (ours, bare)]
            print(f"round {number + 1}: {pages} pages, ours {per_page[0]}, bare Scrapy {per_page[1]} of CPU per page")
        print(f"best against best: {best['ours'] / best['bare']:.2f} times the CPU")


@contextmanager
def sample_portals(articles: int, padding: int) -> Iterator[World]:
    """The five sample portals, each with its share of the articles, their pages as heavy as real ones."""
    grown = []
    for number, data in enumerate(load_sites()):
        more = max(0, articles // 5 - len(data.articles))
        grown.append(replace(data, articles=(*invent(more, seed=number + 1), *data.articles)))
    with ExitStack() as stack:
        world = World(sites=grown)
        for site in world.sites.values():
            site.padding = padding
        yield stack.enter_context(world)


def request(base_url: str, hit: Hit) -> dict[str, object]:
    """Return a logged request as the bare spider repeats it."""
    headers = {name: value for name, value in hit.headers.items() if name not in LEAVE_OUT}
    return {"url": base_url + hit.target, "method": hit.method, "headers": headers, "body": hit.body}


def child(kind: str, *arguments: str) -> float:
    """Run one crawler in a process of its own; return its CPU seconds."""
    command = [sys.executable, "-m", "tests.bench_crawl", kind, *arguments[:2]] if kind == "ours" else [
        sys.executable, "-m", "tests.bench_crawl", kind
    ]  # fmt: skip
    given = None if kind == "ours" else arguments[0]
    done = subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr[-2000:]
    return float(done.stdout.rsplit("CPU ", 1)[1])


def ours(archive: str, registry: str) -> None:
    """The whole pipeline."""
    from tintinh import main as tintinh

    try:
        tintinh(["--archive", archive, "crawl", "--registry", registry, "--delay", "0", "--allow-private"])
    finally:
        print("CPU", used(), flush=True)


def bare() -> None:
    """Scrapy alone."""
    import scrapy
    from scrapy.crawler import CrawlerProcess

    asked = json.load(sys.stdin)

    class Bare(scrapy.Spider):
        name = "bare"

        async def start(self) -> AsyncIterator[Any]:
            for entry in asked:
                yield scrapy.Request(**entry, dont_filter=True)

        def parse(self, response: Any) -> None:
            """Nothing: only the fetching is measured."""

    process = CrawlerProcess({"LOG_LEVEL": "WARNING", "HTTPERROR_ALLOW_ALL": True})
    process.crawl(Bare)
    process.start()
    print("CPU", used(), flush=True)


def used() -> float:
    """Return the CPU seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    if sys.argv[1:2] == ["ours"]:
        ours(sys.argv[2], sys.argv[3])
    elif sys.argv[1:2] == ["bare"]:
        bare()
    else:
        main()
