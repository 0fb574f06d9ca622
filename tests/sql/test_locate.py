"""The spot inside a long statement that a finding means. Marks show it: `alter table t «drop column b»`."""

from __future__ import annotations

import pytest

from pgassay.postgres.embedded import Embedded
from pgassay.sql import locate
from pgassay.sql.locate import Anchor

from .spots import marked, only, parsed, unmarked


def parts_marked(text: str) -> str:
    statement = only(text)
    for part in reversed(locate.parts(statement)):
        text = text[: part.start] + "«" + text[part.start : part.end] + "»" + text[part.end :]
    return text


@pytest.mark.parametrize(
    "text",
    [
        # commands of ALTER TABLE
        "alter table t «add column a int», «drop column b»",
        "alter table only public.t «drop column a», «drop column if exists b cascade»",
        "alter table if exists t * «drop column a», «drop column b»",
        'alter table "grün"."tä,x" «add column "ö,ä" text», «add column é int»',
        "alter table t\n  «add column a numeric(3, 2) default 1»,\n  «alter column b type text using (b || ',')»",
        "alter table t «add column a int[] default array[1, 2]», «add column b text default 'x,y'»",
        "alter table t «add column a int default (array[1, 2])[1]», «drop column b»",
        "alter table t -- one, two\n «add column a int», -- three, four\n «drop column b» /* , */",
        "alter table t «enable row level security», «force row level security»",
        "alter table t «add constraint c check (a in (1, 2))», «validate constraint d»",
        "alter view v «alter column x set default 1»",
        "alter type t «add attribute a int», «drop attribute b»",
        "alter foreign table f «options (add a 'b', drop c)», «add column x int»",
        # elements of CREATE TABLE
        "create table t («a int», «b numeric(3, 2) default round(1, 2)», «c text default 'x,y'»)",
        "create table t («a int[] default array[1, 2]», «primary key (a, b)», «check (c in ('a', 'b'))»)",
        "create table if not exists s.t (\n  «like x including all»,\n  «a int»\n) partition by range (a, b)",
        "create table t («a int») with (fillfactor = 10, autovacuum_enabled = false)",
        "create table t of y («a with options primary key», «b not null»)",
        "create table t partition of p («a default 1», «b not null») for values from (1, 2) to (3, 4)",
        "create table t ()",
        # objects of DROP
        'drop table «a», «public.b», «"c,d"»',
        "drop table if exists «a», «b cascade»",
        'drop table «"if"»',
        "drop function «f(int, text)», «g()»",
        "drop function if exists «storage.extension(name text)»",
        "drop function «type(type text, schema int)»",
        "drop policy «p on t»",
        'drop policy if exists «"a b" on public.t»',
        "drop index concurrently if exists «a», «b»",
        "drop materialized view «a», «b restrict»",
        "drop foreign data wrapper «a»",
        "drop text search configuration «a»",
        "drop operator «+ (int, int)», «- (int, int)»",
        # nothing to divide
        "select 1, 2",
        "create table t as select 1, 2",
        "grant select on a, b to c, d",
    ],
)
def test_parts(text: str) -> None:
    assert parts_marked(unmarked(text)) == text


def test_parts_come_with_their_nodes() -> None:
    column, key = locate.parts(only("create table t (a int, primary key (a))"))
    assert column.node.colname == "a"
    assert locate._constraint_type(key.node) == "CONSTR_PRIMARY"
    text = "alter table t add column a int,\n drop column b"
    command = locate.parts(only(text))[1]
    assert command.node.name == "b"
    assert (
        marked(text, locate.part_location(only(text), command)) == "alter table t add column a int,\n «drop column b»"
    )


CASCADE = ("ON", "DELETE", "CASCADE")


def column(name: str) -> Anchor:
    return Anchor("table column", name, "t")


def constraint(name: str, *columns: str, words: tuple[str, ...] = ()) -> Anchor:
    return Anchor("table constraint", name, "t", columns, words)


@pytest.mark.parametrize(
    ("anchor", "text"),
    [
        # columns
        (column("b"), "create table t (a int, «b text default 'b'», c int)"),
        (column("größe"), 'create table t (a int, «"größe" text», c int)'),
        (column("b"), "alter table t add column a int, «add column b int», drop column c"),
        (column("b"), "alter table t add column a int, «alter column b type bigint»"),
        (column("b"), "alter table t alter column a type bigint, «drop column b»"),
        # constraints with a name of their own
        (constraint("k", "b"), "create table t (a int, b int «constraint k references u (id)»)"),
        (constraint("k", "b"), "create table t (b int, «constraint k foreign key (b) references u»)"),
        (constraint("k", "b"), "alter table t add column a int, «add constraint k unique (b)»"),
        # constraints that the server names, by their columns
        (constraint("t_b_fkey", "b"), "create table t (a int unique, b int «references u (id)»)"),
        (constraint("t_b_fkey", "b"), "create table t (b int not null «references u» unique)"),
        (constraint("t_b_fkey", "b"), "create table t (b int «references u» -- u, v\n not null)"),
        (constraint("t_b_fkey", "b"), "alter table t add column b int «references u», add c int"),
        (constraint("t_a_b_fkey", "a", "b"), "create table t (a int, «foreign key (a, b) references u»)"),
        (constraint("t_a_fkey1", "a"), "alter table t «add foreign key (a) references u»"),
        (constraint("t_pkey", "a"), "create table t (a int «primary key», b int)"),
        (constraint("t_a_b_key", "a", "b"), "create table t (a int unique, «unique (a, b)»)"),
        (constraint("t_check", "a", "b"), "create table t (a int check (a > 0), «check (a < b)»)"),
        # keywords within the spot
        (
            constraint("t_b_fkey", "b", words=CASCADE),
            "create table t (b int references u\n  «on delete cascade» not null)",
        ),
        (
            constraint("t_b_fkey", "b", words=CASCADE),
            "create table t (a int references u on delete cascade, b int references u «ON /* ! */ DELETE\n CASCADE»)",
        ),
        (
            constraint("t_b_fkey", "b", words=CASCADE),
            "alter table t add column b int «references u on delete restrict»",
        ),
        # nothing of it is said: the head
        (Anchor("table", "t"), "«create table t» (a int, b int)"),
        (Anchor("table", "t"), "create table\n  «public.t» (\n  a int)"),
        (Anchor("table", "t"), '«create table public . "tä"»(a int)'),
        (Anchor("table", "t"), "«alter table if exists only s.t» disable row level security"),
        (column("x"), "«create table t» (a int, b int)"),
        (Anchor("view", "v"), "«create or replace view a.v»(x) as select 1"),
        (Anchor("view", "v"), "«create view v» as\nselect 1"),
        (Anchor("materialized view", "m"), "«create materialized view m» as select 1"),
        (Anchor("table", "x"), "«create table x» as select 1"),
        (Anchor("policy", "p"), "«create policy p on t» using (true)"),
        (Anchor("policy", "p"), "«create policy p»\n  on t\n  using (true)"),
        (Anchor("trigger", "x"), "«create trigger x after insert»\non t execute function f()"),
        (Anchor("index", "i"), "«create index i»\non t (a)"),
        (Anchor("function", "f"), "«create function f() returns int»\nlanguage sql as $$ select 1 $$"),
        (Anchor("table", "t"), "«do $$ begin»\n  create table t ();\nend $$"),
        (Anchor("table", "t"), "«grant select on t to anon»"),
        # not even a tree
        (Anchor("table", "t"), "«creat table t\n()»"),
    ],
)
def test_find(anchor: Anchor, text: str) -> None:
    sql = unmarked(text)
    assert marked(sql, locate.find(only(sql), anchor)) == text


def test_find_counts_from_where_the_statement_begins() -> None:
    text = "-- größe\nselect 'é'; create table t (a int,\n «b int references u»); -- 日本\n"
    sql = unmarked(text)
    found = locate.find(parsed(sql)[1], Anchor("table column", "b", "t"))
    assert marked(sql, found) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t_pkey", "create table t (a int, b int, «primary key (a, b)»)"),
        ("t_pkey", "alter table only s.t «add primary key (a)»"),
        ("t_a_fkey", "create table t (a int «references u», b int references u)"),
        ("t_a_b_key", "create table t (a int unique, b int, «unique (a, b)»)"),
        ("t_b_check", "create table t (a int, b int «check (b > 0)»)"),
        ("t_b_check", "create table t (a int, b int, «check (b > 0)», check (a > b))"),
        ("t_check", "create table t (a int, b int, check (b > 0), «check (a > t.b)»)"),
        ("t_check", "create table t (a int, b int «check (a > b)»)"),
        ("named", "alter table t add constraint other check (a > 0), «add constraint named check (a > 1)»"),
        ("t_c_fkey", "create table t (a int references u)"),
        ("t_pkey", "create index t_pkey on t (a)"),
        ("t_pkey", "creat table t (a int primary key)"),
    ],
)
def test_find_constraint(name: str, text: str) -> None:
    sql = unmarked(text)
    assert marked(sql, locate.find_constraint(only(sql), name)) == text


def test_the_server_makes_up_these_names(server: Embedded, database: str) -> None:
    text = (
        "create table t (\n  a int primary key,\n  b int unique references t,\n  c int check (c > 0),\n"
        "  d int check (d > c),\n  unique (a, b),\n  check (a > 0),\n  foreign key (a, b) references t (a, b)\n)"
    )
    with server.connect(database) as session:
        assert session.run(text).error is None
        made = session.rows("select conname from pg_constraint where conrelid = 't'::regclass and contype <> 'n'")
    found = {name: locate.find_constraint(only(text), name) for (name,) in made}
    assert {name: marked(text, spot).partition("«")[2].partition("»")[0] for name, spot in found.items()} == {
        "t_pkey": "primary key",
        "t_b_key": "unique",
        "t_b_fkey": "references t",
        "t_c_check": "check (c > 0)",
        "t_check": "check (d > c)",
        "t_a_b_key": "unique (a, b)",
        "t_a_check": "check (a > 0)",
        "t_a_b_fkey": "foreign key (a, b) references t (a, b)",
    }


def test_a_check_may_be_deeper_than_the_stack_of_python() -> None:
    check = "check (a > " + " + ".join(["1"] * 2000) + ")"
    text = f"create table t (a int, «{check}»)"
    assert marked(unmarked(text), locate.find_constraint(only(unmarked(text)), "t_a_check")) == text


def test_words() -> None:
    statement = only("create table t (a int references u on delete cascade on update cascade)")
    start, end = locate.words(statement, 0, len(statement.text), "ON", "UPDATE", "CASCADE") or (0, 0)
    assert statement.text[start:end] == "on update cascade"
    assert locate.words(statement, 0, 20, "ON", "UPDATE", "CASCADE") is None
    assert locate.words(statement, 0, len(statement.text), "ON", "CASCADE") is None


def test_a_name_is_found_as_it_is_written() -> None:
    text = 'select 1 from s . "größe" as x'
    statement = only(text)
    relation = statement.tree.from_clause[0].range_var
    start, end = locate.relation_span(statement, relation) or (0, 0)
    assert text[start:end] == 's . "größe"'
