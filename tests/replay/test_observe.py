"""What is seen of each statement: locks, new files, scans, built indexes, notices."""

from __future__ import annotations

import pytest

from pgassay.model import Mode, Step
from pgassay.replay.bench import Bench
from tests.replay.watching import Watch, locks, rewritten, scanned

BASE = """
create table users (id bigint primary key, name varchar(20), bio text, age integer, score integer);
alter table users add constraint adult check (age > 17) not valid;
create index users_name_idx on users (name);
create table posts (id bigint primary key, user_id bigint);
create materialized view scores as select score from users;
create type mood as enum ('good');
create table events (id bigint, at date) partition by range (at);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
"""
NONE: list[str] = []
VOLATILE = "uuid default gen_random_uuid()"
GENERATED = "int generated always as (age + 1) stored"


STATEMENTS: list[tuple[str, set[str], list[str], list[str]]] = [
    ("alter table users add column a int", {"users: AccessExclusive"}, NONE, NONE),
    ("alter table users add column a timestamptz default now()", {"users: AccessExclusive"}, NONE, NONE),
    (f"alter table users add column a {VOLATILE}", {"users: AccessExclusive"}, ["users"], ["users"]),
    ("alter table users add column a serial", {"users: AccessExclusive"}, ["users"], ["users"]),
    (f"alter table users add column a {GENERATED}", {"users: AccessExclusive"}, ["users"], ["users"]),
    ("alter table users alter column name type varchar(40)", {"users: AccessExclusive"}, NONE, NONE),
    ("alter table users alter column bio type varchar(40)", {"users: AccessExclusive"}, ["users"], ["users"]),
    ("alter table users alter column age type bigint", {"users: AccessExclusive"}, ["users"], ["users"]),
    ("alter table users alter column age set not null", {"users: AccessExclusive"}, NONE, ["users"]),
    ("alter table users alter column age drop not null", {"users: AccessExclusive"}, NONE, NONE),
    ("alter table users add check (age > 0)", {"users: AccessExclusive"}, NONE, ["users"]),
    ("alter table users add check (age > 0) not valid", {"users: AccessExclusive"}, NONE, NONE),
    ("alter table users validate constraint adult", {"users: ShareUpdateExclusive"}, NONE, ["users"]),
    ("alter table users set unlogged", {"users: AccessExclusive"}, ["users"], ["users"]),
    ("alter table users set (fillfactor = 90)", {"users: ShareUpdateExclusive"}, NONE, NONE),
    ("alter table users enable row level security", {"users: AccessExclusive"}, NONE, NONE),
    ("create policy p on users using (true)", {"users: AccessExclusive"}, NONE, NONE),
    ("create index on users (age)", {"users: Share"}, NONE, ["users"]),
    ("alter table users rename to members", {"members: AccessExclusive"}, NONE, NONE),
    ("truncate posts", {"posts: AccessExclusive"}, ["posts"], ["posts"]),
    ("refresh materialized view scores", {"scores: AccessExclusive"}, ["scores"], ["users"]),
    ("cluster users using users_pkey", {"users: AccessExclusive"}, ["users"], ["users"]),
    ("alter type mood add value 'bad'", set(), NONE, NONE),
    ("grant select on users to pg_monitor", set(), NONE, NONE),
    ("comment on table users is 'x'", {"users: ShareUpdateExclusive"}, NONE, NONE),
    ("lock table users in exclusive mode", {"users: Exclusive"}, NONE, NONE),
    ("update users set age = 1", {"users: RowExclusive"}, NONE, ["users"]),
    (
        f"alter table events add column a {VOLATILE}",
        {"events: AccessExclusive", "events_2025: AccessExclusive"},
        ["events_2025"],
        ["events_2025"],
    ),
]

INDEXES: list[tuple[str, list[str]]] = [
    ("create index age_idx on users (age)", ["age_idx on users, which existed"]),
    ("do $$ begin create index age_idx on users (age); end $$", ["age_idx on users, which existed"]),
    ("alter table users add constraint ages unique (age)", ["ages on users, which existed"]),
    ("alter table users add column code text unique", ["users_code_key on users, which existed"]),
    (
        "alter table users add exclude using gist (int8range(id, id) with &&)",
        ["users_int8range_excl on users, which existed"],
    ),
    ("create index on events (id)", ["events_2025_id_idx on events_2025, which existed"]),
    ("create index on only events (id)", NONE),
    ("create unique index on scores (score)", ["scores_score_idx on scores, which existed"]),
    ("alter table users alter column name type text", NONE),
    ("alter table users alter column name type varchar(80), alter column bio type varchar", NONE),
    (
        'alter table users alter column name type varchar(20) collate "C"',
        ["users_name_idx on users, which existed"],
    ),
    ("alter index users_name_idx rename to by_name", NONE),
]


@pytest.fixture(scope="module")
def seen(bench: Bench) -> dict[str, Step]:
    statements = [*(case[0] for case in STATEMENTS), *(case[0] for case in INDEXES)]
    return Watch(bench).each(statements, merged=BASE)


@pytest.mark.parametrize(("statement", "locked", "written", "read"), STATEMENTS)
def test_a_statement(
    seen: dict[str, Step], statement: str, locked: set[str], written: list[str], read: list[str]
) -> None:
    step = seen[statement]
    assert step.error is None
    assert (strongest(step), rewritten(step), scanned(step)) == (locked, written, read)


def strongest(step: Step) -> set[str]:
    """Of each table or view, unless it is what a mere SELECT takes."""
    order = ["RowExclusive", "ShareUpdateExclusive", "Share", "ShareRowExclusive", "Exclusive", "AccessExclusive"]
    ranked: dict[str, int] = {}
    for lock in step.locks:
        mode = lock.mode.removesuffix("Lock")
        if lock.relation.kind != "index" and mode in order:
            ranked[lock.relation.name] = max(ranked.get(lock.relation.name, 0), order.index(mode))
    return {f"{name}: {order[rank]}" for name, rank in ranked.items()}


def test_a_foreign_key_locks_and_reads_both_tables(watch: Watch) -> None:
    (step,) = watch("alter table posts add foreign key (user_id) references users", merged=BASE).steps
    assert strongest(step) == {"posts: ShareRowExclusive", "users: ShareRowExclusive"}
    assert "posts" in scanned(step)


def test_a_new_table_with_a_foreign_key_locks_the_old_one(watch: Watch) -> None:
    (step,) = watch("create table likes (user_id bigint references users)", merged=BASE).steps
    assert strongest(step) == {"users: ShareRowExclusive"}


@pytest.mark.parametrize(
    "wrapped",
    [
        "do $$ begin alter table users alter column age type bigint; end $$",
        "do $$ begin execute 'alter table ' || 'users' || ' alter column age type bigint'; end $$",
        "select pg_temp.widen()",
        "call pg_temp.widen_too()",
    ],
)
def test_dynamic_sql_is_seen_like_any_other(watch: Watch, wrapped: str) -> None:
    functions = """
create function pg_temp.widen() returns void language plpgsql as $$
  begin alter table users alter age type bigint; end $$;
create procedure pg_temp.widen_too() language sql as $$ select pg_temp.widen() $$;
"""
    step = watch(functions + wrapped, merged=BASE).steps[-1]
    assert "users: AccessExclusive" in locks(step)
    assert rewritten(step) == ["users"]
    assert scanned(step) == ["users"]


def test_locks_are_told_once(watch: Watch) -> None:
    change = """
alter table users validate constraint adult;
alter table users set (fillfactor = 90);
alter table users add column a int;
alter table users add column b int;
alter table posts add column b int;
"""
    steps = watch(change, merged=BASE, mode=Mode.TRANSACTION).steps
    strong = [{lock for lock in locks(step) if "AccessShare" not in lock} for step in steps]
    assert strong == [
        {"users: ShareUpdateExclusive"},
        set(),
        {"users: AccessExclusive"},
        set(),
        {"posts: AccessExclusive"},
    ]


@pytest.mark.parametrize("mode", list(Mode))
def test_a_new_transaction_begins_without_locks(watch: Watch, mode: Mode) -> None:
    change = "alter table users add column a int;\ncommit;\nalter table users add column b int;"
    steps = watch(change, "alter table users add column c int;", merged=BASE, mode=mode).steps
    assert [locks(step) for step in steps if step.statement.kind != "COMMIT"] == [{"users: AccessExclusive"}] * 3


def test_locks_end_with_the_savepoint_behind_which_they_were_taken(watch: Watch) -> None:
    change = """
alter table posts add column a int;
savepoint here;
alter table users add column a int;
rollback to here;
comment on table posts is 'x';
alter table users add column a int;
"""
    steps = watch(change, merged=BASE).steps
    assert [locks(step) for step in steps] == [
        {"posts: AccessExclusive"},
        set(),
        {"users: AccessExclusive"},
        set(),
        {"posts: ShareUpdateExclusive"},
        {"users: AccessExclusive"},
    ]


def test_scans_of_an_earlier_transaction_are_not_told_again(watch: Watch) -> None:
    steps = watch("select count(*) from users;", "alter table users add column a int;", merged=BASE).steps
    assert [scanned(step) for step in steps] == [["users"], []]


def test_each_scan_is_told(watch: Watch) -> None:
    change = "alter table users add check (age > 1);\nalter table users add column a int;\ncreate index on users (age);"
    assert [scanned(step) for step in watch(change, merged=BASE).steps] == [["users"], [], ["users"]]


def test_a_rewrite_that_is_taken_back_is_one_rewrite(watch: Watch) -> None:
    change = "begin;\nalter table users alter age type bigint;\nrollback;\nalter table users add column a int;"
    assert [rewritten(step) for step in watch(change, merged=BASE).steps] == [[], ["users"], [], []]


def test_a_rewrite_that_only_the_last_commit_takes_back(watch: Watch) -> None:
    deferred = "create table keys (id bigint references users deferrable initially deferred);"
    change = "alter table users alter age type bigint;\ninsert into keys values (7);"
    steps = watch(change, "alter table users add column a int;", merged=[BASE, deferred]).steps
    assert [rewritten(step) for step in steps] == [["users"], [], []]


def test_two_rewrites_in_one_transaction(watch: Watch) -> None:
    change = "alter table users alter age type bigint;\nalter table users alter bio type varchar(9);"
    assert [rewritten(step) for step in watch(change, merged=BASE).steps] == [["users"], ["users"]]


def test_what_the_change_made_itself_did_not_exist(watch: Watch) -> None:
    change = """
create table notes (id int);
alter table notes alter id type bigint;
create index notes_id_idx on notes (id);
"""
    steps = watch(change, "create index notes_id_again on notes (id);", merged=BASE).steps
    assert [table.existed for step in steps for table in step.rewrites] == [False]
    assert [(index.name, index.table.name, index.table.existed) for step in steps for index in step.built_indexes] == [
        ("notes_id_idx", "notes", False),
        ("notes_id_again", "notes", False),
    ]
    assert [locks(step) for step in steps] == [set()] * 4


def test_a_renamed_table_is_still_the_old_one(watch: Watch) -> None:
    change = """
alter table users rename to members;
create table users (id int);
create index i on members (age);
create index j on users (id);
"""
    steps = watch(change, merged=BASE).steps
    assert built(steps[2]) == ["i on members, which existed"]
    assert built(steps[3]) == ["j on users"]


def built(step: Step) -> list[str]:
    words = {(False, False): "", (True, False): ", which existed", (True, True): ", which existed, concurrently"}
    return [
        f"{index.name} on {index.table.name}{words[index.table.existed, index.concurrently]}"
        for index in step.built_indexes
    ]


@pytest.mark.parametrize(("statement", "indexes"), INDEXES)
def test_built_indexes(seen: dict[str, Step], statement: str, indexes: list[str]) -> None:
    assert seen[statement].error is None
    assert built(seen[statement]) == indexes


def test_an_index_that_a_constraint_takes_over_was_built_before(watch: Watch) -> None:
    change = """
create unique index concurrently ages on users (age);
alter table users add constraint ages unique using index ages;
"""
    steps = watch(change, merged=BASE).steps
    assert [built(step) for step in steps] == [["ages on users, which existed, concurrently"], []]


def test_notices(watch: Watch) -> None:
    change = (
        "drop table if exists nothing;\ndo $$ begin raise warning 'careful' using hint = 'slow'; end $$;\nselect 1;"
    )
    steps = watch(change).steps
    assert [(notice.severity, notice.message, notice.hint) for step in steps for notice in step.notices] == [
        ("NOTICE", 'table "nothing" does not exist, skipping', None),
        ("WARNING", "careful", "slow"),
    ]


def test_a_file_that_wants_no_notices(watch: Watch) -> None:
    change = "set client_min_messages = error;\ncreate table if not exists users (id bigint, extra int);"
    step = watch(change, merged=BASE).steps[-1]
    assert step.notices == ()
    assert [column.name for table in step.skipped for column in table.missing] == ["extra"]


def test_seconds(watch: Watch) -> None:
    slow, quick = watch("select pg_sleep(0.05);\nselect 1;").steps
    assert 0.05 <= slow.seconds < 5
    assert quick.seconds < slow.seconds


def test_observing_leaves_no_trace_in_the_session(watch: Watch) -> None:
    change = """
set search_path = public;
create table if not exists users (id bigint, extra int);
do $$ begin
  assert to_regnamespace('pgassay_scratch') is null;
  assert not exists (select from pg_prepared_statements);
  assert current_setting('search_path') = 'public', current_setting('search_path');
  assert current_setting('statement_timeout') = '0';
end $$;
"""
    watched = watch(change, merged=BASE)
    assert watched.errors == {}
    assert watched.replayed.schema_change == ()
