"""Where a change takes something away: the statement that drops or renames it."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from pgassay.model import Dropped, Location, Migration, Statement, Step
from pgassay.sql import edits, locate, names
from pgassay.sql.positions import within


class Change(Struct, frozen=True):
    """The proposed migrations and what was seen while they ran."""

    proposed: tuple[Migration, ...]
    steps: tuple[Step, ...] = ()

    def place_of(self, kind: str, table: str | None, name: str) -> Location | None:
        """The last statement that drops, renames or replaces it; `kind` is table, column or function."""
        statements = [statement for migration in self.proposed for statement in migration.up]
        for statement in reversed(statements):
            found = _exactly(statement, kind, table, name)
            if found:
                return found
        for step in reversed(self.steps):
            if any(_is_it(dropped, kind, table, name) for dropped in step.dropped):
                return edits.first_line(step.statement)
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        for statement in reversed(statements):
            if word.search(statement.text) and statement.kind.split()[0] in ("ALTER", "DROP", "DO", "CREATE", "SELECT"):
                return statement.location
        return None


def _is_it(dropped: Dropped, kind: str, table: str | None, name: str) -> bool:
    if kind == "column":
        return dropped.kind == "table column" and dropped.name == f"{table}.{name}"
    return dropped.kind in (kind, "view", "materialized view") and dropped.name.partition("(")[0] == name


def _exactly(statement: Statement, kind: str, table: str | None, name: str) -> Location | None:
    tree: Any = statement.tree
    match type(tree).__name__:
        case "DropStmt" if kind != "column" and name in names.drops(statement):
            for part in locate.parts(statement):
                if name in statement.text[part.start : part.end]:
                    return locate.part_location(statement, part)
            return statement.location
        case "RenameStmt":
            on = names.relation(tree.relation) if tree.HasField("relation") else ""
            of_column = kind == "column" and tree.subname == name and on == table
            if of_column or (kind == "table" and on == name and not tree.subname):
                found = locate.words(statement, 0, len(statement.text), "RENAME")
                return within(statement, found[0], len(statement.text)) if found else statement.location
        case "AlterTableStmt" if kind == "column" and names.relation(tree.relation) == table:
            for part in locate.parts(statement):
                if getattr(part.node, "name", None) == name and "drop" in statement.text[part.start : part.end].lower():
                    return locate.part_location(statement, part)
        case "AlterObjectSchemaStmt" if kind == "table" and names.relation(tree.relation) == name:
            return statement.location
    return None
