"""Names, values and queries as they are written for people. Pure."""

from __future__ import annotations

import re

from pgassay.proofs.facts import RelationFacts, quoted

_SHOWN = 60
_LONGEST_QUERY = 200


def as_value(value: str | None) -> str:
    if value is None:
        return "null"
    if value == "":
        return "''"
    return value if len(value) <= _SHOWN else f"{value[:20]}... ({len(value)} characters)"


def if_short(query: str) -> str | None:
    return query if len(query) <= _LONGEST_QUERY else None


def as_table(table: RelationFacts) -> str:
    return as_name(table.name) if table.schema == "public" else f"{as_name(table.schema)}.{as_name(table.name)}"


def as_name(name: str) -> str:
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else quoted(name)
