"""The stage `prove`: what the change does to people and rows, tried out on the databases before and after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from pgassay.model import Outcome, RelationAccess, Unchecked
from pgassay.postgres.session import Session
from pgassay.proofs.access import ACTIONS, ROLES, Prober, Reached
from pgassay.proofs.concerns import Concerns
from pgassay.proofs.facts import Facts, RelationFacts, read_facts
from pgassay.proofs.owners import AUTH_USERS
from pgassay.proofs.places import Places
from pgassay.proofs.rows import Family, fill
from pgassay.proofs.second_run import second_runs
from pgassay.proofs.touched import tables_to_fill, touched
from pgassay.replay.ground import Ground

_BEFORE = "pgassay_before"
_KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialized view"}

Cells = Mapping[tuple[str, str, str], Reached]


class Proven(Struct, frozen=True):
    outcome: Outcome = Outcome()
    unchecked: tuple[Unchecked, ...] = ()


class Prove:
    """To be called with the ground that a replay has prepared; keeps what was seen.

    `again` are the paths of the files for which it matters whether they can run twice.
    """

    def __init__(self, again: frozenset[str] = frozenset()) -> None:
        self._again = again
        self._proven = Proven()

    def __call__(self, ground: Ground) -> None:
        """Raises CannotCheck when the server dies."""
        exposed = frozenset(ground.plan.parameters["exposed_schemas"])
        if ground.plan.environment == "supabase" and exposed:
            with ground.bench.clone(_BEFORE, ground.before), ground.bench.server.connect(_BEFORE) as session:
                self._proven = _access(ground, session, exposed)
        runs = tuple(second_runs(ground, self._again))
        self._proven = replace(self._proven, outcome=replace(self._proven.outcome, second_runs=runs))

    @property
    def outcome(self) -> Outcome:
        return self._proven.outcome

    @property
    def unchecked(self) -> tuple[Unchecked, ...]:
        return self._proven.unchecked


def _access(ground: Ground, before_session: Session, exposed: frozenset[str]) -> Proven:
    before = read_facts(before_session)
    with ground.bench.server.connect(ground.after) as session:
        after = read_facts(session)
        wanted = [
            after.by_key[key]
            for key in sorted(touched(before, after))
            if after.by_key[key].schema in exposed and not after.by_key[key].is_partition
        ]
        if not wanted or AUTH_USERS not in after.by_key:
            return Proven()
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
            found = [_relation(each, before, earlier, prober, concerns) for each in wanted]
            return Proven(Outcome(access=tuple(found)), tuple(_unfilled(wanted, family)))
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
        return {
            (each.key, role, action): prober.reach(each, role, action)
            for each in there
            for role in ROLES
            for action in ACTIONS
        }
    finally:
        session.run("rollback")


def _relation(
    relation: RelationFacts, before: Facts, earlier: Cells, prober: Prober, concerns: Concerns
) -> RelationAccess:
    is_new = relation.key not in before.by_key
    cells = []
    for role in ROLES:
        for action in ACTIONS if relation.is_table else ("select",):
            was = earlier.get((relation.key, role, action))
            now = prober.reach(relation, role, action)
            cells.append(concerns.cell(relation, role, action, was.reach if was else None, now))
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
