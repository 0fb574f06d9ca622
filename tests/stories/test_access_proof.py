"""Who may do what: two users with rows of their own try it out before and after the change."""

from __future__ import annotations

from pgassay.model import Reach, RelationAccess
from pgassay.render.access import differences
from tests.stories.story import Teller, Told

PEOPLE = """\
create table people (
  id uuid primary key default gen_random_uuid(),
  auth_user_id uuid not null unique references auth.users (id),
  name text not null check (length(name) between 2 and 80)
);
alter table people enable row level security;
create policy people_own on people for select to authenticated using (auth_user_id = (select auth.uid()));
create table sessions (
  id bigint generated always as identity primary key,
  provider_id uuid not null references people (id),
  state text not null check (state in ('open', 'billed')),
  started_at timestamptz not null,
  ended_at timestamptz not null,
  check (ended_at > started_at)
);
create index on sessions (provider_id);
alter table sessions enable row level security;
"""
NOTES = """\
create table notes (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id),
  body text
);
create index on notes (user_id);
alter table notes enable row level security;
create policy notes_own on notes for select to authenticated using (user_id = (select auth.uid()));
"""


def relation(told: Told, name: str) -> RelationAccess:
    return next(each for each in told.report.access if each.name == name)


def reach(told: Told, name: str, role: str, action: str = "select") -> tuple[Reach | None, Reach]:
    cell = relation(told, name).cell(role, action)
    assert cell
    return cell.before, cell.after


def test_a_policy_that_compares_the_applications_own_id(story: Teller) -> None:
    """The mistake of the time tracking plan: foreign keys hold people.id, auth.uid() is auth.users.id."""
    told = story(
        merged={"20260101000000_people.sql": PEOPLE},
        proposed={
            "20260201000000_sessions.sql": "create policy own on sessions for select to authenticated\n"
            "  using (provider_id = auth.uid());\n"
        },
    )
    finding = told.only("owner_locked_out")
    assert told.place(finding) == "20260201000000_sessions.sql:1"
    assert reach(told, "sessions", "authenticated") == (Reach.NO_POLICY, Reach.NO_ROWS)


def test_the_same_through_the_table_of_people(story: Teller) -> None:
    told = story(
        merged={"20260101000000_people.sql": PEOPLE},
        proposed={
            "20260201000000_sessions.sql": "create policy own on sessions for select to authenticated using (\n"
            "  provider_id in (select id from people where auth_user_id = (select auth.uid())));\n"
        },
    )
    told.says()
    assert reach(told, "sessions", "authenticated") == (Reach.NO_POLICY, Reach.OWN_ROWS)


def test_people_whose_key_is_the_login_without_a_foreign_key(story: Teller) -> None:
    """`profiles.id` is the id of auth.users by convention alone; a policy that takes it for that is right."""
    told = story(
        merged={
            "20260101000000_profiles.sql": "create table profiles (id uuid primary key, name text);\n"
            "alter table profiles enable row level security;\n"
            "create policy own on profiles for select to authenticated using (id = (select auth.uid()));\n"
            "create table tasks (id bigint primary key, profile_id uuid not null references profiles (id));\n"
            "create index on tasks (profile_id);\n"
            "alter table tasks enable row level security;\n"
        },
        proposed={
            "20260201000000_tasks.sql": "create policy own on tasks for select to authenticated\n"
            "  using (profile_id = (select auth.uid()));\n"
        },
    )
    told.says()
    assert reach(told, "tasks", "authenticated") == (Reach.NO_POLICY, Reach.OWN_ROWS)


def test_a_policy_meant_for_the_service_role(story: Teller) -> None:
    told = story(
        merged={"20260101000000_notes.sql": NOTES},
        proposed={"20260201000000_service.sql": 'create policy "service role" on notes for all using (true);\n'},
    )
    assert {"readable_by_anyone", "always_true_policy"} <= {finding.rule for finding in told.report.findings}
    assert told.only("readable_by_anyone").facts["policies"] == ("service role",)
    assert reach(told, "notes", "anon") == (Reach.NO_POLICY, Reach.ALL_ROWS)
    assert reach(told, "notes", "anon", "delete") == (Reach.NO_POLICY, Reach.ALL_ROWS)
    assert reach(told, "notes", "authenticated") == (Reach.OWN_ROWS, Reach.ALL_ROWS)


def test_whoever_has_a_role_may_see_more(story: Teller) -> None:
    """Everybody has a row in every table that was filled, also in that of the administrators."""
    told = story(
        merged={
            "20260101000000_notes.sql": NOTES,
            "20260102000000_admins.sql": "create table admins (user_id uuid primary key references auth.users (id));\n"
            "alter table admins enable row level security;\n"
            "create policy own on admins for select to authenticated using (user_id = (select auth.uid()));\n",
        },
        proposed={
            "20260201000000_admins.sql": "create policy admins on notes for delete to authenticated using (\n"
            "  exists (select from admins where user_id = (select auth.uid())));\n"
        },
    )
    told.says()
    assert reach(told, "notes", "authenticated", "delete") == (Reach.NO_POLICY, Reach.OWN_ROWS)


def test_what_was_so_before_is_not_the_authors(story: Teller) -> None:
    told = story(
        merged={"20260101000000_notes.sql": NOTES + "create policy everybody on notes for all using (true);\n"},
        proposed={"20260201000000_more.sql": "alter table notes add column colour text;\n"},
    )
    told.says()
    assert reach(told, "notes", "anon") == (Reach.ALL_ROWS, Reach.ALL_ROWS)


def test_only_what_the_change_touches_is_tried(story: Teller) -> None:
    told = story(
        merged={"20260101000000_notes.sql": NOTES, "20260102000000_people.sql": PEOPLE},
        proposed={"20260201000000_index.sql": "create policy notes_new on notes for insert to authenticated\n"
                  "  with check (user_id = (select auth.uid()));\n"},
    )  # fmt: skip
    assert [each.name for each in told.report.access] == ["notes"]


def test_a_function_that_policies_call_touches_their_tables(story: Teller) -> None:
    lookup = (
        "create {}function mine(uuid) returns boolean language sql stable set search_path = ''\n"
        "  as 'select $1 = (select auth.uid()) {}';\n"
    )
    told = story(
        merged={
            "20260101000000_notes.sql": NOTES,
            "20260102000000_mine.sql": lookup.format("", "") + "drop policy notes_own on notes;\n"
            "create policy notes_own on notes for select to authenticated using (mine(user_id));\n",
        },
        proposed={"20260201000000_mine.sql": lookup.format("or replace ", "or true")},
    )
    assert reach(told, "notes", "authenticated") == (Reach.OWN_ROWS, Reach.ALL_ROWS)


def test_rows_that_cannot_be_made_are_told(story: Teller) -> None:
    told = story(
        proposed={
            "20260201000000_odd.sql": "create table odd (id bigint primary key, code text not null\n"
            "  check (md5(code) = 'cannot be found'));\n"
            "alter table odd enable row level security;\n"
            "create policy everybody on odd for select to authenticated using (id > 0);\n"
        },
    )
    (entry,) = (each for each in told.report.unchecked if "odd" in each.what)
    assert entry.what == "who reaches the rows of `odd`"
    assert "odd_code_check" in entry.why
    assert reach(told, "odd", "authenticated") == (None, Reach.UNDECIDED)


def test_what_is_not_decided_any_more_is_no_difference(story: Teller) -> None:
    """A right on some columns alone does not show which row is which."""
    told = story(
        merged={
            "20260101000000_people.sql": "create table people (id bigint primary key, name text, email text);\n"
            "alter table people enable row level security;\n"
            "create policy everybody on people for select to anon, authenticated using (true);"
        },
        proposed={
            "20260201000000_email.sql": "revoke select on people from anon, authenticated;\n"
            "grant select (id, name) on people to anon, authenticated;"
        },
    )
    assert reach(told, "people", "anon") == (Reach.ALL_ROWS, Reach.UNDECIDED)
    assert not differences(told.report.access)
    (entry,) = (each for each in told.report.unchecked if "people" in each.what)
    assert entry.what == "who reaches the rows of `people` now"


def test_a_plain_server_has_no_users_to_try(story: Teller) -> None:
    told = story(
        environment="postgres", layout="plain", proposed={"0001_x.sql": "create table x (id bigint primary key);\n"}
    )
    assert told.report.access == ()


def test_what_is_opened_in_so_many_words_is_shown_and_no_finding(story: Teller) -> None:
    """A policy for a role that had no way in: the summary has it, and nobody is warned of what he has just written."""
    told = story(
        merged={
            "20260101000000_notes.sql": "create table notes (id bigint primary key, state text default 'new');\n"
            "alter table notes enable row level security;\n"
        },
        proposed={
            "20260201000000_public.sql": "create policy shared on notes for select to anon using (state <> 'gone');\n"
        },
    )
    told.says()
    assert reach(told, "notes", "anon") == (Reach.NO_POLICY, Reach.ALL_ROWS)


def test_a_view_that_is_written_through_its_owner(story: Teller) -> None:
    told = story(
        merged={"20260101000000_notes.sql": NOTES},
        proposed={"20260201000000_view.sql": "create view all_notes as select id, user_id, body from notes;\n"},
    )
    assert reach(told, "all_notes", "anon", "delete") == (None, Reach.ALL_ROWS)
    assert reach(told, "all_notes", "authenticated", "update") == (None, Reach.ALL_ROWS)
    told = story(
        merged={"20260101000000_notes.sql": NOTES},
        proposed={"20260201000000_view.sql": "create view all_notes with (security_invoker) as select * from notes;\n"},
    )
    assert reach(told, "all_notes", "anon", "delete") == (None, Reach.NO_ROWS)
    assert reach(told, "all_notes", "authenticated", "select") == (None, Reach.OWN_ROWS)


def test_a_membership_that_opens_a_table(story: Teller) -> None:
    """Roles belong to the server: the database before the change is asked with those that it had."""
    told = story(
        merged={
            "20260101000000_notes.sql": "create role readers;\n"
            + NOTES
            + "create policy readers on notes for select to readers using (true);\n"
        },
        proposed={"20260201000000_members.sql": "grant readers to authenticated;\n"},
    )
    assert reach(told, "notes", "authenticated") == (Reach.OWN_ROWS, Reach.ALL_ROWS)
    told.says("20260201000000_members.sql:1 readable_across_users")
