"""Which objects a statement took away, and which of them it said so of."""

from __future__ import annotations

import pytest

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
create schema app;
create table app.jobs (id bigint primary key, post_id bigint references posts (id));
create view app.open_jobs as select id from app.jobs;
create function app.run() returns void language sql as 'select';
"""


@pytest.mark.parametrize(
    ("statement", "gone"),
    [
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
    ],
)
def test_what_is_gone(watch: Watch, statement: str, gone: set[str]) -> None:
    (step,) = watch(statement, merged=BASE).steps
    assert dropped(step) == gone


@pytest.mark.parametrize(
    ("statement", "gone"),
    [
        ("set search_path = app; drop view open_jobs", {"view app.open_jobs *"}),
        (
            "set search_path = app; alter table jobs drop column post_id",
            {"table column app.jobs.post_id *", "table constraint jobs_post_id_fkey on app.jobs"},
        ),
        (
            "set search_path = app; alter table jobs drop constraint jobs_pkey",
            {"table constraint jobs_pkey on app.jobs *"},
        ),
        ("set search_path = app; drop table jobs cascade", {"table app.jobs *", "view app.open_jobs"}),
    ],
)
def test_names_that_a_search_path_completes(watch: Watch, statement: str, gone: set[str]) -> None:
    assert dropped(watch(statement, merged=BASE).steps[-1]) == gone


@pytest.mark.parametrize(
    ("statement", "gone"),
    [
        ("do $$ begin drop view names; end $$", {"view names *"}),
        ("do $$ begin execute format('drop view %I', 'names'); end $$", {"view names *"}),
        ("do $$ begin execute 'drop view ' || 'na' || 'mes'; end $$", {"view names"}),
        (
            "do $$ begin drop table users cascade; end $$",
            {"table users *", "view names", "table constraint posts_user_id_fkey on posts"},
        ),
        ('do $$ begin drop policy "Own posts" on posts; end $$', {'policy "Own posts" on posts *'}),
        ("select pg_temp.away()", {"view names"}),
        ("with gone as (select pg_temp.away()) select * from gone", {"view names"}),
        ("prepare p as select pg_temp.away(); execute p", {"view names"}),
    ],
)
def test_what_dynamic_sql_took_away(watch: Watch, statement: str, gone: set[str]) -> None:
    away = "create function pg_temp.away() returns void language plpgsql as $$ begin drop view names; end $$;\n"
    assert dropped(watch(away + statement, merged=BASE).steps[-1]) == gone


def test_a_called_procedure(watch: Watch) -> None:
    away = "create procedure pg_temp.away() language plpgsql as $$ begin drop view names; end $$;\n"
    assert dropped(watch(away + "call pg_temp.away()", merged=BASE).steps[-1]) == {"view names"}


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
