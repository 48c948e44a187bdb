"""The world of the sample portals: every site on its own loopback port, and the levers that make time pass."""

from __future__ import annotations

import itertools
import json
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Literal

import jinja2

from demo.articles import Article, SiteData, load_sites
from demo.manners import sharepoint_modern, sharepoint_portal, single_block, vnpt, webcenter
from demo.server import Hit, LoopbackServer, Reply, Request

MANNERS: dict[str, ModuleType] = {
    "vnpt": vnpt,
    "single_block": single_block,
    "sharepoint_portal": sharepoint_portal,
    "sharepoint_modern": sharepoint_modern,
    "webcenter": webcenter,
}
"""An engine's module has `target(article) -> str` and `respond(site, request) -> Reply | None` (None: not found)."""

Gone = Literal["404", "410", "home", "shell", "not-active"]

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
_FILE = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class Site:
    """One running sample portal. Its levers may be pulled from any thread while it is being crawled."""

    def __init__(self, data: SiteData, port: int = 0) -> None:
        self.data = data
        self.server = LoopbackServer(self.respond, port)
        self.down: int | None = None
        """While set, every request, robots.txt included, is answered with this status."""
        self.retry_after: int | None = None
        """The seconds in `Retry-After` while the site is down."""
        self.latency = 0.0
        """Seconds every reply takes."""
        self.padding = 0
        """Bytes of styles and menus that every HTML page carries besides, for measurements on pages of a real size."""
        self.busy: list[tuple[str, int]] = []
        """Pairs of a path's beginning and seconds: the next request for such a path gets a 503 with Retry-After."""
        self.robots = (
            "User-agent: *\nDisallow: /admin/\nDisallow: /tim-kiem\nDisallow: /vi/noi-bo/\nDisallow: /noi-bo/\n"
        )
        self._engine = MANNERS[data.manners]
        self._lock = threading.Lock()
        self._articles = {article.id: article for article in data.articles}
        self._gone: dict[str, Gone] = {}
        self._broken: set[str] = set()
        self._moved: dict[str, str] = {}
        self._visitors = itertools.count(185_664)
        self._reads: dict[str, int] = {}

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:port`."""
        return f"http://{self.server.netloc}"

    @property
    def log(self) -> list[Hit]:
        """Every request so far, in order."""
        return self.server.log

    @property
    def articles(self) -> dict[str, Article]:
        """The truth: the articles that can be read right now, by native id, from old to new."""
        with self._lock:
            return {ident: article for ident, article in self._articles.items() if ident not in self._gone}

    @property
    def newest_first(self) -> list[Article]:
        """The articles as listing pages show them."""
        return list(reversed(self.articles.values()))

    def url(self, article: Article | str) -> str:
        """Return an article's own address."""
        found = self._articles[article] if isinstance(article, str) else article
        return self.base_url + str(self._engine.target(found))

    def add(self, articles: Iterable[Article]) -> None:
        """Publish articles, the last one newest."""
        with self._lock:
            self._articles.update((article.id, article) for article in articles)

    def edit(self, ident: str, sentence: str = "Bài viết được bổ sung số liệu sau khi đăng.") -> Article:
        """Add a paragraph to an article without a word anywhere else; return the new truth."""
        with self._lock:
            self._articles[ident] = self._articles[ident].edited(sentence)
            return self._articles[ident]

    def retitle(self, ident: str, title: str) -> Article:
        """Change an article's title (and with it the slug of its address); return the new truth."""
        with self._lock:
            self._articles[ident] = replace(self._articles[ident], title=title)
            return self._articles[ident]

    def remove(self, ident: str, how: Gone = "404") -> None:
        """Take an article off; its address answers in one of the ways real portals do."""
        with self._lock:
            self._gone[ident] = how

    def restore(self, ident: str) -> None:
        """Undo `remove` and `break_`."""
        with self._lock:
            self._gone.pop(ident, None)
            self._broken.discard(ident)

    def break_(self, ident: str) -> None:
        """Serve the article's page without its text, as after a failed upgrade."""
        with self._lock:
            self._broken.add(ident)

    def find(self, ident: str) -> Article | None:
        """Return the article an address names, removed ones included."""
        return self._articles.get(ident)

    def known(self) -> list[Article]:
        """Return every article the site ever had, removed ones included."""
        with self._lock:
            return list(self._articles.values())

    def render(self, template: str, **values: object) -> str:
        """Draw a page of the site; every drawing counts as one more visitor."""
        visitors = next(self._visitors)
        return _TEMPLATES.get_template(template).render(site=self, data=self.data, visitors=visitors, **values)

    def read(self, article: Article, template: str, **values: object) -> Reply:
        """Answer with an article's page, or in the manner in which it is gone or broken; reading it counts a view."""
        how = self._gone.get(article.id)
        if how is not None:
            return self._refuse(how)
        with self._lock:
            self._reads[article.id] = self._reads.get(article.id, 0) + 1
        shown = self.served(article)
        views = None if article.views is None else article.views + self._reads[article.id]
        others = [other for other in self.newest_first if other.id != article.id][:4]
        return Reply(self.render(template, article=shown, views=views, others=others, **values))

    def served(self, article: Article) -> Article:
        """Return the article as its page shows it: a broken one has lost its text."""
        if article.id not in self._broken:
            return article
        return replace(article, pieces=(), lead=None, byline=None, files=())

    def path_of(self, article: Article) -> str:
        """Return the path (and query) of an article, for templates."""
        return str(self._engine.target(article))

    def respond(self, request: Request) -> Reply:
        """Answer one request."""
        time.sleep(self.latency)
        if self.down is not None:
            wait = () if self.retry_after is None else (("Retry-After", str(self.retry_after)),)
            return Reply("Service Unavailable", self.down, "text/plain", wait)
        path = request.path.lower()
        for entry in self.busy:
            if request.path.startswith(entry[0]):
                self.busy.remove(entry)
                return Reply("Service Unavailable", 503, "text/plain", (("Retry-After", str(entry[1])),))
        if path == "/robots.txt":
            return Reply(self.robots, content_type="text/plain")
        if path.endswith((".png", ".jpg")):
            return Reply(_PICTURE, content_type="image/png")
        if path.endswith((".pdf", ".docx", ".xlsx")):
            return Reply(_FILE, content_type="application/pdf")
        reply: Reply | None = self._engine.respond(self, request)
        return self._padded(reply or self._refuse("404"))

    def _padded(self, reply: Reply) -> Reply:
        if not self.padding or not isinstance(reply.body, str) or "<body" not in reply.body:
            return reply
        style = "".join(f".menu-{number} a:hover {{ color: #{number:06x}; }}\n" for number in range(self.padding // 80))
        links = "".join(f'<li class="item"><a href="/m/{n % 90}">Mục {n}</a></li>' for n in range(self.padding // 120))
        menu = f'<div class="MegaMenu menu"><ul>{links}</ul></div>'
        head, tag, rest = reply.body.partition("<body")
        start, close, page = rest.partition(">")
        return replace(reply, body=f"{head}<style>{style}</style>{tag}{start}{close}{menu}{page}")

    def _refuse(self, how: Gone) -> Reply:
        if how == "home":
            return Reply("", 302, headers=(("Location", "/"),))
        if how == "not-active":
            return Reply("", 302, headers=(("Location", "/NotActive.htm"),))
        if how == "shell":
            return Reply(self.render("shell.html"))
        return Reply(self.render("missing.html"), int(how))

    def registry_row(self) -> str:
        """Return the portal's table of a registry file, with this run's port in its address."""
        places = {"listings": self.data.listings, "sitemaps": self.data.sitemaps, "feeds": self.data.feeds}
        lists = "".join(f"{name} = {json.dumps(paths)}\n" for name, paths in places.items() if paths)
        return (
            f"[{self.data.portal}]\n"
            f'name = "{self.data.name} (mẫu)"\n'
            f'level = "{self.data.level}"\n'
            f'family = "{self.data.family}"\n'
            f'base_url = "{self.base_url}"\n'
            f'platform = "{self.data.portal}"\n'
            f"{lists}"
            f'province = "{self.data.province}"\n'
            'note = "sample portal on loopback; its sentences are our own"\n'
        )


class World:
    """All sample portals at once; a context manager.

    `sites` by the name of the portal's file (`long_an`, `lang_son`, `ninh_thuan`, `lam_dong`, `quang_nam`);
    `registry` a folder of registry files whose addresses carry this run's ports.
    """

    def __init__(self, registry: Path | None = None, sites: Iterable[SiteData] | None = None) -> None:
        self._stack = ExitStack()
        chosen = tuple(load_sites() if sites is None else sites)
        self.sites = {data.portal.removeprefix("demo_"): Site(data) for data in chosen}
        self._registry = registry

    @property
    def registry(self) -> Path:
        """The folder to give to `--registry`."""
        assert self._registry is not None, "the world has not begun"
        return self._registry

    def __enter__(self) -> World:
        if self._registry is None:
            self._registry = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="tintinh-demo-")))
        self._registry.mkdir(parents=True, exist_ok=True)
        for name, site in self.sites.items():
            self._stack.enter_context(site.server)
            (self._registry / f"{name}.toml").write_text(site.registry_row(), encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
