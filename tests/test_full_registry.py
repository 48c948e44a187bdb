"""A night without a name server: the whole registry is asked, every portal gets its one cause, and nothing hangs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from archive import clock
from scrapers.registry import load_portals
from tests.test_import import rows, tintinh_exits


@pytest.mark.slow
def test_a_crawl_of_the_whole_registry_where_no_host_is_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "archive.db"
    asked = {portal.id for portal in load_portals().to_crawl(clock.now().date())}

    def crawl() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tintinh", "--archive", str(archive), "crawl"],
            env={**os.environ, "SCRAPY_SETTINGS_MODULE": "tests.nowhere"},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    done = crawl()
    assert done.returncode == 1, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert sorted(rows(archive, "SELECT portal, cause FROM crawls")) == sorted((name, "dns") for name in asked)
    assert tintinh_exits("--archive", archive, "health", "--json") == 1
    report = capsys.readouterr().out
    assert all(f'"{name}"' in report for name in asked)
    assert json.loads(report)
    for name in asked:
        assert tintinh_exits(
            "--archive", archive, "health", "--ack", name, "--until", "2099-12-31", "--reason", "no name server"
        ) in (0, 1)
    assert tintinh_exits("--archive", archive, "health") == 0
    assert crawl().returncode == 0
