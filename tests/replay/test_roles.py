"""Roles belong to the server: neither the second run of a change nor the next replay meets what became of them."""

from __future__ import annotations

import pytest

from pgassay.postgres.embedded import Embedded
from pgassay.replay.bench import Bench
from tests.replay.watching import Watch, catalog_rule

REACHED = catalog_rule("""
select 'pg_class'::regclass as classid, c.oid as objid, 0 as objsubid, c.relname as table
from pg_class c
where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
  and exists (select from pg_roles r where r.rolname = 'guest' and pg_has_role(r.oid, 'service_role', 'member'))
""")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("create table a (id int);\ncreate role guest;\ngrant service_role to guest;\nselect 1;", 3),
        ("create role guest;\ngrant service_role to guest;\ncreate table a (id int);", 3),
        ("create table a (id int);\ndo $$ begin create role guest; grant service_role to guest; end $$;", 2),
    ],
)
def test_the_second_run_meets_the_roles_of_the_first(watch: Watch, change: str, line: int) -> None:
    assert watch(change, rules=(REACHED,), environment="supabase").blamed == [f"1.sql:{line} public.a"]


@pytest.mark.parametrize(
    "change",
    [
        "create role guest login; create table a (id int); grant select on a to guest;",
        "grant service_role to anon; grant authenticated to service_role with inherit false;",
        "alter role anon bypassrls; alter role authenticated set statement_timeout = '1min';",
        'alter role anon rename to guest; alter role guest set search_path = "$user", extensions;',
        "alter role postgres set search_path = extensions; alter role authenticator reset all;",
        "create role guest; create role member in role guest; grant guest to anon; alter role guest createdb;",
    ],
)
def test_the_next_replay_meets_what_was_there(watch: Watch, bench: Bench, change: str) -> None:
    watch("select 1;", environment="supabase")
    before = bench.roles
    assert not watch(change, environment="supabase").errors
    watch("select 1;", environment="supabase")
    assert bench.roles == before


def test_roles_of_merged_files_stay_for_the_change(watch: Watch) -> None:
    merged = "create role guest createdb; grant service_role to guest; alter role guest set work_mem = 99;"
    change = "create table a (id int);\ndrop role guest;\ncreate role guest;\ngrant service_role to guest;"
    assert watch(change, merged=merged, rules=(REACHED,), environment="supabase").blamed == ["1.sql:4 public.a"]
    assert not watch("alter role guest nocreatedb;", merged=merged, environment="supabase").errors


def test_another_environment_brings_roles_of_its_own() -> None:
    settings = "do $$ begin assert current_setting('search_path') ~ 'extensions'; end $$;"
    with Embedded() as server:
        watch = Watch(Bench(server))
        for _ in range(2):
            assert not watch("create role guest;").errors
            assert not watch(f"create role guest in role anon; {settings}", environment="supabase").errors
