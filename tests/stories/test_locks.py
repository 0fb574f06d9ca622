"""What a change makes others wait for: tables written anew, indexes built under a lock."""

from __future__ import annotations

from tests.stories.story import Teller

ABOUT = ("table_rewrite", "blocking_index_build", "concurrent_build_in_transaction")

CHANGE = "20260101000000_change.sql"
VISITS = {
    "20250101000000_visits.sql": """
create table visits (id bigint primary key, minutes integer, note text, at timestamp);
create index visits_note_idx on visits (note);
alter table visits enable row level security;
create table plans (id bigint primary key);
alter table plans enable row level security;
"""
}


def test_tables_written_anew(story: Teller) -> None:
    change = """alter table visits alter column minutes type bigint;
alter table visits alter column note type varchar(10);
alter table visits add column token uuid default gen_random_uuid();
alter table visits add column number bigserial;
alter table visits add column hours bigint generated always as (minutes / 60) stored;
alter table visits add column again bigint generated always as identity;
alter table visits alter column at type date;
alter table visits set unlogged;
"""
    told = story(merged=VISITS, proposed={CHANGE: change})
    told.says(*(f"{CHANGE}:{line} table_rewrite" for line in range(1, 9)))


def test_the_command_that_did_it(story: Teller) -> None:
    told = story(merged=VISITS, proposed={CHANGE: "alter table visits\n  alter column minutes type bigint;"})
    told.says(f"{CHANGE}:2 table_rewrite")
    told = story(
        merged=VISITS, proposed={CHANGE: "alter table visits\n  add column x int,\n  alter minutes type bigint;"}
    )
    told.says(f"{CHANGE}:1 table_rewrite")


def test_the_server_decides_and_not_the_text(story: Teller) -> None:
    """From `timestamp` to `timestamptz` nothing is written when the session is in UTC."""
    change = "alter table visits alter column at type timestamptz;"
    story(merged=VISITS, proposed={CHANGE: change}).says()
    elsewhere = f"set timezone = 'Europe/Berlin';\n{change}"
    story(merged=VISITS, proposed={CHANGE: elsewhere}).says(f"{CHANGE}:2 table_rewrite")


def test_a_rewrite_inside_a_do_block(story: Teller) -> None:
    change = """
do $$
begin
  execute format('alter table %I alter column minutes type bigint', 'visits');
end $$;
"""
    story(merged=VISITS, proposed={CHANGE: change}).says(f"{CHANGE}:2 table_rewrite")


def test_every_rewrite_is_told_and_no_statement_after_it(story: Teller) -> None:
    change = """
alter table visits alter column minutes type bigint;
alter table visits add column a int;
alter table visits alter column minutes type numeric;
comment on table visits is 'x';
"""
    proposed = {CHANGE: change, "20260102000000_more.sql": "alter table visits add column b int;"}
    story(merged=VISITS, proposed=proposed).says(f"{CHANGE}:2 table_rewrite", f"{CHANGE}:4 table_rewrite")


def test_partitions_are_written_one_by_one(story: Teller) -> None:
    merged = {
        "20250101000000_events.sql": """
create table events (id bigint, kind integer) partition by list (id);
create table events_1 partition of events for values in (1);
create table events_rest partition of events default;
alter table events enable row level security;
alter table events_1 enable row level security;
alter table events_rest enable row level security;
"""
    }
    told = story(merged=merged, proposed={CHANGE: "alter table events alter column kind type bigint;"})
    told.says(*[f"{CHANGE}:1 table_rewrite"] * 2)
    assert {finding.facts["table"] for finding in told.report.findings} == {"events_1", "events_rest"}


def test_indexes_built_under_a_lock(story: Teller) -> None:
    change = """create index on visits (minutes);
create unique index visits_key on visits (minutes, at);
alter table visits add constraint once unique (minutes);
alter table visits add column code text unique;
do $$ begin create index on visits (minutes); end $$;
alter table visits alter column note type text collate "C";
"""
    told = story(merged=VISITS, proposed={CHANGE: change})
    told.says(*(f"{CHANGE}:{line} blocking_index_build" for line in range(1, 7)))


def test_the_index_of_a_table_that_is_written_anew_is_no_second_finding(story: Teller) -> None:
    change = 'alter table visits alter column note type text collate "C", alter column minutes type bigint;'
    story(merged=VISITS, proposed={CHANGE: change}).says(f"{CHANGE}:1 table_rewrite")


def test_concurrently_in_a_transaction_is_refused(story: Teller) -> None:
    change = "begin;\ncreate index concurrently on visits (minutes);\ncommit;"
    story(merged=VISITS, proposed={CHANGE: change}).says(f"{CHANGE}:2 concurrent_build_in_transaction")


def test_concurrently_under_a_runner_with_one_transaction_per_file(story: Teller) -> None:
    table = "create table if not exists visits (id bigint);"
    build = "-- +goose Up\ncreate index concurrently if not exists visits_id on visits (id);\n"
    told = story(merged={"0001_visits.sql": table}, proposed={"0002_index.sql": build}, layout="plain")
    told.says("0002_index.sql:2 concurrent_build_in_transaction")
    outside = f"-- +goose no transaction\n{build}"
    told = story(merged={"0001_visits.sql": table}, proposed={"0002_index.sql": outside}, layout="plain")
    told.says()
