"""The W3C's Nu checker on every type of page; `make test-browser` fetches it where java and npm are."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.pages_kit import Site, page_types, tables

JAR = Path(__file__).parents[2] / "build/vnu/node_modules/vnu-jar/build/dist/vnu.jar"


@pytest.mark.skipif(not JAR.is_file() or shutil.which("java") is None, reason="no Nu checker here")
def test_the_nu_checker_finds_nothing(site: Site, small: str, tmp_path: Path) -> None:
    paths = page_types(site) | {f"{name} en": "/en" + path for name, path in page_types(site).items()} | tables(site)
    paths["hostile"] = f"/bai/{site.ids['xss0']}"
    for name, path in paths.items():
        (tmp_path / f"{name.replace(' ', '-')}.html").write_bytes(httpx.get(small + path).content)
    (style,) = (Path(__file__).parents[2] / "archive/site/static").glob("*.css")
    pages = sorted(tmp_path.glob("*.html"))
    done = subprocess.run(["java", "-jar", JAR, *pages], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    done = subprocess.run(["java", "-jar", JAR, "--css", style], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
