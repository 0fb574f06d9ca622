"""Facts in the words of a page. They come from SQL that anybody may have written, so none may get out of its span."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgassay.catalogue.words import code, facts_in, fill, listed, plain


@pytest.mark.parametrize(
    ("template", "facts", "words"),
    [
        ("Nothing to fill.", {}, "Nothing to fill."),
        ("`{table}` is open.", {"table": "notes"}, "`notes` is open."),
        ("{table} is open.", {"table": "notes"}, "`notes` is open."),
        ("Run `alter table {table} add {column}`.", {"table": "a", "column": "b"}, "Run `alter table a add b`."),
        ("{count} rows of {table}", {"count": 3, "table": "a"}, "3 rows of `a`"),
        ("`{count}` rows, {share} of them", {"count": 0, "share": 0.5}, "`0` rows, 0.5 of them"),
        ("{tables} cascade", {"tables": ("a", "b", "c")}, "`a`, `b` and `c` cascade"),
        ("`drop table {tables}`", {"tables": ["a", "b"]}, "`drop table a, b`"),
        ("{a}{b} and `{b}`", {"a": "{b}", "b": "x"}, "`{b}``x` and `x`"),
        ("`{a", {"a": "x"}, "`{a"),
    ],
)
def test_fill(template: str, facts: dict[str, object], words: str) -> None:
    assert fill(template, facts) == words


@pytest.mark.parametrize("nothing", [None, "", (), []])
def test_a_line_with_a_fact_that_is_not_given_is_left_out(nothing: object) -> None:
    template = "`{table}` is open.\nIt has {rows} rows.\nAnybody may read it."
    assert fill(template, {"table": "a", "rows": nothing}) == "`a` is open. Anybody may read it."
    assert fill(template, {"table": "a"}) == "`a` is open. Anybody may read it."
    assert fill("It has {rows} rows.", {"rows": nothing}) is None


def test_facts_in_a_template() -> None:
    assert facts_in("`{table}` has {rows}\n{rows} and {UPPER} {}") == {"table", "rows"}


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (("a",), "`a`"),
        (("a", "b"), "`a` and `b`"),
        (("a", "b", "c"), "`a`, `b` and `c`"),
        (("a", "b", "c", "d", "e"), "`a`, `b`, `c`, `d` and `e`"),
        (("a", "b", "c", "d", "e", "f", "g"), "`a`, `b`, `c`, `d`, `e` and 2 more"),
    ],
)
def test_listed(items: tuple[str, ...], words: str) -> None:
    assert listed(items) == words


def test_listed_up_to_a_limit() -> None:
    assert listed(["a", "b", "c"], most=1) == "`a` and 2 more"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a", "a"),
        ("a b", "a b"),
        ("a`b``c", "a'b''c"),
        ("a\nb\r\n  c\u2028d", "a b c d"),
        (" ", '" "'),
        ("größe 日本", "größe 日本"),
        ("<b>[x](y)", "<b>[x](y)"),
    ],
)
def test_a_name_in_a_span(name: str, shown: str) -> None:
    assert plain(name) == shown
    assert code(name) == f"`{shown}`"


hostile = st.text("§ `\n\r\t\u2028<>*_[]()!{}|\\~", max_size=12)
facts = st.one_of(
    hostile,
    st.lists(hostile, max_size=7),
    st.lists(hostile, max_size=7).map(tuple),
    st.integers(),
    st.none(),
    # What a catalog rule may return although it should not.
    st.dictionaries(hostile, hostile, max_size=2),
)


@given(facts, facts)
def test_no_fact_gets_out_of_its_span(one: object, other: object) -> None:
    words = fill("Of {one} and `{other}`,\nsays {other}.", {"one": one, "other": other}) or ""
    assert "\n" not in words
    assert not re.search(r"[^\w ,.-]|_", re.sub(r"`[^`]+`", "", words))
