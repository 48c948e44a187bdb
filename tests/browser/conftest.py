"""A real Chromium (Debian's package) in front of the public profile; it must stay quiet and stay on the site."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from archive.site import synthetic
from archive.site.serve import application
from tests import pages_kit
from tests.pages_kit import Site

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all that lies here as `browser`."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def serve(releases: Path, archive: Path | None = None) -> Iterator[str]:
    """Serve a folder of releases from a thread; yield its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        app = application(releases, public=True, archive=archive)
        server = uvicorn.Server(uvicorn.Config(app, lifespan="on", log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(15)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A small release with edits, losses, a takedown and hostile markup."""
    return pages_kit.make(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def small(site: Site) -> Iterator[str]:
    """The address of the small release."""
    yield from serve(site.releases, site.archive)


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a release with a few hundred articles of all provinces, and facts read from them."""
    releases = tmp_path_factory.mktemp("large")
    folder = releases / "2026-11-22T000000Z"
    folder.mkdir()
    synthetic.make(400, folder / "tintinh.db")
    (releases / "current").symlink_to(folder.name)
    yield from serve(releases)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser."""
    if CHROMIUM is None:
        pytest.skip("no chromium here; install Debian's package `chromium`")
    playwright = pytest.importorskip("playwright.sync_api", reason="the extra `browser` is not installed")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


# playwright is no dependency of the type check.
Page = Any
Open = Callable[..., Page]


@pytest.fixture
def visit(chromium: Page) -> Iterator[Open]:
    """Open pages; at the end nothing may have been logged, refused by the policy, or asked of another host."""
    complaints: list[str] = []
    contexts = []

    def note(bad: bool, line: str) -> None:
        if bad:
            complaints.append(line)

    def opened(address: str, *, size: dict[str, int] = DESKTOP, dark: bool = False) -> Page:
        context = chromium.new_context(viewport=size, color_scheme="dark" if dark else "light", locale="vi-VN")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        # A browser logs every reply of 400 and more; a takedown's 410 is one that is meant.
        page.on("console", lambda line: note("of 410" not in line.text, f"{line.type}: {line.text}"))
        page.on("pageerror", lambda error: note(True, f"error: {error}"))
        page.on("request", lambda ask: note(not ask.url.startswith(("http://127.0.0.1:", "data:")), f"asked {ask.url}"))
        # Leaving a page stops its pictures that are still on their way.
        page.on("requestfailed", lambda ask: note("ABORTED" not in ask.failure, f"failed {ask.url}"))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
