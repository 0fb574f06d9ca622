"""What Supabase lets a migration do that a plain server leaves to superusers, and what runs here in its place.

The server's hook supautils does these things for postgres (src/supautils.c): event triggers, publications of all tables
or of a schema, foreign data wrappers, REPLICATION, and settings from a list. Our postgres can do none of it, so that a
hostile migration cannot either.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import Struct
from postgast import pg_query_pb2 as pb

from pgassay.model import ServerError, Statement
from pgassay.sql import names
from pgassay.sql.positions import tree_offset

NOTHING = "do $pgassay$ begin end $pgassay$"

_ALL_TABLES = "stand-in of pgassay for all tables"

# supautils.privileged_role_allowed_configs, without those that the environment lets postgres set by itself. A prefix
# ends in a dot.
_SETTINGS = (
    "auto_explain.",
    "log_lock_waits",
    "log_min_duration_statement",
    "log_min_messages",
    "log_replication_commands",
    "log_statement",
    "log_temp_files",
    "pg_net.batch_size",
    "pg_net.ttl",
    "pg_stat_statements.",
    "pgaudit.",
    "plan_filter.",
    "safeupdate.enabled",
)


_REFUSED_HERE = re.compile(
    r"permission denied to create (event trigger|foreign-data wrapper) "
    r"|must be superuser to (create FOR (ALL TABLES|TABLES IN SCHEMA) publication|add or set schemas)"
    r"|must be owner of extension "
)


class Replacement(Struct, frozen=True):
    """`sql` runs instead of the statement. `what` was not executed, and `why` says what that means.

    `lasting` tells that later statements may behave differently on Supabase because of it.
    """

    sql: str
    what: str | None = None
    why: str | None = None
    lasting: bool = False


class Made(Struct):
    """What earlier statements would have made: event triggers, and publications that are for all tables."""

    event_triggers: set[str] = msgspec.field(default_factory=set)
    publications: set[str] = msgspec.field(default_factory=set)


def replacement(statement: Statement, made: Made) -> Replacement | None:
    """None leaves the statement as it is. What it would make is added to `made`."""
    tree = statement.tree
    event_triggers = made.event_triggers
    match type(tree).__name__:
        case "CreateEventTrigStmt":
            event_triggers.add(tree.trigname)
            return _event_trigger(tree)
        case "AlterEventTrigStmt" if tree.trigname in event_triggers:
            return Replacement(NOTHING)
        case "DropStmt" if tree.remove_type == pb.OBJECT_EVENT_TRIGGER:
            return Replacement(NOTHING) if event_triggers.issuperset(names.drops(statement)) else None
        case "CommentStmt" if tree.objtype == pb.OBJECT_EVENT_TRIGGER and tree.object.string.sval in event_triggers:
            return Replacement(NOTHING)
        case "CreatePublicationStmt":
            if tree.for_all_tables:
                made.publications.add(tree.pubname)
            return _publication(tree)
        case "AlterPublicationStmt":
            return _altered_publication(statement, tree, tree.pubname in made.publications)
        case "CreateFdwStmt":
            return Replacement(_raising("0A000", f"{tree.fdwname} stand-in of pgassay cannot be made"))
        case "CreateRoleStmt" | "AlterRoleStmt":
            return _role(statement, tree)
        case "VariableSetStmt":
            return _setting("set", tree.name)
        case "AlterRoleSetStmt" if not tree.database:
            return _setting(f"alter role {tree.role.rolename} set", tree.setstmt.name)
    return None


def is_refused_here_alone(error: ServerError) -> bool:
    """Such a statement inside a DO block or a function, where nothing can be replaced: it went unjudged."""
    return error.sqlstate == "42501" and _REFUSED_HERE.match(error.message) is not None


def _event_trigger(tree: Any) -> Replacement:
    function = names.dotted(tree.funcname)
    # The function has to be there all the same.
    parts = ".".join(_identifier(part) for part in names.strings(tree.funcname))
    missing = f"function {function}() does not exist"
    sql = f"""do $pgassay$ begin
  if pg_catalog.to_regprocedure({_literal(parts + "()")}) is null then
    raise exception using errcode = '42883', message = {_literal(missing)};
  end if;
end $pgassay$"""
    why = "Supabase runs it whenever the schema changes, the throwaway server cannot: what it does was not seen"
    return Replacement(sql, f"event trigger {tree.trigname}", why, lasting=True)


def _publication(tree: Any) -> Replacement | None:
    of_schemas = _of_schemas(tree)
    if not tree.for_all_tables and not of_schemas:
        return None
    name = _identifier(tree.pubname)
    sql = f"create publication {name}"
    if tree.for_all_tables:
        sql = f"""do $pgassay$ begin
  {sql};
  comment on publication {name} is {_literal(_ALL_TABLES)};
end $pgassay$"""
    return Replacement(
        sql,
        f"publication {tree.pubname} for {'tables in schema' if of_schemas else 'all tables'}",
        "Supabase allows that, the throwaway server only to a superuser: it was made without its tables",
    )


def _altered_publication(statement: Statement, tree: Any, all_tables: bool) -> Replacement | None:
    if _of_schemas(tree):
        what = f"alter publication {tree.pubname} for tables in schema"
        return Replacement(NOTHING, what, "Supabase allows that, the throwaway server only to a superuser")
    if not tree.pubobjects or not all_tables:
        return None
    # As the server would answer about one that is for all tables in earnest.
    words = f'publication "{tree.pubname}" is defined as FOR ALL TABLES'
    detail = "Tables or sequences cannot be added to or dropped from FOR ALL TABLES publications."
    return Replacement(
        f"""do $pgassay$ begin
  if exists (
    select from pg_catalog.pg_publication as p
    where p.pubname = {_literal(tree.pubname)}
      and pg_catalog.obj_description(p.oid, 'pg_publication') = {_literal(_ALL_TABLES)}
  ) then
    raise exception using errcode = '55000', message = {_literal(words)}, detail = {_literal(detail)};
  end if;
  execute {_literal(statement.text)};
end $pgassay$"""
    )


def _of_schemas(tree: Any) -> bool:
    kinds = {node.publication_obj_spec.pubobjtype for node in tree.pubobjects}
    return bool(kinds & {pb.PUBLICATIONOBJ_TABLES_IN_SCHEMA, pb.PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA})


def _role(statement: Statement, tree: Any) -> Replacement | None:
    """REPLICATION is one word among the options; the rest stays as it is written."""
    for option in tree.options:
        definition = option.def_elem
        if definition.defname == "isreplication" and definition.arg.boolean.boolval:
            at = tree_offset(statement, definition.location)
            sql = statement.text[:at] + statement.text[at + len("replication") :]
            role = tree.role if isinstance(tree.role, str) else tree.role.rolename
            if len(tree.options) == 1 and type(tree).__name__ == "AlterRoleStmt":
                sql = NOTHING
            why = "Supabase allows that, the throwaway server only to a role that may replicate itself"
            return Replacement(sql, f"replication for role {role}", why)
    return None


def _setting(command: str, name: str) -> Replacement | None:
    if not name.lower().startswith(_SETTINGS):
        return None
    why = "Supabase allows that, the throwaway server only to a superuser"
    return Replacement(NOTHING, f"{command} {name}", why)


def _raising(sqlstate: str, message: str) -> str:
    return f"""do $pgassay$ begin
  raise exception using errcode = '{sqlstate}', message = {_literal(message)};
end $pgassay$"""


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
