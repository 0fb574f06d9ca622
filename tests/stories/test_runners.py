"""A file is run as its runner would run it, and a statement that works there is no finding here."""

from __future__ import annotations

from tests.stories.story import Teller

ENUM = "create type status as enum ('a');\nalter type status add value 'b';\n"


def test_an_enum_grows_and_is_used_in_the_transaction_that_made_it(story: Teller) -> None:
    text = ENUM + "create table events (s status default 'b');\nalter table events enable row level security;\n"
    story(proposed={"20260101000000_a.sql": text}).says()


def test_a_value_of_an_older_enum_cannot_be_used_in_its_transaction(story: Teller) -> None:
    merged = {"20250101000000_a.sql": "create type status as enum ('a');"}
    text = "alter type status add value 'b';\ncreate table events (s status default 'b');\n"
    told = story(
        merged=merged, proposed={"20260101000000_a.sql": text + "alter table events enable row level security;\n"}
    )
    told.says_at_least_that_it_found("20260101000000_a.sql:2 enum_value_used_in_same_transaction")


def test_by_hand_each_statement_is_its_own_transaction(story: Teller) -> None:
    merged = {"0001_a.sql": "create type status as enum ('a');"}
    text = "alter type status add value if not exists 'b';\ncreate table if not exists events (s status default 'b');\n"
    story(merged=merged, proposed={"0002_b.sql": text}, layout="plain", environment="postgres").says()


def test_drizzle_marks_only_files_of_several_statements_and_runs_all_of_them_once(story: Teller) -> None:
    merged = {"0000_a.sql": "create table t (id int primary key);--> statement-breakpoint\ncreate table u (id int);"}
    told = story(
        merged=merged,
        proposed={"0001_b.sql": "create table v (id bigint primary key);"},
        layout="plain",
        environment="postgres",
    )
    told.says()


def test_golang_migrate_sends_one_message_so_a_lone_statement_has_no_transaction(story: Teller) -> None:
    merged = {"000001_users.up.sql": "create table users (id int primary key, name text);"}
    alone = "create index concurrently users_name_idx on users (name);"
    story(merged=merged, proposed={"000002_i.up.sql": alone}, layout="plain", environment="postgres").says()
    two = story(
        merged=merged, proposed={"000002_i.up.sql": alone + "\nselect 1;"}, layout="plain", environment="postgres"
    )
    two.says("000002_i.up.sql:1 concurrent_build_in_transaction")


def test_flyway_counts_in_its_own_way_and_runs_each_file_once(story: Teller) -> None:
    merged = {f"V1_{n}__step.sql": f"create table t{n} (id int);" for n in range(10, 16)}
    story(
        merged=merged, proposed={"V2__two.sql": "create table u (id int);"}, layout="plain", environment="postgres"
    ).says()
