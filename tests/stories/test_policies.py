"""What may be done to rows, by whom, after the change as a whole."""

from __future__ import annotations

import pytest

from tests.stories.story import Teller

FILE = "20250101000000_change.sql"
TABLE = "create table t (id bigint primary key, owner_id uuid references auth.users (id), open boolean);\n"
PROTECTED = TABLE + "alter table t enable row level security;\n"


@pytest.mark.parametrize(
    ("grants", "seen"),
    [
        (
            "revoke insert, update, delete on t from anon;",
            "after applying, `anon` may `select` and `authenticated` may `select`, `insert`, `update` and `delete`"
            " every row of it",
        ),
        (
            "revoke all on t from anon, authenticated; grant delete, select on t to authenticated;",
            "after applying, `authenticated` may `select` and `delete` every row of it",
        ),
        (
            "revoke all on t from anon, authenticated;",
            "after applying, no role of the API has a grant on it, and the first `grant` opens every row",
        ),
        (
            "revoke all on t from anon, authenticated; grant select (id) on t to anon;",
            "after applying, `anon` may `select` every row of it",
        ),
        (
            "revoke all on t from anon, authenticated; grant select on t to public;",
            "after applying, `anon` and `authenticated` may `select` every row of it",
        ),
    ],
)
def test_an_open_table_is_told_with_the_privileges_that_are_left(story: Teller, grants: str, seen: str) -> None:
    told = story(proposed={FILE: TABLE, "20250102000000_grants.sql": grants})
    assert told.only("missing_rls").seen == seen
