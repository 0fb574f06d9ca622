"""`CREATE EXTENSION` on a server that has not got it: a stand-in runs instead, and the report says so."""

from __future__ import annotations

from collections.abc import Iterator

from pgassay.model import Statement, Unchecked
from pgassay.postgres.extensions import AVAILABLE, Plan, PlanKind, plan
from pgassay.postgres.session import Session


class Extensions:
    """Which extensions the server has, and what ran in place of the others. One for the whole run."""

    def __init__(self, available: frozenset[str], environment: str) -> None:
        self._available = available
        self._environment = environment
        self._merged: dict[str, Plan] = {}
        self._proposed: dict[str, Plan] = {}
        self._used = self._merged

    @classmethod
    def of(cls, session: Session, environment: str) -> Extensions:
        return cls(frozenset(row[0] for row in session.rows(AVAILABLE)), environment)

    def begin_proposed(self) -> None:
        """What is used from here on was brought by the change."""
        self._used = self._proposed

    def instead(self, statement: Statement) -> str | None:
        """What to run in place of the statement; None leaves it as it is."""
        if statement.kind != "CREATE EXTENSION" or statement.tree is None:
            return None
        tree = statement.tree
        options = {option.def_elem.defname: option.def_elem.arg for option in tree.options}
        schema = options["schema"].string.sval if "schema" in options else None
        found = plan(tree.extname, schema, self._available, self._environment, if_not_exists=tree.if_not_exists)
        if found.note:
            self._used[tree.extname] = found
        return found.sql

    @property
    def some_are_unknown(self) -> bool:
        return any(each.kind is PlanKind.UNKNOWN for each in (*self._merged.values(), *self._proposed.values()))

    def notes(self) -> Iterator[Unchecked]:
        for name, found in sorted(self._proposed.items()):
            yield Unchecked(f"extension {name}", found.note or "")
        if merged := sorted(self._merged.keys() - self._proposed.keys()):
            what = f"extension {merged[0]}" if len(merged) == 1 else f"extensions {', '.join(merged)}"
            yield Unchecked(
                what, "the merged files ask for what the throwaway server has not got; stand-ins took the place"
            )
