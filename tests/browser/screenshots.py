"""Takes the README's pictures of a demo's release: `python -m tests.browser.screenshots RELEASES FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, PHONE, serve

LARGEST = 200_000
"""Bytes that one picture may have."""


def main(releases: Path, folder: Path) -> None:
    """Write front.png, article.png and search.png (a phone, in the dark)."""
    folder.mkdir(parents=True, exist_ok=True)
    desk = {"width": 1200, "height": 1000}
    shots = (
        ("front", "/", None, desk, "light"),
        ("article", "/tim?q=dai+hoi", "ol.articles a.title", desk, "light"),
        ("search", "/tim?q=chuyen+doi+so", None, PHONE, "dark"),
    )
    for address in serve(releases):
        with sync_playwright() as play:
            browser: Any = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for name, path, then, size, scheme in shots:
                page = browser.new_page(viewport=size, color_scheme=scheme)
                page.goto(address + path)
                if then:
                    page.locator(then).last.click()
                page.wait_for_load_state("networkidle")
                picture = folder / f"{name}.png"
                page.screenshot(path=picture)
                assert picture.stat().st_size < LARGEST, f"{picture} is larger than {LARGEST} bytes"
                print(f"{picture}: {picture.stat().st_size} bytes")
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
