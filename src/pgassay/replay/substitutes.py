"""What runs in place of a statement that the throwaway server cannot execute as production does, and what to say."""

from __future__ import annotations

from collections.abc import Iterator

from pgassay.model import ServerError, Statement, Unchecked
from pgassay.postgres.session import Session
from pgassay.replay.extensions import Extensions
from pgassay.supabase.privileged import Made, Replacement, is_refused_here_alone, replacement


class Substitutes:
    """One for the whole run: what was replaced once is replaced again when a file runs a second time.

    `replaced` are the statements, in their order: asked about them again, a new one knows as much.
    """

    def __init__(self, extensions: Extensions, environment: str) -> None:
        self._extensions = extensions
        self._supabase = environment == "supabase"
        self._made = Made()
        self._merged: dict[str, Replacement] = {}
        self._proposed: dict[str, Replacement] = {}
        self._used = self._merged
        self.replaced: list[Statement] = []

    @classmethod
    def of(cls, session: Session, environment: str) -> Substitutes:
        return cls(Extensions.of(session, environment), environment)

    def begin_proposed(self) -> None:
        """What is used from here on was brought by the change."""
        self._extensions.begin_proposed()
        self._used = self._proposed

    def instead(self, statement: Statement) -> str | None:
        """What to run in place of the statement; None leaves it as it is."""
        if statement.tree is None:
            return None
        found = replacement(statement, self._made) if self._supabase else None
        if found is None:
            sql = self._extensions.instead(statement)
        else:
            sql = found.sql
            if found.what:
                self._used[found.what] = found
        if sql is not None:
            self.replaced.append(statement)
        return sql

    @property
    def some_are_unknown(self) -> bool:
        return self._extensions.some_are_unknown

    def cannot_be_judged(self, error: ServerError) -> bool:
        """The statement failed for want of what production has and this server has not."""
        return self._supabase and is_refused_here_alone(error)

    def notes(self) -> Iterator[Unchecked]:
        yield from self._extensions.notes()
        for what, found in self._proposed.items():
            yield Unchecked(what, found.why or "")
        lasting = [what for what, found in self._merged.items() if found.lasting and what not in self._proposed]
        if lasting:
            why = next(found.why for found in self._merged.values() if found.lasting)
            yield Unchecked(" and ".join(lasting), why or "")
