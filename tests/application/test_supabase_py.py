"""supabase-py, as people write it."""

from __future__ import annotations

import pytest

from tests.application.reading import read


def test_queries() -> None:
    text = """
rows = (
    client.table("books")
    .select("id", "title", "authors(name)")
    .eq("year", 1)
    .not_.is_("gone", "null")
    .order("title", desc=True)
    .execute()
)
client.from_("t").update({"a": 1, **more}).match({"b": 2}).execute()
client.schema("app").table("t").upsert([{"a": 1}, {"b": 1}], on_conflict="a,c").execute()
"""
    assert read(text, "a.py") == [
        "3 table books",
        "4 column books.id",
        "4 column books.title",
        "4 column books>authors.name",
        "4 relationship books>authors",
        "5 column books.year",
        "6 column books.gone",
        "7 column books.title",
        "10 column t.a",
        "10 column t.b",
        "10 table t",
        "11 column app.t.a",
        "11 column app.t.b",
        "11 column app.t.c",
        "11 row app.t (a, b)",
        "11 table app.t",
    ]


def test_a_query_over_several_statements() -> None:
    text = """
def books(year):
    query = client.table("books").select("id")
    if year:
        query = query.eq("year", year)
    return query.order("title").execute()
"""
    assert read(text, "a.py") == ["3 column books.id", "3 table books", "5 column books.year", "6 column books.title"]


def test_rows_and_calls() -> None:
    text = """
row = {"a": 1}
row["b"] = 2
client.table("t").insert(row).execute()
client.rpc("f", {"p": 1}).execute()
client.rpc("g", params={"q": 1}).execute()
"""
    assert read(text, "a.py") == [
        "2 column t.a",
        "4 row t (a, ...)",
        "4 table t",
        "5 call f (p)",
        "5 function f",
        "6 call g (q)",
        "6 function g",
    ]


@pytest.mark.parametrize(
    "text",
    ['dynamodb.table("x").get()', 'st.table("x")', 'client.storage.from_("avatars").list()', 'sa.table("x").select()'],
)
def test_false_friends(text: str) -> None:
    assert read(text, "a.py") == []
