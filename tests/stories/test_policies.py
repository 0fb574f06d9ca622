"""What may be done to rows, by whom, after the change as a whole."""

from __future__ import annotations

import pytest

from tests.stories.story import Teller

FILE = "20250101000000_change.sql"
TABLE = "create table t (id bigint primary key, owner_id uuid references auth.users (id), open boolean);\n"
PROTECTED = TABLE + "alter table t enable row level security;\n"


@pytest.mark.parametrize(
    ("grants", "seen"),
    [
        (
            "revoke insert, update, delete on t from anon;",
            "after applying, `anon` may `select` and `authenticated` may `select`, `insert`, `update` and `delete`"
            " every row of it",
        ),
        (
            "revoke all on t from anon, authenticated; grant delete, select on t to authenticated;",
            "after applying, `authenticated` may `select` and `delete` every row of it",
        ),
        (
            "revoke all on t from anon, authenticated;",
            "after applying, no role of the API has a grant on it, and the first `grant` opens every row",
        ),
        (
            "revoke all on t from anon, authenticated; grant select (id) on t to anon;",
            "after applying, `anon` may `select` every row of it",
        ),
        (
            "revoke all on t from anon, authenticated; grant select on t to public;",
            "after applying, `anon` and `authenticated` may `select` every row of it",
        ),
    ],
)
def test_an_open_table_is_told_with_the_privileges_that_are_left(story: Teller, grants: str, seen: str) -> None:
    told = story(proposed={FILE: TABLE, "20250102000000_grants.sql": grants})
    assert told.only("missing_rls").seen == seen


@pytest.mark.parametrize(
    "policies",
    [
        "create policy p on t for select using (true);",
        "create policy p on t for update using (true); revoke update, delete on t from anon, authenticated;",
        "create policy p on t using (true); create policy q on t as restrictive for all to anon using (open);"
        " create policy r on t as restrictive for all to authenticated using (open);",
        "create policy p on t using (true); drop policy p on t;",
        "create policy p on t using (true); alter policy p on t to service_role using (open) with check (open);"
        " drop policy p on t;",
        "create policy p on t using (true); alter table t set schema internal;",
    ],
    ids=["reading", "no privilege", "restricted", "dropped again", "for the server", "not served"],
)
def test_a_policy_that_opens_nothing_is_not_always_true(story: Teller, policies: str) -> None:
    proposed = {FILE: "create schema internal;\n" + PROTECTED + "create index on t (owner_id);\n" + policies}
    story(proposed=proposed).says()


def test_who_may_write_decides_how_bad_it_is(story: Teller) -> None:
    change = """
create policy anybody on t for update to anon using (true);
create policy users on t for delete to authenticated using (auth.uid() is not null);
create policy reading on t for select using (true);
create policy own on t for insert to authenticated with check (true);
"""
    story(merged={"20240101000000_base.sql": PROTECTED}, proposed={FILE: change}).says(
        f"{FILE}:2 always_true_policy",
        f"{FILE}:3 any_user_may_write",
        f"{FILE}:5 unchecked_owner",
    )


PEOPLE = """
create table people (
  id uuid primary key default gen_random_uuid(),
  {login} uuid {unique} {reference}
);
create table jobs (id bigint primary key, person_id uuid references people (id));
create index on jobs (person_id);
alter table people enable row level security;
alter table jobs enable row level security;
create policy jobs_own on jobs for select to authenticated using (person_id = (select auth.uid()));
"""


@pytest.mark.parametrize(
    ("login", "unique", "reference", "found"),
    [
        ("auth_user_id", "unique", "", True),
        ("login", "unique", "references auth.users (id)", True),
        ("user_id", "", "references auth.users (id)", True),
        ("member_of", "not null", "references auth.users (id)", True),
        ("auth_user_id", "not null", "", True),
        ("invited_by", "", "references auth.users (id)", False),
        ("device_id", "unique", "", False),
    ],
)
def test_which_column_holds_the_login(story: Teller, login: str, unique: str, reference: str, found: bool) -> None:
    told = story(proposed={FILE: PEOPLE.format(login=login, unique=unique, reference=reference)})
    rules = {finding.rule for finding in told.report.findings}
    assert bool(rules & {"policy_compares_internal_id", "owner_locked_out"}) is found


def test_a_key_that_is_the_login_itself_may_be_compared(story: Teller) -> None:
    """However the column in front of it leads there."""
    change = """
create table profiles (
  id uuid primary key default gen_random_uuid() references auth.users (id),
  user_id uuid unique references auth.users (id)
);
create table posts (id bigint primary key, author_id uuid references profiles (id));
create index on posts (author_id);
alter table profiles enable row level security;
alter table posts enable row level security;
create policy profiles_own on profiles for select to authenticated using (id = (select auth.uid()));
create policy posts_own on posts for select to authenticated using (author_id = (select auth.uid()));
"""
    story(proposed={FILE: change}).says()


TEAMS = """
create table teams (id bigint primary key, owner_id uuid);
create table members (team_id bigint, user_id uuid, primary key (team_id, user_id));
create index on teams (owner_id);
create index on members (user_id);
alter table teams enable row level security;
alter table members enable row level security;
create policy members_read on members for select to authenticated
  using (team_id in (select id from teams where owner_id = (select auth.uid())));
"""
CIRCLE = """create policy teams_read on teams for select to authenticated
  using (id in (select team_id from members where user_id = (select auth.uid())));"""


def test_two_policies_that_ask_for_each_other_are_one_finding_at_the_later(story: Teller) -> None:
    told = story(merged={"20240101000000_base.sql": TEAMS}, proposed={FILE: CIRCLE}).says(f"{FILE}:1 recursive_policy")
    finding = told.only("recursive_policy")
    assert finding.facts["tables"] == ["members", "teams"]
    assert finding.facts["commands"] == ["select", "update", "delete"]
    assert finding.seen == (
        "asked as a role that the policies hold for, the server said: "
        '`infinite recursion detected in policy for relation "teams"`'
    )


@pytest.mark.parametrize(
    "more",
    [
        "create function mine() returns setof bigint language sql stable security definer set search_path = ''"
        " as 'select team_id from public.members where user_id = (select auth.uid())';"
        " revoke execute on function mine() from public, anon;"
        " drop policy members_read on members;"
        " create policy members_read on members for select to authenticated using (team_id in (select mine()));",
        "drop policy members_read on members;"
        " create policy members_read on members for select to authenticated using (user_id = (select auth.uid()));",
        "alter policy members_read on members to service_role;"
        " create policy members_own on members for select to authenticated using (user_id = (select auth.uid()));",
    ],
    ids=["definer function", "mended later", "other role"],
)
def test_a_circle_that_nobody_walks_is_none(story: Teller, more: str) -> None:
    proposed = {FILE: TEAMS + CIRCLE, "20250102000000_more.sql": more}
    assert "recursive_policy" not in {finding.rule for finding in story(proposed=proposed).report.findings}


def test_a_policy_for_changes_may_recurse_alone(story: Teller) -> None:
    """To PostgreSQL, `(select auth.uid())` in the policy for reading is a subquery, and the circle is closed."""
    change = """
create policy teams_read on teams for select to authenticated using (owner_id = (select auth.uid()));
create policy teams_write on teams for update to authenticated
  using (id in (select team_id from members where user_id = (select auth.uid())));
"""
    told = story(merged={"20240101000000_base.sql": TEAMS}, proposed={FILE: change})
    assert told.only("recursive_policy").facts["commands"] == ["update"]


def test_a_circle_that_was_there_before_is_not_the_authors(story: Teller) -> None:
    story(
        merged={"20240101000000_base.sql": TEAMS + CIRCLE}, proposed={FILE: "alter table teams add name text;"}
    ).says()


READ = "create policy own on t for select to authenticated using (owner_id = (select auth.uid()));\n"
IN_USE = {"20240101000000_base.sql": PROTECTED + "create index on t (owner_id);\n" + READ}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("drop policy own on t;", ["dropped_last_policy"]),
        ("drop policy own on t;\n" + READ, []),
        ("alter table t disable row level security; drop policy own on t;", ["missing_rls"]),
        ("drop table t;", []),
        ("create policy open on t for select using (open); drop policy own on t;", []),
        ("begin; drop policy own on t; rollback;", []),
    ],
)
def test_a_table_that_nobody_may_see_any_more(story: Teller, change: str, found: list[str]) -> None:
    findings = story(merged=IN_USE, proposed={FILE: change}).report.findings
    assert [each.rule for each in findings if each.rule in ("dropped_last_policy", "missing_rls")] == found


def test_the_end_of_a_policy_for_the_server_is_no_loss(story: Teller) -> None:
    merged = PROTECTED + "create policy server on t to service_role using (true);"
    story(merged={"20240101000000_base.sql": merged}, proposed={FILE: "drop policy server on t;"}).says()
