"""What happens to tables and columns that were there before the change: renamed, retyped, emptied, written to."""

from __future__ import annotations

import pytest

from pgassay.model import Step
from pgassay.replay.bench import Bench
from tests.replay.watching import Watch

BASE = """
create table users (id bigint primary key, name text, mood text);
create table posts (id bigint primary key, user_id bigint references users (id));
create schema app create table users (id bigint);
create type mood as enum ('good', 'bad', 'mixed');
alter table users alter column mood type mood using mood::mood;
create table events (id bigint, at date) partition by range (at);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
create function clear() returns void language plpgsql as $$ begin truncate posts; end $$;
"""

CHANGES: list[tuple[str, list[str]]] = [
    ("alter table users rename to members", ["table users is members"]),
    ("alter table users rename column name to title", ["column users.name is users.title"]),
    ("do $$ begin execute 'alter table users rename name to title'; end $$", ["column users.name is users.title"]),
    ("alter table events rename column id to number", ["column events.id is events.number"]),
    ("alter table users alter column name type varchar(9)", ["users.name: text to character varying(9)"]),
    ("alter table users drop column name", []),
    ("truncate posts", ["emptied posts *"]),
    ("truncate users cascade", ["emptied posts", "emptied users *"]),
    ("truncate events", ["emptied events *"]),
    ("do $$ begin truncate posts; end $$", ["emptied posts *"]),
    ("do $$ begin alter table posts add a uuid default gen_random_uuid(); -- no truncate\nend $$", []),
    ("truncate app.users", ["emptied app.users *"]),
    ("update users set name = 'x'", ["target users id mood name"]),
    ("delete from app.users", ["target app.users id"]),
    ("create table mine (id int); delete from mine", []),
    ("alter table users add column a text; update users set a = 'x'", ["target users id mood name"]),
]


def told(step: Step) -> list[str]:
    assert step.error is None
    return sorted(
        [f"{each.kind} {each.before} is {each.after}" for each in step.renamed]
        + [f"{each.table.name}.{each.column}: {each.before} to {each.after}" for each in step.retyped]
        + [f"emptied {each.table.name}{' *' * each.named}" for each in step.emptied]
        + ([f"target {step.target.table.name} {' '.join(sorted(step.target.columns))}"] if step.target else [])
    )


@pytest.fixture(scope="module")
def steps(bench: Bench) -> dict[str, Step]:
    return Watch(bench).each([case[0] for case in CHANGES], merged=BASE)


@pytest.mark.parametrize(("statement", "expected"), CHANGES)
def test_a_statement(steps: dict[str, Step], statement: str, expected: list[str]) -> None:
    assert told(steps[statement]) == expected


def test_labels_that_a_new_enum_has_not_got(watch: Watch) -> None:
    change = """alter type mood rename to mood_before;
create type mood as enum ('good', 'fine');
alter table users alter column mood type mood using mood::text::mood;
drop type mood_before;"""
    (retyped,) = watch(change, merged=BASE).step("alter table").retyped
    assert retyped.lost_labels == ("bad", "mixed")


def test_what_is_filled_and_named_again_later(watch: Watch) -> None:
    watched = watch(
        "truncate posts;\nalter table users rename to members;",
        "insert into public.posts (id) values (1);\ncreate view users as select * from members;",
        merged=BASE,
    )
    assert [each.refilled for each in watched.step("truncate").emptied] == [True]
    assert [each.replaced for each in watched.step("alter table").renamed] == [True]


def test_locks_stay_until_the_end_of_the_transaction(watch: Watch) -> None:
    watched = watch("alter table users add a int;\nalter table posts add a int;", "select 1;", merged=BASE)
    held = [
        {
            lock.relation.name
            for lock in step.held
            if lock.mode == "AccessExclusiveLock" and lock.relation.kind == "table"
        }
        for step in watched.steps
    ]
    assert held == [{"users"}, {"users", "posts"}, set()]
