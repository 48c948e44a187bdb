"""`scrapy crawl` with the exit codes of `tintinh crawl`: Scrapy's ends with 0 whatever became of the run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.commands import crawl

from scrapers.operation import Operation

if TYPE_CHECKING:
    import argparse

    from scrapy import Spider
    from scrapy.crawler import Crawler


class Command(crawl.Command):
    """Scrapy's command; a run that a Problem ended ends the process with its line and code."""

    crawler: Crawler | None = None

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        self.crawler = super()._create_crawler(spidercls)
        return self.crawler

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, and judge."""
        super().run(args, opts)
        if self.crawler is None or self.crawler.engine is None:
            return
        operation = self.crawler.get_extension(Operation)
        if operation is not None and operation.problem is not None:
            sys.stderr.write(f"scrapy crawl {args[0]}: {operation.problem}\n")
            self.exitcode = operation.problem.exit_code
