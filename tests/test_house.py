"""The house's own rules: which room may import which, and what a lock file may name."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tintinh import COMMANDS

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "cleaning": {"cleaning"},
    "archive": {"archive", "cleaning"},
    "scrapers": {"scrapers", "archive", "cleaning"},
    "demo": {"demo", "scrapers", "archive", "cleaning"},
}
ROOMS = set(MAY_IMPORT) | {"tests", "tintinh"}
SCRAPY_FREE = ("scrapers.identity", "scrapers.portal", "scrapers.registry", "scrapers.families", "scrapers.sources")
FETCHES = "scrapers.sources.backfill"  # asks an index over the network, with the crawl's own manners


def imports(path: Path) -> Iterator[str]:
    """Every absolute module name that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_go_one_way(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / room).rglob("*.py"))
        for name in imports(path)
        if name.split(".")[0] in ROOMS - MAY_IMPORT[room]
    ]
    assert not wrong


@pytest.mark.parametrize("room", ["cleaning", "archive"])
def test_only_scrapers_knows_scrapy(room: str) -> None:
    names = {name.split(".")[0] for path in (ROOT / room).rglob("*.py") for name in imports(path)}
    assert not names & {"scrapy", "twisted"}


def test_what_reads_without_fetching_needs_no_scrapy() -> None:
    modules = [
        name
        for path in sorted((ROOT / "scrapers").rglob("*.py"))
        if (name := ".".join(path.relative_to(ROOT).with_suffix("").parts)).startswith(SCRAPY_FREE) and name != FETCHES
    ]
    assert modules
    load = f"import importlib, sys\nfor m in {modules!r}: importlib.import_module(m)\nsys.exit('scrapy' in sys.modules)"
    subprocess.run([sys.executable, "-c", load], cwd=ROOT, check=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_loads_and_explains_itself(name: str) -> None:
    module, function = COMMANDS[name].split(":")
    command = getattr(importlib.import_module(module), function)
    assert isinstance(command, click.Command)
    assert command.get_short_help_str(), f"{name} has no help"


def test_lock_file_is_hashed_and_names_no_host() -> None:
    for lock in ROOT.glob("*.lock"):
        text = lock.read_text("utf-8")
        assert "://" not in text
        pinned = re.findall(r"^[\w.\[\]-]+==", text, re.MULTILINE)
        assert pinned and len(pinned) <= text.count("--hash=sha256:")
