"""One question asked again and again on a session where migrations run, planned once.

Planning dozens of rules takes longer than answering them about a few objects. The name of the prepared statement is one
that no migration can know; one that discards it has it prepared again.
"""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from pgassay.postgres.look import look
from pgassay.postgres.session import QueryRefused, Session

_UNKNOWN = "26000"


class Question:
    def __init__(self, session: Session, query: str, parameters: Mapping[str, Any]) -> None:
        """`query` has `%(name)s` for each parameter, and `%%` for a percent sign."""
        from psycopg.sql import Literal

        self._session = session
        literals = {name: Literal(value).as_string(None) for name, value in parameters.items()}
        self._name = f"pgassay_{token_hex(8)}"
        self._prepare = f"prepare {self._name} as {query % literals}"

    def answer(self) -> list[tuple[Any, ...]]:
        """Raises QueryRefused."""
        try:
            return look(self._session, f"execute {self._name}")
        except QueryRefused as refused:
            if refused.error.sqlstate != _UNKNOWN:
                raise
        look(self._session, self._prepare)
        return look(self._session, f"execute {self._name}")
