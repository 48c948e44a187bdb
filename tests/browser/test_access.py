"""Every type of page through axe: nothing serious, on a desk in the light and on a phone in the dark."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.pages_kit import Site, page_types, tables


@pytest.mark.parametrize(("size", "dark"), [(DESKTOP, False), (PHONE, True)], ids=["desk", "phone, dark"])
def test_axe_finds_nothing_serious_on_any_type_of_page(
    visit: Open, small: str, large: str, site: Site, size: dict[str, int], dark: bool
) -> None:
    axe: Any = pytest.importorskip("axe_playwright_python.sync_playwright", reason="the extra `browser`").Axe()
    page = visit(f"{small}/", size=size, dark=dark)
    paths = page_types(site) | {f"{name} (en)": "/en" + path for name, path in page_types(site).items()} | tables(site)
    addresses = {name: f"{small}{path}" for name, path in paths.items()}
    addresses |= {
        "full front": f"{large}/",
        "full tables": f"{large}/tintinh/articles",
        "full query": f"{large}/tintinh/elected",
    }
    addresses |= {"missing": f"{small}/bai/{site.ids['secret']}"}
    found = {}
    for name, address in addresses.items():
        page.goto(address)
        broken = [
            f"{one['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
            for one in axe.run(page).response["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"][:3]
        ]
        if broken:
            found[name] = broken
    assert found == {}
