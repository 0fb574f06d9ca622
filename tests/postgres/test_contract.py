"""What holds for every server, wherever it comes from."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from examples.build import build
from pgassay.errors import CannotCheck
from pgassay.model import Severity
from pgassay.pipeline import review
from pgassay.postgres.provider import Provider
from pgassay.project import Request, open_project
from pgassay.replay.bench import Bench
from tests.postgres.kinds import Kind, Traces, kind_called

EXAMPLE = "time_tracking"


@pytest.fixture(scope="module", params=["embedded", "container", "url"])
def kind(request: pytest.FixtureRequest) -> Iterator[Kind]:
    with kind_called(request.param) as found:
        yield found


@pytest.fixture(scope="module")
def server(kind: Kind) -> Iterator[Provider]:
    with kind.open() as running:
        yield running


@pytest.fixture(scope="module")
def bench(server: Provider) -> Bench:
    return Bench(server)


@pytest.fixture
def database(server: Provider) -> Iterator[str]:
    server.create("under_test")
    yield "under_test"
    server.drop("under_test")


def test_identity(kind: Kind, server: Provider) -> None:
    assert server.info.provider == kind.name
    assert server.info.major >= 16
    assert server.info.version.startswith(str(server.info.major))
    assert (server.info.unconfined is None) == (kind.name != "url") or kind.name == "embedded"
    assert server.alive()


def test_clone_has_everything_of_its_template(server: Provider, database: str) -> None:
    with server.connect(database) as session:
        assert session.run("create schema app; create table app.t as select 7 as a").error is None
    server.create("clone", template=database)
    with server.connect("clone") as session:
        assert session.rows("select a from app.t") == [(7,)]
        assert session.rows("show server_encoding") == [("UTF8",)]
    server.drop("clone")
    with server.connect(database) as session:
        assert session.rows("select a from app.t") == [(7,)]


def test_databases_of_one_name_follow_each_other(server: Provider) -> None:
    for n in (1, 2):
        server.create("again")
        with server.connect("again") as session:
            assert session.run(f"create table t{n} ()").error is None
            assert session.rows("select relname from pg_class where relname ~ '^t[12]$'") == [(f"t{n}",)]
        with pytest.raises(CannotCheck, match="already exists"):
            server.create("again")
        server.drop("again")
        server.drop("again")


def test_drop_ends_open_sessions(server: Provider) -> None:
    server.create("short_lived")
    with server.connect("short_lived") as session:
        server.drop("short_lived")
        error = session.run("select 1").error
        assert error
        assert error.sqlstate == "57P01"
    assert server.alive()


def test_a_database_that_is_not_there_is_told(server: Provider) -> None:
    with pytest.raises(CannotCheck, match=r'nowhere" does not exist'):
        server.connect("nowhere")
    with pytest.raises(CannotCheck, match=r'nowhere" does not exist'):
        server.create("clone", template="nowhere")


def test_migrations_are_not_superuser(server: Provider, database: str) -> None:
    with server.connect(database) as session:
        for _ in ("at first", "after trying"):
            assert session.rows(
                "select rolsuper, rolcreaterole, rolbypassrls, rolreplication"
                " from pg_roles where rolname = current_user"
            ) == [(False, True, True, False)]
            powers = "rolsuper or rolname in ('pg_execute_server_program', 'pg_read_server_files')"
            for who in ("current_user", "session_user"):
                assert (
                    session.rows(f"select from pg_roles where ({powers}) and pg_has_role({who}, oid, 'member')") == []
                )
            for refused in (
                "copy (select 1) to program 'true'",
                "select pg_read_file('/etc/passwd')",
                "grant pg_execute_server_program to current_user",
                "alter system set work_mem = '1MB'",
                "do $$ begin execute format('alter role %I superuser', current_user); end $$",
            ):
                error = session.run(refused).error
                assert error
                assert error.sqlstate == "42501", (refused, error)
            for escape in ("reset role", "reset all", "discard all", "set session authorization default"):
                assert session.run(escape).error is None


def test_migrations_own_their_database(server: Provider, database: str) -> None:
    with server.connect(database) as session:
        assert session.run("create schema app; create table public.t (); create role app_user").error is None
        assert session.run("grant app_user to current_user; set role app_user; reset role").error is None
        (name,) = session.rows("select current_database()")[0]
        assert session.run(f"alter database {name} set search_path to app").error is None
        assert session.run("drop owned by app_user; drop role app_user").error is None


def test_a_migration_that_changes_its_password_locks_nobody_out(server: Provider, database: str) -> None:
    for _ in range(2):
        with server.connect(database) as session:
            for who in ("current_user", "session_user"):
                session.run(f"alter role {who} password 'another'")


def test_superuser_stays_out_of_what_migrations_have_seen(server: Provider, database: str) -> None:
    server.prepare(database, "create schema ours; create table ours.t ()")
    server.connect(database).close()
    server.create("cloned_after", template=database)
    for name in (database, "cloned_after"):
        with pytest.raises(CannotCheck, match="has been open to migrations"):
            server.prepare(name, "select 1")
    with server.connect("cloned_after") as session:
        error = session.run("drop table ours.t").error
        assert error
        assert error.sqlstate == "42501"
    server.drop("cloned_after")


def test_prepare_tells_the_line_that_failed(server: Provider, database: str) -> None:
    with pytest.raises(CannotCheck, match='line 3: 42P01: relation "nope" does not exist'):
        server.prepare(database, "select 1;\n\nselect 'ü' from nope;\n")


@pytest.mark.parametrize("environment", ["postgres", "supabase"])
def test_an_environment_is_as_migrations_expect_it(server: Provider, bench: Bench, environment: str) -> None:
    template = bench.environment(environment)
    server.create("app", template=template)
    with server.connect("app") as session:
        assert session.run("create table public.t (); alter table t owner to postgres").error is None
        assert session.run("alter default privileges for role postgres grant select on tables to public").error is None
        if environment == "supabase":
            assert session.rows("show search_path") == [('"$user", public, extensions',)]
            assert session.run("create policy own on storage.objects using (owner = auth.uid())").error is None
            assert session.rows("select has_table_privilege('anon', 't', 'select')") == [(True,)]
            assert session.run("begin; set local role anon; select from t; rollback").error is None
    server.drop("app")


def test_two_runs_side_by_side(kind: Kind, server: Provider, bench: Bench) -> None:
    bench.environment("supabase")
    with kind.open() as other:
        for each in (server, other):
            each.create("side_by_side")
        template = Bench(other).environment("supabase")
        other.create("app", template=template)
        with other.connect("app") as session, server.connect("side_by_side") as beside:
            assert session.run("create table t (); set role anon; reset role").error is None
            assert beside.run("create table t (); set role anon; reset role").error is None
    assert server.alive()
    with server.connect("side_by_side") as session:
        assert session.run("set role anon; reset role; create table u ()").error is None
    server.drop("side_by_side")


def test_nothing_is_left_behind(kind: Kind) -> None:
    with kind.open() as server:
        left = kind.traces(server)
        assert left()
        template = Bench(server).environment("supabase")
        server.create("app", template=template)
        session = server.connect("app")
        assert (
            session.run("create role a_role createrole; create table t as select generate_series(1, 1000)").error
            is None
        )
        assert session.run("grant a_role to current_user; set role a_role; create role another_role").error is None
        session.run("reset role")
        ((name,),) = session.rows("select current_database()")
        for trap in (f"{name} is_template true", f"{name} connection limit 0", f"{name} rename to mine"):
            session.run(f"alter database {trap}")
    assert left() == []
    session.close()


def test_an_exception_leaves_nothing_behind(kind: Kind) -> None:
    traces: list[Traces] = []

    def fail() -> None:
        with kind.open() as server:
            traces.append(kind.traces(server))
            server.create("app")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert traces[0]() == []


def test_death_in_the_middle_is_told_and_nobody_hangs(kind: Kind) -> None:
    with kind.mortal() as (server, kill):
        server.create("app")
        with server.connect("app") as session:
            kill()
            started = time.monotonic()
            with pytest.raises(CannotCheck) as told:
                session.run("select pg_sleep(50)")
            assert not server.alive()
            for action in (lambda: session.rows("select 1"), lambda: server.create("x"), lambda: server.connect("app")):
                with pytest.raises(CannotCheck):
                    action()
            assert time.monotonic() - started < 15
            assert "\n" not in str(told.value)
            assert "run pgassay again" in str(told.value)


def test_review_of_an_example(bench: Bench, tmp_path: Path) -> None:
    expected = tomllib.loads(Path("examples", EXAMPLE, "expected.toml").read_text(encoding="utf-8"))["findings"]
    with open_project(Request(build(EXAMPLE, tmp_path / EXAMPLE))) as project:
        report = review(project, nullcontext(bench))
    told = (each for each in report.findings if each.severity is not Severity.NOTE)
    found = {(each.location.path, each.location.start_line, each.rule) for each in told}
    assert found == {(each["path"], each["line"], each["rule"]) for each in expected if not each.get("allowed")}
    assert not report.incomplete
    assert report.migrations.base_failed == 0
    assert report.server
    assert report.server.provider == bench.server.info.provider
