"""Merged files: what of them is there when the change begins, and which of their statements count as failed."""

from __future__ import annotations

import pytest

from pgassay.model import Mode
from tests.replay.watching import Watch, Watched

DEFERRED = "create table keys (id bigint primary key, parent bigint references keys deferrable initially deferred);"


def there(watched: Watched) -> list[str]:
    """Tables that the merged files left behind: the change asks, and fails with their names."""
    (error,) = watched.errors.values()
    return error.removeprefix("P0001 ").split()


ASK = """
do $$ begin raise exception '%', (
  select coalesce(string_agg(relname, ' ' order by relname), '') from pg_class
  where relkind = 'r' and relnamespace = 'public'::regnamespace
); end $$
"""


@pytest.mark.parametrize(
    ("merged", "tables", "failed"),
    [
        ("create table a (); create table b ();", ["a", "b"], 0),
        ("", [], 0),
        ("-- nothing", [], 0),
        ("create table a (); insert into nope values (1); create table b ();", ["a", "b"], 1),
        ("begin; create table a (); commit;", ["a"], 0),
        ("begin; create table a ();", ["a"], 0),
        ("begin; create table a (); insert into nope values (1); create table b (); commit;", ["a", "b"], 1),
        ("begin;\ncreate table a ();\ncommit;\n-- that was all\n/* really */\n", ["a"], 0),
        ("begin;\ncreate table a ();\ncommit;\ninsert into nope values (1);\ncreate table b ();", ["a", "b"], 1),
        ("begin;\ncreate table a ();\nrollback;\ncreate table b ();\nselect nope;", ["b"], 1),
        (f"{DEFERRED} insert into keys values (1, 2);", [], 1),
        (f"{DEFERRED} create table a (); begin; insert into keys values (1, 2);", [], 1),
        ("create table a (id int); create index concurrently on a (id); create table b ();", ["a", "b"], 0),
        ("create type m as enum ('x'); alter type m add value 'y'; create table a (m m default 'y');", ["a"], 0),
        ("create table a (); creat table b (); create table c ();", ["a", "c"], 1),
        ("\\set x 1\ncreate table a (id int);\ncopy a from stdin;\n1\n\\.\ncreate table b ();", ["a", "b"], 1),
        ("set role nobody_at_all; create table a ();", ["a"], 1),
        ("set default_transaction_read_only = on;", [], 0),
        ("create temporary table t (); create table a ();", ["a"], 0),
        ("select set_config('search_path', '', false); create table public.a ();", ["a"], 0),
    ],
)
def test_a_file(watch: Watch, merged: str, tables: list[str], failed: int) -> None:
    watched = watch(ASK, merged=[merged, "create table if not exists last ();"])
    assert there(watched) == sorted([*tables, "last"])
    assert watched.replayed.base_failed == failed


def test_a_file_that_fails_is_not_run_twice(watch: Watch) -> None:
    """Its rows would be there twice, and its tables would be said to exist already."""
    merged = """
create table a (id int);
insert into a values (1);
commit;
begin;
insert into a values (2);
insert into nope values (3);
"""
    watched = watch("do $$ begin raise exception '%', (select sum(id) from a); end $$", merged=merged)
    assert list(watched.errors.values()) == ["P0001 3"]
    (note,) = (entry for entry in watched.replayed.unchecked if "do not apply" in entry.what)
    assert note.why.startswith('first cause: base_1.sql:7: relation "nope" does not exist')


@pytest.mark.parametrize("mode", list(Mode))
def test_the_mode_of_the_runner_is_that_of_its_files(watch: Watch, mode: Mode) -> None:
    """A merged index that its runner could not have built in a transaction was built in some other way."""
    merged = "create table a (id int);\ncreate index concurrently a_id on a (id);"
    watched = watch("comment on index a_id is 'x';", merged=merged, mode=mode)
    assert watched.errors == {}
