"""`CREATE EXTENSION` on a server that has not got it: a stand-in runs instead, and the report says so."""

from __future__ import annotations

from collections.abc import Iterator

from pgassay.postgres.extensions import Plan

from pgassay.model import Statement, Unchecked
from pgassay.postgres import extensions
from pgassay.postgres.session import Session


class Extensions:
    """Which extensions the server has, and what ran in place of the others. One for the whole run."""

    def __init__(self, available: frozenset[str], environment: str) -> None:
        self._available = available
        self._environment = environment
        self._used: dict[str, Plan] = {}

    @classmethod
    def of(cls, session: Session, environment: str) -> Extensions:
        rows = session.rows("select name from pg_catalog.pg_available_extensions")
        return cls(frozenset(row[0] for row in rows), environment)

    def instead(self, statement: Statement) -> str | None:
        """What to run in place of the statement; None leaves it as it is."""
        if statement.kind != "CREATE EXTENSION" or statement.tree is None:
            return None
        options = {option.def_elem.defname: option.def_elem.arg for option in statement.tree.options}
        schema = options["schema"].string.sval if "schema" in options else None
        plan = extensions.plan(statement.tree.extname, schema, self._available, self._environment)
        if plan.note:
            self._used[statement.tree.extname] = plan
        return plan.sql

    def notes(self) -> Iterator[Unchecked]:
        for name, plan in sorted(self._used.items()):
            yield Unchecked(f"extension {name}", plan.note or "")
