"""One file for a lawyer or a reviewer: what was fetched, when and from where, and how to check it.

A zip holding the raw capture as WARC, its headers, the cleaned record, the manifest of the release it stands in (with
its time-stamp token, if the operator has one) and the hashes of all of these, with an explanation in both languages.
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

from archive import chain, clock, warc
from archive.masking import mask
from archive.raw import Damaged
from cleaning.command import CANNOT_FINISH, Options, Problem

_EXPLANATION = """\
BẰNG CHỨNG LƯU TRỮ / ARCHIVAL EVIDENCE
Bài / article {id}, bản / version {version}
Địa chỉ / address: {url}
Tải lúc (UTC) / fetched at: {fetched_at}
SHA-256 của trang gốc / of the raw page: {sha256}

capture.warc.gz   trang gốc, từng byte sau khi giải nén đường truyền / the raw page, byte for byte as decoded
capture.json      tiêu đề HTTP như đã phân tích, nguồn, TLS / HTTP headers as parsed, origin, TLS
record.json       văn bản đã làm sạch bởi {cleaner} / the text as cleaned by {cleaner}
release/          kê khai của bản phát hành có bài này / the manifest of the release this article stands in
SHA256SUMS        mã băm của các tệp trên / hashes of the files above: sha256sum -c SHA256SUMS

Lưu ý / notes
{notes}
"""


def export(
    db: sqlite3.Connection, options: Options, article_id: str, version: int | None, to: Path | None, *, masked: bool
) -> Path:
    """Write the evidence for a version (default: the current one) of an article; return the file.

    `masked` hides private numbers in the cleaned record and leaves the raw page out. Raises `Problem` for an unknown,
    erased or taken-down article, and (70) for a damaged page.
    """
    row = _version(db, article_id, version)
    capture = next(warc.captures(db, only=row["capture_id"]))
    files: dict[str, bytes] = {}
    if not masked:
        files["capture.warc.gz"] = _warc(db, capture)
    files["capture.json"] = _json(_facts(db, capture, row))
    files["record.json"] = _record(row["record"], masked=masked)
    release, manifest = _manifest(options.releases, article_id)
    files |= manifest
    notes = "\n".join(f"- {note}" for note in _notes(capture, row, release, masked=masked))
    files["README.txt"] = _EXPLANATION.format(
        id=article_id, version=row["n"], url=capture["url"], fetched_at=capture["fetched_at"],
        sha256=capture["sha256"].hex(), cleaner=row["cleaner"], notes=notes,
    ).encode()  # fmt: skip
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in files.items())
    files["SHA256SUMS"] = sums.encode()
    target = to or Path(f"evidence-{article_id}-v{row['n']}.zip")
    _zip(files, target)
    return target


def _version(db: sqlite3.Connection, article_id: str, version: int | None) -> sqlite3.Row:
    if db.execute("SELECT 1 FROM takedowns WHERE article_id = ?", (article_id,)).fetchone():
        raise Problem(f"article {article_id} was taken down; no evidence is given out")
    row: sqlite3.Row | None = db.execute(
        "SELECT v.* FROM versions v JOIN urls u ON u.id = v.article_id"
        " WHERE v.article_id = ? AND v.n = coalesce(?, u.version)",
        (article_id, version),
    ).fetchone()
    if row is None:
        which = "" if version is None else f" version {version} of"
        raise Problem(f"the archive has no{which} article {article_id}; give the id that its page shows")
    return row


def _warc(db: sqlite3.Connection, capture: sqlite3.Row) -> bytes:
    out = io.BytesIO()
    try:
        warc.write_to(db, [capture], out, f"evidence-{capture['article_id']}.warc.gz")
    except Damaged as damage:
        raise Problem(f"the raw page is damaged ({damage}); run `tintinh verify`", CANNOT_FINISH) from damage
    return out.getvalue()


def _facts(db: sqlite3.Connection, capture: sqlite3.Row, row: sqlite3.Row) -> dict[str, Any]:
    names = ("fetched_at", "origin", "url", "final_url", "status", "bytes", "ip", "tls_verified", "portal", "canonical")
    confirmed = db.execute(
        "SELECT fetched_at, hex(sha256) FROM captures WHERE article_id = ? AND version = ? ORDER BY ordered_at, id",
        (row["article_id"], row["n"]),
    ).fetchall()
    return {
        "article": row["article_id"],
        "version": row["n"],
        **{name: capture[name] for name in names},
        "sha256": capture["sha256"].hex(),
        "headers": json.loads(capture["headers"]),
        "flags": json.loads(capture["flags"]),
        "content_hash": row["content_hash"].hex(),
        "cleaner": row["cleaner"],
        "seen_again": [{"fetched_at": at, "sha256": sha and sha.lower()} for at, sha in confirmed[1:]],
        "exported_at": clock.stamp(),
    }


def _record(text: str, *, masked: bool) -> bytes:
    """Return the record; masked as text, for a hidden number keeps its length and touches no mark of JSON."""
    pretty = _json(json.loads(text)).decode()
    return (mask(pretty) if masked else pretty).encode()


def _manifest(releases: Path, article_id: str) -> tuple[str | None, dict[str, bytes]]:
    """Return the newest release that holds the article, and its manifest files."""
    for folder in sorted(releases.glob("[0-9]*"), reverse=True):
        database = folder / "tintinh.db"
        if not database.is_file() or not (folder / chain.SUMS).is_file():
            continue
        db = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            found = db.execute("SELECT 1 FROM articles WHERE id = ?", (article_id,)).fetchone()
        except sqlite3.DatabaseError:
            found = None
        finally:
            db.close()
        if found:
            names = [name for name in (chain.SUMS, chain.TOKEN) if (folder / name).is_file()]
            return folder.name, {f"release/{folder.name}/{name}": (folder / name).read_bytes() for name in names}
    return None, {}


def _notes(capture: sqlite3.Row, row: sqlite3.Row, release: str | None, *, masked: bool) -> list[str]:
    notes = [f"Trang và tiêu đề như đã giải mã và phân tích. / {warc.HEADERS_NOTE}"]
    if capture["origin"] == "import":
        notes.append(
            "Trang này được nhập từ tệp, không phải do chúng tôi tải. / Imported from a file, not fetched by us."
        )
    if capture["origin"] == "wayback":
        notes.append("Lấy từ một kho lưu trữ web khác. / Taken from another web archive, with its time of capture.")
    if capture["tls_verified"] == 0:
        notes.append("Chứng chỉ TLS không được xác minh. / The TLS certificate was not verified.")
    if capture["tls_verified"] is None or capture["url"].startswith("http:"):
        notes.append("Không có TLS hoặc không rõ. / No TLS, or nothing is known of it.")
    if masked:
        notes.append("Số riêng tư đã che, không kèm trang gốc. / Private numbers are masked; the raw page is left out.")
    if row["repeats"] is not None:
        notes.append(f"Nội dung như bản {row['repeats']}. / By today's rules the text equals version {row['repeats']}.")
    if release is None:
        notes.append("Chưa có trong bản phát hành nào. / Not part of any release yet.")
    return notes


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _zip(files: dict[str, bytes], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as out:
            for name, body in files.items():
                out.writestr(zipfile.ZipInfo(name, clock.now().timetuple()[:6]), body)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
