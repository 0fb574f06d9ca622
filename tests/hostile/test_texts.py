"""Texts that hurt whoever reads them: our parser, before any server is asked."""

from __future__ import annotations

import time

import pytest

from pgassay.errors import CannotCheck
from pgassay.pipeline import review
from pgassay.postgres.store import Store
from pgassay.project import Project
from tests.hostile.attack import MIGRATIONS
from tests.hostile.test_attacks import bench, project

TEXTS = {
    "operators": f"select {'1+' * 100_000}1;\n",
    "casts": f"select 1{'::int' * 50_000};\n",
    "parentheses": f"select {'(' * 100_000}1{')' * 100_000};\n",
    "comments": f"{'/*' * 100_000}{'*/' * 100_000}\nselect 1;\n",
    "quotes": "select " + "$a$ $b$ '" * 20_001 + ";\n",
    "semicolons": ";" * 200_000,
    "blocks": f"do $$ {'begin ' * 50_000}{'end; ' * 50_000} $$;\n",
    "nulls": "select 1;\0\0\0 select 2;\n",
}


def reading(text: str) -> Project:
    following = "create table if not exists app (id int);\n"
    return project({f"{MIGRATIONS}/20260101000000_text.sql": text, f"{MIGRATIONS}/20260101000001_next.sql": following})


@pytest.mark.parametrize("name", TEXTS)
def test_review_ends(name: str, store: Store) -> None:
    hard = reading(TEXTS[name])
    started = time.monotonic()
    report = review(hard, bench(hard, store))
    assert time.monotonic() - started < 30
    assert any(each.rule == "missing_rls" for each in report.findings)


def test_text_on_which_the_server_hangs(store: Store) -> None:
    """Comments that nest keep its scanner busy for a minute and more, in which it listens to nobody."""
    hard = reading("select 1; " + "/*" * 100_000)
    started = time.monotonic()
    with pytest.raises(CannotCheck, match=r"text\.sql:1: .*could not be cancelled"):
        review(hard, bench(hard, store))
    assert time.monotonic() - started < 30
