"""Names in one normal form: `public.users` and `users` are one table, `users`; other schemas stay in front."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from postgast import pg_query_pb2 as pb

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
            return (tree.schemaname or tree.authrole.rolename,)
        case "CreateRoleStmt":
            return (tree.role,)
        case "CreateFdwStmt":
            return (tree.fdwname,)
        case "CreateForeignServerStmt":
            return (tree.servername,)
        case "CreatePublicationStmt":
            return (tree.pubname,)
        case "CreatePolicyStmt":
            return (f"{tree.policy_name} on {relation(tree.table)}",)
        case "CreateTrigStmt":
            return (f"{tree.trigname} on {relation(tree.relation)}",)
        case "IndexStmt":
            return (display(tree.relation.schemaname, tree.idxname),) if tree.idxname else ()
        case "RuleStmt":
            return (f"{tree.rulename} on {relation(tree.relation)}",)
        case "AlterTableStmt":
            table = relation(tree.relation)
            commands = (node.alter_table_cmd for node in tree.cmds)
            added = (getattr(command, "def").column_def for command in commands if command.subtype == pb.AT_AddColumn)
            return tuple(f"{table}.{column.colname}" for column in added)
        case "RenameStmt":
            return _renamed(tree)
    return ()


def _renamed(tree: Any) -> tuple[str, ...]:
    """What there is after a RENAME."""
    on = relation(tree.relation)
    match tree.rename_type:
        case pb.OBJECT_COLUMN | pb.OBJECT_ATTRIBUTE:
            return (f"{on}.{tree.newname}",)
        case pb.OBJECT_POLICY | pb.OBJECT_TRIGGER | pb.OBJECT_RULE:
            return (f"{tree.newname} on {on}",)
        case pb.OBJECT_TABCONSTRAINT | pb.OBJECT_DOMCONSTRAINT:
            return ()
    if tree.HasField("relation"):
        return (display(tree.relation.schemaname, tree.newname),)
    old = _written(tree.object)
    return (display(old[-2] if len(old) > 1 else None, tree.newname),)


def dotted_node(node: Any) -> str:
    """A name in whatever node the tree keeps it."""
    parts = _written(node)
    return display(parts[-2] if len(parts) > 1 else None, parts[-1]) if parts else ""


def _written(node: Any) -> tuple[str, ...]:
    """The parts of a name that is neither a relation's nor a lone identifier."""
    match node.WhichOneof("node"):
        case "list":
            return strings(node.list.items)
        case "object_with_args":
            return strings(node.object_with_args.objname)
        case "type_name":
            return strings(node.type_name.names)
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
