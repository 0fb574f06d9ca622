"""Which statements have to do with rows, and which say themselves what they take."""

from __future__ import annotations

import pytest

from pgassay.model import Statement
from pgassay.proofs.meets import meets_rows, validates
from pgassay.proofs.said import takes_rows, writes_rows
from pgassay.sql.split import statements


def statement(text: str) -> Statement:
    (found,) = statements("x.sql", text)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "alter table t add column x int not null",
        "alter table t add column x int default 1 references u (id)",
        "alter table t add column x int check (x is not null)",
        "alter table t add column x int, alter column y set not null",
        "alter table t alter column x type text",
        "alter table t add constraint c check (x > 0)",
        "alter domain d add check (value > 0)",
        "create unique index on t (x)",
        "create materialized view v as select 1",
        "update t set x = 1",
        "drop table t",
        "do $$ begin end $$",
        "select f()",
    ],
)
def test_it_may_depend_on_rows(text: str) -> None:
    assert meets_rows(statement(text))


@pytest.mark.parametrize(
    "text",
    [
        "alter table t add column x int, add column y text not null default ''",
        "alter table t add column x int references u (id)",
        "alter table t add column id bigserial not null",
        "alter table t add constraint c check (x > 0) not valid",
        "alter table t rename to u",
        "alter table t set schema s",
        "alter table t enable row level security",
        "alter table t drop column x, alter column y drop not null",
        "alter type mood add value 'x'",
        "create index on t (x)",
        "create policy p on t using (true)",
        "create view v as select 1",
        "grant select on t to u",
        "commit",
    ],
)
def test_it_does_not(text: str) -> None:
    assert not meets_rows(statement(text))


def test_what_is_there_to_find_rows() -> None:
    assert validates(statement("alter table t validate constraint a, validate constraint b"))
    assert not validates(statement("alter table t validate constraint a, alter column b set not null"))
    assert not validates(statement("update t set a = 1"))


@pytest.mark.parametrize(
    ("text", "table", "takes", "writes"),
    [
        ("delete from only app.orders o using x", "orders", True, False),
        ("delete from orders_old", "orders", False, False),
        ("truncate a, orders cascade", "orders", True, False),
        ('update "orders" set x = 1', "orders", False, True),
        ("do $$ begin update orders set x = 1; end $$", "orders", False, True),
        ("do $$ begin execute 'delete from ' || t; end $$", "orders", True, False),
        ("do $$ begin execute format('update %I set x = 1', t); end $$", "orders", False, True),
        ("insert into orders values (1) on conflict (id) do update set x = 2", "orders", False, True),
        ("insert into orders values (1) on conflict do nothing", "orders", False, False),
        ("merge into orders using x on true when matched then delete", "orders", False, True),
    ],
)
def test_what_the_text_says(text: str, table: str, takes: bool, writes: bool) -> None:
    said = [statement(text)]
    assert (takes_rows(said, table), writes_rows(said, table)) == (takes, writes)
