"""What the statements of a file above another one make, drop and empty."""

from __future__ import annotations

import math
from typing import Any

from pgassay.model import Migration, Statement
from pgassay.sql import altered, names


class Before:
    """Offsets at which names first come and go in one file. A DO block that drops by EXECUTE counts for its kind.

    `answers` is room for what is asked again and again about the statements, by their offset.
    """

    _last: tuple[Migration, Before] | None = None

    def __init__(self, migration: Migration) -> None:
        self.answers: dict[int, Any] = {}
        self._gone: dict[str, int] = {}
        self._made: dict[str, int] = {}
        self._emptied: dict[str, int] = {}
        self._temporary: set[str] = set()
        self._blocks: list[tuple[int, str]] = []
        for statement in migration.up:
            if statement.tree is not None:
                self._take(statement, statement.tree)

    @classmethod
    def of(cls, migration: Migration) -> Before:
        """The statements of a file are asked for one after another."""
        if cls._last is None or cls._last[0] is not migration:
            cls._last = migration, cls(migration)
        return cls._last[1]

    def _take(self, statement: Statement, tree: Any) -> None:
        start = statement.start
        for name in names.creates(statement):
            self._made.setdefault(name, start)
        match type(tree).__name__:
            case "DropStmt":
                for name in names.drops(statement):
                    self._gone.setdefault(name, start)
            case "AlterTableStmt":
                for name in altered.dropped(statement):
                    self._gone.setdefault(name, start)
            case "DoStmt":
                self._blocks.append((start, " ".join(statement.text.casefold().split())))
            case "TruncateStmt":
                for node in tree.relations:
                    self._emptied.setdefault(names.relation(node.range_var), start)
            case "DeleteStmt":
                self._emptied.setdefault(names.relation(tree.relation), start)
            case "CreateStmt" if tree.relation.relpersistence == "t":
                self._temporary.add(names.relation(tree.relation))

    def is_gone(self, name: str, statement: Statement, kind: str, table: str | None = None) -> bool:
        """The object, the table that it is on, its schema, or whatever a block drops of its kind."""
        schema = name.rpartition(".")[0] or "public"
        first = min(self._gone.get(each, math.inf) for each in (name, table or name, schema))
        word = kind.split()[-1].casefold()
        return first < statement.start or any(
            offset < statement.start and f"drop {word}" in text for offset, text in self._blocks
        )

    def is_made(self, name: str, statement: Statement) -> bool:
        return self._made.get(name, math.inf) < statement.start

    def is_emptied(self, table: str, statement: Statement) -> bool:
        return min(self._emptied.get(table, math.inf), self._gone.get(table, math.inf)) < statement.start

    def is_temporary(self, table: str) -> bool:
        return table in self._temporary

    def knows(self, command: altered.Command, statement: Statement) -> bool:
        """Whether a part of ALTER TABLE is prepared for: what it adds was dropped, what it drops was added."""
        if command.family == "drop":
            return self.is_made(command.name, statement)
        within = altered.dropped(statement)
        return command.name in within or self.is_gone(command.name, statement, command.family)
