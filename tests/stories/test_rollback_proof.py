"""There, back, and there again: what a way back forgets."""

from __future__ import annotations

from pgassay.model import Report
from tests.stories.story import Files, Teller, Told

ABOUT = ("rollback",)

USERS = """\
create table users (id int generated always as identity primary key, name text, city text, active bool default true);
create index users_name on users (name);
create function greet(name text) returns text language sql stable set search_path = '' as $$ select 'Hello ' || name $$;
create policy own on users for select using (name = current_user);
alter table users enable row level security;
grant select, update on users to public;
"""
MERGED = {"0001_users.up.sql": USERS, "0001_users.down.sql": "drop function greet;\ndrop table users;\n"}


def change(story: Teller, up: str, down: str, more: Files | None = None) -> Told:
    proposed = {"0002_x.up.sql": up, "0002_x.down.sql": down, **(more or {})}
    return story(merged=MERGED, proposed=proposed, layout="plain", environment="postgres")


def unchecked(report: Report) -> list[str]:
    return [entry.what for entry in report.unchecked]


def test_what_nobody_looks_at(story: Teller) -> None:
    told = change(
        story,
        "drop policy own on users;\n"
        "create policy own on users for select using (active);\n"
        "alter table users disable row level security;\n"
        "alter table users alter active set default false;\n"
        "drop index users_name;\n"
        "create or replace function greet(name text) returns text language sql stable as $$ select 'Hi ' || name $$;\n"
        "revoke select, update on users from public;\n"
        "create sequence numbers;\n"
        "create type size as (width int);\n",
        "drop policy own on users;\n"
        "create policy own on users for select using (true);\n"
        "create index users_name on users (lower(name));\n"
        "create or replace function greet(name text) returns text\n"
        "  language sql stable as $$ select 'Hello ' || name $$;\n"
        "grant select on users to public;\n",
    )
    # The second time, what is left is in the way; that is the same finding.
    told.says("0002_x.down.sql:1 rollback_fails")
    assert told.only("rollback_fails").facts["left"] == ("sequence numbers", "type size")
    up = "alter table users alter active set default false, disable row level security;\n"
    told = change(
        story,
        up + "revoke update on users from public;\ndrop policy if exists own on users;\n",
        "grant update on users to public;\n",
    )
    finding = told.only("rollback_leaves_traces")
    assert finding.facts["gone"] == ("policy own on users",)
    assert finding.facts["changed"] == ("table users", "column users.active")


def test_what_cannot_or_need_not_be_undone(story: Teller) -> None:
    mood = {"0001_mood.up.sql": "create type mood as enum ('good');\n"}
    told = story(
        merged={**MERGED, **mood},
        proposed={
            "0002_a.up.sql": "alter type mood add value if not exists 'bad';\nalter table users add note text;\n",
            "0002_a.down.sql": "alter table users drop note;\n",
            "0003_b.up.sql": "drop index users_name;\n",
            "0003_b.down.sql": "do $$ begin raise exception 'there is no way back'; end $$;\n",
            "0004_c.up.sql": "alter table users drop column name cascade;\n",
            "0004_c.down.sql": "select 'nothing brings that back';\n",
        },
        layout="plain",
        environment="postgres",
    )
    told.says()
    assert "the way back" not in unchecked(told.report)


def test_a_layout_of_the_function_is_no_trace(story: Teller) -> None:
    change(
        story,
        "create or replace function greet(name text) returns text language sql stable as $$ select 'Hi ' || name $$;\n"
        "alter table users add note text, add column seen date;\n",
        "alter table users drop seen, drop note;\n"
        "create or replace function greet(name text) returns text language sql stable set search_path = ''\n"
        "as $$\n  -- politely\n  select 'Hello ' || name\n$$;\n",
    ).says()


def test_each_file_goes_back_to_what_it_came_upon(story: Teller) -> None:
    told = change(
        story,
        "alter table users add note text;\n",
        "alter table users drop note;\n",
        {
            "0003_y.up.sql": "create view notes as select note from users;\nalter table users drop column city;\n",
            "0003_y.down.sql": "drop view notes;\nalter table users add city text;\n",
        },
    )
    finding = told.only("rollback_loses_rows")
    assert told.place(finding) == "0003_y.down.sql:2"
    assert finding.facts["values"] == ("users.city",)
    assert len(told.report.findings) == 1


def test_rows_of_a_table_that_is_made_again(story: Teller) -> None:
    told = change(
        story,
        "drop table users;\n",
        "create table users (id int generated always as identity primary key, name text, city text,\n"
        "  active bool default true);\n"
        "create index users_name on users (name);\n"
        "alter table users enable row level security;\n"
        "create policy own on users for select using (name = current_user);\n"
        "grant select, update on users to public;\n",
    )
    assert told.only("rollback_loses_rows").facts["rows"] == ("users",)
    told.says("0002_x.down.sql:6 rollback_loses_rows")


def test_a_way_back_is_accepted_where_it_stands(story: Teller) -> None:
    why = "-- pgassay: allow rollback_leaves_traces because the index does no harm\n"
    told = change(story, "create index if not exists users_active on users (active);\n", why + "select 1 from users;\n")
    told.says()
    assert [each.rule for each in told.report.allowed] == ["rollback_leaves_traces"]
