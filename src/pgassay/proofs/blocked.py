"""Blocked time: each proposed file whose locks matter run once more on tables with many rows, while others wait.

Only tables that were there before the change, only where the replay saw a lock that makes others wait, and only where
the statement's work grows with a table. Whether somebody waited is what the server says of its sessions; how long is
measured and said, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from time import monotonic

from msgspec import Struct

from pgassay.errors import CannotCheck
from pgassay.model import Blocked, Migration, Unchecked
from pgassay.postgres import environments
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.proofs.budget import MORE_TIME
from pgassay.proofs.facts import Facts, read_facts
from pgassay.proofs.many import multiply
from pgassay.proofs.suspects import Place, Suspect, has_a_rule, suspects
from pgassay.proofs.waiting import Others
from pgassay.proofs.witness import Witness
from pgassay.replay.base import Unobserved
from pgassay.replay.execute import execute
from pgassay.replay.ground import Ground
from pgassay.sql import commands

_CHAIN = "pgassay_calm"
_BUSY = "pgassay_busy"
_PATIENCE = 6.0
"""Seconds for one file, rows and all."""
_ROOTS = """
select c.oid::bigint, pg_partition_root(c.oid)::oid::bigint from pg_class c
where c.relispartition and c.relkind in ('r', 'p')
"""


class Measured(Struct, frozen=True):
    blocked: tuple[Blocked, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()


def measure(ground: Ground, rows: int, until: float) -> Measured:
    """`until` is a time of the monotonic clock. Raises CannotCheck when the server dies."""
    suspected = suspects(ground.steps)
    if not suspected:
        return Measured()
    return _Measuring(ground, suspected, rows, until).all()


class _Measuring:
    def __init__(self, ground: Ground, suspected: Mapping[Place, Suspect], rows: int, until: float) -> None:
        self._ground = ground
        self._suspects = suspected
        self._rows = rows
        self._until = until
        self._failures: list[tuple[str, str]] = []
        self._late: list[str] = []

    def all(self) -> Measured:
        bench, cut_over = self._ground.bench, self._ground.plan.cut_over
        files = self._ground.plan.history.proposed
        paths = {path for path, _ in self._suspects}
        files = files[: max(n for n, each in enumerate(files) if each.path in paths) + 1]
        found: list[Blocked] = []
        with bench.clone(_CHAIN, self._ground.before) if len(files) > 1 else nullcontext(self._ground.before) as calm:
            for migration in files:
                if migration.path in paths:
                    found += self._file(calm, migration)
                if migration is not files[-1]:
                    with bench.server.connect(calm) as session:
                        if migration is cut_over:
                            session.run(environments.cut_over())
                        execute(session, migration, Unobserved(self._ground.substitutes))
        return Measured(tuple(found), tuple(self._notes()))

    def _file(self, template: str, migration: Migration) -> list[Blocked]:
        suspected = [each for each in self._suspects.values() if each.step.migration.path == migration.path]
        if self._left() <= 0:
            self._late += [each.name for suspect in suspected for each in suspect.locked]
            return []
        server = self._ground.bench.server

        def connect() -> Session:
            return server.connect(_BUSY)

        with self._ground.bench.clone(_BUSY, template):
            try:
                with connect() as session:
                    session.allow(min(_PATIENCE, self._left()))
                    facts = read_facts(session)
                    filled = self._fill(session, facts, suspected)
                    if not filled:
                        return []
                    if migration is self._ground.plan.cut_over:
                        session.run(environments.cut_over())
                    with Others(connect) as others:
                        witness = Witness(
                            session,
                            connect,
                            others,
                            facts,
                            self._suspects,
                            filled,
                            self._rows,
                            self._ground.substitutes,
                        )
                        execute(session, migration, witness)
                    self._failures += witness.failures
                    return witness.blocked
            except CannotCheck as failure:
                if not server.alive():
                    raise
                self._failures.append((suspected[0].locked[0].name, str(failure)))
                return []

    def _fill(self, session: Session, facts: Facts, suspected: list[Suspect]) -> dict[int, str]:
        """OIDs and names of the tables that have many rows now, with those of their partitions."""
        roots = dict(look(session, _ROOTS))
        wanted = {roots.get(each.oid, each.oid): None for suspect in suspected for each in suspect.slow}
        required = frozenset(
            name for suspect in suspected for name in commands.named(suspect.step.statement, "AT_SetNotNull")
        )
        ((me,),) = session.rows("select current_user::text")
        whole = any(each.step.rewrites or not has_a_rule(each) for each in suspected)
        filled: dict[int, str] = {}
        for oid in wanted:
            relation = facts.by_oid.get(oid)
            if relation is None or not relation.is_table or relation.owner != me:
                continue
            if self._left() <= 0:
                self._late.append(relation.display)
            elif reason := multiply(
                session, facts, relation, self._rows, required, whole=whole, given=self._ground.plan.given
            ):
                self._failures.append((relation.display, f"no rows could be made to fit: {reason}"))
            else:
                filled |= dict.fromkeys((oid, *(o for o, root in roots.items() if root == oid)), relation.display)
        return filled

    def _left(self) -> float:
        return self._until - monotonic()

    def _notes(self) -> Iterator[Unchecked]:
        if self._failures:
            names = _listed(name for name, _ in self._failures)
            yield Unchecked(f"how long others wait for {names}", self._failures[0][1])
        if self._late:
            yield Unchecked(f"how long others wait for {_listed(self._late)}", "no time was left", MORE_TIME)


def _listed(names: Iterable[str]) -> str:
    each = list(dict.fromkeys(names))
    return ", ".join(f"`{name}`" for name in each[:3]) + (f" and {len(each) - 3} more" if len(each) > 3 else "")
