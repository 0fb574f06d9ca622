from __future__ import annotations

import pytest

from pgassay.errors import CannotCheck
from pgassay.postgres.embedded import Embedded


def test_clone_has_everything_of_its_template(server: Embedded, database: str) -> None:
    with server.connect(database) as session:
        session.run("create table t as select 7 as a")
    server.create("clone", template=database)
    with server.connect("clone") as session:
        assert session.rows("select a from t") == [(7,)]
        assert session.rows("select pg_get_userbyid(datdba) from pg_database where datname = 'clone'") == [
            ("postgres",)
        ]
    server.drop("clone")


def test_drop_ends_open_sessions(server: Embedded) -> None:
    server.create("short_lived")
    with server.connect("short_lived") as session:
        server.drop("short_lived")
        error = session.run("select 1").error
        assert error
        assert error.sqlstate == "57P01"
    server.drop("short_lived")
    assert server.alive()


@pytest.mark.parametrize("name", ['Mixed "Case"', "ünïcode", "two words", "x" * 63, "select"])
def test_any_name_will_do(server: Embedded, name: str) -> None:
    server.create(name)
    with server.connect(name) as session:
        assert session.rows("select current_database()") == [(name,)]
    server.drop(name)


@pytest.mark.parametrize("name", ["", "pgassay", "template0", "template1", "x" * 64, "a\0b"])
def test_names_that_are_not_ours_to_give(server: Embedded, name: str) -> None:
    for action in (server.create, server.drop, server.connect, lambda name: server.prepare(name, "select 1")):
        with pytest.raises(CannotCheck, match="cannot be the name"):
            action(name)


def test_prepare_is_the_superuser_at_work(server: Embedded, database: str) -> None:
    server.prepare(database, "create schema auth; create table auth.made_by as select current_user::text as who")
    server.prepare(database, "grant usage on schema auth to postgres; grant select on auth.made_by to postgres")
    with server.connect(database) as session:
        assert session.rows("select who from auth.made_by") == [("supabase_admin",)]


def test_prepare_tells_the_line_that_failed(server: Embedded, database: str) -> None:
    with pytest.raises(CannotCheck, match='line 3: 42P01: relation "nope" does not exist'):
        server.prepare(database, "select 1;\n\nselect 'ü' from nope;\n")


def test_superuser_stays_out_of_what_migrations_have_seen(server: Embedded, database: str) -> None:
    server.create("prepared_only", template=database)
    server.connect(database).close()
    server.create("cloned_after", template=database)
    for name in (database, "cloned_after"):
        with pytest.raises(CannotCheck, match=f"database {name} has been open to migrations"):
            server.prepare(name, "select 1")
    server.prepare("prepared_only", "select 1")
    server.drop("cloned_after")
    server.create("cloned_after", template="prepared_only")
    server.prepare("cloned_after", "select 1")
    for name in ("cloned_after", "prepared_only"):
        server.drop(name)


def test_what_migrations_have_not_entered_is_not_theirs(server: Embedded, database: str) -> None:
    server.create("untouched")
    with server.connect(database) as session:
        for attempt in ("drop database untouched", "alter database untouched set search_path to evil"):
            error = session.run(attempt).error
            assert error
            assert error.message == "must be owner of database untouched"
    server.drop("untouched")


def test_commands_that_the_server_refuses_are_told(server: Embedded, database: str) -> None:
    with pytest.raises(CannotCheck, match="already exists"):
        server.create(database)
    with pytest.raises(CannotCheck, match=r'"nowhere" does not exist'):
        server.connect("nowhere")


def test_databases_that_migrations_made_are_not_in_the_way(server: Embedded, database: str) -> None:
    with server.connect(database) as session:
        assert session.run("create database squatted").error is None
        assert session.run("create role squatter").error is None
    server.create("squatted")
    server.prepare("squatted", "create table public.t as select 7 as a; grant select on public.t to public")
    with server.connect("squatted") as session:
        assert session.rows("select a from t") == [(7,)]
        session.run("drop role squatter")
    server.drop("squatted")


def test_a_template_is_no_longer_its_migrations(server: Embedded, database: str) -> None:
    server.connect(database).close()
    server.create("copy", template=database)
    with server.connect("copy") as session:
        for attempt in ("drop database {}", "alter database {} rename to gone", "alter database {} set role to anon"):
            error = session.run(attempt.format(database)).error
            assert error
            assert error.message == f"must be owner of database {database}"
    server.drop("copy")
    with server.connect(database) as session:
        assert session.run(f"alter database {database} set lock_timeout = 7").error is None


def test_a_database_that_calls_itself_a_template_can_be_dropped(server: Embedded) -> None:
    server.create("stubborn")
    with server.connect("stubborn") as session:
        assert session.run("alter database stubborn is_template true").error is None
        assert session.run("alter database stubborn connection limit 0").error is None
    server.drop("stubborn")
    server.create("stubborn")
    server.drop("stubborn")


def test_new_sessions_work_whatever_the_role_and_the_database_were_set_to(server: Embedded, database: str) -> None:
    bad = {
        "statement_timeout": "1",
        "idle_in_transaction_session_timeout": "1",
        "default_transaction_read_only": "on",
        "default_transaction_isolation": "serializable",
        "default_tablespace": "pg_global",
        "local_preload_libraries": "'$libdir/plugins/nothing'",
        "client_encoding": "sjis",
        "standard_conforming_strings": "off",
        "quote_all_identifiers": "on",
        "row_security": "off",
        "role": "other",
    }
    with server.connect(database) as session:
        session.run("create role other; grant other to postgres with set true")
        for target in ("role postgres", f"database {database}", f"role postgres in database {database}"):
            for name, value in bad.items():
                assert session.run(f"alter {target} set {name} = {value}").error is None, name
    names = sorted(bad.keys() - {"role"})
    with server.connect(database) as session:
        wanted = dict(session.rows("select name, boot_val from pg_settings where name = any (%s)", [names]))
        assert session.rows("select current_user::text, session_user::text") == [("postgres", "postgres")]
        for name in names:
            value = session.rows("select current_setting(%s)", [name])[0][0]
            assert value == {"client_encoding": "UTF8"}.get(name, wanted[name] or ""), name
        assert session.run("create table t (a int)").error is None
        for name in bad:
            session.run(f"alter role postgres reset {name}")
        session.run("drop role other")
