"""Runs the spider as `tintinh crawl` does: same spider, same settings, exit codes that cron can judge by."""

from __future__ import annotations

import ipaddress
import logging
import os
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings

from cleaning.command import CANNOT_FINISH, Options, Problem
from scrapers.guard import LOOPBACK
from scrapers.operation import Operation
from scrapers.portal_run import PortalRun
from scrapers.registry import Registry, load_portals
from scrapers.spider import PortalsSpider


def crawl(
    options: Options,
    portals: tuple[str, ...] = (),
    *,
    province: str | None = None,
    registry: Path | None = None,
    full: bool = False,
    limit: int | None = None,
    delay: float | None = None,
    allow_private: tuple[str, ...] = (),
    more: dict[str, Any] | None = None,
) -> list[PortalRun]:
    """Run one crawl in this process and return what each portal came to; a Scrapy reactor runs once per process."""
    rows = load_portals(registry)
    for name in portals:
        rows.get_known(name)
    os.environ.setdefault("SCRAPY_SETTINGS_MODULE", "scrapers.settings")
    settings = get_project_settings()
    settings.set("RAISE_PROBLEMS", True, priority="cmdline")
    settings.set("ARCHIVE", str(options.archive), priority="cmdline")
    settings.set("REGISTRY", str(registry) if registry else None, priority="cmdline")
    settings.set("ALLOW_PRIVATE", list(allow_private), priority="cmdline")
    if delay is not None:
        check_delay(delay, settings.getfloat("DOWNLOAD_DELAY"), rows, portals, province)
        settings.set("DOWNLOAD_DELAY", delay, priority="cmdline")
    for name, value in (more or {}).items():
        settings.set(name, value, priority="cmdline")
    if options.verbose:
        settings.set("LOG_LEVEL", "DEBUG", priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    for noisy in ("scrapy.utils.log", "scrapy.addons", "scrapy.middleware", "scrapy.crawler", "scrapy.core.engine"):
        logging.getLogger(noisy).setLevel(logging.DEBUG if options.verbose else logging.WARNING)
    logging.getLogger("scrapy.extensions.memusage").setLevel(logging.WARNING)
    crawler = process.create_crawler(PortalsSpider)
    task = process.crawl(
        crawler, portal=",".join(portals), province=province or "", full="1" if full else "", limit=str(limit or "")
    )
    try:
        process.start()
    finally:
        spider = crawler.spider
        run = getattr(spider, "run", None)
        if run is not None:
            run.close()
    if task.done() and not task.cancelled() and (error := task.exception()) is not None:
        raise error
    if crawler.engine is not None and (operation := crawler.get_extension(Operation)) and operation.problem:
        raise operation.problem
    if run is None:
        raise Problem("the crawl did not begin; -v shows why", CANNOT_FINISH)
    logging.getLogger("scrapers").debug("run %s done", run.run_id)
    return list(run.portals)


def check_delay(delay: float, least: float, rows: Registry, portals: tuple[str, ...], province: str | None) -> None:
    """Refuse a pause under the default for hosts that are not private: they are somebody's servers."""
    if delay >= least:
        return
    chosen = [rows[name] for name in portals] if portals else rows.of_province(province) if province else rows.values()
    for portal in chosen:
        host = portal.host.rpartition(":")[0] or portal.host
        if portal.crawl and portal.base_url and not _private(host):
            raise Problem(
                f"--delay {delay:g}: {portal.id} ({portal.host}) is a public host; {least:g} s is the least there"
            )


def _private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return host == "localhost"


__all__ = ["LOOPBACK", "check_delay", "crawl"]
