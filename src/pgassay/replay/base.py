"""What is merged, applied quietly: each file whole, and where that fails statement by statement.

Production has these files, whatever an empty server says of them. So everything of a failing file that can be applied
is applied: seed data that needs production rows must not take the tables of its file along.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

from pgassay.model import Migration, ServerError, Statement
from pgassay.postgres.session import Session
from pgassay.replay.execute import Executed, execute, refuse_ended, told_where
from pgassay.replay.failures import Failure
from pgassay.replay.substitutes import Substitutes

_COMMIT = re.compile(r"^[ \t]*(?:commit|rollback|abort|end\s+(?:work|transaction))\b[^;\n]*;", re.I | re.M)
_BLANK = re.compile(r"(?:\s++|--[^\n]*+|/\*.*?\*/)*+", re.S)


def apply_base(session: Session, migrations: Iterable[Migration], substitutes: Substitutes) -> list[Failure]:
    failures: list[Failure] = []
    for migration in migrations:
        if _commits_midway(migration.up_text) or not _whole(session, migration):
            executed = execute(session, migration, Unobserved(substitutes))
            failures += (
                Failure(migration, done.statement, done.error)
                for done in executed
                if done.error and not _is_about_our_name(done.error)
            )
    return failures


def _is_about_our_name(error: ServerError) -> bool:
    """`alter database postgres set ...`: that name is taken up later only, and settings do not go with a clone."""
    return (error.sqlstate, error.message) == ("3D000", 'database "postgres" does not exist')


def _commits_midway(text: str) -> bool:
    """What a file has committed stays when the rest fails, so it cannot be tried whole and then once more in parts."""
    commit = _COMMIT.search(text)
    return commit is not None and not _BLANK.fullmatch(text, commit.end())


def _whole(session: Session, migration: Migration) -> bool:
    """One message, hence one transaction; false when it was rolled back."""
    with told_where(migration.path):
        failed = session.run(migration.up_text).error is not None
        if session.open:
            # The file began a transaction and never ended it.
            failed = session.run("rollback" if failed or session.failed else "commit").error is not None or failed
        refuse_ended(session, migration.path)
    session.forget()
    return not failed


class Unobserved:
    """Runs statements as they are, or what takes their place, and looks at nothing."""

    def __init__(self, substitutes: Substitutes) -> None:
        self._substitutes = substitutes

    def before(self, statement: Statement) -> None:
        pass

    def after(self, executed: Executed) -> None:
        pass

    def instead(self, statement: Statement) -> str | None:
        return self._substitutes.instead(statement)

    def beside(self, _: Statement) -> AbstractContextManager[None]:
        return nullcontext()
