"""Ready citations: of a release, and of one article in it with its original address, fetch time and hash."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

WORK = "Tin Tỉnh"
"""The archive's name as it is cited."""


@dataclass(frozen=True)
class Citation:
    """One thing to cite, in the two formats that reference managers take."""

    key: str
    csl: dict[str, Any]

    @property
    def csl_json(self) -> str:
        """The citation as CSL-JSON: an array of one item."""
        return json.dumps([self.csl], ensure_ascii=False, indent=1) + "\n"

    @property
    def bibtex(self) -> str:
        """The citation as a BibTeX entry; its text is UTF-8, its special characters are escaped."""
        issued, csl = self.csl.get("issued", {}).get("date-parts", [[None]])[0], self.csl
        fields = {
            "title": f"{{{_tex(csl['title'])}}}",
            "author": " and ".join(f"{{{_tex(person['literal'])}}}" for person in csl.get("author", ())),
            "publisher": _tex(csl.get("publisher", "")),
            "year": str(issued[0] or ""),
            "date": "-".join(f"{part:02}" for part in issued if part),
            "version": _tex(csl.get("version", "")),
            "url": csl.get("URL", ""),
            "urldate": "-".join(f"{part:02}" for part in csl.get("accessed", {}).get("date-parts", [[]])[0]),
            "note": _tex(csl.get("note", "")),
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        kind = "misc" if csl["type"] == "dataset" else "online"
        return f"@{kind}{{{self.key},\n" + ",\n".join(lines) + "\n}\n"


def of_release(release: str, created_at: str, sha256: str) -> Citation:
    """Return the citation of a whole release: `release` its id, `sha256` of its `tintinh.db`."""
    return Citation(
        f"tintinh-{release}",
        {
            "id": f"tintinh-{release}", "type": "dataset",
            "title": f"{WORK}: tin các cổng thông tin cấp tỉnh của Việt Nam, bản phát hành {release}",
            "author": [{"literal": WORK}], "publisher": WORK, "version": release, "issued": _parts(created_at),
            "note": f"tintinh.db, SHA-256 {sha256}",
        },
    )  # fmt: skip


def of_article(article: dict[str, Any], capture: dict[str, Any] | None, release: str, address: str) -> Citation:
    """Return the citation of one article: a row of `articles`, the capture of its present version, the release's id.

    `address` is where this archive shows it; the original address, the time and hash of the capture stand in the note.
    """
    note = [f"Địa chỉ gốc: {article['url']}"]
    if capture is not None:
        note.append(f"tải về {capture['fetched_at']}")
        note += [f"SHA-256 {capture['sha256']}"] if capture.get("sha256") else []
    note += [f"phiên bản {article['version']}", f"{WORK}, bản phát hành {release}, mã bài {article['id']}"]
    publisher = article["publisher"] or article["portal"]
    csl: dict[str, Any] = {
        "id": f"tintinh-{article['id']}", "type": "article-newspaper",
        "title": article["title"] or f"[không có tiêu đề] {article['id']}",
        "publisher": publisher, "container-title": publisher,
        "URL": address, "accessed": _parts(article["last_ok_at"]), "archive": WORK, "note": "; ".join(note),
    }  # fmt: skip
    if article["author"]:
        csl["author"] = [{"literal": article["author"]}]
    if article["published"]:
        csl["issued"] = _parts(article["published"])
    return Citation(f"tintinh-{article['id']}", csl)


def _parts(moment: str) -> dict[str, list[list[int]]]:
    return {"date-parts": [[int(part) for part in moment[:10].split("-")]]}


def _tex(text: str) -> str:
    return re.sub(r"[\\{}$&#^_~%]", lambda found: _ESCAPES.get(found[0], "\\" + found[0]), text)


_ESCAPES = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
