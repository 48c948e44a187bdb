"""What the tests share: the sample portals' whole job, run once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def demo_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which `tintinh demo --no-serve` has done its work: archive.db, registry/, releases/current/."""
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "tintinh", "demo", "--no-serve", "--dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "report.txt").write_text(done.stdout, encoding="utf-8")
    return folder
