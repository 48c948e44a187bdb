"""Bad servers and bad pages: none crashes or hangs the crawl, each has its name, and the rest completes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hostile.cases import CASES, cut_gzip, page
from tests.hostile.portals import running, site
from tests.hostile.proof import Run, crawl, query
from tests.hostile.raw import RawServer, literal, missing, redirect, whole

QUICK = {
    "DOWNLOAD_TIMEOUT": 2, "RETRY_TIMES": 0, "BUSY_PAUSE": 0.1, "BUSY_LONGEST": 1.0, "DOWNLOAD_MAXSIZE": 10_000_000,
}  # fmt: skip
PATIENT = {**QUICK, "DOWNLOAD_TIMEOUT": 30}
STALLS = ("slowloris", "slow-head", "silence")
ENDS_ITS_PORTAL = {"retry-year", "challenge"}
"""Cases that are no page's fault: the host says no, and the rest of that portal waits for the next run."""


def _groups() -> dict[str, list[str]]:
    """Four cases a portal; those that stall or end their portal have one of their own."""
    alone = {*STALLS, *ENDS_ITS_PORTAL}
    others = [name for name in CASES if name not in alone]
    groups = {f"nhom_{start // 4}": others[start : start + 4] for start in range(0, len(others), 4)}
    return groups | {"rieng_" + name.replace("-", "_"): [name] for name in alone}


GROUPS = _groups()
PORTAL_OF = {name: portal for portal, names in GROUPS.items() for name in names}


@dataclass(frozen=True)
class World:
    run: Run
    archive: Path
    outcomes: dict[tuple[str, str], tuple[str, str | None, list[str]]]
    """(portal, key) to outcome, cleaned text and flags of the last capture."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("hostile")
    archive = folder / "archive.db"
    detours = {
        "loop-two": {"/ngoai/loop-two": redirect("/tin/loop-two")},
        "loop-grows": {f"/tin/loop-grows{'/x' * depth}": CASES["loop-grows"].answer for depth in range(30)},
    }
    portals = {
        portal: site(
            {name: CASES[name].answer for name in names},
            {path: answer for name in names for path, answer in detours.get(name, {}).items()},
        )
        for portal, names in GROUPS.items()
    }
    cuts = [(f"cut-{number}", cut_gzip(f"cut-{number}", (number + 1) / 52)) for number in range(50)]
    portals |= {f"gzip_cuts_{number}": site(dict(cuts[number * 5 : number * 5 + 5])) for number in range(10)}
    stalling = [PORTAL_OF[name] for name in STALLS]
    with running(portals, folder / "registry") as world:
        crawl(archive, world.registry, *stalling, settings=QUICK)
        run = crawl(archive, world.registry, *(set(portals) - set(stalling)), settings=PATIENT)
    yield World(run, archive, outcomes(archive))


def says_cut(found: tuple[str, str | None, list[str]]) -> bool:
    return found[0] in ("truncated", "net-error") or bool({"truncated", "short-body"} & set(found[2]))


def outcomes(archive: Path) -> dict[tuple[str, str], tuple[str, str | None, list[str]]]:
    rows = query(
        archive,
        "SELECT u.portal, u.key, c.outcome, v.record, c.flags, coalesce(v.flags, '[]') FROM captures c JOIN urls u"
        " ON u.id = c.article_id LEFT JOIN versions v ON v.article_id = u.id AND v.n = c.version ORDER BY c.id",
    )
    return {
        (str(portal), str(key)): (str(outcome), record and str(record), json.loads(str(a)) + json.loads(str(b)))
        for portal, key, outcome, record, a, b in rows
    }


def test_the_crawl_ends_by_itself_and_in_time(world: World) -> None:
    assert world.run.code in (0, 1), world.run.err[-3000:]
    assert "Traceback" not in world.run.err
    assert world.run.seconds < 60
    assert world.run.peak < 300_000_000, f"{world.run.peak:,} bytes"


@pytest.mark.parametrize("name", CASES)
def test_a_bad_page_has_its_name(world: World, name: str) -> None:
    case = CASES[name]
    found = world.outcomes.get((PORTAL_OF[name], name))
    assert found is not None, "nothing was stored about it"
    outcome, record, flags = found
    assert outcome in case.outcomes, flags
    assert not case.cut or says_cut(found)
    if case.keeps is not None and outcome == "ok":
        assert case.keeps in json.loads(record or "{}").get("body", []) or flags
    if case.flagged:
        whole_text = record is not None and (case.keeps or "") in record and case.keeps
        assert flags or whole_text


@pytest.mark.parametrize("name", sorted(set(CASES) - ENDS_ITS_PORTAL))
def test_the_rest_of_its_portal_completes(world: World, name: str) -> None:
    for number in (1, 2):
        assert world.outcomes[PORTAL_OF[name], f"thuong-{number}"][0] == "ok"


def test_a_gzip_cut_anywhere_is_never_taken_for_whole(world: World) -> None:
    cut = {
        key: found for (portal, key), found in world.outcomes.items() if portal.startswith("gzip_cuts") and "cut" in key
    }
    assert len(cut) == 50
    assert {key: found for key, found in cut.items() if not says_cut(found)} == {}


def test_every_run_has_ended_with_a_cause(world: World) -> None:
    causes = dict(query(world.archive, "SELECT portal, cause FROM crawls"))
    assert len(causes) == len(GROUPS) + 10
    assert not {"running", "killed", "stopped"} & set(causes.values())


PORTALS = {
    "robots_500": ({"/robots.txt": whole(b"no", status="500 Internal Server Error")}, {"robots"}),
    "robots_silent": ({"/robots.txt": literal(b"")}, {"robots"}),
    "robots_loop": ({"/robots.txt": redirect("/robots.txt")}, {"robots", "redirected"}),
    "robots_no": ({"/robots.txt": whole(b"User-agent: *\nDisallow: /\n", "text/plain")}, {"robots"}),
    "robots_404": ({"/robots.txt": missing}, {"ok"}),
    "robots_page": ({"/robots.txt": whole(b"<html><body>Trang chu</body></html>")}, {"ok"}),
    "robots_nul": ({"/robots.txt": whole(b"User-agent: *\x00\nDisallow: /admin\xff/\n", "text/plain")}, {"ok"}),
    "list_500": ({"/tin-tuc": whole(b"no", status="500 Internal Server Error")}, {"error", "blocked", "empty"}),
    "list_403": ({"/tin-tuc": whole(b"no", status="403 Forbidden")}, {"blocked"}),
    "list_404": ({"/tin-tuc": missing}, {"gone", "empty"}),
    "list_cut": ({"/tin-tuc": literal(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<html>")}, {"empty", "error"}),
    "list_empty": ({"/tin-tuc": whole(b"")}, {"empty"}),
    "list_home": ({"/tin-tuc": redirect("/")}, {"redirected", "empty"}),
    "list_far": ({"/tin-tuc": redirect("http://khac.example.com.vn/")}, {"redirected", "dns", "blocked-target"}),
    "list_pdf": ({"/tin-tuc": whole(b"%PDF-1.7" + bytes(range(256)) * 9)}, {"empty"}),
    "list_silent": ({"/tin-tuc": CASES["silence"].answer}, {"timeout"}),
    "list_hangs_up": ({"/tin-tuc": literal(b"")}, {"refused", "error", "timeout"}),
    "list_bomb": ({"/tin-tuc": CASES["gzip-bomb"].answer}, {"empty", "error"}),
    "list_endless": ({"/tin-tuc": CASES["endless"].answer}, {"empty", "error", "timeout"}),
    "list_private": ({"/tin-tuc": redirect("http://10.0.0.1/")}, {"redirected", "error", "blocked"}),
    "list_loop": ({"/tin-tuc": redirect("/tin-tuc")}, {"redirected"}),
    "list_999": ({"/tin-tuc": CASES["status-999"].answer}, {"error", "empty"}),
    "list_challenge": ({"/tin-tuc": CASES["challenge"].answer}, {"challenge"}),
}


def test_a_bad_portal_has_its_cause(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    portals = {name: site({}, routes) for name, (routes, _) in PORTALS.items()}
    portals["refused"] = site({})
    with running(portals, tmp_path / "registry") as world:
        file = world.registry / "xau.toml"
        file.write_text(file.read_text().replace(str(world.servers["refused"].port), "9"))
        run = crawl(archive, world.registry, settings=QUICK)
        fetched = {name: [asked.target for asked in server.log] for name, server in world.servers.items()}
    assert run.code == 1, run.err[-3000:]
    causes = dict(query(archive, "SELECT portal, cause FROM crawls"))
    wrong = {name: causes[name] for name, (_, allowed) in PORTALS.items() if causes[name] not in allowed}
    assert wrong == {}
    assert causes["refused"] == "refused"
    closed = ("robots_500", "robots_silent", "robots_loop", "robots_no")
    assert {name: fetched[name] for name in closed if set(fetched[name]) != {"/robots.txt"}} == {}


def test_a_calendar_without_end_and_session_ids_trap_nobody(tmp_path: Path) -> None:
    with running({"lich": calendar(), "phien": sessions()}, tmp_path / "registry") as world:
        file = world.registry / "xau.toml"  # without a pattern of the row's own: the family has to tell
        file.write_text("\n".join(line for line in file.read_text().splitlines() if not line.startswith("article")))
        crawl(tmp_path / "archive.db", world.registry, settings=QUICK)
        asked = len(world.servers["lich"].log)
    assert asked < 60
    assert query(tmp_path / "archive.db", "SELECT count(*) FROM urls WHERE kind = 'article' AND portal = 'phien'") == [
        (1,)
    ]


def test_a_page_that_shows_its_id_nowhere_may_fail_and_the_rest_is_stored(tmp_path: Path) -> None:
    """Drupal and WordPress tell an alias's id in the page only: a failed one has no row yet, and is not asked daily."""
    alias = "<div class='views-row'><h2 class='title'><a href='/tin/{0}'>Chuyện của bản {0}</a></h2></div>"
    good = f"<html><head><link rel='shortlink' href='/node/7'></head>{page('ban-na-luong')}</html>"
    static = f"<html><body class='path-node page-node-type-page'>{page('gioi-thieu')}</body></html>"
    names = ("gioi-thieu", "ban-mat-song", "ban-na-luong")
    listing_page = "<html><body>" + "".join(alias.format(name) for name in names) + "</body></html>"
    answers = {"gioi-thieu": whole(static.encode()), "ban-mat-song": literal(b""), "ban-na-luong": whole(good.encode())}
    with running({"doi": site(answers, {"/tin-tuc": whole(listing_page.encode())})}, tmp_path / "registry") as world:
        file = world.registry / "xau.toml"
        lines = [line for line in file.read_text().splitlines() if not line.startswith("article")]
        file.write_text("\n".join(lines).replace('"generic"', '"drupal"'))
        archive = tmp_path / "archive.db"
        runs = [crawl(archive, world.registry, settings=QUICK) for _ in range(2)]
        asked = [asked.target for asked in world.servers["doi"].log if asked.target.startswith("/tin/")]
    assert [run.code for run in runs] == [0, 0], runs[0].err[-3000:]
    assert query(archive, "SELECT cause, new FROM crawls ORDER BY id") == [("ok", 1), ("ok", 0)]
    assert query(archive, "SELECT key FROM urls WHERE version = 1") == [("node/7",)]
    assert sorted(asked) == sorted(f"/tin/{name}" for name in names)


def calendar() -> RawServer:
    """A listing whose next page is a month, and another, for 160 years."""
    link = "<a href='/tin/chuyen-ke-ben-bep-lua-1234'>Chuyện kể bên bếp lửa của cổng</a>"
    months = {}
    for number in range(2000):
        following = f"<a rel='next' href='/lich/{number + 1}'>Sau</a>"
        text = f"<html><body><h2>Tháng {number}</h2>{link}{following}</body></html>"
        months[f"/lich/{number}"] = whole(text.encode())
    return site({}, {**months, "/tin-tuc": months["/lich/0"]})


def sessions() -> RawServer:
    """One article under nine addresses."""
    name = "phien-hop-thuong-ky-1234"
    forms = (
        f"/tin/{name};jsessionid=0A1B2C", f"/(S(abc123))/tin/{name}", f"/tin/{name}?PHPSESSID=9f", f"//tin/{name}",
        f"/tin/{name}#binh-luan", f"/tin/{name}?utm_source=zalo", f"/tin/{name}/", f"/TIN/{name.upper()}",
        f"/tin/{name}?fbclid=a&gclid=b",
    )  # fmt: skip
    links = "".join(f"<li><a href='{form}'>Tin phiên họp số {number}</a></li>" for number, form in enumerate(forms))
    plain = whole(page("phien").encode())
    routes = {form.partition("#")[0].partition("?")[0]: plain for form in forms}
    return site({}, {**routes, "/tin-tuc": whole(f"<html><body><ul>{links}</ul></body></html>".encode())})
