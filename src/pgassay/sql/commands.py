"""What an ALTER TABLE is made of, and which statements leave writers alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pgassay.model import Statement
from pgassay.sql import locate, names


def subtypes(statement: Statement) -> frozenset[str]:
    """The commands of an ALTER TABLE by libpg_query's names: `AT_SetNotNull`."""
    return frozenset(_name(node.alter_table_cmd, "subtype") for node in getattr(statement.tree, "cmds", ()))


def named(statement: Statement, subtype: str) -> tuple[str, ...]:
    """What commands of one kind name: the columns of `AT_SetNotNull`."""
    commands = (node.alter_table_cmd for node in getattr(statement.tree, "cmds", ()))
    return tuple(command.name for command in commands if _name(command, "subtype") == subtype)


def constraints(statement: Statement) -> Iterator[tuple[str, Any]]:
    """Constraints that an ALTER TABLE adds, those of added columns too, with their kind: `CONSTR_FOREIGN`."""
    for node in getattr(statement.tree, "cmds", ()):
        definition = getattr(node.alter_table_cmd, "def")
        match definition.WhichOneof("node"):
            case "constraint":
                yield _name(definition.constraint, "contype"), definition.constraint
            case "column_def":
                for each in definition.column_def.constraints:
                    yield _name(each.constraint, "contype"), each.constraint


def unique_columns(statement: Statement) -> Iterator[tuple[str, ...]]:
    """The columns of every unique index or constraint that the statement adds, also those in an expression."""
    if type(statement.tree).__name__ == "IndexStmt" and statement.tree.unique:
        yield tuple(sorted({name for node in statement.tree.index_params for name in _columns(node)}))
    for kind, node in constraints(statement):
        if kind in ("CONSTR_UNIQUE", "CONSTR_PRIMARY") and node.keys:
            yield names.strings(node.keys)


def _columns(node: Any) -> set[str]:
    element = node.index_elem
    return {element.name} if element.name else locate.columns_used(element.expr)


def concurrently(statement: Statement) -> bool:
    """CREATE, DROP and REINDEX INDEX with CONCURRENTLY."""
    tree = statement.tree
    match type(tree).__name__:
        case "IndexStmt" | "DropStmt":
            return bool(tree.concurrent)
        case "ReindexStmt":
            return any(node.def_elem.defname == "concurrently" for node in tree.params)
    return False


def _name(node: Any, field: str) -> str:
    found = node.DESCRIPTOR.fields_by_name.get(field)
    return str(found.enum_type.values_by_number[getattr(node, field)].name) if found else ""
