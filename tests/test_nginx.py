"""The shipped nginx.conf, run by the real nginx: caches per release, limits rates, resumes downloads."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from archive.site import release
from tests.site_kit import make_release, served

NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
CONF = Path(__file__).parents[1] / "deploy" / "nginx.conf"
ONE, TWO = "2026-11-01T000000Z", "2026-11-02T000000Z"

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    releases = folder / "releases"
    make_release(releases, ONE, 12)
    make_release(releases, TWO, 13)
    release._point(releases, ONE)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with served(releases, "--public") as (address, _):
        shipped = CONF.read_text(encoding="utf-8")
        for ours, here in (
            ("/var/cache/nginx/tintinh", str(folder / "cache")),
            ("127.0.0.1:8001", address.removeprefix("http://")),
            ("listen 80;", f"listen 127.0.0.1:{port};"),
            ("/srv/tintinh/data/releases", str(releases)),
        ):
            assert ours in shipped
            shipped = shipped.replace(ours, here)
        temporary = " ".join(f"{kind}_temp_path {folder}/{kind};"
                             for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
        user = "user root;" if os.geteuid() == 0 else ""  # a worker of another user may not read pytest's folder
        main = folder / "nginx.conf"
        main.write_text(
            f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
            f"http {{ access_log off; {temporary}\n{shipped} }}\n",
            encoding="utf-8",
        )
        process = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", str(main)], stderr=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}", releases
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "nginx does not listen"
            time.sleep(0.05)


def test_pages_are_cached_per_release(site: tuple[str, Path]) -> None:
    address, releases = site
    first, second = httpx.get(f"{address}/tintinh.json"), httpx.get(f"{address}/tintinh.json")
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("MISS", "HIT")
    assert second.headers["tintinh-release"] == ONE and second.headers["content-security-policy"]
    release._point(releases, TWO)
    try:
        deadline = time.monotonic() + 10
        while (reply := httpx.get(f"{address}/tintinh.json")).headers["tintinh-release"] != TWO:
            assert reply.headers["x-cache"] != "HIT", "an old page is kept under the new release"
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert httpx.get(f"{address}/tintinh.json").headers["x-cache"] == "HIT"
    finally:
        release._point(releases, ONE)
    assert httpx.get(f"{address}/tintinh.json").headers["tintinh-release"] == ONE, "kept from before"


def test_downloads_resume_and_only_files_of_releases_are_given(site: tuple[str, Path]) -> None:
    address, releases = site
    data = (releases / ONE / "tintinh.db").read_bytes()
    url = f"{address}/releases/{ONE}/tintinh.db"
    part = httpx.get(url, headers={"range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, data[1000:2000])
    assert part.headers["x-content-type-options"] == "nosniff"
    assert httpx.get(url).content == data
    assert httpx.get(f"{address}/releases/current/SHA256SUMS").headers["location"].endswith(f"/{ONE}/SHA256SUMS")
    (releases / ".lock").touch()
    for path in (
        "/releases/.lock",
        "/releases/",
        "/releases/..%2f..%2farchive.db",
        f"/releases/{ONE}/.csv-members.json",
        f"/releases/{ONE}/../../archive.db",
        f"/releases/.{TWO}.part/tintinh.db",
    ):
        assert httpx.get(address + path).status_code in (400, 403, 404), path


def test_internal_pages_are_closed_and_only_reading_is_answered(site: tuple[str, Path]) -> None:
    address, _ = site
    assert httpx.get(f"{address}/-/databases.json").status_code == 403
    assert httpx.get(f"{address}/-/static/app.css").status_code == 200
    assert httpx.post(f"{address}/tintinh").status_code == 405


def test_a_flood_of_queries_is_refused_and_pages_go_on(site: tuple[str, Path]) -> None:
    address, _ = site
    with httpx.Client(base_url=address) as client:
        statuses = [client.get(f"/tintinh.json?sql=select+{n}").status_code for n in range(40)]
        assert statuses[:10] == [200] * 10 and 429 in statuses
        assert client.get("/").status_code == 200
