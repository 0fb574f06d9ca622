"""What a second run lacks, what the same file prepares for, and that the edit lets it pass on a real server."""

from __future__ import annotations

import pytest

from pgassay.model import Edit, Migration, Sections
from pgassay.postgres.embedded import Embedded
from pgassay.sql import guards, read

BASE = """
create table lines (id bigint primary key, a int, b int, "C d" text);
create table others (id bigint primary key);
create type mood as enum ('calm');
create publication live;
create function stamp() returns trigger language plpgsql as 'begin return new; end';
create view seen as select id from others;
create schema side;
create table side.deep (id bigint);
create policy old on lines;
create trigger own before insert on lines for each row execute function stamp();
"""
FAMILIES = ("create", "drop", "column", "constraint", "type", "policy", "trigger", "seed")


def migration(text: str) -> Migration:
    return Migration("1_a.sql", "1", "a", text, Sections(((0, len(text)),)), read)


def found(text: str) -> list[guards.Guard]:
    file = migration(text)
    each = (guards.missing(statement, file, family) for statement in file.up for family in FAMILIES)
    return [guard for guard in each if guard]


def edited(text: str, edit: Edit) -> str:
    lines = text.split("\n")
    lines[edit.location.start_line - 1 : edit.location.end_line] = edit.replacement.split("\n")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("create table t (\n  a int\n);", "create"),
        ("CREATE UNIQUE INDEX i ON lines (a);", "create"),
        ("create index on lines (a, b);", "create"),
        ("create index on lines ((a + b));", "create"),
        ("create materialized view m as select 1 as a;", "create"),
        ("create function f() returns int language sql as $$ select 1; $$;", "create"),
        ("create schema s;", "create"),
        ("create rule r as on delete to lines do instead nothing;", "create"),
        ("alter publication live add table lines, side.deep;", "create"),
        ("create type side.state as enum (\n  'a $$',\n  'b'\n);", "type"),
        ("create type pair as (a int, b int)", "type"),
        ("create domain percent as int check (value > 0) ; -- why", "type"),
        ("ALTER TYPE mood ADD VALUE 'cross' BEFORE 'calm';", "type"),
        ("alter table lines add n int, add column o int, alter column a set default 1;", "column"),
        ('alter table only "lines"\n  add column "E f" text default \'x\',\n  drop column b;', "column"),
        ("alter table lines add constraint k check (a > 0);", "constraint"),
        ("alter table lines add check (a > 0);", "constraint"),
        ("ALTER TABLE lines ADD FOREIGN KEY (id) REFERENCES others;", "constraint"),
        ("alter table lines add constraint u unique (a), add unique (b);", "constraint"),
        ("alter table side.deep add primary key (id);", "constraint"),
        ("alter table side.deep add unique (id), alter column id set not null;", "constraint"),
        ("drop view seen;", "drop"),
        ("drop table others cascade;", "drop"),
        ("drop policy old on lines;", "drop"),
        ("drop function stamp() cascade;", "drop"),
        ("alter table lines drop b, drop column a;", "drop"),
        ("alter table lines drop constraint lines_pkey;", "drop"),
        ("alter table lines rename to rows_;", "drop"),
        ("alter table lines rename column a to z;", "drop"),
        ("alter table lines rename a to z;", "drop"),
        ("alter policy old on lines rename to new;", "drop"),
        ("alter type mood rename to temper;", "drop"),
        ("alter view seen rename to watched;", "drop"),
        ("alter table lines rename constraint lines_pkey to lines_key;", "drop"),
        ("alter index lines_pkey rename to lines_key;", "drop"),
        ("alter schema side rename to beside;", "drop"),
        ("alter function stamp() rename to stamped;", "drop"),
        ("alter trigger own on lines rename to its;", "drop"),
        ('create policy "May read" on public.lines for select using (true);', "policy"),
        ("select 1; CREATE POLICY p ON lines;", "policy"),
        ("create trigger s before update on lines for each row execute function stamp();", "trigger"),
        (
            "  create constraint trigger s after insert on side.deep\n  for each row execute function stamp();",
            "trigger",
        ),
        ("insert into lines (id, a) values (1, 2);", "seed"),
        ("INSERT INTO lines (id)\nVALUES (1),\n  (2) -- two\nRETURNING id;", "seed"),
        ("insert into lines values (1, 2, 3, 'a;\n  b')", "seed"),
    ],
)
def test_the_edit_lets_a_second_run_pass(text: str, family: str, server: Embedded, database: str) -> None:
    (guard,) = found(text)
    assert guard.family == family
    assert guard.objects
    assert guard.edit
    mended = edited(text, guard.edit)
    assert not found(mended)
    with server.connect(database) as session:
        assert session.run(BASE).error is None
        if not guard.unnamed:
            session.run("begin")
            assert session.run(text).error is None
            assert session.run(text).error is not None
            session.run("rollback")
        for _ in range(2):
            assert session.run(mended).error is None, mended


@pytest.mark.parametrize(
    "text",
    [
        "create table if not exists t (a int);",
        "create temp table t (a int);\ninsert into t values (1);",
        "create or replace view v as select 1;",
        "drop table if exists t;\ncreate table t (a int);\ncreate index i on t (a);\ncreate policy p on t;",
        "drop schema if exists s cascade;\ncreate table s.t (a int);",
        "drop policy if exists p on t;\ncreate policy p on public.t;",
        "drop trigger if exists g on t;\ncreate trigger g before insert on t for each row execute function f();",
        "do $$ begin execute format('DROP POLICY  %I on t', x); end $$;\ncreate policy p on t;",
        "alter table t drop constraint if exists k;\nalter table t add constraint k check (a > 0);",
        "alter table t drop constraint if exists k, add constraint k check (a > 0);",
        "create or replace function f() returns int language sql as 'select 1';\ndrop function f();",
        "alter table t enable row level security, alter column a set not null;",
        "truncate t;\ninsert into t values (1);",
        "insert into t select 1 where not exists (select from t);",
        "insert into t values (1) on conflict (a) do nothing;",
        "with x as (select 1) insert into t select * from x;",
        "alter publication live set table t;",
        "grant select on t to public;\ncomment on table t is 'x';",
        "alter type mood rename value 'a' to 'b';",
        "create table t (",
    ],
)
def test_nothing_is_wanting(text: str) -> None:
    assert not found(text)


def test_what_is_dropped_below_does_not_help() -> None:
    (guard,) = found("create policy p on t;\ndrop policy if exists p on t;")
    assert guard.first == "drop policy if exists p on t"


def test_capitals_follow_capitals() -> None:
    (guard,) = found('  CREATE POLICY "P q" ON t;')
    assert guard.edit
    assert guard.edit.replacement == '  DROP POLICY IF EXISTS "P q" ON t;\n  CREATE POLICY "P q" ON t;'
