"""What the server says of PL/pgSQL bodies: through plpgsql_check, and without it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pgassay.postgres.environments import BODY_CHECK
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.replay import body_errors
from pgassay.replay.bench import Bench
from pgassay.replay.body_errors import FUNCTION, Function, functions, said
from pgassay.replay.certainty import Certainty

SCHEMA = """
create type state as enum ('open', 'closed');
create table t (id bigint primary key, a text, b uuid, s state);
create table u (id bigint primary key, t_id bigint);
create schema app;
create function app.helper(n bigint) returns bigint language sql as 'select n';
create function two(n bigint, m text) returns text language sql as 'select m';
"""
WAYS = ("plpgsql_check", "without it")


@pytest.fixture(scope="module", params=["supabase", "postgres"])
def session(request: pytest.FixtureRequest, bench: Bench) -> Iterator[Session]:
    with bench.clone("body_errors", bench.environment(request.param)), bench.server.connect("body_errors") as session:
        assert session.run(SCHEMA).error is None
        yield session


def _has_check(session: Session) -> bool:
    (found,) = session.rows(
        f"select exists (select from pg_proc where pronamespace = to_regnamespace('{BODY_CHECK[:10]}'))"
    )
    return bool(found[0])


def _go(session: Session, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "without it":
        monkeypatch.setattr(body_errors, "_checked", lambda *_: None)
    elif not _has_check(session):
        pytest.skip("this server has no plpgsql_check: install it, or name another server in PGASSAY_PG_BINDIR")


def _certain(session: Session, sql: str, *, broken: str | None = None, blind: bool = False) -> list[tuple[str, str]]:
    """The messages, each with the first word that it points at."""
    assert session.run(f"begin; {sql}").error is None
    try:
        ((body,),) = session.rows("select prosrc from pg_proc where proname = 'f'")
        function = _function(session, body)
        certainty = Certainty(session, function, broken, blind=blind)
        return [
            (each.message, body[each.offset :].split()[0]) for each in said(session, function) if certainty.of(each)
        ]
    finally:
        session.run("rollback")


def _function(session: Session, body: str) -> Function:
    return functions(look(session, FUNCTION, ("f", None, None, body)))[0]


def _with(body: str, *, arguments: str = "x bigint, y text", returns: str = "void", path: str = "") -> str:
    return f"create function f({arguments}) returns {returns} language plpgsql {path} as $$ {body} $$;"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("begin perform a from t where wrong = x; end", 'column "wrong" does not exist'),
        ("begin perform a\nfrom t where t.wrong = x; end", "column t.wrong does not exist"),
        (
            "declare n int; begin select count(*)\n into n from gone g where g.id = x; end",
            'relation "gone" does not exist',
        ),
        ("begin perform no_such_call(y); end", "function no_such_call(text) does not exist"),
        ("begin y := two(x); end", "function two(bigint) does not exist"),
        ("begin if x > far then y := ''; end if; end", 'column "far" does not exist'),
        ("begin update t set b = y where id = x; end", 'column "b" is of type uuid but expression is of type text'),
        ("begin perform 1 from t where b = y; end", "operator does not exist: uuid = text"),
        ("begin insert into t (id, a) values (x); end", "INSERT has more target columns than expressions"),
        ("begin delete from t where s = 'gone'; end", 'invalid input value for enum state: "gone"'),
        ("begin for x in select id from u where wrong = 1 loop null; end loop; end", 'column "wrong" does not exist'),
    ],
)
def test_certain(session: Session, way: str, body: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _go(session, way, monkeypatch)
    assert [found[0] for found in _certain(session, _with(body))] == [message]


@pytest.mark.parametrize("way", WAYS)
def test_places(session: Session, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _go(session, way, monkeypatch)
    body = """declare
  n int; -- wrong
begin
  perform 'wrong', 1;
  select count(*), max(id)
    into n, x
    from t where wrong_1 = x;
  perform 1, wrong_2 from t;
  if n = 1 then
    update t set a = wrong_3;
  elsif wrong_4 then
    n := wrong_5;
  end if;
  return query select wrong_6;
end"""
    found = _certain(session, _with(body, returns="setof int"))
    assert [place.rstrip(";") for _, place in found] == [f"wrong_{n}" for n in range(1, 7)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "body",
    [
        "declare r record; begin for r in select id as n from t loop perform r.n + 1; y := r.other; end loop; end",
        "declare r t; q u%rowtype; v t.a%type; begin select * into r from t; v := r.a; perform q.t_id, f.x; end",
        "declare c cursor for select id from t; begin open c; fetch c into x; close c; end",
        "declare n int := 1; begin get diagnostics n = row_count; if not found then raise '%', n; end if; end",
        "<<l>> declare v int; begin perform l.v, x; end",
        "begin perform auth.no_such_thing(x), 1 from storage.no_such_table o where o.column = y; end",
        "begin perform similarity(y, y), st_makepoint(1, 2); end",
        "begin perform helper(x); end",
        "declare v text[]; e text; begin foreach e in array v loop insert into t (id, a) values (x, e); end loop; end",
        "begin for i in 1..3 loop delete from t where id = i; end loop; end",
        "begin case x when 1 then y := 'a'; else y := case when x = 2 then 'b' else 'c' end; end case; end",
        "declare id bigint := 1; begin declare id text; begin perform id || 'x'; end; end",
        "begin execute format('select * from %I', y) into x; end",
        "declare j jsonb := '[]'; begin select jsonb_agg(e) into j from jsonb_array_elements(j) e; end",
    ],
)
def test_nothing_certain(session: Session, way: str, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _go(session, way, monkeypatch)
    assert _certain(session, _with(body)) == []


@pytest.mark.parametrize("way", WAYS)
def test_triggers(session: Session, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _go(session, way, monkeypatch)
    body = "begin new.at := now(); return new; end"
    function = _with(body, arguments="", returns="trigger")
    on = "create trigger g before update on {} for each row execute function f();"
    both = on.format("t") + on.format("u")
    assert _certain(session, function) == []
    assert [found[0] for found in _certain(session, function + on.format("t"))] == ['record "new" has no field "at"']
    one_has = "alter table t add at timestamptz;"
    assert _certain(session, one_has + function + on.format("t")) == []
    assert len(_certain(session, one_has + function + both)) == 1
    asks = function.replace("begin", "begin if tg_table_name = 't' then", 1).replace("; return", "; end if; return")
    assert _certain(session, one_has + asks + both) == []
    assert _certain(session, asks + on.format("u")) == []


@pytest.mark.parametrize("way", WAYS)
def test_its_own_search_path(session: Session, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _go(session, way, monkeypatch)
    body = "begin perform helper(x), y::public.state; end"
    assert _certain(session, _with(body, path="set search_path = app")) == []
    assert len(_certain(session, _with(body, path="set search_path = ''"))) == 1


@pytest.mark.parametrize("way", WAYS)
def test_what_did_not_run_here(session: Session, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _go(session, way, monkeypatch)
    column = _with("begin perform wrong from t; end")
    assert _certain(session, column, broken="alter table t add wrong int") == []
    assert len(_certain(session, column, broken="alter table other add x int")) == 1
    call = _with("begin perform no_such_call(1); end")
    assert _certain(session, call, broken="create table other ()") == []
    assert _certain(session, call, blind=True) == []


def test_only_where_asked(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only plpgsql_check sees."""
    _go(session, WAYS[0], monkeypatch)
    table = {"arguments": "x bigint", "returns": "table (id bigint, b uuid)"}
    assert _certain(session, _with("begin return query select id, t.b from t; end", **table))[0][1] == "id,"
    wrong = _certain(session, _with("begin return query select t.a from t; end", **table))
    assert [found[0].partition(":")[0] for found in wrong] == ["structure of query does not match function result type"]


def test_hidden(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    _go(session, WAYS[0], monkeypatch)
    assert session.rows("select 1 from pg_extension where extname = 'plpgsql_check'") == []
    assert session.rows("select to_regproc('plpgsql_check_function')::text") == [(None,)]
