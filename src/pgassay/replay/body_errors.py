"""What the server says of a PL/pgSQL body before anybody calls it, with the schema as it is now.

plpgsql_check says it where the server has it. Where it has not, the statements and expressions of the body become the
body of an SQL function whose arguments are the variables: the server looks into that when it is created, and executes
nothing. There a column comes before a variable of its name, so that what it does not find is found by PL/pgSQL neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from pgassay.postgres.environments import BODY_CHECK
from pgassay.postgres.look import looking
from pgassay.postgres.session import QueryRefused, Session
from pgassay.sql.plpgsql import Piece, pieces, variables

_FUNCTIONS = """
select p.oid::bigint, p.proname::text, p.prosrc,
       (select o.option_value from pg_options_to_table(p.proconfig) o where o.option_name = 'search_path'),
       format_type(p.prorettype, null), coalesce(p.proargnames, '{}')::text[],
       array(select format_type(a, null) from unnest(v.types) with ordinality u (a, i) order by i),
       exists (select from pg_type y where y.oid = any (v.types || p.prorettype) and y.typname ~ '^any'),
       coalesce((
         select jsonb_agg(
           jsonb_build_array(t.tgrelid::bigint, format_type(c.reltype, null), t.tgoldtable, t.tgnewtable) order by t.oid
         )
         from pg_trigger t join pg_class c on c.oid = t.tgrelid
         where t.tgfoid = p.oid and t.tgparentid = 0 and not t.tgisinternal
       ), '[]')
from pg_proc p join pg_namespace n on n.oid = p.pronamespace,
  lateral (select coalesce(p.proallargtypes, p.proargtypes::oid[]) as types) v
where """
FUNCTION = _FUNCTIONS + "p.proname = %s and (%s::text is null or n.nspname = %s) and p.prosrc = %s"
OF_TRIGGER = (
    _FUNCTIONS
    + """p.oid in (
  select t.tgfoid from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace s on s.oid = c.relnamespace
  where t.tgname = %s and c.relname = %s and (%s::text is null or s.nspname = %s) and not t.tgisinternal
)"""
)
SPEAKING = (
    _FUNCTIONS
    + """p.prolang = (select oid from pg_language where lanname = 'plpgsql') and n.nspname !~ '^pg_'
and n.nspname <> all (%s) and p.prosrc ~* %s
and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
order by n.nspname, p.proname"""
)
# The search path of the session, as whoever calls the function has it; the function's own replaces it.
_AS_CALLED = "set local search_path to default; set local statement_timeout = '5s'"
_CHECK = f"""
select k.lineno, k.sqlstate, concat_ws(': ', k.message, case when k.message ~ 'does not match' then k.detail end),
       k.position, k.query
from {BODY_CHECK}(
  %s::oid::regprocedure, %s::oid::regclass, fatal_errors => false, other_warnings => false, extra_warnings => false,
  use_incomment_options => false, constant_tracing => false, oldtable => %s, newtable => %s
) k
where k.level = 'error' and k.statement is distinct from 'EXECUTE'
"""
_MOST_ARGUMENTS = 90
_MOST_PROBES = 20
_TRIGGERS = {
    **dict.fromkeys(
        ("tg_name", "tg_when", "tg_level", "tg_op", "tg_table_name", "tg_table_schema", "tg_relname"), "text"
    ),
    "tg_relid": "oid",
    "tg_nargs": "integer",
    "tg_argv": "text[]",
}
_BUILT_IN = {
    **dict.fromkeys(("tg_event", "tg_tag"), "text"),
    "found": "boolean",
    "sqlstate": "text",
    "sqlerrm": "text",
    "row_count": "bigint",
}


class Trigger(Struct, frozen=True):
    """A trigger's table, as OID and as a type, and the names of its transition tables."""

    table: int
    type: str
    old: str | None
    new: str | None


class Function(Struct, frozen=True):
    """`arguments` are names and types of everything that is a variable from the start, results included.

    `path` is the search path that it sets itself; `polymorphic` tells that its types depend on the call.
    """

    oid: int
    name: str
    body: str
    path: str | None
    returns: str
    arguments: tuple[tuple[str, str], ...]
    polymorphic: bool
    triggers: tuple[Trigger, ...]


class Said(Struct, frozen=True):
    """`offset` counts characters of the body, `query` is the SQL that the server read, `table` the trigger's."""

    sqlstate: str
    message: str
    offset: int
    query: str
    table: str | None = None

    @property
    def is_about_a_row(self) -> bool:
        """Of the table that the trigger is on."""
        return self.message.startswith(('record "new"', 'record "old"'))


def said(session: Session, function: Function) -> list[Said]:
    """Everything that the server minds, not yet weighed."""
    if function.polymorphic or "#variable_conflict" in function.body:
        return []
    if function.returns == "trigger" and not function.triggers:
        return []
    found = [_checked(session, function, trigger) for trigger in function.triggers or (None,)]
    told = [each for each in found if each is not None]
    if len(told) < len(found):
        told = [list(_probed(session, function, trigger)) for trigger in function.triggers or (None,)]
    return list(_of_every_table(function, told))


def _of_every_table(function: Function, told: list[list[Said]]) -> Iterator[Said]:
    """A body that asks which table it has before it may know what it does with a row."""
    asks = re.search(r"\btg_(?!op\b|when\b|level\b)\w+", function.body, re.I) is not None
    seen: set[tuple[str, int]] = set()
    for each in (each for errors in told for each in errors):
        name = each.message, each.offset
        if name not in seen and not (asks and each.is_about_a_row):
            seen.add(name)
            yield each


def _checked(session: Session, function: Function, trigger: Trigger | None) -> list[Said] | None:
    """None where the server has no plpgsql_check, or where it cannot read this body."""
    parameters = (
        function.oid,
        trigger.table if trigger else 0,
        *((trigger.old, trigger.new) if trigger else (None,) * 2),
    )
    try:
        with looking(session, _AS_CALLED):
            rows = session.rows(_CHECK, parameters)
    except QueryRefused:
        return None
    table = trigger.type if trigger else None
    return [
        Said(sqlstate, message, _offset(function.body, line or 1, query, position), query or "", table)
        for line, sqlstate, message, position, query in rows
        if not _is_text(function.body, query)
    ]


def _is_text(body: str, query: str | None) -> bool:
    """A statement that the body has as a string, and that nobody prepares before it is executed."""
    place = body.find(query) if query else -1
    return place > 0 and body[place - 1] in "'$"


def _offset(body: str, line: int, query: str | None, position: int | None) -> int:
    """The place of a position in the text of a statement that begins in this line of the body, or the line's begin."""
    start = 0
    for _ in range(line - 1):
        start = body.find("\n", start) + 1
    begin = start + len(body[start:]) - len(body[start:].lstrip())
    if not query or not position:
        return begin
    # PERFORM has become SELECT, INTO has become spaces.
    text = re.sub(r"^\s*select\s+", "", query, flags=re.I)
    first = re.split(r"\s{4,}", text)[0].rstrip()
    place = body.find(first, start)
    return max(place + position - 1 - (len(query) - len(text)), begin) if place >= 0 else begin


def _probed(session: Session, function: Function, trigger: Trigger | None) -> Iterator[Said]:
    declared = variables(function.body)
    given = dict(function.arguments)
    # An argument may be hidden by a declaration of its name.
    unclear = set(declared.unclear | (given.keys() & declared.types.keys()))
    types = {**_BUILT_IN, **declared.types, **given}
    if trigger:
        types |= {**_TRIGGERS, "new": trigger.type, "old": trigger.type}
    if len(types) > _MOST_ARGUMENTS:
        return
    unclear |= declared.filled - types.keys()
    types = {name: typed for name, typed in types.items() if name not in unclear and name}
    if trigger:
        unclear |= {name for name in (trigger.old, trigger.new) if name}
    names = "|".join(map(re.escape, sorted(unclear))) or "(?!)"
    doubtful = re.compile(rf"\$\d|(?<![\w.])(?:{names})(?!\w)", re.I)
    table = trigger.type if trigger else None
    waiting = [piece for piece in pieces(function.body) if not doubtful.search(piece.text)]
    spoken = {*types, *unclear}
    for _ in range(_MOST_PROBES):
        error = _refusal(session, function, types, waiting) if waiting else None
        if error is None:
            return
        number, place, sqlstate, message = error
        if number is None:
            return
        piece = waiting.pop(number)
        field = re.match(r"(new|old)\.(\w+)", piece.text[place:], re.I)
        if field and message.startswith("missing FROM-clause entry"):
            sqlstate, message = "42703", f'record "{field[1].lower()}" has no field "{field[2].lower()}"'
        missing = re.match(r'column "?([^".]+)"? does not exist', message)
        if missing is None or missing[1].lower() not in spoken:
            yield Said(sqlstate, message, piece.offset + max(place - piece.added, 0), piece.text, table)


def _refusal(
    session: Session, function: Function, types: Mapping[str, str], waiting: Iterable[Piece]
) -> tuple[int | None, int, str, str] | None:
    """The number of the piece that is refused, the place in it, SQLSTATE and message; None when all are right."""
    arguments = ", ".join(f"{_quoted(name)} {typed}" for name, typed in types.items())
    head = f"create function pg_temp.{_quoted(function.name)}({arguments}) returns void language sql as $pgassay$"
    starts, body = [], head
    for piece in waiting:
        starts.append(len(body))
        body += piece.text + "\n;"
    before = _AS_CALLED
    if function.path is not None:
        path = function.path.replace("'", "''")
        before += f"; select pg_catalog.set_config('search_path', '{path}', true)"
    with looking(session, before):
        error = None if session.failed else session.run(body + "$pgassay$").error
    if error is None:
        return None
    if error.position is None or error.position < len(head):
        return None, 0, error.sqlstate, error.message
    number = max(n for n, start in enumerate(starts) if start <= error.position)
    return number, error.position - starts[number], error.sqlstate, error.message


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def functions(rows: Iterable[tuple[Any, ...]]) -> list[Function]:
    """From the rows of `FUNCTION`."""
    return [
        Function(
            oid,
            name,
            body,
            path,
            returns,
            tuple(zip(argument_names, types, strict=False)),
            polymorphic,
            tuple(Trigger(*each) for each in triggers),
        )
        for oid, name, body, path, returns, argument_names, types, polymorphic, triggers in rows
    ]
