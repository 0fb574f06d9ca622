"""The locks of statements that run in no transaction, seen by sessions that stand in their way."""

from __future__ import annotations

from pgassay.model import Mode
from tests.replay.test_observe import BASE, built
from tests.replay.watching import Watch, locks

MERGED = [BASE, "create unique index on scores (score);\ncluster users using users_pkey;\ncreate table notes (id int);"]
SEEN = {
    "create index concurrently ages on users (age)": {"users: ShareUpdateExclusive"},
    "drop index concurrently ages": {"users: ShareUpdateExclusive"},
    "reindex index concurrently users_name_idx": {"users: ShareUpdateExclusive"},
    "reindex table concurrently public.users": {"users: ShareUpdateExclusive"},
    "vacuum (analyze) users": {"users: ShareUpdateExclusive"},
    "vacuum full users": {"users: AccessExclusive"},
    "vacuum full scores": {"scores: AccessExclusive"},
    "cluster": {"users: AccessExclusive"},
    "alter table events detach partition events_2025 concurrently": {
        "events: ShareUpdateExclusive",
        "events_2025: AccessExclusive",
    },
    "create table new (id int)": set(),
    "create index concurrently news on new (id)": set(),
    "alter table users add column a int": {"users: AccessExclusive"},
}


def test_what_runs_in_no_transaction(watch: Watch) -> None:
    watched = watch(";\n".join(SEEN) + ";", merged=MERGED, mode=Mode.STATEMENT)
    assert watched.errors == {}
    assert {step.statement.text: locks(step) for step in watched.steps} == SEEN
    assert built(watched.step("reindex index")) == ["users_name_idx on users, which existed, concurrently"]


def test_a_session_that_gives_up_soon_meets_nobody(watch: Watch) -> None:
    change = "set lock_timeout = '50ms';\nvacuum full users;\nset lock_timeout = '5s';\nvacuum full posts;"
    watched = watch(change, merged=MERGED, mode=Mode.STATEMENT)
    assert watched.errors == {}
    assert [locks(step) for step in watched.steps] == [set(), set(), set(), {"posts: AccessExclusive"}]


def test_a_build_that_ends_the_sessions_in_its_way_goes_on(watch: Watch) -> None:
    change = """
create function alone(age int) returns int immutable language plpgsql as $$
begin
  perform pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename = current_user;
  return age;
end $$;
insert into users (id, age) values (1, 20);
create index concurrently on users (alone(age));
"""
    watched = watch(change, merged=MERGED, mode=Mode.STATEMENT)
    assert watched.errors == {}
    assert locks(watched.steps[-1]) == {"users: ShareUpdateExclusive"}
