"""A migration is all or nothing, keeps every row and brings every guard back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

import tintinh
from archive import migrations
from archive.backup import backup, restore
from archive.connect import APPLICATION_ID, connect
from archive.fixity import verify
from archive.store import Store
from cleaning.command import USAGE, Options, Problem
from tests.archive_kit import capture, new_archive, page, rules

TEXT = tuple(f"Đoạn {n}: nội dung của bài viết, dài vừa đủ để không bị coi là trang lỗi." for n in range(6))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = new_archive(tmp_path)
    with Store(path, rules=rules()) as store:
        for number in range(9):
            store.add(capture(page(f"Tin {number}", *TEXT, views=number), key=f"bai-{number}"))
    return path


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Migrations:
    """Today's migrations, to which a test may add tomorrow's."""
    copy = Migrations("archive")
    copy._migrations = list(migrations.MIGRATIONS._migrations)
    monkeypatch.setattr(migrations, "MIGRATIONS", copy)
    return copy


def _rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(path) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: db.execute(f"SELECT * FROM [{name}]").fetchall() for name in names if not name.startswith("_")}
    db.close()
    return rows


def test_a_migration_that_rebuilds_a_table_gets_its_guards_back(archive: Path, later: Migrations) -> None:
    before = _rows(archive)

    @later(name="002_rebuild")
    def _(db: Database) -> None:
        db.table("versions").transform(rename={})
        db.table("bodies").transform(column_order=["sha256", "raw_size"])

    with pytest.raises(Problem, match=r"older schema \(missing: 002_rebuild\).*run `tintinh migrate`") as refusal:
        connect(archive)
    assert refusal.value.exit_code == USAGE
    db = connect(archive, check=False)
    assert migrations.migrate(db) == ["002_rebuild"]
    assert migrations.wrong_guards(db) == []
    with pytest.raises(sqlite3.IntegrityError, match="immutable"):
        db.execute("DELETE FROM bodies")
    db.close()
    after = _rows(archive)
    assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}
    assert sorted(after["versions"]) == sorted(before["versions"])
    assert verify(Options(archive)) == []


def test_an_old_schema_is_backed_up_and_restored_as_it_is(archive: Path, later: Migrations, tmp_path: Path) -> None:
    @later(name="002_column")
    def _(db: Database) -> None:
        db.conn.execute("ALTER TABLE portals ADD COLUMN contact TEXT")

    before = _rows(archive)
    backup(Options(archive), tmp_path / "backups")
    restored = Options(tmp_path / "restored" / "archive.db")
    restore(restored, tmp_path / "backups")
    assert _rows(restored.archive) == before
    db = connect(restored.archive, check=False)
    assert migrations.migrate(db) == ["002_column"]
    db.close()


def test_transform_alone_drops_the_guards_and_that_is_noticed(archive: Path) -> None:
    db = connect(archive)
    db.execute("PRAGMA foreign_keys=OFF")
    Database(db).table("versions").transform(rename={})
    assert "versions_no_delete" in migrations.wrong_guards(db)
    db.close()
    with pytest.raises(Problem, match="guard trigger versions"):
        connect(archive)


def test_a_migration_that_fails_half_way_leaves_everything_as_it_was(archive: Path, later: Migrations) -> None:
    before = _rows(archive)
    schema = sqlite3.connect(archive).execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()

    @later(name="002_fine")
    def _(db: Database) -> None:
        db.conn.execute("ALTER TABLE portals ADD COLUMN contact TEXT")

    @later(name="003_fails")
    def _fails(db: Database) -> None:
        db.conn.execute("CREATE TABLE half (x)")
        db.conn.execute("DROP TABLE acknowledgements")
        raise RuntimeError("the power went")

    db = connect(archive, check=False)
    with pytest.raises(RuntimeError, match="power"):
        migrations.migrate(db)
    assert migrations.pending(db) == ["002_fine", "003_fails"]
    db.close()
    assert _rows(archive) == before
    assert sqlite3.connect(archive).execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall() == schema


def test_a_migration_that_would_leave_a_dangling_row_is_refused(archive: Path, later: Migrations) -> None:
    @later(name="002_forgets")
    def _(db: Database) -> None:
        db.conn.execute("DROP TRIGGER bodies_no_delete")
        db.conn.execute("DELETE FROM bodies")

    db = connect(archive, check=False)
    with pytest.raises(sqlite3.IntegrityError, match="dangling row"):
        migrations.migrate(db)
    assert migrations.wrong_guards(db) == []
    db.close()


def test_an_archive_of_a_newer_version_is_left_alone(archive: Path) -> None:
    db = sqlite3.connect(archive)
    db.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('archive', '099_future', '2030')"
    )
    db.commit()
    db.close()
    with pytest.raises(Problem, match="newer Tin Tỉnh") as refusal:
        connect(archive)
    assert refusal.value.exit_code == USAGE


def test_a_command_on_an_old_schema_exits_2_and_says_so(
    archive: Path, later: Migrations, capsys: pytest.CaptureFixture[str]
) -> None:
    @later(name="002_long")
    def _(db: Database) -> None:
        db.conn.execute("ALTER TABLE portals ADD COLUMN contact TEXT")

    for command in (["publish"], ["reclean"], ["verify"]):
        with pytest.raises(SystemExit) as stop:
            tintinh.main(["--archive", str(archive), *command])
        assert stop.value.code == USAGE
        assert "tintinh migrate" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        tintinh.main(["--archive", str(archive), "migrate"])
    assert stop.value.code in (0, None)
    assert verify(Options(archive)) == []


@pytest.mark.parametrize("dump", sorted((Path(__file__).parent / "schemas").glob("*.sql")), ids=lambda dump: dump.stem)
def test_every_schema_ever_shipped_upgrades_with_its_rows_and_all_guards(dump: Path, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    db = sqlite3.connect(path)
    db.executescript(f"PRAGMA application_id={APPLICATION_ID}; PRAGMA foreign_keys=OFF;")
    db.executescript(dump.read_text("utf-8"))
    db.close()
    before = _rows(path)
    db = connect(path, check=False)
    migrations.migrate(db)
    assert migrations.pending(db) == [] and migrations.wrong_guards(db) == [] == migrations.strange_guards(db)
    db.close()
    after = _rows(path)
    for name, rows in before.items():  # a column that came since stands behind the old ones
        assert sorted(str(row[: len(rows[0])]) for row in after[name]) == sorted(map(str, rows))
    kinds = {finding.kind for finding in verify(Options(path))}
    assert kinds <= {"media file"}, "the dump has no media folder beside it, and nothing else is wrong"


def test_the_newest_schema_is_frozen_and_was_not_altered_since(tmp_path: Path) -> None:
    newest = migrations.MIGRATIONS._migrations[-1].name
    dump = Path(__file__).parent / "schemas" / f"{newest}.sql"
    assert dump.exists(), "freeze it: python -m tests.schemas.freeze"
    frozen = sqlite3.connect(":memory:")
    frozen.executescript("PRAGMA foreign_keys=OFF;" + dump.read_text("utf-8"))
    live = connect(new_archive(tmp_path))
    tables = (
        "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'view', 'index') AND sql NOT NULL ORDER BY name"
    )
    for name, statement in [tuple(row) for row in live.execute(tables)]:
        assert dict(frozen.execute(tables).fetchall())[name] == statement, (
            "a shipped migration is never changed: add one"
        )
    frozen.close()
    live.close()
