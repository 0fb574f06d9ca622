"""Texts that would crash libpg_query, or keep it busy for hours."""

from __future__ import annotations

import time

import pytest

from pgassay.sql import grammar, nesting
from pgassay.sql.grammar import GrammarError

DEEP = {
    "operators": f"select {'1+' * 200_000}1",
    "casts": f"select 1{'::int' * 100_000}",
    "unions": f"select 1{' union select 1' * 100_000}",
    "comments": f"{'/*' * 500_000}{'*/' * 500_000} select 1",
    "comments_after_a_string": f"select '{'*/' * 1000}' {'/*' * 100_000}{'*/' * 100_000}",
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_texts_are_refused_in_time(name: str) -> None:
    started = time.monotonic()
    with pytest.raises(GrammarError, match="nested too deeply to be read"):
        grammar.parse(DEEP[name])
    assert time.monotonic() - started < 30


def test_deep_comments_are_not_scanned() -> None:
    with pytest.raises(GrammarError, match="comments nested too deeply"):
        grammar.scan(DEEP["comments"])


@pytest.mark.parametrize(
    "text",
    [
        f"select {'1+' * 14_000}1",
        f"select {'(' * 3000}1{')' * 3000}",
        f"{'/*' * 1000}{'*/' * 1000} select 1",
        f"insert into t values {', '.join(['(1, -2, now() - now())'] * 10_000)}",
        f"select {'/* a */ ' * 10_000} 1",
    ],
    ids=["operators", "parentheses", "comments", "many_rows", "many_comments"],
)
def test_what_a_server_reads_is_read(text: str) -> None:
    assert len(grammar.parse(text)) == 1


def test_short_texts_and_plain_ones_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nesting, "_survives", lambda _: pytest.fail("another Python was started"))
    assert not nesting.is_too_deep("select " + "1+" * 10_000 + "1")
    assert not nesting.is_too_deep("create table t (a int, b text);\n" * 10_000)
