"""Which `CREATE EXTENSION` the throwaway server can run, and what takes its place otherwise.

A stand-in is SQL of ours under `stand_ins/`, written like an extension's own script: `@extschema@` is the schema asked
for. It is honest or it refuses: what cannot be done as the real one does it raises 0A000, "NAME stand-in of pgassay
cannot ...". Stand-ins run as the migration role, at the place of the statement, and hold no SECURITY DEFINER function.

A few things a migration role cannot make: base types, operator classes, and pgvector from a control file that does not
call it trusted. A template has those ready, each in a parking schema that no search path names and owned by postgres,
and CREATE EXTENSION moves them to where the statement wants them. Unasked for, they do not resolve, as in production.

Only a CREATE EXTENSION that is a statement of its own can be replaced. Inside DO or EXECUTE it fails with 0A000, for
vector alone it does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from msgspec import Struct

from pgassay.model import ServerError

AVAILABLE = """
select name from pg_catalog.pg_available_extension_versions where installed or trusted or not superuser
"""
"""What to ask the server: one column, the extensions that a migration role can have. Any other counts as missing."""

PREINSTALLED: Mapping[str, Mapping[str, str]] = {
    "postgres": {},
    "supabase": {
        "pg_stat_statements": "extensions",
        "pgcrypto": "extensions",
        "supabase_vault": "vault",
        "uuid-ossp": "extensions",
    },
}
"""By environment: the extensions that every new database has, and their schema."""

PARKED: Mapping[str, str] = {
    **{
        name: f"not exists (select from pg_catalog.pg_available_extensions where name = '{name}')"
        for name in ("btree_gist", "citext", "pg_trgm")
    },
    "vector": "exists (select from pg_catalog.pg_available_extension_versions where name = 'vector')"
    " and not exists (select from pg_catalog.pg_available_extension_versions where name = 'vector' and trusted)",
}
"""What a template has ready for CREATE EXTENSION to move, and the condition in SQL under which that is needed."""

_DIRECTORY = Path(__file__).with_name("stand_ins")


class PlanKind(StrEnum):
    REAL = "real"
    STAND_IN = "stand_in"
    UNKNOWN = "unknown"


class Plan(Struct, frozen=True):
    """What to do with one CREATE EXTENSION.

    `sql` is to be run instead of the statement, by the same role; None leaves the statement as it is. `note` says of
    the extension, for the report, what took its place; a `real` one has none. What runs for an `unknown` one only says
    so in a notice.
    """

    kind: PlanKind
    sql: str | None = None
    note: str | None = None


class _StandIn(Struct, frozen=True):
    """`limit` ends the note, after "its stand-in"; `files` run in order, by default the one of the extension's name."""

    limit: str
    files: tuple[str, ...] = ()


_STAND_INS: Mapping[str, _StandIn] = {
    "btree_gist": _StandIn("finds what the real one does, in an index of one page"),
    "citext": _StandIn("compares as the real one does but lacks some functions on patterns"),
    "http": _StandIn("refuses to send a request"),
    "moddatetime": _StandIn("does the same"),
    "pg_cron": _StandIn("keeps jobs and never runs them"),
    "pg_graphql": _StandIn("refuses to resolve a query"),
    "pg_jsonschema": _StandIn("knows the common keywords of JSON Schema and refuses the others"),
    "pg_net": _StandIn("queues requests and never sends them"),
    "pg_stat_statements": _StandIn("has a view that is always empty"),
    "pg_trgm": _StandIn("has indexes that are built and never used"),
    "pgcrypto": _StandIn("makes hashes of its own in crypt() and refuses to encrypt", ("digests.sql", "pgcrypto.sql")),
    "pgjwt": _StandIn("does the same", ("digests.sql", "pgjwt.sql")),
    "pgmq": _StandIn("cannot partition a queue"),
    "plpgsql_check": _StandIn("refuses to read a body"),
    "supabase_vault": _StandIn("encodes secrets and does not encrypt them"),
    "uuid-ossp": _StandIn("does the same", ("digests.sql", "uuid-ossp.sql")),
}

_WITHOUT_STAND_IN: Mapping[str, str] = {
    "btree_gin": "a GIN index on a plain type cannot be built",
    "hstore": "a column of its type cannot be made",
    "ltree": "a column of its type cannot be made",
    "postgis": "a column of its types cannot be made",
    "vector": "a column of its type cannot be made",
}

_NOT_PREPARED = """
do $do$ begin
  raise exception using errcode = '0A000',
    message = '@name@ stand-in of pgassay cannot be made by the migration role';
end $do$
"""

# What the built-in functions say that a stand-in uses as "cannot", by the type they name.
_REFUSED_TYPES: Mapping[str, str] = {"index_am_handler": "btree_gist", "pg_ddl_command": "pg_trgm"}


def plan(
    name: str, schema: str | None, available: frozenset[str], environment: str, *, if_not_exists: bool = True
) -> Plan:
    """Decide about `CREATE EXTENSION [IF NOT EXISTS] name [WITH SCHEMA schema]`.

    `available` is the answer to AVAILABLE; `environment` tells what is preinstalled, and where. The SQL may be run
    again: where the extension is there already, it raises what the server itself would say, a notice or 42710.
    """
    if name in available:
        if name not in PARKED:
            return Plan(PlanKind.REAL)
        return Plan(PlanKind.REAL, _replacement(name, schema, if_not_exists=if_not_exists, real=True))
    if name in _STAND_INS:
        note = f"not on the throwaway server; its stand-in {_STAND_INS[name].limit}"
        if name in PREINSTALLED[environment]:
            schema = PREINSTALLED[environment][name]
        return Plan(PlanKind.STAND_IN, _replacement(name, schema, if_not_exists=if_not_exists, real=False), note)
    lost = _WITHOUT_STAND_IN.get(name, "what needs it fails")
    note = f"not on the throwaway server and without a stand-in: {lost}"
    notice = _literal(f"{name} is {note}")
    return Plan(PlanKind.UNKNOWN, f"do $pgassay$ begin raise notice using message = {notice}; end $pgassay$", note)


def limit_of_stand_in(error: ServerError) -> str | None:
    """The extension that the server lacks or whose stand-in could not do what it was asked, if the error says that.

    The statement is not at fault then; it went unjudged.
    """
    if error.sqlstate != "0A000":
        return None
    for pattern in (r"(\S+) stand-in of pgassay cannot ", r'extension "(.+)" is not available$'):
        if match := re.match(pattern, error.message):
            return match[1]
    match = re.fullmatch(r"cannot accept a value of type (\w+)", error.message)
    return _REFUSED_TYPES.get(match[1]) if match else None


def script(name: str) -> str:
    """The stand-in's own SQL, with `@extschema@` for the schema."""
    return "\n".join(_file(file) for file in _STAND_INS[name].files or (f"{name}.sql",))


def has_stand_in(name: str) -> bool:
    return name in _STAND_INS


def mark(name: str) -> str:
    """The comment that every schema, table, view, type and function of a stand-in carries; snapshots leave them out."""
    return f"stand-in of pgassay for {name}"


def _replacement(name: str, schema: str | None, *, if_not_exists: bool, real: bool) -> str:
    """One DO block, so that it is one statement like the one it replaces."""
    if real:
        run = f"create extension {_identifier(name)} with schema @extschema@"
    elif name in PARKED:
        run = _NOT_PREPARED.replace("@name@", name)
    else:
        run = script(name)
    exists = f'extension "{name}" already exists'
    values = {
        "name": _literal(name),
        "schema": _literal(schema) if schema else "null",
        "parking": _literal(f"pg_parked_{name}"),
        "mark": _literal(mark(name)),
        "repeated": f"notice using errcode = '42710', message = {_literal(exists + ', skipping')}"
        if if_not_exists
        else f"exception using errcode = '42710', message = {_literal(exists)}",
        "script": _literal(run),
    }
    return re.sub(r"@(\w+)@", lambda place: values.get(place[1], place[0]), _file("create_extension.sql"))


@cache
def _file(name: str) -> str:
    return (_DIRECTORY / name).read_text(encoding="utf-8")


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
