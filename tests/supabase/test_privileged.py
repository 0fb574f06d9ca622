from __future__ import annotations

from collections.abc import Iterator

import pytest

from pgassay.postgres.embedded import Embedded
from pgassay.postgres.session import Session
from pgassay.replay.bench import Bench
from pgassay.sql.split import statements
from pgassay.supabase.privileged import NOTHING, Made, Replacement, replacement


@pytest.fixture(scope="module", params=[16, 18])
def either(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with Embedded(wanted_major=request.param) as server:
        yield Bench(server)


@pytest.fixture
def session(either: Bench) -> Iterator[Session]:
    with either.clone("privileged", either.environment("supabase")) as name, either.server.connect(name) as session:
        yield session


def _replacement(sql: str, made: Made | None = None) -> Replacement | None:
    (statement,) = statements("x.sql", sql)
    assert statement.problem is None
    return replacement(statement, made or Made())


def _run(session: Session, script: str) -> str | None:
    """The first error of a script whose statements are replaced as in a replay."""
    made = Made()
    for statement in statements("x.sql", script):
        found = replacement(statement, made)
        if error := session.run(found.sql if found else statement.text).error:
            return f"{error.sqlstate} {error.message}"
    return None


FUNCTION = "create function f() returns event_trigger language plpgsql as $$ begin end $$;"


@pytest.mark.parametrize(
    "script",
    [
        f"{FUNCTION} create event trigger e on ddl_command_end when tag in ('CREATE TABLE') execute function f();"
        " comment on event trigger e is 'x'; alter event trigger e disable; drop event trigger e;",
        f"{FUNCTION} create event trigger e on sql_drop execute procedure public.f(); drop event trigger if exists e",
        "drop event trigger if exists nobody_made_it",
        "create publication everything for all tables; drop publication everything",
        "create publication p for all tables with (publish = 'insert'); alter publication p set (publish = 'update')",
        "create publication p for tables in schema public; alter publication p add tables in schema extensions;"
        " create table t (id int); alter publication p add table t",
        "drop publication supabase_realtime; create publication supabase_realtime for all tables;"
        " drop publication supabase_realtime; create publication supabase_realtime;"
        " create table t (id int); alter publication supabase_realtime add table t",
        "create role copier with replication bypassrls login password 'x'; grant anon to copier;"
        " alter role copier replication; alter role copier nologin replication",
        "set session_replication_role = replica; set track_io_timing = on; set wal_compression = on",
        "set log_min_messages to warning; set local log_statement = 'all'; reset log_min_messages",
        "alter role postgres set pgaudit.log = 'ddl'; alter role anon set plan_filter.statement_cost_limit = 1",
        "alter role authenticator set session_replication_role = 'origin'; select pg_reload_conf()",
    ],
)
def test_what_supabase_allows_goes_through(session: Session, script: str) -> None:
    assert _run(session, script) is None


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("create event trigger e on sql_drop execute function f()", "42883 function f() does not exist"),
        ('create event trigger e on sql_drop execute function app."F"()', "42883 function app.F() does not exist"),
        ("drop event trigger e", '42704 event trigger "e" does not exist'),
        ("alter event trigger e disable", '42704 event trigger "e" does not exist'),
        ("create publication supabase_realtime for all tables", '42710 publication "supabase_realtime" already exists'),
        (
            "create table t (id int); create publication p for all tables; alter publication p add table t",
            '55000 publication "p" is defined as FOR ALL TABLES',
        ),
        ("create role anon replication", '42710 role "anon" already exists'),
        ("create foreign data wrapper w", "0A000 w stand-in of pgassay cannot be made"),
        ("set work_memory = 1", '42704 unrecognized configuration parameter "work_memory"'),
        ("alter role anon set local_preload_libraries_x.y = 'z'", "42501 permission denied to set parameter"),
    ],
)
def test_what_it_would_refuse_itself_is_refused_here(session: Session, script: str, words: str) -> None:
    assert (_run(session, script) or "").startswith(words)


def test_a_publication_of_all_tables_is_there_and_empty(session: Session) -> None:
    assert _run(session, "create table t (id int); create publication p for all tables") is None
    assert session.rows("select pubname, puballtables from pg_publication where pubname = 'p'") == [("p", False)]


def test_what_was_not_executed_is_named() -> None:
    trigger = _replacement("create event trigger e on sql_drop execute function f()")
    assert trigger
    assert (trigger.what, trigger.lasting) == ("event trigger e", True)
    publication = _replacement("create publication p for all tables")
    assert publication
    assert (publication.what, publication.lasting) == ("publication p for all tables", False)
    role = _replacement("create role p login replication")
    assert role
    assert (role.sql, role.what) == ("create role p login ", "replication for role p")
    setting = _replacement("alter role postgres set pgaudit.log = 'all'")
    assert setting
    assert (setting.sql, setting.what) == (NOTHING, "alter role postgres set pgaudit.log")


@pytest.mark.parametrize(
    "sql",
    [
        "create publication p",
        "create publication p for table t",
        "alter publication p add table t",
        "alter publication p owner to postgres",
        "create role p noreplication",
        "create role replication",
        "set statement_timeout = 0",
        "alter role anon set statement_timeout = '1s'",
        "alter role authenticator set pgrst.db_schemas = 'api'",
        "alter role all reset all",
        "drop table event_trigger",
        "comment on table t is 'event trigger'",
        "create table publication (all_tables int)",
    ],
)
def test_everything_else_stays_as_it_is(sql: str) -> None:
    assert _replacement(sql, Made({"e"}, {"q"})) is None
