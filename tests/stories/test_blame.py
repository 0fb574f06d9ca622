"""Which statement a table that is open at the end is blamed on."""

from __future__ import annotations

import pytest

from tests.stories.story import Teller

ABOUT = ("missing_rls", "policy_without_rls", "cascading_delete")

FIRST, SECOND, THIRD = (f"202601{day:02}000000_{name}.sql" for day, name in ((1, "first"), (2, "second"), (3, "third")))
OPEN = {"20250101000000_old.sql": "create table old (id bigint primary key);"}
CLOSED = {
    "20250101000000_old.sql": "create table old (id bigint primary key);\nalter table old enable row level security;"
}


def test_open_and_closed_again_is_no_finding(story: Teller) -> None:
    change = """
create table notes (id bigint primary key);
create index on notes (id);
comment on table notes is 'x';
select 1;
alter table notes enable row level security;
"""
    story(proposed={FIRST: change}).says()


def test_closed_and_opened_again_is_blamed_on_the_opener(story: Teller) -> None:
    change = """
create table notes (id bigint primary key);
alter table notes enable row level security;
alter table notes
  disable row level security;
comment on table notes is 'x';
"""
    story(proposed={FIRST: change}).says(f"{FIRST}:4 missing_rls")


def test_opened_in_another_file(story: Teller) -> None:
    proposed = {
        FIRST: "create table notes (id bigint primary key);\nalter table notes enable row level security;",
        SECOND: "select 1;\nalter table notes disable row level security;",
        THIRD: "comment on table notes is 'x';",
    }
    story(proposed=proposed).says(f"{SECOND}:2 missing_rls")


def test_opened_closed_and_opened_over_three_files(story: Teller) -> None:
    proposed = {
        FIRST: "create table notes (id bigint primary key);",
        SECOND: "alter table notes enable row level security;",
        THIRD: "\n\nalter table notes disable row level security;",
    }
    story(proposed=proposed).says(f"{THIRD}:3 missing_rls")
    story(proposed={**proposed, THIRD: "select 1;"}).says()


def test_whatever_makes_a_table(story: Teller) -> None:
    base = """
create table closed (id bigint);
create table parts (id bigint) partition by list (id);
alter table closed enable row level security;
alter table parts enable row level security;
create schema app create table moved (id bigint);
"""
    change = """select 'each of these lines';
do $$ begin create table a (id bigint primary key); end $$;
do $$ begin execute 'create table ' || 'b' || ' (id bigint)'; end $$;
create table c as select 1 as id;
select 1 as id into d;
create unlogged table e (id bigint);
alter table app.moved set schema public;
create table public.f () inherits (closed);
create table g partition of parts default;
"""
    told = story(merged={"20250101000000_base.sql": base}, proposed={FIRST: change})
    told.says(*(f"{FIRST}:{line} missing_rls" for line in range(2, 10)))


def test_a_procedure_that_was_merged_and_is_called_now(story: Teller) -> None:
    merged = "create procedure make() language plpgsql as $$ begin create table notes (id bigint); end $$;"
    told = story(merged={"20250101000000_make.sql": merged}, proposed={FIRST: "select 1;\ncall make();"})
    told.says(f"{FIRST}:2 missing_rls")


def test_what_was_open_before_is_not_the_fault_of_the_change(story: Teller) -> None:
    change = "alter table old add column name text;\ncomment on table old is 'x';"
    story(merged=OPEN, proposed={FIRST: change}).says()
    story(merged=OPEN, proposed={FIRST: "alter table old rename to older;"}).says()


def test_what_was_open_before_and_is_closed_and_opened(story: Teller) -> None:
    """A change that leaves things as they were is left alone, be it one file or two, short or long."""
    close, opened = (f"alter table old {word} row level security;" for word in ("enable", "disable"))
    story(merged=OPEN, proposed={FIRST: f"{close}\n{opened}"}).says()
    story(merged=OPEN, proposed={FIRST: close, SECOND: opened}).says()
    long = "\n".join([close, *["comment on table old is 'x';"] * 60])
    story(merged=OPEN, proposed={FIRST: long, SECOND: opened}).says()


def test_a_closed_table_that_is_opened_by_a_do_block(story: Teller) -> None:
    change = """
do $$
declare name text;
begin
  for name in select tablename from pg_tables where schemaname = 'public' loop
    execute format('alter table %I disable row level security', name);
  end loop;
end $$;
"""
    story(merged=CLOSED, proposed={FIRST: change}).says(f"{FIRST}:2 missing_rls")


def test_a_closed_table_that_is_made_again(story: Teller) -> None:
    change = "drop table old;\n\ncreate table old (id bigint primary key);"
    story(merged=CLOSED, proposed={FIRST: change}).says(f"{FIRST}:3 missing_rls")
    again = f"{change}\nalter table old enable row level security;"
    story(merged=CLOSED, proposed={FIRST: again}).says()


def test_an_open_table_that_is_dropped_later_in_the_change(story: Teller) -> None:
    proposed = {FIRST: "create table notes (id bigint primary key);", SECOND: "drop table notes;"}
    story(proposed=proposed).says()


def test_dropping_a_policy_leaves_its_table_closed_or_open(story: Teller) -> None:
    """A table without row level security that has policies belongs to the rule of those."""
    change = """
create table notes (id bigint primary key);
create policy one on notes using (true);
create policy two on notes using (false);
drop policy one on notes;
"""
    story(proposed={FIRST: change}).says(f"{FIRST}:3 policy_without_rls")
    story(proposed={FIRST: f"{change}drop policy two on notes;"}).says(f"{FIRST}:6 missing_rls")


def test_each_table_has_its_own_statement(story: Teller) -> None:
    change = """
create table a (id bigint);
create table b (id bigint);
create table c (id bigint);
alter table b enable row level security;
"""
    told = story(proposed={FIRST: change}).says(f"{FIRST}:2 missing_rls", f"{FIRST}:4 missing_rls")
    assert [finding.facts["table"] for finding in told.report.findings] == ["a", "c"]


def test_what_is_taken_back_is_nobodys_fault(story: Teller) -> None:
    change = "begin;\ncreate table notes (id bigint primary key);\nrollback;\nselect 1;"
    story(proposed={FIRST: change}).says()


def test_what_is_taken_back_and_done_again(story: Teller) -> None:
    change = "begin;\ncreate table notes (id bigint);\nrollback;\n\ncreate table notes (id bigint);"
    story(proposed={FIRST: change}).says(f"{FIRST}:5 missing_rls")
    change = "savepoint a;\ncreate table notes (id bigint);\nrollback to a;\n\ncreate table notes (id bigint);"
    story(proposed={FIRST: change}).says(f"{FIRST}:5 missing_rls")


def test_a_file_that_fails_in_the_middle(story: Teller) -> None:
    change = "create table a (id bigint);\nselect nope;\ncreate table b (id bigint);"
    told = story(proposed={FIRST: change})
    told.says(f"{FIRST}:1 missing_rls", f"{FIRST}:2 does_not_apply", f"{FIRST}:3 missing_rls")


@pytest.mark.parametrize(
    "hijack",
    [
        "create temporary table pg_class as select * from pg_catalog.pg_class limit 0;",
        """create schema evil;
create function evil.unequal(oid, oid) returns boolean language sql as $$ select false $$;
create operator evil.= (leftarg = oid, rightarg = oid, function = evil.unequal);
create function evil.has_table_privilege(oid, oid, text) returns boolean language sql as $$ select false $$;
set search_path = evil, pg_catalog, public;""",
        "set statement_timeout = 40;",
        "set role service_role;\nreset role;\nset search_path = '';",
    ],
)
def test_nothing_in_the_session_hides_an_open_table(story: Teller, hijack: str) -> None:
    change = f"{hijack}\ncreate table public.notes (id bigint);"
    line = change.count("\n") + 1
    told = story(proposed={FIRST: change}).says(f"{FIRST}:{line} missing_rls")
    assert told.only("missing_rls").facts["roles"] == ["anon", "authenticated"]


def test_a_foreign_key_that_was_there_is_not_blamed_when_its_table_gets_a_telling_name(story: Teller) -> None:
    """`only_new`: the cascade was accepted under another name."""
    base = """
create table users (id bigint primary key);
create table bills (id bigint primary key, user_id bigint references users on delete cascade);
alter table users enable row level security;
alter table bills enable row level security;
"""
    story(merged={"20250101000000_base.sql": base}, proposed={FIRST: "alter table bills rename to payments;"}).says()
