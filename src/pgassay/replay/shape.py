"""A `CREATE TABLE IF NOT EXISTS` that the server is about to skip: the declared table against the one that is there.

The declared shape is not read from the text: the same statement makes a table beside, in a savepoint that is rolled
back, and the two are compared in the catalog.
"""

from __future__ import annotations

from collections.abc import Iterator
from secrets import token_hex
from typing import Any

from pgassay.model import ColumnShape, Relation, SkippedTable, Statement
from pgassay.postgres.look import look, looking, try_out
from pgassay.postgres.session import Session
from pgassay.sql import names
from pgassay.sql.locate import Part, parts, relation_span
from pgassay.sql.positions import tree_offset

_EXISTING = """
select c.oid, n.nspname::text, c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = %s and c.relname = %s
"""
_COLUMNS = """
select attname, format_type(atttypid, atttypmod) from pg_attribute
where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum
"""
# A schema that no migration can have made before.
_SCHEMA = f"pgassay_{token_hex(8)}"
_SCRATCH = f"{_SCHEMA}.shape"
# The file may have taken on a role that can make no schema, or little time.
_BESIDE = f"set local role none; set local statement_timeout = 0; create schema {_SCHEMA}; "


def skipped_table(session: Session, statement: Statement) -> SkippedTable | None:
    """None when the table is not there yet, or when nothing that the statement declares is missing."""
    tree = statement.tree
    if statement.kind != "CREATE TABLE" or tree is None or not tree.if_not_exists:
        return None
    found = look(session, _EXISTING, (tree.relation.schemaname or creation_schema(session), tree.relation.relname))
    declaration = _beside(statement)
    if not found or declaration is None:
        return None
    ((oid, schema, name),) = found
    declared = try_out(session, _BESIDE + declaration, _COLUMNS, (_SCRATCH,))
    if declared is None:
        return None
    actual = dict(look(session, _COLUMNS, (oid,)))
    missing = tuple(ColumnShape(name, kind) for name, kind in declared if name not in actual)
    differing = tuple(
        (ColumnShape(name, kind), ColumnShape(name, actual[name]))
        for name, kind in declared
        if name in actual and actual[name] != kind
    )
    if not missing and not differing:
        return None
    return SkippedTable(Relation(oid, names.display(schema, name), "table", existed=True), missing, differing)


def creation_schema(session: Session) -> str | None:
    """Where a name without a schema is made, which is the only place where IF NOT EXISTS looks."""
    with looking(session, "set local statement_timeout = 0"):
        schema: str | None = session.rows("select pg_catalog.current_schema()::pg_catalog.text")[0][0]
    return schema


def _beside(statement: Statement) -> str | None:
    """The statement for a table beside, without foreign keys: they say nothing of columns and need other tables."""
    span = relation_span(statement, statement.tree.relation)
    if span is None:
        return None
    text = statement.text
    for start, end, instead in sorted([(*span, _SCRATCH), *_foreign_keys(statement)], reverse=True):
        text = text[:start] + instead + text[end:]
    return text


def _foreign_keys(statement: Statement) -> Iterator[tuple[int, int, str]]:
    for part in parts(statement):
        if type(part.node).__name__ == "ColumnDef":
            yield from _foreign_keys_of_column(statement, part)
        elif _kind(part.node) == "CONSTR_FOREIGN":
            yield part.start, part.end, "check (true)"


def _foreign_keys_of_column(statement: Statement, part: Part) -> Iterator[tuple[int, int, str]]:
    constraints = [node.constraint for node in part.node.constraints]
    starts = [tree_offset(statement, constraint.location) for constraint in constraints]
    for constraint, start, end in zip(constraints, starts, [*starts[1:], part.end], strict=False):
        # DEFERRABLE and its kin follow as constraints of their own.
        if _kind(constraint) == "CONSTR_FOREIGN" or _kind(constraint).startswith("CONSTR_ATTR"):
            yield start, end, ""


def _kind(node: Any) -> str:
    field = node.DESCRIPTOR.fields_by_name.get("contype")
    return str(field.enum_type.values_by_number[node.contype].name) if field else ""
