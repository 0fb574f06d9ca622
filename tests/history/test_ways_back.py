"""Which file of a folder undoes which migration."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgassay.errors import UsageError
from pgassay.history.ways_back import paired
from tests.history.project import Project, Repository


@pytest.mark.parametrize(
    "file",
    [
        "20260101_a.sql",
        "20260101_a.down.sql",
        "20260101_a_rollback.sql",
        "rollback_20260101_a.sql",
        "20260101_undo.sql",
    ],
)
def test_by_its_name(file: str) -> None:
    assert paired(["m/20260101_a.sql"], [f"r/{file}", "r/20260202_b.sql"]) == {"m/20260101_a.sql": f"r/{file}"}


def test_not_by_a_version_that_two_have() -> None:
    assert paired(["m/1_a.sql"], ["r/1_b.sql", "r/1_c.sql"]) == {}
    assert paired(["m/a.sql"], ["r/b.sql", "r/a.txt"]) == {}


def test_from_the_folder_that_the_settings_name(tmp_path: Path) -> None:
    change = Repository(tmp_path)
    change.commit({"supabase/migrations/1_a.sql": "create table a ();", "undo/1_a.sql": "drop table a;"})
    change.branch("change")
    change.write({"supabase/migrations/2_b.sql": "create table b ();", "undo/2_b.sql": "drop table b;"})
    history = change.discover(rollback="undo")
    (new,) = history.proposed
    assert new.way_back
    assert (new.way_back.path, [each.text for each in new.way_back.up]) == ("undo/2_b.sql", ["drop table b"])
    assert history.ways_back == (new.way_back,)
    # Nobody asks how to go back from what is merged.
    assert history.base[0].way_back is None
    with pytest.raises(UsageError, match='rollback = "redo": there is no such folder'):
        change.discover(rollback="redo")


def test_beside_it_or_inside_the_folder_it_is_not_told_as_left_out(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write(
        {
            "migrations/1_a.sql": "create table a ();",
            "migrations/1_a_rollback.sql": "drop table a;",
            "migrations/2_b.sql": "create table b ();",
            "migrations/undo/2_b.sql": "drop table b;",
        }
    )
    history = project.discover(everything=True, rollback="migrations/undo")
    assert [each.path for each in history.ways_back] == ["migrations/1_a_rollback.sql", "migrations/undo/2_b.sql"]
    assert history.left_out == ()
