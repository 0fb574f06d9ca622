from __future__ import annotations

import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from pgassay.model import Notice
from pgassay.postgres.embedded import Embedded
from pgassay.postgres.limits import Limits
from pgassay.postgres.session import QueryRefused, Session, TransactionStatus


@pytest.fixture
def session(server: Embedded, database: str) -> Iterator[Session]:
    with server.connect(database) as session:
        yield session


def test_a_script_of_several_statements_runs_whole(session: Session) -> None:
    outcome = session.run("create table t (a int); insert into t values (1), (2); select * from t;")
    assert (outcome.error, outcome.notices, outcome.timed_out) == (None, (), False)
    assert outcome.seconds > 0
    assert session.rows("select a from t order by a") == [(1,), (2,)]


@pytest.mark.parametrize("sql", ["", "   ", "-- nothing\n", ";;"])
def test_a_script_of_nothing_is_fine(session: Session, sql: str) -> None:
    assert session.run(sql).error is None


def test_an_error_carries_everything_the_server_said(session: Session) -> None:
    session.run("create table parent (id int primary key); create table child (id int references parent)")
    error = session.run("insert into child values (7)").error
    assert error
    assert error.sqlstate == "23503"
    assert "violates foreign key constraint" in error.message
    assert error.detail == 'Key (id)=(7) is not present in table "parent".'
    error = session.run("do $$ begin raise 'no' using hint = 'try later'; end $$").error
    assert error
    assert error.hint == "try later"
    assert error.context
    assert "PL/pgSQL function" in error.context


@pytest.mark.parametrize("before", ["", "select 1;\n", "select 'ä€😀';\r\n", "/* 日本 */ "])
def test_position_counts_characters_of_the_text(session: Session, before: str) -> None:
    sql = before + "select 'ü', nope from pg_class"
    error = session.run(sql).error
    assert error
    assert error.position is not None
    assert sql[error.position :].startswith("nope")


@pytest.mark.parametrize("encoding", ["latin1", "sql_ascii", "win1252", "utf8"])
def test_another_client_encoding_neither_moves_positions_nor_spoils_rows(session: Session, encoding: str) -> None:
    assert session.run(f"set client_encoding to '{encoding}'").error is None
    sql = "select 'grün', nope"
    error = session.run(sql).error
    assert error
    assert error.position == sql.index("nope")
    assert session.rows("select 'grün' || %s", ["日本"]) == [("grün日本",)]
    assert session.rows("show client_encoding")[0][0].lower() in (encoding, "utf8")


def test_a_client_encoding_that_python_does_not_know(session: Session) -> None:
    assert session.run("set client_encoding to 'euc_tw'; do $$ begin raise notice 'plain'; end $$").notices
    error = session.run("select nope").error
    assert error
    assert error.position == 7
    assert session.rows("select %s::text", ["日本"]) == [("日本",)]


def test_text_that_the_client_encoding_cannot_hold_is_sent_as_it_is(session: Session) -> None:
    session.run("set client_encoding to 'latin1'")
    sql = "select '€', nope"
    error = session.run(sql).error
    assert error
    assert error.position == sql.index("nope")


@pytest.mark.parametrize(("sql", "found"), [("select 1\0", "0x00"), ("select '\ud800'", "0xed 0xa0 0x80")])
def test_text_that_cannot_be_sent_is_an_error_at_its_place(session: Session, sql: str, found: str) -> None:
    error = session.run(sql).error
    assert error
    assert error.sqlstate == "22021"
    assert error.message.endswith(found)
    assert error.position is not None
    assert sql[error.position] in "\0\ud800"


def test_notices_are_told(session: Session) -> None:
    outcome = session.run("drop table if exists nothing; do $$ begin raise warning 'w' using hint = 'h'; end $$")
    assert outcome.notices == (
        Notice("NOTICE", "00000", 'table "nothing" does not exist, skipping'),
        Notice("WARNING", "01000", "w", None, "h"),
    )
    assert session.run("select 1").notices == ()


def test_a_flood_of_notices_is_counted(session: Session) -> None:
    outcome = session.run("do $$ begin for i in 1..5000 loop raise notice '%', i; end loop; end $$")
    assert len(outcome.notices) == 200
    assert outcome.notices[-1].message == "200"
    assert outcome.notices_left_out == 4800


def test_long_words_are_cut(session: Session) -> None:
    said = "do $$ begin raise {} using message = repeat('m', 1000000), detail = repeat('d', 1000000); end $$"
    (notice,) = session.run(said.format("warning")).notices
    error = session.run(said.format("exception")).error
    assert error
    for text in (notice.message, notice.detail, error.message, error.detail):
        assert text
        assert 1000 < len(text) < 20_000


def test_rows_of_a_script_are_not_kept(session: Session) -> None:
    unit = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    assert session.run("select 1; select repeat('x', 1000) from generate_series(1, 200000)").error is None
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before < 40 << 20


def test_a_large_script_is_sent_whole(session: Session) -> None:
    values = ", ".join(f"('{number:0>1000}')" for number in range(5000))
    assert session.run(f"create table t (a text); insert into t values {values}").error is None
    assert session.rows("select count(*), max(length(a)) from t") == [(5000, 1000)]


def test_copy_without_data_is_an_error_and_not_a_wait(session: Session) -> None:
    outcome = session.run("create table t (a int); copy t from stdin; select 1")
    assert outcome.error
    assert outcome.error.message == "COPY from stdin failed: the script brings no rows for it"
    assert session.transaction_status is TransactionStatus.IDLE
    assert session.rows("select to_regclass('t')") == [(None,)]


def test_copy_to_the_client_is_thrown_away(session: Session) -> None:
    outcome = session.run("copy (select repeat('x', 1000) from generate_series(1, 20000)) to stdout; select nope")
    assert outcome.error
    assert outcome.error.sqlstate == "42703"
    assert session.rows("select 1") == [(1,)]


def test_transaction_status_follows_the_script(session: Session) -> None:
    seen = [session.transaction_status]
    for script in ("begin; select 1", "select nope", "rollback"):
        session.run(script)
        seen.append(session.transaction_status)
    session.close()
    seen.append(session.transaction_status)
    assert seen == ["idle", "in transaction", "failed", "idle", "closed"]


def test_a_failed_transaction_refuses_our_questions_too(session: Session) -> None:
    session.run("begin; select nope")
    with pytest.raises(QueryRefused) as refused:
        session.rows("select 1")
    assert refused.value.error.sqlstate == "25P02"


def test_a_script_over_time_is_cancelled(session: Session) -> None:
    outcome = session.run("select 1; select pg_sleep(60)", timeout=0.2)
    assert outcome.timed_out
    assert outcome.error
    assert outcome.error.sqlstate == "57014"
    assert outcome.error.message == "stopped because it had not ended after 0.2 s"
    assert 0.2 <= outcome.seconds < 2
    assert session.rows("select 1") == [(1,)]


def test_an_endless_stream_of_rows_is_cancelled(session: Session) -> None:
    outcome = session.run("select generate_series(1, 1000000000000)", timeout=0.3)
    assert outcome.timed_out
    assert outcome.seconds < 3


def test_a_script_that_survives_cancel_loses_its_session(
    server: Embedded, database: str, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server._databases, "limits", Limits(cancel=0.2))
    stubborn = """
        do $$ begin
          loop
            begin perform pg_sleep(60); exception when query_canceled then null; end;
          end loop;
        end $$"""
    outcome = session.run(stubborn, timeout=0.2)
    assert outcome.timed_out
    assert outcome.error
    assert outcome.error.sqlstate == "57P01"
    assert session.transaction_status is TransactionStatus.CLOSED
    assert server.alive()
    with server.connect(database) as another:
        assert another.rows("select 1") == [(1,)]


def test_a_script_that_ends_its_own_session_is_an_error(server: Embedded, session: Session) -> None:
    error = session.run("select pg_terminate_backend(pg_backend_pid())").error
    assert error
    assert error.sqlstate == "57P01"
    again = session.run("select 1").error
    assert again
    assert again.sqlstate == "08003"
    with pytest.raises(QueryRefused, match=r"has ended \(terminating connection due to administrator command\)"):
        session.rows("select 1")
    assert server.alive()


def test_cancel_from_another_thread(session: Session) -> None:
    session.cancel()
    threading.Timer(0.2, session.cancel).start()
    started = time.monotonic()
    outcome = session.run("select pg_sleep(60)")
    assert time.monotonic() - started < 5
    assert not outcome.timed_out
    assert outcome.error
    assert outcome.error.message == "canceling statement due to user request"


def test_an_interrupt_leaves_a_session_that_can_go_on(session: Session) -> None:
    for ask in (session.run, session.rows):
        threading.Timer(0.1, signal.pthread_kill, (threading.get_ident(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            ask("select pg_sleep(60)")
        assert session.run("select 1").error is None
        assert session.rows("select 1") == [(1,)]


def test_our_own_questions_do_not_wait_for_ever(server: Embedded, database: str, session: Session) -> None:
    session.run("create table t (a int)")
    session.run("begin; lock table t")
    with server.connect(database) as another:
        with pytest.raises(QueryRefused, match=r"did not come to its end \(.* after 0\.2 s\)"):
            another.rows("select * from t", timeout=0.2)
        assert another.rows("select 1") == [(1,)]


def test_rows_take_parameters(session: Session) -> None:
    assert session.rows("select %s::int + 1, %s::text[]", [1, ["a", "b"]]) == [(2, ["a", "b"])]
    assert session.rows("select '100%'") == [("100%",)]
    assert session.rows("create table t (a int)") == []


def test_our_questions_survive_what_scripts_do_to_a_session(session: Session) -> None:
    for script in ("discard all", "deallocate all", "listen x; notify x, 'y'", "set datestyle to german"):
        for _ in range(7):
            assert session.run(script).error is None
            assert session.rows("select %s::int", [1]) == [(1,)]


def test_our_environment_has_no_say(server: Embedded, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    surroundings = {
        "PGOPTIONS": "-c search_path=elsewhere",
        "PGSERVICE": "nowhere",
        "PGHOST": "db.example",
        "PGTZ": "Europe/Berlin",
        "PGREQUIREAUTH": "scram-sha-256",
        "PGCLIENTENCODING": "latin1",
    }
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    with server.connect(database) as session:
        assert session.rows("show timezone") == [("UTC",)]
        assert "elsewhere" not in session.rows("show search_path")[0][0]
    assert session.pid > 0


def test_psycopg_is_imported_when_a_server_starts_and_not_before() -> None:
    modules = ", ".join(f"pgassay.postgres.{name}" for name in ("embedded", "session", "provider", "databases"))
    subprocess.run([sys.executable, "-c", f"import sys, {modules}; assert 'psycopg' not in sys.modules"], check=True)


def test_what_scripts_leave_is_forgotten(session: Session) -> None:
    session.run("create role left_behind; grant left_behind to postgres with set true")
    pid = session.pid
    session.run(
        "set role left_behind; create temp table t (); set statement_timeout = 4711; select pg_advisory_lock(1)"
    )
    session.forget()
    assert session.pid == pid
    assert session.rows("select current_user::text, to_regclass('t'), current_setting('statement_timeout')") == [
        ("postgres", None, "0")
    ]
    session.run("drop role left_behind")


def test_what_cannot_be_forgotten_ends_with_the_connection(session: Session) -> None:
    pid = session.pid
    # DISCARD ALL cannot run inside a transaction block.
    session.run("begin; create temp table t ()")
    session.forget()
    assert session.pid != pid
    assert session.transaction_status is TransactionStatus.IDLE
    assert session.rows("select to_regclass('t')") == [(None,)]


def test_a_session_tells_what_ended_it(session: Session) -> None:
    session.run("begin; set idle_in_transaction_session_timeout = 1")
    time.sleep(1)
    with pytest.raises(QueryRefused, match=r"has ended \(terminating connection due to idle-in-transaction timeout\)"):
        session.rows("select 1")
    assert session.ended_by
    assert session.ended_by.sqlstate == "25P03"
