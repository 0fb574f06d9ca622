"""The access proof: every persona on every relation that the change concerns, before and after it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from pgassay.model import RelationAccess, Unchecked
from pgassay.model.access import Broken
from pgassay.model.expectation import Asked
from pgassay.proofs.access.concerns import Cells, Concerns
from pgassay.proofs.access.crowd import Crowd, gather
from pgassay.proofs.access.expectations import Expectations, Side
from pgassay.proofs.access.reach import Prober
from pgassay.proofs.facts import RelationFacts, read_facts
from pgassay.proofs.owners import AUTH_USERS
from pgassay.proofs.places import Places
from pgassay.proofs.rows import Family
from pgassay.proofs.touched import touched
from pgassay.replay.ground import Ground

_BEFORE = "pgassay_before"
_KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialized view"}


class Tried(Struct, frozen=True):
    access: tuple[RelationAccess, ...] = ()
    broken: tuple[Broken, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()


def try_access(ground: Ground, asked: Asked) -> Tried:
    """Of a Supabase project; elsewhere it is told what was not tried.

    Raises CannotCheck when the server dies, SettingsError for an expectation of what cannot be.
    """
    exposed = frozenset(ground.plan.parameters["exposed_schemas"])
    if ground.plan.environment != "supabase" or not exposed:
        return Tried(unchecked=tuple(_not_here(asked)))
    path = ground.plan.extra_search_path
    search_path = ("public", "extensions") if path is None else path
    server, bench = ground.bench.server, ground.bench
    with bench.clone(_BEFORE, ground.before), server.connect(_BEFORE) as earlier, server.connect(ground.after) as now:
        before = Side(earlier, read_facts(earlier), search_path)
        after = Side(now, read_facts(now), search_path)
        if AUTH_USERS not in after.facts.by_key:
            return Tried(unchecked=tuple(_not_here(asked)))
        places = Places(ground.plan.history.proposed, ground.steps, before.facts, after.facts)
        tried = _access(before, after, places, exposed, asked)
        expectations = Expectations(asked, exposed, before, after, is_whole=ground.is_whole)
        broken = tuple(expectations.broken(places))
        return Tried(tried.access, broken, (*tried.unchecked, *expectations.unchecked))


def _access(before: Side, after: Side, places: Places, exposed: frozenset[str], asked: Asked) -> Tried:
    wanted = [
        after.facts.by_key[key]
        for key in sorted(touched(before.facts, after.facts))
        if after.facts.by_key[key].schema in exposed and not after.facts.by_key[key].is_partition
    ]
    if not wanted:
        return Tried()
    there = [before.facts.by_key[each.key] for each in wanted if each.key in before.facts.by_key]
    earlier: Cells = {}
    if there:
        with _crowded(before, there, asked) as (prober, crowd):
            earlier = prober.matrix(there, crowd.personas)
    with _crowded(after, wanted, asked) as (prober, crowd):
        concerns = Concerns(prober, after.facts, crowd.family, places)
        now = prober.matrix(wanted, crowd.personas)
        found = [_relation(each, earlier, now, concerns, asked) for each in wanted]
        missing = (Unchecked(f"what {name} may do", why) for name, why in crowd.missing.items())
        return Tried(tuple(found), (), (*_unfilled(wanted, crowd.family), *missing))


@contextmanager
def _crowded(side: Side, relations: list[RelationFacts], asked: Asked) -> Iterator[tuple[Prober, Crowd]]:
    side.session.run("begin")
    try:
        crowd = gather(side.session, side.facts, [each.key for each in relations], asked.personas)
        prober = Prober(side.session, side.facts, crowd.family, side.search_path)
        prober.prepare(relations)
        yield prober, crowd
    finally:
        side.session.run("rollback")


def _relation(relation: RelationFacts, earlier: Cells, now: Cells, concerns: Concerns, asked: Asked) -> RelationAccess:
    cells = [
        concerns.cell(relation, who, action, earlier.get(key), found)
        for key, found in now.items()
        for name, who, action in [key]
        if name == relation.key
    ]
    return RelationAccess(
        name=relation.display,
        kind=_KINDS[relation.kind],
        is_new=concerns.places.is_new_relation(relation),
        has_policies=relation.rls and bool(relation.policies),
        owners=concerns.owners(relation),
        personal=concerns.personal(relation),
        cells=tuple(cells),
        at=concerns.places.of_relation(relation),
        lockouts=tuple(concerns.lockouts(relation)),
        handover=concerns.handover(relation),
        blind=tuple(concerns.blind(relation, earlier, now)),
        is_public=any(re.search(pattern, relation.display, re.I) for pattern in asked.public),
    )


def _not_here(asked: Asked) -> Iterator[Unchecked]:
    if asked.expectations:
        number = len(asked.expectations)
        yield Unchecked(f"{number} expectation{'s' * (number > 1)} of the settings", "only Supabase has these roles")


def _unfilled(wanted: list[RelationFacts], family: Family) -> Iterator[Unchecked]:
    """One entry for all tables that have no row, with the reason of the first."""
    empty = [each for each in wanted if each.is_table and each.key in family.reasons]
    if not empty:
        return
    names = ", ".join(f"`{each.display}`" for each in empty[:3]) + (f" and {len(empty) - 3} more" * (len(empty) > 3))
    yield Unchecked(f"who reaches the rows of {names}", f"no row could be made to fit: {family.reasons[empty[0].key]}")
