"""Which objects a statement took away, and which of them it said so of."""

from __future__ import annotations

import pytest

from pgassay.model import Step
from pgassay.replay.bench import Bench
from tests.replay.watching import Watch, dropped

BASE = """
create table users (id bigint primary key, name text check (name <> ''), email text unique);
create table posts (id bigint primary key, user_id bigint references users (id), body text);
create view names as select id, name from users;
create materialized view bodies as select body from posts;
create function mine(owner text) returns boolean language sql as $$ select owner = current_user::text $$;
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger touched before update on posts for each row execute function touch();
alter table posts enable row level security;
create policy "Own posts" on posts using (mine(body));
create type mood as enum ('good', 'bad');
create domain email as text check (value like '%@%');
alter table posts add column mood mood, add column contact email;
create sequence numbers;
create function number() returns bigint language sql as $$ select nextval('numbers') $$;
alter table posts add column number bigint default number() not null;
create schema app;
create table app.jobs (id bigint primary key, post_id bigint references posts (id));
create view app.open_jobs as select id from app.jobs;
create function app.run() returns void language sql as 'select';
"""


AWAY = """
create function away() returns void language plpgsql as $$ begin drop view names; end $$;
create procedure away_too() language plpgsql as $$ begin drop view names; end $$;
"""
STATEMENTS: list[tuple[str, set[str]]] = [
    ("drop view names", {"view names *"}),
    ("drop view NAMES", {"view names *"}),
    ('drop view public."names"', {"view names *"}),
    ("drop view if exists names, app.open_jobs", {"view names *", "view app.open_jobs *"}),
    ("drop materialized view bodies", {"materialized view bodies *"}),
    ('drop policy "Own posts" on posts', {'policy "Own posts" on posts *'}),
    ("drop trigger touched on public.posts", {"trigger touched on posts *"}),
    ("drop function app.run()", {"function app.run() *"}),
    ("alter table posts drop constraint posts_user_id_fkey", {"table constraint posts_user_id_fkey on posts *"}),
    (
        "alter table users drop column email",
        {"table column users.email *", "table constraint users_email_key on users"},
    ),
    ("drop type mood cascade", {"type mood *", "table column posts.mood"}),
    ("drop domain email cascade", {"type email *", "table column posts.contact"}),
    ("drop function mine(text) cascade", {"function mine(text) *", 'policy "Own posts" on posts'}),
    ("drop function number cascade", {"function number() *", "default value for posts.number"}),
    ("alter table posts drop column number cascade", {"table column posts.number *"}),
    ("alter table posts alter column number type integer", {"default value for posts.number"}),
    ("drop function touch cascade", {"function touch() *", "trigger touched on posts"}),
    ("drop table users cascade", {"table users *", "view names", "table constraint posts_user_id_fkey on posts"}),
    (
        "drop table users, posts cascade",
        {
            "table users *",
            "table posts *",
            "view names",
            "materialized view bodies",
            "table constraint jobs_post_id_fkey on app.jobs",
        },
    ),
    (
        "alter table users drop column name cascade",
        {"table column users.name *", "table constraint users_name_check on users", "view names"},
    ),
    ("drop schema app cascade", {"schema app *", "table app.jobs", "view app.open_jobs", "function app.run()"}),
]
ON_SEARCH_PATH: list[tuple[str, set[str]]] = [
    ("set search_path = app; drop view open_jobs", {"view app.open_jobs *"}),
    ("set search_path = app; drop view open_jobs, public.names", {"view app.open_jobs *", "view names *"}),
    (
        "set search_path = app; alter table jobs drop column post_id",
        {"table column app.jobs.post_id *", "table constraint jobs_post_id_fkey on app.jobs"},
    ),
    (
        "set search_path = app; alter table jobs drop constraint jobs_pkey",
        {"table constraint jobs_pkey on app.jobs *"},
    ),
    ("set search_path = app; drop table jobs cascade", {"table app.jobs *", "view app.open_jobs"}),
]
DYNAMIC: list[tuple[str, set[str]]] = [
    ("do $$ begin drop view names; end $$", {"view names *"}),
    ("do $$ begin execute format('drop view %I', 'names'); end $$", {"view names *"}),
    ("do $$ begin execute 'drop view ' || 'na' || 'mes'; end $$", {"view names"}),
    (
        "do $$ begin drop table users cascade; end $$",
        {"table users *", "view names", "table constraint posts_user_id_fkey on posts"},
    ),
    ('do $$ begin drop policy "Own posts" on posts; end $$', {'policy "Own posts" on posts *'}),
    ("select away()", {"view names"}),
    ("with gone as (select away()) select * from gone", {"view names"}),
    ("prepare p as select away(); execute p", {"view names"}),
    ("call away_too()", {"view names"}),
]


@pytest.fixture(scope="module")
def steps(bench: Bench) -> dict[str, Step]:
    return Watch(bench).each([case[0] for case in (*STATEMENTS, *ON_SEARCH_PATH, *DYNAMIC)], merged=[BASE, AWAY])


def gone_with(step: Step) -> set[str]:
    """All of it is there again at the end."""
    assert step.error is None
    return {each.replace(" +", "") for each in dropped(step)}


@pytest.mark.parametrize(("statement", "gone"), STATEMENTS)
def test_what_is_gone(steps: dict[str, Step], statement: str, gone: set[str]) -> None:
    assert gone_with(steps[statement]) == gone


@pytest.mark.parametrize(("statement", "gone"), ON_SEARCH_PATH)
def test_names_that_a_search_path_completes(steps: dict[str, Step], statement: str, gone: set[str]) -> None:
    assert gone_with(steps[statement]) == gone


@pytest.mark.parametrize(("statement", "gone"), DYNAMIC)
def test_what_dynamic_sql_took_away(steps: dict[str, Step], statement: str, gone: set[str]) -> None:
    assert gone_with(steps[statement]) == gone


def test_what_the_change_makes_again_is_restored(watch: Watch) -> None:
    watched = watch(
        "drop table users cascade;\ncreate table users (id bigint primary key);",
        "create view names as select id from users;",
        merged=BASE,
    )
    assert dropped(watched.step("drop table")) == {
        "table users * +",
        "view names +",
        "table constraint posts_user_id_fkey on posts",
    }


def test_what_the_change_made_itself_is_not_told(watch: Watch) -> None:
    watched = watch(
        "create table drafts (id int);\ncreate view shown as select * from drafts;", "drop table drafts cascade;"
    )
    assert dropped(watched.step("drop table")) == set()


def test_a_drop_that_is_taken_back_is_told_when_it_happens_again(watch: Watch) -> None:
    change = """begin;
drop view names;
rollback;
drop view names cascade;"""
    watched = watch(change, merged=BASE)
    assert [dropped(step) for step in watched.steps] == [set(), {"view names *"}, set(), {"view names *"}]


def test_a_drop_behind_a_savepoint(watch: Watch) -> None:
    change = """savepoint before;
drop view names;
rollback to before;
drop table users cascade;"""
    watched = watch(change, merged=BASE)
    assert dropped(watched.steps[-1]) == {"table users *", "view names", "table constraint posts_user_id_fkey on posts"}


def test_members_of_extensions_are_no_objects_of_ours(watch: Watch) -> None:
    watched = watch("drop extension citext cascade;", merged="create extension citext;", environment="supabase")
    assert [each for each in dropped(watched.steps[0]) if "function" in each] == []
