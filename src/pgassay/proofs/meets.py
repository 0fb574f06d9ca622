"""Which statements have anything to do with the rows that tables had before. Pure."""

from __future__ import annotations

from typing import Any

from postgast import pg_query_pb2 as pb

from pgassay.model import Statement
from pgassay.sql.tags import TRANSACTION_TAGS

_NEVER = (
    *("GRANT", "REVOKE", "COMMENT", "SET", "RESET", "SHOW", "NOTIFY", "ANALYZE", "VACUUM", "SECURITY LABEL"),
    *("CREATE TABLE", "CREATE SCHEMA", "CREATE TYPE", "CREATE DOMAIN", "CREATE SEQUENCE", "CREATE EXTENSION"),
    *("CREATE TRIGGER", "CREATE RULE", "CREATE PUBLICATION", "CREATE STATISTICS", "CREATE AGGREGATE"),
    *("ALTER DEFAULT PRIVILEGES", "ALTER SEQUENCE", "ALTER PUBLICATION", "ALTER EXTENSION", "ALTER SCHEMA"),
    *("DROP INDEX", "DROP SEQUENCE", "DROP EXTENSION", "DROP ROLE", "CREATE ROLE", "ALTER ROLE", "ALTER INDEX"),
)
_NEVER_KINDS = ("POLICY", "FUNCTION", "PROCEDURE", "ROUTINE", "VIEW", "TRIGGER")
_NEVER_TREES = ("RenameStmt", "AlterObjectSchemaStmt", "AlterOwnerStmt", "AlterEnumStmt", "AlterOpFamilyStmt")
_HARMLESS = frozenset(
    getattr(pb, f"AT_{name}")
    for name in (
        *("ColumnDefault", "EnableRowSecurity", "DisableRowSecurity", "ForceRowSecurity", "NoForceRowSecurity"),
        *("ChangeOwner", "ReplicaIdentity", "SetRelOptions", "ResetRelOptions", "SetStatistics", "SetOptions"),
        *("EnableTrig", "DisableTrig", "EnableTrigUser", "DisableTrigUser", "DropNotNull", "DropConstraint"),
        *("SetStorage", "SetCompression", "ValidateConstraint", "DropColumn", "AlterConstraint"),
    )
)
_FILLED = frozenset({pb.CONSTR_DEFAULT, pb.CONSTR_IDENTITY, pb.CONSTR_GENERATED})
_CHECKED = frozenset({pb.CONSTR_CHECK, pb.CONSTR_PRIMARY, pb.CONSTR_EXCLUSION})
_OF_VALUES = frozenset({pb.CONSTR_UNIQUE, pb.CONSTR_FOREIGN})
_SERIAL = ("serial", "bigserial", "smallserial", "serial2", "serial4", "serial8")


def meets_rows(statement: Statement) -> bool:
    """Whether what it does, or whether it goes through, may depend on rows."""
    kind = statement.kind
    if kind in TRANSACTION_TAGS or kind in _NEVER or kind.endswith(_NEVER_KINDS):
        return kind == "CREATE MATERIALIZED VIEW"
    if type(statement.tree).__name__ in _NEVER_TREES:
        return False
    if kind == "ALTER TABLE" and type(statement.tree).__name__ == "AlterTableStmt":
        return not all(_is_harmless(node.alter_table_cmd) for node in statement.tree.cmds)
    if kind == "CREATE INDEX":
        return bool(statement.tree.unique)
    return True


def validates(statement: Statement) -> bool:
    """Whether it is there to find rows that do not fit, so that nobody has to be told that it may."""
    if type(statement.tree).__name__ != "AlterTableStmt":
        return False
    return all(node.alter_table_cmd.subtype == pb.AT_ValidateConstraint for node in statement.tree.cmds)


def _is_harmless(command: Any) -> bool:
    """Of an ALTER TABLE. What it means to drop a column is said by other rules."""
    if command.subtype == pb.AT_AddConstraint:
        return bool(getattr(command, "def").constraint.skip_validation)
    if command.subtype == pb.AT_AddColumn:
        column = getattr(command, "def").column_def
        kinds = {item.constraint.contype for item in column.constraints}
        filled = bool(kinds & _FILLED) or column.type_name.names[-1].string.sval in _SERIAL
        return not kinds & (_CHECKED | (_OF_VALUES if filled else frozenset())) and (
            filled or pb.CONSTR_NOTNULL not in kinds
        )
    return command.subtype in _HARMLESS
