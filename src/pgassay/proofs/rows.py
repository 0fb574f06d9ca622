"""Rows that were made to fit: a family of them for each of two users, and so an owner for every row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from pgassay.proofs.facts import Constraint, RelationFacts

USERS = {"a": "a0000000-0000-4000-8000-00000000000a", "b": "b0000000-0000-4000-8000-00000000000b"}
STRANGER = "c"
"""Signed up, and owns nothing: whatever he reaches, no row of his own gave him the right to."""
IDS = {**USERS, STRANGER: "c0000000-0000-4000-8000-00000000000c"}

GIVE_VALUES = "[rows] in pgassay.toml gives values or a seed; pgassay rows shows what was made"
"""What to do about a table without rows."""

RETURNED = "t.tableoid::pg_catalog.int8, t.ctid::pg_catalog.text, pg_catalog.to_jsonb(t)::pg_catalog.text"
"""Of a row of `t`: what `row_of` makes a Row of."""
OURS = "pgassay_"
"""How names begin of what had to be made for rows."""

Place = tuple[int, str]


class Row(Struct, frozen=True):
    """Where a row is (its table's OID and ctid), and what is in it: as text, and whole as JSON."""

    place: Place
    values: Mapping[str, str | None]
    document: str


class Family(Struct):
    """The rows by user and table; `reasons` tell of tables that have none. `quietened` had their triggers disabled.

    `seed_problem` is where the seed of the settings failed first, and with what words.
    """

    rows: dict[tuple[str, str], Row]
    reasons: dict[str, str]
    quietened: set[str]
    logins: Mapping[str, frozenset[str]]
    seed_problem: str | None = None

    def of(self, user: str, relation: RelationFacts) -> Row | None:
        return self.rows.get((user, relation.key))

    def shares(self, relation: RelationFacts, user: str, other: str) -> bool:
        """The row of a user refers to something of the other one as well: a message to him."""
        row = self.of(user, relation)
        values = set(row.values.values()) if row else set()
        if USERS[other] in values:
            return True
        keys = [key for key in relation.foreign_keys if len(key.columns) == 1]
        return row is not None and any(self._is_parent(other, key, row.values.get(key.columns[0])) for key in keys)

    def _is_parent(self, user: str, key: Constraint, value: str | None) -> bool:
        return value is not None and any(
            owner == user and row.place[0] == key.references and row.values.get(key.keys[0]) == value
            for (owner, _), row in self.rows.items()
        )


def row_of(found: tuple[Any, ...]) -> Row:
    oid, ctid, document = found
    return Row((oid, ctid), {name: _text(value) for name, value in json.loads(document).items()}, document)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)
