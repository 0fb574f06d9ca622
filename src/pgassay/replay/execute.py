"""One migration file on one session, statement by statement, in the mode of its runner.

A statement that fails is rolled back alone and the rest goes on: the file would not have been applied in production,
but what its other statements would do is worth knowing before the next attempt.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from secrets import token_hex
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from pgassay.errors import CannotCheck
from pgassay.model import Migration, Mode, Notice, ServerError, Statement
from pgassay.postgres.session import Session, TransactionStatus
from pgassay.sql.tags import TRANSACTION_TAGS

# active_sql_transaction, and a COMMIT inside a DO block or a procedure (invalid_transaction_termination).
_ONLY_OUTSIDE_TRANSACTION = frozenset({"25001", "2D000"})
# A name that no migration can know.
_OWN = f"pgassay_{token_hex(8)}"
_SAVEPOINT = f"savepoint {_OWN}"
_ROLLBACK = f"rollback to savepoint {_OWN}; release savepoint {_OWN}"
_RELEASE = f"release savepoint {_OWN}"
_ISOLATION_TOO_DEEP = "must not be called in a subtransaction"


_ENUM = frozenset({"CreateEnumStmt", "AlterEnumStmt"})


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

    def beside(self, statement: Statement, /) -> AbstractContextManager[None]:
        """Around a statement that runs in no transaction. In the block nothing but that may use the session."""
        ...


def execute(session: Session, migration: Migration, watcher: Watcher) -> list[Executed]:
    """Every statement of the file after it ran. Roles, settings and temporary tables end with the file."""
    done: list[Executed] = []
    mode = _mode(migration)
    own_transaction = False
    for statement in migration.up:
        if not statement.text or (statement.problem and statement.problem.only_psql):
            continue
        where = f"{statement.location.path}:{statement.location.start_line}"
        with told_where(where):
            watcher.before(statement)
            text = watcher.instead(statement) or statement.text
            if statement.kind in TRANSACTION_TAGS:
                executed = _control(session, mode, statement, text)
                own_transaction = session.open and (own_transaction or statement.kind in ("BEGIN", "START TRANSACTION"))
                if mode is Mode.TRANSACTION and not session.open:
                    # The file has ended its runner's transaction; nobody begins another one but the file.
                    mode = Mode.STATEMENT
            else:
                executed = _in_transaction(session, statement, text)
                may_run_alone = mode is not Mode.TRANSACTION and not own_transaction
                if may_run_alone and executed.error and executed.error.sqlstate in _ONLY_OUTSIDE_TRANSACTION:
                    _commit(session, done)
                    with watcher.beside(statement):
                        executed = _alone(session, statement, text)
                elif (
                    may_run_alone and not migration.runs_once and executed.error and _is_new_enum_value(executed.error)
                ):
                    # By hand each statement is its own transaction, unless the file says otherwise.
                    _commit(session, done)
                    executed = _in_transaction(session, statement, text)
            refuse_ended(session, where)
            watcher.after(executed)
        done.append(executed)
        if mode is Mode.STATEMENT and session.open and not own_transaction:
            _commit(session, done)
    if session.open:
        _commit(session, done)
    session.forget()
    return done


def _mode(migration: Migration) -> Mode:
    if migration.mode is Mode.MESSAGE:
        return Mode.STATEMENT if len(migration.up) == 1 else Mode.TRANSACTION
    return migration.mode


@contextmanager
def told_where(where: str) -> Iterator[None]:
    """What takes the session or the server along is told with the place that did."""
    try:
        yield
    except CannotCheck as error:
        raise CannotCheck(str(error) if str(error).startswith(where) else f"{where}: {error}") from None


def refuse_ended(session: Session, where: str) -> None:
    """Raises CannotCheck when what has just run ended the session, so that nothing after it can be judged."""
    if session.transaction_status is TransactionStatus.CLOSED:
        why = f" ({session.ended_by.message})" if session.ended_by else ""
        raise CannotCheck(
            f"{where}: this ended the database session{why}, so nothing after it could be checked; leave it out and "
            "run pgassay again"
        )


def _control(session: Session, mode: Mode, statement: Statement, text: str) -> Executed:
    """BEGIN, COMMIT and their kin. A savepoint that is not there fails alone, like any other statement."""
    if getattr(statement.tree, "savepoint_name", ""):
        if not session.open and mode is not Mode.STATEMENT:
            session.run("begin")
        if session.open:
            # On success it is gone or lies below the file's own, where nobody meets it.
            session.run(_SAVEPOINT)
    outcome = session.run(text)
    if session.failed:
        session.run(_ROLLBACK)
    return Executed(statement, outcome.seconds, outcome.notices, outcome.error, alone=not session.open)


def _in_transaction(session: Session, statement: Statement, text: str) -> Executed:
    if not session.open:
        session.run("begin")
    session.run(_SAVEPOINT)
    outcome = session.run(text)
    error = outcome.error
    if error is None and type(statement.tree).__name__ in _ENUM and session.open:
        # A value may be used in the transaction that made its type, but not when either was made in a subtransaction.
        session.run(_ROLLBACK)
        return Executed(statement, outcome.seconds, outcome.notices, session.run(text).error)
    if session.open:
        # An error of our own means that the statement has done something to our savepoint.
        error = session.run(_ROLLBACK if error else _RELEASE).error or error
    if session.failed:
        session.run("rollback")
    if error and error.message.endswith(_ISOLATION_TOO_DEEP):
        # Our savepoint is the subtransaction; without it SET TRANSACTION would have done what it says.
        error = None
    return Executed(statement, outcome.seconds, outcome.notices, error)


def _is_new_enum_value(error: ServerError) -> bool:
    return error.sqlstate == "55P04"


def _alone(session: Session, statement: Statement, text: str) -> Executed:
    outcome = session.run(text)
    return Executed(statement, outcome.seconds, outcome.notices, outcome.error, alone=True)


def _commit(session: Session, done: list[Executed]) -> None:
    """What only a COMMIT refuses (a deferred constraint) is told at the last statement before it."""
    error = session.run("commit").error
    if error and done:
        done[-1] = replace(done[-1], error=done[-1].error or error)
