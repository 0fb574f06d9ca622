"""Values that the statements of a change look for: a row without them is none that they mean. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pgassay.model import Statement

_IS = re.compile(r"(?:(\w+)|\"([^\"]+)\")\s*=\s*'((?:[^']|'')*)'")
_IN = re.compile(r"(?:(\w+)|\"([^\"]+)\")\s+in\s*\(\s*('(?:[^']|'')*'(?:\s*,\s*'(?:[^']|'')*')*)\s*\)", re.I)
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_NUMBER = re.compile(r"(?:(\w+)|\"([^\"]+)\")\s*=\s*(-?\d+(?:\.\d+)?|true|false)\b", re.I)

Hints = Mapping[tuple[str, str], tuple[str, ...]]
NO_HINTS: Hints = {}


def hints(statements: Iterable[Statement]) -> Hints:
    """By table, without its schema, and column: what the conditions of updates and deletes compare it with."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for statement in statements:
        condition = re.search(r"\bwhere\b(.*)", statement.text, re.I | re.S)
        if statement.kind not in ("UPDATE", "DELETE") or statement.tree is None or condition is None:
            continue
        table = statement.tree.relation.relname
        for plain, quoted, value in (*_IS.findall(condition[1]), *_NUMBER.findall(condition[1])):
            found.setdefault((table, plain or quoted), (value.replace("''", "'"),))
        for plain, quoted, values in _IN.findall(condition[1]):
            literals = (each.replace("''", "'") for each in _LITERAL.findall(values))
            found.setdefault((table, plain or quoted), tuple(literals))
    return found
