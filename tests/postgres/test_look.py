"""Our own questions: they change nothing, and nothing that a migration made answers them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pgassay.postgres.embedded import Embedded
from pgassay.postgres.look import look, looking, try_out
from pgassay.postgres.session import QueryRefused, Session, TransactionStatus

HIJACK = """
create schema evil;
create function evil.format_type(oid, integer) returns text language sql as $$ select 'hijacked' $$;
create function evil.never(oid, oid) returns boolean language sql as $$ select false $$;
create operator evil.= (leftarg = oid, rightarg = oid, function = evil.never);
create function evil.never(name, name) returns boolean language sql as $$ select false $$;
create operator evil.= (leftarg = name, rightarg = name, function = evil.never);
create function evil.never(name, text) returns boolean language sql as $$ select false $$;
create operator evil.= (leftarg = name, rightarg = text, function = evil.never);
create table evil.pg_class as select * from pg_catalog.pg_class limit 0;
create domain evil.regclass as text;
"""
TEMPORARY = """
create temporary table pg_class as select * from pg_catalog.pg_class limit 0;
create temporary view pg_namespace as select * from pg_catalog.pg_namespace limit 0;
create domain pg_temp.regclass as text;
create domain pg_temp.name as text;
"""
QUESTION = """
select c.relname::text, n.nspname::text, format_type(c.reltype, -1), 'shop.orders'::regclass = c.oid
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relname = 'orders' and n.nspname = 'shop'
"""


@pytest.fixture
def session(server: Embedded, database: str) -> Iterator[Session]:
    with server.connect(database) as session:
        assert session.run("create schema shop; create table shop.orders (id int)").error is None
        yield session


@pytest.mark.parametrize("begin", ["", "begin"])
@pytest.mark.parametrize(
    "trick",
    [
        "",
        f"{HIJACK} set search_path = evil, pg_catalog, public",
        f"{HIJACK} set search_path = evil, pg_temp, public",
        TEMPORARY,
        f"{TEMPORARY} set search_path = pg_temp, pg_catalog",
        "set search_path = ''",
        "set search_path = shop",
        "set statement_timeout = 1",
        "set lock_timeout = 1",
        "set default_transaction_read_only = on",
        "set default_transaction_isolation = serializable",
        "set row_security = off",
    ],
)
def test_a_look_sees_what_is_there(session: Session, begin: str, trick: str) -> None:
    session.run(begin)
    assert session.run(trick).error is None
    assert look(session, QUESTION) == [("orders", "shop", "shop.orders", True)]


@pytest.mark.parametrize("begin", ["", "begin"])
def test_a_look_leaves_the_session_as_it_was(session: Session, begin: str) -> None:
    session.run(begin)
    session.run("set search_path = shop; set statement_timeout = '7s'; set lock_timeout = '8s'")
    status = session.transaction_status
    look(session, QUESTION)
    assert session.transaction_status is status
    shown = [session.rows(f"show {name}")[0][0] for name in ("search_path", "statement_timeout", "lock_timeout")]
    assert shown == ["shop", "7s", "8s"]


def test_parameters(session: Session) -> None:
    assert look(session, "select %s::int + %s, '100%%'", (1, 2)) == [(3, "100%")]
    assert look(session, "select %(a)s::text[]", {"a": ["x", "y"]}) == [(["x", "y"],)]
    assert look(session, "select '100%'") == [("100%",)]


@pytest.mark.parametrize("begin", ["", "begin"])
def test_a_look_that_the_server_refuses_leaves_the_session_as_it_was(session: Session, begin: str) -> None:
    session.run(begin)
    status = session.transaction_status
    with pytest.raises(QueryRefused, match="nope"):
        look(session, "select nope")
    assert session.transaction_status is status
    assert look(session, "select 1") == [(1,)]


def test_several_looks_in_one(session: Session) -> None:
    with looking(session):
        assert session.rows("show search_path") == [("pg_catalog, pg_temp",)]
        assert look(session, "select 1") == [(1,)]
        assert session.rows("select 2") == [(2,)]
    assert session.transaction_status is TransactionStatus.IDLE


@pytest.mark.parametrize("begin", ["", "begin"])
def test_trying_something_out(session: Session, begin: str) -> None:
    session.run(begin)
    count = "select count(*) from pg_class where relname = 'tried'"
    assert try_out(session, "create table shop.tried (id int)", count) == [(1,)]
    assert look(session, count) == [(0,)]
    assert try_out(session, "create table shop.orders (id int)", count) is None
    assert look(session, count) == [(0,)]
    assert session.run("create table shop.tried (id int)").error is None


def test_trying_on_the_search_path_of_the_session_and_asking_on_ours(session: Session) -> None:
    session.run("set search_path = shop")
    where = (
        "select relnamespace::regnamespace::text, 'shop.orders'::regclass::text from pg_class where relname = 'tried'"
    )
    assert try_out(session, "create table tried (id int)", where) == [("shop", "shop.orders")]
