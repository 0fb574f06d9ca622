"""What is particular about a server that somebody else runs: whose what is, and who may do it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgassay.errors import CannotCheck
from pgassay.postgres import data_directory, guest, neighbours, url
from pgassay.postgres.binaries import Binaries
from pgassay.postgres.dsn import parse
from pgassay.postgres.embedded import Embedded
from pgassay.postgres.url import Url
from pgassay.replay.bench import Bench
from tests.postgres.kinds import admin, dsn_of, everything, free_postgres, kill
from tests.stories.story import Teller

OWNER = """
import sys
from pgassay.postgres.choose import open_provider
from pgassay.replay.bench import Bench
with open_provider("url:" + sys.argv[1]) as server:
    server.create("app", template=Bench(server).environment("supabase"))
    with server.connect("app") as session:
        session.run("create role by_migration")
        print("ready", flush=True)
        session.run("select pg_sleep(60)")
"""


@pytest.fixture(scope="module")
def host() -> Iterator[Embedded]:
    """Somebody else's server. Its role `postgres` is an ordinary one that is not ours."""
    with Embedded() as server:
        yield server


@pytest.fixture(scope="module")
def free_host() -> Iterator[Embedded]:
    """Somebody else's server where the name `postgres` is to be had."""
    with Embedded() as server:
        free_postgres(server)
        yield server


@pytest.fixture
def owner(host: Embedded) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """The owner's connection, and a check that nothing of what is his has changed."""
    before = everything(host)
    with admin(host) as connection:
        yield connection
        assert everything(host) == before


def with_passwords(programs: Binaries, data: Path, run: data_directory.Run) -> bool:
    ours = data_directory.initialise(programs, data, run)
    Path(data, "pg_hba.conf").write_text("local all supabase_admin trust\nlocal all all scram-sha-256\n")
    return ours


def refusal(dsn: str, *, shared: bool = False) -> str:
    with pytest.raises(CannotCheck) as told, Url(parse(dsn), shared=shared):
        pass
    assert told.value.exit_code == 3
    assert "\n" not in str(told.value)
    assert "sesame" not in str(told.value)
    return str(told.value)


@contextmanager
def tables_in(host: Embedded, *names: str) -> Iterator[None]:
    with admin(host) as connection:
        for name in names:
            connection.execute(f'create database "{name}"')
            with psycopg.connect(dsn_of(host).replace("dbname=pgassay", f"dbname='{name}'")) as other:
                other.execute("create table customers as select 7 as id")
        try:
            yield
        finally:
            for name in names:
                connection.execute(f'drop database "{name}" with (force)')


@contextmanager
def fake_server(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port on the loopback that does something else than PostgreSQL."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    answer(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.usefixtures("owner")
def test_where_postgres_is_taken_migrations_run_under_the_name_of_the_run(host: Embedded) -> None:
    with Url(parse(dsn_of(host))) as server:
        server.create("app", template=Bench(server).environment("postgres"))
        with server.connect("app") as session:
            ((role, database),) = session.rows("select current_user, current_database()")
            assert role.startswith("pgassay_")
            assert database.startswith(f"{role}_")
            assert session.run("create table t (); create role app_role; create schema app").error is None
            assert session.run("alter role app_role rename to renamed").error is None


@pytest.mark.parametrize(
    ("statement", "in_whose_name"),
    [
        ("create database other", ""),
        ("alter database postgres set timezone to 'UTC'", ""),
        ("grant all on database postgres to current_user", ""),
        ("alter table t owner to postgres", "postgres"),
        ("set role postgres", "postgres"),
        ("alter role postgres set search_path = public", "postgres"),
        ("alter default privileges for role postgres grant select on tables to public", "postgres"),
    ],
)
def test_what_only_this_server_refuses_is_not_the_fault_of_the_statement(
    host: Embedded, free_host: Embedded, statement: str, in_whose_name: str
) -> None:
    with Url(parse(dsn_of(host))) as taken, Url(parse(dsn_of(free_host))) as free:
        for server in (taken, free):
            server.create("app")
            with server.connect("app") as session:
                assert session.run("create table t ()").error is None
                error = session.run(statement).error
                if in_whose_name and server is free:
                    assert error is None or error.sqlstate == "0LP01", error
                else:
                    assert error
                    assert server.info.is_at_fault(error), error
                for own in ("create table t ()", "set role nobody", "drop role pg_monitor", "select pg_ls_dir('/')"):
                    error = session.run(own).error
                    assert error
                    assert not server.info.is_at_fault(error), error


def test_a_review_says_that_such_a_statement_went_unjudged(host: Embedded) -> None:
    with Url(parse(dsn_of(host))) as server:
        told = Teller(Bench(server))(
            proposed={
                "001_items.sql": "create table if not exists items (id int);\nalter table items owner to postgres;"
            },
            layout="plain",
            environment="postgres",
        ).says_at_least_that_it_found()
    assert told.report.incomplete
    (note,) = told.report.unchecked
    assert "1 proposed statement was not judged" in note.what
    assert "001_items.sql:2" in note.why


def test_the_environment_of_supabase_needs_postgres_to_be_ours(
    host: Embedded, owner: psycopg.Connection[tuple[Any, ...]]
) -> None:
    before = owner.execute("select * from pg_roles where rolname = 'postgres'").fetchall()
    with Url(parse(dsn_of(host))) as server, pytest.raises(CannotCheck, match="POSTGRES_USER=supabase_admin"):
        Bench(server).environment("supabase")
    assert owner.execute("select * from pg_roles where rolname = 'postgres'").fetchall() == before


def test_roles_of_others_are_never_altered(free_host: Embedded) -> None:
    with admin(free_host) as owner:
        owner.execute("create role anon login; create role service_role superuser")
        before = owner.execute("select * from pg_roles where rolname in ('anon', 'service_role')").fetchall()
        with (
            Url(parse(dsn_of(free_host))) as server,
            pytest.raises(CannotCheck, match="has the roles anon, service_role"),
        ):
            Bench(server).environment("supabase")
        assert owner.execute("select * from pg_roles where rolname in ('anon', 'service_role')").fetchall() == before
        assert everything(free_host)[-3:] == ["role anon", "role service_role", "role supabase_admin"]
        owner.execute("drop role anon, service_role")


@pytest.mark.usefixtures("owner")
def test_a_server_with_data_of_others_is_refused(host: Embedded) -> None:
    with tables_in(host, "shop", "Crm 2"):
        said = refusal(dsn_of(host))
        assert "tables of others in its databases Crm 2, shop, and" in said
        assert "allow_shared_server = true" in said


@pytest.mark.usefixtures("owner")
def test_with_leave_data_of_others_may_be_beside_and_stays(host: Embedded) -> None:
    with tables_in(host, "shop"):
        with Url(parse(dsn_of(host)), shared=True) as server:
            server.create("shop")
            with server.connect("shop") as session:
                assert session.run("create table customers ()").error is None
                for attempt in ("drop database shop", "alter database shop rename to mine", "create database mine"):
                    error = session.run(attempt).error
                    assert error
                    assert error.sqlstate == "42501"
            server.drop("shop")
        with psycopg.connect(dsn_of(host).replace("dbname=pgassay", "dbname=shop")) as other:
            assert other.execute("select id from customers").fetchall() == [(7,)]


@pytest.mark.usefixtures("owner")
def test_a_database_that_cannot_be_looked_into_counts_as_data(host: Embedded) -> None:
    with admin(host) as connection:
        connection.execute("create database closed allow_connections false")
        try:
            assert "databases closed, and" in refusal(dsn_of(host))
        finally:
            connection.execute("drop database closed")


@pytest.mark.usefixtures("owner")
def test_looking_into_other_databases_runs_nothing_of_theirs(host: Embedded) -> None:
    trap = """
        drop table customers;
        create schema evil;
        create function evil.trap(name, text) returns bool language plpgsql as $$ begin raise 'trapped'; end $$;
        create operator evil.!~ (function = evil.trap, leftarg = name, rightarg = text);
        alter database shop set search_path = evil, pg_catalog;
    """
    with tables_in(host, "shop"):
        shop = dsn_of(host).replace("dbname=pgassay", "dbname=shop")
        with psycopg.connect(shop) as other:
            other.execute(trap)
        with psycopg.connect(shop) as other, pytest.raises(psycopg.Error, match="trapped"):
            other.execute(neighbours.HAS_TABLES)
        with Url(parse(dsn_of(host))) as server:
            assert server.alive()


def test_a_login_that_is_no_superuser_is_enough_for_a_plain_project() -> None:
    with Embedded(make=with_passwords) as host:
        with admin(host) as owner:
            owner.execute(
                "create role ci login createdb createrole password 'sesame'; revoke all on database pgassay from public"
            )
            owner.execute("grant connect on database pgassay to ci")
        before = everything(host)
        dsn = dsn_of(host, "ci") + " password=sesame"
        with Url(parse(dsn)) as server:
            server.create("base")
            server.prepare("base", "create table public.ours ()")
            server.create("app", template="base")
            with server.connect("app") as session:
                assert session.run("create table t (); create role app_role").error is None
                assert session.rows("select rolsuper, rolcreaterole from pg_roles where rolname = current_user") == [
                    (False, True)
                ]
            with pytest.raises(CannotCheck, match="takes a superuser, which ci at"):
                Bench(server).environment("supabase")
            with pytest.raises(CannotCheck, match="the user ci cannot prepare a database"):
                server.prepare("base", "create role pgassay_parking superuser")
        assert everything(host) == before
        with admin(host) as owner:
            owner.execute("alter role ci nocreaterole")
        assert 'run `alter role "ci" createdb createrole`' in refusal(dsn)
        assert "password authentication failed" in refusal(dsn.replace("sesame", "sesame2"))
        assert "no password supplied" in refusal(dsn_of(host, "ci"))


def test_the_sweep_takes_what_a_killed_run_has_left_and_nothing_else(
    free_host: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(free_host)
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, dsn_of(free_host)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        during = everything(free_host)
        assert {"role by_migration", "role anon", "role postgres"} < set(during)
        monkeypatch.setattr(guest, "ABANDONED_AFTER", -10)
        with Url(parse(dsn_of(free_host))):
            assert set(during) < set(everything(free_host)), "a run that is alive was swept"
        assert everything(free_host) == during
        process.kill()
    monkeypatch.setattr(guest, "ABANDONED_AFTER", 3600)
    with Url(parse(dsn_of(free_host))):
        assert set(during) < set(everything(free_host)), "swept too early"
    # The sessions of the killed run end when the server tries to answer them.
    with admin(free_host) as owner:
        owner.execute("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
    monkeypatch.setattr(guest, "ABANDONED_AFTER", -10)
    with Url(parse(dsn_of(free_host))) as server:
        assert not set(everything(free_host)) & (set(during) - set(before) - {"role postgres"})
        assert server.alive()
    assert everything(free_host) == before


def test_runs_share_roles_and_the_last_one_takes_them_away(free_host: Embedded) -> None:
    before = everything(free_host)
    first, second = Url(parse(dsn_of(free_host))), Url(parse(dsn_of(free_host)))
    with first:
        Bench(first).environment("supabase")
        with second:
            Bench(second).environment("supabase")
        assert "role anon" in everything(free_host)
        first.create("app", template="pgassay_supabase_legacy")
        with first.connect("app") as session:
            assert session.run("begin; set local role anon; rollback; create role of_first").error is None
    assert everything(free_host) == before


def test_a_restart_of_the_server_is_told() -> None:
    with Embedded() as host, Url(parse(dsn_of(host))) as server:
        server.create("app")
        with server.connect("app") as session:
            with admin(host) as owner:
                owner.execute("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
            with pytest.raises(CannotCheck, match="has ended pgassay's sessions"):
                session.rows("select 1")


def test_a_statement_that_nothing_ends_is_given_up(host: Embedded) -> None:
    with Url(parse(dsn_of(host))) as server:
        server.create("app")
        with server.connect("app"):
            server.stop("stopped the server because of a test")
            assert not server.alive()
            assert "because of a test" in str(server.death())


def test_a_server_that_is_too_old_is_refused(host: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(url, "OLDEST_MAJOR", 99)
    assert "but pgassay needs 99 or newer" in refusal(dsn_of(host))


def test_a_read_only_server_is_refused(host: Embedded) -> None:
    assert "is read-only" in refusal(dsn_of(host) + " options='-c default_transaction_read_only=on'")


def test_a_server_that_is_not_there_is_told(host: Embedded) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    said = refusal(f"postgresql://me:sesame@127.0.0.1:{port}/app")
    assert f"no connection to the server at 127.0.0.1 port {port}: " in said
    assert "refused" in said
    assert 'database "nope" does not exist' in refusal(dsn_of(host).replace("=pgassay", "=nope"))
    assert 'role "nobody" does not exist' in refusal(dsn_of(host, "nobody"))
    assert "resolve host" in refusal("postgresql://me:sesame@host.invalid/app")


def test_something_else_behind_the_port_is_told() -> None:
    def refuse_tls(connection: socket.socket) -> None:
        connection.recv(8)
        connection.sendall(b"N")

    def answer_http(connection: socket.socket) -> None:
        connection.recv(8)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with fake_server(refuse_tls) as port:
        said = refusal(f"postgresql://me:sesame@127.0.0.1:{port}/app?sslmode=require")
        assert "server does not support SSL, but SSL was required" in said
    with fake_server(answer_http) as port:
        assert "no connection" in refusal(f"postgresql://me:sesame@127.0.0.1:{port}/app")


def test_a_server_that_never_answers_is_told_in_time() -> None:
    silence = threading.Event()
    with fake_server(lambda _: _wait(silence)) as port:
        said = refusal(f"postgresql://me:sesame@127.0.0.1:{port}/app?connect_timeout=2")
        silence.set()
    assert "timeout" in said


def _wait(event: threading.Event) -> None:
    event.wait(20)


def test_a_server_that_dies_leaves_its_own_words() -> None:
    with Embedded() as host, Url(parse(dsn_of(host))) as server:
        server.create("app")
        kill(host)
        with pytest.raises(CannotCheck, match="no longer answers"):
            server.create("another")
