"""How a file is run: transactions, what ends with the file, and where an error belongs."""

from __future__ import annotations

import pytest

from pgassay.errors import CannotCheck
from pgassay.model import Mode
from tests.replay.watching import Watch, Watched

USERS = "create table users (id bigint primary key, name text);"
DEFERRED = """
create table parents (id bigint primary key);
create table children (parent_id bigint references parents deferrable initially deferred);
"""
CONCURRENTLY = "create index concurrently on users (name);"
REFUSED = "25001 CREATE INDEX CONCURRENTLY cannot run inside a transaction block"
ORPHAN = '23503 insert or update on table "children" violates foreign key constraint "children_parent_id_fkey"'


def added(watched: Watched) -> list[str]:
    return [change.name for change in watched.replayed.schema_change]


@pytest.mark.parametrize("statement", [CONCURRENTLY, "vacuum users;", "reindex index concurrently users_pkey;"])
@pytest.mark.parametrize("mode", [Mode.BATCHES, Mode.STATEMENT])
def test_what_runs_in_no_transaction_runs_alone(watch: Watch, mode: Mode, statement: str) -> None:
    watched = watch(f"create table a ();\n{statement}\ncreate table b ();", merged=USERS, mode=mode)
    assert watched.errors == {}
    assert {"a", "b"} <= set(added(watched))


def test_what_runs_in_no_transaction_fails_in_the_one_of_its_runner(watch: Watch) -> None:
    watched = watch(f"create table a ();\n{CONCURRENTLY}", merged=USERS, mode=Mode.TRANSACTION)
    assert watched.errors == {CONCURRENTLY.rstrip(";"): REFUSED}


@pytest.mark.parametrize("mode", list(Mode))
def test_what_runs_in_no_transaction_fails_in_the_one_of_its_file(watch: Watch, mode: Mode) -> None:
    watched = watch(f"begin;\n{CONCURRENTLY}\ncommit;", merged=USERS, mode=mode)
    assert watched.errors == {CONCURRENTLY.rstrip(";"): REFUSED}


@pytest.mark.parametrize("mode", list(Mode))
def test_a_file_that_steps_out_of_its_transaction(watch: Watch, mode: Mode) -> None:
    """People do this where the runner has no other way: commit, build, begin again."""
    watched = watch(f"create table a ();\ncommit;\n{CONCURRENTLY}\nbegin;\ncreate table b ();", merged=USERS, mode=mode)
    assert watched.errors == {}
    assert {"a", "b"} <= set(added(watched))


@pytest.mark.parametrize("mode", list(Mode))
def test_a_procedure_that_commits(watch: Watch, mode: Mode) -> None:
    procedure = "create procedure fill() language plpgsql as $$ begin commit; end $$;"
    watched = watch("create table a ();\ncall fill();", merged=procedure, mode=mode)
    refused = {"call fill()": "2D000 invalid transaction termination"}
    assert watched.errors == (refused if mode in (Mode.TRANSACTION, Mode.MESSAGE) else {})
    assert added(watched) == ["a"]


@pytest.mark.parametrize("mode", list(Mode))
def test_a_statement_that_fails_takes_nothing_along(watch: Watch, mode: Mode) -> None:
    watched = watch("create table a ();\nselect nope;\ncreate table b ();", mode=mode)
    assert watched.errors == {"select nope": '42703 column "nope" does not exist'}
    assert added(watched) == ["a", "b"]


@pytest.mark.parametrize("mode", list(Mode))
def test_own_transactions(watch: Watch, mode: Mode) -> None:
    change = """
begin;
create table kept ();
commit;
begin transaction isolation level serializable;
create table undone ();
rollback;
start transaction;
create table never_ended ();
"""
    watched = watch(change, "create table other ();", mode=mode)
    assert watched.errors == {}
    assert added(watched) == ["kept", "never_ended", "other"]


@pytest.mark.parametrize("mode", [Mode.TRANSACTION, Mode.BATCHES])
def test_savepoints(watch: Watch, mode: Mode) -> None:
    change = """
savepoint first;
create table undone ();
rollback to savepoint first;
create table kept ();
savepoint second;
create table kept_too ();
release second;
rollback to first;
create table last ();
"""
    watched = watch(change, mode=mode)
    assert watched.errors == {}
    assert added(watched) == ["last"]


def test_a_savepoint_outside_a_transaction(watch: Watch) -> None:
    watched = watch("savepoint first;\ncreate table a ();", mode=Mode.STATEMENT)
    assert watched.errors == {"savepoint first": "25P01 SAVEPOINT can only be used in transaction blocks"}
    assert added(watched) == ["a"]


@pytest.mark.parametrize("command", ["release nowhere", "rollback to savepoint nowhere"])
def test_a_savepoint_that_is_not_there(watch: Watch, command: str) -> None:
    change = f"begin;\ncreate table a ();\n{command};\ncreate table if not exists a ();\ncommit;"
    watched = watch(change)
    assert watched.errors == {command: '3B001 savepoint "nowhere" does not exist'}
    assert added(watched) == ["a"]


def test_a_chained_transaction(watch: Watch) -> None:
    change = "begin;\ncreate table a ();\ncommit and chain;\ncreate table undone ();\nrollback;\ncreate table b ();"
    watched = watch(change)
    assert watched.errors == {}
    assert added(watched) == ["a", "b"]


@pytest.mark.parametrize("own", ["", "begin;\n"])
def test_an_isolation_level(watch: Watch, own: str) -> None:
    change = f"{own}set transaction isolation level serializable;\ncreate table a ();"
    assert watch(change, mode=Mode.TRANSACTION).errors == {}


@pytest.mark.parametrize("mode", [Mode.TRANSACTION, Mode.BATCHES])
def test_a_deferred_constraint_is_told_at_the_last_statement(watch: Watch, mode: Mode) -> None:
    watched = watch("insert into children values (7);\ncreate table a ();", merged=DEFERRED, mode=mode)
    assert watched.errors == {"create table a ()": ORPHAN}
    assert added(watched) == []


def test_a_deferred_constraint_at_the_commit_of_the_file(watch: Watch) -> None:
    watched = watch("begin;\ninsert into children values (7);\ncommit;\ncreate table a ();", merged=DEFERRED)
    assert watched.errors == {"commit": ORPHAN}
    assert added(watched) == ["a"]


def test_a_deferred_constraint_before_a_statement_that_runs_alone(watch: Watch) -> None:
    change = f"insert into children values (7);\n{CONCURRENTLY}\ncreate table a ();"
    watched = watch(change, merged=[USERS, DEFERRED])
    assert watched.errors == {"insert into children values (7)": ORPHAN}


def test_a_deferred_constraint_where_each_statement_is_by_itself(watch: Watch) -> None:
    watched = watch("insert into children values (7);\ncreate table a ();", merged=DEFERRED, mode=Mode.STATEMENT)
    assert watched.errors == {"insert into children values (7)": ORPHAN}
    assert added(watched) == ["a"]


def test_a_failed_statement_was_not_observed(watch: Watch) -> None:
    change = "insert into children values (7);\nalter table parents alter id type integer;"
    (_, step) = watch(change, merged=DEFERRED).steps
    assert step.error
    assert (step.locks, step.rewrites, step.scans, step.built_indexes) == ((), (), (), ())


LEFT_BEHIND = """
set search_path = elsewhere;
select set_config('timezone', 'Europe/Berlin', false);
set client_min_messages = error;
set client_encoding = 'latin1';
create temporary table things ();
prepare things as select 1;
declare things cursor with hold for select 1;
set role authenticated;
"""
NOT_THERE = """
do $$ begin
  assert current_user = 'postgres', current_user;
  assert current_setting('search_path') = '"$user", public, extensions', current_setting('search_path');
  assert current_setting('client_min_messages') = 'notice', current_setting('client_min_messages');
  assert current_setting('timezone') = 'UTC', current_setting('timezone');
  assert current_setting('client_encoding') = 'UTF8', current_setting('client_encoding');
  assert to_regclass('things') is null, 'temporary table';
  assert not exists (select from pg_prepared_statements), 'prepared statement';
  assert not exists (select from pg_cursors), 'cursor';
end $$;
create table things ();
"""


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    "end", ["", "begin; set local timezone = 'Asia/Tokyo';", "set default_transaction_read_only = on;"]
)
def test_nothing_of_a_session_goes_on_in_the_next_file(watch: Watch, mode: Mode, end: str) -> None:
    before = LEFT_BEHIND + end
    merged = ["create schema elsewhere;", before]
    assert watch(before, NOT_THERE, mode=mode, merged=merged, environment="supabase").errors == {}


@pytest.mark.parametrize("command", ["reset all;", "reset role;", "discard all;", "discard temp;", "deallocate all;"])
def test_a_file_that_clears_its_own_session(watch: Watch, command: str) -> None:
    change = f"create table a ();\nset role authenticated;\n{command}\nreset role;\ncreate table b ();"
    watched = watch(change, environment="supabase")
    assert watched.errors == {}
    assert added(watched) == ["a", "b"]


def test_settings_hold_until_the_end_of_the_file(watch: Watch) -> None:
    change = """
create schema app;
set search_path = app;
create table a ();
set local search_path = public;
create table b ();
"""
    assert added(watch(change)) == ["app", "app.a", "b"]


def test_the_place_of_an_error(watch: Watch) -> None:
    change = "-- grün\n  create table a (\n    b text default 'ä€😀',\n    c nope\n  );"
    (step,) = watch(change).steps
    assert step.error
    assert step.error.position is not None
    assert step.statement.text[step.error.position :].startswith("nope")


def test_what_the_server_says_of_an_error(watch: Watch) -> None:
    change = "do $$ begin raise exception 'no' using errcode = '22000', detail = 'more', hint = 'try later'; end $$;"
    error = watch(change).steps[0].error
    assert error
    assert (error.sqlstate, error.message, error.detail, error.hint) == ("22000", "no", "more", "try later")
    assert error.context
    assert error.context.startswith("PL/pgSQL function inline_code_block line 1 at RAISE")


def test_what_cannot_be_parsed_is_run_all_the_same(watch: Watch) -> None:
    watched = watch("create table a ();\ncreat table b ();\ncreate table c ();")
    assert watched.errors == {"creat table b ()": '42601 syntax error at or near "creat"'}
    assert added(watched) == ["a", "c"]


def test_what_only_psql_understands_is_not_sent(watch: Watch) -> None:
    change = "\\set name 10\ncreate table a (b text);\ncopy a from stdin;\nsome\trow\n\\.\ncreate table c ();"
    watched = watch(change)
    assert watched.errors == {"copy a from stdin": "57014 COPY from stdin failed: the script brings no rows for it"}
    assert added(watched) == ["a", "c"]


def test_a_statement_that_ends_the_session(watch: Watch) -> None:
    change = "create table a ();\n\nselect pg_terminate_backend(pg_backend_pid());\ncreate table b ();"
    with pytest.raises(CannotCheck, match=r"^1\.sql:3: this ended the database session \(.*\), .*; leave it out"):
        watch(change)
    with pytest.raises(CannotCheck, match=r"^base_1\.sql: this ended the database session"):
        watch("create table c ();", merged=change)
    assert watch("create table c ();").errors == {}
