"""What `if not exists` and `when duplicate_object` hide besides tables: a column, an index or an enum of another shape.

As with tables (see shape.py) the server says what a declaration means: it is made beside, and rolled back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from secrets import token_hex
from typing import Any

from msgspec import Struct
from postgast import pg_query_pb2 as pb

from pgassay.model import Mismatch, Statement
from pgassay.postgres.look import look, looking, try_out
from pgassay.postgres.session import Session
from pgassay.sql import grammar, names
from pgassay.sql.grammar import GrammarError

_SCHEMA = f"pgassay_{token_hex(8)}"
_SCRATCH = f"{_SCHEMA}.shape"
_BESIDE = f"set local role none; set local statement_timeout = 0; create schema {_SCHEMA}; create table {_SCRATCH} "
_TYPE = """
select format_type(atttypid, atttypmod) from pg_attribute
where attrelid = %s::regclass and attname = %s and not attisdropped
"""
# What stands behind USING says all but the table and whether it is unique.
_INDEX = """
select i.indrelid, c.relname::text, n.nspname::text, i.indexrelid,
       case when i.indisunique then 'unique ' else '' end
         || substring(pg_get_indexdef(i.indexrelid) from ' USING (.*)$')
from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
"""
_LABELS = "select enumlabel::text from pg_enum where enumtypid = %s order by enumsortorder"
_ENUM = re.compile(r"\bcreate\s+type\s+([\w.\"]+)\s+as\s+enum\s*\(([^()]*)\)", re.I)
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.S)
_LABEL = re.compile(r"'((?:[^']|'')*)'")


class Hidden(Struct, frozen=True):
    """A mismatch, and by what to look at it again when everything has run: an OID, and a column of it."""

    mismatch: Mismatch
    oid: int
    column: str | None = None


class Guards:
    def __init__(self, session: Session) -> None:
        self._session = session

    def before(self, statement: Statement) -> tuple[Hidden, ...]:
        """What the statement is about to pass over although it is of another shape."""
        match type(statement.tree).__name__:
            case "AlterTableStmt":
                return tuple(self._columns(statement.tree))
            case "IndexStmt" if statement.tree.if_not_exists and statement.tree.idxname:
                return tuple(self._index(statement))
        return ()

    def after(self, statement: Statement) -> tuple[Hidden, ...]:
        """Enums that a DO block would have made, had there not been one of that name: SQL has no guard for them."""
        if statement.kind != "DO" or "enum" not in statement.text.lower():
            return ()
        return tuple(self._enums(_COMMENTS.sub(" ", statement.text)))

    def is_still_there(self, hidden: Hidden) -> bool:
        """False when a later statement has mended or dropped it."""
        match hidden.mismatch.kind:
            case "column":
                found = look(self._session, _TYPE, (hidden.oid, hidden.column))
                return bool(found) and found[0][0] == hidden.mismatch.actual
            case "index":
                return bool(look(self._session, "select 1 from pg_index where indexrelid = %s", (hidden.oid,)))
        labels = {row[0] for row in look(self._session, _LABELS, (hidden.oid,))}
        return bool(labels) and not labels.issuperset(hidden.mismatch.missing)

    def _columns(self, tree: Any) -> Iterator[Hidden]:
        commands = [node.alter_table_cmd for node in tree.cmds]
        added = [each for each in commands if each.subtype == pb.AT_AddColumn and each.missing_ok]
        table = self._oid("to_regclass", _quoted(filter(None, (tree.relation.schemaname, tree.relation.relname))))
        if not added or table is None:
            return
        for command in added:
            definition = getattr(command, "def").column_def
            kind = _written(definition.type_name)
            actual = look(self._session, _TYPE, (table, definition.colname))
            if not actual or kind is None:
                continue
            declared = try_out(self._session, f"{_BESIDE} (c {kind})", _TYPE, (_SCRATCH, "c"))
            if declared and declared[0][0] != actual[0][0]:
                name = f"{names.relation(tree.relation)}.{definition.colname}"
                found = Mismatch("column", name, declared[0][0], actual[0][0])
                yield Hidden(found, table, definition.colname)

    def _index(self, statement: Statement) -> Iterator[Hidden]:
        tree = statement.tree
        table = self._oid("to_regclass", _quoted(filter(None, (tree.relation.schemaname, tree.relation.relname))))
        definition = _after_on(statement)
        if table is None or definition is None:
            return
        there = look(
            self._session,
            _INDEX + "join pg_class x on x.oid = i.indexrelid where x.relname = %s and x.relnamespace = "
            "(select relnamespace from pg_class where oid = %s)",
            (tree.idxname, table),
        )
        if not there:
            return
        ((on, relation, schema, oid, actual),) = there
        made = f"(like {_quoted(self._name(table))}); create {'unique ' * tree.unique}index on {_SCRATCH} {definition}"
        declared = try_out(self._session, _BESIDE + made, f"{_INDEX} where i.indrelid = %s::regclass", (_SCRATCH,))
        if declared and (declared[0][4] != actual or on != table):
            elsewhere = names.display(schema, relation) if on != table else None
            wanted = names.relation(tree.relation)
            yield Hidden(Mismatch("index", tree.idxname, declared[0][4], actual, wanted, elsewhere), oid)

    def _enums(self, text: str) -> Iterator[Hidden]:
        for name, values in _ENUM.findall(text):
            declared = [label.replace("''", "'") for label in _LABEL.findall(values)]
            oid = self._oid("to_regtype", name)
            labels = [row[0] for row in look(self._session, _LABELS, (oid,))] if oid else []
            missing = tuple(label for label in declared if label not in labels)
            if labels and missing:
                shown = name.replace('"', "").removeprefix("public.")
                yield Hidden(Mismatch("type", shown, "", "", missing=missing), oid or 0)

    def _oid(self, function: str, name: str) -> int | None:
        """By the search path of the file."""
        with looking(self._session, "set local statement_timeout = 0"):
            found: int | None = self._session.rows(f"select pg_catalog.{function}(%s)::pg_catalog.oid", (name,))[0][0]
        return found

    def _name(self, table: int) -> tuple[str, str]:
        query = "select n.nspname::text, c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        ((schema, name),) = look(self._session, f"{query} where c.oid = %s", (table,))
        return schema, name


def _written(node: Any) -> str | None:
    """The type as SQL; None for the few whose modifiers are no plain numbers."""
    modifiers = [each.a_const.ival.ival for each in node.typmods if each.WhichOneof("node") == "a_const"]
    parts = names.strings(node.names)
    if node.setof or node.pct_type or len(modifiers) != len(node.typmods) or parts[-1] == "interval":
        return None
    written = f"({', '.join(map(str, modifiers))})" if modifiers else ""
    return _quoted(parts) + written + "[]" * len(node.array_bounds)


def _after_on(statement: Statement) -> str | None:
    """What follows the table in CREATE INDEX: method, columns and the rest."""
    try:
        tokens = [token for token in grammar.scan(statement.text) if not token.is_comment]
    except GrammarError:
        return None
    on = next((n for n, token in enumerate(tokens) if token.kind == "ON"), None)
    if on is None:
        return None
    rest = next((token for token in tokens[on:] if token.kind in ("USING", "ASCII_40")), None)
    return statement.text[rest.start :] if rest else None


def _quoted(parts: Any) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)
