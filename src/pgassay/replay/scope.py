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
_CATALOG = "select oid::regclass::text from pg_class where oid = %s"
_NAMED = """
select o.oid from {catalog} o, pg_identify_object(%s::oid, o.oid, 0) i
where o.oid > %s and i.identity = any (%s::text[])
"""


class Wanted(Struct, frozen=True):
    """An object of one clone. In another one it has the same identity, and the same OID if both were cloned with it."""

    classid: int
    objid: int
    identity: str


class Scope(Struct, frozen=True):
    """Some of the objects that there are at one moment, and all that are made after it."""

    known: frozenset[int]
    newest: int

    @classmethod
    def of(cls, session: Session, objects: Iterable[Wanted], newest_of_base: int) -> Scope:
        """`newest_of_base` is the highest OID when the database was cloned."""
        now = newest(session)
        known = set()
        made_since: dict[int, list[str]] = {}
        for each in objects:
            if each.objid <= newest_of_base:
                known.add(each.objid)
            else:
                made_since.setdefault(each.classid, []).append(each.identity)
        if now > newest_of_base:
            for classid, identities in made_since.items():
                ((catalog,),) = look(session, _CATALOG, (classid,))
                query = _NAMED.format(catalog=catalog)
                known |= {oid for (oid,) in look(session, query, (classid, newest_of_base, identities))}
        return cls(frozenset(known), now)

    @property
    def parameters(self) -> dict[str, Any]:
        """For a condition on `known_objects` and `newest_object`."""
        return {"known_objects": sorted(self.known), "newest_object": self.newest}


def newest(session: Session) -> int:
    """The highest OID of anything that is there."""
    found: int = look(session, _NEWEST)[0][0]
    return found
