"""What a REVOKE left where it was, seen at the end of the change."""

from __future__ import annotations

import pytest

from pgassay.model import Finding
from tests.stories.story import Teller

MERGED = {
    "20250101000000_base.sql": """
create table notes (id bigint primary key, body text);
alter table notes enable row level security;
create function peek() returns bigint language sql set search_path = '' return 1;
create function peek(n integer[]) returns bigint language sql set search_path = '' return 1;
create function fired() returns trigger language plpgsql set search_path = '' as $$ begin return new; end $$;
create schema app;
create function app.inner() returns bigint language sql set search_path = '' return 1;
"""
}


def _told(story: Teller, change: str) -> list[Finding]:
    report = story(merged=MERGED, proposed={"20260101000000_change.sql": change}).report
    return [finding for finding in report.findings if finding.rule == "ineffective_revoke"]


@pytest.fixture
def story(bench) -> Teller:  # type: ignore[no-untyped-def]
    return Teller(bench)


@pytest.mark.parametrize(
    ("change", "roles", "through"),
    [
        ("revoke execute on function peek(int[]) from anon;", ("anon",), "PUBLIC"),
        ("revoke all on function peek(int[]), peek() from anon;", ("anon",), "PUBLIC"),
        ("revoke execute on all functions in schema app from authenticated;", ("authenticated",), "PUBLIC"),
        ("grant usage on schema app to public; revoke usage on schema app from anon;", ("anon",), "PUBLIC"),
        ("grant select on notes to public; revoke select on notes from anon;", ("anon",), "PUBLIC"),
        ("revoke update (body) on notes from anon;", ("anon",), "anon"),
        ("grant all on notes to anon; revoke update (body) on notes from anon;", ("anon",), "anon"),
    ],
)
def test_another_way_is_left(story: Teller, change: str, roles: tuple[str, ...], through: str) -> None:
    (finding,) = _told(story, change)
    assert (finding.facts["roles"], finding.facts["through"]) == (roles, through)


def test_supabase_granted_it_to_the_roles_of_the_api(story: Teller) -> None:
    (finding,) = _told(story, "revoke execute on function peek() from public;")
    assert finding.facts["roles_by_default"] == ("anon", "authenticated")
    assert finding.instead == "`revoke execute on function peek() from anon, authenticated;`"


@pytest.mark.parametrize(
    "change",
    [
        "revoke execute on function peek() from public, anon, authenticated;",
        "revoke execute on function peek() from anon; revoke execute on function peek() from public;",
        "revoke execute on function peek() from public, anon; grant execute on function peek() to authenticated;",
        "grant execute on function peek() to anon, authenticated; revoke execute on function peek() from public;",
        "revoke execute on function peek() from anon; drop function peek();",
        "revoke execute on function fired() from anon;",
        "revoke execute on all functions in schema app from public;",
        "revoke all on notes from anon;",
        "revoke all on notes from anon; grant select on notes to anon;",
        "revoke update on notes from authenticated; grant update (body) on notes to authenticated;",
        "revoke select on notes from postgres;",
        "revoke grant option for select on notes from anon;",
    ],
)
def test_nothing_is_left(story: Teller, change: str) -> None:
    assert _told(story, change) == []
