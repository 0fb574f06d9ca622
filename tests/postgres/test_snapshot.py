"""The schema before and after: which objects a change added, changed and removed, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pgassay.postgres.embedded import Embedded
from pgassay.postgres.session import Session
from pgassay.postgres.snapshot import compare, snapshot

BASE = """
create table users (
  id bigint primary key,
  name varchar(20) not null default 'x',
  age int check (age > 0),
  constraint by_name unique (name)
);
create index users_age_idx on users (age);
create view names as select name from users;
create materialized view ages as select age from users;
create type mood as enum ('good', 'bad');
create domain email as text;
create schema app;
create table app.jobs (id bigint, user_id bigint references users);
create function greet(who text, loud boolean default false) returns text language sql as $$ select who $$;
create procedure work() language sql as $$ select 1 $$;
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger touched before update on users for each row execute function touch();
alter table users enable row level security;
create policy "Own row" on users for select to pg_monitor, pg_read_all_data using (age > 1);
create publication live for table users;
"""
POLICY = "select to pg_monitor, pg_read_all_data using ((age > 1))"
GREET = "greet(who text, loud boolean)"


@pytest.fixture
def told(server: Embedded, database: str) -> Iterator[Callable[[str], list[str]]]:
    """What a change does to BASE, as `+ table users (detail)`."""
    with server.connect(database) as session:
        run(session, BASE)
        before = snapshot(session)

        def changes(sql: str) -> list[str]:
            run(session, sql)
            marks = {"added": "+", "changed": "~", "removed": "-"}
            return [
                f"{marks[each.action]} {each.kind} {each.name}" + (f" ({each.detail})" if each.detail else "")
                for each in compare(before, snapshot(session))
            ]

        yield changes


def run(session: Session, sql: str) -> None:
    assert session.run(sql).error is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("select 1", []),
        ("create table a ()", ["+ table a (row level security off)"]),
        (
            """create table app.a (id bigint primary key, x int unique check (x > 1), y int references users);
            create index on app.a (x); create index on app.a (y); create unique index on app.a (x, y);
            alter table app.a enable row level security;
            create policy p on app.a using (true); create policy q on app.a using (true);
            create trigger t before update on app.a for each row execute function touch();""",
            ["+ table app.a (3 columns, 3 indexes, 2 policies, 1 trigger, row level security on)"],
        ),
        ("drop table app.jobs", ["- table app.jobs (2 columns, row level security off)"]),
        (
            "alter table users disable row level security",
            ["~ table users (row level security on → row level security off)"],
        ),
        (
            "alter table users force row level security",
            ["~ table users (row level security on → row level security on, for the owner too)"],
        ),
        ("insert into users values (1); analyze users; comment on table users is 'x'", []),
        ("create temporary table t (id int)", []),
    ],
)
def test_tables(told: Callable[[str], list[str]], change: str, expected: list[str]) -> None:
    assert told(change) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("alter table users add column a int[]", ["+ column users.a (integer[])"]),
        ("alter table users add column a int not null default 7", ["+ column users.a (integer not null default 7)"]),
        ("alter table app.jobs add column a text", ["+ column app.jobs.a (text)"]),
        ("alter table app.jobs drop column id", ["- column app.jobs.id (bigint)"]),
        ("alter table app.jobs drop column id; alter table app.jobs add column id bigint", []),
        (
            "alter table app.jobs rename column id to no",
            ["+ column app.jobs.no (bigint)", "- column app.jobs.id (bigint)"],
        ),
        ("alter table app.jobs alter column id set not null", ["~ column app.jobs.id (bigint → bigint not null)"]),
        (
            "alter table users alter name drop not null, alter name drop default",
            [
                "~ column users.name (character varying(20) not null default 'x'::character varying → "
                "character varying(20))"
            ],
        ),
    ],
)
def test_columns(told: Callable[[str], list[str]], change: str, expected: list[str]) -> None:
    assert told(change) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("alter table app.jobs add check (id > 0)", ["+ constraint jobs_id_check on app.jobs (CHECK ((id > 0)))"]),
        ("alter table users drop constraint by_name", ["- constraint by_name on users (UNIQUE (name))"]),
        (
            "alter table app.jobs drop constraint jobs_user_id_fkey; "
            "alter table app.jobs add foreign key (user_id) references users on delete cascade",
            [
                "~ constraint jobs_user_id_fkey on app.jobs (FOREIGN KEY (user_id) REFERENCES public.users(id) → "
                "FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE)"
            ],
        ),
        ("create index app_idx on app.jobs (id)", ["+ index app_idx on app.jobs"]),
        (
            "drop index users_age_idx; create index users_age_idx on users (age) where age > 3",
            ["~ index users_age_idx on users (definition)"],
        ),
        ("drop index users_age_idx", ["- index users_age_idx on users"]),
        ("create unique index on ages (age)", ["+ index ages_age_idx on ages"]),
    ],
)
def test_constraints_and_indexes(told: Callable[[str], list[str]], change: str, expected: list[str]) -> None:
    assert told(change) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("create view shown as select 1 as one", ["+ view shown"]),
        ("create or replace view names as select name from users where age > 3", ["~ view names (definition)"]),
        ("alter view names set (security_invoker = true)", ["~ view names (definition)"]),
        ("drop view names; drop materialized view ages", ["- view names", "- materialized view ages"]),
        ("alter type mood add value 'fair' before 'bad'", ["~ enum mood ('good', 'bad' → 'good', 'fair', 'bad')"]),
        ("create type app.size as enum ('s', 'it''s')", ["+ enum app.size ('s', 'it''s')"]),
        ("drop type mood; drop domain email", ["- enum mood ('good', 'bad')", "- domain email (text)"]),
        ("create schema shop", ["+ schema shop"]),
        ("drop schema app cascade", ["- schema app", "- table app.jobs (2 columns, row level security off)"]),
    ],
)
def test_views_types_and_schemas(told: Callable[[str], list[str]], change: str, expected: list[str]) -> None:
    assert told(change) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("create function f() returns int language sql as 'select 1'", ["+ function f()"]),
        ("create function greet(int) returns int language sql as 'select 1'", ["+ function greet(integer)"]),
        (
            "create or replace function greet(who text, loud boolean default false) returns text language sql "
            "as $$ select 'hi' || who $$",
            [f"~ function {GREET} (definition)"],
        ),
        ("alter function greet security definer", [f"~ function {GREET} (definition)"]),
        ("alter function greet set search_path = ''", [f"~ function {GREET} (definition)"]),
        ("alter function greet volatile", []),
        ("alter function greet stable", [f"~ function {GREET} (definition)"]),
        ("drop procedure work", ["- procedure work()"]),
        ("alter table users disable trigger touched", ["~ trigger touched on users (definition)"]),
        ("drop trigger touched on users", ["- trigger touched on users"]),
        (
            "create or replace trigger touched after update on users for each row execute function touch()",
            ["~ trigger touched on users (definition)"],
        ),
    ],
)
def test_functions_and_triggers(told: Callable[[str], list[str]], change: str, expected: list[str]) -> None:
    assert told(change) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            'alter policy "Own row" on users to pg_monitor using (age > 2)',
            [f"~ policy Own row on users ({POLICY} → select to pg_monitor using ((age > 2)))"],
        ),
        (
            "create policy p on users as restrictive for insert with check (age > 1)",
            ["+ policy p on users (insert restrictive to public with check ((age > 1)))"],
        ),
        ('drop policy "Own row" on users', [f"- policy Own row on users ({POLICY})"]),
        ("alter publication live add table app.jobs", ["+ published table app.jobs in live"]),
        ("alter publication live drop table users", ["- published table users in live"]),
        ("alter publication live set table users (id)", ["~ published table users in live (definition)"]),
        ("alter publication live set table users where (id > 3)", ["~ published table users in live (definition)"]),
        ("drop publication live", ["- published table users in live"]),
    ],
)
def test_policies_and_publications(told: Callable[[str], list[str]], change: str, expected: list[str]) -> None:
    assert told(change) == expected


def test_a_hijacked_session(told: Callable[[str], list[str]]) -> None:
    change = """
create schema evil;
create function evil.format_type(oid, integer) returns text language sql as $$ select 'hijacked' $$;
create temporary table pg_class as select * from pg_catalog.pg_class limit 0;
set search_path = evil, pg_catalog;
create table public.a (id int);
"""
    assert told(change) == [
        "+ schema evil",
        "+ table a (1 column, row level security off)",
        "+ function evil.format_type(oid, integer)",
    ]


def test_changes_come_in_one_order_whatever_the_catalog_says(server: Embedded, database: str) -> None:
    with server.connect(database) as session:
        before = snapshot(session)
        session.run(
            "create table c (); create procedure b () language sql as ''; create function d () returns int language "
            "sql as 'select 1'; create view a as select 1 as x; create table a_b (); "
            "create materialized view m as select 1 as x; create index i_z on m (x); create index i_a on m (x);"
        )
        found = [(change.kind, change.name) for change in compare(before, snapshot(session))]
    assert found == [
        ("table", "a_b"),
        ("table", "c"),
        ("view", "a"),
        ("materialized view", "m"),
        ("index", "i_a on m"),
        ("index", "i_z on m"),
        ("function", "d()"),
        ("procedure", "b()"),
    ]
