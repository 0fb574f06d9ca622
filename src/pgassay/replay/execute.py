"""One migration file on one session, statement by statement, in the mode of its runner.

A statement that fails is rolled back alone and the rest goes on: the file would not have been applied in production,
but what its other statements would do is worth knowing before the next attempt.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from pgassay.model import Migration, Mode, Notice, ServerError, Statement
from pgassay.postgres.session import Session
from pgassay.sql.tags import TRANSACTION_TAGS

# active_sql_transaction, and a COMMIT inside a DO block or a procedure (invalid_transaction_termination).
_ONLY_OUTSIDE_TRANSACTION = frozenset({"25001", "2D000"})
_SAVEPOINT = "savepoint pgassay_statement"
_ROLLBACK = "rollback to savepoint pgassay_statement; release savepoint pgassay_statement"
_RELEASE = "release savepoint pgassay_statement"


class Executed(Struct, frozen=True):
    """`alone` tells that the statement ran in a transaction of its own that is over, so that its locks are gone."""

    statement: Statement
    seconds: float = 0.0
    notices: tuple[Notice, ...] = ()
    error: ServerError | None = None
    alone: bool = False


class Watcher(Protocol):
    """Called around every statement, inside the transaction that it runs in where there is one."""

    def before(self, statement: Statement) -> None: ...

    def after(self, executed: Executed) -> None: ...

    def instead(self, statement: Statement) -> str | None:
        """SQL to run in place of the statement: a stand-in for an extension that the server has not."""
        ...


def execute(session: Session, migration: Migration, watcher: Watcher) -> list[Executed]:
    """Every statement of the file after it ran. Roles, settings and temporary tables end with the file."""
    done: list[Executed] = []
    own_transaction = False
    for statement in migration.up:
        if not statement.text or (statement.problem and statement.problem.only_psql):
            continue
        watcher.before(statement)
        text = watcher.instead(statement) or statement.text
        if statement.kind in TRANSACTION_TAGS:
            outcome = session.run(text)
            own_transaction = session.open and (own_transaction or statement.kind in ("BEGIN", "START TRANSACTION"))
            executed = Executed(statement, outcome.seconds, outcome.notices, outcome.error, alone=not session.open)
        else:
            executed = _in_transaction(session, migration.mode, statement, text)
        watcher.after(executed)
        if migration.mode is Mode.STATEMENT and session.open and not own_transaction:
            executed = replace(executed, error=executed.error or session.run("commit").error)
        done.append(executed)
    error = _finish(session)
    if error and done:
        # What only the final COMMIT refuses (a deferred constraint) is told at the last statement.
        done[-1] = replace(done[-1], error=done[-1].error or error)
    return done


def _in_transaction(session: Session, mode: Mode, statement: Statement, text: str) -> Executed:
    if session.failed:
        # A transaction command of the file itself failed, so the server ignores everything up to a rollback.
        session.run("rollback")
    if not session.open:
        session.run("begin")
    session.run(_SAVEPOINT)
    outcome = session.run(text)
    if session.open:
        session.run(_ROLLBACK if outcome.error else _RELEASE)
    if outcome.error and outcome.error.sqlstate in _ONLY_OUTSIDE_TRANSACTION and mode is not Mode.TRANSACTION:
        session.run("commit")
        outcome = session.run(text)
        return Executed(statement, outcome.seconds, outcome.notices, outcome.error, alone=True)
    return Executed(statement, outcome.seconds, outcome.notices, outcome.error)


def _finish(session: Session) -> ServerError | None:
    """Ends the file's transaction and forgets its session state, as a runner's next connection would."""
    error = None
    if session.open:
        error = session.run("rollback" if session.failed else "commit").error
    session.run("discard all")
    return error
