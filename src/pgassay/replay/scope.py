"""Which objects are of interest: on a schema of hundreds of tables a change concerns few."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from pgassay.postgres.look import look
from pgassay.postgres.session import Session

# A server counts its OIDs up, so whatever is made from now on has a higher one than anything in these.
_NEWEST = """
select greatest((select max(oid) from pg_class), (select max(oid) from pg_proc), (select max(oid) from pg_type),
  (select max(oid) from pg_constraint))
"""


class Scope(Struct, frozen=True):
    """Some of the objects that there were at one moment, and all that were made after it."""

    known: frozenset[int]
    newest: int

    @classmethod
    def of(cls, session: Session, objects: Iterable[int]) -> Scope:
        """`objects` are OIDs, of this database or of another clone of the one that it was cloned from."""
        ((newest,),) = look(session, _NEWEST)
        return cls(frozenset(oid for oid in objects if oid <= newest), newest)

    @property
    def parameters(self) -> dict[str, Any]:
        """For a condition on `known_objects` and `newest_object`."""
        return {"known_objects": sorted(self.known), "newest_object": self.newest}
