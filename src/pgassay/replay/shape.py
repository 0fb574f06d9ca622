"""A `CREATE TABLE IF NOT EXISTS` that the server is about to skip: the declared table against the one that is there.

The declared shape is not read from the text: the same statement makes a table beside, in a savepoint that is rolled
back, and the two are compared in the catalog.
"""

from __future__ import annotations

from pgassay.model import ColumnShape, Relation, SkippedTable, Statement
from pgassay.postgres.look import look, try_out
from pgassay.postgres.session import Session
from pgassay.sql import names
from pgassay.sql.locate import relation_span

_EXISTING = """
select c.oid, n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.oid = to_regclass(%s)
"""
_COLUMNS = """
select attname, format_type(atttypid, atttypmod) from pg_attribute
where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum
"""
_SCRATCH = "pgassay_scratch.shape"


def skipped_table(session: Session, statement: Statement) -> SkippedTable | None:
    """None when the table is not there yet, or when nothing that the statement declares is missing."""
    if statement.kind != "CREATE TABLE" or statement.tree is None or not statement.tree.if_not_exists:
        return None
    span = relation_span(statement, statement.tree.relation)
    if span is None:
        return None
    written = statement.text[span[0] : span[1]]
    # The name is resolved on the session's own search path, as the server is about to do.
    found = session.rows("select pg_catalog.to_regclass(%s)::pg_catalog.oid", (written,))
    if not found or found[0][0] is None:
        return None
    oid = found[0][0]
    beside = statement.text[: span[0]] + _SCRATCH + statement.text[span[1] :]
    declared = try_out(session, f"create schema pgassay_scratch; {beside}", _COLUMNS, (_SCRATCH,))
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
    schema, name = look(
        session,
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = %s",
        (oid,),
    )[0]
    return SkippedTable(Relation(oid, names.display(schema, name), "table", existed=True), missing, differing)
