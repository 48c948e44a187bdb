"""Small portals made of raw answers: a listing that names its articles, and the registry rows for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.cases import page
from tests.hostile.raw import Answer, RawServer, whole


def listing(names: Iterable[str]) -> Answer:
    """A listing page with a link to every article named."""
    items = "".join(f"<li><a href='/tin/{name}'>Tin {name} của cổng thông tin</a></li>" for name in names)
    return whole(f"<html><head><title>Tin tức</title></head><body><ul>{items}</ul></body></html>".encode())


def site(articles: Mapping[str, Answer], others: Mapping[str, Answer] | None = None, good: int = 2) -> RawServer:
    """A portal whose listing names `articles` between ordinary ones called `thuong-1` …; `others` are more paths."""
    plain = {f"thuong-{number}": whole(page(f"thuong-{number}").encode()) for number in range(1, good + 1)}
    names = [*list(plain)[:1], *articles, *list(plain)[1:]]
    routes = {f"/tin/{name}": answer for name, answer in {**plain, **articles}.items()}
    robots = whole(b"User-agent: *\nAllow: /\n", "text/plain")
    home = whole(b"<html><body><p>Trang nay dang duoc nang cap.</p></body></html>")
    return RawServer({"/": home, "/robots.txt": robots, "/tin-tuc": listing(names), **routes, **(others or {})})


@dataclass(frozen=True)
class Running:
    """Raw portals that answer, by id, and the registry that names them."""

    servers: Mapping[str, RawServer]
    registry: Path

    @property
    def places(self) -> list[str]:
        """HOST:PORT of each."""
        return [f"{server.name or server.address}:{server.port}" for server in self.servers.values()]


@contextmanager
def running(servers: Mapping[str, RawServer], folder: Path, more: str = "") -> Iterator[Running]:
    """Start the portals and write their registry; `more` are further lines for every row."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        rows = []
        for name, server in servers.items():
            stack.enter_context(server.running())
            rows.append(row(name, server.base_url, more))
        (folder / "xau.toml").write_text("\n".join(rows), encoding="utf-8")
        yield Running(servers, folder)


def row(name: str, base_url: str, more: str = "") -> str:
    """Return one registry row of a portal with `/tin-tuc` and articles under `/tin/`."""
    return (
        f'[{name}]\nname = "Cổng {name}"\nlevel = "commune"\nfamily = "generic"\nbase_url = "{base_url}"\n'
        f'platform = "{name}"\nlistings = ["/tin-tuc"]\nprovince = "Lạng Sơn"\n'
        f"article = '/tin/(?P<id>[a-z0-9-]+)$'\n{more}\n"
    )
