"""Statements that Supabase allows and our server does not: a note in the report, never a finding."""

from __future__ import annotations

import pytest

from tests.stories.story import Teller, Told

TRIGGER = """
create function enable_rls() returns event_trigger language plpgsql as $$ begin null; end $$;
create event trigger ensure_rls on ddl_command_end when tag in ('CREATE TABLE') execute function enable_rls();
"""


def _notes(told: Told) -> list[str]:
    return [entry.what for entry in told.report.unchecked]


@pytest.mark.parametrize(
    ("change", "notes"),
    [
        (TRIGGER, ["event trigger ensure_rls"]),
        (TRIGGER + "drop event trigger ensure_rls;", ["event trigger ensure_rls"]),
        ("create publication everything for all tables;", ["publication everything for all tables"]),
        ("create publication p for tables in schema public;", ["publication p for tables in schema"]),
        ("create role copier replication login;", ["replication for role copier"]),
        ("alter role postgres set pgaudit.log = 'ddl';", ["alter role postgres set pgaudit.log"]),
        ("set session_replication_role = replica;", []),
        ("alter role authenticator set pgrst.db_schemas = 'public';", []),
        ("comment on extension pgcrypto is 'hashes';", []),
        ('drop extension if exists "uuid-ossp";', ["drop extension uuid-ossp"]),
        ("alter extension pgcrypto set schema public;", ["alter extension pgcrypto"]),
        ("select pg_reload_conf();", []),
    ],
)
def test_it_is_a_note_and_no_finding(story: Teller, change: str, notes: list[str]) -> None:
    told = story(proposed={"20260101000000_a.sql": change})
    told.says()
    assert _notes(told) == notes
    assert told.report.migrations.failed == 0


def test_a_merged_event_trigger_is_said_every_time(story: Teller) -> None:
    """What it does to new tables is missing in what was seen, so the reader has to know."""
    merged = {"20250101000000_a.sql": TRIGGER + "create publication everything for all tables;"}
    told = story(merged=merged, proposed={"20260101000000_b.sql": "select 1;"}).says()
    assert _notes(told) == ["event trigger ensure_rls"]
    change = "drop event trigger ensure_rls; drop publication everything;"
    story(merged=merged, proposed={"20260101000000_b.sql": change}).says()


def test_a_table_can_not_be_added_to_a_publication_of_all(story: Teller) -> None:
    merged = {"20250101000000_a.sql": "create publication everything for all tables;"}
    change = "create view v as select 1;\nalter publication everything add table auth.users;"
    told = story(merged=merged, proposed={"20260101000000_b.sql": change})
    assert told.only("does_not_apply").facts["error"] == 'publication "everything" is defined as FOR ALL TABLES'


def test_a_stand_in_that_is_dropped_can_be_created_again(story: Teller) -> None:
    change = """
create extension pg_net with schema extensions;
drop extension pg_net;
create extension pg_net with schema extensions;
comment on extension pg_net is 'requests';
alter extension pg_net update;
"""
    told = story(proposed={"20260101000000_a.sql": change}).says()
    assert _notes(told) == ["alter extension pg_net", "extension pg_net"]
    merged = {"20250101000000_a.sql": "create extension pg_net with schema extensions;"}
    change = "drop extension if exists pg_net cascade;\ncreate extension pg_net;"
    told = story(merged=merged, proposed={"20260101000000_b.sql": change}).says()
    assert _notes(told) == ["drop extension pg_net", "extension pg_net"]


def test_extensions_of_merged_files_are_one_note_and_an_unknown_one_another(story: Teller) -> None:
    merged = {"20250101000000_a.sql": "create extension pg_net;\ncreate extension http;\ncreate extension hologram;"}
    told = story(merged=merged, proposed={"20260101000000_b.sql": "create extension pg_cron;"}).says()
    assert [(entry.what, entry.why) for entry in told.report.unchecked] == [
        (
            "extensions http, pg_net",
            "the merged files ask for them; not on the throwaway server, stand-ins took their place",
        ),
        ("extension hologram", "not on the throwaway server and without a stand-in: what needs it fails"),
        ("extension pg_cron", "not on the throwaway server; its stand-in keeps jobs and never runs them"),
    ]


def test_an_extension_that_nobody_made_is_not_there(story: Teller) -> None:
    told = story(proposed={"20260101000000_a.sql": "drop extension pg_net;\ncomment on extension http is 'x';"})
    told.says("20260101000000_a.sql:1 never_created", "20260101000000_a.sql:2 never_created")


@pytest.mark.parametrize(
    "change",
    [
        "create extension hypopg;\nselect hypopg_reset();",
        "create foreign data wrapper stripe handler stripe_fdw_handler validator stripe_fdw_validator;\n"
        "create server stripe_server foreign data wrapper stripe;",
        "create function f() returns event_trigger language plpgsql as $$ begin end $$;\n"
        "do $$ begin create event trigger e on sql_drop execute function f(); end $$;",
        "do $$ begin create publication everything for all tables; end $$;",
        "do $$ begin alter extension pgcrypto set schema public; end $$;",
    ],
)
def test_what_cannot_be_judged_is_never_a_clean_report(story: Teller, change: str) -> None:
    told = story(proposed={"20260101000000_a.sql": change})
    told.says_at_least_that_it_found()
    assert told.report.incomplete
    (entry,) = (each for each in told.report.unchecked if each.essential and each.what.endswith("not judged"))
    assert "20260101000000_a.sql:" in entry.why
