"""Everything that is published is described, and every canned query runs."""

import sqlite3

import pytest

from archive.site import describe, flags, schema, search
from cleaning import dates, decoding, pipeline


@pytest.fixture
def public() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    schema.create(db)
    search.create(db)
    schema.create_indexes(db)
    return db


def test_every_table_and_column_is_described_in_both_languages_and_nothing_else_is(public: sqlite3.Connection) -> None:
    described = describe.tables()
    assert set(described) == {*schema.TABLES, *schema.VIEWS}
    for name, entry in described.items():
        assert list(entry["columns"]) == schema.columns(public, name), name
        for text in (entry["title"], entry["description"], *entry["columns"].values()):
            assert text.count(" | ") == 1, f"{name}: {text!r} is not 'tiếng Việt | English'"


def test_every_flag_of_the_cleaning_has_a_meaning_for_readers() -> None:
    known = {*dates.FLAGS, *decoding.FLAGS, *pipeline.FLAGS}
    assert known <= flags.MEANINGS.keys()


def test_the_data_dictionary_names_every_column(public: sqlite3.Connection) -> None:
    text = describe.dictionary(public)
    assert all(f"| `{column}` |" in text for name in schema.TABLES for column in schema.columns(public, name))


@pytest.mark.parametrize("name", describe.queries())
def test_canned_queries_are_titled_in_both_languages_and_run(public: sqlite3.Connection, name: str) -> None:
    query = describe.queries()[name]
    assert " | " in query["title"]
    public.create_function("escape_fts", 1, search.match)
    public.create_function("has_accents", 2, search.has_accents)
    public.execute(query["sql"], dict.fromkeys(query.get("params", ()), ""))
