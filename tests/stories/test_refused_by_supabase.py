"""Statements that our server lets through and Supabase does not, and the other way round."""

from __future__ import annotations

from tests.stories.story import Teller

RLS = "alter table storage.objects enable row level security;\n"
FUNCTION = "create function auth.tenant() returns text language sql stable return 'x';\n"


def test_only_what_is_proposed_and_only_on_supabase(story: Teller) -> None:
    """What is merged went through once, before the schemas were closed, and may be used and changed."""
    merged = {"20240101000000_a.sql": RLS + FUNCTION}
    change = "alter function auth.tenant() security definer;\ncreate table auth.tenants (id int);\n" + RLS
    told = story(merged=merged, proposed={"20260101000000_b.sql": change})
    told.says("20260101000000_b.sql:2 refused_by_supabase", "20260101000000_b.sql:3 refused_by_supabase")
    assert told.report.migrations.applied == 1


def test_a_plain_server_may_have_a_schema_of_that_name(story: Teller) -> None:
    change = (
        "create schema if not exists auth;\ncreate table if not exists auth.users (id int primary key, name text);\n"
    )
    more = "create index if not exists users_name_idx on auth.users (name);\n"
    story(proposed={"0001_users.sql": change + more}, layout="plain", environment="postgres").says()


def test_the_suggestion_keeps_the_lines_around_it(story: Teller) -> None:
    told = story(proposed={"20260101000000_a.sql": f"select 1;\n  {RLS}select 2;\n"})
    edit = told.only("refused_by_supabase").edit
    assert edit
    assert (edit.location.start_line, edit.location.end_line) == (2, 2)
    assert edit.replacement == "-- Row level security is on for storage.objects already."
    told = story(proposed={"20260101000000_a.sql": f"select 1; {RLS}"})
    assert told.only("refused_by_supabase").edit is None


def test_an_allow_comment_speaks_for_it(story: Teller) -> None:
    allowed = "-- pgassay: allow refused_by_supabase because support switched it on for us\n"
    told = story(proposed={"20260101000000_a.sql": allowed + RLS})
    told.says()
    assert [entry.rule for entry in told.report.allowed] == ["refused_by_supabase"]


def test_a_merged_delete_of_files_went_through_once(story: Teller) -> None:
    delete = (
        "delete from storage.buckets where id = 'old';\ninsert into storage.buckets (id, name) values ('a', 'a');\n"
    )
    story(merged={"20240101000000_a.sql": delete}, proposed={"20260101000000_b.sql": "select 1;"}).says()
    told = story(proposed={"20260101000000_b.sql": delete})
    told.says("20260101000000_b.sql:1 does_not_apply")
    assert told.only("does_not_apply").instead == ("`This prevents accidental data loss from orphaned objects.`")
