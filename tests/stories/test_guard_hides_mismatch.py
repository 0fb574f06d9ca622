"""`create table if not exists` that met another table, in the words of the page."""

from __future__ import annotations

from tests.stories.story import Teller

CHANGE = "20260101000000_change.sql"
QUESTIONS = {
    "20250101000000_questions.sql": """
create table questions (id bigint primary key, body text, score integer);
alter table questions enable row level security;
"""
}


def test_a_column_that_never_came(story: Teller) -> None:
    change = """
-- for the quiz
create table if not exists questions (
  id bigint primary key,
  body text,
  is_anonymous boolean not null default false
);
"""
    told = story(merged=QUESTIONS, proposed={CHANGE: change}).says(f"{CHANGE}:3 guard_hides_mismatch")
    finding = told.only("guard_hides_mismatch")
    assert finding.message == (
        "`questions` exists already, so this `create table if not exists` did nothing. "
        "The table that is there has no `is_anonymous boolean`."
    )
    assert finding.instead == "`alter table questions add column if not exists is_anonymous boolean;`"


def test_a_type_that_differs(story: Teller) -> None:
    change = "create table if not exists questions (id uuid primary key, score integer);"
    told = story(merged=QUESTIONS, proposed={CHANGE: change}).says(f"{CHANGE}:1 guard_hides_mismatch")
    finding = told.only("guard_hides_mismatch")
    assert finding.message.endswith("Types differ: `id is bigint, declared uuid`.")
    assert finding.instead is None


def test_a_reference_to_itself(story: Teller) -> None:
    merged = {"20250101000000_tags.sql": "create table tags (id bigint);\nalter table tags enable row level security;"}
    change = "create table if not exists tags (id bigint primary key, parent bigint references tags (id));"
    story(merged=merged, proposed={CHANGE: change}).says(f"{CHANGE}:1 guard_hides_mismatch")


def test_what_follows_the_guard_fails_and_both_are_told(story: Teller) -> None:
    change = """
create table if not exists questions (id bigint primary key, owner_id uuid);
create policy own on questions using (owner_id = auth.uid());
"""
    told = story(merged=QUESTIONS, proposed={CHANGE: change})
    told.says(f"{CHANGE}:2 guard_hides_mismatch", f"{CHANGE}:3 does_not_apply")


def test_the_same_table_twice_in_one_change(story: Teller) -> None:
    proposed = {
        CHANGE: "create table if not exists tags (id bigint primary key);\nalter table tags enable row level security;",
        "20260102000000_again.sql": "\ncreate table if not exists tags (id bigint primary key, name text);",
    }
    story(proposed=proposed).says("20260102000000_again.sql:2 guard_hides_mismatch")


def test_another_schema_and_quoted_names(story: Teller) -> None:
    merged = {"20250101000000_app.sql": 'create schema app;\ncreate table app."Order" ("Id" bigint, id bigint);'}
    change = """
set search_path = app, public;
create table if not exists "Order" (id bigint, "ID" bigint);
create table if not exists invoices (id bigint);
"""
    told = story(merged=merged, proposed={CHANGE: change}).says(f"{CHANGE}:3 guard_hides_mismatch")
    assert told.only("guard_hides_mismatch").facts["table"] == "app.Order"


def test_a_table_of_the_same_name_elsewhere_on_the_search_path(story: Teller) -> None:
    change = """
create schema app;
set search_path = app, public;
create table if not exists questions (other text);
"""
    story(merged=QUESTIONS, proposed={CHANGE: change}).says()


def test_a_partition_and_its_parent(story: Teller) -> None:
    merged = {
        "20250101000000_events.sql": """
create table events (id bigint, at date) partition by range (at);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
alter table events enable row level security;
alter table events_2025 enable row level security;
"""
    }
    change = """
create table if not exists events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
create table if not exists events (id bigint, at date, kind text) partition by range (at);
"""
    told = story(merged=merged, proposed={CHANGE: change}).says(f"{CHANGE}:3 guard_hides_mismatch")
    assert told.only("guard_hides_mismatch").facts["missing"] == ("kind text",)


def test_a_copy_of_another_table(story: Teller) -> None:
    change = "create table if not exists questions (like answers including all, constraint questions_pkey unique (id));"
    answers = "create table answers (id bigint, weight int);\nalter table answers enable row level security;"
    told = story(merged={**QUESTIONS, "20250102000000_answers.sql": answers}, proposed={CHANGE: change})
    told.says(f"{CHANGE}:1 guard_hides_mismatch")
    assert told.only("guard_hides_mismatch").facts["missing"] == ("weight integer",)
