"""From failed statements to causes and consequences, without a server."""

from __future__ import annotations

import pytest

from pgassay.model import ServerError, Step
from pgassay.replay.failures import Failure, Reason, explain, is_about_rows, judge_steps, missing_name
from tests.replay.watching import migration

NO_RELATION = "42P01"


@pytest.mark.parametrize(
    ("sqlstate", "message", "name"),
    [
        ("42P01", 'relation "users" does not exist', "users"),
        ("42P01", 'relation "public.users" does not exist', "users"),
        ("42P01", 'relation "app.users" does not exist', "app.users"),
        ("42P01", 'relation "My Table" does not exist', "My Table"),
        ("42703", 'column "age" of relation "users" does not exist', "users.age"),
        ("42703", "column users.age does not exist", "users.age"),
        ("42703", 'column "age" does not exist', 'column "age" does not exist'),
        ("42704", 'type "mood" does not exist', "mood"),
        ("42704", 'type "public.mood" does not exist', "mood"),
        ("42704", 'role "app" does not exist', "app"),
        ("42704", 'policy "own row" for table "users" does not exist', "own row on users"),
        ("42704", 'trigger "touch" for relation "users" does not exist', "touch on users"),
        (
            "42704",
            'constraint "c" of relation "users" does not exist',
            'constraint "c" of relation "users" does not exist',
        ),
        ("42883", 'could not find a function named "app.touch"', "app.touch"),
        ("42704", 'publication "live" does not exist', "live"),
        ("42883", "function app.touch(integer, text) does not exist", "app.touch"),
        ("3F000", 'schema "app" does not exist', "app"),
        ("42P07", 'relation "users" already exists', None),
        ("23503", 'insert or update on table "users" violates foreign key constraint "f"', None),
    ],
)
def test_what_is_missing(sqlstate: str, message: str, name: str | None) -> None:
    assert missing_name(ServerError(sqlstate, message)) == name


@pytest.mark.parametrize(
    ("sqlstate", "yes"), [("23503", True), ("P0001", True), ("P0004", True), ("42P01", False), ("23505", False)]
)
def test_what_is_about_rows(sqlstate: str, yes: bool) -> None:
    assert is_about_rows(ServerError(sqlstate, "no")) is yes


def failures(*files: str) -> tuple[list[Failure], list[Step]]:
    """One failure for each statement that ends in `-- missing NAME`, `-- SQLSTATE` for any other."""
    found = []
    steps = []
    for n, text in enumerate(files, 1):
        file = migration(text, f"{n}.sql")
        for statement in file.up:
            said = text[statement.start + len(statement.text) :].partition("\n")[0].partition("-- ")[2]
            error = None
            if said.startswith("missing "):
                error = ServerError(NO_RELATION, f'relation "{said.removeprefix("missing ")}" does not exist')
            elif said:
                error = ServerError(said, "no")
            if error:
                found.append(Failure(file, statement, error))
            steps.append(Step(statement, file, error=error))
    return found, steps


def told(*files: str, blind: bool = False) -> list[tuple[Reason, int | None]]:
    found, _ = failures(*files)
    explained = explain(found, [failure.migration for failure in found], blind=blind)
    return [(entry.reason, entry.cause) for entry in explained]


def test_every_link_of_a_chain_names_its_first() -> None:
    chain = """
create table a (x int references nope); -- missing nope
create table b (x int references a); -- missing a
create table c (x int references b); -- missing b
alter table c add column y int; -- missing c
"""
    assert told(chain) == [(Reason.NOWHERE, None), *[(Reason.CONSEQUENCE, 0)] * 3]
    assert told(f"select 1; -- 22012\n{chain}") == [
        (Reason.OWN, None),
        (Reason.NOWHERE, None),
        *[(Reason.CONSEQUENCE, 1)] * 3,
    ]


def test_what_was_needed_too_early_and_then_not_made_either_is_told_once_more_only() -> None:
    first = "alter table a add x int; -- missing a\n"
    second = "create table a (u int references users); -- missing users\n"
    third = "alter table a add y int; -- missing a\nalter table a add z int; -- missing a\n"
    assert told(first, second, third) == [
        (Reason.LATER, None),
        (Reason.NOWHERE, None),
        (Reason.CONSEQUENCE, 1),
        (Reason.CONSEQUENCE, 1),
    ]


def test_two_causes_stay_two() -> None:
    text = """
alter table a add column x int; -- missing a
alter table b add column x int; -- missing b
alter table a add column y int; -- missing a
"""
    assert told(text) == [(Reason.NOWHERE, None), (Reason.NOWHERE, None), (Reason.CONSEQUENCE, 0)]


def test_blind_means_unknowable() -> None:
    assert told("alter table a add column x int; -- missing a", blind=True) == [(Reason.UNKNOWABLE, None)]


def test_the_reasons() -> None:
    assert told("alter table a add x int; -- missing a\ncreate table a ();") == [(Reason.LATER, None)]
    assert told("create table a ();\ndrop table a;\nalter table a add x int; -- missing a") == [(Reason.OWN, None)]
    assert told("alter table a rename to b;\nalter table a add x int; -- missing b") == [(Reason.OWN, None)]
    assert told("select 1; -- 42601") == [(Reason.OWN, None)]


def test_a_refused_commit_explains_what_is_missing_after_it() -> None:
    undone = "begin;\ncreate table a ();\ncommit; -- 23503\nalter table a add x int; -- missing a"
    assert told(undone) == [(Reason.OWN, None), (Reason.CONSEQUENCE, 0)]
    kept = "create table a ();\ndrop table a;\nselect 1; -- 42601"
    assert told(kept, "alter table a add x int; -- missing a") == [(Reason.OWN, None), (Reason.OWN, None)]


def test_steps_that_rest_on_the_base_are_counted_and_the_others_kept() -> None:
    base, _ = failures("create table a (x int references nope); -- missing nope")
    proposed, steps = failures(
        """
alter table a add column y int; -- missing a
create table b (x int); -- 42501
alter table b add column y int; -- missing b
select 1;
alter table c add column y int; -- missing c
"""
    )
    explained = explain([*base, *proposed], [base[0].migration, proposed[0].migration])
    kept, unjudged = judge_steps(steps, explained, 1)
    assert [step.statement.text.split()[:3] for step in kept] == [["create", "table", "b"], ["select", "1"]]
    assert [step.consequences for step in kept] == [1, 0]
    assert unjudged == 2


def test_steps_on_a_healthy_base_say_what_is_missing() -> None:
    proposed, steps = failures("alter table c add column y int; -- missing c\nalter table c add x int; -- missing c")
    kept, unjudged = judge_steps(steps, explain(proposed, [proposed[0].migration]), 0)
    (step,) = kept
    assert step.missing
    assert (step.missing.name, step.missing.created_later, step.consequences, unjudged) == ("c", None, 1, 0)
