"""Merged files that do not apply to an empty server, and changes that rest on what nobody creates."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pgassay.model import Strength, Unchecked
from tests.stories.story import USUAL, Teller, Told

CHANGE = "20260101000000_change.sql"


def table(name: str, columns: str = "id bigint primary key") -> str:
    return f"create table {name} ({columns});\nalter table {name} enable row level security;\n"


def the_note(told: Told) -> Unchecked:
    (note,) = (each for each in told.report.unchecked if "not judged" in each.what or "do not apply" in each.what)
    return note


def test_a_merged_file_that_fails_on_its_seed_keeps_its_tables(story: Teller) -> None:
    merged = {
        "20250101000000_users.sql": table("users")
        + table("teams", "id bigint primary key, owner bigint references users")
        + "insert into teams values (1, 42);\n"
        + table("plans"),
    }
    proposed = {CHANGE: "alter table teams add column name text;\nalter table plans add column name text;"}
    told = story(merged=merged, proposed=proposed).says_at_least_that_it_found()
    assert told.report.migrations.base_failed == 1
    assert told.report.migrations.applied == 1
    assert not told.report.incomplete
    assert the_note(told) == Unchecked(
        "1 of 1 merged files do not apply to an empty server",
        "first cause: supabase/migrations/20250101000000_users.sql:5: insert or update on table "
        '"teams" violates foreign key constraint "teams_owner_fkey"',
    )


def test_a_merged_file_is_not_run_twice_where_it_commits_midway(story: Teller) -> None:
    merged = {
        "20250101000000_users.sql": f"begin;\n{table('users')}commit;\n"
        f"begin;\n{table('teams')}insert into nope values (1);\ncommit;",
    }
    told = story(
        merged=merged, proposed={CHANGE: "alter table users add column name text;"}
    ).says_at_least_that_it_found()
    assert 'users.sql:8: relation "nope" does not exist (no file creates it)' in the_note(told).why
    assert told.report.migrations.base_failed == 1


def test_consequences_fold_to_the_first_cause(story: Teller) -> None:
    merged = {
        "20250101000000_teams.sql": table("teams", "id bigint primary key, family bigint references families"),
        "20250102000000_members.sql": table("members", "id bigint primary key, team bigint references teams"),
        "20250103000000_logins.sql": table("logins", "id bigint primary key, member bigint references members"),
        "20250104000000_users.sql": table("users"),
    }
    proposed = {
        CHANGE: "alter table users add column name text;",
        "20260102000000_more.sql": "alter table logins add column at timestamptz;\ncreate index on members (team);",
    }
    told = story(merged=merged, proposed=proposed).says_at_least_that_it_found()
    assert the_note(told) == Unchecked(
        "3 of 4 merged files do not apply to an empty server, so 2 proposed statements were not judged",
        'first cause: supabase/migrations/20250101000000_teams.sql:1: relation "families" does not exist '
        "(no file creates it)",
        the_note(told).next_step,
        essential=True,
    )
    assert told.report.incomplete


def test_a_chain_that_begins_in_the_merged_files_is_no_finding_at_its_end(story: Teller) -> None:
    merged = {"20250101000000_a.sql": "create table a (id bigint references nowhere);"}
    proposed = {
        CHANGE: table("b", "id bigint primary key, a bigint references a") + table("c", "b bigint references b")
    }
    told = story(merged=merged, proposed=proposed).says_at_least_that_it_found()
    assert "so 4 proposed statements were not judged" in the_note(told).what


def test_a_missing_object_is_told_once_with_its_count(story: Teller) -> None:
    proposed = {
        CHANGE: """
alter table enrollments add column score numeric;
create index on enrollments (score);
create policy own on enrollments using (true);
alter table lessons add column score numeric;
""",
        "20260102000000_more.sql": "alter table enrollments enable row level security;",
    }
    told = story(merged={"20250101000000_users.sql": table("users")}, proposed=proposed)
    told.says(f"{CHANGE}:2 never_created", f"{CHANGE}:5 never_created")
    facts = {finding.facts["missing"]: finding.facts["consequences"] for finding in told.report.findings}
    assert facts == {"enrollments": 3, "lessons": None}


def test_a_change_on_an_incomplete_base_is_not_blamed_for_what_nobody_creates(story: Teller) -> None:
    merged = {
        "20250101000000_a.sql": "alter table profiles add column name text;",
        "20250102000000_u.sql": table("users"),
    }
    proposed = {
        CHANGE: "alter table enrollments add column score numeric;\nalter table users add column name varchar(3);"
    }
    told = story(merged=merged, proposed=proposed).says_at_least_that_it_found()
    assert "so 1 proposed statement was not judged" in the_note(told).what
    assert told.report.incomplete


def test_an_incomplete_base_hides_no_fault_of_the_change(story: Teller) -> None:
    merged = {
        "20250101000000_a.sql": "alter table profiles add column name text;",
        "20250102000000_u.sql": table("users"),
    }
    proposed = {
        CHANGE: """
create table users (id bigint);
alter table users add constraint users_pkey primary key (id);
create table open (id bigint);
create table later (id bigint references made_later);
create table made_later (id bigint primary key);
alter table made_later enable row level security;
""",
    }
    told = story(merged=merged, proposed=proposed)
    told.says_at_least_that_it_found(
        f"{CHANGE}:2 does_not_apply",
        f"{CHANGE}:3 does_not_apply",
        f"{CHANGE}:4 missing_rls",
        f"{CHANGE}:5 forward_reference",
    )
    assert not told.report.incomplete


def test_created_too_late_names_the_file(story: Teller) -> None:
    proposed = {
        "20260101000000_members.sql": table("members", "id bigint primary key, team bigint references teams"),
        "20260102000000_teams.sql": table("teams"),
    }
    told = story(proposed=proposed).says("20260101000000_members.sql:1 forward_reference")
    finding = told.only("forward_reference")
    assert (finding.facts["needed"], finding.facts["later_file"]) == ("teams", "20260102000000_teams.sql")
    assert finding.facts["consequences"] == 1
    assert "the order that works is `20260102000000_teams.sql` and `20260101000000_members.sql`" in (
        finding.instead or ""
    )


def test_two_files_that_need_each_other_have_no_order(story: Teller) -> None:
    proposed = {
        "20260101000000_members.sql": table("members", "id bigint primary key, team bigint references teams"),
        "20260102000000_teams.sql": table("teams", "id bigint primary key, head bigint references members"),
    }
    finding = story(proposed=proposed).only("forward_reference")
    assert "order" not in (finding.instead or "")
    assert "to the end of `20260102000000_teams.sql`" in (finding.instead or "")


def test_a_name_that_is_nearly_right(story: Teller) -> None:
    merged = {"20250101000000_e.sql": table("enrollments")}
    told = story(merged=merged, proposed={CHANGE: "alter table course_enrollments add column score numeric;"})
    assert told.says(f"{CHANGE}:1 never_created").only("never_created").facts["nearest"] == "enrollments"


def test_created_too_late_in_the_same_file(story: Teller) -> None:
    change = "create policy own on notes using (true);\n" + table("notes")
    told = story(proposed={CHANGE: change}).says(f"{CHANGE}:1 forward_reference")
    assert told.only("forward_reference").facts["line_below"] == 2


@pytest.mark.parametrize(
    "away",
    ["drop table notes;", "alter table notes rename to papers;", "drop schema public cascade; create schema public;"],
)
def test_what_was_there_and_is_gone_was_created(story: Teller, away: str) -> None:
    """No word of "no file creates it" then."""
    merged = {"20250101000000_notes.sql": table("notes"), "20250102000000_away.sql": away}
    told = story(merged=merged, proposed={CHANGE: "alter table notes add column body text;"})
    told.says(f"{CHANGE}:1 does_not_apply")


def test_a_column_that_was_there_and_is_gone(story: Teller) -> None:
    merged = {
        "20250101000000_notes.sql": table("notes", "id bigint, body text") + "alter table notes drop column body;"
    }
    told = story(merged=merged, proposed={CHANGE: "alter table notes alter column body set not null;"})
    told.says(f"{CHANGE}:1 does_not_apply")


def test_a_table_of_a_transaction_that_could_not_commit(story: Teller) -> None:
    """Nothing of the file is there, so what needs it follows from the one refusal."""
    keys = table("keys", "id bigint primary key, parent bigint references keys deferrable initially deferred")
    proposed = {
        CHANGE: f"begin;\n{keys}insert into keys values (1, 2);\ncommit;",
        "20260102000000_more.sql": "alter table keys add column name text;",
    }
    told = story(proposed=proposed).says(f"{CHANGE}:5 fails_without_rows")
    assert told.report.migrations.failed == 2


def test_a_healthy_base_makes_a_missing_table_a_finding(story: Teller) -> None:
    told = story(
        merged={"20250101000000_users.sql": table("users")},
        proposed={CHANGE: "alter table enrollments add column score numeric;"},
    ).says(f"{CHANGE}:1 never_created")
    assert told.only("never_created").facts["missing"] == "enrollments"


def test_an_extension_that_nobody_knows(story: Teller) -> None:
    change = f"create extension hologram;\ncreate table holograms (id bigint, shape hologram);\n{table('users')}"
    told = story(proposed={CHANGE: change}).says_at_least_that_it_found()
    assert told.report.incomplete
    assert [entry.what for entry in told.report.unchecked if "hologram" in entry.what] == ["extension hologram"]
    assert "1 proposed statement was not judged" in the_note(told).what


def test_an_unknown_extension_of_the_merged_files(story: Teller) -> None:
    merged = {
        "20250101000000_shapes.sql": f"create extension hologram;\n{table('shapes', 'id bigint, shape hologram')}"
    }
    told = story(
        merged=merged, proposed={CHANGE: "alter table shapes add column name text;"}
    ).says_at_least_that_it_found()
    assert told.report.incomplete
    assert "so 1 proposed statement was not judged" in the_note(told).what


def test_migrations_that_are_no_sql_may_make_what_is_missing(story: Teller) -> None:
    merged = {"0001_users.sql": table("if not exists users"), "0002_teams.go": "package migrations"}
    proposed = {"0003_teams.sql": "alter table teams add column name text;\nalter table users add column name text;\n"}
    told = story(
        merged=merged, proposed=proposed, layout="plain", settings=replace(USUAL, rules={"idempotency": Strength.OFF})
    )
    told.says_at_least_that_it_found()
    assert "1 proposed statement was not judged" in the_note(told).what
    assert told.report.incomplete


def test_a_merged_setting_of_the_database(story: Teller) -> None:
    """`alter database postgres set ...` works in production, where the database has that name."""
    merged = {"20250101000000_settings.sql": "alter database postgres set work_mem = '8MB';\n" + table("users")}
    proposed = {CHANGE: "alter database postgres set timezone = 'UTC';\nalter table users add column name text;"}
    story(merged=merged, proposed=proposed).says()


def test_a_merged_file_that_cannot_be_parsed(story: Teller) -> None:
    merged = {"20250101000000_users.sql": f"{table('users')}creat table teams ();\n{table('plans')}"}
    told = story(
        merged=merged, proposed={CHANGE: "alter table plans add column name text;"}
    ).says_at_least_that_it_found()
    assert "users.sql:3: syntax error" in the_note(told).why
    assert not told.report.incomplete


def test_a_table_that_came_late_is_no_excuse_for_its_columns(story: Teller) -> None:
    """A merged file needs the table before another makes it; what the change says later is its own fault."""
    merged = {
        "20250101000000_keys.sql": "create table keys (user_id bigint references users);",
        "20250102000000_users.sql": table("users"),
    }
    told = story(merged=merged, proposed={CHANGE: "alter table users alter column nope set not null;"})
    told.says_at_least_that_it_found(f"{CHANGE}:1 never_created")
    assert not told.report.incomplete


def test_a_folder_that_alters_what_another_tool_makes(story: Teller) -> None:
    proposed = {
        "20260101000000_a.sql": "alter table users add column a int;\nalter table users add column b int;",
        "20260102000000_b.sql": table("badges") + "create index on teams (id);\nalter type plan add value 'team';",
        "20260103000000_c.sql": "update invoices set paid = true where paid is null;\nselect forgotten();",
    }
    told = story(proposed=proposed).says_at_least_that_it_found()
    assert the_note(told) == Unchecked(
        "6 proposed statements were not judged",
        "they need tables and types that no migration creates: users, teams, plan and 1 more",
        'pg_dump --schema-only > baseline.sql, then baseline = "baseline.sql" in pgassay.toml',
        essential=True,
    )
    assert told.report.incomplete


def test_two_names_that_nobody_creates_are_two_errors(story: Teller) -> None:
    change = "alter table users add column a int;\nalter table teams add column a int;"
    told = story(proposed={CHANGE: change})
    assert told.findings == [f"{CHANGE}:1 never_created", f"{CHANGE}:2 never_created"]


def test_names_that_nobody_creates_beside_merged_files_that_apply(story: Teller) -> None:
    change = "".join(f"alter table {name} add column size int;\n" for name in ("teams", "plans", "badges"))
    told = story(merged={"20250101000000_users.sql": table("users")}, proposed={CHANGE: change})
    assert [finding.rule for finding in told.report.findings] == ["never_created"] * 3


def test_a_file_without_a_number_may_run_before(story: Teller) -> None:
    proposed = {"001_index.sql": "create index on groups (id);", "groups.sql": table("groups")}
    told = story(proposed=proposed, layout="plain")
    assert {finding.rule for finding in told.report.findings} == {"unguarded_create"}
    assert the_note(told).why == (
        "migrations/groups.sql creates what it takes, and has no number that says when it is run: "
        'migrations/001_index.sql:1: relation "groups" does not exist'
    )
    numbered = {"001_index.sql": proposed["001_index.sql"], "002_groups.sql": proposed["groups.sql"]}
    assert story(proposed=numbered, layout="plain").only("forward_reference")


def test_what_lies_in_a_schema_that_nobody_looks_in_is_not_missing(story: Teller) -> None:
    change = """create function token() returns text language sql set search_path = public
  as $$ select encode(gen_random_bytes(16), 'hex') $$;
"""
    told = story(proposed={CHANGE: change})
    assert told.findings == [f"{CHANGE}:2 does_not_apply"]


def test_an_extension_that_a_do_block_creates(story: Teller) -> None:
    """Nothing takes its place there, so that nothing that needs it is held against anybody."""
    change = """do $$ begin create extension if not exists no_such_extension; exception when others then null; end $$;
create function f(a no_such_type) returns int language sql as 'select 1';
"""
    told = story(proposed={CHANGE: change}).says_at_least_that_it_found()
    assert "extension no_such_extension" in [each.what for each in told.report.unchecked]
    assert told.report.incomplete
