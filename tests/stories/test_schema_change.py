"""The schema change of a report: what the user made, and nothing that took the place of an extension."""

from __future__ import annotations

import pytest

from tests.stories.story import Teller

STAND_INS = ["http", "moddatetime", "pg_cron", "pg_graphql", "pg_jsonschema", "pg_net", "pgjwt", "pgmq", "citext"]


@pytest.mark.parametrize("name", STAND_INS)
def test_an_extension_is_no_change_of_the_schema(story: Teller, name: str) -> None:
    told = story(proposed={"20260101000000_a.sql": f"create extension if not exists {name};"})
    assert [(each.action, each.kind, each.name) for each in told.report.schema_change] == []


def test_what_is_made_with_a_stand_in_is_the_users(story: Teller) -> None:
    change = """
create schema jobs;
create extension pg_cron;
create extension pgmq;
select pgmq.create('mails');
select cron.schedule('clean', '0 3 * * *', 'delete from notes');
create function cron_note() returns int language sql return 1;
create table notes (id bigint primary key);
alter table notes enable row level security;
"""
    told = story(proposed={"20260101000000_a.sql": change})
    added = {(each.kind, each.name) for each in told.report.schema_change if each.action == "added"}
    assert added == {
        ("schema", "jobs"),
        ("function", "cron_note()"),
        ("table", "notes"),
        ("table", "pgmq.q_mails"),
        ("table", "pgmq.a_mails"),
    }


def test_a_schema_that_was_there_stays_the_users(story: Teller) -> None:
    merged = {"20250101000000_a.sql": "create schema hooks;"}
    change = "create extension http with schema hooks;\ncreate function hooks.mine() returns int language sql return 1;"
    told = story(merged=merged, proposed={"20260101000000_b.sql": change})
    assert [(each.kind, each.name) for each in told.report.schema_change] == [("function", "hooks.mine()")]
