"""A table that is there already, against the one that a `CREATE TABLE IF NOT EXISTS` declares."""

from __future__ import annotations

import pytest

from pgassay.model import Step
from pgassay.replay.bench import Bench
from tests.replay.watching import Watch

BASE = """
create table users (id bigint primary key, name varchar(20), email text);
create table bare (id bigint);
create schema app;
create table app.users (id bigint primary key, level integer);
create table "My Table" ("Id" bigint);
create table events (id bigint, at date) partition by range (at);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
create view shown as select id from users;
create type mood as enum ('good');
"""


def seen(*steps: Step) -> list[str]:
    """`users: lacks x integer; name is varchar, declared text`."""
    return [
        f"{table.table.name}: "
        + "; ".join(
            [f"lacks {column.name} {column.type}" for column in table.missing]
            + [f"{declared.name} is {actual.type}, declared {declared.type}" for declared, actual in table.differing]
        )
        for step in steps
        for table in step.skipped
    ]


DECLARED: list[tuple[str, list[str]]] = [
    ("users (id bigint primary key, name varchar(20), email text)", []),
    ("users (id int8 primary key)", []),
    ("users (email text, id bigint, name varchar(20))", []),
    ("public.users (id bigint, extra boolean not null)", ["users: lacks extra boolean"]),
    ('"users" (id bigint, extra mood)', ["users: lacks extra public.mood"]),
    ("USERS (id bigint, extra text[])", ["users: lacks extra text[]"]),
    ("users (id integer)", ["users: id is bigint, declared integer"]),
    ("users (name varchar(40))", ["users: name is character varying(20), declared character varying(40)"]),
    ("users (name text, extra int)", ["users: lacks extra integer; name is character varying(20), declared text"]),
    ("users (id bigserial, extra serial)", ["users: lacks extra integer"]),
    ("app.users (id bigint, name text)", ["app.users: lacks name text"]),
    ('"My Table" ("Id" bigint, id bigint)', ["My Table: lacks id bigint"]),
    ('public . "My Table" ("ID" bigint)', ["My Table: lacks ID bigint"]),
    ("bare (like users including all)", ["bare: lacks name character varying(20); lacks email text"]),
    (
        "bare (like users, extra int)",
        ["bare: lacks name character varying(20); lacks email text; lacks extra integer"],
    ),
    ("bare (extra int) inherits (app.users)", ["bare: lacks level integer; lacks extra integer"]),
    ("bare (id bigint, extra int) partition by list (extra)", ["bare: lacks extra integer"]),
    ("events (id bigint, at date, kind text) partition by range (at)", ["events: lacks kind text"]),
    ("events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01')", []),
    ("bare partition of events for values from ('2026-01-01') to ('2027-01-01')", ["bare: lacks at date"]),
    ("shown (id bigint, name text)", ["shown: lacks name text"]),
    ("nowhere (id bigint)", []),
    ("app.nowhere (id bigint)", []),
]


CONSTRAINTS = [
    "parent bigint references bare",
    "parent bigint references bare (id) not null",
    "parent bigint not null references public.bare (id) on delete cascade deferrable initially deferred default 1",
    "parent bigint constraint named references bare (id) match full check (parent > 0)",
    "parent bigint, foreign key (parent) references bare (id)",
    "parent bigint, constraint named foreign key (parent) references bare (id) not valid, primary key (id)",
    "parent bigint references nowhere (id)",
    "parent bigint references nowhere /* not yet */ -- , really\n unique",
    "parent bigint, foreign key (id, parent) references nowhere",
    "parent bigint constraint users_pkey unique",
    "parent bigint, constraint users_pkey primary key (parent)",
    "parent bigint, exclude using gist (int8range(id, parent) with &&)",
    "parent bigint generated always as identity",
    "parent bigint default nextval('bare_parent_seq'::text)",
]


@pytest.fixture(scope="module")
def steps(bench: Bench) -> dict[str, Step]:
    declared = [table for table, _ in DECLARED] + [f"bare (id bigint, {constraint})" for constraint in CONSTRAINTS]
    return Watch(bench).each([f"create table if not exists {table}" for table in declared], merged=BASE)


@pytest.mark.parametrize(("declared", "lacks"), DECLARED)
def test_a_declaration(steps: dict[str, Step], declared: str, lacks: list[str]) -> None:
    step = steps[f"create table if not exists {declared}"]
    assert step.error is None
    assert seen(step) == lacks


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_constraints_do_not_get_in_the_way(steps: dict[str, Step], constraint: str) -> None:
    """A reference to itself or to a table that is not there: the server skips the statement without a look at it."""
    step = steps[f"create table if not exists bare (id bigint, {constraint})"]
    assert step.error is None
    assert seen(step) == ["bare: lacks parent bigint"]


def test_text_that_is_not_ascii(watch: Watch) -> None:
    change = (
        "create table if not exists /* grün ä€😀 */ bare (id bigint, größe text default '€' references nowhere, b int)"
    )
    assert seen(*watch(change, merged=BASE).steps) == ["bare: lacks größe text; lacks b integer"]


@pytest.mark.parametrize(
    ("path", "lacks"),
    [
        ("app, public", ["app.users: lacks extra integer"]),
        ("nowhere, app", ["app.users: lacks extra integer"]),
        ("public, app", ["users: lacks extra integer"]),
        ("empty, public", []),
        ("pg_temp, public", []),
    ],
)
def test_the_search_path_decides_which_table_is_meant(watch: Watch, path: str, lacks: list[str]) -> None:
    """IF NOT EXISTS looks where the table would be made, and nowhere else on the path."""
    change = f"set search_path = {path};\ncreate table if not exists users (id bigint, extra int);"
    watched = watch(change, merged=[BASE, "create schema empty;"])
    assert watched.errors == {}
    assert seen(*watched.steps) == lacks


def test_types_are_found_on_the_search_path(watch: Watch) -> None:
    change = "set search_path = app;\ncreate type mood as enum ('bad');\ncreate table if not exists users (level mood);"
    assert seen(*watch(change, merged=BASE).steps) == ["app.users: level is integer, declared app.mood"]


@pytest.mark.parametrize(
    "before",
    [
        "grant create on schema public to authenticated; set role authenticated;",
        "set statement_timeout = 1;",
        "set client_min_messages = error;",
        "begin;",
        "begin; savepoint a;",
        "select set_config('search_path', 'public', true);",
        "create temporary table pg_attribute as select * from pg_catalog.pg_attribute limit 0;",
        "create temporary table users (id bigint, extra int);",
        "create table pg_temp.pg_namespace (oid oid);",
    ],
)
def test_whatever_the_file_did_to_its_session(watch: Watch, before: str) -> None:
    change = f"{before}\ncreate table if not exists users (id bigint, extra int);"
    assert seen(*watch(change, merged=BASE, environment="supabase").steps) == ["users: lacks extra integer"]


def test_a_table_of_the_same_change(watch: Watch) -> None:
    change = "create table notes (id int);\ncreate table if not exists notes (id int, body text);"
    assert seen(*watch(change).steps) == ["notes: lacks body text"]


def test_a_table_that_was_dropped_before(watch: Watch) -> None:
    change = "drop table bare;\ncreate table if not exists bare (id bigint, extra int);"
    watched = watch(change, merged=BASE)
    assert seen(*watched.steps) == []


def test_temporary_tables_and_tables_without_a_guard(watch: Watch) -> None:
    change = "create temp table if not exists users (id int, extra int);\ncreate table app.users (id int, extra int);"
    watched = watch(change, merged=BASE)
    assert watched.errors == {"create table app.users (id int, extra int)": '42P07 relation "users" already exists'}
    assert seen(*watched.steps) == []
