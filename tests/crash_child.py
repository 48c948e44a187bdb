"""A process for killing: stores articles one after another and says on stdout what it has acknowledged."""

from __future__ import annotations

import sys
from pathlib import Path

from archive.store import Store
from tests.archive_kit import capture, page, rules

TEXT = tuple(f"Đoạn {n}: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi." for n in range(6))
ARTICLES = 40
VISITS = 6


def work(path: Path) -> None:
    """Store every visit of every article; the second and fourth visit find an edited text."""
    with Store(path, rules=rules()) as store:
        for visit in range(VISITS):
            for number in range(ARTICLES):
                edits = [f"Sửa lần {edit}." for edit in range(visit // 2)]
                body = page(f"Tin {number}", *edits, *TEXT, views=visit)
                store.add(capture(body, key=f"bai-{number}", days=visit))
                if number % 7 == 6:
                    store.flush()
                    print(visit, number, flush=True)


if __name__ == "__main__":
    work(Path(sys.argv[1]))
