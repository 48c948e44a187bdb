"""Certificates are verified; a portal's broken chain is mended or excused by its row, and every capture says which."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hostile.certificates import Authority
from tests.hostile.portals import row, running, site
from tests.hostile.proof import crawl, query
from tests.hostile.raw import redirect

QUICK = {"DOWNLOAD_DELAY": 0.01, "DOWNLOAD_TIMEOUT": 5, "RETRY_TIMES": 0}
MENDED = 'intermediates = "trung-gian.pem"'
EXCUSED = 'tls = "unverified"'


@dataclass(frozen=True)
class Host:
    """`whole`: it sends the intermediate; `other`: its certificate is another host's; `more`: lines of its row."""

    whole: bool = True
    ended: bool = False
    other: str = ""
    more: str = ""


HOSTS = {
    "lanh": Host(),
    "thieu": Host(whole=False),
    "va": Host(whole=False, more=MENDED),
    "tha": Host(whole=False, more=EXCUSED),
    "nham": Host(other="khac.example.com.vn"),
    "va_nham": Host(whole=False, other="khac.example.com.vn", more=MENDED),
    "het_han": Host(ended=True),
    "va_het_han": Host(whole=False, ended=True, more=MENDED),
}
PASSES = {"lanh": 1, "va": 1, "tha": 0}
"""The portals whose pages come, and whether their captures are of a verified host."""


@dataclass(frozen=True)
class Outcome:
    archive: Path
    asked: dict[str, int]
    err: str


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("tls")
    registry, archive = folder / "registry", folder / "archive.db"
    registry.mkdir()
    authority = Authority(registry)
    servers = {}
    for name, host in HOSTS.items():
        server = servers[name] = site({"di": redirect("/tin/thuong-1")})
        server.name = address(name)
        server.tls = authority.server(host.other or address(name), whole=host.whole, ended=host.ended)
    with running(servers, registry) as world:
        rows = [row(name, servers[name].base_url, host.more) for name, host in HOSTS.items()]
        rows[1] += "valid_from = 2020-01-02\n"
        rows.append(row("thieu_xua", servers["thieu"].base_url, f"{EXCUSED}\nvalid_to = 2020-01-01\ncrawl = false"))
        (registry / "xau.toml").write_text("\n".join(rows), encoding="utf-8")
        servers["lanh"].routes = {
            **servers["lanh"].routes, "/tin/di": redirect(f"{servers['tha'].base_url}/tin/thuong-2")
        }  # fmt: skip
        names = {address(name): ["127.0.0.1"] for name in HOSTS}
        trust = {"SSL_CERT_FILE": str(authority.trusted)}
        run = crawl(archive, registry, delay=None, private=world.places, names=names, settings=QUICK, environment=trust)
        return Outcome(archive, {name: len(server.log) for name, server in servers.items()}, run.err)


def address(name: str) -> str:
    return f"{name.replace('_', '-')}.example.com.vn"


@pytest.mark.parametrize("name", sorted(set(HOSTS) - set(PASSES)))
def test_a_certificate_that_does_not_hold_ends_the_portals_run_before_a_byte_is_asked(
    outcome: Outcome, name: str
) -> None:
    found = query(outcome.archive, "SELECT cause, new, requests FROM crawls WHERE portal = ?", name)
    assert [row[:2] for row in found] == [("tls", 0)]
    assert query(outcome.archive, "SELECT count(*) FROM bodies b JOIN captures c ON c.kept = b.sha256 "
                 "JOIN urls u ON u.id = c.article_id WHERE u.portal = ?", name) == [(0,)]  # fmt: skip
    assert outcome.asked[name] == 0


@pytest.mark.parametrize("name", PASSES)
def test_a_whole_chain_passes_a_mended_one_too_and_an_excused_one_is_marked(outcome: Outcome, name: str) -> None:
    assert query(outcome.archive, "SELECT cause FROM crawls WHERE portal = ?", name) == [("ok",)], outcome.err[-3000:]
    pages = query(
        outcome.archive,
        "SELECT c.url, c.tls_verified FROM captures c JOIN urls u ON u.id = c.article_id"
        " WHERE u.portal = ? AND c.outcome = 'ok' AND c.final_url IS NULL",
        name,
    )
    assert len(pages) >= 2
    assert {verified for _, verified in pages} == {PASSES[name]}


def test_a_page_is_marked_by_the_host_that_sent_it(outcome: Outcome) -> None:
    """A redirect from a verified host into an excused one."""
    moved = query(outcome.archive, "SELECT tls_verified FROM captures WHERE url LIKE 'https://lanh%/tin/di'")
    assert moved == [(0,)]
