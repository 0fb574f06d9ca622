"""Asking the rules that found something after every statement that wrote to the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from msgspec import Struct

from pgassay.model import Migration, Rule, Statement
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.replay import inventory
from pgassay.replay.blame import Appearances, Asking, Key, describe
from pgassay.replay.catalog_writes import CatalogWrites
from pgassay.replay.execute import Executed, execute
from pgassay.replay.scope import Scope
from pgassay.replay.substitutes import Substitutes

_DEFERRED = "select 1 from pg_trigger where tgdeferrable and not tgisinternal limit 1"


class Place(Struct, frozen=True):
    """After which statement a row appeared, None when only the end of its file brought it.

    `existed` tells whether its object was there before that.
    """

    migration: Migration
    statement: Statement | None = None
    existed: bool = False


class Blaming:
    """Watches the statements of some files, one after the other."""

    def __init__(
        self,
        session: Session,
        substitutes: Substitutes,
        rules: tuple[Rule, ...],
        parameters: Mapping[str, Any],
        scope: Scope,
    ) -> None:
        self._session = session
        self._substitutes = substitutes
        self._rules = rules
        self._parameters = parameters
        self._scope = scope
        self._catalog = CatalogWrites(session)
        self._statements: list[tuple[Migration, Statement | None]] = []
        self._existed: set[Key] = set()
        self._must_be_new = frozenset(rule.id for rule in rules if rule.only_new)
        self._there = inventory.There()
        self._question = Asking(session, rules, parameters, scope)
        self._appearances = Appearances.starting(self._question.keys())
        self._remember()

    def watch(self, migration: Migration) -> None:
        self._migration = migration
        executed = execute(self._session, migration, self)
        # A COMMIT may take everything back, and it runs what was deferred.
        if self._rules and (any(done.error for done in executed) or look(self._session, _DEFERRED)):
            self._statements.append((migration, None))
            self._ask()

    def before(self, statement: Statement) -> None:
        self._statements.append((self._migration, statement))
        if self._rules:
            self._catalog.before()

    def instead(self, statement: Statement) -> str | None:
        return self._substitutes.instead(statement)

    def beside(self, _: Statement) -> AbstractContextManager[None]:
        return nullcontext()

    def after(self, executed: Executed) -> None:
        # A build that failed outside of a transaction leaves an invalid index.
        if not self._rules or self._session.failed or (executed.error and not executed.alone):
            return
        if executed.alone or self._catalog.written().any:
            self._ask()

    def places(self) -> dict[tuple[str, str], Place]:
        """Of the rows that appeared and are still there, by rule and identity."""
        appeared = self._appearances.appeared
        rows = describe(self._session, appeared, self._rules, self._parameters)
        return {row.name: Place(*self._statements[appeared[key]], key in self._existed) for key, row in rows.items()}

    def _ask(self) -> None:
        keys = self._question.keys()
        new = keys - self._appearances.current
        self._existed -= new
        self._existed |= {key for key in new if key[0] in self._must_be_new and self._there.had(key[1:])}
        self._appearances.after(len(self._statements) - 1, keys)
        self._remember()

    def _remember(self) -> None:
        if self._must_be_new:
            self._there = inventory.There.now(self._session, self._scope)
