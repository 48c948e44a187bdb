"""Scrapy's settings for this crawl. Each line says which default it changes and why; a test asserts them all."""

from __future__ import annotations

import os

BOT_NAME = "tintinh"
SPIDER_MODULES = ["scrapers.spider"]
COMMANDS_MODULE = "scrapers.commands"  # default none: `scrapy crawl` ends with 0 whatever became of the run
CONTACT = os.environ.get("TINTINH_CONTACT", "https://example.org/tintinh, archive@example.org")
"""ours: set TINTINH_CONTACT to an address and a page of yours, so that a web master can write to you."""
USER_AGENT = f"tintinh/0.1 (archive of provincial news; contact: {CONTACT})"  # default: Scrapy's own name
VANTAGE = os.environ.get("TINTINH_VANTAGE", "")
"""ours: where this machine stands (`VN`, `DE`), written into every crawl: some portals answer only inside Vietnam."""

# Manners
ROBOTSTXT_OBEY = True  # default False
DOWNLOAD_DELAY = 3.0  # default 0; seconds of rest per platform after each reply
DOWNLOAD_DELAY_JITTER = 0.0  # default 0.5: half the pauses would fall under the limit
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # default 8; slots of platforms are set to 1 besides
CONCURRENT_REQUESTS = 0  # default 16: waiting hosts would starve the others; every portal has one request under way
COOKIES_ENABLED = False  # default True: theme switches and sessions must not stick
REFERER_ENABLED = False  # default True
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "vi,en;q=0.5",
}
BUSY_PAUSE = 60.0  # ours: seconds of silence after a 429 or 503 without Retry-After, doubled each time
BUSY_LONGEST = 600.0  # ours: a Retry-After beyond this ends the portal's run
NIGHT_WINDOW = os.environ.get("TINTINH_NIGHT", "")  # ours: "22:00-05:00" in Vietnam time; empty crawls at any hour

# Guard
ALLOW_PRIVATE: list[str] = []  # ours: host:port exceptions, or "loopback"
HTTPPROXY_ENABLED = False  # default True: a proxy from the environment would resolve names behind the guard's back
TWISTED_DNS_RESOLVER = "scrapers.guard.GuardedResolver"  # default: any address will do
DNS_TIMEOUT = 20  # default 60
DOWNLOAD_VERIFY_CERTIFICATES = True  # default False: self-signed certificates are accepted
TELNETCONSOLE_ENABLED = False  # default True: an open port into the process
REMOTE_CONTROL_ENABLED = False  # default True: another door
DOWNLOAD_HANDLERS = {
    "http": "scrapers.tls.PortalDownloadHandler",
    "https": "scrapers.tls.PortalDownloadHandler",
    "file": None,  # default: file:// is read
    "data": None,
    "ftp": None,
    "s3": None,
}

# Limits
DOWNLOAD_MAXSIZE = 10_000_000  # default 1 GiB; also of what a compressed body holds
DOWNLOAD_WARNSIZE = 0  # default 32 MiB
DOWNLOAD_TIMEOUT = 25  # default 180; a stop must be over in 30 s
DOWNLOAD_FAIL_ON_DATALOSS = False  # default True: a short body comes back flagged instead of lost
URLLENGTH_LIMIT = 0  # default 2083, which drops silently; the identity rules refuse longer ones themselves
REDIRECT_MAX_TIMES = 6  # default 20
METAREFRESH_ENABLED = False  # default True: decodes every page twice; the spider reads it from the bytes
RETRY_TIMES = 2  # the default, stated: three tries in all
RETRY_HTTP_CODES = [500, 502, 504, 408, 522, 524]  # default also 429 and 503, which Retry-After answers
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # default ERROR: a failed page is a row, not a log line
MEMUSAGE_LIMIT_MB = 1500  # default 0, no limit

# Memory and CPU
CONCURRENT_ITEMS = 1  # default 100: so many tasks are made for every reply, and ours yields one thing
WARN_ON_GENERATOR_RETURN_VALUE = False  # default True: reads the callbacks' source again for every reply
DEPTH_STATS_VERBOSE = False  # the default, stated
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 50_000_000  # default 5 MB: some 60 pages of 100 hosts
HTTPERROR_ALLOW_ALL = True  # default False: 304, 404 and 410 are answers here
STATS_DUMP = False  # default True; the `crawls` rows are the report …
STATS_CLASS = "scrapy.statscollectors.DummyStatsCollector"  # default MemoryStatsCollector: … so nothing else counts
LOG_LEVEL = "INFO"  # default DEBUG: a line per page
LOG_VERSIONS: list[str] = []  # default: a paragraph of library versions at each start
LOGSTATS_INTERVAL = 0  # default 60

SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}
DOWNLOADER_MIDDLEWARES = {
    "scrapers.guard.GuardMiddleware": 20,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapers.slots.SlotMiddleware": 60,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapers.robots.StrictRobotsTxtMiddleware": 100,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapers.conditional.ConditionalMiddleware": 480,
    "scrapers.retry_after.RetryAfterMiddleware": 570,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapers.compression.CheckedCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapers.redirect.ArticleRedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
}
EXTENSIONS = {
    "scrapers.operation.Operation": 500,
}
