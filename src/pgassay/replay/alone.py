"""The locks of statements that run in no transaction, of which nothing is left when they are through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from pgassay.model import Statement
from pgassay.postgres.databases import quoted
from pgassay.postgres.session import Session
from pgassay.replay.gates import Locks, Table, in_the_way

# VACUUM and REINDEX may name nothing, and mean everything.
_MOST = 50
_KINDS = "rpm"

Row = tuple[Any, ...]


class Alone:
    """`connect` opens a session beside the one that is watched; without it nothing is seen. Rows are those of State."""

    def __init__(self, session: Session, connect: Callable[[], Session] | None) -> None:
        self._session = session
        self._connect = connect
        self._locks: Locks = {}

    def beside(self, statement: Statement, known: Iterable[Row]) -> AbstractContextManager[None]:
        """Around a statement that runs in no transaction, on relations that are `known`."""
        self._locks = {}
        tables = [Table(_quoted(row), row[3] != "m", row[8] is not None) for row in concerned(statement, known)]
        if not tables or self._connect is None or "skip_locked" in statement.text.lower():
            return nullcontext()
        return in_the_way(self._connect, self._session, tables, self._note)

    def told(self, rows: Iterable[Row]) -> list[Row]:
        """The rows after the statement, with the locks that it had."""
        return [(*row[:7], sorted(self._locks.get(row[0], ())), *row[8:]) for row in rows]

    def _note(self, locks: Locks) -> None:
        for oid, modes in locks.items():
            self._locks.setdefault(oid, set()).update(modes)


def concerned(statement: Statement, known: Iterable[Row]) -> list[Row]:
    """The tables that a statement names, or of which it names an index, with their partitions; all when it names none.

    Names within its text will do: whoever stands in the way of one table too many disturbs nobody.
    """
    rows = {row[0]: row for row in known}
    words = set(re.findall(r"[^\W\d][\w$]*", statement.text.lower())) | set(re.findall(r'"([^"]+)"', statement.text))
    named = {row[6] or oid for oid, row in rows.items() if row[2] in words}
    tables = [row for oid, row in rows.items() if row[3] in _KINDS and (oid in named or row[8] in named)]
    if not tables:
        tables = [row for row in rows.values() if row[3] in _KINDS]
    return tables if len(tables) <= _MOST else []


def _quoted(row: Row) -> str:
    return f"{quoted(row[1])}.{quoted(row[2])}"
