"""Rows that were made to fit: a family of them for each of two users, and so an owner for every row."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from pgassay.proofs.facts import RelationFacts

USERS = {"a": "a0000000-0000-4000-8000-00000000000a", "b": "b0000000-0000-4000-8000-00000000000b"}
STRANGER = "c"
"""Signed up, and owns nothing: whatever he reaches, no row of his own gave him the right to."""
IDS = {**USERS, STRANGER: "c0000000-0000-4000-8000-00000000000c"}

GIVE_VALUES = "[rows] in pgassay.toml gives values or a seed; pgassay rows shows what was made"
"""What to do about a table without rows."""

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
