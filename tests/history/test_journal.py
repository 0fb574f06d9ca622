"""Folders of drizzle-kit: its journal says what runs, and in what order."""

from __future__ import annotations

import json

from pgassay.history.journal import PLACE

from .project import Repository, paths


def journal(*tags: str) -> str:
    return json.dumps({"version": "7", "entries": [{"idx": n, "tag": tag} for n, tag in enumerate(tags)]})


def table(name: str) -> str:
    return f'CREATE TABLE "{name}" ("id" serial PRIMARY KEY);'


MERGED = {
    "drizzle/0000_old.sql": table("old"),
    "drizzle/0001_new.sql": table("new"),
    f"drizzle/{PLACE}": journal("0000_old", "0001_new"),
}


def test_what_the_journal_does_not_name_never_runs(repository: Repository) -> None:
    repository.commit(MERGED)
    repository.branch("feature")
    repository.commit(
        {
            "drizzle/0002_left.sql": table("left"),
            "drizzle/0002_kept.sql": table("kept"),
            f"drizzle/{PLACE}": journal("0000_old", "0001_new", "0002_kept"),
        }
    )
    history = repository.discover(migrations=("drizzle",))
    assert paths(history.base) == ["drizzle/0000_old.sql", "drizzle/0001_new.sql"]
    assert paths(history.proposed) == ["drizzle/0002_kept.sql"]
    assert [(each.what, each.kind, each.is_new) for each in history.left_out] == [
        ("drizzle/0002_left.sql", "journal", True)
    ]


def test_its_order_counts(repository: Repository) -> None:
    repository.commit(MERGED | {f"drizzle/{PLACE}": journal("0001_new", "0000_old")})
    history = repository.discover(migrations=("drizzle",), everything=True)
    assert paths(history.proposed) == ["drizzle/0001_new.sql", "drizzle/0000_old.sql"]


def test_a_journal_of_something_else_or_none_at_all(repository: Repository) -> None:
    for text in (journal("0007_other"), "{", "[]", '{"entries": [{"idx": 1}]}'):
        repository.commit(MERGED | {f"drizzle/{PLACE}": text})
        history = repository.discover(migrations=("drizzle",), everything=True)
        assert paths(history.proposed) == ["drizzle/0000_old.sql", "drizzle/0001_new.sql"], text
        assert history.left_out == ()
