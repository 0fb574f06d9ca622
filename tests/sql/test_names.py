"""Names in their one normal form: as the server would show them, without `public.` and without quotes."""

from __future__ import annotations

import pytest

from pgassay.sql import names

from .spots import only

CREATED = {
    "create table t ()": "t",
    "create table public.t ()": "t",
    "create table if not exists s.t ()": "s.t",
    'create table "Größe, x" ()': "Größe, x",
    "create temp table t ()": "t",
    "create table t as select 1": "t",
    "create foreign table t () server x": "t",
    "create view public.v as select 1": "v",
    "create or replace view s.v as select 1": "s.v",
    "create materialized view m as select 1": "m",
    "create sequence s.q": "s.q",
    "create type public.e as enum ('a')": "e",
    "create type s.c as (a int)": "s.c",
    "create type r as range (subtype = int4)": "r",
    "create domain public.d as int": "d",
    "create function public.f(a int) returns int language sql as 'select 1'": "f",
    "create procedure s.p() language sql as 'select 1'": "s.p",
    "create schema s": "s",
    "create schema authorization r": "r",
    "create role r": "r",
    'create policy "a b" on public.t using (true)': "a b on t",
    "create policy p on s.t using (true)": "p on s.t",
    "create trigger g after insert on public.t execute function f()": "g on t",
    "create rule r as on insert to s.t do nothing": "r on s.t",
    "create index i on t (a)": "i",
    "create index i on s.t (a)": "s.i",
    "alter table public.t add column a int, add b int, add check (true), alter c type int, drop d": "t.a t.b",
    "alter table s.t rename to u": "s.u",
    "alter table t rename column a to b": "t.b",
    "alter view s.v rename to w": "s.w",
    "alter index s.i rename to j": "s.j",
    "alter type s.c rename attribute a to b": "s.c.b",
    "alter type s.c rename to d": "s.d",
    "alter function s.f(int) rename to g": "s.g",
    "alter function f rename to g": "g",
    "alter schema s rename to u": "u",
    "alter role r rename to u": "u",
    "alter policy p on s.t rename to q": "q on s.t",
    "alter trigger p on t rename to q": "q on t",
    "alter table t rename constraint a to b": "",
    # The server makes up the name, or there is none.
    "create index on t (a)": "",
    "alter table t alter column a type bigint": "",
    "insert into t values (1)": "",
    "creat table t ()": "",
}

DROPPED = {
    "drop table t": "t",
    'drop table if exists public.t, s."A b" cascade': "t, s.A b",
    "drop view v, s.v": "v, s.v",
    "drop materialized view m": "m",
    "drop sequence s.q": "s.q",
    "drop type public.e, s.e": "e, s.e",
    "drop domain d": "d",
    "drop function f(int), public.g(), s.h": "f, g, s.h",
    "drop procedure p": "p",
    "drop aggregate a(*)": "a",
    "drop schema s, u": "s, u",
    "drop extension pgcrypto": "pgcrypto",
    'drop policy if exists "a b" on public.t': "a b on t",
    "drop policy p on s.t": "p on s.t",
    "drop trigger g on public.t": "g on t",
    "drop rule r on t": "r on t",
    "drop index concurrently if exists i, s.i": "i, s.i",
    "drop publication p": "p",
    "alter table t drop column a": "",
    "delete from t": "",
    "drop tabel t": "",
}


@pytest.mark.parametrize(("text", "created"), CREATED.items())
def test_creates(text: str, created: str) -> None:
    expected = tuple(created.split()) if "add column" in text else (created,) if created else ()
    assert names.creates(only(text)) == expected


@pytest.mark.parametrize(("text", "dropped"), DROPPED.items())
def test_drops(text: str, dropped: str) -> None:
    assert ", ".join(names.drops(only(text))) == dropped


@pytest.mark.parametrize(
    ("create", "drop"),
    [
        ("create table public.t ()", "drop table t"),
        ("create index i on s.t (a)", "drop index if exists s.i"),
        ("create view s.v as select 1", "drop view s.v"),
        ("create function f() returns int language sql as ''", "drop function public.f()"),
        ('create policy "a b" on t using (true)', 'drop policy "a b" on public.t'),
        ("create trigger g after insert on s.t execute function f()", "drop trigger g on s.t"),
        ("create rule r as on insert to t do nothing", "drop rule r on t"),
        ("create type s.e as enum ()", "drop type s.e"),
        ("create schema s", "drop schema s"),
        ("create sequence public.q", "drop sequence q"),
    ],
)
def test_what_is_made_and_dropped_has_one_name(create: str, drop: str) -> None:
    assert names.creates(only(create)) == names.drops(only(drop)) != ()


@pytest.mark.parametrize(
    ("schema", "shown"), [(None, "t"), ("", "t"), ("public", "t"), ("s", "s.t"), ("Public", "Public.t")]
)
def test_display(schema: str | None, shown: str) -> None:
    assert names.display(schema, "t") == shown
