"""What a change says it does to rows, in so many words: nobody has to be told of that. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pgassay.model import Statement

_TAKES = r"(?:delete\s+from|truncate(?:\s+table)?)"
_WRITES = r"(?:update|merge\s+into)"
_UPSERT = re.compile(r"on\s+conflict\b.*?\bdo\s+update\b", re.I | re.S)
_DYNAMIC = re.compile(r"\bexecute\b|\bformat\s*\(", re.I)


def takes_rows(statements: Iterable[Statement], table: str) -> bool:
    """Whether a statement deletes from the table, or may do so in a way that the text does not show."""
    return any(_says(each, _TAKES, table) for each in statements)


def writes_rows(statements: Iterable[Statement], table: str) -> bool:
    """Whether a statement updates the table, or may do so in a way that the text does not show."""
    return any(
        _says(each, _WRITES, table) or (_names(each, table) and _UPSERT.search(each.text)) for each in statements
    )


def _says(statement: Statement, verb: str, table: str) -> bool:
    text = statement.text
    if re.search(verb, text, re.I) is None:
        return False
    name = re.escape(table.rpartition(".")[2])
    target = rf'\b{verb}\s+(?:only\s+)?(?:(?:"[^"]+"|\w+)\s*\.\s*)?"?{name}"?(?!\w)'
    if re.search(target, text, re.I):
        return True
    if statement.kind == "TRUNCATE TABLE":
        return _names(statement, table)
    return _DYNAMIC.search(text) is not None


def _names(statement: Statement, table: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(table.rpartition('.')[2])}(?!\w)", statement.text, re.I) is not None
