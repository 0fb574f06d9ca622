"""The parts of an ALTER TABLE that a second run would stumble over, and how each of them is guarded."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from postgast import pg_query_pb2 as pb

from pgassay.model import Edit, Statement
from pgassay.sql import names, rewrite
from pgassay.sql.locate import Part, columns_used, parts, relation_span

# How PostgreSQL ends the name that it makes up for a constraint, and what it says when the constraint is there.
_CONSTRAINTS = {
    pb.CONSTR_FOREIGN: ("fkey", "duplicate_object"),
    pb.CONSTR_CHECK: ("check", "duplicate_object"),
    pb.CONSTR_UNIQUE: ("key", "duplicate_table"),
    pb.CONSTR_EXCLUSION: ("excl", "duplicate_table"),
    pb.CONSTR_PRIMARY: ("pkey", "invalid_table_definition"),
}


class Command(Struct, frozen=True):
    """One part without its guard. `spots` are the words that guard it in place; else it needs `conditions` passed over.

    `family` is column, constraint or drop; `name` is `table.column` or `constraint on table`.
    """

    part: Part
    family: str
    name: str
    guarded: str | None = None
    spots: tuple[tuple[int, str], ...] = ()
    conditions: tuple[str, ...] = ()
    unnamed: bool = False


def commands(statement: Statement) -> list[Command]:
    table = names.relation(statement.tree.relation)
    scanned = rewrite.tokens(statement)
    found = []
    for part in parts(statement):
        if type(part.node).__name__ != "AlterTableCmd":
            continue
        own = [token for token in scanned if part.start <= token.start < part.end]
        command = _command(statement, table, part, own)
        if command:
            found.append(command)
    return found


def dropped(statement: Statement) -> frozenset[str]:
    """Names that DROP COLUMN and DROP CONSTRAINT of this statement take away."""
    if type(statement.tree).__name__ != "AlterTableStmt":
        return frozenset()
    table = names.relation(statement.tree.relation)
    nodes = [node.alter_table_cmd for node in statement.tree.cmds]
    columns = {f"{table}.{node.name}" for node in nodes if node.subtype == pb.AT_DropColumn}
    return frozenset(columns | {f"{node.name} on {table}" for node in nodes if node.subtype == pb.AT_DropConstraint})


def guarded(statement: Statement, text: str, found: list[Command]) -> Edit | None:
    """Words in their places where that is enough; else one statement for each part, in DO blocks where needed."""
    if not any(command.conditions for command in found):
        return rewrite.insertions(statement, text, [spot for command in found for spot in command.spots])
    everything = parts(statement)
    head = statement.text[: everything[0].start]
    by_start = {command.part.start: command for command in found}
    statements = []
    for part in everything:
        command = by_start.get(part.start)
        sql = statement.text[part.start : part.end]
        for offset, words in sorted(command.spots if command else (), reverse=True):
            sql = sql[: offset - part.start] + words + sql[offset - part.start :]
        if command and command.conditions:
            statements.append(rewrite.passing_over(head + sql, *command.conditions))
        else:
            statements.append(f"{head}{sql};")
    return rewrite.replaced(statement, text, "\n".join(statements))


def renamed_from(tree: Any) -> str | None:
    """What a RENAME finds no more the second time, in the form of `names.creates`."""
    on = names.relation(tree.relation) if tree.HasField("relation") else ""
    match tree.rename_type:
        case pb.OBJECT_COLUMN:
            return f"{on}.{tree.subname}"
        case pb.OBJECT_POLICY | pb.OBJECT_TRIGGER | pb.OBJECT_TABCONSTRAINT:
            return f"{tree.subname} on {on}"
        case pb.OBJECT_SCHEMA:
            return str(tree.subname)
    return on or names.dotted_node(tree.object) or None


def written_after(statement: Statement, keyword: str) -> str | None:
    """The name behind a keyword, as it is written."""
    scanned = rewrite.tokens(statement)
    at = next((n for n, token in enumerate(scanned) if token.kind == keyword), None)
    if at is None or at + 1 >= len(scanned):
        return None
    return statement.text[scanned[at + 1].start : scanned[at + 1].end]


def written_relation(statement: Statement, range_var: Any) -> str | None:
    span = relation_span(statement, range_var)
    return statement.text[span[0] : span[1]] if span else None


def _command(statement: Statement, table: str, part: Part, own: list[Any]) -> Command | None:
    node = part.node
    if node.missing_ok or not own:
        return None
    word = statement.text[own[0].start : own[0].end]
    match node.subtype:
        case pb.AT_AddColumn:
            definition = getattr(node, "def").column_def
            has_word = len(own) > 1 and own[1].kind == "COLUMN"
            words = rewrite.in_case_of(word, " if not exists" if has_word else " column if not exists")
            spot = (own[1 if has_word else 0].end, words)
            shown = f"add column if not exists {definition.colname}"
            return Command(part, "column", f"{table}.{definition.colname}", shown, (spot,))
        case pb.AT_AddConstraint:
            return _constraint(table, part, own, word)
        case pb.AT_DropColumn | pb.AT_DropConstraint:
            kind = "column" if node.subtype == pb.AT_DropColumn else "constraint"
            has_word = len(own) > 1 and own[1].kind == kind.upper()
            words = rewrite.in_case_of(word, " if exists" if has_word else f" {kind} if exists")
            name = f"{table}.{node.name}" if kind == "column" else f"{node.name} on {table}"
            spot = (own[1 if has_word else 0].end, words)
            return Command(part, "drop", name, f"drop {kind} if exists {node.name}", (spot,))
    return None


def _constraint(table: str, part: Part, own: list[Any], word: str) -> Command | None:
    node = getattr(part.node, "def").constraint
    if node.contype not in _CONSTRAINTS:
        return None
    ending, condition = _CONSTRAINTS[node.contype]
    if node.indexname:
        # The second time the index belongs to the constraint, or has its name.
        condition = "undefined_object"
    if node.conname:
        return Command(part, "constraint", f"{node.conname} on {table}", conditions=(condition,))
    columns = names.strings(node.fk_attrs) or names.strings(node.keys)
    if node.contype == pb.CONSTR_CHECK:
        used = sorted(columns_used(node))
        columns = tuple(used) if len(used) == 1 else ()
    if node.contype == pb.CONSTR_PRIMARY:
        return Command(part, "constraint", f"{table}_pkey on {table}", conditions=(condition,))
    name = "_".join([table.rpartition(".")[2], *columns, ending])[:63]
    if not (name.replace("_", "").isalnum() and name == name.lower()):
        return Command(part, "constraint", f"{name} on {table}", conditions=(condition,), unnamed=True)
    spot = (own[0].end, rewrite.in_case_of(word, " constraint ") + name)
    return Command(part, "constraint", f"{name} on {table}", None, (spot,), (condition,), unnamed=True)
