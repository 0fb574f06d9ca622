"""Statements of ours that may fail, on a session in a transaction: each leaves everything as it was when it does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pgassay.model import Statement
from pgassay.postgres.session import QueryRefused, Session
from pgassay.sql.tags import TRANSACTION_TAGS

_BEGIN = "savepoint pgassay_row"
_NEXT = "release savepoint pgassay_row; savepoint pgassay_row"
_UNDO = "rollback to savepoint pgassay_row"
_SECONDS = 5.0
OVER = ("08003", "57P01")
"""What a session answers that has ended."""


class Attempts:
    def __init__(self, session: Session) -> None:
        self._session = session
        session.run(_BEGIN)

    def try_(self, query: str, parameters: list[Any]) -> tuple[list[tuple[Any, ...]] | None, str]:
        """The rows of a statement, or None and the server's words."""
        if not self._session.seconds_left:
            return None, "there was no time left"
        self._session.run(_NEXT)
        try:
            return self._session.rows(query, parameters, timeout=_SECONDS), ""
        except QueryRefused as refused:
            if refused.error.sqlstate in OVER:
                raise
            self._session.run(_UNDO)
            return None, refused.error.message

    def run(self, statements: Iterable[Statement]) -> str | None:
        """Statements of somebody else, each by itself; where the first of them failed, and why."""
        problem = None
        for statement in statements:
            if statement.kind in TRANSACTION_TAGS or (statement.problem and statement.problem.only_psql):
                continue
            self._session.run(_NEXT)
            error = self._session.run(statement.text, timeout=_SECONDS).error
            if error:
                self._session.run(_UNDO)
                where = f"{statement.location.path}:{statement.location.start_line}"
                problem = problem or f"{where}: {error.message}"
        if statements:
            # A dump leaves an empty search path behind.
            self._session.run("reset all; reset role; set local statement_timeout = 0; set local lock_timeout = 0")
        return problem


def literal(sql: str) -> str:
    """Of the catalog, beside parameters of ours."""
    return sql.replace("%", "%%")
