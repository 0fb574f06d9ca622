"""Columns, indexes and enums that a guard passed over although they are of another shape."""

from __future__ import annotations

import pytest

from pgassay.model import Finding
from pgassay.replay.bench import Bench
from tests.stories.story import Teller

MERGED = {
    "20250101000000_base.sql": """
create schema app;
create type app.state as enum ('open', 'closed');
create table t (id serial primary key, a varchar(20), b numeric(10, 2), c text[], s app.state, d interval(3));
create index t_a on t (a);
create unique index t_b on t (b desc) where a is not null;
create table app.u (a varchar(20));
alter table t enable row level security;
"""
}
DO = "do $$ begin {} exception when duplicate_object then null; end $$;"


def _told(bench: Bench, change: str) -> list[Finding]:
    report = Teller(bench)(merged=MERGED, proposed={"20260101000000_change.sql": change}).report
    return [finding for finding in report.findings if finding.rule == "declared_object_missing"]


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ("alter table t add column if not exists a text;", "t.a"),
        ("alter table t add column if not exists b numeric(12, 2), add column if not exists c text[];", "t.b"),
        ("alter table t add column if not exists id bigserial;", "t.id"),
        ("create index if not exists t_a on t (a, b);", "t_a"),
        ("create unique index if not exists t_a on t (a);", "t_a"),
        ("create index if not exists t_a on t using hash (a);", "t_a"),
        (DO.format("create type app.state as enum ('open', 'it''s');"), "app.state"),
    ],
)
def test_another_shape(bench: Bench, change: str, subject: str) -> None:
    (finding,) = _told(bench, change)
    assert finding.subject == subject


@pytest.mark.parametrize(
    "change",
    [
        "alter table t add column if not exists a varchar(20), add column if not exists b decimal(10,2);",
        "alter table t add column if not exists c text array, add column if not exists d interval(3);",
        "alter table t add column if not exists id serial;",
        "alter table t add column if not exists fresh text;",
        "alter table t add column if not exists a text; alter table t alter column a type text;",
        "alter table t add column if not exists a text; alter table t drop column a;",
        "alter table if exists missing add column if not exists a text;",
        "create index if not exists t_a on public.t (a asc);",
        "create index if not exists t_a on app.u (a);",
        "create unique index if not exists t_b on t using btree (b desc) where (a is not null);",
        "create index if not exists t_a on t (b); drop index t_a; create index t_a on t (b);",
        DO.format("create type app.state as enum ('closed', 'open');"),
        DO.format("-- create type app.state as enum ('other');"),
        DO.format("create type app.other as enum ('a');"),
        DO.format("create type app.state as enum ('new');") + "alter type app.state add value 'new';",
    ],
)
def test_the_same_shape_or_mended(bench: Bench, change: str) -> None:
    assert _told(bench, change) == []
