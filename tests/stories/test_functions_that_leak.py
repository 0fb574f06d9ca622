"""Functions with an owner's rights, called by somebody who owns none of the rows that they read."""

from __future__ import annotations

from pgassay.model import Reach
from tests.stories.story import Teller

ABOUT = ("function_leaks_rows", "definer_function_callable_by_anon")
PEOPLE = """\
create table people (id uuid primary key references auth.users (id), name text, photo text, phone text, bio text);
alter table people enable row level security;
create policy own on people for select to authenticated using (id = (select auth.uid()));
"""
BEGIN = (
    "returns {} language sql stable security definer set search_path = '' as $$ select {} from public.people p {} $$;\n"
)


def test_what_is_shown_on_purpose_and_what_is_not(story: Teller) -> None:
    told = story(
        merged={
            "20260101000000_people.sql": PEOPLE,
            "20260102000000_old.sql": "create function everybody() " + BEGIN.format("setof public.people", "p.*", "")
            + "revoke execute on function everybody() from public, anon;\n",
        },
        proposed={
            "20260201000000_more.sql": "alter table people add column colour text;\n"
            "create function card(p_user_id uuid) "
            + BEGIN.format("table (name text, photo text)", "p.name, p.photo", "where p.id = p_user_id")
            + "create function shared(p_token uuid) "
            + BEGIN.format("setof public.people", "p.*", "where p.id = p_token")
            + "create function me() " + BEGIN.format("setof public.people", "p.*", "where p.id = auth.uid()")
            + "create function how_many() " + BEGIN.format("bigint", "count(*)", "")
            + "create function reach(p_user_id uuid) " + BEGIN.format("text", "p.phone", "where p.id = p_user_id")
            + "create function all_of(p_name text) "
            + BEGIN.format("setof public.people", "p.*", "where p.name = p_name"),
        },
    )  # fmt: skip
    leak = told.only("function_leaks_rows")
    assert told.place(leak) == "20260201000000_more.sql:6"
    assert leak.subject == "reach(p_user_id uuid)"
    assert leak.facts["columns"] == ("phone",)
    assert leak.facts["role"] == "anon"
    (left,) = (each for each in told.report.unchecked if "come out" in each.what)
    assert left.what == "whose rows come out of `all_of(p_name text)`, `shared(p_token uuid)`"
    (me,) = (each for each in told.report.access if each.name == "me()")
    assert [(cell.role, cell.before, cell.after) for cell in me.cells] == [
        (role, None, Reach.ALLOWED) for role in ("anon", "authenticated", "service_role")
    ]


def test_a_function_that_was_open_before(story: Teller) -> None:
    """The change touches its table, and it leaks no more than it did; opened to anon it leaks more."""
    everybody = "create or replace function everybody() " + BEGIN.format("setof public.people", "p.*", "")
    closed = "revoke execute on function everybody() from public, anon;\n"
    merged = {"20260101000000_people.sql": PEOPLE + everybody + closed}
    told = story(merged=merged, proposed={"20260201000000_c.sql": "alter table people add column colour text;\n"})
    told.says()
    told = story(
        merged=merged, proposed={"20260201000000_open.sql": "grant execute on function everybody() to anon;\n"}
    )
    told.says("20260201000000_open.sql:1 function_leaks_rows")
