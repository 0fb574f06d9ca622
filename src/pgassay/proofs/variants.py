"""Kinds of rows that may exist beside ordinary ones, and that a change may stumble over. Pure."""

from __future__ import annotations

from msgspec import Struct

from pgassay.proofs.facts import Column, RelationFacts
from pgassay.proofs.hints import NO_HINTS, Hints
from pgassay.proofs.values import extreme, is_known, ordinary

_KEYS = ("id", "uuid", "uid")


class Variant(Struct, frozen=True):
    """A row in which optional columns have a value, and those with a default another one where `extremes` are meant.

    `letter` makes what is unique differ, `same` is the letter of all else. `parents` is the user whose rows it refers
    to; `alone` refers to none where it need not. `hints` are values to have first.
    """

    letter: str
    same: str
    parents: str = "a"
    high: bool | None = None
    alone: bool = False
    hints: Hints = NO_HINTS

    def candidates(self, relation: RelationFacts, column: Column) -> tuple[str, ...]:
        """None for a column that is left to its default, or of whose type nothing is known."""
        if column.identity or not is_known(column):
            return ()
        # What is called `id` is meant to be unique, whether anything says so or not.
        unique = column.name.lower() in _KEYS or any(column.name in (names or ()) for names in relation.uniques)
        if wanted := self.hints.get((relation.name, column.name)):
            return (*wanted, *ordinary(column, self.letter, relation.key))
        if column.default is not None and (unique or self.high is None or "nextval" in column.default):
            return ()
        if unique:
            return ordinary(column, self.letter, relation.key)
        found = ordinary(column, self.same, relation.key)
        return found if self.high is None else (*extreme(column, self.high), *found)


COMPLETE = Variant("c", "c")
"""Everything filled in."""
HURTING = (
    Variant("d", "c"),
    Variant("e", "e", parents="b", high=True),
    Variant("f", "f", high=False, alone=True),
)
"""The same once more, as far as that may be; large values; small and empty ones."""


def meant(hints: Hints) -> Variant:
    """What the statements of a change look for."""
    return Variant("g", "g", hints=hints)
