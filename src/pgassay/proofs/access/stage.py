"""The access proof: every persona on every relation that the change concerns, before and after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from pgassay.model import RelationAccess, Unchecked
from pgassay.postgres.session import Session
from pgassay.proofs.access.concerns import Concerns
from pgassay.proofs.access.personas import ROLES
from pgassay.proofs.access.reach import Prober, Reached
from pgassay.proofs.facts import Facts, RelationFacts, read_facts
from pgassay.proofs.fill import fill
from pgassay.proofs.owners import AUTH_USERS
from pgassay.proofs.places import Places
from pgassay.proofs.rows import Family
from pgassay.proofs.touched import tables_to_fill, touched
from pgassay.replay.ground import Ground

_BEFORE = "pgassay_before"
_KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialized view"}

Cells = Mapping[tuple[str, str, str], Reached]


class Tried(Struct, frozen=True):
    access: tuple[RelationAccess, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()


def try_access(ground: Ground) -> Tried:
    """Of a Supabase project; nothing elsewhere. Raises CannotCheck when the server dies."""
    exposed = frozenset(ground.plan.parameters["exposed_schemas"])
    if ground.plan.environment != "supabase" or not exposed:
        return Tried()
    with ground.bench.clone(_BEFORE, ground.before), ground.bench.server.connect(_BEFORE) as session:
        return _access(ground, session, exposed)


def _access(ground: Ground, before_session: Session, exposed: frozenset[str]) -> Tried:
    before = read_facts(before_session)
    with ground.bench.server.connect(ground.after) as session:
        after = read_facts(session)
        wanted = [
            after.by_key[key]
            for key in sorted(touched(before, after))
            if after.by_key[key].schema in exposed and not after.by_key[key].is_partition
        ]
        if not wanted or AUTH_USERS not in after.by_key:
            return Tried()
        path = ground.plan.extra_search_path
        search_path = ("public", "extensions") if path is None else path
        earlier = _reached_before(before_session, before, wanted, search_path)
        session.run("begin")
        try:
            family = _filled(session, after, [each.key for each in wanted])
            prober = Prober(session, after, family, search_path)
            prober.prepare(wanted)
            places = Places(ground.plan.history.proposed, ground.steps, before, after)
            concerns = Concerns(prober, after, family, places)
            now = prober.matrix(wanted)
            found = [_relation(each, before, earlier, now, prober, concerns) for each in wanted]
            return Tried(tuple(found), tuple(_unfilled(wanted, family)))
        finally:
            session.run("rollback")


def _filled(session: Session, facts: Facts, keys: list[str]) -> Family:
    # The role's own search path stays: triggers look for names on it.
    session.run("set local statement_timeout = 0; set local lock_timeout = 0")
    return fill(session, facts, tables_to_fill(facts, keys))


def _reached_before(session: Session, facts: Facts, wanted: list[RelationFacts], search_path: tuple[str, ...]) -> Cells:
    """Of those relations that were there."""
    there = [facts.by_key[each.key] for each in wanted if each.key in facts.by_key]
    if not there:
        return {}
    session.run("begin")
    try:
        family = _filled(session, facts, [each.key for each in there])
        prober = Prober(session, facts, family, search_path)
        prober.prepare(there)
        return prober.matrix(there)
    finally:
        session.run("rollback")


def _relation(
    relation: RelationFacts, before: Facts, earlier: Cells, now: Cells, prober: Prober, concerns: Concerns
) -> RelationAccess:
    is_new = relation.key not in before.by_key
    cells = []
    for role in ROLES:
        for action in prober.actions(relation):
            key = relation.key, role, action
            cells.append(concerns.cell(relation, role, action, earlier.get(key), now[key]))
    return RelationAccess(
        name=relation.display,
        kind=_KINDS[relation.kind],
        is_new=is_new,
        has_policies=relation.rls and bool(relation.policies),
        owners=concerns.owners(relation),
        personal=concerns.personal(relation),
        cells=tuple(cells),
        at=concerns.places.of_relation(relation),
        lockouts=tuple(concerns.lockouts(relation)),
        handover=concerns.handover(relation),
    )


def _unfilled(wanted: list[RelationFacts], family: Family) -> Iterator[Unchecked]:
    """One entry for all tables that have no row, with the reason of the first."""
    empty = [each for each in wanted if each.is_table and each.key in family.reasons]
    if not empty:
        return
    names = ", ".join(f"`{each.display}`" for each in empty[:3]) + (f" and {len(empty) - 3} more" * (len(empty) > 3))
    yield Unchecked(f"who reaches the rows of {names}", f"no row could be made to fit: {family.reasons[empty[0].key]}")
