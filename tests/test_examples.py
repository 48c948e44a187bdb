"""The examples for notebooks run as they stand, in the folder of a release."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from archive.site.release import publish
from tests.release_kit import CONGRESS, add, new_archive, plain
from tests.site_kit import served

PAGE = Path(__file__).parents[1] / "examples" / "notebooks.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
OPTIONAL = ("pandas", "duckdb", "pyarrow")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("examples")
    path = new_archive(folder)
    add(path, "bai-1", CONGRESS)
    add(path, "bai-1", {**CONGRESS, "title": "Đại hội Chi đoàn, đã sửa"}, days=1)
    add(path, "bai-2", plain("Tin thứ hai về đại hội", "2025-03-04"))
    made = publish(path, folder / "releases")
    with served(folder / "releases") as (address, _):
        yield address, made.folder


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_the_example_runs(site: tuple[str, Path], block: str) -> None:
    address, folder = site
    needed = set(re.findall(r"^(?:import|from) (\w+)", block, re.MULTILINE)) | (
        {"pyarrow"} if "duckdb" in block else set()
    )
    missing = [name for name in OPTIONAL if name in needed and find_spec(name) is None]
    if missing:
        pytest.skip(f"{missing[0]} is not installed")
    code = f"SITE = {address!r}\n{block}"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
