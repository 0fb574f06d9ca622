"""The access proof: every persona on every relation that the change concerns, before and after it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from msgspec import Struct

from pgassay.model import RelationAccess, Unchecked
from pgassay.model.access import Broken, Cell, Leak, Reach
from pgassay.model.expectation import Asked
from pgassay.model.schema import PLATFORM
from pgassay.proofs.access.answers import Reached
from pgassay.proofs.access.concerns import Cells, Concerns
from pgassay.proofs.access.crowd import Crowd, gather
from pgassay.proofs.access.expectations import Expectations
from pgassay.proofs.access.functions import Functions, Leaked, allowed, granted
from pgassay.proofs.access.personas import ROLES
from pgassay.proofs.access.reach import Prober
from pgassay.proofs.access.side import Side
from pgassay.proofs.facts import FunctionFacts, RelationFacts
from pgassay.proofs.owners import AUTH_USERS
from pgassay.proofs.places import Places
from pgassay.proofs.rows import GIVE_VALUES, Family
from pgassay.proofs.touched import changed_functions, read_by, touched
from pgassay.replay.ground import Ground
from pgassay.replay.roles import Roles

_BEFORE = "pgassay_before"
_KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialized view"}


class Tried(Struct, frozen=True):
    access: tuple[RelationAccess, ...] = ()
    broken: tuple[Broken, ...] = ()
    leaks: tuple[Leak, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()


def try_access(ground: Ground, asked: Asked) -> Tried:
    """Of a Supabase project; elsewhere it is told what was not tried.

    Raises CannotCheck when the server dies, SettingsError for an expectation of what cannot be.
    """
    exposed = frozenset(ground.plan.parameters["exposed_schemas"]) - {"graphql_public"}
    if ground.plan.environment != "supabase" or not exposed:
        return Tried(unchecked=tuple(_not_here(asked)))
    path = ground.plan.extra_search_path
    search_path = ("public", "extensions") if path is None else path
    server, bench = ground.bench.server, ground.bench
    with bench.clone(_BEFORE, ground.before), server.connect(_BEFORE) as earlier, server.connect(ground.after) as now:
        left = Roles.of(now)
        # Other runs may be at work on a server of others, whose roles stay.
        altered = ground.roles is not None and left != ground.roles and server.info.provider != "url"
        given = ground.plan.given
        before = Side.of(earlier, search_path, given, ground.roles if altered else None)
        after = Side.of(now, search_path, given, left if altered else None)
        try:
            return _tried(ground, before, after, exposed, asked)
        finally:
            if altered:
                left.restore(now)


def _tried(ground: Ground, before: Side, after: Side, exposed: frozenset[str], asked: Asked) -> Tried:
    if AUTH_USERS not in after.facts.by_key:
        return Tried(unchecked=tuple(_not_here(asked)))
    if asked.everything:
        return _everything(after, exposed, asked)
    if not ground.plan.history.proposed:
        return Tried()
    places = Places(ground.plan.history.proposed, ground.steps, before.facts, after.facts)
    tried = _access(before, after, places, exposed, asked)
    expectations = Expectations(asked, exposed, before, after, is_whole=ground.is_whole)
    broken = tuple(expectations.broken(places))
    return Tried(tried.access, broken, tried.leaks, (*tried.unchecked, *expectations.unchecked))


def _access(before: Side, after: Side, places: Places, exposed: frozenset[str], asked: Asked) -> Tried:
    changed = touched(before.facts, after.facts)
    wanted = [after.facts.by_key[key] for key in sorted(changed)]
    wanted = [each for each in wanted if each.schema in exposed and not each.is_partition]
    new = changed_functions(before.facts, after.facts)
    functions = _functions(after, new, changed, exposed)
    if not wanted and not functions:
        return Tried()
    there = [before.facts.by_key[each.key] for each in wanted if each.key in before.facts.by_key]
    earlier: Cells = {}
    if there:
        with _crowded(before, there, (), asked) as (prober, crowd):
            earlier = prober.matrix(there, crowd.personas)
    with _crowded(after, wanted, functions, asked) as (prober, crowd):
        concerns = Concerns(prober, after.facts, crowd.family, places)
        now = prober.matrix(wanted, crowd.personas)
        found = [_relation(each, earlier, now, concerns, asked) for each in wanted]
        missing = [Unchecked(f"what {name} may do", why) for name, why in crowd.missing.items()]
        unchecked: tuple[Unchecked, ...] = (
            *_unfilled(wanted, crowd.family),
            *_undecided(each for each, of in zip(found, wanted, strict=True) if of.key not in crowd.family.reasons),
            *missing,
        )
        offered = Functions(prober, [each for each in after.facts.functions if each.schema in exposed], ROLES)
        leaks = list(offered.leaks(functions))
        unchecked = (*unchecked, *offered.not_called(each for each in functions if each.key in new))
        found += [
            each
            for each in _executed(offered, before, new, places)
            if each.is_new or any(cell.changed for cell in each.cells)
        ]
    old = [each for each in before.facts.functions if each.key in {leak.function.key for leak in leaks}]
    if old:
        with _crowded(before, [], old, asked) as (prober, crowd):
            known = {(each.function.key, each.role) for each in Functions(prober, old, ROLES).leaks(old)}
            leaks = [each for each in leaks if (each.function.key, each.role) not in known]
    told = [_told(each, places) for each in leaks]
    return Tried(tuple(found), (), tuple(told), tuple(unchecked))


def _everything(after: Side, exposed: frozenset[str], asked: Asked) -> Tried:
    wanted = [
        each
        for each in after.facts.relations
        if each.schema in exposed and not each.is_partition and (each.policies or each.schema not in PLATFORM)
    ]
    with _crowded(after, wanted, (), asked) as (prober, crowd):
        cells = prober.matrix(wanted, crowd.personas)
        found = [
            RelationAccess(
                each.display,
                _KINDS[each.kind],
                False,
                tuple(_as_it_is(*key[1:], one) for key, one in cells.items() if key[0] == each.key),
            )
            for each in wanted
        ]
        offered = Functions(prober, [each for each in after.facts.functions if each.schema in exposed], ROLES)
        for each in offered.all:
            executed = tuple(Cell(role, "execute", None, offered.reach(each, role)) for role in ROLES)
            found.append(RelationAccess(each.display, "function", False, executed))
        missing = [Unchecked(f"what {name} may do", why) for name, why in crowd.missing.items()]
        return Tried(tuple(found), unchecked=(*_unfilled(wanted, crowd.family), *missing))


def _as_it_is(role: str, action: str, found: Reached) -> Cell:
    error = found.error
    words, code = (error.message, error.sqlstate) if error else (None, None)
    return Cell(role, action, None, found.reach, words, code, seen=found.seen)


def _functions(
    after: Side, new: frozenset[str], changed: frozenset[str], exposed: frozenset[str]
) -> list[FunctionFacts]:
    """Those with an owner's rights that are new or changed, or read what is."""
    there = {each.key: each for each in after.facts.functions if each.schema in exposed and each.definer}
    reads = read_by(after.facts, there)
    return [each for key, each in there.items() if key in new or reads[key] & changed]


def _executed(offered: Functions, before: Side, new: frozenset[str], places: Places) -> Iterator[RelationAccess]:
    """Who may execute the functions of the change, now and before."""
    known = {each.key: each for each in before.facts.functions}
    there = [known[each.key] for each in offered.all if each.key in new and each.key in known]
    former = granted(before.session, there, ROLES)
    for each in offered.all:
        if each.key not in new:
            continue
        at = places.of_function(each)
        old = known.get(each.key)
        cells = (
            Cell(
                role, "execute", allowed(former.get((role, old.oid))) if old else None, offered.reach(each, role), at=at
            )
            for role in ROLES
        )
        yield RelationAccess(each.display, "function", old is None, tuple(cells), at=at)


def _told(leak: Leaked, places: Places) -> Leak:
    made = leak.function
    return Leak(made.display, made.owner, leak.role, leak.table, leak.columns, leak.seen, places.of_function(made))


@contextmanager
def _crowded(
    side: Side, relations: list[RelationFacts], functions: Iterable[FunctionFacts], asked: Asked
) -> Iterator[tuple[Prober, Crowd]]:
    """With rows in the relations, and in those that the functions read."""
    with side.in_transaction():
        reads = read_by(side.facts, (each.key for each in functions))
        keys = {each.key for each in relations}.union(*reads.values())
        crowd = gather(side.session, side.facts, sorted(keys), asked.personas, side.given)
        prober = Prober(side.session, side.facts, crowd.family, side.search_path)
        prober.prepare(side.facts.by_key[key] for key in sorted(keys))
        yield prober, crowd


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
        guarded=concerns.guarded(relation),
        blind=tuple(concerns.blind(relation, earlier, now)),
        is_public=any(re.search(pattern, relation.display, re.I) for pattern in asked.public),
    )


def _not_here(asked: Asked) -> Iterator[Unchecked]:
    if asked.expectations:
        number = len(asked.expectations)
        yield Unchecked(f"{number} expectation{'s' * (number > 1)} of the settings", "only Supabase has these roles")


def _undecided(found: Iterable[RelationAccess]) -> Iterator[Unchecked]:
    """One entry for all relations of which more was known before the change."""
    lost = [each for each in found if any(map(_is_lost, each.cells))]
    if lost:
        why = "the server did not say whether single rows are reached; a right on some columns alone does not show it"
        yield Unchecked(f"who reaches the rows of {_listed(each.name for each in lost)} now", why, "pgassay matrix")


def _is_lost(cell: Cell) -> bool:
    return cell.after is Reach.UNDECIDED and cell.before not in (None, Reach.UNDECIDED)


def _listed(names: Iterable[str]) -> str:
    each = list(names)
    return ", ".join(f"`{name}`" for name in each[:3]) + f" and {len(each) - 3} more" * (len(each) > 3)


def _unfilled(wanted: list[RelationFacts], family: Family) -> Iterator[Unchecked]:
    """One entry for all tables that have no row, with the reason of the first."""
    empty = [each for each in wanted if each.is_table and each.key in family.reasons]
    if not empty:
        return
    names = _listed(each.display for each in empty)
    why = f"no row could be made to fit: {family.reasons[empty[0].key]}"
    yield Unchecked(f"who reaches the rows of {names}", why, GIVE_VALUES)
