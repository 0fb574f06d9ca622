"""What failed statements would have made: uses of it cannot be judged."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from pgassay.model import Schema, Unchecked, Usage, What
from pgassay.model.schema import PLATFORM
from pgassay.replay.failures import Explained, Reason
from pgassay.sql import names

# These may make anything, in words that nobody can follow.
_OPAQUE = frozenset({"DO", "SELECT", "CALL", "EXECUTE"})
_MAKES = re.compile(r"\b(?:create|alter|execute)\b", re.I)
_ALTERS = re.compile(r"\s*(?:alter|create)\s+table\b", re.I)
# Of the project's tables: from here on a schema is taken to be made elsewhere for the most part.
_MANY = 0.1
_NO_TABLE, _NO_SCHEMA, _NO_FUNCTION, _NO_COLUMN = "42P01", "3F000", "42883", "42703"


class Lost(Struct, frozen=True):
    """`made` are names that failed statements would have made, `texts` failed statements that may have made anything.

    Statements ask for the tables and schemas `outside`, the functions `outside_functions` and columns of the tables
    `outside_columns`, and no file makes them.
    """

    made: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()
    outside: frozenset[str] = frozenset()
    outside_functions: frozenset[str] = frozenset()
    outside_columns: frozenset[str] = frozenset()
    first: Explained | None = None

    @classmethod
    def of(cls, explained: Sequence[Explained]) -> Lost:
        made: set[str] = set()
        texts: list[str] = []
        for entry in explained:
            statement = entry.failure.statement
            made.update(names.creates(statement))
            opaque = statement.kind in _OPAQUE and _MAKES.search(statement.text)
            if opaque or (statement.tree is None and _ALTERS.match(statement.text)):
                texts.append(statement.text)
        outside: dict[str, set[str]] = {}
        for entry in explained:
            if entry.reason is Reason.NOWHERE and entry.name:
                outside.setdefault(entry.failure.error.sqlstate, set()).add(entry.name)
        causes = [entry for entry in explained if entry.reason is not Reason.CONSEQUENCE]
        nowhere = [entry for entry in causes if entry.reason is Reason.NOWHERE]
        first = next(iter(nowhere or causes), None)
        return cls(
            frozenset(made),
            tuple(texts),
            frozenset(outside.get(_NO_TABLE, set()) | outside.get(_NO_SCHEMA, set())),
            frozenset(outside.get(_NO_FUNCTION, ())),
            frozenset(name.rpartition(".")[0] for name in outside.get(_NO_COLUMN, ())),
            first,
        )

    def is_most(self, schema: Schema) -> bool:
        """Whether so much is made elsewhere that nothing can be said of what is not there."""
        own = sum(1 for each in schema.tables if each.schema not in PLATFORM)
        return len(self.outside) > own * _MANY

    def hides(self, usage: Usage, schema: Schema) -> bool:
        """Whether what the usage names may be there in truth."""
        name = usage.name
        table = usage.table
        if usage.what is What.COLUMN or usage.what is What.VALUE or usage.what is What.ROW:
            reached = schema.reached(usage)
            table = reached.display if reached else table
            return (
                f"{table}.{name}" in self.made
                or table in self.made
                or table in self.outside
                or table in self.outside_columns
                or self._mentioned(name, (table or "").rpartition(".")[2])
            )
        if name in self.made or (table is not None and table in self.made):
            return True
        if name in self.outside or table in self.outside:
            return True
        if self.outside_functions and usage.what in (What.FUNCTION, What.CALL):
            return True
        return self._mentioned(name)

    def _mentioned(self, *wanted: str) -> bool:
        words = [re.compile(rf"(?<!\w){re.escape(name)}(?!\w)") for name in wanted if name]
        return any(all(word.search(text) for word in words) for text in self.texts)

    def note(self, count: int) -> Unchecked | None:
        if not count or self.first is None:
            return None
        where = self.first.failure.statement.location
        nowhere = self.first.reason is Reason.NOWHERE
        return Unchecked(
            f"{count} {'use' if count == 1 else 'uses'} of tables, columns and functions in application code",
            f"they rest on statements that did not apply, {where.path}:{where.start_line} first: "
            f"{self.first.failure.error.message}{' (no file creates it)' if nowhere else ''}",
            'pg_dump --schema-only > baseline.sql, then baseline = "baseline.sql" in pgassay.toml'
            if nowhere
            else f"mend {where.path}, or give a `baseline`",
        )
