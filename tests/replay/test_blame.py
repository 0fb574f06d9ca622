"""Catalog rules without pages: rows, their anchors, and when they appeared."""

from __future__ import annotations

import pytest

from pgassay.errors import CatalogueError
from pgassay.replay.blame import Appearances, Key
from tests.replay.watching import Watch, catalog_rule

TABLES = catalog_rule("""
select 'pg_class'::regclass as classid, c.oid as objid, 0 as objsubid, c.relname as table
from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
""")
COLUMNS = catalog_rule(
    """
select 'pg_class'::regclass as classid, a.attrelid as objid, a.attnum as objsubid, a.attname as column,
  array[a.attname, 'x'] as names, null::text as nothing, 7 as number, 'beside' as label
from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attnum > 0 and a.attname like 'bad%%'
""".replace("%%", "%")
)
FOREIGN_KEYS = catalog_rule("""
select 'pg_constraint'::regclass as classid, oid as objid, 0 as objsubid, conname as name, 'on delete cascade' as mark
from pg_constraint where contype = 'f'
""")


def rows(*keys: int) -> frozenset[Key]:
    return frozenset(("r", 1, key, 0) for key in keys)


def test_a_row_belongs_to_the_step_after_which_it_last_appeared() -> None:
    appearances = Appearances.starting(rows(1, 2))
    for step, present in enumerate([(1, 2, 3), (2, 3), (1, 2, 3, 4), (1, 2, 4), (1, 2, 3, 4)]):
        appearances.after(step, rows(*present))
    assert {key[2]: step for key, step in appearances.appeared.items()} == {1: 2, 3: 4, 4: 2}


def test_what_was_there_all_the_time_or_is_gone_has_not_appeared() -> None:
    appearances = Appearances.starting(rows(1, 2))
    appearances.after(0, rows(1, 3))
    appearances.after(1, rows(1))
    assert appearances.appeared == {}


def test_places(watch: Watch) -> None:
    change = """
create table a (
  id bigint primary key,
  bad_one text,
  b bigint
    references a (id)
      on delete cascade
);
alter table a
  add column good text,
  add column bad_two text,
  add constraint named foreign key (id) references a (id)
    on delete cascade;
do $$
begin
  alter table a add bad_three text;
end $$;
"""
    assert set(watch(change, rules=(COLUMNS,)).blamed) == {
        "1.sql:4 public.a.bad_one",
        "1.sql:11 public.a.bad_two",
        "1.sql:14 public.a.bad_three",
    }
    assert watch(change, rules=(FOREIGN_KEYS,)).blamed == ["1.sql:7 a_b_fkey on public.a", "1.sql:13 named on public.a"]


def test_facts(watch: Watch) -> None:
    (found,) = watch("create table a (bad text);", rules=(COLUMNS,)).replayed.catalog
    assert found.match.facts == {"column": "bad", "names": ["bad", "x"], "nothing": None, "number": 7}
    assert found.match.label == "beside"
    assert found.match.subject == "a.bad"


def test_files_are_blamed_one_by_one(watch: Watch) -> None:
    files = ["create table a ();", "create table b ();\ncreate table c ();", "drop table a;\ncreate table a ();"]
    assert watch(*files, rules=(TABLES,)).blamed == ["2.sql:1 public.b", "2.sql:2 public.c", "3.sql:2 public.a"]


def test_a_row_that_only_the_end_of_the_file_brings_is_blamed_on_the_file(watch: Watch) -> None:
    """A deferred trigger makes its table when the file commits."""
    base = """
create function make() returns trigger language plpgsql as $$ begin create table made (); return null; end $$;
create table starters (id int);
create constraint trigger start after insert on starters deferrable initially deferred
  for each row execute function make();
"""
    change = "select 1;\nselect 2;\ninsert into starters values (1);"
    assert watch(change, "select 3;", merged=base, rules=(TABLES,)).blamed == ["1.sql:1 public.made"]


def test_a_query_that_the_server_refuses_is_the_fault_of_its_rule(watch: Watch) -> None:
    broken = catalog_rule("select 1::oid as classid, 2::oid as objid, 0 as objsubid, nope from pg_class")
    with pytest.raises(CatalogueError, match=r'^probe\.sql: column "nope" does not exist; try it in psql\.$'):
        watch("select 1;", rules=(broken,))
