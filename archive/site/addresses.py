"""Where everything stands on the site: one function per kind of page, so that no path is written twice.

Vietnamese pages stand at the root, their English twins under `/en`; the rest of the path is the same. Paths are for
ever: they are printed in citations, feeds and the sitemap.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote, urlencode

Lang = Literal["vi", "en"]


def in_language(path: str, lang: Lang) -> str:
    """Return the address of `path` (given as the Vietnamese one) in `lang`."""
    if lang == "vi":
        return path
    return "/en" + path


def front() -> str:
    """Return the front page's path."""
    return "/"


def article(article_id: str) -> str:
    """Return the path of an article: `/bai/<16 hex digits>`."""
    return f"/bai/{article_id}"


def versions(article_id: str) -> str:
    """Return the path of an article's versions and their differences."""
    return f"/bai/{article_id}/phien-ban"


def version(article_id: str, number: int) -> str:
    """Return the path of one version of an article as it was."""
    return f"/bai/{article_id}/phien-ban/{number}"


def search(**filters: object) -> str:
    """Return the search page's path with its filters (`q`, `province`, `now`, …); empty ones are left out."""
    return "/tim" + _query(filters)


def changes(**filters: object) -> str:
    """Return the path of what was rewritten, moved or vanished."""
    return "/thay-doi" + _query(filters)


def provinces() -> str:
    """Return the path of the 63 → 34 page."""
    return "/tinh"


def province(slug: str) -> str:
    """Return the path of one province, old or new."""
    return f"/tinh/{quote(slug)}"


def portals() -> str:
    """Return the path of the list of portals."""
    return "/cong"


def portal(name: str) -> str:
    """Return the path of one portal."""
    return f"/cong/{quote(name)}"


def health() -> str:
    """Return the path of the health page."""
    return "/tinh-trang"


def data() -> str:
    """Return the path of the data page: downloads, checksums, how to query and cite."""
    return "/du-lieu"


def citation(article_id: str, form: str) -> str:
    """Return the path of an article's citation: `form` is `bib` (BibTeX) or `json` (CSL-JSON)."""
    return f"/bai/{article_id}/trich-dan.{form}"


def raw_page(article_id: str, sha256: str) -> str:
    """Return the path of a capture's raw page."""
    return f"/bai/{article_id}/trang-goc/{sha256}"


def download(release: str, name: str) -> str:
    """Return the path of a file of a release."""
    return f"/releases/{quote(release)}/{quote(name)}"


def feed(path: str) -> str:
    """Return the Atom feed that belongs to a page: `/moi.atom` for the front page, else the path with `.atom`."""
    path, mark, query = path.partition("?")
    return (f"{path}.atom" if path != "/" else "/moi.atom") + mark + query


def _query(filters: dict[str, object]) -> str:
    given = {name: value for name, value in filters.items() if value not in (None, "", ())}
    return "?" + urlencode(given, doseq=True) if given else ""
