"""Names in one normal form: `public.users` and `users` are one table, `users`; other schemas stay in front."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pgassay.model import Statement

# What a statement that cannot be parsed was meant to make.
_CREATE = re.compile(
    r"create\s+(?:or\s+replace\s+|unlogged\s+|materialized\s+)*(?:table|view|function|procedure|type|domain|sequence|schema)"
    r"\s+(?:if\s+not\s+exists\s+)?(?P<name>[\w.\"]+)",
    re.I,
)


def display(schema: str | None, name: str) -> str:
    return name if schema in (None, "", "public") else f"{schema}.{name}"


def relation(range_var: Any) -> str:
    return display(range_var.schemaname, range_var.relname)


def strings(nodes: Iterable[Any]) -> tuple[str, ...]:
    """The text of a list of String nodes."""
    return tuple(node.string.sval for node in nodes if node.WhichOneof("node") == "string")


def dotted(nodes: Iterable[Any]) -> str:
    """A possibly qualified name that the tree keeps as a list of strings."""
    parts = strings(nodes)
    return display(parts[-2] if len(parts) > 1 else None, parts[-1]) if parts else ""


def creates(statement: Statement) -> tuple[str, ...]:
    """Names of what this statement would make: columns as `table.column`, policies and triggers as `name on table`."""
    tree = statement.tree
    match type(tree).__name__:
        case "NoneType":
            found = _CREATE.match(statement.text)
            return (found["name"].replace('"', "").removeprefix("public."),) if found else ()
        case "CreateStmt":
            return (relation(tree.relation),)
        case "CreateForeignTableStmt":
            return (relation(tree.base_stmt.relation),)
        case "ViewStmt":
            return (relation(tree.view),)
        case "CreateTableAsStmt":
            return (relation(tree.into.rel),)
        case "CreateSeqStmt":
            return (relation(tree.sequence),)
        case "CreateEnumStmt" | "CreateRangeStmt":
            return (dotted(tree.type_name),)
        case "CompositeTypeStmt":
            return (relation(tree.typevar),)
        case "CreateDomainStmt":
            return (dotted(tree.domainname),)
        case "CreateFunctionStmt":
            return (dotted(tree.funcname),)
        case "CreateSchemaStmt":
            return (tree.schemaname,)
        case "CreateRoleStmt":
            return (tree.role,)
        case "CreatePolicyStmt":
            return (f"{tree.policy_name} on {relation(tree.table)}",)
        case "CreateTrigStmt":
            return (f"{tree.trigname} on {relation(tree.relation)}",)
        case "IndexStmt":
            return (tree.idxname,) if tree.idxname else ()
        case "AlterTableStmt":
            table = relation(tree.relation)
            commands = (node.alter_table_cmd for node in tree.cmds)
            definitions = (getattr(command, "def") for command in commands)
            added = (node.column_def for node in definitions if node.WhichOneof("node") == "column_def")
            return tuple(f"{table}.{column.colname}" for column in added)
        case "RenameStmt":
            return (tree.newname, f"{relation(tree.relation)}.{tree.newname}")
    return ()


def drops(statement: Statement) -> tuple[str, ...]:
    """Names that a DROP statement asks for, in the form of `creates`; policies and triggers as `name on table`."""
    found = []
    on_table = statement.kind in ("DROP POLICY", "DROP TRIGGER", "DROP RULE")
    for node in getattr(statement.tree, "objects", ()):
        match node.WhichOneof("node"):
            case "list" if on_table:
                *table, name = strings(node.list.items)
                found.append(f"{name} on {display(table[0] if len(table) > 1 else None, table[-1])}")
            case "list":
                found.append(dotted(node.list.items))
            case "object_with_args":
                found.append(dotted(node.object_with_args.objname))
            case "type_name":
                found.append(dotted(node.type_name.names))
            case "string":
                found.append(node.string.sval)
    return tuple(found)
