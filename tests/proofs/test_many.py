"""Many rows, for tables of all kinds."""

from __future__ import annotations

import pytest

from pgassay.postgres.embedded import Embedded
from pgassay.proofs import many
from pgassay.proofs.facts import read_facts
from pgassay.proofs.many import Wanted, multiply

ROWS = 1_000
# In the order in which they refer to each other.
TABLES = {
    "plain": "id int generated always as identity primary key, name text",
    "nothing": "",
    "keyed": "id uuid primary key default gen_random_uuid(), code varchar(8) not null unique, day date unique",
    "bytes": "hash bytea primary key, at timestamptz not null, unique (at, hash)",
    "together": "a smallint not null, b text not null, primary key (a, b)",
    "child": "id bigserial primary key, parent uuid not null unique references keyed, kind kind not null default 'a'",
    "checked": "id int primary key check (id > 0), slug text not null unique check (slug ~ '^[a-z]{2}$')",
    "made": "id int primary key, twice int generated always as (id * 2) stored unique",
    "colours": "kind kind primary key",
    "orphan": "id int primary key, twice int not null check (twice = 1 and twice = 2)",
    "grandchild": "id int primary key, parent int not null references orphan",
}
REFUSED = {
    "colours": 'duplicate key value violates unique constraint "colours_pkey"',
    "orphan": 'new row for relation "orphan" violates check constraint "orphan_twice_check"',
}


def test_there_is_room_for_so_many_bytes(server: Embedded, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "_ROOM", 20_000)
    with server.connect(database) as session:
        session.run("create table notes (id int primary key)")
        facts = read_facts(session)
        reason = multiply(session, facts, facts.by_key["public.notes"], ROWS, Wanted(), whole=True)
    assert reason
    assert reason.endswith("bytes are too many for a throwaway server")


def test_every_kind_of_table(server: Embedded, database: str) -> None:
    reasons: dict[str, str] = {}
    with server.connect(database) as session:
        made = "".join(f"create table {name} ({columns});" for name, columns in TABLES.items())
        parts = "create table parts (id int, at date, primary key (id, at)) partition by range (at);"
        assert session.run(f"create type kind as enum ('a', 'b'); {made} {parts}").error is None
        facts = read_facts(session)
        for name in (*TABLES, "parts"):
            wanted = Wanted(frozenset({"name"}), (("name",),)) if name == "plain" else Wanted()
            reason = multiply(session, facts, facts.by_key[f"public.{name}"], ROWS, wanted, whole=True)
            ((number,),) = session.rows(f"select count(*) from {name}")
            reasons |= {name: reason} if reason else {}
            assert reason or number >= ROWS, name
        assert session.rows("select count(distinct name) >= 1000 from plain") == [(True,)]
        assert session.rows("select count(*) from pg_constraint where contype = 'f'") == [(2,)]
    assert reasons == REFUSED


def test_indexes_and_triggers_are_back_at_the_end(server: Embedded, database: str) -> None:
    with server.connect(database) as session:
        session.run("""
create table notes (id int primary key, name text, age int check (age > 3));
create index notes_age on notes (age) where age > 5;
create unique index notes_name on notes (lower(name));
create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
create trigger refuse before insert on notes for each row execute function refuse();
""")
        facts = read_facts(session)
        notes = facts.by_key["public.notes"]
        assert multiply(session, facts, notes, ROWS, Wanted(), whole=True) is None
        (after,) = (each for each in read_facts(session).relations if each.name == "notes")
        assert [each.name for each in after.constraints] == [each.name for each in notes.constraints]
        assert after.triggers == notes.triggers
        names = session.rows("select indexrelid::regclass::text from pg_index where indrelid = 'notes'::regclass")
        assert {name for (name,) in names} == {"notes_pkey", "notes_age", "notes_name"}
