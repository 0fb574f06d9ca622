"""What is renamed, made anew or taken away as it should be: the loss that is meant is told, and nothing else."""

from __future__ import annotations

import pytest

from tests.stories.story import Teller
from tests.stories.users import USERS


def test_a_renamed_column(story: Teller) -> None:
    story(merged=USERS, proposed={"20260101000000_name.sql": "alter table users rename name to full_name;"}).says(
        "20260101000000_name.sql:1 renamed_column"
    )


def test_a_renamed_table_and_its_old_name_as_a_view(story: Teller) -> None:
    change = """
alter table users rename to members;
create view users with (security_invoker = true) as select * from members;
"""
    story(merged=USERS, proposed={"20260101000000_members.sql": change}).says()


def test_a_view_made_anew(story: Teller) -> None:
    view = "create view names with (security_invoker = true) as select id, name from users;"
    wider = "create view names with (security_invoker = true) as select id, name, bio from users;"
    merged = {**USERS, "20250102000000_names.sql": view}
    story(merged=merged, proposed={"20260101000000_names.sql": f"drop view names;\n{wider}"}).says()
    story(merged=merged, proposed={"20260101000000_names.sql": f"drop view if exists names cascade;\n{wider}"}).says()
    story(
        merged=merged, proposed={"20260101000000_names.sql": f"do $$ begin drop view names cascade; end $$;\n{wider}"}
    ).says()


def test_a_policy_made_anew(story: Teller) -> None:
    policy = 'create policy "Own row" on users for select to authenticated using (email = auth.email());'
    change = f'drop policy if exists "Own row" on users;\n{policy}'
    merged = {**USERS, "20250102000000_policy.sql": policy}
    story(merged=merged, proposed={"20260101000000_policy.sql": change}).says()


def test_a_function_made_anew(story: Teller) -> None:
    function = (
        "create function greet(who text) returns text language sql set search_path = '' as $$ select 'hi ' || who $$;"
    )
    merged = {"20250101000000_greet.sql": function}
    for drop in ("drop function greet(text);", "drop function if exists greet cascade;"):
        story(merged=merged, proposed={"20260101000000_greet.sql": f"{drop}\n{function}"}).says()


def test_a_function_dropped_with_cascade_and_everything_on_it_made_again(story: Teller) -> None:
    function = (
        "create function mine(owner text) returns boolean language sql stable as $$ select owner = auth.email() $$;"
    )
    policy = "create policy own on users using (mine(email));"
    merged = {**USERS, "20250102000000_mine.sql": f"{function}\n{policy}"}
    change = f"drop function mine(text) cascade;\n{function}\n{policy}"
    story(merged=merged, proposed={"20260101000000_mine.sql": change}).says()


@pytest.mark.parametrize(
    ("drop", "loses"),
    [
        ("drop table drafts cascade;", ["dropped_table"]),
        ("drop table if exists nothing_there cascade;", []),
        ("drop table if exists drafts, nothing_there cascade;", ["dropped_table"]),
        ("alter table users drop column bio cascade;", ["dropped_column"]),
        ("alter table users drop column name cascade;", ["dropped_column"]),
        ("alter table users drop constraint users_email_key cascade;", []),
        ("drop index users_name_idx cascade;", []),
        ("drop schema app cascade;", []),
        ("drop type mood cascade;", []),
        ("set search_path = other; drop view shown cascade;", []),
        ("do $$ begin drop view if exists other.shown cascade; end $$;", []),
        ("do $$ begin execute 'drop table ' || 'drafts' || ' cascade'; end $$;", ["dropped_table"]),
    ],
)
def test_a_cascade_that_takes_nothing_along(story: Teller, drop: str, loses: list[str]) -> None:
    more = """
create table drafts (id bigint primary key, user_id bigint references users (id), body text check (body <> ''));
create index on drafts (user_id);
alter table drafts enable row level security;
create policy nobody on drafts using (false);
create schema app;
create schema other;
create view other.shown as select 1 as one;
create type mood as enum ('good');
"""
    merged = {**USERS, "20250102000000_more.sql": more}
    story(merged=merged, proposed={"20260101000000_drop.sql": drop}).says(
        *(f"20260101000000_drop.sql:1 {rule}" for rule in loses)
    )


def test_truncate(story: Teller) -> None:
    story(merged=USERS, proposed={"20260101000000_empty.sql": "truncate users restart identity;"}).says(
        "20260101000000_empty.sql:1 truncated_table"
    )
